export {
  DocumentTransactionStore, type DocumentTransactionStoreOptions,
} from './transactions/document-transaction-store.js'
export type { Decide, Decision, Documents, Expiring, Found } from '#internal/documents/documents'
