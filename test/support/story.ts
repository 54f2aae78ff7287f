import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { RedisStore } from 'connect-redis'
import express from 'express'
import session from 'express-session'
import { startSimulator } from 'mobileconnect-simulator'
import { anyOf, multistep, passed, RedisFlowStore, when } from 'multistep'
import { Passport } from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { RedisTransactionStore, Strategy as MobileConnectStrategy } from 'passport-mobileconnect'
import { RedisChallengeStore, Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { inboxSender } from 'passport-sms-otp/testing'
import { createClient } from 'redis'
import * as transactions from '../../packages/internal/src/transactions/lua.js'
import { Browser } from '../../packages/passport-mobileconnect/test/support/browser.js'
import * as flows from '../../packages/multistep/src/stores/redis/lua/flows.js'
import * as ledgers from '../../packages/multistep/src/stores/redis/lua/ledgers.js'
import * as logins from '../../packages/multistep/src/stores/redis/lua/logins.js'
import * as names from '../../packages/multistep/src/stores/redis/lua/names.js'
import * as stepUps from '../../packages/multistep/src/stores/redis/lua/step-ups.js'
import * as tombstones from '../../packages/multistep/src/stores/redis/lua/tombstones.js'
import { remember } from '../../packages/passport-sms-otp/src/stores/redis/lua/remember.js'
import { reserve } from '../../packages/passport-sms-otp/src/stores/redis/lua/budgets/reserve.js'
import { send } from '../../packages/passport-sms-otp/src/stores/redis/lua/subject/send.js'
import { verify } from '../../packages/passport-sms-otp/src/stores/redis/lua/subject/verify.js'
import { script } from '#internal/redis-script'
import { readRecord } from '../../packages/passport-sms-otp/test/support/record.js'
import type { RedisServer } from './redis.js'

const ada = { id: 'u1', name: 'ada', password: 'lovelace-1815', phone: '+447400123456' }

/** The app of `docs/step-by-step.md`, on a Redis and a port of its own, with an operator beside it. */
export async function tellStory(server: RedisServer) {
  const client = clientOf(server.url)
  await client.connect()
  const operations = await loaded(client)
  const sim = await startSimulator()
  sim.addSubscriber({ msisdn: ada.phone, operator: 'a' })
  const app = express()
  const http = app.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const { issuer, clientId, clientSecret } = sim.operator('a')
  const inbox = inboxSender()

  const passport = new Passport()
  passport.serializeUser((user, done) => done(null, (user as typeof ada).id))
  passport.deserializeUser((id, done) => done(null, id === ada.id ? ada : false))
  passport.use(new LocalStrategy((name, password, done) => done(null, name === ada.name && password === ada.password ? ada : false)))
  passport.use(new SmsOtpStrategy({
    sender: inbox, secret: 'j6bXq0m2Vd9sKfT4hLr8pWz1YcNe5uGa', countries: ['GB'], appName: 'Acme', origin: 'acme.example',
    store: new RedisChallengeStore({ client, prefix: 'otp:' }),
  }))
  passport.use(new MobileConnectStrategy({
    operator: { issuer, clientId, clientSecret }, callbackURL: `${origin}/login/mobileconnect/callback`, levelOfAssurance: 2,
    loginHint: () => `MSISDN:${ada.phone.slice(1)}`,
    store: new RedisTransactionStore({ client, prefix: 'mc:' }),
  }, async () => ada))
  const login = multistep(passport, {
    steps: [anyOf('local', 'mobileconnect'), when(passed('local'), 'sms-otp')],
    store: new RedisFlowStore({ client, prefix: 'login:' }),
  })

  let authenticated: Promise<boolean> = Promise.resolve(false)
  app.use((req, res, next) => {
    // As the request ends, after whatever it did to the login.
    authenticated = once(res, 'finish').then(() => req.isAuthenticated())
    next()
  })
  app.use(session({ secret: 'of-a-test-and-nothing-else', resave: false, saveUninitialized: false, store: new RedisStore({ client, prefix: 'session:' }) }))
  app.use(express.urlencoded({ extended: false }), express.json())
  app.use(login.session())
  app.use('/login', login.router())
  app.get('/account', login.require(), (_req, res) => void res.json({ page: 'account' }))
  app.get('/transfer', login.require(), (_req, res) => void res.json({ page: 'transfer' }))
  app.post('/transfer', login.require({ factors: 'sms-otp', page: '/transfer', bind: (req) => ({ payee: req.body.payee, amount: Number(req.body.amount) }) }), (_req, res) => void res.json({ page: 'transferred' }))
  app.post('/logout', login.logout())

  const told: Told[] = []
  let browser = new Browser()

  /** One request, and all that it did. */
  const request = async (method: 'GET' | 'POST', path: string, { json = false, fields, site = 'same-origin' }: Sent = {}): Promise<Told> => {
    const body = fields && (json ? JSON.stringify(fields) : String(new URLSearchParams(fields)))
    const headers = {
      accept: json ? 'application/json' : 'text/html',
      ...body === undefined ? {} : { 'content-type': json ? 'application/json' : 'application/x-www-form-urlencoded' },
      ...json ? {} : { 'sec-fetch-site': site },
    }
    let response!: Response
    const lines = await linesDuring(server.url, client, async () => {
      response = await browser.request(new URL(path, origin).href, { method, headers, ...body === undefined ? {} : { body } })
      await authenticated
    })
    const text = await response.text()
    const location = response.headers.get('location')
    const one: Told = {
      method,
      path: path.split('?', 1)[0]!,
      fields: Object.keys(fields ?? {}),
      status: response.status,
      location: location?.replace(origin, '').replace(issuer, 'operator').replace(/(authorize)\?.*/, '$1').replace(/for=[\w-]+/, 'for=…') ?? undefined,
      to: location ?? undefined,
      text,
      body: json ? JSON.parse(text || 'null') : undefined,
      authenticated: await authenticated,
      trips: lines.map((line) => operationIn(line, operations)).filter((trip) => trip !== atStart),
      kept: await everythingIn(client),
    }
    told.push(one)
    return one
  }

  return {
    sim, inbox, origin, told, request,
    phone: ada.phone,
    /** Goes wherever it is sent, until it is back at the app; that address. */
    follow: (url: string) => browser.follow(url, origin),
    /** Another browser, and empty stores. */
    begin: async () => {
      await client.flushAll()
      told.length = 0
      browser = new Browser()
    },
    code: () => /#(\d{6})$/.exec(inbox.messages.at(-1)!.body)![1]!,
    close: async () => {
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
      await sim.close()
      client.destroy()
    },
  }
}

interface Sent { readonly json?: boolean, readonly fields?: Record<string, string>, readonly site?: 'same-origin' | 'cross-site' }

export interface Told {
  readonly method: string
  readonly path: string
  readonly fields: readonly string[]
  readonly status: number
  /** Without what differs each time. */
  readonly location: string | undefined
  readonly to: string | undefined
  readonly text: string
  readonly body: any
  readonly authenticated: boolean
  readonly trips: readonly string[]
  readonly kept: Readonly<Record<string, any>>
}

const clientOf = (url: string) => createClient({ url })

type Client = ReturnType<typeof clientOf>

/** The scripts of all stores, known to the server, so that none is sent during a request; by the names of what they do. */
async function loaded(client: { scriptLoad(text: string): Promise<string> }): Promise<ReadonlyMap<string, string>> {
  const texts = [
    ...[flows, ledgers, names, logins, stepUps, tombstones].flatMap((scripts) => Object.entries<unknown>({ ...scripts })).flatMap(([name, one]): [string, string][] => (typeof one === 'object' ? [[`flow ${name.replace(/(?:(?:By)?Name)?Script$/, '')}`, (one as { lua: string }).lua]] : [])),
    ...Object.entries({ send, verify, reserve, remember }).map(([name, text]): [string, string] => [`challenge ${name}`, script(text).lua]),
    ...Object.entries(transactions).flatMap(([name, one]): [string, string][] => (typeof one === 'object' ? [[`transaction ${name}`, one.lua]] : [])),
  ]
  return new Map(await Promise.all(texts.map(async ([name, text]) => [await client.scriptLoad(text), name] as const)))
}

/** What the server saw of clients during some work; what scripts run inside it is not theirs. */
async function linesDuring(url: string, client: { echo(text: string): Promise<unknown> }, work: () => Promise<unknown>): Promise<string[]> {
  const monitor = createClient({ url })
  await monitor.connect()
  const seen: string[] = []
  await monitor.monitor((line) => { if (!line.includes(' lua] ')) seen.push(line) })
  await work()
  await client.echo('the end')
  while (!seen.some((line) => line.includes('the end'))) await new Promise((resolve) => setImmediate(resolve))
  monitor.destroy()
  return seen.slice(0, -1)
}

/** The service compares its settings with the settings of its last start. It does so once, beside the first requests: no request waits for it. */
const atStart = 'challenge remember'

function operationIn(line: string, operations: ReadonlyMap<string, string>): string {
  const [command = '', first = ''] = [...line.matchAll(/"([^"]*)"/g)].map(([, word]) => word!)
  if (command.toLowerCase() === 'evalsha') return operations.get(first) ?? 'an unknown script'
  return first.startsWith('session:') ? `session ${command.toLowerCase()}` : `${command} ${first}`
}

/** A text as it stands, and a record of the flow store as the JSON of its array. */
const textOf = (client: Client, key: string): Promise<unknown> =>
  /^login:(flows|login):/.test(key) ? client.eval('return cjson.encode(cmsgpack.unpack(redis.call("GET", KEYS[1])))', { keys: [key] }) : client.get(key)

async function everythingIn(client: Client): Promise<Record<string, any>> {
  const found: Record<string, any> = {}
  for await (const keys of client.scanIterator({ COUNT: 1000 })) {
    for (const key of keys) {
      const record = key.endsWith('}:record') ? await readRecord(client, key) : undefined
      if (record) {
        found[key] = record
        continue
      }
      const type = await client.type(key)
      found[key] = type === 'string' ? await textOf(client, key) : type === 'hash' ? { ...await client.hGetAll(key) } : type === 'zset' ? await client.zRange(key, 0, -1) : type
    }
  }
  return found
}
