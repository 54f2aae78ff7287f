import {
  MemoryTransactionStore as SharedStore, type MemoryTransactionStoreOptions,
} from '#internal/transactions/memory-transaction-store'
import { storeUnavailable } from '../errors.js'

export type { MemoryTransactionStoreOptions } from '#internal/transactions/memory-transaction-store'

/**
 * Transactions in this process only: for development, tests, and an app on one server that may forget its pending
 * logins.
 * @example
 * new Strategy({ provider, callbackURL, store: new MemoryTransactionStore({ capacity: 10_000 }) }, verify)
 */
export class MemoryTransactionStore extends SharedStore {
  /** @throws TypeError for options that are none. */
  constructor(options: MemoryTransactionStoreOptions = {}) {
    super(options, { unavailable: storeUnavailable, warning: 'NUMBER_VERIFICATION_MEMORY_STORE' })
  }
}
