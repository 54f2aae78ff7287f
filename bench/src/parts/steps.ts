import { randomBytes } from 'node:crypto'
import { RedisStore } from 'connect-redis'
import { anyOf, multistep, MemoryFlowStore, RedisFlowStore } from 'multistep'
import { MemoryRecoveryCodeStore, RecoveryCodeStrategy } from 'multistep/recovery-codes'
import { Strategy as LocalStrategy } from 'passport-local'
import { MemoryChallengeStore, RedisChallengeStore, SmsOtp, Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { createClient } from 'redis'
import { inParallel } from '../lib/measure.js'
import { host, outbox, userOf } from '../lib/people.js'
import { row, title } from '../lib/print.js'
import { Commands, connected, removeAll, type Connected } from '../lib/redis-commands.js'
import { placeAt } from '../lib/redis-server.js'
import { Client, listen, type Listening } from '../lib/client.js'

/** What each step costs while so many other logins are pending. */
const pending = [1, 10, 1000] as const

interface App {
  readonly listening: Listening
  readonly codes: ReadonlyMap<string, string>
  readonly recovery: RecoveryCodeStrategy
  /** The names of store operations since it was asked last, by store. */
  taken(): Record<'flows' | 'challenges' | 'recovery', string[]>
}

/** A policy with everything in it, over stores that count what is asked of them. */
async function appOver(redis: { client: Connected, prefix: string } | undefined): Promise<App> {
  const { app, passport } = host(redis && new RedisStore({ client: redis.client, prefix: `${redis.prefix}session:` }))
  const { codes, sender } = outbox()
  const [flows, challenges, recoveries] = [
    counting(redis
      ? new RedisFlowStore({ client: redis.client, prefix: `${redis.prefix}flow:` })
      : new MemoryFlowStore()),
    counting(redis
      ? new RedisChallengeStore({ client: redis.client, prefix: `${redis.prefix}otp:` })
      : new MemoryChallengeStore()),
    counting(new MemoryRecoveryCodeStore()),
  ]
  const recovery = new RecoveryCodeStrategy({ store: recoveries.store })
  const secret = randomBytes(48).toString('base64')
  passport.use(new SmsOtpStrategy({ otp: new SmsOtp({ sender, secret, store: challenges.store }) }) as never)
  passport.use('fob', new LocalStrategy((name, _password, done) => done(null, userOf(name))))
  passport.use(recovery as never)
  const login = multistep(passport, {
    steps: ['local', anyOf('sms-otp', 'fob', 'recovery-code')],
    store: flows.store,
    factors: {
      fob: { kind: 'possession', channel: 'fob', sees: 'pending', fields: ['username', 'password'] },
      'recovery-code': { enrolled: async (user) => (await recovery.remaining(user)) > 0 },
    },
    remember: { skips: ['fob'], fingerprint: (user) => (user as { phone: string }).phone },
  })
  app.use(login.session() as never)
  app.use('/login', login.router() as never)
  app.post('/logout', login.logout() as never)
  app.get('/account', login.require() as never, (_req, res) => void res.json({}))
  app.get('/admin', login.require({ factors: 'fob', maxAge: '5m' }) as never, (_req, res) => void res.json({}))
  const bind = (req: { body?: unknown }) => ({ amount: (req.body as { amount: number }).amount })
  app.post('/transfer', login.require({ factors: 'fob', bind }) as never, (_req, res) => void res.json({}))
  return {
    listening: await listen(app), codes, recovery,
    taken: () => ({ flows: flows.taken(), challenges: challenges.taken(), recovery: recoveries.taken() }),
  }
}

/** The store itself, and the names of the operations that it was asked for. */
function counting<Store extends object>(store: Store): { store: Store, taken: () => string[] } {
  const names: string[] = []
  const counted = new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...args: unknown[]): unknown => {
        names.push(String(name))
        return value.apply(target, args)
      }
    },
  })
  return { store: counted, taken: () => names.splice(0) }
}

interface Step {
  readonly name: string
  readonly status: number
  readonly run: () => Promise<{ status: number, body: any }>
}

/** One person's way through all of it, request by request. */
async function* walk({ listening, codes, recovery }: App, name: string): AsyncGenerator<Step> {
  const client = new Client(listening.url)
  let requirement = ''
  const right = { username: name, password: 'right' }
  const password = (step: string): Step =>
    ({ name: step, status: 200, run: () => client.send('POST', '/login/local', right) })
  const fob = (step: string, more: object = {}): Step =>
    ({ name: step, status: 200, run: () => client.send('POST', '/login/fob', { ...right, ...more }) })
  const get = (step: string, path: string, status = 200): Step =>
    ({ name: step, status, run: async () => asked(await client.send('GET', path)) })
  const post = (step: string, path: string, body: object, status = 200): Step =>
    ({ name: step, status, run: async () => asked(await client.send('POST', path, body)) })
  const asked = <Answer extends { body: any }>(answer: Answer): Answer => {
    requirement = answer.body?.requirement?.id ?? requirement
    return answer
  }

  yield password('login: the password')
  yield post('login: a code is asked for', '/login/sms-otp/challenge', {})
  const code = codes.get(userOf(name).phone) ?? ''
  yield post('login: a wrong code', '/login/sms-otp', { code: code === '000000' ? '000001' : '000000' }, 401)
  yield post('login: the right code', '/login/sms-otp', { code })
  yield get('a guarded route', '/account')
  yield get('step-up: refused by the guard', '/admin', 403)
  yield fob('step-up: the factor', { for: requirement })
  yield get('step-up: past the guard', '/admin')
  yield post('bound grant: refused by the guard', '/transfer', { amount: 5 }, 403)
  yield fob('bound grant: the factor', { for: requirement })
  yield post('bound grant: past the guard', '/transfer', { amount: 5 })
  yield post('logout', '/logout', {})
  yield password('remembered device: the password, before')
  yield fob('remembered device: the factor, to be remembered', { remember: true })
  yield post('remembered device: logout', '/logout', {})
  yield password('remembered device: the password alone')
  yield post('remembered device: logout', '/logout', {})
  const [recoveryCode = ''] = await recovery.generate(userOf(name))
  const other = new Client(listening.url)
  const others = (step: string, path: string, body: object): Step =>
    ({ name: step, status: 200, run: () => other.send('POST', path, body) })
  yield others('recovery code: the password', '/login/local', right)
  yield others('recovery code: the code', '/login/recovery-code', { code: recoveryCode })
}

/** What one step took. */
type Cost = ReturnType<App['taken']> & { readonly name: string, readonly commands: readonly string[] }

async function costs(app: App, name: string, commands: Commands | undefined): Promise<Cost[]> {
  const found: Cost[] = []
  for await (const step of walk(app, name)) {
    app.taken()
    const run = async () => {
      const { status, body } = await step.run()
      if (status !== step.status) throw new Error(`${step.name}: ${status} ${JSON.stringify(body)}`)
    }
    const seen = commands ? await commands.during(run) : await run().then(() => [])
    found.push({ name: step.name, ...app.taken(), commands: seen })
  }
  return found
}

/** The same figure whatever the number of pending logins, or all of them. */
const constant = (counts: readonly number[]): string =>
  (counts.every((count) => count === counts[0]) ? String(counts[0]) : counts.join('/'))

export async function benchSteps(redisUrl: string | undefined): Promise<void> {
  const columns = ['flows', 'codes', 'recovery', ...redisUrl ? ['Redis'] : []]
  title(`Calls of a step, with ${pending.join(', ')} logins pending`, ...columns)
  const redis = redisUrl === undefined
    ? undefined
    : { client: await connected(createClient({ url: redisUrl })), prefix: placeAt(redisUrl).prefix }
  const app = await appOver(redis)
  const commands = redis && await Commands.of(redis.client)
  // The first walk loads Redis' scripts.
  await costs(app, 'user1', undefined)
  let people = 1
  const walks: Cost[][] = []
  for (const count of pending) {
    const missing = count - (people - 1 - walks.length)
    await inParallel(missing, 16, async () => {
      people += 1
      await new Client(app.listening.url).post('/login/local', { username: `user${people}`, password: 'right' })
    })
    people += 1
    walks.push(await costs(app, `user${people}`, commands))
  }
  walks[0]?.forEach(({ name, flows }, place) => {
    const of = (kind: 'flows' | 'challenges' | 'recovery' | 'commands') =>
      constant(walks.map((walk) => walk[place]?.[kind].length ?? Number.NaN))
    row(name, of('flows'), of('challenges'), of('recovery'), ...(redis ? [of('commands')] : []), `  ${flows.join(' ')}`)
  })
  const same = walks.every((walk) => JSON.stringify(walk) === JSON.stringify(walks[0]))
  row(same ? 'Every step: the same calls each time.' : 'NOT constant: where figures differ, they stand side by side.')
  if (!same) process.exitCode = 1
  commands?.close()
  await app.listening.close()
  if (redis) {
    await removeAll(redis.client, redis.prefix)
    await redis.client.close()
  }
}
