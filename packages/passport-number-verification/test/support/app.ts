import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express from 'express'
import session from 'express-session'
import passport from 'passport'
import { startSimulator, type Simulator, type SimulatorOptions } from 'mobileconnect-simulator'
import {
  camara, Strategy, type AuthenticateOptions, type CamaraOptions, type ProvenNumber, type StrategyOptions,
} from 'passport-number-verification'
import { Browser } from '../../../passport-mobileconnect/test/support/browser.js'

export const ada = '+447700900001'
export const bob = '+447700900002'
export const eve = '+447700900003'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
export const clientKey = { key: privateKey, kid: 'client' }

/** CAMARA's operators with this app as their client. */
export const startOperators = (
  { redirectUris, ...options }: SimulatorOptions & { redirectUris?: string[] } = {},
): Promise<Simulator> =>
  startSimulator({
    clients: [{ ...redirectUris && { redirectUris }, jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'client', alg: 'ES256' } as never] } }],
    ...options,
  })

export const providerOf = ({ camara: { issuer, apiRoot, clientId } }: Simulator, more: Partial<CamaraOptions> = {}) =>
  camara({ issuer, apiRoot, clientId, clientKey, ...more })

export interface Answer {
  readonly status: number
  readonly body: any
  readonly location: string | undefined
  readonly headers: Headers
}

type Person = Express.User & { id: string, phone?: string }

export interface AppOptions extends Partial<Omit<StrategyOptions, 'passReqToCallback'>> {
  /** `null`: the strategy is made without a verify callback. */
  readonly verify?: ((proven: ProvenNumber) => unknown) | null
  readonly people?: readonly Person[]
  readonly sessions?: boolean
  readonly route?: AuthenticateOptions
}

/** An Express app with sessions and the strategy, on loopback. Errors answer as JSON, and `errors` has them. */
export async function startApp(options: AppOptions & Pick<StrategyOptions, 'provider'>) {
  const everybody = [{ id: 'ada', phone: ada }, { id: 'bob', phone: bob }]
  const { verify, people = everybody, sessions = true, route, ...own } = options
  const errors: any[] = []
  const proven: ProvenNumber[] = []
  const app = express()
  const server = app.listen(0, '127.0.0.1', 4096)
  server.keepAliveTimeout = 120_000
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const authenticator = new passport.Passport()
  authenticator.serializeUser<any>((user: any, done) => { done(null, user.id) })
  authenticator.deserializeUser<any>((id, done) => { done(null, people.find((person) => person.id === id)) })
  const find = async (answer: ProvenNumber) => {
    proven.push(answer)
    return verify ? verify(answer) as Express.User : people.find(({ phone }) => phone === answer.phone)
  }
  const strategy = new Strategy(
    { callbackURL: `${origin}/callback`, beginLimits: { '1h': 10_000 }, ...own },
    ...verify === null ? [] : [find] as const,
  )
  authenticator.use(strategy)
  if (sessions) app.use(session({ secret: 'of-a-test-and-nothing-else', resave: false, saveUninitialized: false }))
  app.use(express.urlencoded({ extended: false }))
  if (sessions) app.use(authenticator.session())
  app.post('/as/:id', (req, res, next) => {
    req.logIn(people.find(({ id }) => id === req.params.id)!, (error: unknown) => {
      if (error) next(error)
      else res.json({})
    })
  })
  app.all(['/login', '/callback'], (req, res, next) => {
    const told = (error: unknown, user: any, info: any, status: any) => {
      if (error) return next(error)
      if (!user) return res.status(status ?? 401).json({ info, outcome: req.numberVerification })
      req.logIn(user, (failed: unknown) => {
        if (failed) next(failed)
        else res.json({ user, info, outcome: req.numberVerification })
      })
      return undefined
    }
    authenticator.authenticate('number-verification', { ...route }, told)(req, res, next)
  })
  app.get('/session', (req, res) => { res.json({ user: req.user ?? null, session: req.session }) })
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express knows an error handler by its four parameters
  app.use(((error, _req, res, _next) => {
    errors.push(error)
    const { status = 500, code, message, expose } = error
    res.status(status).json({ error: { code, message: expose === true ? message : undefined } })
  }) as express.ErrorRequestHandler)

  const tab = (headers: Record<string, string> = {}) => {
    const browser = new Browser()
    const send = async (path: string, init: RequestInit = {}): Promise<Answer> => {
      const sent = { 'sec-fetch-site': 'same-origin', ...headers, ...init.headers as object }
      const response = await browser.request(new URL(path, origin).href, { ...init, headers: sent })
      const text = await response.text()
      return {
        status: response.status, headers: response.headers, location: response.headers.get('location') ?? undefined,
        body: text !== '' && isJson(response) ? JSON.parse(text) : text,
      }
    }
    const begin = (fields: Record<string, string> = {}) => send('/login', { method: 'POST', body: new URLSearchParams(fields) })
    /** Where the operator sends the browser back to. */
    const leave = async (begun: Answer): Promise<string> => {
      const response = await browser.request(begun.location!, { headers })
      return response.headers.get('location')!
    }
    return {
      browser, send, begin, leave,
      as: (id: string) => send(`/as/${id}`, { method: 'POST' }),
      /** The whole login: begins, is at the operator, comes back. */
      logIn: async (fields: Record<string, string> = {}) => {
        const begun = await begin(fields)
        return begun.status === 302 ? send(await leave(begun)) : begun
      },
    }
  }
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { origin, strategy, errors, proven, tab, close }
}

export type App = Awaited<ReturnType<typeof startApp>>

type Answering = (init: RequestInit | undefined, really: () => Promise<Response>) => Response | Promise<Response>

const isJson = ({ headers }: Response): boolean => headers.get('content-type')?.includes('json') === true

/** The address that a `fetch` was called with. */
export const addressOf = (url: string | URL | Request): string => (url instanceof Request ? url.url : url.toString())

/** The network between the app and the operator, where one address answers otherwise. */
export const answeringAt = (part: string, answer: Answering): typeof globalThis.fetch => async (url, init) =>
  (addressOf(url).includes(part) ? answer(init, () => fetch(url, init)) : fetch(url, init))
