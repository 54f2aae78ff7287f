import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { Passport } from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { multistep, type FactorOptions, type MultistepEvents, type MultistepOptions } from '../../src/index.js'
import { browser, buildApp, people, pin, Scripted, type Person, type Setup } from '../support/app.js'
import { listening, posted } from '../support/network.js'

const device: FactorOptions = { sees: 'pending', kind: 'possession', channel: 'device', amr: 'otp', fields: ['code'] }
type Done = (error: unknown, user?: unknown) => void
const nobody = { authenticated: false, user: null, amr: [] }
type Run = ConstructorParameters<typeof Scripted>[1]

/** What a process is told of promises that nobody looked after, while `work` runs. */
async function unhandled(work: () => Promise<unknown>): Promise<unknown[]> {
  const reasons: unknown[] = []
  const listen = (reason: unknown) => void reasons.push(reason)
  process.on('unhandledRejection', listen)
  await work()
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', listen)
  return reasons
}

/** A person who has passed the password, in front of a second factor that does what the test says. */
async function before(run: Run, { options = {}, factor = device, ...setup }: { options?: Partial<MultistepOptions<'local' | 'odd'>>, factor?: FactorOptions } & Partial<Omit<Setup<'local' | 'odd'>, 'options'>> = {}) {
  const strategy = new Scripted('odd', run)
  const built = buildApp<'local' | 'odd'>({ ...setup, strategies: [strategy], options: { steps: ['local', 'odd'], factors: { odd: factor }, ...options } })
  const failures: MultistepEvents['step.failed'][] = []
  built.login.on('step.failed', (event) => failures.push(event))
  const browsing = browser(built.app)
  await browsing.password('ada')
  return { ...built, browsing, strategy, failures }
}

const outcomes: [string, Run, number, string | undefined][] = [
  ['success with the person', function (req) { this.success(req.user) }, 200, undefined],
  ['success with undefined (F-20)', function () { this.success(undefined) }, 401, 'factor_failed'],
  ['success with false (F-20)', function () { this.success(false) }, 401, 'factor_failed'],
  ['success with null (F-20)', function () { this.success(null) }, 401, 'factor_failed'],
  ['success with 0 (F-20)', function () { this.success(0) }, 401, 'factor_failed'],
  ['success with an empty string (F-20)', function () { this.success('') }, 401, 'factor_failed'],
  ['pass (F-20)', function () { this.pass() }, 401, 'factor_failed'],
  ['fail', function () { this.fail(undefined as never) }, 401, 'factor_failed'],
  ['fail with a sentence', function () { this.fail('Basic realm="x"' as never) }, 401, 'factor_failed'],
  ['fail with a status', function () { this.fail(403) }, 403, 'factor_failed'],
  ['fail with a code and a status', function () { this.fail({ code: 'too_old', message: 'Too old.' } as never, 409) }, 409, 'too_old'],
  ['fail with a status that is no refusal', function () { this.fail({ message: 'x' } as never, 200) }, 401, 'factor_failed'],
  ['error', function () { this.error(new Error('broken')) }, 503, 'factor_unavailable'],
  ['error with nothing', function () { this.error(undefined as never) }, 503, 'factor_unavailable'],
  ['error that is no Error', function () { this.error('broken' as never) }, 503, 'factor_unavailable'],
  ['error with a code and a status of its own', function () { this.error(Object.assign(new Error('full'), { code: 'too_full', status: 507 })) }, 507, 'too_full'],
  ['error for an HTTP answer, as of http-errors (N-01)', function () { this.error(Object.assign(new Error('No.'), { status: 401, expose: true })) }, 401, 'factor_failed'],
  ['a throw of one (N-01)', () => { throw Object.assign(new Error('No.'), { status: 401, expose: true }) }, 401, 'factor_failed'],
  ['a rejection with one, as of NestJS (N-01)', async () => { throw Object.assign(new Error('Forbidden'), { status: 403, getStatus: () => 403 }) }, 403, 'factor_failed'],
  ['error for an HTTP answer with a code (N-01)', function () { this.error(Object.assign(new Error('Too old.'), { status: 410, expose: true, code: 'too_old' })) }, 410, 'too_old'],
  ['error for an HTTP answer that is ours (N-01)', function () { this.error(Object.assign(new Error('full'), { status: 503, getStatus: () => 503 })) }, 503, 'factor_unavailable'],
  ['error of an HTTP client that another server refused (N-01)', function () { this.error(Object.assign(new Error('Request failed'), { status: 401, response: {} })) }, 503, 'factor_unavailable'],
  ['error that keeps its words for itself (N-01)', function () { this.error(Object.assign(new Error('secret'), { status: 401, expose: false })) }, 503, 'factor_unavailable'],
  ['a throw (P-15)', () => { throw new Error('broken') }, 503, 'factor_unavailable'],
  ['a throw of undefined (P-15)', () => { throw undefined as unknown as Error }, 503, 'factor_unavailable'],
  ['a rejection (P-15)', async () => { throw new Error('broken') }, 503, 'factor_unavailable'],
  ['a rejection after a while (P-15)', async () => { await new Promise(setImmediate); throw new Error('broken') }, 503, 'factor_unavailable'],
]

describe('what a strategy answers', () => {
  it.each(outcomes)('a strategy that answers with %s: the client is told its outcome', async (_, run, status, code) => {
    const { browsing } = await before(run)
    const rejections = await unhandled(async () => {
      const answer = await browsing.post('/login/odd')
      expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code })
    })
    expect(rejections).toEqual([])
    expect(await browsing.who()).toEqual(status === 200 ? expect.objectContaining({ user: 'u1' }) : nobody)
  })

  it.each(outcomes.filter(([, , status]) => status !== 200))('a strategy that answers with %s leaves the pending login where it was', async (_, run) => {
    let broken = true
    const { browsing } = await before(function (this: any, req, options) { return broken ? run.call(this, req, options) : this.success(req.user) })
    await browsing.post('/login/odd')
    expect((await browsing.get('/login')).body).toMatchObject({ status: 'pending', step: 2 })
    broken = false
    expect((await browsing.post('/login/odd')).body).toMatchObject({ status: 'complete' })
  })

  it.each(outcomes.filter(([, , status]) => status >= 500))('a strategy that answers with %s reaches the app\'s error handler once for HTML, hand-mounted', async (_, run, status, code) => {
    const handled: any[] = []
    const { browsing } = await before(run, { routes: (app, login) => {
      app.post('/odd', login.authenticate('odd'))
      app.use((error: unknown, _req: unknown, _res: unknown, next: (error: unknown) => void) => {
        handled.push(error)
        next(error)
      })
    } })
    expect((await browsing.form('/odd')).status).toBe(status)
    expect(handled).toEqual([expect.objectContaining({ status, code })])
  })

  it('a strategy that redirects answers a program with the address, and a browser with 303', async () => {
    const { browsing } = await before(function () { this.redirect('https://operator.example/') }, { routes: (app, login) => { app.post('/odd', login.authenticate('odd')) } })
    expect((await browsing.post('/login/odd')).body).toEqual({ status: 'redirect', url: 'https://operator.example/' })
    expect(await browsing.form('/odd')).toMatchObject({ status: 303, headers: { location: 'https://operator.example/' } })
    expect(await browsing.who()).toEqual(nobody)
  })

  it('what went wrong inside a strategy stays inside: neither message nor cause is told', async () => {
    const { browsing, failures } = await before(function () { this.error(new Error('password=hunter2 at db.internal')) })
    const answer = await browsing.post('/login/odd')
    expect(answer.text).not.toMatch(/hunter2|db\.internal/)
    expect(failures).toMatchObject([{ factor: 'odd', code: 'factor_unavailable', status: 503, error: { cause: { message: 'password=hunter2 at db.internal' } } }])
  })
})

describe('a strategy that answers more than once (P-16)', () => {
  it.each<[string, Run, number]>([
    ['success twice', function (req) { this.success(req.user); this.success(req.user) }, 200],
    ['fail after success', function (req) { this.success(req.user); this.fail(undefined as never) }, 200],
    ['error after success', function (req) { this.success(req.user); this.error(new Error('late')) }, 200],
    ['a throw after success', function (req) { this.success(req.user); throw new Error('late') }, 200],
    ['a rejection after success', async function (req) { this.success(req.user); throw new Error('late') }, 200],
    ['success after fail', function (req) { this.fail(undefined as never); this.success(req.user) }, 401],
    ['success after fail, later', function (req) { this.fail(undefined as never); setImmediate(() => this.success(req.user)) }, 401],
    ['success after error', function (req) { this.error(new Error('broken')); this.success(req.user) }, 503],
    ['success after pass', function (req) { this.pass(); this.success(req.user) }, 401],
    ['success after redirect', function (req) { this.redirect('/elsewhere'); this.success(req.user) }, 200],
  ])('a strategy that answers twice is heard once: %s', async (title, run, status) => {
    const { browsing, login } = await before(run)
    let passed = 0
    login.on('step.passed', () => { passed += 1 })
    expect(await unhandled(async () => expect((await browsing.post('/login/odd')).status).toBe(status))).toEqual([])
    const counts = status === 200 && !title.endsWith('redirect')
    expect(passed).toBe(counts ? 1 : 0)
    expect(await browsing.who()).toEqual(counts ? expect.objectContaining({ user: 'u1' }) : nobody)
  })
})

describe('a strategy that never answers (F-20)', () => {
  it('a strategy that never answers counts as broken after stepTimeout, and what it says later is not heard', async () => {
    let say: () => void = () => {}
    const { browsing, strategy } = await before(function (req) { say = () => this.success(req.user) }, { options: { stepTimeout: '20ms' } })
    expect((await browsing.post('/login/odd')).body).toMatchObject({ status: 503, code: 'factor_unavailable' })
    say()
    await new Promise(setImmediate)
    expect(await browsing.who()).toEqual(nobody)
    expect(strategy.runs).toBe(1)
    expect((await browsing.get('/login')).body).toMatchObject({ status: 'pending', step: 2 })
  })
})

describe('a strategy that answers by itself (F-30)', () => {
  const watched = async (run: Run, more: object = {}) => {
    const users: unknown[] = []
    const setup = await before(run, { ...more, before: (app) => app.use((req, res, next) => {
      res.on('finish', () => users.push(req.user))
      next()
    }) })
    users.length = 0
    return { ...setup, users }
  }

  it.each<[string, Run]>([
    ['and says nothing', function (req) { req.res.status(202).json({ own: true }) }],
    ['and then says success', function (req) { req.res.status(202).json({ own: true }); this.success(req.user) }],
    ['and says success later', function (req) { req.res.status(202).json({ own: true }); setImmediate(() => this.success(req.user)) }],
    ['and then fails', function (req) { req.res.status(202).json({ own: true }); this.fail(undefined as never) }],
    ['and then throws', function (req) { req.res.status(202).json({ own: true }); throw new Error('late') }],
    ['slowly, and says success before the end', function (req) {
      req.res.status(202).type('json').write('{')
      this.success(req.user)
      setImmediate(() => req.res.end('"own":true}'))
    }],
  ])('a strategy that answers by itself, %s: its answer stands, no user is on the request, and nothing has passed', async (_, run) => {
    const { browsing, users, failures } = await watched(run, { options: { lockout: { after: 1 } } })
    for (let time = 0; time < 3; time += 1) {
      const answer = await browsing.post('/login/odd')
      expect({ status: answer.status, body: answer.body }).toEqual({ status: 202, body: { own: true } })
    }
    expect(users).toEqual([undefined, undefined, undefined])
    expect(failures).toEqual([])
    expect(await browsing.who()).toEqual(nobody)
    expect((await browsing.get('/login')).body).toMatchObject({ status: 'pending', step: 2, completed: [{ factor: 'local' }] })
  })

  it('a callback after a redirect of the strategy is not heard, and nothing is counted', async () => {
    let say: () => void = () => {}
    const { browsing, users } = await watched(function (req) {
      this.redirect('https://operator.example/')
      say = () => this.success(req.user)
    }, { options: { lockout: { after: 1 } } })
    for (let time = 0; time < 3; time += 1) {
      expect((await browsing.post('/login/odd')).body).toMatchObject({ status: 'redirect' })
      say()
      await new Promise(setImmediate)
    }
    expect(users).toEqual([undefined, undefined, undefined])
    expect(await browsing.who()).toEqual(nobody)
  })
})

describe('req.login inside a verify callback of passport-local (F-29)', () => {
  type Verify = (req: any, user: Person, done: Done) => unknown
  const loggingIn = (verify: Verify) => {
    const users = people()
    const built = buildApp({ users, strategies: [new LocalStrategy({ passReqToCallback: true }, ((req: any, name: string, _password: string, done: never) => verify(req, users[name]!, done)) as never), pin()], options: { steps: ['local', 'pin'], factors: { pin: device } } })
    return { ...built, browsing: browser(built.app) }
  }

  const verifies: [string, Verify][] = [
    ['with a callback', (req, user, done) => req.login(user, (error: unknown) => done(error, user))],
    ['with a callback that ignores its error', (req, user, done) => req.login(user, () => done(null, user))],
    ['with options and a callback', (req, user, done) => req.logIn(user, { session: false }, (error: unknown) => done(error, user))],
    ['without a callback', (req, user, done) => { req.login(user); done(null, user) }],
    ['without a callback or a session', (req, user, done) => { req.logIn(user, { session: false }); done(null, user) }],
    ['and then fails', (req, user, done) => req.login(user, () => done(null, false))],
    ['and then breaks', (req, user) => req.login(user, () => { throw new Error('late') })],
    ['in an async function', async (req, user, done) => {
      await promisify(req.login)(user)
      done(null, user)
    }],
    ['by logging out', (req, user, done) => req.logout(() => done(null, user))],
  ]

  it.each(verifies)('req.login inside a verify callback, %s: 500 login_inside_step, and no user is logged in', async (_, verify) => {
    const { browsing } = loggingIn(verify)
    const rejections = await unhandled(async () => {
      expect((await browsing.post('/login/local', { username: 'ada', password: 'x' })).body).toMatchObject({ status: 500, code: 'login_inside_step', detail: expect.stringContaining('done(null, user)') })
    })
    expect(rejections).toEqual([])
    expect(await browsing.who()).toEqual(nobody)
    expect((await browsing.get('/login')).body).toMatchObject({ status: 'anonymous', completed: [] })
  })
})

describe('an async verify callback of passport-local (P-15)', () => {
  it.each<[string, (user: Person, done: Done) => unknown]>([
    ['that rejects', async () => { throw new Error('no database') }],
    ['that rejects after a while', async () => { await new Promise(setImmediate); throw new Error('no database') }],
  ])('a verify callback %s: the post is answered at once with 503, and no rejection is left unhandled', async (_, verify) => {
    const users = people()
    const strategy = new LocalStrategy(((name: string, _password: string, done: never) => verify(users[name]!, done)) as never)
    const browsing = browser(buildApp({ users, strategies: [strategy], options: { steps: ['local'] } }).app)
    const rejections = await unhandled(async () => {
      expect((await browsing.password()).body).toMatchObject({ status: 503, code: 'factor_unavailable' })
    })
    expect(rejections).toEqual([])
    expect(await browsing.who()).toEqual(nobody)
  })

  it('an async verify callback that calls done takes its step', async () => {
    const users = people()
    const strategy = new LocalStrategy((async (name: string, password: string, done: Done) => {
      await new Promise(setImmediate)
      done(null, users[name]?.password === password && users[name])
    }) as never)
    const { app } = buildApp({ users, strategies: [strategy], options: { steps: ['local'] } })
    expect((await browser(app).password('ada')).body).toMatchObject({ status: 'complete' })
    expect((await browser(app).password('ada', 'wrong')).status).toBe(401)
  })
})

describe('the request as a strategy sees it', () => {
  const seeing = async (look: (req: any) => unknown, more: Parameters<typeof before>[1] = {}) => {
    let seen: unknown
    const { app, browsing, ...rest } = await before(function (req) {
      void (async () => { seen = await look(req) })().then(() => this.fail(undefined as never), (error: unknown) => this.error(error as Error))
    }, more)
    return { app, browsing, ...rest, seen: () => seen }
  }

  it('a strategy of a factor with sees: \'pending\' finds the pending user as req.user, and isAuthenticated() is true', async () => {
    const { browsing, seen } = await seeing((req) => [req.user.id, req.isAuthenticated(), req.isUnauthenticated(), 'user' in req])
    await browsing.post('/login/odd')
    expect(seen()).toEqual(['u1', true, false, true])
  })

  it('a strategy of any other factor finds no req.user', async () => {
    const { browsing, seen } = await seeing((req) => [req.user, req.isAuthenticated(), req.isUnauthenticated(), 'user' in req], { factor: { kind: 'possession' } })
    await browsing.post('/login/odd')
    expect(seen()).toEqual([undefined, false, true, false])
  })

  it('a strategy finds the pending user under the name that Passport was told', async () => {
    const { browsing, seen } = await seeing((req) => [req.account?.id, req.user], {
      before: (app) => app.use((req, _res, next) => {
        ;(req as any)._userProperty = 'account'
        next()
      }),
    })
    await browsing.post('/login/odd')
    expect(seen()).toEqual(['u1', undefined])
  })

  it.each<[string, (req: any) => void]>([
    ['assigned', (req) => { req.user = { id: 'u2' } }],
    ['defined', (req) => Object.defineProperty(req, 'user', { value: { id: 'u2' }, writable: true, configurable: true, enumerable: true })],
    ['assigned with others', (req) => Object.assign(req, { user: { id: 'u2' } })],
    ['set by Reflect', (req) => Reflect.set(req, 'user', { id: 'u2' })],
    ['deleted', (req) => { delete req.user }],
  ])('a strategy keeps to itself a user that it has %s', async (how, put) => {
    let real: any
    const { browsing, seen } = await seeing((req) => {
      put(req)
      return req.user?.id
    }, { before: (app) => app.use((req, _res, next) => {
      real = req
      next()
    }) })
    await browsing.post('/login/odd')
    expect(seen()).toBe(how === 'deleted' ? undefined : 'u2')
    expect(real.user).toBeUndefined()
    expect(real.isAuthenticated()).toBe(false)
  })

  it('a strategy\'s reads and writes reach the real request', async () => {
    let real: any
    const { browsing, seen } = await seeing((req) => {
      req.note = 'written by the strategy'
      req.body.added = true
      delete req.scratch
      return { header: req.get('x-test'), same: req.headers === real.headers, body: req.body, param: req.method, url: req.originalUrl, ip: req.ip === real.ip, kind: req.constructor === real.constructor, known: 'note' in req, session: req.session === real.session }
    }, { before: (app) => app.use((req, _res, next) => {
      real = Object.assign(req, { scratch: 1 })
      next()
    }) })
    await browsing.agent.post('/login/odd').set('x-test', 'yes').send({ code: 'x' })
    expect(seen()).toEqual({ header: 'yes', same: true, body: { code: 'x', added: true }, param: 'POST', url: '/login/odd', ip: true, kind: true, known: true, session: true })
    expect(real).toMatchObject({ note: 'written by the strategy', body: { added: true } })
    expect('scratch' in real).toBe(false)
  })

  it('a strategy finds what it wrote where the request cannot be written, such as the query of Express 5', async () => {
    let real: any
    const { browsing, seen } = await seeing((req) => {
      // As passport-apple does, whose answers are posted.
      req.query = { ...req.query, ...req.body }
      return { ...req.query }
    }, { factor: { redirects: true, state: 'own' }, before: (app) => app.use((req, _res, next) => {
      real = req
      next()
    }) })
    await browsing.post('/login/odd/callback?a=1', { code: 'x' })
    expect(seen()).toEqual({ a: '1', code: 'x' })
    expect({ ...real.query }).toEqual({ a: '1' })
  })

  it('a strategy finds an empty query, unless its answers arrive there', async () => {
    const { browsing, seen } = await seeing((req) => ({ ...req.query }))
    await browsing.post('/login/odd?code=246810')
    expect(seen()).toEqual({})
    const redirecting = await seeing((req) => ({ ...req.query }), { factor: { ...device, redirects: true, state: 'own' } })
    await redirecting.browsing.get('/login/odd/callback?code=246810')
    expect(redirecting.seen()).toEqual({ code: '246810' })
  })

  it.each<[string, (req: any) => Promise<string>]>([
    ['events', (req) => new Promise((resolve, reject) => {
      let text = ''
      req.on('data', (chunk: Buffer) => { text += chunk.toString() })
      req.once('end', () => resolve(text))
      req.once('error', reject)
    })],
    ['for await', async (req) => {
      const chunks: Buffer[] = []
      for await (const chunk of req) chunks.push(chunk)
      return Buffer.concat(chunks).toString()
    }],
    ['pipe', (req) => new Promise((resolve) => {
      const chunks: Buffer[] = []
      const sink = new Writable({ write(chunk: Buffer, _, done) { chunks.push(chunk); done() } })
      sink.on('finish', () => resolve(Buffer.concat(chunks).toString()))
      req.pipe(sink)
    })],
    ['pipeline', async (req) => {
      const chunks: Buffer[] = []
      await pipeline(req, new Writable({ write(chunk: Buffer, _, done) { chunks.push(chunk); done() } }))
      return Buffer.concat(chunks).toString()
    }],
  ])('a strategy reads the body as a stream: %s', async (_, read) => {
    const { browsing, seen } = await seeing(read, { before: (app) => app.use((req, _res, next) => {
      if (req.headers['content-type']?.startsWith('multipart/')) req.body = {}
      next()
    }) })
    await browsing.agent.post('/login/odd').set('Sec-Fetch-Site', 'same-origin').set('Content-Type', 'multipart/form-data; boundary=x').send('--x the body x--')
    expect(seen()).toBe('--x the body x--')
  })

  it('two requests at the same time share neither a strategy nor a user', async () => {
    const waiting: (() => void)[] = []
    const strategy = new Scripted('odd', function (this: any, req) {
      this.mine = req.body.mine
      waiting.push(() => (this.mine === req.body.mine && req.user.name === req.body.mine ? this.success(req.user) : this.error(new Error('mixed'))))
      if (waiting.length === 2) for (const go of waiting.reverse()) go()
    })
    const { app } = buildApp({ strategies: [strategy], options: { steps: ['local', 'odd'], factors: { odd: device } } })
    const server = await listening(app)
    const people_ = ['ada', 'grace'] as const
    const answers = await Promise.all(people_.map(async (name) => {
      const first = await posted(`${server.url}/login/local`, { username: name, password: people()[name]!.password })
      return posted(`${server.url}/login/odd`, { mine: name }, first.cookie)
    }))
    expect(answers.map(({ body }) => body.status)).toEqual(['complete', 'complete'])
    expect(Object.keys(strategy)).not.toContain('mine')
    await server.close()
  })
})

describe('what a strategy and multistep say to each other', () => {
  it('a strategy is given the options of the factor and of the route, and a challenge of null', async () => {
    let given: unknown
    const { browsing } = await before(function (_req, options) {
      given = options
      this.fail(undefined as never)
    }, { factor: { ...device, options: { scope: ['openid'], prompt: 'none' } }, routes: (app, login) => {
      app.post('/odd', login.authenticate('odd', { prompt: 'login', failureRedirect: '/x', successRedirect: '/y' }))
    } })
    await browsing.post('/odd')
    expect(given).toEqual({ scope: ['openid'], prompt: 'login', challenge: null })
  })

  it('a strategy is given options of its own, which it cannot spoil for the next request', async () => {
    const seen: unknown[] = []
    const { browsing } = await before(function (_req, options) {
      seen.push(options.spoiled)
      options.spoiled = true
      this.fail(undefined as never)
    })
    await browsing.post('/login/odd')
    await browsing.post('/login/odd')
    expect(seen).toEqual([undefined, undefined])
  })

  it('a strategy\'s info.authTime becomes the time of the evidence, if it is earlier than now', async () => {
    const now = Date.UTC(2026, 0, 1)
    for (const [authTime, at] of [[new Date(now - 60_000), now - 60_000], [new Date(now + 60_000), now], ['yesterday', now], [new Date(NaN), now]] as const) {
      const { browsing } = await before(function (req) { this.success(req.user, { authTime }) }, { options: { now: () => now }, routes: (app, login) => {
        app.get('/evidence', (req, res) => { res.json(login.evidence(req)) })
      } })
      await browsing.post('/login/odd').expect(200)
      expect((await browsing.get('/evidence')).body).toMatchObject([{ factor: 'local' }, { factor: 'odd', at: new Date(at).toISOString(), via: 'fresh', kind: 'possession', channel: 'device' }])
    }
  })

  it.each([[['hwk', 'pin'], ['pwd', 'hwk', 'pin', 'mfa']], ['hwk', ['pwd', 'otp', 'mfa']], [[1], ['pwd', 'otp', 'mfa']], [undefined, ['pwd', 'otp', 'mfa']]])(
    'a strategy\'s info.amr %j makes the login\'s amr %j', async (amr, expected) => {
      const { browsing } = await before(function (req) { this.success(req.user, { amr }) })
      await browsing.post('/login/odd').expect(200)
      expect((await browsing.who()).amr).toEqual(expected)
    })

  it('a failure\'s code, message and numbers pass through, and nothing else of its info', async () => {
    const { browsing } = await before(function () { this.fail({ code: 'too_many', message: 'Wait.', attemptsLeft: 0, retryAfter: 7, phone: '+447400123456' } as never, 429) })
    const answer = await browsing.post('/login/odd')
    expect(answer.headers['retry-after']).toBe('7')
    expect(answer.body).toEqual({ type: 'about:blank', title: 'Too Many Requests', detail: 'Wait.', code: 'too_many', status: 429, attemptsLeft: 0, retryAfter: 7 })
  })

  it('a failure that is pending lets the login wait', async () => {
    const { browsing, failures } = await before(function () { this.fail({ pending: true, retryAfter: 5 } as never) })
    const answer = await browsing.post('/login/odd')
    expect(answer).toMatchObject({ status: 200, headers: { 'retry-after': '5' }, body: { status: 'pending', step: 2 } })
    expect(failures).toEqual([])
  })

  it('what begins a challenge is kept, shown as far as it is public, and given back to the strategy', async () => {
    const given: unknown[] = []
    const { browsing } = await before(function (req, options) {
      given.push([options.action, options.challenge])
      if (options.action === 'send') (this.pass as (info: object) => void)({ challenge: 'sealed', public: { to: '•••56' }, secret: 'x' })
      else this.success(req.user)
    }, { factor: { ...device, challenge: { action: 'send' }, challengeOnEntry: false } })
    const begun = await browsing.post('/login/odd/challenge')
    expect(begun.body).toMatchObject({ status: 'pending', factors: [{ factor: 'odd', challenge: { to: '•••56' } }] })
    expect(begun.text).not.toContain('sealed')
    expect((await browsing.post('/login/odd')).body).toMatchObject({ status: 'complete' })
    expect(given).toEqual([['send', null], [undefined, 'sealed']])
  })

  it('multistep finds strategies by Passport\'s _strategy(name), and says so where it has none', () => {
    const passport = new Passport()
    passport.use(pin())
    expect(typeof (passport as unknown as { _strategy: unknown })._strategy).toBe('function')
    expect(() => multistep({ session() {}, serializeUser() {}, deserializeUser() {} }, { steps: ['pin'] })).toThrow('Passport instance, 0.6 or later')
  })
})
