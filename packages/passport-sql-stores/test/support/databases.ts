import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Libsql from 'libsql'
import { createPool, type Pool as MysqlPool } from 'mysql2/promise'
import { Client, Pool } from 'pg'
import type { Database } from 'passport-sql-stores'
import { mysql } from 'passport-sql-stores/mysql'
import { postgres } from 'passport-sql-stores/postgres'
import { sqlite } from 'passport-sql-stores/sqlite'
import { describeWithMariadb, startMariadb } from '../../../../test/support/mariadb.js'
import { describeWithPostgres, startPostgres } from '../../../../test/support/postgres.js'
import type { DatabaseServer } from '../../../../test/support/server-process.js'

export interface Opened {
  readonly database: Database
  /** The same table by connections of another process. */
  readonly other: Database
  /** Runs a statement beside the stores. */
  readonly ask: (sql: string) => Promise<unknown>
  readonly cutConnections?: () => Promise<unknown>
}

export interface OpenOptions {
  readonly now?: (() => number) | undefined
  readonly timeout?: number
}

export interface Backend {
  /** Tables of their own, empty. */
  open(options?: OpenOptions): Promise<Opened>
}

/** The test's driver is one that has the shape of `better-sqlite3`. */
export const driver = Libsql as unknown as NonNullable<Parameters<typeof sqlite>[0]['driver']>

const newTable = () => `t_${randomBytes(6).toString('hex')}`

export function onPostgres(title: string, body: (backend: Backend & { server: () => DatabaseServer }) => void): void {
  describeWithPostgres(`${title} in PostgreSQL`, () => {
    let server: DatabaseServer
    const pools: Pool[] = []
    beforeAll(async () => {
      server = await startPostgres()
      for (let index = 0; index < 2; index += 1) pools.push(new Pool({ connectionString: server.url, max: 5 }))
    })
    afterAll(async () => {
      for (const pool of pools) await pool.end()
      await server.close()
    })
    const open = async (options: OpenOptions = {}) => {
      const table = newTable()
      const [database, other] = pools.map((pool) => postgres({ pool, table, ...options })) as [Database, Database]
      await Promise.all([database.migrate(), other.migrate()])
      const cutConnections = async () => {
        const client = new Client({ connectionString: server.url })
        await client.connect()
        await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = \'client backend\'')
        await client.end()
      }
      return { database, other, cutConnections, ask: (sql: string) => pools[0]!.query(sql) }
    }
    body({ open, server: () => server })
  })
}

export function onMariadb(title: string, body: (backend: Backend & { server: () => DatabaseServer }) => void): void {
  describeWithMariadb(`${title} in MariaDB`, () => {
    let server: DatabaseServer
    const pools: MysqlPool[] = []
    beforeAll(async () => {
      server = await startMariadb()
      for (let index = 0; index < 2; index += 1) pools.push(createPool({ uri: server.url, connectionLimit: 5 }))
    })
    afterAll(async () => {
      for (const pool of pools) await pool.end()
      await server.close()
    })
    const open = async (options: OpenOptions = {}) => {
      const table = newTable()
      const [database, other] = pools.map((pool) => mysql({ pool, table, ...options })) as [Database, Database]
      await Promise.all([database.migrate(), other.migrate()])
      const cutConnections = async () => {
        const admin = createPool({ uri: server.url, connectionLimit: 1 })
        const [[own]] = await admin.query({ sql: 'SELECT connection_id()', rowsAsArray: true }) as any
        const [rows] = await admin.query({ sql: 'SELECT id FROM information_schema.processlist', rowsAsArray: true }) as any
        for (const [id] of rows) if (id !== own[0]) await admin.query(`KILL ${id}`).catch(() => undefined)
        await admin.end()
      }
      return { database, other, cutConnections, ask: (sql: string) => pools[0]!.query(sql) }
    }
    body({ open, server: () => server })
  })
}

export function onSqlite(title: string, body: (backend: Backend & { folder: () => string }) => void): void {
  describe(`${title} in SQLite`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'sqlite-'))
    const opened: { close(): void }[] = []
    afterAll(() => {
      for (const one of opened) one.close()
      rmSync(folder, { recursive: true, force: true })
    })
    const open = async (options: OpenOptions = {}) => {
      const file = join(folder, `${newTable()}.db`)
      const [database, other] = [0, 1].map(() => sqlite({ file, driver, ...options })) as [ReturnType<typeof sqlite>, ReturnType<typeof sqlite>]
      opened.push(database, other)
      await Promise.all([database.migrate(), other.migrate()])
      const ask = async (sql: string) => {
        const handle = new driver(file)
        handle.exec(sql)
        handle.close()
      }
      return { database, other, ask }
    }
    body({ open, folder: () => folder })
  })
}

/** The same tests on every database. */
export function onEveryDatabase(title: string, body: (backend: Backend, name: 'PostgreSQL' | 'MariaDB' | 'SQLite') => void): void {
  onPostgres(title, (backend) => body(backend, 'PostgreSQL'))
  onMariadb(title, (backend) => body(backend, 'MariaDB'))
  onSqlite(title, (backend) => body(backend, 'SQLite'))
}
