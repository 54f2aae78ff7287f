import { MapDocuments } from '../documents/map-documents.js'
import { warnOncePerCode } from '../warn-once-per-code.js'
import { DocumentTransactionStore } from './document-transaction-store.js'
import type { StoreUnavailable } from './transaction-store.js'

/** The options of a `MemoryTransactionStore`. */
export interface MemoryTransactionStoreOptions {
  /**
   * Epoch milliseconds.
   * @default Date.now
   */
  readonly now?: (() => number) | undefined
  /**
   * How many may be pending; beyond, the oldest is forgotten.
   * @default 100_000
   */
  readonly capacity?: number | undefined
}

/** What belongs to the package that keeps its transactions in memory. */
export interface MemoryOf {
  readonly unavailable: StoreUnavailable
  /** The code of the warning that the memory of a process is no place for logins in production. */
  readonly warning: string
}

/**
 * Transactions in this process only: for development, tests, and an app on one server that may forget its pending
 * logins.
 */
export class MemoryTransactionStore extends DocumentTransactionStore {
  /** @throws TypeError for options that are none. */
  constructor(
    { now = Date.now, capacity = 100_000 }: MemoryTransactionStoreOptions,
    { unavailable, warning }: MemoryOf,
  ) {
    if (typeof now !== 'function') throw new TypeError('now is a function that returns epoch milliseconds.')
    if (!Number.isSafeInteger(capacity) || capacity < 1) {
      throw new TypeError(`capacity is a whole number of transactions, not ${capacity}.`)
    }
    // To forget a count would be to lift a limit.
    const kinds = { transaction: { capacity, whenFull: 'oldest yields' }, count: { capacity } } as const
    super({ documents: new MapDocuments({ kinds, now }) }, unavailable)
    warnInProduction(warning)
  }
}

function warnInProduction(code: string): void {
  if (process.env.NODE_ENV !== 'production') return
  const warning = 'MemoryTransactionStore keeps logins in this process only: use RedisTransactionStore in production.'
  warnOncePerCode(code, warning)
}
