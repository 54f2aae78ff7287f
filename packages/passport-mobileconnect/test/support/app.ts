import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express, { type Express } from 'express'
import session from 'express-session'
import passport from 'passport'
import { Strategy, type AuthenticateOptions, type Identity, type StrategyOptions, type Verify, type VerifyWithRequest } from 'passport-mobileconnect'
import { Browser } from './browser.js'

export interface Answer {
  readonly status: number
  readonly body: any
  readonly location: string | undefined
  readonly retryAfter: string | undefined
}

export type Users = Map<string, { id: string, phone?: string }>

export interface AppOptions extends Partial<StrategyOptions> {
  readonly verify?: Verify
  /** Instead of `verify`, with `passReqToCallback`. */
  readonly verifyWithRequest?: VerifyWithRequest
  /** Who is logged in before Mobile Connect is used, by `POST /as/:id`. */
  readonly people?: Record<string, { id: string, phone?: string }>
  /** Options of the routes that begin, and that end. */
  readonly beginning?: AuthenticateOptions
  readonly ending?: AuthenticateOptions
  readonly express?: () => Express
}

/** An Express app with sessions and the strategy, on loopback; errors answer as JSON, with what an app's log would have got in `errors`. */
export async function startApp(make: (origin: string) => AppOptions) {
  const errors: any[] = []
  const identities: Identity[] = []
  const people: Record<string, { id: string, phone?: string }> = {}
  const app = express()
  // Room for all who connect at the same moment: Node's own backlog is 511.
  const server = app.listen(0, '127.0.0.1', 4096)
  // On a slow machine a thousand clients idle for longer than the default of five seconds, and a kept socket is closed under one of them.
  server.keepAliveTimeout = 120_000
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { verify, verifyWithRequest, people: known = {}, beginning, ending, ...given } = make(origin)
  const options = { ...given, ...verifyWithRequest && { passReqToCallback: true as never } }
  Object.assign(people, known)
  const authenticator = new passport.Passport()
  authenticator.serializeUser<any>((user: any, done) => { done(null, user.id) })
  authenticator.deserializeUser<any>((id, done) => { done(null, people[id] ?? { id }) })
  const strategy = new Strategy({ callbackURL: `${origin}/callback/{operator}`, ...options.mode === 'backchannel' ? {} : { beginLimits: { '10m': 1000 } }, ...options }, (verifyWithRequest ?? ((identity: Identity, done: Parameters<Verify>[1]) => {
    identities.push(identity)
    if (verify) return verify(identity, done)
    done(null, { id: `${identity.issuer} ${identity.sub}` })
    return undefined
  })) as Verify)
  authenticator.use(strategy)

  app.use(session({ secret: 'of-a-test-and-nothing-else', resave: false, saveUninitialized: false }))
  app.use(express.urlencoded({ extended: false }))
  app.use(authenticator.session())
  app.post('/as/:id', (req, res, next) => { req.logIn(people[req.params.id]!, (error: unknown) => { if (error) next(error); else res.json({}) }) })
  const run = (name: 'beginning' | 'ending', own: AuthenticateOptions | undefined): express.RequestHandler => (req, res, next) => {
    const route = { ...own, ...JSON.parse(String(req.headers['x-route'] ?? '{}')) as object }
    authenticator.authenticate('mobileconnect', route, (error: unknown, user: any, info: any, status: any) => {
      if (error) return next(error)
      if (!user) return res.status(status ?? 401).json({ info, outcome: req.mobileConnect, session: req.session })
      req.logIn(user, (failed: unknown) => {
        if (failed) next(failed)
        else res.json({ user, info, outcome: req.mobileConnect, name })
      })
    })(req, res, next)
  }
  app.all('/login', run('beginning', beginning), (req, res) => { res.json({ begun: req.mobileConnect, session: req.session }) })
  app.all(['/callback', '/callback/:operator', '/other/:operator'], run('ending', ending))
  app.get('/me', (req, res) => { res.json({ user: req.user ?? null, session: req.session }) })
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express knows an error handler by its four parameters
  app.use(((error, _req, res, _next) => {
    errors.push(error)
    res.status(error.status ?? 500).json({ error: { name: error.name, code: error.code, message: error.expose === true ? error.message : undefined } })
  }) as express.ErrorRequestHandler)

  const tab = (browser = new Browser()) => {
    const send = async (path: string, init: RequestInit = {}): Promise<Answer> => {
      const response = await browser.request(new URL(path, origin).href, { ...init, headers: { 'sec-fetch-site': 'same-origin', ...init.headers as object } })
      const text = await response.text()
      const json = response.headers.get('content-type')?.includes('json') === true
      return { status: response.status, body: json && text !== '' ? JSON.parse(text) : text, location: response.headers.get('location') ?? undefined, retryAfter: response.headers.get('retry-after') ?? undefined }
    }
    return {
      browser,
      get: (path: string, headers: Record<string, string> = {}) => send(path, { headers }),
      post: (path: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}) => send(path, { method: 'POST', body: new URLSearchParams(fields), headers }),
      send,
    }
  }
  return {
    origin,
    strategy,
    errors,
    identities,
    people,
    tab,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export type App = Awaited<ReturnType<typeof startApp>>
export type Tab = ReturnType<App['tab']>
