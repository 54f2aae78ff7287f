import express from 'express'
import session from 'express-session'
import { Passport } from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { multistep, type MultistepOptions, type Render } from '../../src/index.js'
import { browser, buildApp, people, type Person } from '../support/app.js'

/** What the process warns of while this runs. */
async function warned(act: () => unknown): Promise<string[]> {
  const emitted = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  try {
    await act()
    return emitted.mock.calls.map(([warning]) => String(warning))
  } finally {
    emitted.mockRestore()
  }
}

interface Given { serializers?: boolean, cookie?: object, local?: { usernameField?: string, passwordField?: string } }
type Written = Partial<MultistepOptions> & Given

type Mount = (app: express.Express, login: ReturnType<typeof multistep>) => void

/** As an app is written down at first: everything by hand, and `mount` puts the login in. */
function written(mount: Mount, { serializers = true, cookie = {}, local = {}, ...options }: Written = {}) {
  const passport = new Passport()
  passport.use(new LocalStrategy(local, (name, password, done) => done(null, people()[name]?.password === password ? people()[name] : false)))
  if (serializers) {
    passport.serializeUser((user, done) => done(null, (user as Person).id))
    passport.deserializeUser((id, done) => done(null, Object.values(people()).find((user) => user.id === id) ?? false))
  }
  const login = multistep(passport, { steps: ['local'], ...options } as MultistepOptions)
  const app = express()
  app.use(session({ secret: 'a secret of the tests', resave: false, saveUninitialized: false, cookie }), express.json())
  mount(app, login)
  const failed: express.ErrorRequestHandler = ({ message }: Error, _req, res, next) => {
    if (res.headersSent) return next(message)
    res.status(500).json({ message })
  }
  app.use(failed)
  return { app, passport, browsing: browser(app) }
}

describe('a mistake of the programmer', () => {
  it.each(['session', 'router', 'require', 'logout', 'cancel', 'authenticate', 'challenge'] as const)('a programmer who mounts login.%s without its brackets is told at the first request, and no request hangs (G-09 at hand-mounted)', async (name) => {
    const { browsing } = written((app, login) => app.use('/there', login[name] as never))
    expect((await browsing.get('/there').expect(500)).body.message).toContain(`login.${name}, without its brackets. Write login.${name}(`)
  })

  it('a programmer who gives Passport no serializers is told when the login is mounted, and again when a user logs in (G-09)', async () => {
    const warnings = await warned(() => written((_app, login) => login.session(), { serializers: false }))
    expect(warnings).toEqual([expect.stringContaining('passport.serializeUser((user, done)'), expect.stringContaining('passport.deserializeUser((id, done)')])
    const { browsing } = written((app, login) => app.use(login.session() as never).use('/login', login.router() as never), { serializers: false })
    expect(await browsing.password()).toMatchObject({ status: 500, body: { code: 'misconfigured', detail: expect.stringContaining('passport.serializeUser((user, done)') } })
  })

  it.each([['/', '/sign-in-at-the-root'], ['/auth', '/sign-in-elsewhere']])('a programmer who mounts the router at %s, beside loginPath, is told at the first request (G-09 at router)', async (mount, loginPath) => {
    const { browsing } = written((app, login) => app.use(login.session() as never).use(mount, login.router() as never), { loginPath })
    const warnings = await warned(() => browsing.get(mount))
    expect(warnings).toEqual([expect.stringContaining(`login.router() is mounted at '${mount}', and loginPath is '${loginPath}'`)])
  })

  it('a programmer whose guard sends browsers where the router is not mounted is told, for the browser finds a 404 (G-09 at require)', async () => {
    const guarded = (mount: (app: express.Express, login: ReturnType<typeof multistep>) => void, loginPath: string) =>
      written((app, login) => {
        app.use(login.session() as never)
        mount(app, login)
        app.get('/account', login.require() as never)
      }, { loginPath }).browsing
    const page = (browsing: ReturnType<typeof browser>) => browsing.agent.get('/account').set('Accept', 'text/html').expect(303)
    const elsewhere = guarded((app, login) => app.use('/auth', express.Router().use('/in', login.router() as never)), '/log-in')
    expect(await warned(async () => { await page(elsewhere); await page(elsewhere) }))
      .toEqual([expect.stringContaining('login.require() sends browsers to loginPath \'/log-in\', and login.router() is mounted elsewhere')])
    for (const mount of [
      (app: express.Express, login: ReturnType<typeof multistep>) => app.use('/log', express.Router().use('/on', login.router() as never)),
      (app: express.Express, login: ReturnType<typeof multistep>) => app.use('/api', login.router() as never).get('/log/on', (_req, res) => { res.send('a page of the app') }),
      (app: express.Express) => app.use(express.static('a folder of the app')),
      (app: express.Express, login: ReturnType<typeof multistep>) => app.use('/api', login.router() as never).use('/log', (_req, res) => { res.send('a page of the app') }),
      (app: express.Express, login: ReturnType<typeof multistep>) => app.use('/api', login.router() as never).use(express().use('/log/on', login.router() as never)),
    ]) expect(await warned(() => page(guarded(mount, '/log/on')))).toEqual([])
  })

  it('a router that is mounted where loginPath says is no mistake (G-09)', async () => {
    const { browsing } = written((app, login) => app.use(login.session() as never).use('/sign-in', login.router() as never), { loginPath: '/sign-in' })
    expect(await warned(() => browsing.get('/Sign-In'))).toEqual([])
  })

  it('a passport.session() in the place of login.session() is no mistake: it reads the same (G-09)', async () => {
    const passport = new Passport()
    const { browsing } = (() => {
      passport.use(new LocalStrategy((name, password, done) => done(null, people()[name]?.password === password ? people()[name] : false)))
      passport.serializeUser((user, done) => done(null, (user as Person).id))
      passport.deserializeUser((id, done) => done(null, Object.values(people()).find((user) => user.id === id) ?? false))
      const login = multistep(passport, { steps: ['local'] })
      const app = express()
      app.use(session({ secret: 'a secret of the tests', resave: false, saveUninitialized: false }), express.json(), passport.session())
      app.use('/login', login.router() as never)
      app.get('/guarded', login.require() as never, (_req, res) => { res.send('in') })
      return { browsing: browser(app) }
    })()
    await browsing.get('/guarded').expect(401)
    expect((await browsing.password()).body).toMatchObject({ status: 'complete' })
    expect((await browsing.get('/guarded')).text).toBe('in')
  })

  it('a programmer who sends a secure cookie over plain http is told where a login is posted, and not behind a proxy that serves https (G-09)', async () => {
    const mounted = { cookie: { secure: true } }
    const { browsing, app } = written((host, login) => host.use(login.session() as never).use('/login', login.router() as never), mounted)
    app.set('trust proxy', 1)
    expect(await warned(() => browsing.agent.post('/login/local').set('X-Forwarded-Proto', 'https').send({ username: 'ada', password: 'lovelace-1815' }))).toEqual([])
    expect(await warned(() => browsing.password())).toEqual([expect.stringContaining('cookie is secure, and a login came over plain http')])
  })

  it('a programmer whose app listens to no event is warned in the same sentence (G-09)', async () => {
    const { app } = buildApp({ options: { steps: ['local'], userId: () => undefined } })
    const warnings = await warned(() => browser(app).password())
    expect(warnings).toEqual([expect.stringContaining('userId must return a non-empty string')])
  })

  it('the login asks for the fields that passport-local was told to read, and counts failures by the first (G-09)', async () => {
    const { browsing, app, passport } = written((host, login) => host.use(login.session() as never).use('/login', login.router() as never), { local: { usernameField: 'email', passwordField: 'passphrase' }, lockout: { after: 1 } })
    expect(passport).toBeDefined()
    const page = (await browser(app).page('/login')).text
    expect(page).toContain('name="email"')
    expect(page).toContain('>Email</label>')
    expect(page).toContain('name="passphrase"')
    const post = (passphrase: string) => browsing.post('/login/local', { email: 'ada', passphrase })
    expect((await post('wrong')).body.code).toBe('factor_failed')
    expect((await post('lovelace-1815')).body.code).toBe('factor_locked')
  })

  it('a programmer whose fields differ from the fields of the strategy is told at start-up (G-09)', () => {
    const named = (fields: string[]) => () => written(() => undefined, { local: { usernameField: 'email' }, factors: { local: { fields } } })
    expect(named(['username', 'password'])).toThrow('its strategy reads the name from \'email\' (usernameField). Leave fields out, or write factors: { \'local\': { fields: [\'email\', \'password\'] } }')
    expect(named(['email', 'password', 'remember'])).not.toThrow()
  })

  it('a strategy that finds a PIN alone, or fields within fields, says nothing of the page: the fields stay the fields of a password (G-09)', async () => {
    for (const local of [{ usernameField: 'pin', passwordField: 'pin' }, { usernameField: 'user[email]', passwordField: 'user[password]' }]) {
      const { app } = written((host, login) => host.use(login.session() as never).use('/login', login.router() as never), { local })
      expect((await browser(app).page('/login')).text).toContain('name="username"')
    }
  })

  it('a programmer who mounts a CSRF check in front of the router is told when its page is opened, and not for pages of the app\'s own (G-09 at router)', async () => {
    const csrf: express.RequestHandler = (req, res, next) => {
      Object.assign(req, { csrfToken: () => 'of the app' })
      if (req.method === 'GET' || req.body?._csrf === 'of the app') return next()
      res.status(403).send('Invalid CSRF token.')
    }
    const mounted = (render?: Render) => written((host, login) => host.use(login.session() as never, csrf).use('/login', login.router() as never), { ...render && { render } }).browsing
    expect(await warned(() => mounted((...[, res]) => { void (res as unknown as express.Response).end('') }).page('/login'))).toEqual([])
    const told = await warned(() => mounted().page('/login'))
    expect(told).toEqual([expect.stringContaining('Move app.use(\'/login\', login.router()) in front of it')])
  })

  it('the log names the other origin whose page was refused, a few times at most, and the client is told nothing of it (G-09)', async () => {
    const { browsing } = written((host, login) => host.use(login.session() as never).use('/login', login.router() as never))
    const from = (origin: string) => browsing.agent.post('/login/local').set('Origin', origin).set('Sec-Fetch-Site', 'cross-site').send({ username: 'ada', password: 'x' })
    const bodies: unknown[] = []
    const warnings = await warned(async () => {
      for (const origin of ['https://app.example', 'https://app.example', 'null', 'https://x.example\u00e9', ...Array.from({ length: 9 }, (_, n) => `https://${n}.example`)]) {
        const { status, body } = await from(origin)
        bodies.push(body)
        expect(status).toBe(403)
      }
    })
    expect(warnings[0]).toContain('write multistep(passport, { origins: [\'https://app.example\'], … })')
    expect(warnings.length).toBeLessThanOrEqual(5)
    expect(warnings.filter((one) => one.includes('//app.example'))).toHaveLength(1)
    expect(JSON.stringify(bodies)).not.toContain('origins')
  })

  describe('in production', () => {
    const { NODE_ENV } = process.env
    beforeEach(() => { process.env.NODE_ENV = 'production' })
    afterEach(() => { process.env.NODE_ENV = NODE_ENV })

    it('what is written for the programmer goes to the log with its cause, and to no client (G-09)', async () => {
      const cause = new RangeError('told to nobody')
      const { browsing } = written((host, login) => host.use(login.session() as never).use('/login', login.router() as never), { userId: () => { throw cause } })
      let answer: any
      const warnings = await warned(async () => { answer = await browsing.password() })
      expect(answer).toMatchObject({ status: 500, body: { code: 'misconfigured', detail: 'This step cannot be taken now. Try again, or choose another way.' } })
      expect(warnings.filter((one) => one.includes('userId'))).toEqual([expect.stringMatching(/broke with RangeError \(multistep: userId failed; its error is the cause[\s\S]*\n {4}at /)])
      expect(JSON.stringify(warnings)).not.toContain('told to nobody')
    })

    it('what broke in front of every step is in the log, too, where a program asked (G-09)', async () => {
      const { browsing } = written((host, login) => host.use(login.session() as never).use('/login', login.router() as never), { steps: () => [] as never, factors: { local: {} } } as never)
      let answer: any
      const warnings = await warned(async () => { answer = await browsing.get('/login') })
      expect(answer).toMatchObject({ status: 500, body: { code: 'plan_empty' } })
      expect(answer.body.detail).not.toContain('multistep')
      expect(warnings.filter((one) => one.includes('answering GET /login'))).toEqual([expect.stringContaining('broke with MultistepError (')])
    })
  })
})
