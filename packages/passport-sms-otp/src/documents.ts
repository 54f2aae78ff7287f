export {
  DocumentChallengeStore, type DocumentChallengeStoreOptions,
} from './stores/documents/document-challenge-store.js'
export type { Decide, Decision, Documents, Expiring, Found } from '#internal/documents/documents'
