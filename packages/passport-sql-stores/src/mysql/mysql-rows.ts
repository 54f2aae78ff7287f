import { codeOf, DatabaseError } from '../rows/database-error.js'
import { once } from '../rows/once.js'
import type { FoundRows, NewRow, Row, Rows, Writes } from '../rows/rows.js'
import type { MysqlConnection, MysqlPool } from './pool.js'

/** Whole milliseconds since 1970, whatever the time zone of the session. It is text: no client makes a number of it. */
const NOW = 'TIMESTAMPDIFF(MICROSECOND, \'1970-01-01\', UTC_TIMESTAMP(3)) DIV 1000'

const MOST_TRIES = 5

/**
 * Rows in MariaDB and MySQL (InnoDB).
 *
 * A transaction first inserts an empty row for each key, in the order of the keys, or locks the one that is there. So
 * what is not there yet is locked by a row like others, and no gap between rows is: no two transactions wait for each
 * other in a circle. What is read under these locks is what the one before has committed, at any isolation level.
 */
export class MysqlRows implements Rows {
  private readonly pool: MysqlPool
  /** As it stands in statements: quoted. */
  private readonly table: string
  private readonly timeout: number
  private readonly prepared = new WeakSet<object>()

  constructor(pool: MysqlPool, table: string, timeout: number) {
    this.pool = pool
    this.table = table
    this.timeout = timeout
  }

  async transact(keys: readonly string[], decide: (found: FoundRows) => Writes, signal: AbortSignal): Promise<void> {
    const inOrder = [...keys].sort((one, other) => (one < other ? -1 : 1))
    for (let tries = 1; ; tries += 1) {
      try {
        await this.withConnection(signal, (connection) => this.transaction(connection, inOrder, decide))
        return
      } catch (error) {
        // The server found a circle, and ended this transaction for the sake of another one.
        if (codeOf(error) !== 'ER_LOCK_DEADLOCK' || tries === MOST_TRIES || signal.aborted) throw error
      }
    }
  }

  async select(keys: readonly string[], signal: AbortSignal): Promise<FoundRows> {
    const asked = keys.length === 0 ? 'FALSE' : `document.id IN (${places(keys)})`
    const sql = `SELECT CAST(${NOW} AS CHAR), document.id, document.data FROM (SELECT 1) AS always
      LEFT JOIN ${this.table} AS document ON ${asked}`
    return this.withConnection(signal, async (connection) => foundRows(await execute(connection, sql, keys)))
  }

  async sweep(limit: number, now: number | undefined, signal: AbortSignal): Promise<number> {
    return this.withConnection(signal, async (connection) => {
      const time = now === undefined ? NOW : 'CAST(? AS SIGNED)'
      const values = now === undefined ? [] : [String(now)]
      // Found without a lock and removed by key, so that no gap is locked into which others want to insert.
      const find = `SELECT '', id FROM ${this.table} WHERE expires_at <= ${time} ORDER BY expires_at LIMIT ${Math.floor(limit)}`
      const keys = (await execute(connection, find, values)).flatMap(([, key]) => (typeof key === 'string' ? [key] : []))
      if (keys.length === 0) return 0
      const remove = `DELETE FROM ${this.table} WHERE id IN (${places(keys)}) AND expires_at <= ${time}`
      return affected(await connection.execute({ sql: remove, rowsAsArray: true }, [...keys.sort(), ...values] as never))
    })
  }

  /** A user without the right to create anything may do so once the table is there. */
  async migrate(sql: readonly string[], signal: AbortSignal): Promise<void> {
    await this.withConnection(signal, async (connection) => {
      if (await this.isThere(connection)) return
      for (const statement of sql) await connection.query({ sql: statement, rowsAsArray: true })
    })
  }

  /** @throws what the server says of a table with other columns. */
  private async isThere(connection: MysqlConnection): Promise<boolean> {
    try {
      await run(connection, `SELECT id, data, expires_at FROM ${this.table} LIMIT 0`)
      return true
    } catch (error) {
      if (codeOf(error) === 'ER_NO_SUCH_TABLE') return false
      throw error
    }
  }

  private async transaction(
    connection: MysqlConnection,
    keys: readonly string[],
    decide: (found: FoundRows) => Writes,
  ): Promise<void> {
    await run(connection, 'START TRANSACTION')
    const holders = keys.map(() => '(?, \'\', 0)').join(', ')
    await execute(connection, `INSERT INTO ${this.table} (id, data, expires_at) VALUES ${holders} ON DUPLICATE KEY UPDATE id = id`, keys)
    const find = `SELECT CAST(${NOW} AS CHAR), id, data FROM ${this.table} WHERE id IN (${places(keys)}) FOR UPDATE`
    const found = foundRows(await execute(connection, find, keys))
    const { put, remove } = decide(found)
    if (put.length === 0 && remove.length === 0) return run(connection, 'ROLLBACK')
    if (put.length > 0) await this.put(connection, put)
    const held = new Set([...found.rows, ...put].map(({ key }) => key))
    const left = [...remove, ...keys.filter((key) => !held.has(key))]
    if (left.length > 0) await execute(connection, `DELETE FROM ${this.table} WHERE id IN (${places(left)})`, left)
    await run(connection, 'COMMIT')
  }

  /**
   * All rows are there by now. `UPDATE` is the same everywhere: MySQL gives up `VALUES(column)` behind `ON DUPLICATE KEY`,
   * and MariaDB has not what takes its place.
   */
  private async put(connection: MysqlConnection, rows: readonly NewRow[]): Promise<void> {
    const ofItsRow = `CASE id ${rows.map(() => 'WHEN ? THEN ?').join(' ')} END`
    const sql = `UPDATE ${this.table} SET data = ${ofItsRow}, expires_at = ${ofItsRow} WHERE id IN (${places(rows)})`
    await execute(connection, sql, [
      ...rows.flatMap(({ key, data }) => [key, data]),
      ...rows.flatMap(({ key, expiresAt }) => [key, String(expiresAt)]),
      ...rows.map(({ key }) => key),
    ])
  }

  /** The connection goes back to the pool as it came, or not at all. */
  private async withConnection<Answer>(
    signal: AbortSignal,
    work: (connection: MysqlConnection) => Promise<Answer>,
  ): Promise<Answer> {
    const connection = await this.pool.getConnection()
    if (signal.aborted) {
      connection.release()
      throw new DatabaseError('Nobody waits for the database any more.')
    }
    const held = once((isFine: boolean) => { if (isFine) connection.release(); else connection.destroy() })
    const giveUp = () => { held(false) }
    signal.addEventListener('abort', giveUp)
    try {
      await this.prepare(connection)
      const answer = await work(connection)
      held(true)
      return answer
    } catch (error) {
      // What is left of its transaction ends with the connection.
      held(false)
      throw error
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  /** So that the server ends what nobody waits for any more: a process may be stopped with a lock in its hands. */
  private async prepare(connection: MysqlConnection): Promise<void> {
    const socket = socketOf(connection)
    if (this.prepared.has(socket)) return
    const seconds = Math.max(1, Math.ceil(this.timeout / 1000))
    await run(connection, `SET SESSION innodb_lock_wait_timeout = ${seconds}`)
    // MySQL has no such limit.
    await run(connection, `SET SESSION idle_transaction_timeout = ${seconds + 1}`).catch((error: unknown) => {
      if (codeOf(error) !== 'ER_UNKNOWN_SYSTEM_VARIABLE') throw error
    })
    this.prepared.add(socket)
  }
}

/** The pool wraps one connection anew for each that takes it. */
const socketOf = (connection: MysqlConnection): object =>
  ('connection' in connection && typeof connection.connection === 'object' && connection.connection !== null ? connection.connection : connection)

async function run(connection: MysqlConnection, sql: string): Promise<void> {
  await connection.query({ sql, rowsAsArray: true })
}

async function execute(
  connection: MysqlConnection,
  sql: string,
  values: readonly string[],
): Promise<readonly (readonly unknown[])[]> {
  const [rows] = await connection.execute({ sql, rowsAsArray: true }, values as never)
  return Array.isArray(rows) ? rows as readonly (readonly unknown[])[] : []
}

const affected = ([result]: readonly unknown[]): number => Number((result as { affectedRows?: unknown } | undefined)?.affectedRows ?? 0)

const places = (values: readonly unknown[]): string => values.map(() => '?').join(', ')

function foundRows(found: readonly (readonly unknown[])[]): FoundRows {
  const now = Number(found[0]?.[0] ?? NaN)
  if (!Number.isSafeInteger(now)) throw new DatabaseError('The database told no time.')
  return { rows: found.flatMap(rowOf), now }
}

/** Without those that only hold a lock. */
const rowOf = ([, key, data]: readonly unknown[]): Row[] =>
  (typeof key === 'string' && typeof data === 'string' && data !== '' ? [{ key, data }] : [])
