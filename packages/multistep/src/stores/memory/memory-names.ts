import type { Settled } from '../ledger-store.js'
import { takenBack, type Ledger } from './ledger.js'
import { knownFor } from '../keys.js'

/** So many of the oldest are looked at for one that may go. */
const steps = 64

interface Known { readonly expiresAt: number, readonly ledger: Ledger | undefined }

/**
 * The ledgers of submitted names, of each kind at most `capacity`. Each map keeps the order of the last attempts, so that its first is the one
 * that yields. Those of names that have passed yield to none but their like, and only without failures.
 */
export class MemoryNames {
  private readonly capacity: number
  private readonly known = new Map<string, Known>()
  private readonly open = new Map<string, Ledger>()
  private readonly locked = new Map<string, Ledger>()

  constructor(capacity: number) {
    this.capacity = capacity
  }

  /** An account was found for it. */
  isKnown(key: string, now: number): boolean {
    return now < (this.known.get(key)?.expiresAt ?? 0)
  }

  get(key: string, now: number): Ledger | undefined {
    const kept = this.isKnown(key, now) ? this.known.get(key)?.ledger : this.locked.get(key) ?? this.open.get(key)
    return kept !== undefined && now < kept.expiresAt ? kept : undefined
  }

  /** Keeps what one more failure has made of it. */
  set(key: string, ledger: Ledger, now: number): void {
    const known = this.known.get(key)
    if (known && now < known.expiresAt) return this.keepKnown(key, { expiresAt: Math.max(known.expiresAt, ledger.expiresAt), ledger }, now)
    const map = ledger.lockedUntil > 0 || this.locked.has(key) ? this.locked : this.open
    this.forget(key)
    map.set(key, ledger)
    for (const [oldest, { expiresAt }] of [...firstOf(map)]) if (map.size > this.capacity || now >= expiresAt) map.delete(oldest)
  }

  settle(key: string, outcome: Settled, now: number): void {
    if (outcome === 'passed') {
      this.forget(key)
      return this.keepKnown(key, { expiresAt: now + knownFor, ledger: undefined }, now)
    }
    const kept = this.get(key, now)
    if (kept === undefined) return
    const left = outcome === 'cleared' ? undefined : takenBack(kept)
    const known = this.known.get(key)
    if (known && now < known.expiresAt) this.known.set(key, { ...known, ledger: left })
    else if (left === undefined) this.forget(key)
    else (this.locked.has(key) ? this.locked : this.open).set(key, left)
  }

  private forget(key: string): void {
    this.open.delete(key)
    this.locked.delete(key)
  }

  /** Where all that were kept longest have failures, a new one has no place: its name stays a stranger's. */
  private keepKnown(key: string, known: Known, now: number): void {
    this.known.delete(key)
    if (this.known.size >= this.capacity) {
      const idle = [...firstOf(this.known, steps)].find(([, { ledger, expiresAt }]) => now >= Math.min(expiresAt, ledger?.expiresAt ?? 0))
      if (!idle) return
      this.known.delete(idle[0])
    }
    this.known.set(key, known)
  }
}

function* firstOf<Value>(map: ReadonlyMap<string, Value>, most = 2): Generator<[string, Value]> {
  let left = most
  for (const entry of map) {
    if (left === 0) return
    left -= 1
    yield entry
  }
}
