import { requireText } from '#internal/option-checks'
import { databaseError } from './rows/database-error.js'
import { installedDriver, type SqliteDriver, type SqliteHandle } from './sqlite/driver.js'
import { SqliteRows } from './sqlite/sqlite-rows.js'
import { checkDatabaseOptions, databaseOf, type Database, type DatabaseOptions } from './stores/database.js'

/** The options of `sqlite`. */
export interface SqliteOptions extends DatabaseOptions {
  /** The path of the file. It is made where there is none; its folder must be there. */
  readonly file: string
  /**
   * What opens the file: `DatabaseSync` of `node:sqlite`, or the export of `better-sqlite3`.
   * @default `DatabaseSync` of `node:sqlite` where the runtime has it, else the export of `better-sqlite3`
   */
  readonly driver?: SqliteDriver | undefined
}

/** A database of SQLite, which lets go of its file. */
export interface SqliteDatabase extends Database {
  /** Lets go of the file. */
  close(): void
}

/**
 * Keeps logins, codes and limits in a file of SQLite, for the processes of one machine.
 *
 * @example
 * ```ts
 * const database = sqlite({ file: 'acme.db' })
 * await database.migrate()
 * const login = multistep(passport, { steps, store: database.flows() })
 * ```
 * @throws TypeError for options that cannot work, and where nothing is installed that opens the file.
 * @throws DatabaseError for a file that cannot be opened.
 */
export function sqlite(options: SqliteOptions): SqliteDatabase {
  const { table, timeout, now } = checkDatabaseOptions('sqlite', options, ['file', 'driver'])
  const { driver = installedDriver() } = options
  if (typeof driver !== 'function') throw new TypeError('driver is a class that opens a file, such as DatabaseSync of node:sqlite.')
  const handle = open(driver, requireText('file', options.file))
  const rows = new SqliteRows(handle, `"${table}"`)
  const sql = [
    `CREATE TABLE IF NOT EXISTS "${table}" (
  id TEXT NOT NULL PRIMARY KEY,
  data TEXT NOT NULL,
  expires_at INTEGER NOT NULL
)`,
    `CREATE INDEX IF NOT EXISTS "${table}_expires_at" ON "${table}" (expires_at)`,
  ]
  const migrate = (statements: readonly string[], signal: AbortSignal) => rows.migrate(statements, signal)
  return { ...databaseOf({ name: 'SQLite', rows, timeout, now, sql, migrate }), close: () => { handle.close() } }
}

function open(driver: SqliteDriver, file: string): SqliteHandle {
  try {
    const handle = new driver(file)
    // What is committed is on the disk. Nobody else waits while this one asks for a lock.
    handle.exec('PRAGMA synchronous = FULL; PRAGMA busy_timeout = 0')
    return handle
  } catch (error) {
    throw databaseError('SQLite', error)
  }
}

export type { Database, DatabaseOptions } from './stores/database.js'
export type { Stores } from './stores/stores-over.js'
export type { SqliteDriver, SqliteHandle, SqliteStatement } from './sqlite/driver.js'
export { DatabaseError } from './rows/database-error.js'
