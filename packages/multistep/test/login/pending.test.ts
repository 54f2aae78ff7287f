import { ServerResponse } from 'node:http'
import { ensureLoggedIn } from 'connect-ensure-login'
import session, { MemoryStore } from 'express-session'
import type { Request } from 'express'
import { anyOf, MemoryFlowStore, type FactorOptions } from '../../src/index.js'
import { browser, buildApp, people, pin, Scripted } from '../support/app.js'
import { cookiesOf, listening, upgradeStatus } from '../support/network.js'

const device: FactorOptions = { sees: 'pending', kind: 'possession', channel: 'device', amr: 'otp', fields: ['code'] }
const policy = { steps: ['local', 'pin'], factors: { pin: device } } as const
const ada = { username: 'ada', password: people().ada!.password }
const right = { code: '246810' }
const nobody = { authenticated: false, user: null, amr: [] }

/** Sees each request as the rest of an app does, at every moment of its life, and every user who was ever put on it. */
function observer() {
  const seen: { where: string, authenticated: boolean, user: unknown }[] = []
  const assigned: unknown[] = []
  const look = (req: any, where: string) => {
    seen.push({ where, authenticated: req.isAuthenticated?.() ?? false, user: req.user ?? null })
  }
  const watch = (req: any, res: any) => {
    let user: unknown
    Object.defineProperty(req, 'user', { configurable: true, enumerable: true, get: () => user, set: (value) => {
      if (value) assigned.push(value)
      user = value
    } })
    look(req, 'before')
    queueMicrotask(() => look(req, 'microtask'))
    const interval = setInterval(() => look(req, 'timer'), 1)
    res.on('finish', () => look(req, 'finish'))
    res.on('close', () => {
      look(req, 'close')
      clearInterval(interval)
    })
  }
  return { seen, assigned, look, watch, somebody: () => seen.filter(({ authenticated, user }) => authenticated || user !== null) }
}

/** Whatever the step does, it takes a few turns of the event loop to do it. */
const later = (run: () => void): void => void setTimeout(run, 5)

const slowPin = () => new Scripted('pin', function (req) {
  later(() => {
    if (req.body.code === 'break') this.error(new Error('the device is broken'))
    else if (req.body.code === '246810') this.success(req.user)
    else this.fail(undefined as never)
  })
})

function observed() {
  const watched = observer()
  const built = buildApp({
    strategies: [slowPin()],
    options: policy,
    serialize: (user, done) => later(() => done(null, (user as { id: string }).id)),
    before: (app) => app.use((req, res, next) => {
      watched.watch(req, res)
      next()
    }),
    routes: (app, login) => {
      app.post('/sign-in', login.authenticate('local', { failureRedirect: '/sign-in' }), (req, res) => {
        watched.look(req, 'after')
        res.json({ ran: true })
      })
      app.post('/sign-in/code', login.authenticate('pin'), (req, res) => {
        watched.look(req, 'after')
        res.json({ id: (req.user as { id?: string } | undefined)?.id })
      })
      app.use((error: unknown, req: Request, _res: unknown, next: (error: unknown) => void) => {
        watched.look(req, 'error handler')
        next(error)
      })
    },
  })
  return { ...built, watched }
}

describe.each([
  { mounted: 'by the router', first: '/login/local', second: '/login/pin' },
  { mounted: 'by hand', first: '/sign-in', second: '/sign-in/code' },
])('a login between its steps, $mounted', ({ first, second }) => {
  it('the request that takes the first step has no user anywhere (R-41 at router and hand-mounted)', async () => {
    const { app, watched } = observed()
    const passed = await browser(app).post(first, ada)
    expect(passed.body).toMatchObject({ status: 'pending' })
    expect(new Set(watched.seen.map(({ where }) => where))).toEqual(new Set(['before', 'microtask', 'timer', 'finish', 'close']))
    expect(watched.somebody()).toEqual([])
    expect(watched.assigned).toEqual([])
  })

  it('a request that fails at the second step, or whose strategy breaks, has no user, in error handlers neither (R-41)', async () => {
    const { app, watched } = observed()
    const browsing = browser(app)
    await browsing.post(first, ada)
    expect((await browsing.post(second, { code: 'wrong' })).status).toBe(401)
    expect((await browsing.post(second, { code: 'break' })).status).toBe(503)
    await browsing.form(second, { code: 'break' }).expect(503)
    if (second !== '/login/pin') expect(watched.seen.map(({ where }) => where)).toContain('error handler')
    expect(watched.somebody()).toEqual([])
    expect(watched.assigned).toEqual([])
  })

  it('the request that completes the login has the user, and not before it is complete (R-41)', async () => {
    const { app, watched } = observed()
    const browsing = browser(app)
    await browsing.post(first, ada)
    await browsing.post(second, right).expect(200)
    expect(watched.assigned).toHaveLength(1)
    expect(watched.seen.filter(({ where, authenticated }) => where === 'finish' && authenticated)).toHaveLength(1)
    expect(await browsing.who()).toMatchObject({ authenticated: true, user: 'u1' })
  })

  it('the second step is refused to a browser that has not taken the first, and its strategy is not run (R-40 at router and hand-mounted, F-04 at router and hand-mounted)', async () => {
    const strategy = pin()
    const { app } = buildApp({ strategies: [strategy], options: policy, routes: (app, login) => {
      app.post('/sign-in/code', login.authenticate('pin'))
    } })
    const answers = await Promise.all([right, { code: 'wrong' }, {}].map((body) => browser(app).post(second, body)))
    for (const { status, body } of answers) expect({ status, body }).toEqual({ status: 401, body: answers[0]!.body })
    expect(answers[0]!.body.code).toBe('login_required')
    expect(strategy.runs).toBe(0)
  })
})

describe('between the steps', () => {
  const guarded = () => {
    const built = buildApp({ strategies: [pin()], options: policy, routes: (app) => {
      app.get('/ensured', ensureLoggedIn('/login'), (_req, res) => res.send('inside'))
      app.all('/checked', (req, res) => {
        res.status(req.isAuthenticated() || req.user || !req.isUnauthenticated() ? 200 : 401).end()
      })
    } })
    return { ...built, browsing: browser(built.app) }
  }

  it('between the steps every guard of an app takes the user for a stranger (R-41 at steps, F-01 at steps)', async () => {
    const { browsing } = guarded()
    await browsing.password()
    for (const path of ['/ensured', '/ensured?step=2']) expect(await browsing.page(path)).toMatchObject({ status: 302, headers: { location: '/login' } })
    for (const method of ['get', 'post', 'put', 'delete', 'head'] as const) expect(await browsing.agent[method]('/checked')).toMatchObject({ status: 401 })
    expect(await browsing.who()).toEqual(nobody)
    expect((await browsing.get('/account')).body).toMatchObject({ status: 401, code: 'factor_required' })
    expect(await browsing.page('/account')).toMatchObject({ status: 303, headers: { location: '/login' } })
  })

  it('the same guards let the user in once the last step has passed (F-01)', async () => {
    const { browsing } = guarded()
    await browsing.password()
    await browsing.post('/login/pin', right).expect(200)
    expect((await browsing.page('/ensured')).text).toBe('inside')
    expect((await browsing.get('/checked')).status).toBe(200)
    expect((await browsing.get('/account')).body).toEqual({ id: 'u1' })
  })

  it('the cookie opens no socket between the steps, and opens one after the last (R-41, F-02 at steps)', async () => {
    const store = new MemoryStore()
    const { app, passport, login } = buildApp({ strategies: [pin()], options: policy, session: { store } })
    const parser = session({ secret: 'a secret of the tests', resave: false, saveUninitialized: false, store })
    for (const reader of [passport.session(), login.session()]) {
      const server = await listening(app, (req: any, socket) => {
        parser(req, new ServerResponse(req) as never, () => reader(req, new ServerResponse(req) as never, () => {
          const known = Boolean(req.isAuthenticated() && req.user)
          socket.end(known ? 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n' : 'HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
        }))
      })
      const browsing = browser(app)
      const pending = cookiesOf(await browsing.password())
      expect(await upgradeStatus(server.port, pending)).toBe(401)
      const complete = cookiesOf(await browsing.post('/login/pin', right))
      expect(await upgradeStatus(server.port, complete)).toBe(101)
      await server.close()
    }
  })

  it('between the steps neither the answer nor the session holds a secret, a number or the user (F-05)', async () => {
    const { app, store } = buildApp({ strategies: [pin()], options: policy })
    const { body } = await browser(app).password()
    const sessions = Object.values((store as unknown as { sessions: Record<string, string> }).sessions)
    const [kept, ...others] = sessions.map((text) => JSON.parse(text) as Record<string, unknown>)
    expect(others).toEqual([])
    expect(kept).toEqual({ cookie: expect.anything(), multistep: { flow: expect.stringMatching(/^[\w-]{22}\.[\w-]{22}$/) } })
    const { id, ...secret } = people().ada!
    for (const value of [`"${id}"`, ...Object.values(secret)]) expect(JSON.stringify([body, kept])).not.toContain(value)
  })

  it('what a client says of its own progress is ignored (R-40, F-08 at steps)', async () => {
    const { app, browsing } = guarded()
    const claims = { step: 3, steps: [], next: 'done', otpVerified: true, amr: ['mfa'], status: 'complete', user: { id: 'u1' }, proofs: [{ factor: 'pin' }], completed: ['pin'], flow: 'x', for: 'x' }
    const query = '?step=3&next=done&amr=mfa&status=complete&otpVerified=true'
    expect((await browsing.post(`/login/local${query}`, { ...ada, ...claims })).body).toMatchObject({ status: 'pending', step: 2, steps: 2, completed: [{ factor: 'local' }] })
    expect((await browsing.get(`/login${query}`)).body).toMatchObject({ status: 'pending', step: 2 })
    expect((await browsing.post(`/login/pin${query}`, { ...claims, code: 'wrong' })).status).toBe(401)
    expect(await browsing.who()).toEqual(nobody)
    const stranger = browser(app)
    expect((await stranger.post('/login/pin', { ...claims, ...right })).status).toBe(401)
    expect(await stranger.who()).toEqual(nobody)
    await browsing.post('/login/pin', { ...claims, amr: ['hwk'], ...right })
    expect(await browsing.who()).toEqual({ authenticated: true, user: 'u1', amr: ['pwd', 'otp', 'mfa'] })
  })

  it('three steps are taken in their order, and none is skipped (R-40 at steps)', async () => {
    const strategies = [pin('one'), pin('two')]
    const { app } = buildApp({ strategies, options: { steps: ['local', 'one', 'two'], factors: { one: { sees: 'pending' }, two: { sees: 'pending' } } } })
    const browsing = browser(app)
    await browsing.password()
    expect((await browsing.post('/login/two', right)).body).toMatchObject({ status: 409, code: 'factor_unexpected' })
    expect(strategies[1]!.runs).toBe(0)
    expect((await browsing.post('/login/one', right)).body).toMatchObject({ status: 'pending', step: 3 })
    expect((await browsing.post('/login/one', right)).body).toMatchObject({ status: 409, code: 'factor_unexpected' })
    expect(await browsing.who()).toEqual(nobody)
    expect((await browsing.post('/login/two', right)).body).toMatchObject({ status: 'complete' })
  })
})

describe('a challenge', () => {
  it('a challenge is begun for no browser that has not taken the step before (F-04)', async () => {
    const text = new Scripted('text', function () { this.pass() })
    const { app } = buildApp({ strategies: [text], options: { steps: ['local', 'text'], factors: { text: { ...device, challenge: { action: 'send' } } } }, routes: (app, login) => {
      app.post('/send', login.challenge('text'))
    } })
    for (const path of ['/login/text/challenge', '/send']) {
      expect((await browser(app).post(path)).body).toMatchObject({ status: 401, code: 'login_required' })
    }
    expect(text.runs).toBe(0)
  })
})

describe('a pending login that is given up', () => {
  const cancelled = async () => {
    const { app, store } = buildApp({ strategies: [pin()], options: policy })
    const browsing = browser(app)
    await browsing.password()
    const sessions = (store as unknown as { sessions: Record<string, string> }).sessions
    const [[id, before]] = Object.entries(sessions) as [[string, string]]
    await browsing.post('/login/cancel').expect(200)
    return { browsing, bringBack: () => { sessions[id] = before } }
  }

  it('a pending login that is given up is gone, even for a session that a slow request brings back (F-11)', async () => {
    const { browsing, bringBack } = await cancelled()
    expect((await browsing.post('/login/pin', right)).body).toMatchObject({ status: 401, code: 'login_required' })
    bringBack()
    expect((await browsing.post('/login/pin', right)).body).toMatchObject({ status: 401, code: 'flow_expired' })
    expect(await browsing.who()).toEqual(nobody)
  })

  it('a pending login that is given up leaves the policy as it was: the next login needs every step again (F-11)', async () => {
    const { browsing } = await cancelled()
    expect((await browsing.get('/login')).body).toMatchObject({ status: 'anonymous', step: 1, steps: 2, completed: [] })
    expect((await browsing.password()).body).toMatchObject({ status: 'pending', step: 2, steps: 2 })
    expect((await browsing.post('/login/pin', right)).body).toMatchObject({ status: 'complete' })
  })
})

describe('enrolling inside a pending login', () => {
  const enrolling = () => {
    const capture = new Scripted('text', function (req) {
      req.user.phone = req.body.phone
      this.success(req.user)
    })
    const users = people()
    delete users.alan!.key
    const built = buildApp({
      users,
      strategies: [pin(), capture],
      options: {
        steps: ['local', anyOf('pin', 'text')],
        factors: { pin: { ...device, enrolled: (user) => 'key' in user }, text: { sees: 'pending', enroll: 'first', enrolled: (user) => Boolean((user as { phone?: string }).phone) } },
      },
    })
    return { ...built, capture, users }
  }

  it('a user who has a factor of the step cannot enrol another inside the login: a password thief would bring their own (F-12 at steps, R-51 at steps)', async () => {
    const { app, users, capture } = enrolling()
    delete users.ada!.phone
    const thief = browser(app)
    expect((await thief.password()).body).toMatchObject({ status: 'pending', factors: [{ factor: 'pin' }] })
    expect((await thief.post('/login/text', { phone: '+447400999999' })).body).toMatchObject({ status: 403, code: 'factor_not_enrolled' })
    expect(capture.runs).toBe(0)
    expect(users.ada!.phone).toBeUndefined()
    expect(await thief.who()).toEqual(nobody)
  })

  it('a user who has no factor of the step is offered to enrol one, and the new factor takes the step (F-12)', async () => {
    const { app, users } = enrolling()
    const grace = browser(app)
    expect((await grace.password('grace')).body).toMatchObject({ factors: [{ factor: 'text' }] })
    expect((await grace.post('/login/pin', right)).body).toMatchObject({ status: 403, code: 'factor_not_enrolled' })
    expect((await grace.post('/login/text', { phone: '+447400999999' })).body).toMatchObject({ status: 'complete' })
    expect(users.grace!.phone).toBe('+447400999999')
  })
})

describe('a pending login\'s time', () => {
  const timed = () => {
    let now = Date.UTC(2026, 0, 1)
    const { app } = buildApp({ strategies: [pin()], options: { ...policy, ttl: '10m', now: () => now }, routes: (app, login) => {
      app.post('/sign-in/code', login.authenticate('pin', { failureRedirect: '/sign-in/code', successRedirect: '/' }))
    } })
    return { browsing: browser(app), pass: (milliseconds: number) => { now += milliseconds } }
  }

  it('a pending login can be completed until its last millisecond (F-17, R-46)', async () => {
    const { browsing, pass } = timed()
    expect((await browsing.password()).body.expiresAt).toBe('2026-01-01T00:10:00.000Z')
    pass(10 * 60_000 - 1)
    expect((await browsing.post('/login/pin', right)).body).toMatchObject({ status: 'complete' })
  })

  it('a pending login whose time is over is refused, and the browser goes to loginPath, not to failureRedirect (F-17, R-46)', async () => {
    const { browsing, pass } = timed()
    await browsing.password()
    pass(10 * 60_000)
    expect((await browsing.post('/login/pin', right)).body).toMatchObject({ status: 401, code: 'flow_expired' })
    expect(await browsing.form('/sign-in/code', right)).toMatchObject({ status: 303, headers: { location: '/login' } })
    expect(await browsing.who()).toEqual(nobody)
    expect((await browsing.get('/login')).body).toMatchObject({ status: 'anonymous', step: 1, problem: { code: 'flow_expired' } })
    expect((await browsing.password()).body).toMatchObject({ status: 'pending', step: 2 })
  })
})

describe('a pending login and its session', () => {
  it('the id of a flow is of no use in another session (F-19)', async () => {
    const { app, store } = buildApp({ strategies: [pin()], options: policy })
    const sessions = (store as unknown as { sessions: Record<string, string> }).sessions
    const victim = browser(app)
    await victim.password('ada')
    const [victims] = Object.keys(sessions)
    const thief = browser(app)
    await thief.password('grace')
    const thiefs = Object.keys(sessions).find((id) => id !== victims)!
    sessions[thiefs] = sessions[victims!]!
    expect((await thief.post('/login/pin', right)).body).toMatchObject({ status: 401, code: 'flow_expired' })
    expect(await thief.who()).toEqual(nobody)
    expect((await victim.post('/login/pin', right)).body).toMatchObject({ status: 'complete' })
  })

  it.each([
    ['an object', { $ne: null }], ['a list', ['x']], ['a number', 1], ['an empty string', ''], ['a path', '../../x.y'], ['a word', 'constructor'], ['a long one', 'x'.repeat(100_000)],
  ])('a session with %s for a flow id has no pending login (F-19)', async (_, flow) => {
    const { app, store } = buildApp({ strategies: [pin()], options: { ...policy, store: new MemoryFlowStore() } })
    const sessions = (store as unknown as { sessions: Record<string, string> }).sessions
    const browsing = browser(app)
    await browsing.password()
    const [id, text] = Object.entries(sessions)[0]!
    sessions[id] = JSON.stringify({ ...JSON.parse(text), multistep: { flow } })
    expect((await browsing.post('/login/pin', right)).status).toBe(401)
    expect(await browsing.who()).toEqual(nobody)
  })
})
