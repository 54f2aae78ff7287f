// Whole logins with better-auth and its two-factor plugin: with its memory adapter (`memory`), on SQLite (`sqlite`),
// and on SQLite with a Map (`map`) or Redis (`redis`) in front, as its secondary storage. Passwords are compared as
// they are, as on the other sides; rate limits are off.
import { betterAuth, type BetterAuthOptions } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import { twoFactor } from 'better-auth/plugins/two-factor'
import express from 'express'
import { Kysely, SqliteDialect } from 'kysely'
import Database from 'libsql'
import { randomBytes } from 'node:crypto'
import { answer, given } from '../lib/child.js'
import { listen } from '../lib/client.js'
import { redisGiven } from '../lib/connect.js'
import { emptied, userOf } from '../lib/people.js'
import type { Connected } from '../lib/redis-commands.js'

type SecondaryStorage = NonNullable<BetterAuthOptions['secondaryStorage']>

/** Everybody who logs in has signed up before. So few, because the memory adapter looks through all of them. */
const people = 64
const { client, prefix } = await redisGiven()
const codes = new Map<string, string>()

const app = express()
const { url } = await listen(app)

function inMap(): SecondaryStorage {
  const values = new Map<string, { value: string, until: number }>()
  const get = (key: string): string | null => {
    const kept = values.get(key)
    return kept !== undefined && kept.until > Date.now() ? kept.value : null
  }
  const set = (key: string, value: string, seconds?: number): void => {
    values.set(key, { value, until: seconds === undefined ? Number.POSITIVE_INFINITY : Date.now() + seconds * 1000 })
  }
  return {
    get,
    set,
    delete: (key) => {
      values.delete(key)
    },
    getAndDelete: (key) => {
      const value = get(key)
      values.delete(key)
      return value
    },
    increment: (key, seconds) => {
      const count = Number(get(key) ?? 0) + 1
      set(key, String(count), seconds)
      return count
    },
  }
}

const inRedis = (redis: Connected): SecondaryStorage => ({
  get: (key) => redis.get(prefix + key),
  set: async (key, value, seconds) => {
    await redis.set(prefix + key, value, seconds === undefined ? {} : { expiration: { type: 'EX', value: seconds } })
  },
  delete: async (key) => {
    await redis.del(prefix + key)
  },
  getAndDelete: (key) => redis.getDel(prefix + key),
  increment: async (key, seconds) => {
    const count = await redis.incr(prefix + key)
    if (count === 1) await redis.expire(prefix + key, seconds)
    return count
  },
})

function storage(): Pick<BetterAuthOptions, 'database' | 'secondaryStorage'> {
  if (given.variant === 'memory') {
    const tables = ['user', 'session', 'account', 'verification', 'twoFactor', 'rateLimit']
    return { database: memoryAdapter(Object.fromEntries(tables.map((table) => [table, []]))) }
  }
  // libsql has the interface of better-sqlite3, and its binary comes inside its package: nothing is built or fetched at
  // installation.
  const dialect = new SqliteDialect({ database: new Database(':memory:') })
  const database = { db: new Kysely<never>({ dialect }), type: 'sqlite' } as const
  if (given.variant === 'map') return { database, secondaryStorage: inMap() }
  return client ? { database, secondaryStorage: inRedis(client) } : { database }
}

const options = {
  ...storage(),
  baseURL: url,
  secret: randomBytes(32).toString('hex'),
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { disabled: true },
  emailAndPassword: {
    enabled: true,
    password: {
      hash: async (password) => `plain:${password}`,
      verify: async ({ hash, password }) => hash === `plain:${password}`,
    },
  },
  plugins: [
    twoFactor({
      otpOptions: {
        sendOTP: ({ user, otp }) => {
          codes.set(user.email, otp)
        },
      },
    }),
  ],
} satisfies BetterAuthOptions

const auth = betterAuth(options)
if (given.variant !== 'memory') await (await getMigrations(options)).runMigrations()
app.all('/api/auth/*path', toNodeHandler(auth))

const { adapter } = await auth.$context
for (let index = 1; index <= people; index += 1) {
  const { id } = userOf(`user${index}`)
  const body = { email: `${id}@people.example`, name: id, password: 'right right' }
  const { user } = await auth.api.signUpEmail({ body })
  const where = [{ field: 'id', value: user.id }]
  await adapter.update({ model: 'user', where, update: { twoFactorEnabled: true } })
}

answer({ url: () => url, people: () => people, codes: () => emptied(codes) })
