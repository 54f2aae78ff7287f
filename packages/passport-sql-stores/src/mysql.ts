import { hasMethods } from '#internal/option-checks'
import { MysqlRows } from './mysql/mysql-rows.js'
import type { MysqlCallbackPool, MysqlPool } from './mysql/pool.js'
import { checkDatabaseOptions, checkName, databaseOf, type Database, type DatabaseOptions } from './stores/database.js'

/** The options of `mysql`. */
export interface MysqlOptions extends DatabaseOptions {
  /**
   * `createPool(…)` of `mysql2` or `mysql2/promise`, which the app makes and ends. It is for these stores alone: the
   * time limits of its connections are set.
   */
  readonly pool: MysqlPool | MysqlCallbackPool
  /**
   * The database of the table.
   * @default the connection's own
   */
  readonly schema?: string | undefined
}

/**
 * Keeps logins, codes and limits in MariaDB 10.5 or MySQL 8 or newer.
 *
 * @example
 * ```ts
 * const database = mysql({ pool: createPool({ uri: process.env.DATABASE_URL ?? '' }) })
 * await database.migrate()
 * const login = multistep(passport, { steps, store: database.flows() })
 * ```
 * @throws TypeError for options that cannot work.
 */
export function mysql(options: MysqlOptions): Database {
  const { table, timeout, now } = checkDatabaseOptions('mysql', options, ['pool', 'schema'])
  const { pool, schema } = options
  if (!hasMethods(pool, ['getConnection'])) throw new TypeError('pool is a pool of mysql2: createPool({ uri }).')
  if (schema !== undefined) checkName('schema', schema)
  const quoted = schema === undefined ? `\`${table}\`` : `\`${schema}\`.\`${table}\``
  const rows = new MysqlRows('promise' in pool ? pool.promise() : pool, quoted, timeout)
  const sql = [
    `CREATE TABLE IF NOT EXISTS ${quoted} (
  id varchar(300) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  data longtext CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  expires_at bigint NOT NULL,
  KEY expires_at (expires_at)
) ENGINE = InnoDB`,
  ]
  return databaseOf({
    name: 'MariaDB or MySQL', rows, timeout, now, sql, migrate: (statements, signal) => rows.migrate(statements, signal),
  })
}

export type { Database, DatabaseOptions } from './stores/database.js'
export type { Stores } from './stores/stores-over.js'
export type { MysqlCallbackPool, MysqlConnection, MysqlPool, MysqlStatement } from './mysql/pool.js'
export { DatabaseError } from './rows/database-error.js'
