import express, { type Express, type NextFunction, type RequestHandler, type Response } from 'express'
import session, { MemoryStore } from 'express-session'
import { anyOf, multistep, passed, when } from 'multistep'
import { Passport, type PassportStatic } from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { Strategy as OAuth2Strategy } from 'passport-oauth2'
import { Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { inboxSender } from 'passport-sms-otp/testing'
import { Visitor } from '../../packages/mobileconnect-simulator/test/support/visitor.js'
import { openIdProvider, signInAt } from '../../packages/multistep/test/support/provider.js'
import { serve, statusOnly } from './serve.js'
import { postJson } from './target.js'
import type { WaysInTarget } from './ways-in-attacks.js'

interface Person { readonly id: string, readonly password: string, readonly phone: string }

const people: readonly Person[] = [
  { id: 'ada', password: 'lovelace-1815', phone: '+447400123456' },
  { id: 'eve', password: 'eaves-1984', phone: '+447400123458' },
]
const find = (id: unknown) => people.find((person) => person.id === id)
const ada = { username: 'ada', password: 'lovelace-1815' }
const secret = 'k7Qz'.repeat(10)

const passportOf = (): PassportStatic => {
  const passport = new Passport() as PassportStatic
  passport.serializeUser((user, done) => done(null, (user as Person).id))
  passport.deserializeUser((id: string, done) => done(null, (find(id) ?? false) as never))
  passport.use(new LocalStrategy((name, password, done) => {
    const person = find(name)
    done(null, person?.password === password ? person : false)
  }))
  return passport
}

const guarded: RequestHandler = (req, res) => {
  if (req.isAuthenticated()) res.json({ id: (req.user as Person).id })
  else res.status(401).end()
}

const answered = (res: Response, next: NextFunction) => (error: unknown): void => {
  if (error) next(error)
  else res.json({})
}

/** The routes that nobody has looked at since there is a second factor: each is in some app. */
function oldRoutes(app: Express, passport: PassportStatic): void {
  app.post('/api/signin', passport.authenticate('local'), (_req, res) => { res.json({}) })
  app.post('/signin', (req, res, next) => {
    passport.authenticate('local', (error: unknown, user: Express.User | false) => {
      if (error || !user) return next(error)
      req.logIn(user, answered(res, next))
    })(req, res, next)
  })
  app.post('/signup', (req, res, next) => { req.login(find(req.body.username) as Express.User, answered(res, next)) })
  app.post('/restore', (req, res) => {
    Object.assign(req.session, { passport: { user: req.body.username } })
    res.json({})
  })
  app.post('/api/token', passport.authenticate('local', { session: false }), (req, res) => { res.json({ token: (req.user as Person).id }) })
  app.get('/api/me', (req, res) => { res.status(find(req.headers.authorization?.slice('Bearer '.length)) ? 200 : 401).end() })
}

/** The same app, its second factor written by hand or chained by multistep. The old routes are the same to the letter. */
export type Kind = 'by hand' | 'multistep'

export async function waysInApp(kind: Kind): Promise<WaysInTarget> {
  const sessions = session({ secret: 'of-a-test-and-nothing-else', resave: false, saveUninitialized: false, store: new MemoryStore() })
  const before = express()
  const passport = passportOf()
  before.use(sessions, express.json(), passport.session())
  before.post('/login', passport.authenticate('local'), (_req, res) => { res.json({}) })
  before.get('/account', guarded)

  let version: Express = before
  const site = await serve((req, res) => { version(req, res) })
  const callbackURL = `${site.url}/login/social/callback`
  const provider = await openIdProvider([callbackURL])
  const now = deployed(kind, { sessions, provider, callbackURL })
  version = now
  return {
    url: site.url,
    guarded: '/account',
    oldWays: ['/api/signin', '/signin', '/signup', '/restore'].map((path) => ({ path, body: ada })),
    token: { ask: { path: '/api/token', body: ada }, page: '/api/me' },
    sessionOfBefore: async () => {
      version = before
      const visitor = new Visitor()
      await postJson(visitor, site.url, { path: '/login', body: ada })
      if ((await visitor.request(`${site.url}/account`)).status !== 200) throw new Error('The version of before does not log in.')
      version = now
      return visitor
    },
    social: { begin: { path: '/login/social', body: {} }, answerFor: (url) => signInAt(provider.issuer, url, 'eve') },
    close: async () => {
      await site.close()
      await provider.close()
    },
  }
}

interface Parts {
  readonly sessions: RequestHandler
  readonly provider: Awaited<ReturnType<typeof openIdProvider>>
  readonly callbackURL: string
}

function deployed(kind: Kind, { sessions, provider, callbackURL }: Parts): Express {
  const passport = passportOf()
  passport.use('social', socialStrategy(provider, callbackURL))
  const app = express()
  app.use(sessions, express.json())
  if (kind === 'by hand') byHand(app, passport)
  else chained(app, passport)
  oldRoutes(app, passport)
  app.get('/account', guarded)
  app.use(statusOnly)
  return app
}

/** passport-oauth2 as it is by default: without `state`. */
function socialStrategy(provider: Parts['provider'], callbackURL: string): OAuth2Strategy {
  const strategy = new OAuth2Strategy({
    authorizationURL: `${provider.issuer}/auth`,
    tokenURL: `${provider.issuer}/token`,
    clientID: provider.client.client_id,
    clientSecret: provider.client.client_secret,
    callbackURL,
    scope: 'openid',
  }, (_access: string, _refresh: string, profile: { sub: string }, done: (error: unknown, user?: Express.User | false) => void) => {
    done(null, find(profile.sub) ?? false)
  })
  strategy.userProfile = (accessToken, done) => {
    fetch(`${provider.issuer}/me`, { headers: { authorization: `Bearer ${accessToken}` } })
      .then((response) => response.json()).then((profile: unknown) => done(null, profile), (error: unknown) => done(error))
  }
  return strategy
}

function byHand(app: Express, passport: PassportStatic): void {
  app.use(passport.session())
  app.post('/login/social', passport.authenticate('social'))
  app.get('/login/social/callback', passport.authenticate('social', { successRedirect: '/account' }))
}

function chained(app: Express, passport: PassportStatic): void {
  passport.use(new SmsOtpStrategy({ sender: inboxSender(), secret }, (phone) => people.find((person) => person.phone === phone)))
  const login = multistep(passport, {
    // The provider asks for a second factor itself.
    steps: [anyOf('local', 'social'), when(passed('local'), 'sms-otp')],
    factors: { social: { redirects: true } },
  })
  app.use(login.session())
  app.use('/login', login.router())
}
