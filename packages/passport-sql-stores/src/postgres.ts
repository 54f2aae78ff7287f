import { hasMethods } from '#internal/option-checks'
import type { PostgresPool } from './postgres/pool.js'
import { PostgresRows } from './postgres/postgres-rows.js'
import { checkDatabaseOptions, checkName, databaseOf, type Database, type DatabaseOptions } from './stores/database.js'

/** The options of `postgres`. */
export interface PostgresOptions extends DatabaseOptions {
  /** `new Pool(…)` of `pg`, or anything of its shape. The app makes it and ends it. */
  readonly pool: PostgresPool
  /**
   * The schema of the table.
   * @default the connection's own: the first of its `search_path`
   */
  readonly schema?: string | undefined
}

/**
 * Keeps logins, codes and limits in PostgreSQL 12 or newer.
 *
 * @example
 * ```ts
 * const database = postgres({ pool: new Pool({ connectionString: process.env.DATABASE_URL }) })
 * await database.migrate()
 * const login = multistep(passport, { steps, store: database.flows() })
 * ```
 * @throws TypeError for options that cannot work.
 */
export function postgres(options: PostgresOptions): Database {
  const { table, timeout, now } = checkDatabaseOptions('postgres', options, ['pool', 'schema'])
  const { pool, schema } = options
  if (!hasMethods(pool, ['connect'])) throw new TypeError('pool is a pool of pg: new Pool({ connectionString }).')
  if (schema !== undefined) checkName('schema', schema)
  const quoted = schema === undefined ? `"${table}"` : `"${schema}"."${table}"`
  const rows = new PostgresRows(pool, { quoted, name: table }, timeout)
  const sql = [
    `CREATE TABLE IF NOT EXISTS ${quoted} (
  id text COLLATE "C" PRIMARY KEY,
  data text NOT NULL,
  expires_at bigint NOT NULL
)`,
    `CREATE INDEX IF NOT EXISTS "${table}_expires_at" ON ${quoted} (expires_at)`,
  ]
  return databaseOf({
    name: 'PostgreSQL', rows, timeout, now, sql, migrate: (statements, signal) => rows.migrate(statements, signal),
  })
}

export type { Database, DatabaseOptions } from './stores/database.js'
export type { Stores } from './stores/stores-over.js'
export type { PostgresClient, PostgresPool, PostgresQuery, PostgresResult } from './postgres/pool.js'
export { DatabaseError } from './rows/database-error.js'
