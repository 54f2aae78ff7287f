import { randomUUID } from 'node:crypto'
import { createClient, type RedisClientType } from 'redis'
import { describeWithRedisCluster, startRedisCluster } from '../../../../test/support/redis-cluster.js'
import { describeWithRedis, sharedRedisUrl } from '../../../../test/support/redis.js'
import { MemoryChallengeStore, RedisChallengeStore, type ChallengeStore } from '../../src/index.js'
import { readRecord } from './record.js'

/** A store that nobody else uses, on some clock. */
export interface Shelf {
  readonly store: ChallengeStore
  /** Another one over the same data, as another server has it. */
  again(): ChallengeStore
  /** All that is held, keys and values, as text. */
  dump(): Promise<string>
}

export type MakeShelf = (now: () => number) => Shelf

/** The same tests on the memory store, on one Redis, and on a cluster of three primaries. */
export function describeOnEveryStore(title: string, body: (shelf: MakeShelf) => void): void {
  describe(`${title}: memory`, () => { body(inMemory) })

  describeWithRedis(`${title}: Redis`, () => {
    const client = createClient({ url: sharedRedisUrl()! })
    beforeAll(async () => { await client.connect() })
    afterAll(() => client.close())
    body((now) => inRedis(client, [client], now))
  })

  describeWithRedisCluster(`${title}: a Redis Cluster`, () => {
    let started: Awaited<ReturnType<typeof startRedisCluster>>
    beforeAll(async () => { started = await startRedisCluster() })
    afterAll(() => started.close())
    body((now) => inRedis(started.cluster as never, started.clients, now))
  })
}

export function inMemory(now: () => number): Shelf {
  const store = new MemoryChallengeStore({ now })
  // One process has one memory: what a restart keeps of it is nothing, and what two requests share is all of it.
  return { store, again: () => store, dump: async () => memoryDump(store) }
}

function memoryDump(store: MemoryChallengeStore): string {
  const { documents: { shelves } } = store as unknown as { documents: { shelves: Map<string, { maps: Map<string, unknown>[] }> } }
  return [...shelves.values()].flatMap(({ maps }) => maps.flatMap((map) => [...map].map(([key, record]) => `${key} ${JSON.stringify(record)}`))).join('\n')
}

function inRedis(client: RedisClientType, nodes: RedisClientType[], now: () => number): Shelf {
  const prefix = `${randomUUID()}:`
  const make = () => new RedisChallengeStore({ client, prefix, now })
  const dumpOf = async (node: RedisClientType) => {
    const keys = await node.keys(`${prefix}*`)
    const valueOf = (key: string): Promise<unknown> => {
      if (key.endsWith(':trace')) return node.get(key)
      return key.endsWith(':record') ? readRecord(node, key) : node.hGetAll(key)
    }
    return Promise.all(keys.map(async (key) => `${key.slice(prefix.length)} ${JSON.stringify(await valueOf(key))}`))
  }
  return { store: make(), again: make, dump: async () => (await Promise.all(nodes.map(dumpOf))).flat().sort().join('\n') }
}
