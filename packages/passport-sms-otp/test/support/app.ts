import express, { type ErrorRequestHandler, type Request } from 'express'
import session from 'express-session'
import { Passport } from 'passport'
import supertest from 'supertest'
import { Strategy, type StrategyOptions, type Verify } from '../../src/index.js'
import { inboxSender } from '../../src/senders/inbox.js'
import { clock, SECRET } from './kit.js'

export interface User {
  id: string
  phone?: string
}

export interface AppOptions {
  strategy?: Partial<StrategyOptions>
  verify?: Verify | null
  /** Who is logged in already. */
  user?: User
  session?: boolean
}

/**
 * A real app: Express, express-session, Passport and the strategy. `/send`, `/resend`, `/verify`, and `/me` for who is
 * logged in.
 */
export function createApp({ strategy: options = {}, verify = async (phone) => ({ id: `user of ${phone}`, phone }), user, session: withSession = true }: AppOptions = {}) {
  const time = clock()
  const inbox = inboxSender(time)
  const errors: unknown[] = []
  const way = 'provider' in options ? {} : { sender: inbox }
  const own = options.otp ? {} : { ...way, secret: SECRET, now: time.now }
  const strategy = new Strategy({ ...own, ...options } as StrategyOptions, verify ?? undefined)
  const passport = new Passport()
  passport.serializeUser((who, done) => { done(null, JSON.stringify(who)) })
  passport.deserializeUser((who: string, done) => { done(null, JSON.parse(who)) })
  passport.use(strategy)

  const sessions = new session.MemoryStore()
  const app = express()
  app.use(express.json(), express.urlencoded({ extended: true }))
  if (withSession) {
    app.use(session({ secret: 'of the test', resave: false, saveUninitialized: false, store: sessions }))
    app.use(passport.session())
  }
  if (user) app.use((req, _, next) => { req.user = user; next() })
  const run = (action?: 'send' | 'resend') => [
    passport.authenticate('sms-otp', { session: withSession, failWithError: true, ...action ? { action } : {} }),
    (req: Request, res: express.Response) => res.json({ ...req.smsOtp, user: req.user }),
  ]
  app.all('/send', run('send'))
  app.all('/resend', run('resend'))
  app.all('/verify', run())
  app.get('/me', (req, res) => res.json({ user: req.user ?? null, authenticated: req.isAuthenticated() }))
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express tells an error handler by its four parameters
  app.use(((error: { status?: number }, req, res, _next) => {
    errors.push(error)
    res.status(error.status ?? 500).json(req.smsOtp ?? {})
  }) as ErrorRequestHandler)

  return { app, strategy, passport, sessions, inbox, time, errors, agent: () => supertest.agent(app) }
}
