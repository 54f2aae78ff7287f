import { withDeadline } from '#internal/deadline'
import { checkFunctions, checkOptionNames } from '#internal/option-checks'
import type { Documents } from '#internal/documents/documents'
import { databaseError } from '../rows/database-error.js'
import { RowDocuments } from '../rows/row-documents.js'
import type { Rows } from '../rows/rows.js'
import { storesOver, type Stores } from './stores-over.js'

/** The stores on one database. */
export interface Database extends Stores {
  /**
   * Makes the table and its index where they are not there yet. Any number of processes may do so at the same time.
   * @throws DatabaseError
   */
  migrate(): Promise<void>
  /** What `migrate()` runs, for a database that others look after. */
  readonly migrationSql: string
  /**
   * Removes what has ended, at most `limit` documents at a time. Writes do so by the way: this is for an app that
   * writes seldom.
   * @returns how many it removed.
   * @throws DatabaseError
   */
  sweep(limit?: number): Promise<number>
  /** The documents themselves, for a store of your own. Its keys begin with a word of its own and a colon. */
  readonly documents: Documents
}

/** Options of every database. */
export interface DatabaseOptions {
  /**
   * The name of the table: letters, digits and `_`.
   * @default 'auth_documents'
   */
  readonly table?: string | undefined
  /**
   * Milliseconds in which every operation ends, with an error if need be. The time that it waits for a connection of
   * the pool counts.
   * @default 2000
   */
  readonly timeout?: number | undefined
  /**
   * A clock in the place of the database's clock, in milliseconds since 1970. For tests.
   * @default the clock of the database, one for all processes
   */
  readonly now?: (() => number) | undefined
}

export const databaseOptions = ['table', 'timeout', 'now'] as const

const LONGEST_TIMEOUT = 60_000

/** @throws TypeError for options that cannot work. */
export function checkDatabaseOptions(what: string, options: DatabaseOptions, more: readonly string[]): {
  readonly table: string
  readonly timeout: number
  readonly now: (() => number) | undefined
} {
  checkOptionNames(what, options, [...databaseOptions, ...more])
  checkFunctions(options, ['now'])
  const { table = 'auth_documents', timeout = 2000, now } = options
  checkName('table', table)
  if (!Number.isSafeInteger(timeout) || timeout < 1 || timeout > LONGEST_TIMEOUT) {
    throw new TypeError(`timeout is a whole number of milliseconds from 1 to ${LONGEST_TIMEOUT}, not ${timeout}.`)
  }
  return { table, timeout, now }
}

/** A name that may stand in a statement. */
export function checkName(option: string, name: unknown): void {
  if (typeof name !== 'string' || !/^[A-Za-z_][A-Za-z0-9_]{0,47}$/.test(name)) {
    throw new TypeError(`${option} is a name of at most 48 letters, digits and _, not ${JSON.stringify(name)}.`)
  }
}

interface Backend {
  /** As people know it. */
  readonly name: string
  readonly rows: Rows
  readonly timeout: number
  readonly now: (() => number) | undefined
  /** The statements that make the table. */
  readonly sql: readonly string[]
  readonly migrate: (sql: readonly string[], signal: AbortSignal) => Promise<void>
}

/** A big table is made while others wait for it. */
const MIGRATION_TIMEOUT = 60_000

export function databaseOf({ name, rows, timeout, now, sql, migrate }: Backend): Database {
  const documents = new RowDocuments(rows, { name, timeout, now })
  return {
    ...storesOver(documents),
    documents,
    migrationSql: sql.map((statement) => `${statement};\n`).join(''),
    migrate: async () => {
      try {
        await withDeadline(MIGRATION_TIMEOUT, (signal) => migrate(sql, signal))
      } catch (error) {
        throw databaseError(name, error)
      }
    },
    sweep: (limit = 1000) => documents.sweep(limit),
  }
}
