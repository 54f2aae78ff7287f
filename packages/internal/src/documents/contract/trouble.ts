import { setTimeout as sleep } from 'node:timers/promises'
import { minute, onBench, put, countAll, type DocumentsContractKit, type Counter } from './bench.js'

export function trouble(kit: DocumentsContractKit): void {
  const { expect } = kit
  const test = onBench(kit)

  test('connections that end in the middle lose no change that was told, and all works afterwards', async ({ documents, others, key, cutConnections }) => {
    const keys = [key('a'), key('b')]
    const work = Promise.allSettled(Array.from({ length: 60 }, () => countAll(documents, keys)))
    await cutConnections?.()
    const kept = (await work).filter(({ status }) => status === 'fulfilled').length
    // A lock of a connection that ended may be held for a moment.
    let after: number | undefined
    for (let tries = 0; after === undefined && tries < 100; tries += 1) {
      after = await countAll(documents, keys).catch(() => undefined)
      if (after === undefined) await sleep(50)
    }
    const [a, b] = (await others.read<Counter>(keys)).records
    expect(a?.count).toBe(b?.count)
    expect(a !== undefined && a.count > kept && a.count <= 161).toBe(true)
  })

  test('an error tells no key and no record', async ({ documents, key, now, cutConnections }) => {
    const secret = 'a-secret-that-no-error-tells'
    const work = Array.from({ length: 60 }, (_, index) =>
      put(documents, key(`${secret}${index % 3}`), { expiresAt: now() + minute, text: secret }))
    const settled = Promise.allSettled(work)
    await cutConnections?.()
    for (const outcome of await settled) {
      if (outcome.status === 'rejected') expect(told(outcome.reason).includes(secret)).toBe(false)
    }
  })
}

/** All that a log may show of an error: its properties, and the properties of its causes. */
function told(error: unknown, depth = 0): string {
  if (typeof error !== 'object' || error === null || depth > 4) return String(error)
  const held = error as Record<string, unknown>
  return Object.getOwnPropertyNames(error).map((name) => told(held[name], depth + 1)).join('\n')
}
