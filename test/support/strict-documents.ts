import type { Documents, Expiring } from '#internal/documents/documents'
import { MapDocuments } from '#internal/documents/map-documents'

/**
 * Documents in memory that hold the rules to what the port asks of them: what is kept went through JSON, every decision
 * is made twice, as after a conflict, and must come out the same, and none may change what it is given.
 */
export function strictDocuments(kinds: readonly string[], now: () => number): Documents {
  const capacities = Object.fromEntries(kinds.map((kind) => [kind, { capacity: 10_000 }]))
  const documents = new MapDocuments({ kinds: capacities, now })
  return {
    change: (keys, decide) => documents.change(keys, (records: readonly any[], at) => {
      const once = JSON.stringify(decide(frozenCopy(records), at))
      const decision = decide(frozenCopy(records), at)
      if (JSON.stringify(decision) !== once) throw new Error(`A rule decided twice, and differently: ${once}`)
      return { records: decision.records.map(asKept), answer: decision.answer }
    }),
    read: async (keys) => {
      const found = await documents.read<any>(keys)
      return { ...found, records: frozenCopy(found.records) }
    },
    sweep: (limit) => documents.sweep(limit),
  }
}

const asKept = (record: Expiring | undefined): Expiring | undefined => record && JSON.parse(JSON.stringify(record))
const frozenCopy = <Kept>(records: readonly Kept[]): Kept[] => records.map((record) => frozen(structuredClone(record)))

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) frozen(part)
  return Object.freeze(value)
}
