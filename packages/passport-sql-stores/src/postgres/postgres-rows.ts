import { createHash } from 'node:crypto'
import { codeOf, DatabaseError } from '../rows/database-error.js'
import { once } from '../rows/once.js'
import type { FoundRows, NewRow, Row, Rows, Writes } from '../rows/rows.js'
import { exchange, type Outcome, type Statement } from './exchange.js'
import type { PostgresClient, PostgresPool } from './pool.js'

export interface PostgresTable {
  /** As it stands in statements: quoted, with its schema where one is given. */
  readonly quoted: string
  /** Without quotes, for the name of an index. */
  readonly name: string
}

const BEGIN: Statement = { text: 'BEGIN ISOLATION LEVEL READ COMMITTED', values: [] }
const COMMIT: Statement = { text: 'COMMIT', values: [] }
const ROLLBACK: Statement = { text: 'ROLLBACK', values: [] }

/** Whole milliseconds since 1970, as text: no client makes a number of its own of it. */
const NOW = 'floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint'

/**
 * Rows in PostgreSQL, two round trips for a transaction: one begins, locks and reads; one writes and commits.
 *
 * The locks are advisory ones of the transaction, by a digest of the key, taken in the order of the digests. So rows
 * that are not there yet are locked like others, no two transactions wait for each other in a circle, and what is read
 * after them is what the one before has committed. They end with the transaction, and need no right on anything.
 */
export class PostgresRows implements Rows {
  private readonly pool: PostgresPool
  private readonly table: PostgresTable
  private readonly limits: Statement

  /** @param timeout milliseconds that the server lets a statement wait, and a transaction idle. */
  constructor(pool: PostgresPool, table: PostgresTable, timeout: number) {
    this.pool = pool
    this.table = table
    // So that the server ends what nobody waits for any more: a process may be stopped with a lock in its hands.
    const settings = ['lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout']
    const text = `SELECT ${settings.map((setting) => `set_config('${setting}', $1, true)`).join(', ')}`
    this.limits = { text, values: [String(timeout)] }
    listen(pool)
  }

  async transact(
    keys: readonly string[],
    decide: (found: FoundRows) => Writes,
    signal: AbortSignal,
  ): Promise<void> {
    await this.withClient(signal, async (client) => {
      const [, , , found] = await exchange(client, [BEGIN, this.limits, this.lock(keys), this.find(keys)])
      const { put, remove } = decide(foundRows(found))
      const writes = [...put.length > 0 ? [this.put(put)] : [], ...remove.length > 0 ? [this.remove(remove)] : []]
      const outcomes = await exchange(client, [...writes, COMMIT])
      if (outcomes.at(-1)?.command !== 'COMMIT') throw new DatabaseError('PostgreSQL did not commit.')
    })
  }

  async select(keys: readonly string[], signal: AbortSignal): Promise<FoundRows> {
    return this.withClient(signal, async (client) => {
      const [found] = await exchange(client, [this.find(keys)])
      return foundRows(found)
    })
  }

  async sweep(limit: number, now: number | undefined, signal: AbortSignal): Promise<number> {
    const { quoted } = this.table
    const text = `DELETE FROM ${quoted} WHERE id IN (
      SELECT id FROM ${quoted} WHERE expires_at <= ${now === undefined ? NOW : '$2::bigint'} LIMIT $1::bigint FOR UPDATE SKIP LOCKED
    ) RETURNING 1`
    return this.withClient(signal, async (client) => {
      const [removed] = await exchange(client, [{ text, values: [limit, ...now === undefined ? [] : [now]].map(String) }])
      return removed?.rows.length ?? 0
    })
  }

  /** Two processes may do so at the same time. A user without the right to create anything may do so once it is there. */
  async migrate(sql: readonly string[], signal: AbortSignal): Promise<void> {
    await this.withClient(signal, async (client) => {
      if (await this.isThere(client)) return
      const statements = sql.map((text) => ({ text, values: [] }))
      await exchange(client, [BEGIN, this.lock(['migrate']), ...statements, COMMIT])
    })
  }

  /** @throws what the server says of a table with other columns. */
  private async isThere(client: PostgresClient): Promise<boolean> {
    try {
      await exchange(client, [{ text: `SELECT id, data, expires_at FROM ${this.table.quoted} LIMIT 0`, values: [] }])
      return true
    } catch (error) {
      if (codeOf(error) === '42P01') return false
      throw error
    }
  }

  private lock(keys: readonly string[]): Statement {
    const locks = keys.map((key) => lockOf(`${this.table.quoted} ${key}`)).sort((one, other) => (one < other ? -1 : 1))
    const text = 'SELECT pg_advisory_xact_lock(lock) FROM unnest($1::bigint[]) AS lock'
    return { text, values: [`{${locks.join(',')}}`] }
  }

  private find(keys: readonly string[]): Statement {
    const text = `SELECT (${NOW})::text, document.id::text, document.data::text FROM (SELECT 1) AS always
      LEFT JOIN ${this.table.quoted} AS document ON document.id = ANY($1::text[])`
    return { text, values: [textArray(keys)] }
  }

  private put(rows: readonly NewRow[]): Statement {
    const text = `INSERT INTO ${this.table.quoted} (id, data, expires_at)
      SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
      ON CONFLICT (id) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at`
    const columns = [rows.map(({ key }) => key), rows.map(({ data }) => data), rows.map(({ expiresAt }) => String(expiresAt))]
    return { text, values: columns.map(textArray) }
  }

  private remove(keys: readonly string[]): Statement {
    return { text: `DELETE FROM ${this.table.quoted} WHERE id = ANY($1::text[])`, values: [textArray(keys)] }
  }

  /** The connection goes back to the pool as it came, or not at all. */
  private async withClient<Answer>(signal: AbortSignal, work: (client: PostgresClient) => Promise<Answer>): Promise<Answer> {
    const client = await this.connect(signal)
    const release = once((destroy: boolean) => { client.release(destroy) })
    // Of this use alone: the connection may be in its next one when this is taken away.
    const ignoreHere = () => undefined
    const giveUp = () => { release(true) }
    client.on?.('error', ignoreHere)
    signal.addEventListener('abort', giveUp)
    try {
      const answer = await work(client)
      release(false)
      return answer
    } catch (error) {
      release(!await isUsable(client, error))
      throw error
    } finally {
      signal.removeEventListener('abort', giveUp)
      // A connection that was given up may still say so.
      if (!signal.aborted) client.off?.('error', ignoreHere)
    }
  }

  private async connect(signal: AbortSignal): Promise<PostgresClient> {
    const client = await this.pool.connect()
    if (!signal.aborted) return client
    client.release()
    throw new DatabaseError('Nobody waits for PostgreSQL any more.')
  }
}

const listenedTo = new WeakSet<object>()

/** A connection that ends while nobody uses it is no reason to end the process. */
function listen(pool: PostgresPool): void {
  if (listenedTo.has(pool)) return
  listenedTo.add(pool)
  pool.on?.('error', ignore)
  pool.on?.('connect', ignoreUntilUsed)
}

/**
 * The server may say that a connection is ready and that it is ended in one piece. The driver tells both before the
 * code that waits for the connection can listen to it.
 */
function ignoreUntilUsed(client: PostgresClient): void {
  client.on?.('error', ignore)
  setImmediate(() => client.off?.('error', ignore))
}

const ignore = (): void => undefined

/** Where the server itself said no, its transaction is ended, and the connection is as good as before. */
async function isUsable(client: PostgresClient, error: unknown): Promise<boolean> {
  const code = codeOf(error)
  if (code === undefined || !/^[0-9A-Z]{5}$/.test(code) || /^(08|57P)/.test(code)) return false
  try {
    await exchange(client, [ROLLBACK])
    return true
  } catch {
    return false
  }
}

function foundRows(found: Outcome | undefined): FoundRows {
  const rows = found?.rows ?? []
  const now = Number(rows[0]?.[0] ?? NaN)
  if (!Number.isSafeInteger(now)) throw new DatabaseError('PostgreSQL told no time.')
  return { rows: rows.flatMap(rowOf), now }
}

const rowOf = ([, key, data]: readonly (string | null)[]): Row[] =>
  (typeof key === 'string' && typeof data === 'string' ? [{ key, data }] : [])

/** 64 bits: different keys have different locks. Where two had the same one, they would wait for each other, no more. */
const lockOf = (name: string): bigint => createHash('sha256').update(name).digest().readBigInt64BE()

const textArray = (texts: readonly string[]): string =>
  `{${texts.map((text) => `"${text.replace(/[\\"]/g, '\\$&')}"`).join(',')}}`
