import { DeadlineError, withDeadline } from '#internal/deadline'
import {
  checkDecision, checkKeys, unlessEnded, type Decide, type Documents, type Expiring, type Found,
} from '#internal/documents/documents'
import { Batches, type Change } from './batches.js'
import { databaseError } from './database-error.js'
import { decode, encode } from './encode.js'
import type { FoundRows, Rows, Writes } from './rows.js'

export interface RowDocumentsOptions {
  /** Of the database, for errors. */
  readonly name: string
  /** Milliseconds in which an operation ends. */
  readonly timeout: number
  /** A clock in the place of the database's clock. */
  readonly now: (() => number) | undefined
}

/** After so many writes of this process, ended rows are removed: more than were written, so that they cannot pile up. */
const WRITES_UNTIL_SWEEP = 100
const SWEPT_AT_ONCE = 500

type Records = readonly (Expiring | undefined)[]

/** Documents in the rows of a table. */
export class RowDocuments implements Documents {
  private readonly rows: Rows
  private readonly options: RowDocumentsOptions
  private readonly batches: Batches
  private writes = 0
  private sweeping = false

  constructor(rows: Rows, options: RowDocumentsOptions) {
    this.rows = rows
    this.options = options
    this.batches = new Batches((keys, changes) => this.perform(keys, changes))
  }

  async change<Kept extends Expiring, Answer>(keys: readonly string[], decide: Decide<Kept, Answer>): Promise<Answer> {
    checkKeys(keys)
    if (keys.length === 0) {
      const { records, now } = await this.read<Kept>(keys)
      return decide(records, now).answer
    }
    try {
      // What lies under a key is what its store has put there, and what is answered is what this very function has answered.
      return await this.batches.add(keys, decide as unknown as Decide<Expiring, unknown>, this.options.timeout) as Answer
    } catch (error) {
      throw error instanceof DeadlineError ? databaseError(this.options.name, error) : error
    }
  }

  async read<Kept extends Expiring>(keys: readonly string[]): Promise<Found<Kept>> {
    checkKeys(keys)
    const found = await this.answered((signal) => this.rows.select(keys, signal))
    const now = this.clock(found)
    // What lies under a key is what its store has put there.
    return { records: recordsOf(keys, found, now) as readonly (Kept | undefined)[], now }
  }

  sweep(limit: number): Promise<number> {
    const { now } = this.options
    return this.answered((signal) => this.rows.sweep(limit, now && Math.floor(now()), signal))
  }

  /** All of them in one transaction, one after the other: each sees what the one before has left. */
  private async perform(keys: readonly string[], changes: readonly Change[]): Promise<void> {
    let settle: (() => void)[] = []
    await this.answered((signal) => this.rows.transact(keys, (found) => {
      const now = this.clock(found)
      const before = recordsOf(keys, found, now)
      let records = before
      settle = changes.map(({ decide, resolve, reject }) => {
        try {
          const decision = decide(records, now)
          checkDecision(keys, decision)
          records = asKept(records, decision.records, now)
          return () => { resolve(decision.answer) }
        } catch (error) {
          return () => { reject(error) }
        }
      })
      return this.writesOf(keys, { found, before, after: records })
    }, signal))
    for (const one of settle) one()
  }

  private writesOf(
    keys: readonly string[],
    { found, before, after }: { readonly found: FoundRows, readonly before: Records, readonly after: Records },
  ): Writes {
    const held = new Set(found.rows.map(({ key }) => key))
    const changed = keys.map((key, index) => ({ key, record: after[index], before: before[index] }))
      .filter(({ record, before: former }) => record !== former)
    const put = changed.flatMap(({ key, record }) =>
      (record ? [{ key, data: encode(record), expiresAt: record.expiresAt }] : []))
    const remove = changed.filter(({ key, record }) => !record && held.has(key)).map(({ key }) => key)
    this.wrote(put.length)
    return { put, remove }
  }

  private wrote(count: number): void {
    this.writes += count
    if (this.writes < WRITES_UNTIL_SWEEP || this.sweeping) return
    this.writes = 0
    this.sweeping = true
    // Nobody waits for it. Where the database is away, the next writes sweep.
    this.sweep(SWEPT_AT_ONCE).catch(() => undefined).finally(() => { this.sweeping = false })
  }

  private async answered<Answer>(work: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
    try {
      return await withDeadline(this.options.timeout, work)
    } catch (error) {
      throw databaseError(this.options.name, error)
    }
  }

  private clock({ now }: FoundRows): number {
    return this.options.now ? Math.floor(this.options.now()) : now
  }
}

function recordsOf(keys: readonly string[], { rows }: FoundRows, now: number): Records {
  const held = new Map(rows.map(({ key, data }) => [key, data]))
  return keys.map((key) => {
    const data = held.get(key)
    return data === undefined ? undefined : unlessEnded(decode(data), now)
  })
}

/** What a change has left, as the next one would read it. */
const asKept = (before: Records, after: Records, now: number): Records =>
  after.map((record, index) => {
    if (record === before[index]) return record
    return unlessEnded(record && decode(encode(record)), now)
  })
