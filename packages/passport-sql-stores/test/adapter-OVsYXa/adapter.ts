import { checkDecision, checkKeys, storesOver, unlessEnded, type Documents } from 'passport-sql-stores'

interface Kept { readonly version: number, readonly expiresAt: number, readonly data: string }

/** Reads with versions, decides, and writes only where the versions are still the same: else it decides again. */
export function versionedDocuments(now: () => number = Date.now): Documents {
  const table = new Map<string, Kept>()
  const versions = (keys: readonly string[]) => keys.map((key) => table.get(key)?.version)
  const read: Documents['read'] = async (keys) => {
    checkKeys(keys)
    const at = now()
    return { records: keys.map((key) => JSON.parse(unlessEnded(table.get(key), at)?.data ?? 'null') ?? undefined), now: at }
  }
  const change: Documents['change'] = async (keys, decide) => {
    const before = versions(keys)
    const found = await read<never>(keys)
    const decision = decide(found.records, found.now)
    checkDecision(keys, decision)
    if (versions(keys).some((version, index) => version !== before[index])) return change(keys, decide)
    for (const [index, key] of keys.entries()) {
      const record = decision.records[index]
      if (record) table.set(key, { version: (before[index] ?? 0) + 1, expiresAt: record.expiresAt, data: JSON.stringify(record) })
      else table.delete(key)
    }
    return decision.answer
  }
  const sweep: Documents['sweep'] = async (limit) => {
    const ended = [...table].slice(0, limit).filter(([, kept]) => kept.expiresAt <= now())
    return ended.filter(([key]) => table.delete(key)).length
  }
  return { change, read, sweep }
}

const stores = storesOver(versionedDocuments())
export const challenges = stores.challenges()
