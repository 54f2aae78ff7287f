import express, { type Express as ExpressApp } from 'express'
import express4 from 'express4'
import session from 'express-session'
import { Passport } from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { multistep, type Multistep } from '../../src/index.js'
import { browser, people, pin } from '../support/app.js'
import { device } from '../support/factors.js'

const right = { username: 'ada', password: 'lovelace-1815' }
const code = { code: '246810' }

const users = people()

/** A Passport as an app would set it up: `local` for everybody in `users`. */
function passportOf() {
  const passport = new Passport()
  passport.serializeUser((user, done) => { done(null, (user as { id: string }).id) })
  passport.deserializeUser((id, done) => { done(null, Object.values(users).find((user) => user.id === id) ?? false) })
  passport.use(new LocalStrategy((name, password, done) => {
    done(null, users[name]?.password === password ? users[name] : false)
  }))
  passport.use(pin())
  return passport
}

const policy = (loginPath = '/login'): Multistep => {
  const passport = passportOf()
  return multistep(passport, { steps: ['local', 'pin'], factors: { pin: device }, loginPath })
}

const sessions = () => session({ secret: 'a secret of the tests', resave: false, saveUninitialized: false })

/** Routes that were there before multistep came: another Passport instance logs in by a password alone. */
function oldRoutes(app: ExpressApp, login: Multistep, path = ''): void {
  app.post(`${path}/legacy`, passportOf().authenticate('local'), (req, res) => { res.json({ user: req.user }) })
  app.post(`${path}/plain-logout`, (req, res, next) => { req.logout((error) => { if (error) next(error); else res.json({}) }) })
  app.get(`${path}/me`, login.require() as any, (_req, res) => { res.json({}) })
}

const failed = (app: ExpressApp) => app.use(((error, _req, res, next) => {
  if (res.headersSent) return next(error)
  res.status(error.status ?? 500).json({ code: error.code })
}) as express.ErrorRequestHandler)

const make = { 'Express 5': express, 'Express 4': express4 }

describe.each(Object.entries(make))('the methods of a request, on %s', (_name, expressOf) => {
  const layouts: Record<string, () => ExpressApp> = {
    'an app that another one calls': () => {
      const [app, inner, login] = [expressOf(), expressOf(), policy()]
      app.use(sessions(), expressOf.json(), login.session() as any)
      app.use('/login', login.router() as any)
      oldRoutes(inner, login)
      failed(inner)
      app.use((req, res, next) => { (inner as any)(req, res, next) })
      return app
    },
    'an app behind one that holds the session': () => {
      const [app, inner, login] = [expressOf(), expressOf(), policy()]
      inner.use(sessions(), expressOf.json(), login.session() as any)
      inner.use('/login', login.router() as any)
      app.use(inner)
      oldRoutes(app, login)
      failed(app)
      return app
    },
  }

  it.each(Object.entries(layouts))('the methods of a request refuse a login by a password alone, and end a login, in %s (G-01)', async (_layout, layout) => {
    const app = layout()
    const thief = browser(app)
    expect((await thief.post('/legacy', right)).body).toEqual({ code: 'login_elsewhere' })
    const ada = browser(app)
    await ada.post('/login/local', right).expect(200)
    await ada.post('/login/pin', code).expect(200)
    await ada.get('/me').expect(200)
    await ada.post('/plain-logout', {}).expect(200)
    await ada.get('/me').expect(401)
  })

  it.each([['/a', '/b'], ['/b', '/a']])('two policies on two paths refuse a login by a password alone below %s, after %s was asked for first (G-01)', async (path, first) => {
    const app = expressOf()
    app.use(sessions(), expressOf.json())
    for (const place of ['/a', '/b']) {
      const login = policy(`${place}/login`)
      app.use(place, login.session() as any)
      app.get(`${place}/ping`, (_req, res) => { res.json({}) })
      oldRoutes(app, login, place)
    }
    failed(app)
    await browser(app).get(`${first}/ping`).expect(200)
    expect((await browser(app).post(`${path}/legacy`, right)).body).toEqual({ code: 'login_elsewhere' })
  })

  const lists: Record<string, (req: express.Request) => void> = {
    'was replaced behind session()': (req) => { req.rawHeaders = [...req.rawHeaders] },
    'is another one at each look': (req) => { Object.defineProperty(req, 'rawHeaders', { get: () => [] }) },
  }

  it.each(Object.entries(lists))('the methods know the login of a request whose list of raw headers %s (G-01)', async (_how, change) => {
    const [app, login] = [expressOf(), policy()]
    app.use(sessions(), expressOf.json(), login.session() as any, (req, _res, next) => { change(req as any); next() })
    app.use('/login', login.router() as any)
    oldRoutes(app, login)
    failed(app)
    expect((await browser(app).post('/legacy', right)).body).toEqual({ code: 'login_elsewhere' })
    const ada = browser(app)
    await ada.post('/login/local', right).expect(200)
    await ada.post('/login/pin', code).expect(200)
    await ada.get('/me').expect(200)
  })

  it('the methods know the login of each of many requests that share one list of raw headers (G-01)', async () => {
    const [app, login] = [expressOf(), policy()]
    const shared: string[] = []
    app.use(sessions(), expressOf.json(), (req, _res, next) => { req.rawHeaders = shared; next() }, login.session() as any)
    app.use('/login', login.router() as any)
    oldRoutes(app, login)
    failed(app)
    for (let round = 0; round < 2; round += 1) {
      const ada = browser(app)
      await ada.get('/me').expect(401)
      await ada.post('/login/local', right).expect(200)
      await ada.post('/login/pin', code).expect(200)
      await ada.get('/me').expect(200)
    }
  })
})
