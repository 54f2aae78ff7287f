import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Libsql from 'libsql'
import { multistep, RedisFlowStore, type FlowStore } from 'multistep'
import { createPool } from 'mysql2/promise'
import { Pool } from 'pg'
import { RedisTransactionStore, type TransactionStore } from 'passport-mobileconnect'
import {
  RedisChallengeStore, SmsOtp, Strategy as SmsOtpStrategy, type Budget, type ChallengeStore,
} from 'passport-sms-otp'
import { storesOver, type Database, type Documents } from 'passport-sql-stores'
import { mysql } from 'passport-sql-stores/mysql'
import { postgres } from 'passport-sql-stores/postgres'
import { sqlite } from 'passport-sql-stores/sqlite'
import { createClient } from 'redis'
import { Client, listen } from '../lib/client.js'
import { twoPosts } from '../lib/logging-in.js'
import { at } from '../lib/measure.js'
import { emptied, host, outbox } from '../lib/people.js'
import { row, title } from '../lib/print.js'
import { connected } from '../lib/redis-commands.js'
import { placeAt, removePlace } from '../lib/redis-server.js'

interface SideStores {
  readonly challenges: ChallengeStore
  readonly flows: FlowStore
  readonly transactions: TransactionStore
}

/** What was taken until now. */
interface Taken {
  /** `undefined` where there are none, as in a file. */
  readonly trips: number | undefined
  /** Looked at, and written or removed. Of Redis they are not known. */
  readonly rows: { readonly read: number, readonly written: number } | undefined
}

interface Side extends SideStores {
  readonly name: string
  readonly taken: () => Taken
  /** A password, a code, a login. */
  readonly logIn: (person: string) => Promise<void>
  readonly close: () => Promise<unknown>
}

const minute = 60_000
const lockout = { after: 5, for: minute, max: 60 * minute, disableAfter: 100 }
const budgets: readonly Budget[] = ['ip', 'country', 'total'].map((key) => ({ key, limits: [{ limit: 1e9, window: minute }] }))

interface Operation {
  readonly name: string
  readonly timesEach: number
  readonly run: (side: Side, person: string) => Promise<unknown>
}

/** Each does one thing for one person. */
const operations: readonly Operation[] = [
  { name: 'one whole login', timesEach: 40, run: ({ logIn }, person) => logIn(person) },
  {
    name: 'a code sent: send',
    timesEach: 100,
    run: ({ challenges }, person) => challenges.send({
      subject: person, begin: { id: person, ttl: minute, maxAttempts: 5, maxResends: 3 }, delays: [], limits: [],
    }),
  },
  {
    name: 'a verify: verify',
    timesEach: 100,
    run: ({ challenges }, person) => challenges.verify({ subject: person, id: person, matched: true, lockout }),
  },
  { name: 'three shared budgets: reserve', timesEach: 100, run: ({ challenges }) => challenges.reserve(budgets) },
  {
    name: 'Mobile Connect begins: put',
    timesEach: 100,
    run: ({ transactions }, person) => transactions.put(person, 'x'.repeat(500), minute),
  },
  {
    name: 'Mobile Connect returns: take', timesEach: 100, run: ({ transactions }, person) => transactions.take(person),
  },
]

const rounds = 7

/** What an operation costs on each database, one after the other, as a multiple of Redis. */
export async function benchDatabases(redisUrl: string | undefined): Promise<void> {
  if (redisUrl === undefined) return console.log('\nDatabases: skipped (no REDIS_URL and no redis-server)')
  const place = placeAt(redisUrl)
  const [redis, ...databases] = [await onRedis(place), ...await onDatabases()] as const
  title('Operations one after the other, by the clock', 'Redis = 1', 'trips', 'rows read', 'written')
  for (const operation of operations) {
    const measured = await inRounds([redis, ...databases], operation)
    const times = measured.get(redis)?.times ?? []
    row(`${operation.name}, Redis`, '1.0', '', '', '', `${Math.round(at(0.5, times) * 1000)} µs`)
    for (const side of databases) {
      const { times: own, taken } = measured.get(side) as Measured
      const ratio = at(0.5, own.map((time, round) => time / (times[round] ?? Number.NaN)))
      const { trips = 'none', rows } = taken
      row(`${operation.name}, ${side.name}`, ratio.toFixed(1), trips, rows?.read ?? '', rows?.written ?? '')
    }
  }
  for (const side of [redis, ...databases]) await side.close()
  await removePlace(place)
}

interface Measured {
  /** Milliseconds of one operation, by round. */
  readonly times: number[]
  /** By one operation of the last round. */
  taken: Taken
}

/** All sides in turns, so that they meet the same noise. The first round warms up. */
async function inRounds(
  sides: readonly Side[],
  { name, timesEach, run }: Operation,
): Promise<ReadonlyMap<Side, Measured>> {
  const measured = new Map(sides.map((side): [Side, Measured] => [side, { times: [], taken: side.taken() }]))
  for (let round = 0; round <= rounds; round += 1) {
    for (const [side, own] of measured) {
      const before = side.taken()
      const begun = performance.now()
      for (let index = 0; index < timesEach; index += 1) await run(side, `user${personOf(name, round)}${index}`)
      if (round > 0) own.times.push((performance.now() - begun) / timesEach)
      own.taken = perOperation(before, side.taken(), timesEach)
    }
  }
  return measured
}

/** Operations on codes meet the same people: what one has sent, the next verifies. */
const personOf = (name: string, round: number): string => `${name === 'one whole login' ? 1 : 2}${round}`

function perOperation(before: Taken, after: Taken, times: number): Taken {
  const each = (from: number, to: number) => Math.round((to - from) / times * 10) / 10
  return {
    trips: after.trips === undefined ? undefined : each(before.trips ?? 0, after.trips),
    rows: after.rows && {
      read: each(before.rows?.read ?? 0, after.rows.read), written: each(before.rows?.written ?? 0, after.rows.written),
    },
  }
}

/** The packages over these stores. Sessions are in memory on all sides. */
async function sideOf(
  name: string,
  stores: SideStores,
  { taken, close }: Pick<Side, 'taken' | 'close'>,
): Promise<Side> {
  const { app, passport } = host()
  const { codes, sender } = outbox()
  const otp = new SmsOtp({ sender, secret: randomBytes(48).toString('base64'), store: stores.challenges })
  passport.use(new SmsOtpStrategy({ otp }) as never)
  const login = multistep(passport, { steps: ['local', 'sms-otp'], store: stores.flows })
  app.use(login.session() as never)
  app.use('/login', login.router() as never)
  const listening = await listen(app)
  const logIn = async (person: string) => {
    const client = new Client(listening.url)
    await twoPosts.first(client, person)
    await twoPosts.then(client, emptied(codes)[twoPosts.addressOf(person)] ?? '')
  }
  return {
    name, ...stores, taken, logIn,
    close: async () => {
      await listening.close()
      await close()
    },
  }
}

async function onRedis({ url, prefix }: { readonly url: string, readonly prefix: string }): Promise<Side> {
  const client = await connected(createClient({ url }))
  const stores = {
    challenges: new RedisChallengeStore({ client, prefix }),
    flows: new RedisFlowStore({ client, prefix: `${prefix}f:` }),
    transactions: new RedisTransactionStore({ client, prefix: `${prefix}t:` }),
  }
  return sideOf('Redis', stores, {
    taken: () => ({ trips: undefined, rows: undefined }), close: () => client.close(),
  })
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

async function onDatabase(
  name: string,
  database: Database,
  trips: () => number | undefined,
  close: Side['close'],
): Promise<Side> {
  await database.migrate()
  const rows = { read: 0, written: 0 }
  const stores = storesOver(counting(database.documents, rows))
  const { challenges, flows, transactions } = stores
  return sideOf(name, { challenges: challenges(), flows: flows(), transactions: transactions() }, {
    taken: () => ({ trips: trips(), rows: { ...rows } }), close,
  })
}

/** The documents themselves. Each is a row: those that are looked at and those that change are counted. */
const counting = (documents: Documents, rows: { read: number, written: number }): Documents => ({
  change: (keys, decide) => documents.change(keys, (records, now) => {
    const decision = decide(records as readonly undefined[], now)
    rows.read += keys.length
    rows.written += decision.records.filter((record, index) => record !== records[index]).length
    return decision
  }),
  read: (keys) => {
    rows.read += keys.length
    return documents.read(keys)
  },
  sweep: (limit) => documents.sweep(limit),
})

async function onSqlite(): Promise<Side> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const database = sqlite({ file: join(folder, 'bench.db'), driver: Libsql })
  return onDatabase('SQLite', database, () => undefined, async () => {
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
  return onDatabase('PostgreSQL', postgres({ pool, table }), () => trips, async () => {
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
  return onDatabase('MariaDB', mysql({ pool: counting, table }), () => trips, async () => {
    await pool.query(`DROP TABLE ${table}`)
    await pool.end()
  })
}
