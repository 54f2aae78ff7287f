import {
  DocumentTransactionStore as SharedStore, type DocumentTransactionStoreOptions,
} from '#internal/transactions/document-transaction-store'
import { storeUnavailable } from '../errors.js'

export type { DocumentTransactionStoreOptions } from '#internal/transactions/document-transaction-store'

/**
 * Transactions over documents, and so on any database that has an adapter of `Documents`. Each operation changes one
 * document. Every failure rejects with `store_unavailable`.
 * @example
 * const { documents } = postgres({ pool: new Pool() })
 * new Strategy({ provider, callbackURL, store: new DocumentTransactionStore({ documents }) }, verify)
 */
export class DocumentTransactionStore extends SharedStore {
  /** @throws TypeError for options that are none. */
  constructor(options: DocumentTransactionStoreOptions) {
    super(options, storeUnavailable)
  }
}
