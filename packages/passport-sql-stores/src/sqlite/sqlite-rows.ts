import { setTimeout as sleep } from 'node:timers/promises'
import { codeOf, DatabaseError } from '../rows/database-error.js'
import type { FoundRows, Row, Rows, Writes } from '../rows/rows.js'
import type { SqliteHandle, SqliteStatement } from './driver.js'

/** Milliseconds between two looks at a file that another process has locked. */
const SHORTEST_WAIT = 2
const LONGEST_WAIT = 50

/**
 * Rows in a file of SQLite. Its drivers answer at once: a transaction is one step of this process, and nothing of it
 * is left when others go on. Where another process has the file, SQLite would wait and stop this process meanwhile: so
 * it does not wait at all, and this asks again until the signal ends.
 */
export class SqliteRows implements Rows {
  private readonly handle: SqliteHandle
  private readonly table: string
  private readonly statements = new Map<string, SqliteStatement>()

  constructor(handle: SqliteHandle, table: string) {
    this.handle = handle
    this.table = table
  }

  transact(keys: readonly string[], decide: (found: FoundRows) => Writes, signal: AbortSignal): Promise<void> {
    return this.whenFree(signal, () => this.transaction(() => {
      const { put, remove } = decide(this.find(keys))
      for (const { key, data, expiresAt } of put) this.statement(this.sql.put).run(key, data, expiresAt)
      for (const key of remove) this.statement(this.sql.remove).run(key)
    }))
  }

  select(keys: readonly string[], signal: AbortSignal): Promise<FoundRows> {
    // One snapshot for all keys.
    return this.whenFree(signal, () => {
      if (keys.length < 2) return this.find(keys)
      return this.transaction(() => this.find(keys), 'BEGIN')
    })
  }

  sweep(limit: number, now: number | undefined, signal: AbortSignal): Promise<number> {
    return this.whenFree(signal, () =>
      Number(this.statement(this.sql.sweep).run(now ?? Date.now(), Math.floor(limit)).changes))
  }

  async migrate(sql: readonly string[], signal: AbortSignal): Promise<void> {
    await this.whenFree(signal, () => { this.handle.exec('PRAGMA journal_mode = WAL') })
    await this.whenFree(signal, () => this.transaction(() => {
      for (const statement of sql) this.handle.exec(statement)
      // A table of this name that has other columns is told now.
      this.handle.exec(`SELECT id, data, expires_at FROM ${this.table} LIMIT 0`)
    }))
  }

  private get sql() {
    const { table } = this
    return {
      find: `SELECT data FROM ${table} WHERE id = ?`,
      put: `INSERT INTO ${table} (id, data, expires_at) VALUES (?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at`,
      remove: `DELETE FROM ${table} WHERE id = ?`,
      sweep: `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE expires_at <= ? LIMIT ?)`,
    }
  }

  private find(keys: readonly string[]): FoundRows {
    const rows = keys.flatMap((key) => this.statement(this.sql.find).all(key).flatMap((row) => rowOf(key, row)))
    // The file is of this machine, and so is its clock.
    return { rows, now: Date.now() }
  }

  private transaction<Answer>(work: () => Answer, begin: 'BEGIN' | 'BEGIN IMMEDIATE' = 'BEGIN IMMEDIATE'): Answer {
    this.handle.exec(begin)
    try {
      const answer = work()
      this.handle.exec('COMMIT')
      return answer
    } catch (error) {
      this.rollback()
      throw error
    }
  }

  private rollback(): void {
    try {
      this.handle.exec('ROLLBACK')
    } catch {
      // SQLite has ended it already, as it does when the disk is full.
    }
  }

  private async whenFree<Answer>(signal: AbortSignal, work: () => Answer): Promise<Answer> {
    for (let wait = SHORTEST_WAIT; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
      if (signal.aborted) throw new DatabaseError('Nobody waits for SQLite any more.')
      try {
        return work()
      } catch (error) {
        if (!isLocked(error)) throw error
      }
      // Not all at the same time again.
      await sleep(wait * (0.5 + Math.random()), undefined, { ref: false })
    }
  }

  /** Prepared once: that is most of what a statement costs here. */
  private statement(sql: string): SqliteStatement {
    const known = this.statements.get(sql)
    if (known) return known
    const statement = this.handle.prepare(sql)
    this.statements.set(sql, statement)
    return statement
  }
}

const isLocked = (error: unknown): boolean => /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error) ?? '')

function rowOf(key: string, row: unknown): Row[] {
  const { data } = row as { data?: unknown }
  return typeof data === 'string' ? [{ key, data }] : []
}
