import { randomUUID } from 'node:crypto'
import { RedisStore } from 'connect-redis'
import { MemoryStore, type Store } from 'express-session'
import { createClient } from 'redis'
import { describeWithRedis, sharedRedisUrl } from '../../../../test/support/redis.js'
import { MemoryFlowStore, RedisFlowStore, type FlowStore } from '../../src/index.js'

/** Where an app keeps its sessions and its flows, and what is there. */
export interface Backend {
  readonly sessions: Store
  readonly flows: FlowStore
  /** Such a store by another clock. */
  flowsAt(now: () => number): FlowStore
  /** A store that keeps so little of what strangers make. */
  flowsFor(strangers: number): FlowStore
  /** Every session kept, by its id. */
  keptSessions(): Promise<Record<string, { passport?: unknown, multistep?: unknown }>>
  /** How many completed logins have a record. */
  keptLogins(): Promise<number>
  close(): Promise<void>
}

async function inMemory(): Promise<Backend> {
  const [sessions, flows] = [new MemoryStore(), new MemoryFlowStore()]
  const texts = (sessions as unknown as { sessions: Record<string, string> }).sessions
  return {
    sessions,
    flows,
    flowsAt: (now) => new MemoryFlowStore({ now }),
    flowsFor: (strangers) => new MemoryFlowStore({ capacity: strangers }),
    keptSessions: async () => Object.fromEntries(Object.entries(texts).map(([id, text]) => [id, JSON.parse(text) as object])),
    keptLogins: async () => (flows as unknown as { documents: { sizeOf(kind: string): number } }).documents.sizeOf('login'),
    close: async () => {},
  }
}

async function inRedis(): Promise<Backend> {
  const prefix = `test:${randomUUID()}:`
  const client = createClient({ url: sharedRedisUrl()!, disableOfflineQueue: true })
  await client.on('error', () => {}).connect()
  const keys = async (kind: string) => {
    const found: string[] = []
    for await (const some of client.scanIterator({ MATCH: `${prefix}${kind}:*`, COUNT: 1000 })) found.push(...some)
    return found
  }
  return {
    sessions: new RedisStore({ client, prefix: `${prefix}session:` }),
    flows: new RedisFlowStore({ client, prefix }),
    flowsAt: (now) => new RedisFlowStore({ client, prefix, now }),
    flowsFor: (strangers) => new RedisFlowStore({ client, prefix: `${prefix}few:`, strangers }),
    keptSessions: async () => Object.fromEntries(await Promise.all((await keys('session')).map(async (key) =>
      [key.slice(`${prefix}session:`.length), JSON.parse(await client.get(key) ?? '{}') as object] as const))),
    keptLogins: async () => (await keys('login')).length,
    close: () => client.close(),
  }
}

/** `describe`, once for each place that an app may keep its logins in. */
export function describeWithBackends(title: string, body: (create: () => Promise<Backend>) => void): void {
  describe(`${title}, in memory`, () => body(inMemory))
  describeWithRedis(`${title}, in Redis`, () => body(inRedis))
}
