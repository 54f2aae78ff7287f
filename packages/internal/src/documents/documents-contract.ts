import type { DocumentsContractKit } from './contract/bench.js'
import { oneDocument } from './contract/one-document.js'
import { severalDocuments } from './contract/several-documents.js'
import { manyAtOnce } from './contract/many-at-once.js'
import { ended } from './contract/ended.js'
import { trouble } from './contract/trouble.js'

export type { DocumentsBench, DocumentsContractKit } from './contract/bench.js'

/**
 * Proves that an adapter keeps every promise of `Documents`.
 * @example
 * const createDocuments = ({ now }: { now: () => number }) => ({ documents: new MyDocuments({ now }) })
 * documentsContract({ describe, it, expect, createDocuments })
 */
export function documentsContract(kit: DocumentsContractKit): void {
  kit.describe('one document', () => oneDocument(kit))
  kit.describe('several documents', () => severalDocuments(kit))
  kit.describe('many at the same time', () => manyAtOnce(kit))
  kit.describe('what has ended', () => ended(kit))
  if (kit.hasConnections) kit.describe('connections that end', () => trouble(kit))
}
