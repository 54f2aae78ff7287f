export { DocumentFlowStore, type DocumentFlowStoreOptions } from './stores/documents/document-flow-store.js'
export type { Decide, Decision, Documents, Expiring, Found } from '#internal/documents/documents'
