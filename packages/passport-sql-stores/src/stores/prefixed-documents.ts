import type { Documents } from '#internal/documents/documents'

/** Documents whose keys all begin with this word, so that several stores share a table. */
export function prefixed(documents: Documents, prefix: string): Documents {
  const named = (keys: readonly string[]) => keys.map((key) => prefix + key)
  return {
    change: (keys, decide) => documents.change(named(keys), decide),
    read: (keys) => documents.read(named(keys)),
    sweep: (limit) => documents.sweep(limit),
  }
}
