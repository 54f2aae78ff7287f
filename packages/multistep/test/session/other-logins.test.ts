import express, { type ErrorRequestHandler, type Express as ExpressApp, type Request } from 'express'
import session, { MemoryStore, type Store } from 'express-session'
import { Passport as Passport07, type Authenticator } from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { Passport as Passport06 } from 'passport06'
import { MemoryFlowStore, multistep, type FlowStore, type Multistep, type MultistepEvents } from '../../src/index.js'
import { browser, people, pin, Scripted, type Person } from '../support/app.js'
import { device } from '../support/factors.js'
import { describeWithBackends, type Backend } from '../support/stores.js'

const users = people()
const nobody = { authenticated: false, user: null }
const right = { username: 'ada', password: 'lovelace-1815' }
const code = { code: '246810' }

interface Setup {
  Passport?: new () => unknown
  flows?: FlowStore
  sessions?: Store
  otherLogins?: 'refuse' | 'allow'
  strategies?: Scripted[]
  /** Of an app that reads `req.user` before `login.session()` runs. */
  front?: (app: ExpressApp, passport: Authenticator, login: Multistep) => void
  routes?: (app: ExpressApp, passport: Authenticator, login: Multistep) => void
  serialize?: (user: Express.User, done: (error: unknown, id?: unknown) => void) => void
  deserialize?: (id: any, done: (error: unknown, user?: any) => void) => void
}

/** A Passport as an app would set it up: `local` for everybody in `users`. */
export function passportOf(Passport: new () => unknown, { serialize, deserialize, strategies = [] }: Setup = {}): Authenticator {
  const passport = new Passport() as Authenticator
  passport.serializeUser(serialize ?? ((user, done) => done(null, (user as Person).id)))
  passport.deserializeUser(deserialize ?? ((id, done) => done(null, Object.values(users).find((user) => user.id === id) ?? false)))
  passport.use(new LocalStrategy((name, password, done) => done(null, users[name]?.password === password ? users[name] : false)))
  for (const strategy of [pin(), ...strategies]) passport.use(strategy)
  return passport
}

const done = (_req: unknown, res: any) => { res.json({}) }

/** An app with a login of two steps, and whatever old routes a test leaves in it. */
function host(setup: Setup = {}) {
  const { Passport = Passport07, flows = new MemoryFlowStore(), sessions = new MemoryStore(), otherLogins } = setup
  const passport = passportOf(Passport, setup)
  const login = multistep(passport, { steps: ['local', 'pin'], factors: { pin: device }, store: flows, ...(otherLogins ? { otherLogins } : {}) })
  const told: MultistepEvents['login.elsewhere'][] = []
  login.on('login.elsewhere', (event) => told.push(event))
  const app = express()
  app.use(session({ secret: 'a secret of the tests', resave: false, saveUninitialized: false, store: sessions }), express.json())
  setup.front?.(app, passport, login)
  app.use(login.session() as any)
  app.use('/login', login.router() as any)
  setup.routes?.(app, passport, login)
  app.get('/who', (req, res) => { res.json({ authenticated: req.isAuthenticated(), user: (req.user as Person | undefined)?.id ?? null }) })
  app.get('/evidence', login.require() as any, (req, res) => { res.json(login.evidence(req as any)) })
  app.post('/logout', login.logout() as any)
  const failed: ErrorRequestHandler = ({ code, status = 500, message }, _req, res, next) => {
    if (res.headersSent) return next(message)
    res.status(status).json({ code, message })
  }
  app.use(failed)
  const complete = async () => {
    const ada = browser(app)
    await ada.password()
    await ada.post('/login/pin', code).expect(200)
    return ada
  }
  return { app, passport, login, told, sessions, browsing: browser(app), complete }
}

type Route = (req: Request, res: any, next: (error?: unknown) => void) => void

/** Ways in of an app from the time before, each as apps write it. */
const oldWays: Record<string, (passport: Authenticator) => Route> = {
  'passport.authenticate': (passport) => passport.authenticate('local'),
  'passport.authenticate with a redirect': (passport) => passport.authenticate('local', { successRedirect: '/who', keepSessionInfo: true }),
  'passport.authenticate of several strategies': (passport) => passport.authenticate(['pin', 'local']),
  'passport.authenticate without a session': (passport) => passport.authenticate('local', { session: false }),
  'a custom callback': (passport) => (req, res, next) => {
    passport.authenticate('local', (error: unknown, user: Express.User | false) => {
      if (error || !user) return next(error)
      req.logIn(user, (failed) => (failed ? next(failed) : res.json({})))
    })(req, res, next)
  },
  'a custom callback that hands out a token': (passport) => (req, res, next) => {
    passport.authenticate('local', { session: false }, (error: unknown, user: Person | false) => (error || !user ? next(error) : res.json({ token: user.id })))(req, res, next)
  },
  'a guard that puts the person on the request itself': (passport) => (req, res, next) => {
    // As @nestjs/passport does.
    new Promise<unknown>((resolve, reject: (error: any) => void) => {
      const told = (error: Error | null, user: unknown): void => (error ? reject(error) : resolve(user))
      passport.authenticate('local', { session: false, property: 'user' } as never, told)(req, res, reject)
    }).then((user) => {
      req.user = user as Express.User
      next()
    }, next)
  },
  'passport.authorize': (passport) => passport.authorize('local'),
  'a property that is the person': (passport) => passport.authenticate('local', { assignProperty: 'user' }),
  'req.login': () => (req, res, next) => { req.login(users.ada as Express.User, (error) => (error ? next(error) : res.json({}))) },
  'req.logIn with options': () => (req, res, next) => { req.logIn(users.ada as Express.User, { keepSessionInfo: true } as never, (error: unknown) => (error ? next(error) : res.json({}))) },
}

describeWithBackends('a login that is made outside of multistep', (create) => {
  let backend: Backend
  beforeEach(async () => { backend = await create() })
  afterEach(() => backend.close())
  const hosted = (setup: Setup = {}) => host({ ...setup, flows: backend.flows, sessions: backend.sessions })

  it.each(Object.keys(oldWays))('a login by %s is an error of the programmer, and logs no user in (G-01 at hand-mounted, G-04 at hand-mounted)', async (way) => {
    const { browsing, told } = hosted({ routes: (app, passport) => app.post('/old', oldWays[way]!(passport), done) })
    const { status, body } = await browsing.post('/old', right)
    expect({ status, body }).toEqual({ status: 500, body: { code: 'login_elsewhere', message: expect.stringMatching(/POST \/old .*login\.(authenticate|vouch)\(/) } })
    expect(await browsing.who()).toEqual(nobody)
    expect((await browsing.get('/evidence')).status).toBe(401)
    expect(told).toEqual([expect.objectContaining({ route: 'POST /old', refused: true, userId: 'u1' })])
    expect(Object.values(await backend.keptSessions()).some(({ passport }) => passport !== undefined)).toBe(false)
  })

  it('a login made outside does not stand in for a step of the login that is under way (G-01 at steps)', async () => {
    const { browsing } = hosted({ routes: (app, passport) => app.post('/old', passport.authenticate('local'), done) })
    await browsing.password()
    await browsing.post('/old', right).expect(500)
    expect(await browsing.who()).toEqual(nobody)
    expect((await browsing.post('/login/pin', code)).body).toMatchObject({ status: 'complete' })
  })

  it('a login of before multistep was installed is none, and the session forgets it (G-02)', async () => {
    const old = express()
    const passport = passportOf(Passport07)
    old.use(session({ secret: 'a secret of the tests', resave: false, saveUninitialized: false, store: backend.sessions }), express.json(), passport.session())
    old.post('/login', passport.authenticate('local'), done)
    const before = browser(old)
    const cookie = (await before.post('/login', right).expect(200)).headers['set-cookie']![0]!.split(';')[0]!
    const { app, told } = hosted()
    const after = browser(app)
    after.agent.jar.setCookie(cookie, '127.0.0.1', '/')
    expect(await after.who()).toEqual(nobody)
    expect(Object.values(await backend.keptSessions())).toEqual([expect.not.objectContaining({ passport: expect.anything() })])
    expect(told).toEqual([{ route: 'GET /who', by: 'session', refused: true }])
    await after.who()
    expect(told).toHaveLength(1)
  })

  it('a login that an app writes into the session itself is none (G-02)', async () => {
    const { browsing } = hosted({ routes: (app) => app.post('/write', (req, res) => {
      (req.session as any).passport = { user: 'u1' }
      res.json({})
    }) })
    await browsing.post('/write').expect(200)
    expect(await browsing.who()).toEqual(nobody)
  })

  it('a login in the session that names another user than its record is none (G-02 at require)', async () => {
    const { complete, told } = hosted({ routes: (app) => app.post('/write', (req, res) => {
      (req.session as any).passport.user = 'u2'
      res.json({})
    }) })
    const ada = await complete()
    await ada.post('/write').expect(200)
    expect(await ada.who()).toEqual(nobody)
    expect((await ada.get('/evidence')).status).toBe(401)
    expect(told).toEqual([{ route: 'GET /who', by: 'session', refused: true, userId: 'u2' }])
  })

  it('req.login of the user who is logged in gives the request the new user, and keeps record, evidence and session id (G-03 at require)', async () => {
    const whole = { serialize: (user: any, finish: any) => finish(null, user), deserialize: (user: any, finish: any) => finish(null, user) }
    const { complete } = hosted({ ...whole, routes: (app) => {
      app.post('/rename', (req, res, next) => req.login({ ...users.ada, name: 'countess' }, (error) => (error ? next(error) : res.json(req.user))))
      app.get('/name', (req, res) => { res.json((req.user as Person).name) })
    } })
    const ada = await complete()
    const [evidence, ids, logins] = [(await ada.get('/evidence')).body, Object.keys(await backend.keptSessions()), await backend.keptLogins()]
    expect((await ada.post('/rename')).body).toMatchObject({ id: 'u1', name: 'countess' })
    expect((await ada.get('/name')).body).toBe('countess')
    expect([(await ada.get('/evidence')).body, Object.keys(await backend.keptSessions()), await backend.keptLogins()]).toEqual([evidence, ids, logins])
  })

  it('passport.authenticate of the user who is logged in passes, and so does its callback (G-03)', async () => {
    const { complete } = hosted({ routes: (app, passport) => {
      app.post('/link', passport.authenticate('local'), (req, res) => { res.json(req.user) })
      app.post('/confirm', (req, res, next) => { passport.authenticate('local', (error: unknown, user: Person) => (error ? next(error) : res.json({ confirmed: user.id })))(req, res, next) })
      app.post('/account', passport.authorize('local'), (req, res) => { res.json((req as any).account) })
    } })
    const ada = await complete()
    const evidence = (await ada.get('/evidence')).body
    expect((await ada.post('/link', right)).body).toMatchObject({ id: 'u1' })
    expect((await ada.post('/confirm', right)).body).toEqual({ confirmed: 'u1' })
    expect((await ada.post('/account', { username: 'grace', password: 'hopper-1906' })).body).toMatchObject({ id: 'u2' })
    expect((await ada.get('/evidence')).body).toEqual(evidence)
  })

  it.each(['passport.authenticate', 'passport.authenticate without a session', 'a property that is the person', 'a custom callback', 'req.login'])('a login of another user by %s is refused, and the user who is logged in stays (G-03)', async (way) => {
    const { complete } = hosted({ routes: (app, passport) => {
      app.post('/old', way === 'req.login' ? (req, _res, next) => req.login(users.grace as Express.User, next) : oldWays[way]!(passport), done)
    } })
    const ada = await complete()
    await ada.post('/old', { username: 'grace', password: 'hopper-1906' }).expect(500)
    expect(await ada.who()).toEqual({ authenticated: true, user: 'u1' })
    expect((await ada.get('/evidence')).body).toHaveLength(2)
  })

  it('a login made outside passes old guards with otherLogins: \'allow\', is told, and is login_required to require() (G-05 at require)', async () => {
    const { browsing, told } = hosted({ otherLogins: 'allow', routes: (app, passport) => app.post('/old', passport.authenticate('local'), done) })
    await browsing.post('/old', right).expect(200)
    expect(await browsing.who()).toEqual({ authenticated: true, user: 'u1' })
    expect((await browsing.get('/evidence')).body).toMatchObject({ code: 'login_required' })
    expect(told).toEqual([{ route: 'POST /old', by: 'req.login', refused: false, userId: 'u1' }])
    await browsing.post('/logout').expect(200)
    expect(await browsing.who()).toEqual(nobody)
  })
})

describe.each([['0.7', Passport07], ['0.6', Passport06]] as const)('what an app has beside multistep, with Passport %s', (_version, Passport) => {
  const hosted = (setup: Setup) => host({ Passport, ...setup })
  const me: Route = (req, res) => { res.json({ in: req.isAuthenticated() }) }

  it.each([
    ['in front', (app: ExpressApp, passport: Authenticator) => app.use(passport.initialize(), passport.session())],
    ['in front, by its name', (app: ExpressApp, passport: Authenticator) => app.use(passport.authenticate('session'))],
  ])('a passport.session() that was left %s of login.session() reads multistep\'s logins alone (G-02)', async (_where, front) => {
    const { browsing, complete } = hosted({ front: (app, passport) => {
      front(app, passport)
      app.get('/early', me)
      app.post('/early', passport.authenticate('local'), done)
      app.post('/plant', (req, res) => {
        (req.session as any).passport = { user: 'u1' }
        res.json({})
      })
    } })
    await browsing.post('/early', right).expect(500)
    await browsing.post('/plant').expect(200)
    expect((await browsing.get('/early')).body).toEqual({ in: false })
    expect((await (await complete()).get('/early')).body).toEqual({ in: true })
  })

  it('a passport.session() that was left behind login.session() changes nothing, and reads the record no second time (G-02)', async () => {
    const flows = new MemoryFlowStore()
    const { complete } = hosted({ flows, routes: (app, passport) => app.use(passport.initialize(), passport.session()) })
    const ada = await complete()
    const reads = jest.spyOn(flows, 'readLogin')
    expect(await ada.who()).toEqual({ authenticated: true, user: 'u1' })
    expect(reads).toHaveBeenCalledTimes(1)
  })

  it.each(['passport.authenticate', 'passport.authenticate without a session', 'a custom callback that hands out a token', 'req.login'])('a route in front of login.session() is refused as well: %s (G-01)', async (way) => {
    const { browsing } = hosted({ front: (app, passport) => {
      app.use(passport.initialize())
      app.post('/early', oldWays[way]!(passport), done)
    } })
    expect((await browsing.post('/early', right).expect(500)).body).toMatchObject({ code: 'login_elsewhere', message: expect.stringContaining('in front of this route') })
    expect(await browsing.who()).toEqual(nobody)
  })

  it.each([['0.7', Passport07], ['0.6', Passport06]] as const)('a login by another Passport instance, of %s, is refused, and one of its making is nobody\'s (G-01, G-02)', async (_other, Other) => {
    const other = passportOf(Other)
    const { browsing } = hosted({
      front: (app) => app.post('/early', other.authenticate('local'), done),
      routes: (app) => {
        app.post('/late', other.authenticate('local'), done)
        app.get('/late', other.initialize(), other.session(), me)
      },
    })
    expect((await browsing.post('/late', right)).body).toMatchObject({ code: 'login_elsewhere', message: expect.stringContaining('another Passport instance') })
    await browsing.post('/early', right).expect(200)
    expect((await browsing.get('/late')).body).toEqual({ in: false })
    expect(await browsing.who()).toEqual(nobody)
  })

  it('a factor\'s strategy that is handed over itself, in place of its name, is refused as well (G-04)', async () => {
    const { browsing } = hosted({ routes: (app, passport) => {
      const strategy = (passport as unknown as { _strategies: Record<string, any> })._strategies.local
      app.post('/old', passport.authenticate(strategy, { session: false }), done)
    } })
    for (let time = 0; time < 2; time += 1) {
      expect((await browsing.post('/old', right).expect(500)).body.message).toContain('login.authenticate(\'local\')')
    }
    await browsing.post('/old', { ...right, password: 'wrong' }).expect(401)
  })

  it.each(['authenticate', 'authorize'] as const)('a factor\'s strategy that calls itself otherwise is known when it is handed to passport.%s (G-04)', async (way) => {
    const { browsing } = hosted({ routes: (app, passport) => {
      const strategy = new Scripted('another-name', function () { this.success(users.ada) })
      passport.use('pin', strategy)
      app.post('/old', passport[way](strategy as never, { session: false }), done)
    } })
    expect((await browsing.post('/old', code).expect(500)).body.message).toContain('login.authenticate(\'pin\')')
  })

  it('a strategy that is registered as \'session\' after multistep reads nobody (G-02)', async () => {
    const { browsing } = hosted({ routes: (app, passport) => {
      passport.use(new Scripted('session', function (req) {
        req.user = users.ada
        this.pass()
      }) as never)
      app.get('/old', passport.session(), me)
    } })
    expect((await browsing.get('/old')).body).toEqual({ in: false })
  })

  it('a strategy that is no factor still answers for one request, and makes no login (G-04)', async () => {
    const token = new Scripted('bearer', function (req) {
      if (req.headers.authorization === 'Bearer ada') this.success(users.ada)
      else this.fail(401)
    })
    const { browsing, told } = hosted({ strategies: [token], routes: (app, passport) => {
      app.get('/api', passport.authenticate('bearer', { session: false }), (req, res) => { res.json({ id: (req.user as Person).id, in: req.isAuthenticated() }) })
      app.get('/api/guarded', passport.authenticate('bearer', { session: false }), (_req, res, next) => { res.locals.api = true; next() }, done)
    } })
    expect((await browsing.agent.get('/api').set('Authorization', 'Bearer ada')).body).toEqual({ id: 'u1', in: true })
    await browsing.agent.get('/api').set('Authorization', 'Bearer eve').expect(401)
    expect(await browsing.who()).toEqual(nobody)
    expect(told).toEqual([])
  })

  it('a strategy that is no factor makes no login with a session: its route is told to become one (G-01)', async () => {
    const social = new Scripted('social', function () { this.success(users.ada) })
    const { browsing } = hosted({ strategies: [social], routes: (app, passport) => app.get('/social', passport.authenticate('social'), done) })
    expect((await browsing.get('/social').expect(500)).body.message).toContain('anyOf(\'local\', \'social\')')
    expect(await browsing.who()).toEqual(nobody)
  })

  it('a factor\'s strategy under a name of its own is no factor (G-04)', async () => {
    const { browsing } = hosted({ routes: (app, passport) => {
      passport.use('check-pin', pin('check-pin'))
      app.post('/check', (req, res, next) => {
        req.user = users.ada
        passport.authenticate('check-pin', { session: false })(req, res, next)
      }, done)
    } })
    await browsing.post('/check', code).expect(200)
    expect(await browsing.who()).toEqual(nobody)
  })

  it('wrong passwords at an old route are answered as ever, and an error of the strategy is its own (G-01)', async () => {
    const { browsing, told } = hosted({ routes: (app, passport) => app.post('/old', passport.authenticate('local'), done) })
    await browsing.post('/old', { username: 'ada', password: 'wrong' }).expect(401)
    await browsing.post('/old', {}).expect(400)
    expect(told).toEqual([])
  })
})

describe('what the programmer is told of a login outside of multistep', () => {
  const warned = async (act: () => Promise<unknown>): Promise<string[]> => {
    const emitted = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    await act()
    const warnings = emitted.mock.calls.map(([warning]) => String(warning))
    emitted.mockRestore()
    return warnings
  }

  it('a login outside of multistep is warned of once for each route, with its pattern and without what stands in its place (G-01)', async () => {
    const { browsing } = host({ routes: (app) => app.post('/reset/:token', (req, _res, next) => req.login(users.ada as Express.User, next), done) })
    const warnings = await warned(async () => {
      for (const token of ['secret-1', 'secret-2']) await browsing.post(`/reset/${token}?next=secret-3`).expect(500)
    })
    const told = warnings.filter((one) => one.includes('/reset'))
    expect(told).toEqual([expect.stringContaining('POST /reset/:token called req.login() outside of multistep')])
    expect(told[0]).not.toContain('secret')
  })

  it('the warning holds nothing of a path that reached no route, which may be a link with a secret (G-01)', async () => {
    const { browsing, told } = host({ routes: (app) => app.use((req, _res, next) => (req.path.startsWith('/magic') ? req.login(users.ada as Express.User, next) : next())) })
    const warnings = await warned(async () => browsing.get('/magic/secret-1').expect(500))
    expect([...warnings, JSON.stringify(told)].filter((one) => one.includes('GET /magic/…'))).toHaveLength(2)
    expect([...warnings, JSON.stringify(told)].join()).not.toContain('secret')
  })

  it('otherLogins: \'allow\' is warned of at every start (G-05)', async () => {
    const warnings = await warned(async () => [host({ otherLogins: 'allow' }), host({ otherLogins: 'allow' })])
    expect(warnings.filter((one) => one.includes('otherLogins is \'allow\''))).toHaveLength(2)
  })

  it('any other value of otherLogins is refused (G-05)', () => {
    expect(() => host({ otherLogins: 'ignore' as never })).toThrow('multistep: otherLogins is \'refuse\' or \'allow\', not "ignore".')
  })

  it('req.login without a callback throws, because no code waits for its answer (G-01)', async () => {
    const { browsing } = host({ routes: (app) => app.post('/old', (req) => { (req as any).login(users.ada) }) })
    expect((await browsing.post('/old').expect(500)).body.code).toBe('login_elsewhere')
  })
})
