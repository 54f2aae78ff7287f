import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express from 'express'
import session from 'express-session'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { anyOf, multistep } from 'multistep'
import type { Simulator } from 'mobileconnect-simulator'
import { Strategy, type StrategyOptions } from 'passport-number-verification'
import { Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { Browser } from '../../../passport-mobileconnect/test/support/browser.js'
import { ada, bob, providerOf } from './app.js'

type Person = Express.User & { id: string, phone: string, password: string }

/** What an app says of the factor under a name of its own. multistep knows it by its usual name. */
const factor = {
  kind: 'possession', channel: 'phone', amr: 'pop', label: 'Your phone', redirects: true, state: 'own', sees: 'pending',
} as const

/** An app on multistep's router whose factor is the mobile network, or a text. */
export async function startMultistep(
  sim: Simulator,
  first: 'local' | 'number-verification',
  { name = 'number-verification', ...options }: Partial<StrategyOptions> & { name?: string } = {},
) {
  const people: Person[] = [{ id: 'ada', phone: ada, password: 'lovelace' }, { id: 'bob', phone: bob, password: 'babbage' }]
  const texts: string[] = []
  const textedAt: number[] = []
  const app = express()
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const authenticator = new passport.Passport()
  authenticator.serializeUser<any>((user: any, done) => { done(null, user.id) })
  authenticator.deserializeUser<any>((id, done) => { done(null, people.find((person) => person.id === id)) })
  authenticator.use(new LocalStrategy((username, password, done) => {
    done(null, people.find(({ id, password: right }) => id === username && right === password) ?? false)
  }))
  authenticator.use(new SmsOtpStrategy({
    secret: 'j6bXq0m2Vd9sKfT4hLr8pWz1YcNe5uGa', countries: ['GB'], acceptNumber: () => true,
    sender: { name: 'inbox', send: async ({ body }) => {
      textedAt.push(Date.now())
      return { id: String(texts.push(body)) }
    } },
  }))
  authenticator.use(new Strategy({
    provider: providerOf(sim), callbackURL: `${origin}/login/${name}/callback`, ...options as object,
  }, async ({ phone }) => people.find((person) => person.phone === phone)))
  const second = anyOf(name, 'sms-otp')
  const login = multistep(authenticator as never, {
    steps: first === 'local' ? ['local', second] : ['number-verification', 'local'],
    ...name === 'number-verification' ? {} : { factors: { [name]: { ...factor, strategy: 'number-verification' } } },
  } as never)
  const failures: (readonly [factor: string, code: string, status: number])[] = []
  login.on('step.failed', ({ factor: failed, code, status }) => { failures.push([failed, code, status]) })
  const fallbacks: unknown[] = []
  login.on('factor.fallback', ({ factor: tried, to, reason }) => { fallbacks.push([tried, to, reason]) })
  app.use(session({ secret: 'of-a-test-and-nothing-else', resave: false, saveUninitialized: false }))
  app.use(express.json(), express.urlencoded({ extended: false }), login.session())
  app.use('/login', login.router())
  app.get('/', (req, res) => { res.send(`<title>home</title><h1>${login.amr(req).join(' ')}</h1>`) })
  app.get('/account', login.require({ mfa: true }), (req, res) => { res.json({ id: (req.user as Person).id, amr: login.amr(req), evidence: login.evidence(req) }) })
  const tab = (headers: Record<string, string> = {}) => {
    const browser = new Browser()
    const json = async (method: string, path: string, body?: object) => {
      const sent = { accept: 'application/json', 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', ...headers }
      const init = { method, headers: sent, ...body ? { body: JSON.stringify(body) } : {} }
      const response = await browser.request(new URL(path, origin).href, init)
      return { status: response.status, body: await response.json() as any }
    }
    const comeBack = async (url: string) => json('GET', (await browser.request(url, { headers })).headers.get('location')!)
    /** The try by a click: leaves, is at the operator, comes back. */
    const silent = async (body: object = {}) => {
      const begun = await json('POST', `/login/${name}`, body)
      return begun.body.status === 'redirect' ? comeBack(begun.body.url as string) : begun
    }
    return { json, silent, comeBack }
  }
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { origin, tab, failures, texts, textedAt, fallbacks, close }
}
