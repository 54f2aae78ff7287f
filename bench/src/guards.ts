import { randomBytes } from 'node:crypto'
import { RedisStore } from 'connect-redis'
import type { Express, RequestHandler } from 'express'
import { multistep, MemoryFlowStore, RedisFlowStore } from 'multistep'
import { Strategy as LocalStrategy } from 'passport-local'
import { createClient } from 'redis'
import { hammering } from './hammer.js'
import { compare } from './measure.js'
import { host, userOf } from './people.js'
import { ratios, row, title } from './print.js'
import { Commands, connected, removeAll, type Connected } from './redis-commands.js'
import { Client, listen, type Listening } from './server.js'

interface Redis { readonly client: Connected, readonly prefix: string }

/** An app that somebody is logged in to, and its routes, which answer alike. */
interface Guarded { readonly listening: Listening, readonly client: Client }

const answer: RequestHandler = (_req, res) => void res.json({ ok: true })
const isAuthenticated: RequestHandler = (req, res, next) => (req.isAuthenticated() ? next() : void res.sendStatus(401))
const sessions = (redis?: Redis) => redis && new RedisStore({ client: redis.client, prefix: `${redis.prefix}session:` })

/** One person who has proven two factors, and guards that let them pass. */
async function ours(redis?: Redis): Promise<Guarded> {
  const { app, passport } = host(sessions(redis))
  passport.use('fob', new LocalStrategy((name, _password, done) => done(null, userOf(name))))
  const fob = { kind: 'possession', sees: 'pending', fields: ['username', 'password'] } as const
  const recovery = { kind: 'possession', enrolled: () => false } as const
  passport.use('recovery-code', new LocalStrategy((_name, _password, done) => done(null, false)))
  const store = redis ? new RedisFlowStore({ client: redis.client, prefix: `${redis.prefix}flow:` }) : new MemoryFlowStore()
  const login = multistep(passport, { steps: ['local', { type: 'anyOf', factors: ['fob', 'recovery-code'] }], factors: { fob, 'recovery-code': recovery }, store })
  app.use(login.session() as never)
  app.use('/login', login.router() as never)
  app.get('/plain', login.require() as never, answer)
  app.get('/mfa', login.require({ mfa: true, maxAge: '15m' }) as never, answer)
  app.get('/factors', login.require({ factors: 'fob' }) as never, answer)
  return serving(app, ['local', 'fob'])
}

/** The same without multistep. */
async function passportAlone(redis?: Redis): Promise<Guarded> {
  const { app, passport } = host(sessions(redis))
  app.use(passport.session())
  app.post('/login/local', passport.authenticate('local'), answer)
  return serving(app, ['local'])
}

async function serving(app: Express, factors: readonly string[]): Promise<Guarded> {
  app.get('/checked', isAuthenticated, answer)
  app.get('/open', answer)
  const listening = await listen(app)
  const client = new Client(listening.url)
  for (const factor of factors) await client.post(`/login/${factor}`, { username: 'user1', password: 'right' })
  return { listening, client }
}

type Row = readonly [on: Guarded, name: string, path: string]

/** Many short rounds: what differs by a hundredth is lost in one long one. */
async function compareRoutes(...rows: readonly Row[]): Promise<void> {
  const sides = rows.map(([{ listening, client }, name, path]) => hammering(name, listening.url + path, client.cookie()))
  await compare(sides, 51)
  sides.forEach((side) => side.close())
}

async function inMemory(): Promise<void> {
  title('A guarded route, in memory', ...ratios)
  const [mine, theirs] = [await ours(), await passportAlone()]
  await compareRoutes(
    [mine, 'require()', '/plain'],
    [mine, 'require({ mfa: true, maxAge: \'15m\' })', '/mfa'],
    [mine, 'require({ factors: \'fob\' })', '/factors'],
    [mine, 'no guard', '/open'],
    [mine, 'isAuthenticated()', '/checked'],
  )
  await compareRoutes(
    [mine, 'login.session(), require()', '/plain'],
    [theirs, 'passport.session(), isAuthenticated()', '/checked'],
  )
  await mine.listening.close()
  await theirs.listening.close()
}

async function inRedis(url: string): Promise<void> {
  const redis = { client: await connected(createClient({ url })), prefix: `bench:${randomBytes(6).toString('hex')}:` }
  const [mine, theirs] = [await ours(redis), await passportAlone(redis)]
  title('A guarded route, with Redis', ...ratios)
  await compareRoutes(
    [mine, 'login.session(), require()', '/plain'],
    [theirs, 'passport.session(), isAuthenticated()', '/checked'],
  )
  title('Commands that one request sends to Redis', 'commands')
  const commands = await Commands.of(redis.client)
  for (const [guarded, name, path] of [[theirs, 'passport.session(), isAuthenticated()', '/checked'], [mine, 'login.session(), require()', '/plain'], [mine, 'login.session(), require({ mfa: true, maxAge: \'15m\' })', '/mfa']] as const) {
    const seen = await commands.during(() => guarded.client.send('GET', path))
    row(name, seen.length, `  ${seen.join(' ')}`)
  }
  commands.close()
  await mine.listening.close()
  await theirs.listening.close()
  await removeAll(redis.client, redis.prefix)
  await redis.client.close()
}

export async function benchGuards(redisUrl: string | undefined): Promise<void> {
  await inMemory()
  if (redisUrl === undefined) console.log('\nA guarded route, with Redis: skipped (no REDIS_URL and no redis-server)')
  else await inRedis(redisUrl)
}
