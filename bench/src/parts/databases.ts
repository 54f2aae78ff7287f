import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Libsql from 'libsql'
import { createPool } from 'mysql2/promise'
import { Pool } from 'pg'
import { RedisTransactionStore, type TransactionStore } from 'passport-mobileconnect'
import { RedisChallengeStore, type Budget, type ChallengeStore } from 'passport-sms-otp'
import type { Database } from 'passport-sql-stores'
import { mysql } from 'passport-sql-stores/mysql'
import { postgres } from 'passport-sql-stores/postgres'
import { sqlite } from 'passport-sql-stores/sqlite'
import { createClient } from 'redis'
import { connected } from '../lib/redis-commands.js'
import { placeAt, removePlace } from '../lib/redis-server.js'

interface Side {
  readonly name: string
  readonly challenges: ChallengeStore
  readonly transactions: TransactionStore
  /** Round trips until now; undefined where there are none. */
  readonly trips: () => number | undefined
  readonly close: () => Promise<unknown>
}

const minute = 60_000
const lockout = { after: 5, for: minute, max: 60 * minute, disableAfter: 100 }
const budgets: readonly Budget[] = ['ip', 'country', 'total'].map((key) => ({ key, limits: [{ limit: 1e9, window: minute }] }))

/** Each does one thing for one person, `number`. */
const operations: Readonly<Record<string, (side: Side, name: string) => Promise<unknown>>> = {
  'a code sent: send': ({ challenges }, name) => challenges.send({
    subject: name, begin: { id: name, ttl: minute, maxAttempts: 5, maxResends: 3 }, delays: [], limits: [],
  }),
  'a verify: verify': ({ challenges }, name) => challenges.verify({ subject: name, id: name, matched: true, lockout }),
  'three shared budgets: reserve': ({ challenges }) => challenges.reserve(budgets),
  'Mobile Connect begins: put': ({ transactions }, name) => transactions.put(name, 'x'.repeat(500), minute),
  'Mobile Connect returns: take': ({ transactions }, name) => transactions.take(name),
}

const rounds = 7
const timesEach = 100

/** What an operation costs on each database, one after the other, as a multiple of Redis. */
export async function benchDatabases(redisUrl: string | undefined): Promise<void> {
  if (redisUrl === undefined) return console.log('\nDatabases: skipped (no REDIS_URL and no redis-server)')
  const place = placeAt(redisUrl)
  const sides = [await onRedis(place), ...await onDatabases()]
  console.log('\nOperations one after the other: time as a multiple of Redis (round trips of one)')
  for (const [title, operate] of Object.entries(operations)) {
    const times = new Map<Side, number[]>(sides.map((side) => [side, []]))
    const trips = new Map<Side, number | undefined>()
    for (let round = 0; round < rounds; round += 1) {
      for (const side of sides) {
        const before = side.trips()
        const begun = performance.now()
        for (let index = 0; index < timesEach; index += 1) await operate(side, `p${round}-${index}`)
        times.get(side)?.push(performance.now() - begun)
        trips.set(side, before === undefined ? undefined : ((side.trips() ?? 0) - before) / timesEach)
      }
    }
    const [redis = Number.NaN] = sides.map((side) => median(times.get(side) ?? []))
    const told = sides.map((side) => {
      const each = trips.get(side)
      const ratio = (median(times.get(side) ?? []) / redis).toFixed(1)
      return `${side.name} ${ratio}${each === undefined ? '' : ` (${each})`}`
    })
    console.log(`  ${title.padEnd(32)} ${told.join(' · ')}`)
  }
  for (const side of sides) await side.close()
  await removePlace(place)
}

const median = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[values.length >> 1] ?? Number.NaN

async function onRedis({ url, prefix }: { readonly url: string, readonly prefix: string }): Promise<Side> {
  const client = await connected(createClient({ url }))
  return {
    name: 'Redis',
    challenges: new RedisChallengeStore({ client, prefix }),
    transactions: new RedisTransactionStore({ client, prefix: `${prefix}t:` }),
    trips: () => undefined,
    close: () => client.close(),
  }
}

const table = `bench_${randomBytes(4).toString('hex')}`

async function onDatabases(): Promise<Side[]> {
  const { POSTGRES_URL, MYSQL_URL } = process.env
  const sides = [await onSqlite()]
  if (POSTGRES_URL) sides.push(await onPostgres(POSTGRES_URL))
  else console.log('\nPostgreSQL: skipped (no POSTGRES_URL)')
  if (MYSQL_URL) sides.push(await onMysql(MYSQL_URL))
  else console.log('MariaDB: skipped (no MYSQL_URL)')
  return sides
}

async function sideOf(
  name: string,
  database: Database,
  trips: Side['trips'],
  close: Side['close'],
): Promise<Side> {
  await database.migrate()
  return { name, challenges: database.challenges(), transactions: database.transactions(), trips, close }
}

async function onSqlite(): Promise<Side> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const database = sqlite({ file: join(folder, 'bench.db'), driver: Libsql })
  return sideOf('SQLite', database, () => undefined, async () => {
    database.close()
    rmSync(folder, { recursive: true })
  })
}

async function onPostgres(url: string): Promise<Side> {
  const pool = new Pool({ connectionString: url })
  let trips = 0
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown
    client.query = ((...args: unknown[]) => {
      trips += 1
      return query(...args)
    }) as typeof client.query
  })
  return sideOf('PostgreSQL', postgres({ pool, table }), () => trips, async () => {
    await pool.query(`DROP TABLE ${table}`)
    await pool.end()
  })
}

async function onMysql(uri: string): Promise<Side> {
  const pool = createPool({ uri })
  let trips = 0
  const getConnection = pool.getConnection.bind(pool)
  const counting = {
    getConnection: async () => {
      const connection = await getConnection()
      return new Proxy(connection, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name)
          if (name === 'query' || name === 'execute') trips += 1
          return typeof value === 'function' ? value.bind(target) as unknown : value
        },
      })
    },
  }
  return sideOf('MariaDB', mysql({ pool: counting, table }), () => trips, async () => {
    await pool.query(`DROP TABLE ${table}`)
    await pool.end()
  })
}
