import { changeOne } from '../documents.js'
import {
  minute, onBench, put, countAll, readOne, parallel, upTo, inOrder, type DocumentsContractKit,
} from './bench.js'

export function ended(kit: DocumentsContractKit): void {
  const { expect } = kit
  const test = onBench(kit)

  test('a document is there until its last millisecond, and gone at its end', async ({ documents, key, now, pass }) => {
    await put(documents, key(), { expiresAt: now() + 1000, text: 'short' })
    pass(999)
    expect((await readOne(documents, key())).record?.text).toBe('short')
    pass(1)
    expect((await readOne(documents, key())).record).toBe(undefined)
    expect(await changeOne(documents, key(), (record) => ({ record, answer: record }))).toBe(undefined)
  })

  test('a new document takes the place of one that has ended', async ({ documents, key, pass }) => {
    await countAll(documents, [key()])
    pass(minute)
    expect(await countAll(documents, [key()])).toBe(1)
    expect(await countAll(documents, [key()])).toBe(2)
  })

  test('a sweep removes what has ended, no more at a time than it is told, and nothing else', async ({ documents, key, now, pass }) => {
    const names = Array.from({ length: 20 }, (_, index) => key(`ended${index}`))
    for (const name of names) await put(documents, name, { expiresAt: now() + 1000, text: 'ended' })
    await put(documents, key('lives'), { expiresAt: now() + minute, text: 'lives' })
    pass(1000)
    const first = await documents.sweep(5)
    expect(first <= 5).toBe(true)
    let removed = first
    for (let round = 0; round < 1000 && removed < 20; round += 1) removed += await documents.sweep(50)
    expect(removed >= 20 || (await documents.read(names)).records.every((record) => record === undefined)).toBe(true)
    expect((await readOne(documents, key('lives'))).record?.text).toBe('lives')
  })

  test('a sweep beside changes loses no count', async ({ documents, others, key, pass }) => {
    await countAll(documents, [key()])
    pass(minute)
    const sweeps = Array.from({ length: 20 }, () => others.sweep(100))
    const counts = await parallel(40, () => countAll(documents, [key()]))
    await Promise.all(sweeps)
    expect(inOrder(counts)).toEqual(upTo(40))
  })
}
