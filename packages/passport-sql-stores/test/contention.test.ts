import { randomBytes } from 'node:crypto'
import { createPool } from 'mysql2/promise'
import { Pool, type PoolConfig } from 'pg'
import { changeOne, type Documents, type Expiring } from '#internal/documents/documents'
import { mysql } from 'passport-sql-stores/mysql'
import { postgres } from 'passport-sql-stores/postgres'
import { onMariadb, onPostgres } from './support/databases.js'

interface Counter extends Expiring { readonly count: number }

const table = () => `t_${randomBytes(6).toString('hex')}`
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

const count = (documents: Documents, key: string) => changeOne<Counter, number>(documents, key, (record, now) => {
  const counted = (record?.count ?? 0) + 1
  return { record: { count: counted, expiresAt: now + 60_000 }, answer: counted }
})

const countAll = (documents: Documents, keys: readonly string[]) => documents.change<Counter, undefined>(keys, (records, now) => ({
  records: records.map((record) => ({ count: (record?.count ?? 0) + 1, expiresAt: now + 60_000 })), answer: undefined,
}))

/** Each process lets its own changes wait for each other: these are as many processes, whose changes meet in the database. */
async function expectNoLoss(processes: readonly Documents[]): Promise<void> {
  const at = (index: number) => processes[index % processes.length]!
  const counts = await Promise.all(upTo(200).map((index) => count(at(index), 'test:one')))
  expect(counts.sort((one, other) => one - other)).toEqual(upTo(200))

  const keys = ['test:a', 'test:b', 'test:c', 'test:d']
  const crossing = [keys, [...keys].reverse(), ['test:c', 'test:a'], ['test:d', 'test:b', 'test:a']]
  await Promise.all(upTo(200).map((index) => countAll(at(index), crossing[index % 4]!)))
  const { records } = await processes[0]!.read<Counter>(keys)
  expect(records.map((record) => record!.count)).toEqual([200, 150, 150, 150])

  // New documents, made and removed beside each other.
  await Promise.all(upTo(300).map(async (index) => {
    const key = `test:new${index % 7}`
    await changeOne(at(index), key, (record, now) => ({ record: record ? undefined : { expiresAt: now + 60_000 }, answer: undefined }))
  }))
}

onPostgres('ten processes at once', ({ server }) => {
  it.each([[undefined], ['default_transaction_isolation=serializable'], ['default_transaction_isolation=repeatable\\ read']])('ten processes at once lose no change in PostgreSQL, whatever isolation the database has by default: %s', async (setting) => {
    const pool = new Pool({ connectionString: server().url, max: 20, ...setting ? { options: `-c ${setting}` } : {} })
    const name = table()
    const processes = upTo(10).map(() => postgres({ pool, table: name, timeout: 20_000 }))
    await Promise.all(processes.map((one) => one.migrate()))
    await expectNoLoss(processes.map(({ documents }) => documents))
    expect(pool.idleCount).toBe(pool.totalCount)
    await pool.end()
  })

  it.each(['pipelining', 'one statement at a time'])('ten processes at once lose no change in PostgreSQL by a client that is %s', async (kind) => {
    const options: PoolConfig & { pipeline: boolean } = { connectionString: server().url, max: 20, pipeline: kind === 'pipelining' }
    const pool = new Pool(options)
    // A client without the parts of pg that send several statements at once.
    const plain = {
      connect: async () => {
        const client = await pool.connect()
        return { query: (query: any) => client.query(query), release: (destroy?: boolean) => client.release(destroy) }
      },
    }
    const name = table()
    const processes = upTo(10).map(() => postgres({ pool: kind === 'pipelining' ? pool : plain, table: name, timeout: 20_000 }))
    await processes[0]!.migrate()
    await expectNoLoss(processes.map(({ documents }) => documents))
    await pool.end()
  })
})

onMariadb('ten processes at once', ({ server }) => {
  it.each(['REPEATABLE-READ', 'READ-COMMITTED', 'SERIALIZABLE'])('ten processes at once lose no change in MariaDB, whatever isolation the database has by default: %s', async (isolation) => {
    const admin = createPool({ uri: server().url })
    await admin.query(`SET GLOBAL transaction_isolation = '${isolation}'`).catch(() => admin.query(`SET GLOBAL tx_isolation = '${isolation}'`))
    await admin.end()
    const pool = createPool({ uri: server().url, connectionLimit: 20 })
    const name = table()
    const processes = upTo(10).map(() => mysql({ pool, table: name, timeout: 20_000 }))
    await Promise.all(processes.map((one) => one.migrate()))
    await expectNoLoss(processes.map(({ documents }) => documents))
    await pool.end()
  })
})
