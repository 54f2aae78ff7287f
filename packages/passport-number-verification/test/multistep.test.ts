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

/** What an app says of the factor under a name of its own. multistep knows it by its usual name. */
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
    ...name === 'number-verification' ? {} : { factors: { [name]: { ...factor, strategy: 'number-verification' } } },
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
  return { tab, failures, texts, close }
}

type Tab = ReturnType<Awaited<ReturnType<typeof startApp>>['tab']>

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

  /** The password, and what it leads to: the operator, where the browser is sent without a click. */
  const logIn = async (tab: Tab, username: string, password: string) => {
    const begun = await tab.json('POST', '/login/local', { username, password })
    return begun.body.status === 'redirect' ? tab.comeBack(begun.body.url) : begun
  }
  const codeIn = (text: string | undefined) => /\d{6}/.exec(text ?? '')?.[0]

  it('is a silent second factor: a password is the only click, and beside it possession makes mfa (Q-26, Q-01)', async () => {
    app = await startApp(sim, 'local')
    const tab = app.tab()
    expect((await logIn(tab, 'ada', 'lovelace')).body).toMatchObject({ status: 'complete' })
    const { body } = await tab.json('GET', '/account')
    expect(body).toMatchObject({ id: 'ada', amr: ['pwd', 'pop', 'mfa'] })
    const proof = { factor: 'number-verification', kind: 'possession', channel: 'phone', amr: ['pop'], via: 'fresh' }
    expect(body.evidence.at(-1)).toMatchObject(proof)
    expect(app.texts).toEqual([])
  })

  it('refuses the SIM of another person, which multistep counts as a failed attempt, until only a text to the owner is left (Q-26, Q-02)', async () => {
    app = await startApp(sim, 'local', { beginLimits: { '1h': 100 } })
    sim.handset(eve).network('mobile')
    const codes = []
    for (let attempt = 0; attempt < 12; attempt += 1) {
      const { body } = await logIn(app.tab(sim.handset(eve).headers), 'ada', 'lovelace')
      codes.push(body.code ?? body.factors.map(({ factor }: { factor: string }) => factor).join())
    }
    expect(codes.slice(0, 10)).toEqual(Array<string>(10).fill('person_mismatch'))
    expect(codes.slice(10)).toEqual(['sms-otp', 'sms-otp'])
    expect(app.failures[0]).toEqual(['number-verification', 'person_mismatch', 401])
    expect(app.texts).toHaveLength(1)
  })

  it.each<[string, Partial<StrategyOptions>, () => void]>([
    ['on Wi-Fi', {}, () => { sim.handset(ada).network('wifi') }],
    ['without consent', {}, () => { sim.camara.fail('authorize', { error: 'consent_required' }) }],
    ['late', { timeout: '200ms' }, () => { sim.camara.fail('token', { delay: '2s' }) }],
    ['down', {}, () => { sim.camara.fail('metadata', { status: 503 }) }],
    ['beyond its budget', { beginLimits: { '1h': 0 } }, () => undefined],
  ])('gives way to a text in the same answer where it is %s, and locks nobody out (Q-26, Q-20)', async (_, options, happens) => {
    app = await startApp(sim, 'local', options)
    happens()
    const tab = app.tab()
    expect(await logIn(tab, 'ada', 'lovelace')).toMatchObject({ status: 200, body: { status: 'pending' } })
    expect(app.failures).toEqual([])
    expect(app.texts).toHaveLength(1)
    const code = codeIn(app.texts[0])
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
