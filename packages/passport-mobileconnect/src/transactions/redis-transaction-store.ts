import {
  RedisTransactionStore as SharedStore, type RedisTransactionStoreOptions,
} from '#internal/transactions/redis-transaction-store'
import { storeUnavailable } from '../errors.js'

export type { RedisTransactionStoreOptions } from '#internal/transactions/redis-transaction-store'

/**
 * Transactions that any number of app servers share, in one Redis or a cluster. Each operation is one script call on
 * one key. Every failure rejects with `store_unavailable`.
 * @example
 * const client = createClient({ url: process.env.REDIS_URL ?? '', disableOfflineQueue: true })
 * await client.connect()
 * new Strategy({ operator, callbackURL, store: new RedisTransactionStore({ client }) }, verify)
 */
export class RedisTransactionStore extends SharedStore {
  constructor(options: RedisTransactionStoreOptions) {
    super(options, { unavailable: storeUnavailable, prefix: 'mobileconnect:' })
  }
}
