import { MapDocuments } from '#internal/documents/map-documents'
import { DocumentFlowStore } from '../../src/documents.js'
import { kindsFor } from '../../src/stores/memory/memory-flow-store.js'

const capacity = 10_000

/** What a `MemoryFlowStore` is once it holds much: of each kind one document is an object, and the others are text. */
export const agedFlowStore = (now: () => number): DocumentFlowStore =>
  new DocumentFlowStore({ documents: new MapDocuments({ kinds: kindsFor(capacity, 1), now }), strangers: capacity })
