// What a request of nobody leaves behind in multistep's store: a wrong password for a made-up name, a login begun and left.
import { randomBytes } from 'node:crypto'
import { MemoryFlowStore, RedisFlowStore, type FlowStore } from 'multistep'
import { createClient } from 'redis'
import { inParallel } from './measure.js'
import { connected, removeAll } from './redis-commands.js'

const kept = 50_000
const width = 64
const policy = { after: 10, for: 15 * 60_000, max: 24 * 60 * 60_000 }

const word = () => randomBytes(16).toString('base64url')

const requests: Record<string, (store: FlowStore) => Promise<unknown>> = {
  'a wrong password for a made-up name': (store) => store.attempt({ partition: word(), factor: 'local', of: 'name' }, policy),
  'a login begun by nobody, and left': (store) => store.createFlow(`nobody-${randomBytes(1).toString('hex').charAt(0)}.${word()}`, { session: word(), proofs: [], challenges: { 'sms-otp': { challenge: 'x'.repeat(200) } } }, 10 * 60_000),
}

type Used = () => Promise<number> | number

/** Each store is its own function's, so that what was in the one before is gone when the next is measured. */
async function fill(where: string, what: string, store: FlowStore, used: Used): Promise<void> {
  const request = requests[what]
  if (!request) throw new Error(`There is no request '${what}'.`)
  const before = await used()
  await inParallel(kept / 2, width, async () => { await request(store) })
  const half = await used() - before
  // Far more than are kept: from there on nothing grows.
  await inParallel(kept * 3, width, async () => { await request(store) })
  const full = await used() - before
  // Read after the last measurement, so that the store still lives at it.
  await store.time()
  console.log(`${where}: ${what} takes ${Math.round(half / (kept / 2))} bytes; ${kept * 3.5} of them, of which ${kept} are kept, ${(full / 2 ** 20).toFixed(1)} MiB`)
}

/** Prints the bytes for each request of nobody, and that they end. */
export async function soakStrangers(heap: () => number, url: string | undefined): Promise<void> {
  for (const what of Object.keys(requests)) await fill('In memory', what, new MemoryFlowStore({ capacity: kept }), heap)
  if (url === undefined) return console.log('In Redis: skipped (no REDIS_URL and no redis-server)')
  const client = await connected(createClient({ url }))
  const prefix = `strangers:${randomBytes(6).toString('hex')}:`
  const used = async () => Number(/^used_memory:(\d+)/m.exec(await client.info('memory'))?.[1])
  for (const what of Object.keys(requests)) await fill('In Redis', what, new RedisFlowStore({ client, prefix: `${prefix}${word()}:`, strangers: kept }), used)
  await removeAll(client, prefix)
  await client.close()
}
