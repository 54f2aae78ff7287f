import express, { type Express as ExpressApp, type RequestHandler } from 'express'
import session, { type SessionOptions } from 'express-session'
import { Passport } from 'passport'
import { Strategy as PassportStrategy } from 'passport-strategy'
import { Strategy as LocalStrategy } from 'passport-local'
import request from 'supertest'
import { multistep, type DecidedOptions, type Multistep, type MultistepOptions } from '../../src/index.js'
import { takeFaults, watched } from '../../../../test/support/protocol.js'

// Every suite that uses this app shows that docs/openapi.json says what the router does.
afterEach(() => expect(takeFaults()).toEqual([]))

export interface Person { id: string, name: string, password: string, phone?: string, key?: string }

/** A fresh set of people; tests change their own. */
export const people = (): Record<string, Person> => ({
  ada: { id: 'u1', name: 'ada', password: 'lovelace-1815', phone: '+447400123456', key: 'key-of-ada-1815' },
  grace: { id: 'u2', name: 'grace', password: 'hopper-1906' },
  alan: { id: 'u3', name: 'alan', password: 'turing-1912', phone: '+447400123457', key: 'key-of-alan-1912' },
})

type Run = (this: PassportStrategy, req: any, options: any) => unknown

/** A strategy that does what a test says. */
export class Scripted extends PassportStrategy {
  readonly name: string
  run: Run
  runs = 0

  constructor(name: string, run: Run) {
    super()
    this.name = name
    this.run = run
  }

  override authenticate(req: any, options: any): void {
    (Object.getPrototypeOf(this) as Scripted).runs += 1
    return this.run.call(this, req, options) as never
  }
}

/** A possession factor in the manner of passport-totp: the code `246810` is right, for every `req.user`. */
export const pin = (name = 'pin') => new Scripted(name, function (req) {
  if (req.body?.code === '246810' && req.user) this.success(req.user)
  else this.fail(undefined as never)
})

export interface Setup<F extends string> {
  strategies?: PassportStrategy[]
  /** Factors beside `local`, which is always there. */
  options: MultistepOptions<F> | DecidedOptions<F>
  /** Of express-session, or what stands in its place. */
  session?: Partial<SessionOptions> | RequestHandler
  users?: Record<string, Person>
  /** Routes of the host app, after `login.session()`. */
  routes?: (app: ExpressApp, login: Multistep<F>) => void
  /** In front of everything but the session. */
  before?: (app: ExpressApp, passport: InstanceType<typeof Passport>) => void
  /** In place of Express' own for forms and JSON. */
  parsers?: RequestHandler[]
  router?: boolean
  /** Default: the newest that the README promises. */
  versions?: Versions
  serialize?: (user: any, done: any) => void
  deserialize?: (id: any, done: any) => void
}

export interface Versions { express: typeof express, Passport: typeof Passport }

export const ISSUED = Symbol('sessions')

export function buildApp<const F extends string>(setup: Setup<F>) {
  const users = setup.users ?? people()
  const { express: host, Passport: PassportOf } = setup.versions ?? { express, Passport }
  const passport = new PassportOf()
  const byId = (id: string) => Object.values(users).find((user) => user.id === id)
  passport.serializeUser(setup.serialize ?? ((user, done) => done(null, (user as Person).id)))
  passport.deserializeUser(setup.deserialize ?? ((id: string, done) => done(null, (byId(id) ?? false) as any)))
  passport.use(new LocalStrategy((name, password, done) => {
    const user = Object.values(users).find((one) => one.name === name)
    done(null, user?.password === password ? (user) : false)
  }))
  for (const strategy of setup.strategies ?? []) passport.use(strategy)
  const login = multistep(passport, setup.options as MultistepOptions<F>)
  const options = typeof setup.session === 'function' ? {} : setup.session
  const store = options?.store ?? new session.MemoryStore()
  const app = host()
  app.disable('x-powered-by')
  app.use(typeof setup.session === 'function' ? setup.session : session({ secret: 'a secret of the tests', resave: false, saveUninitialized: false, ...options, store }))
  setup.before?.(app, passport)
  for (const parser of setup.parsers ?? [express.urlencoded({ extended: false }), express.json()]) app.use(parser)
  app.use(login.session())
  if (setup.router !== false) app.use('/login', watched(login.router()))
  setup.routes?.(app, login)
  app.get('/who', (req, res) => {
    res.json({ authenticated: req.isAuthenticated(), user: (req.user as Person | undefined)?.id ?? null, amr: login.amr(req as any) })
  })
  app.get('/account', login.require() as any, (req, res) => {
    res.json({ id: (req.user as Person).id })
  })
  app.post('/logout', login.logout() as any)
  app.use((error: any, _req: any, res: any, next: any) => {
    if (res.headersSent) return next(error)
    res.status(error.status ?? 500).json({ handled: true, name: error.name, code: error.code, message: error.message })
  })
  return { app, login, passport, users, store }
}

/** A browser that posts JSON, or forms as pages do. */
export function browser(app: ExpressApp) {
  const agent = request.agent(app)
  return {
    agent,
    post: (path: string, body: object = {}) => agent.post(path).send(body),
    get: (path: string) => agent.get(path),
    page: (path: string) => agent.get(path).set('Accept', 'text/html'),
    form: (path: string, body: object = {}) => agent.post(path).set('Accept', 'text/html').set('Sec-Fetch-Site', 'same-origin').type('form').send(body),
    password: (username = 'ada', password = people()[username]?.password ?? '') => agent.post('/login/local').send({ username, password }),
    who: async () => (await agent.get('/who')).body,
  }
}
