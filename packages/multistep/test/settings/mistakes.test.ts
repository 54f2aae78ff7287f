import express from 'express'
import session from 'express-session'
import { Passport } from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { multistep, type MultistepOptions } from '../../src/index.js'
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

type Written = Partial<MultistepOptions> & { serializers?: boolean, cookie?: object }

/** As an app is written down at first: everything by hand, and `mount` puts the login in. */
function written(mount: (app: express.Express, login: ReturnType<typeof multistep>) => void, { serializers = true, cookie = {}, ...options }: Written = {}) {
  const passport = new Passport()
  passport.use(new LocalStrategy((name, password, done) => done(null, people()[name]?.password === password ? people()[name] : false)))
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
})
