import { randomUUID } from 'node:crypto'
import { createClient } from 'redis'
import { MemoryTransactionStore, RedisTransactionStore, type TransactionStore } from 'passport-number-verification'
import { describeWithRedis, sharedRedisUrl } from '../../../../test/support/redis.js'

export interface Backend {
  /** A store of its own, by this clock. */
  readonly store: (now: () => number) => TransactionStore
  close(): Promise<void>
}

const inMemory = async (): Promise<Backend> =>
  ({ store: (now) => new MemoryTransactionStore({ now }), close: async () => undefined })

async function inRedis(): Promise<Backend> {
  const client = createClient({ url: sharedRedisUrl()!, disableOfflineQueue: true })
  await client.on('error', () => undefined).connect()
  const prefix = () => `test:${randomUUID()}:`
  return {
    store: (now) => new RedisTransactionStore({ client, prefix: prefix(), now }),
    close: () => client.close(),
  }
}

/** `describe`, once for each place that an app may keep its transactions in. */
export function describeWithBackends(title: string, body: (create: () => Promise<Backend>) => void): void {
  describe(`${title}, in memory`, () => body(inMemory))
  describeWithRedis(`${title}, in Redis`, () => body(inRedis))
}
