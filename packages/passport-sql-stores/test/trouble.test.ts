import { EventEmitter } from 'node:events'
import { join } from 'node:path'
import { createPool } from 'mysql2/promise'
import { Pool } from 'pg'
import { changeOne, type Documents } from '#internal/documents/documents'
import { DatabaseError } from 'passport-sql-stores'
import { mysql } from 'passport-sql-stores/mysql'
import { postgres } from 'passport-sql-stores/postgres'
import { sqlite } from 'passport-sql-stores/sqlite'
import { whileLocked } from '../../../test/support/locked-file.js'
import { driver, onEveryDatabase, onMariadb, onPostgres, onSqlite } from './support/databases.js'

const put = (documents: Documents, key: string, text = 'kept') =>
  changeOne(documents, key, (_, now) => ({ record: { expiresAt: now + 60_000, text }, answer: 'kept' }))

/** The error of this work, and milliseconds until it came. */
async function failure(work: Promise<unknown>): Promise<{ error: DatabaseError, took: number }> {
  const begun = performance.now()
  const error = await work.then(() => undefined, (thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(DatabaseError)
  return { error: error as DatabaseError, took: performance.now() - begun }
}

const within3s = 3000
const timeout = 1000

async function untilKept(documents: Documents): Promise<void> {
  for (const until = Date.now() + 30_000; Date.now() < until;) {
    if (await put(documents, 'test:again').then(() => true, () => false)) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('The database did not come back.')
}

/** A connection that was being made when its call ended comes back to the pool once the server has answered. */
async function untilAllIdle(pool: Pool): Promise<void> {
  for (const until = Date.now() + 10_000; Date.now() < until;) {
    if (pool.totalCount === pool.idleCount) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`The pool misses ${pool.totalCount - pool.idleCount} connections.`)
}

onPostgres('a database in trouble,', ({ server }) => {
  const opened = (settings: object = {}) => {
    const pool = new Pool({ connectionString: server().url, max: 3, ...settings })
    return { pool, database: postgres({ pool, table: 'trouble', timeout }) }
  }

  it('a PostgreSQL server that is gone or silent gives an error in time, holds no connection, and works again when it is back', async () => {
    const { pool, database } = opened()
    await database.migrate()
    await put(database.documents, 'test:a')
    await server().stop()
    expect((await failure(put(database.documents, 'test:a'))).took).toBeLessThan(within3s)
    await server().restart()
    await untilKept(database.documents)

    server().signal('SIGSTOP')
    const silent = await Promise.all([1, 2, 3, 4, 5, 6].map((index) => failure(put(database.documents, `test:${index}`))))
    expect(Math.max(...silent.map(({ took }) => took))).toBeLessThan(within3s)
    expect(silent[0]!.error.message).toBe('PostgreSQL: No answer within 1000 ms.')
    server().signal('SIGCONT')
    await untilKept(database.documents)
    await untilAllIdle(pool)
    await pool.end()
  })

  it('a PostgreSQL database that may only be read says so, and reading goes on', async () => {
    const { pool, database } = opened({ options: '-c default_transaction_read_only=on' })
    const { error } = await failure(put(database.documents, 'test:a', 'a secret'))
    expect([error.code, error.message]).toEqual(['25006', 'PostgreSQL: it is read-only (25006).'])
    expect((await database.documents.read(['test:a'])).records).toHaveLength(1)
    await pool.end()
  })

  it('a PostgreSQL database that lacks the table says what to call', async () => {
    const pool = new Pool({ connectionString: server().url })
    const { error } = await failure(put(postgres({ pool, table: 'nowhere' }).documents, 'test:a'))
    expect(error.message).toContain('await database.migrate()')
    await pool.end()
  })

  it('a PostgreSQL database gives a lock free by itself that a stopped process holds', async () => {
    const { pool, database } = opened()
    // The statements of a change, of a process that stops before it writes.
    const stopped = postgres({
      table: 'trouble', timeout,
      pool: { connect: async () => {
        const client = await pool.connect()
        client.on('error', () => undefined)
        const query = client.query.bind(client)
        let asked = 0
        return {
          query: (statement: any) => { asked += 1; return asked > 4 ? new Promise<never>(() => undefined) : query(statement) },
          on: () => undefined, off: () => undefined,
          // It is stopped: it lets go of nothing.
          release: () => undefined,
        }
      } },
    })
    await failure(put(stopped.documents, 'test:held'))
    await untilFree(database.documents, 'test:held')
  })

  const untilFree = async (documents: Documents, key: string) => {
    const begun = performance.now()
    while (!await put(documents, key).then(() => true, () => false)) expect(performance.now() - begun).toBeLessThan(10_000)
  }

  it('a PostgreSQL database serves an account that may do no more than the README says', async () => {
    const { pool, database } = opened()
    await database.migrate()
    await pool.query('CREATE ROLE app LOGIN; REVOKE CREATE ON SCHEMA public FROM public; GRANT SELECT, INSERT, UPDATE, DELETE ON trouble TO app')
    const narrow = new Pool({ connectionString: server().url.replace('postgres@', 'app@') })
    const app = postgres({ pool: narrow, table: 'trouble' })
    await app.migrate()
    expect(await put(app.documents, 'test:narrow')).toBe('kept')
    await app.sweep()
    await narrow.end()
    await pool.end()
  })
})

onMariadb('a database in trouble,', ({ server }) => {
  it('a MariaDB server that is gone or silent gives an error in time, and works again when it is back', async () => {
    const pool = createPool({ uri: server().url, connectionLimit: 3 })
    const database = mysql({ pool, table: 'trouble', timeout })
    await database.migrate()
    await server().stop()
    expect((await failure(put(database.documents, 'test:a'))).took).toBeLessThan(within3s)
    await server().restart()
    await untilKept(database.documents)
    server().signal('SIGSTOP')
    const silent = await Promise.all([1, 2, 3, 4, 5, 6].map((index) => failure(put(database.documents, `test:${index}`))))
    expect(Math.max(...silent.map(({ took }) => took))).toBeLessThan(within3s)
    server().signal('SIGCONT')
    await untilKept(database.documents)
    await pool.end()
  })
})

onMariadb('a database', ({ server }) => {
  it('a MariaDB database serves an account that may do no more than the README says', async () => {
    const root = createPool({ uri: server().url })
    await root.query('CREATE DATABASE acme')
    await mysql({ pool: root, schema: 'acme' }).migrate()
    await root.query('CREATE USER app')
    await root.query('GRANT SELECT, INSERT, UPDATE, DELETE ON acme.auth_documents TO \'app\'@\'%\'')
    const pool = createPool({ uri: server().url.replace('root@', 'app@') })
    const app = mysql({ pool, schema: 'acme' })
    await app.migrate()
    expect(await put(app.documents, 'test:narrow')).toBe('kept')
    await app.sweep()
    expect((await failure(mysql({ pool, schema: 'acme', table: 'other' }).migrate())).error.message).toContain('this user may not use the table')
    await pool.end()
    await root.end()
  })
})

onSqlite('a database in trouble,', ({ folder }) => {
  it('an SQLite file that another process has locked gives an error in time, and this process does other things meanwhile', async () => {
    const file = join(folder(), 'locked.db')
    const database = sqlite({ file, driver, timeout })
    await database.migrate()
    const { longest } = await whileLocked(driver, file, async () => {
      const failed = await Promise.all([1, 2, 3].map((index) => failure(put(database.documents, `test:${index}`))))
      expect(Math.max(...failed.map(({ took }) => took))).toBeLessThan(within3s)
      expect((await database.documents.read(['test:1'])).records).toEqual([undefined])
    })
    expect(longest).toBeLessThan(500)
    expect(await put(database.documents, 'test:1')).toBe('kept')
    database.close()
  })

  it('an SQLite file that is full says so, keeps what it had, and works again when there is room', async () => {
    const file = join(folder(), 'full.db')
    const database = sqlite({ file, driver, timeout })
    await database.migrate()
    await put(database.documents, 'test:before')
    database.close()
    const opened: { exec(sql: string): unknown }[] = []
    class Small extends driver {
      constructor(path: string) {
        super(path)
        opened.push(this)
      }
    }
    const full = sqlite({ file, driver: Small, timeout })
    opened[0]!.exec('PRAGMA max_page_count = 1')
    const { error } = await failure(put(full.documents, 'test:large', 'x'.repeat(100_000)))
    expect([error.code, error.message]).toEqual(['SQLITE_FULL', 'SQLite: its disk is full (SQLITE_FULL).'])
    const kept = await full.documents.read<any>(['test:before', 'test:large'])
    expect(kept.records.map((record) => record?.text)).toEqual(['kept', undefined])
    opened[0]!.exec('PRAGMA max_page_count = 100000')
    expect(await put(full.documents, 'test:large', 'x'.repeat(100_000))).toBe('kept')
    full.close()
  })

  it('an SQLite file whose folder is not there is an error at construction', () => {
    expect(() => sqlite({ file: join(folder(), 'nowhere/acme.db'), driver })).toThrow(DatabaseError)
  })
})

onEveryDatabase('a table', (backend, name) => {
  it('the error of a table that is not there, has other columns or was written to by hand holds nothing from the table', async () => {
    const { database, ask } = await backend.open()
    await put(database.documents, 'test:good')
    const table = /EXISTS ["`](\w+)/.exec(database.migrationSql)![1]!
    for (const data of ['a secret, and no JSON', 'null']) {
      await ask(`INSERT INTO ${table} VALUES ('test:${data.length}', '${data}', 9007199254740991)`)
      for (const work of [() => put(database.documents, `test:${data.length}`), () => database.documents.read([`test:${data.length}`])]) {
        const { error } = await failure(work())
        expect(`${error.message} ${JSON.stringify(error)} ${error.stack}`).not.toContain('secret')
      }
    }
    expect(await put(database.documents, 'test:good')).toBe('kept')

    await ask(`DROP TABLE ${table}`)
    expect((await failure(put(database.documents, 'test:a'))).error.message).toContain('await database.migrate()')
    await ask(`CREATE TABLE ${table} (id int, expires_at int)`)
    const { error } = await failure(database.migrate())
    expect(error.message).toMatch(new RegExp(`^${name}.*: its table has other columns`))
  })
})

onPostgres('a pool of one connection', ({ server }) => {
  it('a pool of one connection serves many callers at once, and an app that keeps the connection gets an error in time', async () => {
    const pool = new Pool({ connectionString: server().url, max: 1 })
    const database = postgres({ pool, table: 'trouble', timeout })
    await database.migrate()
    expect(await Promise.all([1, 2, 3, 4, 5].map((index) => put(database.documents, `test:${index}`)))).toHaveLength(5)
    const kept = await pool.connect()
    await kept.query('BEGIN')
    const { error, took } = await failure(put(database.documents, 'test:nested'))
    expect([error.code, took < within3s]).toEqual(['deadline', true])
    await kept.query('COMMIT')
    kept.release()
    expect(await put(database.documents, 'test:nested')).toBe('kept')
    await pool.end()
  })
})

/** A client of `pg` as its pool makes one. The server ends the connection in the piece in which it says that it is ready. */
class CutWhenReady extends EventEmitter {
  readonly _queryable = false

  connect(done: (error?: Error) => void): void {
    setImmediate(() => {
      done()
      this.emit('error', new Error('terminating connection due to administrator command'))
    })
  }

  query(): Promise<never> {
    return Promise.reject(new Error('Client has encountered a connection error and is not queryable'))
  }

  end(done?: () => void): void {
    done?.()
  }
}

describe('a connection that ends as it becomes ready', () => {
  it('a PostgreSQL connection that is cut as it becomes ready is an error of the call, and does not end the process', async () => {
    const pool = new Pool({ Client: CutWhenReady } as never)
    const { documents } = postgres({ pool, table: 'cut', timeout })
    expect((await failure(documents.read(['test:cut']))).error.message).not.toBe('')
    expect((await failure(put(documents, 'test:cut'))).error.message).not.toBe('')
    expect([pool.totalCount, pool.waitingCount]).toEqual([0, 0])
  })
})

describe('what is configured wrongly', () => {
  const pool = { connect: () => undefined, getConnection: () => undefined } as any
  it.each([
    [() => postgres({ pool: {} as never }), 'pool is a pool of pg'],
    [() => mysql({ pool: {} as never }), 'pool is a pool of mysql2'],
    [() => sqlite({ file: '', driver }), 'file is required'],
    [() => sqlite({ file: 'x', driver: 5 as never }), 'driver is a class'],
    [() => postgres({ pool, table: 'a"; DROP TABLE users; --' }), 'table is a name'],
    [() => mysql({ pool, schema: 'a`b' }), 'schema is a name'],
    [() => postgres({ pool, timeout: 0 }), 'timeout is a whole number'],
    [() => postgres({ pool, tabel: 'x' } as never), 'Did you mean table?'],
  ])('a wrong option of a database is an error at start-up: %#', (make, words) => {
    expect(make).toThrow(words)
  })
})
