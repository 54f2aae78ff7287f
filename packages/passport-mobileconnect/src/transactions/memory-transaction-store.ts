import { MapDocuments } from '#internal/documents/map-documents'
import { DocumentTransactionStore } from './document-transaction-store.js'

export interface MemoryTransactionStoreOptions {
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: (() => number) | undefined
  /** How many may be pending; beyond, the oldest is forgotten. Default: 100,000. */
  readonly capacity?: number | undefined
}

let warned = false

/**
 * Transactions in this process only: for development, tests, and an app on one server that may forget its pending
 * logins.
 */
export class MemoryTransactionStore extends DocumentTransactionStore {
  constructor({ now = Date.now, capacity = 100_000 }: MemoryTransactionStoreOptions = {}) {
    if (typeof now !== 'function') throw new TypeError('now is a function that returns epoch milliseconds.')
    if (!Number.isSafeInteger(capacity) || capacity < 1) {
      throw new TypeError(`capacity is a whole number of transactions, not ${capacity}.`)
    }
    // To forget a count would be to lift a limit.
    const kinds = { transaction: { capacity, whenFull: 'oldest yields' }, count: { capacity } } as const
    super({ documents: new MapDocuments({ kinds, now }) })
    warnInProduction()
  }
}

function warnInProduction(): void {
  if (warned || process.env.NODE_ENV !== 'production') return
  warned = true
  const warning = 'MemoryTransactionStore keeps logins in this process only: use RedisTransactionStore in production.'
  process.emitWarning(warning, { code: 'MOBILECONNECT_MEMORY_STORE' })
}
