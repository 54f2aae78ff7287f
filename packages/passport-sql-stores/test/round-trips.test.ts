import { randomBytes } from 'node:crypto'
import { MemoryFlowStore } from 'multistep'
import { createPool } from 'mysql2/promise'
import { Pool } from 'pg'
import type { Database } from 'passport-sql-stores'
import { mysql } from 'passport-sql-stores/mysql'
import { postgres } from 'passport-sql-stores/postgres'
import { sqlite } from 'passport-sql-stores/sqlite'
import { changeOne, type Documents, type Expiring } from '#internal/documents/documents'
import { flowStoresAgree } from '../../multistep/test/support/flow-stores-agree.js'
import { transactionStoresAgree } from '../../passport-mobileconnect/test/support/transaction-stores-agree.js'
import { agreesWithMemory } from '../../passport-sms-otp/test/support/agrees-with-memory.js'
import { loopbackProxy, type LoopbackProxy } from '../../../test/support/loopback-proxy.js'
import { driver, onMariadb, onPostgres, onSqlite } from './support/databases.js'

const newTable = () => `t_${randomBytes(6).toString('hex')}`
const SEQUENCES = 15

/** A sweep belongs to no operation: one of a hundred writes begins it, and nobody waits for it. */
const isNoSweep = (sent: Buffer): boolean => !sent.includes('SKIP LOCKED')

/** The store itself. Of each of its operations the most round trips that one call took are noted. */
function noting<Store extends object>(store: Store, { trips }: LoopbackProxy, most: Map<string, number>): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return async (...args: unknown[]) => {
        const before = trips()
        try {
          return await (value.apply(target, args) as Promise<unknown>)
        } finally {
          most.set(String(name), Math.max(most.get(String(name)) ?? 0, trips() - before))
        }
      }
    },
  })
}

onPostgres('the round trips of one operation', ({ server }) => {
  it('an operation of a store costs 1 or 2 round trips to PostgreSQL, whatever the store is asked, in any order', async () => {
    const proxy = await loopbackProxy(server().url, isNoSweep)
    const pool = new Pool({ connectionString: proxy.url, max: 1 })
    const open = async (now: () => number) => {
      const database = postgres({ pool, table: newTable(), now, timeout: 20_000 })
      await database.migrate()
      return database
    }
    const most = new Map<string, number>()
    const noted = <Store extends object>(store: Store) => noting(store, proxy, most)
    await agreesWithMemory(async (now) => noted((await open(now)).challenges()), SEQUENCES)
    await flowStoresAgree(async (now) => {
      const flows = (await open(now)).flows()
      // The first name of a process reads the salt that names are shared out by.
      await flows.settle({ partition: 'a', factor: 'local', of: 'name' }, 'cleared')
      return [new MemoryFlowStore({ now }), noted(flows)]
    }, SEQUENCES)
    await transactionStoresAgree(async (now) => [noted((await open(now)).transactions())], SEQUENCES)
    const codes = noted((await open(Date.now)).recoveryCodes())
    await codes.replace('ada', ['one', 'two'])
    await codes.remove('ada', 'one')
    await codes.list('ada')
    // The operations of four stores.
    expect(most.size).toBeGreaterThanOrEqual(40)
    expect([...most].filter(([, trips]) => trips > 2)).toEqual([])
    expect(['readFlow', 'list'].map((name) => most.get(name))).toEqual([1, 1])
    expect(['send', 'verify', 'reserve', 'finishFlow', 'take'].map((name) => most.get(name))).toEqual([2, 2, 2, 2, 2])
    await pool.end()
    await proxy.close()
  })
})

interface Counter extends Expiring { readonly count: number }

/** 200 counts of one key by so many processes: none is lost. */
async function countInAll(processes: readonly Documents[]): Promise<void> {
  const counts = await Promise.all(Array.from({ length: 200 }, (_, index) =>
    changeOne<Counter, number>(processes[index % processes.length]!, 'test:one', (record, now) => {
      const count = (record?.count ?? 0) + 1
      return { record: { count, expiresAt: now + 60_000 }, answer: count }
    })))
  expect(counts.sort((one, other) => one - other)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1))
}

const most200 = 3 * 200

/** So many processes, each with connections of its own. */
const inProcesses = [1, 2, 8]

onPostgres('200 counts of one key at once', ({ server }) => {
  it.each(inProcesses)('200 counts of one key at once cost at most 600 round trips to PostgreSQL, from so many processes: %i', async (processes) => {
    const proxy = await loopbackProxy(server().url)
    const table = newTable()
    const pools = Array.from({ length: processes }, () => new Pool({ connectionString: proxy.url, max: 5 }))
    const databases = pools.map((pool) => postgres({ pool, table, timeout: 20_000 }))
    await Promise.all(databases.map((database) => database.migrate()))
    const before = proxy.trips()
    await countInAll(databases.map(({ documents }) => documents))
    expect(proxy.trips() - before).toBeLessThanOrEqual(most200)
    await Promise.all(pools.map((pool) => pool.end()))
    await proxy.close()
  })
})

onMariadb('200 counts of one key at once', ({ server }) => {
  it.each(inProcesses)('200 counts of one key at once cost at most 600 round trips to MariaDB, from so many processes: %i', async (processes) => {
    const proxy = await loopbackProxy(server().url)
    const table = newTable()
    const pools = Array.from({ length: processes }, () => createPool({ uri: proxy.url, connectionLimit: 5 }))
    const databases = pools.map((pool) => mysql({ pool, table, timeout: 20_000 }))
    await Promise.all(databases.map((database) => database.migrate()))
    const before = proxy.trips()
    await countInAll(databases.map(({ documents }) => documents))
    expect(proxy.trips() - before).toBeLessThanOrEqual(most200)
    await Promise.all(pools.map((pool) => pool.end()))
    await proxy.close()
  })
})

onSqlite('200 counts of one key at once', ({ folder }) => {
  it.each(inProcesses)('200 counts of one key at once ask SQLite\'s file at most 600 times, from so many processes: %i', async (processes) => {
    let asked = 0
    class Counting extends driver {
      constructor(file: string) {
        super(file)
        const exec = this.exec.bind(this)
        this.exec = (sql) => {
          if (sql.startsWith('BEGIN')) asked += 1
          return exec(sql)
        }
      }
    }
    const file = `${folder()}/${newTable()}.db`
    const databases = Array.from({ length: processes }, () => sqlite({ file, driver: Counting, timeout: 20_000 }))
    for (const database of databases) await database.migrate()
    asked = 0
    await countInAll(databases.map(({ documents }) => documents))
    expect(asked).toBeLessThanOrEqual(most200)
    expect(asked).toBeGreaterThan(0)
    for (const database of databases as (Database & { close(): void })[]) database.close()
  })
})
