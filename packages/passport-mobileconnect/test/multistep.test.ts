import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express from 'express'
import session from 'express-session'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { anyOf, multistep } from 'multistep'
import { startSimulator, type Simulator } from 'mobileconnect-simulator'
import { Strategy, type StrategyOptions } from 'passport-mobileconnect'
import { Browser } from './support/browser.js'
import { ada, configured, grace } from './support/operators.js'

type Person = Express.User & { id: string, phone: string, password: string, identity?: string }

/** An app whose second step is Mobile Connect, on multistep's router. */
async function startApp(sim: Simulator, options: Partial<StrategyOptions> & { backchannel?: boolean, silent?: boolean } = {}) {
  const people: Person[] = [{ id: 'ada', phone: ada, password: 'lovelace' }, { id: 'grace', phone: grace, password: 'hopper' }]
  const app = express()
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const authenticator = new passport.Passport()
  const { backchannel = false, silent = false, ...more } = options
  authenticator.serializeUser<any>((user: any, done) => { done(null, user.id) })
  authenticator.deserializeUser<any>((id, done) => { done(null, people.find((person) => person.id === id)) })
  authenticator.use(new LocalStrategy((username, password, done) => {
    done(null, people.find(({ id, password: right }) => id === username && right === password) ?? false)
  }))
  authenticator.use(new Strategy({
    operators: sim.operators.map(configured),
    chooseOperator: (req) => ((req.user as Person).id === 'ada' ? 'a' : 'b'),
    callbackURL: `${origin}/login/mobileconnect/callback/{operator}`,
    mode: backchannel ? 'backchannel' : 'redirect',
    link: (user, { issuer, sub }) => { (user as Person).identity = `${issuer} ${sub}`; return true },
    ...more,
  }, async ({ issuer, sub }) => people.find(({ identity }) => identity === `${issuer} ${sub}`)))
  authenticator.use('texted', new LocalStrategy({ usernameField: 'name', passReqToCallback: true }, (req, _name, code, done) => {
    done(null, code === '246810' ? req.user : false)
  }))
  const ring = { mobileconnect: { challenge: { action: 'begin' }, redirects: false } }
  const quiet = { mobileconnect: { silent: true, options: { prompt: 'none' } }, texted: { sees: 'pending', kind: 'possession', channel: 'mail', fields: ['name', 'password'] } } as const
  const login = silent
    ? multistep(authenticator, { steps: ['local', anyOf('mobileconnect', 'texted')], factors: quiet })
    : multistep(authenticator, { steps: ['local', 'mobileconnect'], ...backchannel ? { factors: ring } : {} })
  const events: unknown[] = []
  login.on('factor.fallback', ({ factor, to }) => { events.push(['factor.fallback', factor, to]) })
  login.on('step.failed', ({ factor, code }) => { events.push(['step.failed', factor, code]) })
  app.use(session({ secret: 'of-a-test-and-nothing-else', resave: false, saveUninitialized: false }), express.json(), express.urlencoded({ extended: false }), login.session())
  app.use('/login', login.router())
  app.get('/account', login.require({ mfa: true }), (req, res) => { res.json({ id: (req.user as Person).id, amr: login.amr(req), evidence: login.evidence(req) }) })
  const browser = new Browser()
  const json = async (method: string, path: string, body?: object) => {
    const response = await browser.request(new URL(path, origin).href, { method, headers: { accept: 'application/json', 'content-type': 'application/json' }, ...body ? { body: JSON.stringify(body) } : {} })
    return { status: response.status, body: await response.json() as any, retryAfter: response.headers.get('retry-after') }
  }
  return { origin, browser, json, people, events, close: async () => { server.closeAllConnections(); server.close(); await once(server, 'close') } }
}

describe('as the second step of multistep', () => {
  let sim: Simulator
  let app: Awaited<ReturnType<typeof startApp>>
  let ahead = 0
  const now = () => Date.now() + ahead
  beforeAll(async () => { sim = await startSimulator({ now }) })
  afterAll(() => sim.close())
  beforeEach(() => { ahead = 0 })
  afterEach(() => app.close())

  it('Mobile Connect as a second step is not set up, and no error, for an account whose number is malformed (C-13)', async () => {
    app = await startApp(sim)
    app.people[0]!.phone = 'ask the front desk'
    const { status, body } = await app.json('POST', '/login/local', { username: 'ada', password: 'lovelace' })
    expect([status, body.problem?.code, body.factors]).toEqual([200, 'factor_not_enrolled', []])
    expect(await app.json('POST', '/login/mobileconnect')).toMatchObject({ status: 403, body: { code: 'factor_not_enrolled' } })
  })

  it('Mobile Connect as a second step sends the user to their operator, and back comes a login with two factors', async () => {
    app = await startApp(sim)
    expect((await app.json('POST', '/login/local', { username: 'ada', password: 'lovelace' })).body).toMatchObject({ status: 'pending', factors: [{ factor: 'mobileconnect' }] })
    expect((await app.json('GET', '/account')).status).toBe(401)
    const { body } = await app.json('POST', '/login/mobileconnect', {})
    expect(body).toMatchObject({ status: 'redirect', url: expect.stringContaining(`${sim.operator('a').issuer}/authorize`) })
    const waiting = await app.browser.follow(body.url, app.origin)
    await sim.handset(ada).next()
    await sim.handset(ada).approve()
    const callback = await app.browser.follow(waiting, app.origin)
    expect(await app.json('GET', callback)).toMatchObject({ status: 200, body: { status: 'complete' } })
    const account = await app.json('GET', '/account')
    expect(account.body).toMatchObject({ id: 'ada', amr: expect.arrayContaining(['pwd', 'mca', 'SIM_OK', 'mfa']) })
    expect(Math.abs(Date.parse(account.body.evidence.at(-1).at) - Date.now())).toBeLessThan(60_000)
    expect(app.people[0]!.identity).toContain(sim.operator('a').issuer)
  })

  it('Mobile Connect that may show nothing gives its place to the next factor where the operator does not know the browser', async () => {
    app = await startApp(sim, { silent: true })
    const begun = async (): Promise<string> => (await app.json('POST', '/login/local', { username: 'ada', password: 'lovelace' })).body.url
    const unknown = await app.browser.follow(await begun(), app.origin)
    expect(unknown).toContain('error=login_required')
    expect((await app.json('GET', unknown)).body).toMatchObject({ status: 'pending', factors: [{ factor: 'texted' }] })
  })

  it.each(['login_required', 'interaction_required', 'consent_required'])('Mobile Connect that may show nothing gives its place to the next factor where the operator answers %s, and three times lock nobody out (C-14)', async (error) => {
    app = await startApp(sim, { silent: true })
    sim.operator('a').fail('authorize', { error })
    for (let logins = 0; logins < 3; logins += 1) {
      const { url } = (await app.json('POST', '/login/local', { username: 'ada', password: 'lovelace' })).body
      expect((await app.json('GET', await app.browser.follow(url, app.origin))).body).toMatchObject({ status: 'pending', factors: [{ factor: 'texted' }] })
      await app.json('POST', '/login/cancel')
    }
    expect(app.events).toEqual(Array.from({ length: 3 }, () => ['factor.fallback', 'mobileconnect', 'texted']))
    sim.operator('a').restore()
  })

  it('Mobile Connect that may show nothing gives its place to the next factor when the operator is late or down, in the same answer and as no error (C-14)', async () => {
    app = await startApp(sim, { silent: true, timeout: '300ms', fetch: async (url, init) => ((url as string | URL).toString().endsWith('/token') ? new Promise(() => undefined) : fetch(url, init)) })
    const { url } = (await app.json('POST', '/login/local', { username: 'ada', password: 'lovelace' })).body
    const { state } = Object.fromEntries(new URL(url).searchParams)
    const late = await app.json('GET', `/login/mobileconnect/callback/a?${new URLSearchParams({ code: 'any', state: state!, iss: sim.operator('a').issuer }).toString()}`)
    expect(late.body).toMatchObject({ status: 'pending', factors: [{ factor: 'texted' }] })
    expect(app.events).toEqual([['factor.fallback', 'mobileconnect', 'texted']])
    await app.close()
    app = await startApp(sim, { silent: true, fetch: () => Promise.reject(new TypeError('fetch failed')) })
    expect((await app.json('POST', '/login/local', { username: 'ada', password: 'lovelace' })).body).toMatchObject({ status: 'pending', factors: [{ factor: 'texted' }] })
    expect(app.events).toEqual([['factor.fallback', 'mobileconnect', 'texted']])
  })

  it('the second step is not passed by the phone of another person (M-22, R-77)', async () => {
    app = await startApp(sim)
    const [ours] = app.people as [Person]
    await app.json('POST', '/login/local', { username: 'ada', password: 'lovelace' })
    const { body } = await app.json('POST', '/login/mobileconnect', {})
    const waiting = await app.browser.follow(body.url, app.origin)
    await sim.handset(ada).next()
    await sim.handset(ada).approve()
    ours.phone = grace
    const callback = await app.browser.follow(waiting, app.origin)
    app.people[1]!.identity = `${sim.operator('a').issuer} ${await pcrOfAda(sim)}`
    expect((await app.json('GET', callback)).body).toMatchObject({ code: 'person_mismatch', status: 403 })
    expect((await app.json('GET', '/account')).status).toBe(401)
  })

  it('the second step may be tried again after a refusal on the phone, which locks nobody out', async () => {
    app = await startApp(sim)
    await app.json('POST', '/login/local', { username: 'ada', password: 'lovelace' })
    for (const answer of ['deny', 'approve'] as const) {
      const { body } = await app.json('POST', '/login/mobileconnect', {})
      const waiting = await app.browser.follow(body.url, app.origin)
      await sim.handset(ada).next()
      await sim.handset(ada)[answer]()
      const outcome = await app.json('GET', await app.browser.follow(waiting, app.origin))
      expect(outcome.body).toMatchObject(answer === 'deny' ? { code: 'user_refused', status: 403 } : { status: 'complete' })
    }
  })

  it('the second step begins for a browser that says nothing of where it comes from, by the token of our page (C-06)', async () => {
    app = await startApp(sim)
    await app.json('POST', '/login/local', { username: 'ada', password: 'lovelace' })
    const page = await (await app.browser.request(`${app.origin}/login/mobileconnect`, { headers: { accept: 'text/html' } })).text()
    const [, token = ''] = /name="_csrf" value="([^"]+)"/.exec(page) ?? []
    const press = (fields: Record<string, string>) => app.browser.request(`${app.origin}/login/mobileconnect`, { method: 'POST', headers: { accept: 'text/html' }, body: new URLSearchParams(fields) })
    expect(await (await press({ _csrf: token })).text()).toContain(`${sim.operator('a').issuer}/authorize`)
    expect((await press({})).status).toBe(403)
  })

  it('the second step over the backchannel rings the phone at once, shows the user what the phone shows, and waits', async () => {
    app = await startApp(sim, { backchannel: true, now })
    const pending = await app.json('POST', '/login/local', { username: 'ada', password: 'lovelace' })
    const prompt = await sim.handset(ada).next()
    expect(pending.body.factors[0].challenge).toEqual({ bindingMessage: prompt.bindingMessage, expiresAt: expect.any(String) })
    ahead += 5000
    expect(await app.json('POST', '/login/mobileconnect', {})).toMatchObject({ status: 200, body: { status: 'pending' }, retryAfter: expect.stringMatching(/^\d$/) })
    await sim.handset(ada).approve()
    ahead += 5000
    expect((await app.json('POST', '/login/mobileconnect', {})).body.status).toBe('complete')
    expect((await app.json('GET', '/account')).body).toMatchObject({ id: 'ada', amr: expect.arrayContaining(['mca', 'mfa']) })
  })
})

/** What the operator calls Ada towards this app: the same in every run. */
async function pcrOfAda(sim: Simulator): Promise<string> {
  const { startApp: plain } = await import('./support/app.js')
  const { comeBack, hinted, path } = await import('./support/operators.js')
  const app = await plain(() => ({ operator: configured(sim.operator('a')), loginHint: hinted(ada) }))
  const tab = app.tab()
  await tab.get(path(await comeBack(sim, app, tab)))
  await app.close()
  return app.identities[0]!.sub
}
