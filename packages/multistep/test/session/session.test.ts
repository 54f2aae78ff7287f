import { randomUUID } from 'node:crypto'
import { RedisStore } from 'connect-redis'
import type { Express as ExpressApp, RequestHandler } from 'express'
import session, { type SessionData, type Store } from 'express-session'
import { createClient } from 'redis'
import request, { type Response } from 'supertest'
import { describeWithRedis, sharedRedisUrl } from '../../../../test/support/redis.js'
import type { MultistepOptions } from '../../src/index.js'
import { browser, buildApp, people, pin, type Setup } from '../support/app.js'
import { device } from '../support/factors.js'
import { slowWriter } from '../support/slow-writer.js'

const right = { username: 'ada', password: 'lovelace-1815' }
const code = { code: '246810' }

type Options = Partial<MultistepOptions<'local' | 'pin'>>
const twoSteps = (setup: Partial<Omit<Setup<'local' | 'pin'>, 'options'>> & { options?: Options } = {}) => {
  const built = buildApp({ strategies: [pin()], ...setup, options: { steps: ['local', 'pin'], factors: { pin: device }, ...setup.options } })
  return { ...built, ada: browser(built.app) }
}
const login = async (ada: ReturnType<typeof browser>) => {
  await ada.password()
  return ada.post('/login/pin', code)
}

/** The session id that a response sets. */
const issued = (response: Response): string | undefined => /connect\.sid=([^;]+)/.exec(String(response.headers['set-cookie']))?.[1]
const carrying = (app: ExpressApp, id: string | undefined) => {
  const other = browser(app)
  other.agent.jar.setCookie(`connect.sid=${id}`, '127.0.0.1', '/')
  return other
}

/** A memory store that a test slows down or breaks. */
class TroubledStore extends session.MemoryStore {
  failing?: 'set' | 'destroy'
  delay = 0
  override set(id: string, data: SessionData, done?: (error?: unknown) => void): void {
    if (this.failing === 'set') return void setImmediate(() => done?.(new Error('disk full')))
    if (this.delay > 0) return void setTimeout(() => super.set(id, data, done), this.delay)
    super.set(id, data, done)
  }

  override destroy(id: string, done?: (error?: unknown) => void): void {
    if (this.failing === 'destroy') return void setImmediate(() => done?.(new Error('disk full')))
    super.destroy(id, done)
  }
}

const all = async (store: Store): Promise<any[]> => new Promise((resolve) => store.all!((_error, sessions) => resolve(Object.values(sessions ?? {}))))

describe('the session id (R-43 at steps, P-01)', () => {
  it('the first factor renews the session id, even when cookie-parser has decoded a planted cookie', async () => {
    const own = session({ secret: 'a secret of the tests', resave: false, saveUninitialized: true, store: new session.MemoryStore() })
    const decoding: RequestHandler = (req, res, next) => {
      const [, json] = /connect\.sid=j%3A([^;]*)/.exec(req.headers.cookie ?? '') ?? []
      if (json !== undefined) Object.assign(req, { cookies: { 'connect.sid': JSON.parse(decodeURIComponent(json)) as string } })
      own(req, res, next)
    }
    const { app } = buildApp({ session: decoding, options: { steps: ['local'] } })
    const [cookie] = (await request(app).get('/who')).headers['set-cookie']![0]!.split(';', 1)
    const signed = decodeURIComponent(cookie!.replace('connect.sid=', ''))
    const escaped = signed.replace(/[^]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
    const planted = `connect.sid=j%3A${encodeURIComponent(`"${escaped}"`)}`
    expect((await request(app).post('/login/local').set('Cookie', planted).send(right)).body.status).toBe('complete')
    expect((await request(app).get('/who').set('Cookie', cookie!)).body.authenticated).toBe(false)
  })

  const planting = (app: ExpressApp) => app.get('/plant', (req, res) => {
    (req.session as any).planted = true
    ;(req.session as any).cart = ['book']
    res.end()
  })
  const look = (app: ExpressApp) => app.get('/look', (req, res) => { res.json({ planted: (req.session as any).planted ?? null, cart: (req.session as any).cart ?? null }) })
  const routes = (app: ExpressApp) => { planting(app); look(app) }

  it('the session id changes after the first factor, at completion and at logout, and each old id is anonymous', async () => {
    const { app, ada } = twoSteps({ routes })
    const fixed = issued(await ada.get('/plant'))
    const pending = issued(await ada.password())
    const complete = issued(await ada.post('/login/pin', code))
    const out = issued(await ada.post('/logout'))
    const ids = [fixed, pending, complete]
    expect(ids.every(Boolean)).toBe(true)
    expect(new Set([...ids, out]).size).toBe(4)
    for (const id of ids) {
      expect((await carrying(app, id).get('/login')).body.status).toBe('anonymous')
      expect((await carrying(app, id).who()).authenticated).toBe(false)
    }
  })

  it('a planted session id is anonymous while the victim\'s login is pending and complete', async () => {
    const { app, ada } = twoSteps({ routes })
    const fixed = issued(await ada.get('/plant'))
    await ada.password()
    expect((await carrying(app, fixed).post('/login/pin', code)).body.code).toBe('login_required')
    await ada.post('/login/pin', code)
    expect((await carrying(app, fixed).who()).authenticated).toBe(false)
  })

  it('a renewed session keeps nothing that an attacker may have put there', async () => {
    const { ada } = twoSteps({ routes })
    await ada.get('/plant')
    await ada.password()
    expect((await ada.get('/look')).body).toEqual({ planted: null, cart: null })
  })

  it('a renewed session keeps the keys of the option carry through a login, and not through a logout', async () => {
    const { ada } = twoSteps({ routes, options: { carry: ['cart'] } })
    await ada.get('/plant')
    await login(ada)
    expect((await ada.get('/look')).body).toEqual({ planted: null, cart: ['book'] })
    await ada.post('/logout')
    expect((await ada.get('/look')).body).toEqual({ planted: null, cart: null })
  })

  it.each(['passport', 'multistep', 'cookie'])('the option carry refuses %s', (key) => {
    expect(() => twoSteps({ options: { carry: [key] } })).toThrow(/carry cannot name/)
  })

  it('a flow belongs to its own session: its id in another one is ignored (F-19)', async () => {
    const { ada, app } = twoSteps({ routes: (host) => {
      host.get('/flow', (req, res) => { res.json((req.session as any).multistep) })
      host.post('/flow', (req, res) => {
        (req.session as any).multistep = req.body
        res.end()
      })
    } })
    await ada.password()
    const mallory = browser(app)
    await mallory.post('/flow', (await ada.get('/flow')).body)
    expect((await mallory.post('/login/pin', code)).body.code).toBe('flow_expired')
    expect((await mallory.who()).authenticated).toBe(false)
  })

  it('the session holds ids only: no user, no number, nothing proven (F-05)', async () => {
    const { ada, store } = twoSteps()
    await ada.password()
    expect((await all(store)).map(({ cookie: _, ...rest }) => rest)).toEqual([{ multistep: { flow: expect.stringMatching(/^[\w-]{22}\.[\w-]{22}$/) } }])
    await ada.post('/login/pin', code)
    expect((await all(store)).map(({ cookie: _, ...rest }) => rest)).toEqual([{ passport: { user: 'u1' }, multistep: { login: expect.stringMatching(/^[\w-]{22}\.[\w-]{22}$/) } }])
  })
})

function againstSlowWriters(makeStore: () => Store) {
  it.each(['login.logout()', 'plain req.logout()'])('%s ends the login, even when a slow request brings the session back (P-03 at hand-mounted, R-56)', async (way) => {
    const writer = slowWriter()
    const { ada, app } = twoSteps({ session: { store: makeStore() }, routes: (host) => {
      writer.routes(host)
      host.post('/plain', (req, res, next) => { req.logout((error) => (error ? next(error) : res.json({}))) })
    } })
    const id = issued(await login(ada))
    const slow = carrying(app, id).get('/slow').then((response) => response)
    await writer.inside
    expect((await ada.post(way === 'login.logout()' ? '/logout' : '/plain')).status).toBe(200)
    writer.finish()
    await slow
    const old = carrying(app, id)
    expect(await old.who()).toEqual({ authenticated: false, user: null, amr: [] })
    expect((await old.get('/account')).body.code).toBe('login_required')
    expect((await ada.who()).authenticated).toBe(false)
  })

  it('a session brought back during completion holds a flow that is gone (P-04)', async () => {
    const writer = slowWriter()
    const { ada, app } = twoSteps({ session: { store: makeStore() }, routes: (host) => writer.routes(host) })
    const id = issued(await ada.password())
    const slow = carrying(app, id).get('/slow').then((response) => response)
    await writer.inside
    expect((await ada.post('/login/pin', code)).body.status).toBe('complete')
    writer.finish()
    await slow
    const replay = await carrying(app, id).post('/login/pin', code)
    expect([replay.status, replay.body.code]).toEqual([401, 'flow_expired'])
    expect((await carrying(app, id).who()).authenticated).toBe(false)
    expect((await ada.who()).authenticated).toBe(true)
  })

  it('a login of one step that replaces another ends it for good', async () => {
    const writer = slowWriter()
    const { app } = buildApp({ options: { steps: ['local'] }, session: { store: makeStore() }, routes: (host) => writer.routes(host) })
    const browse = browser(app)
    const id = issued(await browse.password('ada'))
    const slow = carrying(app, id).get('/slow').then((response) => response)
    await writer.inside
    await browse.password('grace')
    writer.finish()
    await slow
    expect((await carrying(app, id).who()).authenticated).toBe(false)
    expect((await browse.who()).user).toBe('u2')
  })
}

describe('against a slow request that writes its session late, in memory', () => {
  againstSlowWriters(() => new session.MemoryStore())
})

describeWithRedis('against a slow request that writes its session late, in Redis', () => {
  let client: ReturnType<typeof createClient>
  beforeAll(async () => { client = createClient({ url: sharedRedisUrl()! }); await client.connect() })
  afterAll(() => client.close())
  againstSlowWriters(() => new RedisStore({ client, prefix: `test:${randomUUID()}:` }))
})

describe('plain req.logout()', () => {
  it('plain req.logout() ends the record of its login, even in the request that completed it', async () => {
    const ended: string[] = []
    const { app, login: policy } = buildApp({ router: false, options: { steps: ['local'] }, routes: (host, one) => {
      host.post('/in-and-out', one.authenticate('local') as any, (req, res, next) => {
        const { multistep } = req.session as any
        req.logout((error) => {
          ended.push(multistep.login)
          if (error) return next(error)
          ;(req.session as any).multistep = multistep
          ;(req.session as any).passport = { user: 'u1' }
          res.json({})
        })
      })
    } })
    policy.on('flow.completed', () => {})
    const ada = browser(app)
    await ada.post('/in-and-out', right)
    expect(ended).toHaveLength(1)
    expect((await ada.who()).authenticated).toBe(false)
  })

  it('plain req.logout() without a callback throws at the call, as in Passport', async () => {
    const { ada } = twoSteps({ routes: (host) => { host.post('/wrong', (req) => { (req as any).logout() }) } })
    await login(ada)
    expect((await ada.post('/wrong')).body.message).toContain('requires a callback')
  })
})

describe('a login made elsewhere, by plain req.logIn, with otherLogins: \'allow\' (G-05)', () => {
  const elsewhere = () => twoSteps({ options: { otherLogins: 'allow' }, routes: (host) => {
    host.post('/elsewhere', (req, res, next) => { req.logIn(people().ada as any, (error) => (error ? next(error) : res.json({}))) })
    host.get('/old', (req, res) => { res.json(req.isAuthenticated()) })
  } })

  it('a login by plain req.logIn is a login for old guards, and login_required for require()', async () => {
    const { ada } = elsewhere()
    await ada.post('/elsewhere')
    expect((await ada.get('/old')).body).toBe(true)
    const guarded = await ada.get('/account')
    expect([guarded.status, guarded.body.code]).toEqual([401, 'login_required'])
    expect((await ada.who()).amr).toEqual([])
    expect((await ada.get('/login')).body.status).toBe('anonymous')
  })

  it('a login by plain req.logIn ends at login.logout(), and when a user begins a login', async () => {
    const { ada } = elsewhere()
    await ada.post('/elsewhere')
    await ada.post('/logout')
    expect((await ada.get('/old')).body).toBe(false)
    await ada.post('/elsewhere')
    await ada.password('grace')
    expect((await ada.get('/old')).body).toBe(false)
  })
})

describe('sessions that cannot be used', () => {
  const withSession = (tamper: (req: any) => void) => twoSteps({ session: (req, _res, next) => {
    tamper(req)
    next()
  } }).ada

  it('a request without a session is refused with the line that is missing (P-09 at router and require)', async () => {
    const ada = withSession(() => {})
    for (const response of [await ada.get('/who'), await ada.password(), await ada.get('/account')]) {
      expect(response.status).toBe(500)
      expect(response.body.message).toContain('app.use(session({ … }))')
    }
  })

  it('a session whose id cannot be renewed, as in cookie-session, is refused in words (P-10)', async () => {
    const ada = withSession((req) => { req.session = {} })
    const response = await ada.password()
    expect([response.status, response.body.message]).toEqual([500, expect.stringContaining('not cookie-session')])
  })

  it('a session whose regenerate keeps the id is refused in words (P-10)', async () => {
    const standIn = (done: () => void) => { done() }
    const ada = withSession((req) => Object.assign(req, { sessionID: 'fixed', session: { regenerate: standIn, save: standIn } }))
    const response = await ada.password()
    expect([response.status, response.body.detail]).toEqual([500, expect.stringContaining('left the session id as it was')])
    expect((await ada.who()).authenticated).toBe(false)
  })

  it('a session whose id comes from the client, such as in a header, is refused and stays as it was (P-10)', async () => {
    class Named {
      regenerate(done: () => void) { done() }
      save(done: () => void) { done() }
    }
    const ada = withSession((req) => Object.assign(req, { sessionID: 'planted', session: new Named(), sessionStore: { generate: () => undefined } }))
    const response = await ada.password()
    expect([response.status, response.body.detail]).toEqual([500, expect.stringContaining('left the session id as it was')])
    expect((await ada.who()).authenticated).toBe(false)
  })

  it('a session that cannot be renewed at completion is refused, and no user is logged in (P-10)', async () => {
    const { app } = buildApp({ options: { steps: ['local'] }, before: (host) => host.use((req, _res, next) => {
      Object.defineProperty(req.session, 'regenerate', { value: (done: () => void) => { done() } })
      next()
    }) })
    const ada = browser(app)
    expect((await ada.password()).status).toBe(500)
    expect((await ada.who()).authenticated).toBe(false)
  })
})

describe('login.session()', () => {
  it('a missing login.session() is a 500 that names the line, on every route of the policy', async () => {
    const { app } = buildApp({ router: false, options: { steps: ['local'] }, before: (host) => host.use('/early', (...args) => early(...args)) })
    const { login: policy } = buildApp({ options: { steps: ['local'] } })
    const early = policy.authenticate('local') as any
    const response = await browser(app).agent.post('/early').set('Sec-Fetch-Site', 'same-origin')
    expect([response.status, response.body.detail]).toEqual([500, expect.stringContaining('app.use(login.session()) is missing')])
    for (const read of [policy.evidence, policy.amr]) expect(() => read({} as any)).toThrow(/app\.use\(login\.session\(\)\)/)
  })

  it('a deserializer that finds no user makes the request anonymous (P-17)', async () => {
    const users = people()
    const { ada } = twoSteps({ users })
    await login(ada)
    delete (users as any).ada
    expect(await ada.who()).toEqual({ authenticated: false, user: null, amr: [] })
    expect((await ada.get('/account')).status).toBe(401)
  })

  it('a deserializer that fails is a 500, and require() lets nobody in (P-17 at require)', async () => {
    let broken = false
    const { ada } = twoSteps({ deserialize: (id, done) => (broken ? done(new Error('database')) : done(null, Object.values(people()).find((user) => user.id === id))) })
    await login(ada)
    broken = true
    expect((await ada.get('/account')).status).toBe(500)
    broken = false
    expect((await ada.get('/account')).body).toEqual({ id: 'u1' })
  })

  it('a deserializer that fails between the steps is a 500, and no user is logged in (P-17 at steps)', async () => {
    let broken = false
    const { ada } = twoSteps({ deserialize: (id, done) => {
      if (broken) throw new Error('database says +447400123456')
      done(null, Object.values(people()).find((user) => user.id === id))
    } })
    await ada.password()
    broken = true
    const response = await ada.post('/login/pin', code)
    expect(response.status).toBe(500)
    expect(response.text).not.toContain('database')
    broken = false
    expect((await ada.who()).authenticated).toBe(false)
  })

  it('login.session() ends a login that is as old as session.absolute, however active it was (R-45, P-19)', async () => {
    let now = 1_000_000
    const { ada } = twoSteps({ session: { rolling: true }, options: { now: () => now, session: { absolute: '24h' } } })
    await login(ada)
    for (let hour = 0; hour < 23; hour += 1) {
      now += 3_600_000
      expect((await ada.get('/account')).status).toBe(200)
    }
    now += 3_600_000
    expect((await ada.get('/account')).status).toBe(401)
    expect(await ada.who()).toEqual({ authenticated: false, user: null, amr: [] })
  })

  it('a pending login lives as long as ttl (R-46, F-17)', async () => {
    let now = 1_000_000
    const { ada } = twoSteps({ options: { now: () => now } })
    await ada.password()
    now += 10 * 60_000 - 1
    expect((await ada.get('/login')).body.status).toBe('pending')
    now += 1
    const late = await ada.post('/login/pin', code)
    expect([late.status, late.body.code]).toEqual([401, 'flow_expired'])
    expect((await ada.get('/login')).body.status).toBe('anonymous')
  })
})

describe('a user who cannot be serialized', () => {
  it('a user who cannot be serialized at completion is a 500, and the login is over (F-23)', async () => {
    let broken = false
    const { ada } = twoSteps({ serialize: (user, done) => (broken ? done(new Error('too large: +447400123456')) : done(null, user.id)) })
    await ada.password()
    broken = true
    const response = await ada.post('/login/pin', code)
    expect(response.status).toBe(500)
    expect(response.text).not.toContain('too large')
    broken = false
    expect((await ada.who()).authenticated).toBe(false)
    expect((await ada.post('/login/pin', code)).body.code).toBe('flow_expired')
  })

  it.each(['by calling back', 'by throwing'])('a user who cannot be serialized at the first factor, %s, is a 500 and no login begins', async (way) => {
    const { ada } = twoSteps({ serialize: (_user, done) => {
      if (way === 'by throwing') throw new Error('no')
      done('no')
    } })
    expect((await ada.password()).status).toBe(500)
    expect((await ada.get('/login')).body.status).toBe('anonymous')
  })

  it('a user who cannot be serialized reaches the app\'s error handler, with the cause', async () => {
    const { ada } = twoSteps({ serialize: (_user, done) => done(new Error('no')) })
    expect((await ada.form('/login/local', right)).body).toMatchObject({ handled: true, code: 'misconfigured' })
  })
})

describe('a session store in trouble (R-59)', () => {
  const withStore = (options: Options = {}) => {
    const store = new TroubledStore()
    return { ...twoSteps({ session: { store }, options }), store }
  }

  it.each(['set', 'destroy'] as const)('a session store that fails in %s at completion is a 503, and no user is logged in afterwards (P-12)', async (operation) => {
    const { ada, store } = withStore()
    await ada.password()
    store.failing = operation
    const response = await ada.post('/login/pin', code)
    expect([response.status, response.body.code]).toEqual([503, 'store_unavailable'])
    delete store.failing
    expect(await ada.who()).toEqual({ authenticated: false, user: null, amr: [] })
    expect((await all(store)).some((one) => one.passport)).toBe(false)
  })

  it('a session store that fails for a moment at completion leaves no login that a later save could bring (P-12)', async () => {
    const { ada, store } = withStore()
    await ada.password()
    const set = store.set.bind(store)
    let calls = 0
    store.set = (id, data, done) => {
      calls += 1
      if (calls === 1) return void setImmediate(() => done?.(new Error('once')))
      set(id, data, done)
    }
    expect((await ada.post('/login/pin', code)).status).toBe(503)
    expect(calls).toBeGreaterThan(1)
    expect((await all(store)).some((one) => one.passport ?? one.multistep?.login)).toBe(false)
    expect((await ada.who()).authenticated).toBe(false)
  })

  it.each(['set', 'destroy'] as const)('a session store that fails in %s after the first factor is a 503, and no step is passed', async (operation) => {
    const { ada, store } = withStore()
    await ada.form('/login/local', { username: 'ada', password: 'x' })
    store.failing = operation
    expect((await ada.password()).status).toBe(503)
    delete store.failing
    expect((await ada.who()).authenticated).toBe(false)
    expect((await ada.post('/login/pin', code)).body.status).not.toBe('complete')
  })

  it('a session store that never answers is a 503 after storeTimeout', async () => {
    const { ada, store } = withStore({ storeTimeout: '40ms' })
    await ada.password()
    const set = store.set.bind(store)
    let calls = 0
    store.set = (id, data, done) => {
      calls += 1
      if (calls > 1) set(id, data, done)
    }
    expect((await ada.post('/login/pin', code)).status).toBe(503)
    expect((await ada.who()).authenticated).toBe(false)
  })

  it('a session store that answers after storeTimeout brings nobody in (X-02)', async () => {
    const { ada, store, app } = withStore({ storeTimeout: '40ms' })
    await ada.password()
    const set = store.set.bind(store)
    const late: (() => void)[] = []
    store.set = (id, data, done) => {
      const json = JSON.stringify(data)
      if (late.length === 0) late.push(() => set(id, JSON.parse(json), done))
      else set(id, data, done)
    }
    const response = await ada.post('/login/pin', code)
    expect(response.status).toBe(503)
    for (const write of late) write()
    const [kept] = (await all(store)).filter((one) => one.passport)
    expect(kept).toMatchObject({ passport: { user: 'u1' }, multistep: { login: expect.any(String) } })
    expect((await carrying(app, issued(response)).who()).authenticated).toBe(false)
    expect((await ada.who()).authenticated).toBe(false)
  })

  it('a slow session store is waited for: the page after the redirect finds the login (P-13)', async () => {
    const { ada, store, app } = withStore()
    store.delay = 200
    const first = await ada.form('/login/local', right)
    expect([first.status, (await carrying(app, issued(first)).get('/login')).body.status]).toEqual([303, 'pending'])
    const last = await ada.form('/login/pin', code)
    expect([last.status, (await carrying(app, issued(last)).who()).authenticated]).toEqual([303, true])
    const visitor = browser(app)
    const guarded = await visitor.page('/account')
    expect((await carrying(app, issued(guarded)).get('/login')).body.returnTo).toBe('/account')
  })
})

describe('a property other than req.user', () => {
  it('another userProperty holds the user, and req.user stays empty (P-14)', async () => {
    const { ada } = twoSteps({
      before: (host, passport) => host.use(passport.initialize({ userProperty: 'person' })),
      strategies: [Object.assign(pin(), { run(this: any, req: any) { return req.body?.code === '246810' && req.person ? this.success(req.person) : this.fail() } })],
      routes: (host, policy) => {
        host.get('/both', (req, res) => { res.json({ user: (req.user as any)?.id ?? null, person: (req as any).person?.id ?? null, authenticated: req.isAuthenticated() }) })
        host.get('/own', async (req, res) => res.json((await policy.progress(req as any)).user ?? null))
        host.post('/plain', (req, res, next) => { req.logout((error) => (error ? next(error) : res.json({}))) })
      },
    })
    await ada.password()
    expect((await ada.get('/both')).body).toEqual({ user: null, person: null, authenticated: false })
    await ada.post('/login/pin', code)
    expect((await ada.get('/both')).body).toEqual({ user: null, person: 'u1', authenticated: true })
    expect((await ada.get('/own')).body).toMatchObject({ id: 'u1' })
    await ada.post('/plain')
    expect((await ada.get('/both')).body).toEqual({ user: null, person: null, authenticated: false })
  })
})
