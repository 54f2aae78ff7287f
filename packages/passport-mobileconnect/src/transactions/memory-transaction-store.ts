import { MobileConnectError } from '../errors.js'
import { whole } from './store-numbers.js'
import type { ClaimAnswer, CountAnswer, TransactionStore } from './transaction-store.js'

export interface MemoryTransactionStoreOptions {
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: (() => number) | undefined
  /** How many may be pending; beyond, the oldest is forgotten. Default: 100,000. */
  readonly capacity?: number | undefined
}

interface Entry { readonly sealed: string, readonly expiresAt: number, askAt: number, slowed: number }

let warned = false

/** Transactions in this process only: for development, tests, and an app on one server that may forget its pending logins. */
export class MemoryTransactionStore implements TransactionStore {
  private readonly entries = new Map<string, Entry>()
  private readonly counts = new Map<string, { times: number[], window: number }>()
  private readonly now: () => number
  private readonly capacity: number

  constructor({ now = Date.now, capacity = 100_000 }: MemoryTransactionStoreOptions = {}) {
    if (typeof now !== 'function') throw new TypeError('now is a function that returns epoch milliseconds.')
    if (!Number.isSafeInteger(capacity) || capacity < 1) throw new TypeError(`capacity is a whole number of transactions, not ${capacity}.`)
    this.now = now
    this.capacity = capacity
    warnInProduction()
  }

  async put(id: string, sealed: string, ttl: number): Promise<void> {
    const at = this.tick()
    this.entries.delete(id)
    const [oldest] = this.entries.keys()
    if (this.entries.size >= this.capacity && oldest !== undefined) this.entries.delete(oldest)
    this.entries.set(id, { sealed, expiresAt: at + whole('ttl', ttl), askAt: at, slowed: 0 })
  }

  async take(id: string): Promise<string | undefined> {
    const entry = this.live(id)
    this.entries.delete(id)
    return entry?.sealed
  }

  async claim(id: string, lease: number): Promise<ClaimAnswer> {
    whole('lease', lease)
    const entry = this.live(id)
    if (!entry) return { status: 'unknown' }
    const at = this.now()
    if (at < entry.askAt) return { status: 'early', wait: entry.askAt - at }
    entry.askAt = at + lease
    return { status: 'claimed', sealed: entry.sealed, slowed: entry.slowed }
  }

  async postpone(id: string, delay: number, slower: number): Promise<void> {
    const [askAt, slowed] = [this.now() + whole('delay', delay), whole('slower', slower)]
    const entry = this.live(id)
    if (!entry) return
    entry.askAt = askAt
    entry.slowed += slowed
  }

  async count(key: string, limit: number, window: number): Promise<CountAnswer> {
    whole('limit', limit)
    whole('window', window)
    const at = this.tick()
    const times = (this.counts.get(key)?.times ?? []).filter((time) => at < time + window)
    if (times.length >= limit) return { status: 'spent', wait: (times[times.length - limit] ?? at) + window - at }
    this.counts.delete(key)
    // To forget a count would be to lift a limit.
    if (this.counts.size >= this.capacity) throw new MobileConnectError('store_unavailable', 'The memory store is full.')
    this.counts.set(key, { times: [...times, at], window })
    return { status: 'counted' }
  }

  private live(id: string): Entry | undefined {
    const entry = this.entries.get(id)
    return entry && this.now() < entry.expiresAt ? entry : undefined
  }

  /** Old ones go as new ones come: maps keep the order of insertion, and nearly all live equally long. */
  private tick(): number {
    const at = this.now()
    if (!Number.isSafeInteger(Math.floor(at))) throw new MobileConnectError('store_unavailable', 'The clock of the transaction store gives no time.')
    dropDue(this.entries, ({ expiresAt }) => at >= expiresAt)
    dropDue(this.counts, ({ times, window }) => at >= (times.at(-1) ?? 0) + window)
    return at
  }
}

function dropDue<Value>(map: Map<string, Value>, isDue: (value: Value) => boolean): void {
  for (const [key, value] of map) {
    if (!isDue(value)) return
    map.delete(key)
  }
}

function warnInProduction(): void {
  if (warned || process.env.NODE_ENV !== 'production') return
  warned = true
  process.emitWarning('MemoryTransactionStore keeps logins in this process only: use RedisTransactionStore in production.', { code: 'MOBILECONNECT_MEMORY_STORE' })
}
