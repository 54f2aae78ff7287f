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
import { Browser } from '../../passport-mobileconnect/test/support/browser.js'
import { ada, bob, eve, providerOf, startOperators } from './support/app.js'

type Person = Express.User & { id: string, phone: string, password: string }

/** What an app says of the factor: nothing that multistep does not know of any other strategy. */
const factor = {
  kind: 'possession', channel: 'phone', amr: 'pop', label: 'Your phone', redirects: true, state: 'own', sees: 'pending',
} as const

/** An app on multistep's router whose factor is the mobile network, or a text. */
async function startApp(
  sim: Simulator,
  first: 'local' | 'number-verification',
  { name = 'number-verification', ...options }: Partial<StrategyOptions> & { name?: string } = {},
) {
  const people: Person[] = [{ id: 'ada', phone: ada, password: 'lovelace' }, { id: 'bob', phone: bob, password: 'babbage' }]
  const texts: string[] = []
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
    sender: { name: 'inbox', send: async ({ body }) => { texts.push(body); return { id: String(texts.length) } } },
  }))
  authenticator.use(new Strategy({
    provider: providerOf(sim), callbackURL: `${origin}/login/${name}/callback`, ...options as object,
  }, async ({ phone }) => people.find((person) => person.phone === phone)))
  const second = anyOf(name, 'sms-otp')
  const login = multistep(authenticator as never, {
    steps: first === 'local' ? ['local', second] : ['number-verification', 'local'],
    factors: { [name]: { ...factor, strategy: 'number-verification' } },
  } as never)
  const failures: unknown[] = []
  login.on('step.failed', ({ factor: failed, code, status }) => { failures.push([failed, code, status]) })
  app.use(session({ secret: 'of-a-test-and-nothing-else', resave: false, saveUninitialized: false }))
  app.use(express.json(), express.urlencoded({ extended: false }), login.session())
  app.use('/login', login.router())
  app.get('/account', login.require({ mfa: true }), (req, res) => { res.json({ id: (req.user as Person).id, amr: login.amr(req), evidence: login.evidence(req) }) })
  const tab = (headers: Record<string, string> = {}) => {
    const browser = new Browser()
    const json = async (method: string, path: string, body?: object) => {
      const sent = { accept: 'application/json', 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', ...headers }
      const init = { method, headers: sent, ...body ? { body: JSON.stringify(body) } : {} }
      const response = await browser.request(new URL(path, origin).href, init)
      return { status: response.status, body: await response.json() as any }
    }
    /** The silent try: leaves, is at the operator, comes back. */
    const silent = async (body: object = {}) => {
      const begun = await json('POST', `/login/${name}`, body)
      if (begun.body.status !== 'redirect') return begun
      const back = (await browser.request(begun.body.url, { headers })).headers.get('location')!
      return json('GET', back)
    }
    return { json, silent }
  }
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { tab, failures, texts, close }
}

describe('on multistep, the mobile network', () => {
  let sim: Simulator
  let app: Awaited<ReturnType<typeof startApp>>
  beforeAll(async () => { sim = await startOperators() })
  afterAll(() => sim.close())
  beforeEach(() => { sim.handset(ada).network('mobile') })
  afterEach(async () => {
    sim.camara.restore()
    for (const msisdn of [ada, bob, eve]) sim.handset(msisdn).network('wifi')
    await app.close()
  })

  it('is a second factor: possession over the phone, beside the password mfa (Q-26, Q-01)', async () => {
    app = await startApp(sim, 'local')
    const tab = app.tab()
    const pending = await tab.json('POST', '/login/local', { username: 'ada', password: 'lovelace' })
    expect(pending.body.factors.map((shown: { factor: string }) => shown.factor)).toEqual(['number-verification', 'sms-otp'])
    expect((await tab.silent()).body).toMatchObject({ status: 'complete' })
    const { body } = await tab.json('GET', '/account')
    expect(body).toMatchObject({ id: 'ada', amr: ['pwd', 'pop', 'mfa'] })
    expect(body.evidence.at(-1)).toMatchObject({ factor: 'number-verification', kind: 'possession', channel: 'phone', amr: ['pop'], via: 'fresh' })
  })

  it('refuses the SIM of another person, and multistep counts that as a failed attempt (Q-26, Q-02)', async () => {
    app = await startApp(sim, 'local', { beginLimits: { '1h': 100 } })
    const thief = app.tab(sim.handset(eve).headers)
    sim.handset(eve).network('mobile')
    await thief.json('POST', '/login/local', { username: 'ada', password: 'lovelace' })
    const statuses = []
    for (let attempt = 0; attempt < 12; attempt += 1) statuses.push((await thief.silent()).body.code)
    expect(statuses[0]).toBe('person_mismatch')
    expect(statuses.at(-1)).toBe('factor_locked')
    expect(app.failures[0]).toEqual(['number-verification', 'person_mismatch', 401])
  })

  it('locks nobody out where it is unavailable, and the person goes on with a text (Q-26)', async () => {
    app = await startApp(sim, 'local', { beginLimits: { '1h': 100 } })
    sim.handset(ada).network('wifi')
    const tab = app.tab()
    await tab.json('POST', '/login/local', { username: 'ada', password: 'lovelace' })
    for (let attempt = 0; attempt < 12; attempt += 1) {
      expect(await tab.silent()).toMatchObject({ status: 403, body: { code: 'unavailable' } })
    }
    await tab.json('POST', '/login/sms-otp/challenge', {})
    const code = /\d{6}/.exec(app.texts.at(-1)!)![0]
    expect((await tab.json('POST', '/login/sms-otp', { code })).body).toMatchObject({ status: 'complete' })
    expect((await tab.json('GET', '/account')).body.amr).toEqual(['pwd', 'sms', 'mfa'])
  })

  it('is a first factor: the number of the phone says who it is, and the password follows (Q-26, Q-06)', async () => {
    app = await startApp(sim, 'number-verification', { mode: 'read' })
    const tab = app.tab()
    expect((await tab.silent()).body).toMatchObject({ status: 'pending', factors: [{ factor: 'local' }] })
    expect((await tab.json('POST', '/login/local', { username: 'bob', password: 'babbage' })).body.code).toBe('person_mismatch')
    const again = app.tab()
    await again.silent()
    expect((await again.json('POST', '/login/local', { username: 'ada', password: 'lovelace' })).body).toMatchObject({ status: 'complete' })
    expect((await again.json('GET', '/account')).body).toMatchObject({ id: 'ada', amr: ['pop', 'pwd', 'mfa'] })
  })

  it('takes the place of another strategy by one option, and the factor keeps its name (Q-26)', async () => {
    app = await startApp(sim, 'local', { name: 'operator' })
    const tab = app.tab()
    await tab.json('POST', '/login/local', { username: 'ada', password: 'lovelace' })
    expect((await tab.silent()).body).toMatchObject({ status: 'complete' })
    const { body } = await tab.json('GET', '/account')
    expect(body.evidence.at(-1)).toMatchObject({ factor: 'operator', kind: 'possession', channel: 'phone', amr: ['pop'] })
  })

  it('is a first factor for a number that was typed (Q-26, Q-06)', async () => {
    app = await startApp(sim, 'number-verification')
    expect((await app.tab().silent({ phone: '+44 7700 900001' })).body).toMatchObject({ status: 'pending', factors: [{ factor: 'local' }] })
    expect((await app.tab().silent({ phone: bob })).body).toMatchObject({ code: 'person_mismatch' })
  })
})
