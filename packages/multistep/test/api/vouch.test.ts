import { anyOf, passed, when, type FactorOptions, type Multistep, type MultistepEvents, type MultistepOptions, type Step } from '../../src/index.js'
import { browser, buildApp, people, pin, Scripted, type Person } from '../support/app.js'
import type { Duration } from '../../src/index.js'
import { device, texting, texts } from '../support/factors.js'
import { describeWithBackends, type Backend } from '../support/stores.js'

const right = { code: '246810' }
const nobody = { authenticated: false, user: null, amr: [] }

const idOf = (user: Express.User | undefined) => (user as Person | undefined)?.id

/** An app with a page that vouches: `POST /vouch/:factor/:name`, as a sign-up or a reset link would. */
function vouching<const F extends string>(
  options: MultistepOptions<F>, { backend, strategies = [pin()] }: { backend?: Backend, strategies?: Scripted[] } = {},
) {
  const users = people()
  const events: [string, unknown][] = []
  const built = buildApp({
    users, strategies, options: { ...options, ...(backend ? { store: backend.flows } : {}) }, ...(backend ? { session: { store: backend.sessions } } : {}),
    routes: (app, login) => {
      for (const method of ['post', 'get'] as const) app[method]('/vouch/:factor/:name', (req, res, next) => {
        (login as unknown as Multistep).vouch(req as any, (users[req.params.name] ?? {}) as Express.User, req.params.factor)
          .then((state) => res.json({ person: idOf(state.user), onRequest: idOf(req.user) ?? null, state })).catch(next)
      })
    },
  })
  for (const name of ['flow.started', 'step.passed', 'flow.completed', 'person.mismatch'] satisfies (keyof MultistepEvents)[]) built.login.on(name, (event) => events.push([name, event]))
  return { ...built, users, events, browsing: browser(built.app) }
}
const withPin = { steps: ['local', 'pin'], factors: { pin: device } } as const

describeWithBackends('vouch', (create) => {
  let backend: Backend
  beforeEach(async () => { backend = await create() })
  afterEach(() => backend.close())

  it('vouch() for a password reset does not log in a user whose policy asks for more: the login goes on at the second factor (F-09 at vouch, F-10 at vouch, R-42 at vouch, R-41 at vouch, F-01 at vouch, R-49 at vouch, R-58 at vouch)', async () => {
    const { browsing, events } = vouching(withPin, { backend })
    expect((await browsing.post('/vouch/local/ada').expect(200)).body).toMatchObject({
      person: 'u1', onRequest: null, state: { status: 'pending', step: 2, steps: 2, completed: [{ factor: 'local' }], factors: [{ factor: 'pin' }] },
    })
    expect(await browsing.who()).toEqual(nobody)
    expect((await browsing.get('/account')).body).toMatchObject({ code: 'factor_required' })
    expect((await browsing.post('/login/pin', right)).body).toMatchObject({ status: 'complete' })
    expect(await browsing.who()).toEqual({ authenticated: true, user: 'u1', amr: ['pwd', 'otp', 'mfa'] })
    expect(events.map(([name]) => name)).toEqual(['step.passed', 'flow.started', 'step.passed', 'flow.completed'])
  })

  it('vouch() completes a login that asks for nothing more, sets req.user for the rest of the request, and renews the session id (R-43 at vouch)', async () => {
    const { browsing } = vouching({ steps: ['local'] }, { backend })
    await browsing.post('/login/local', { username: 'ada', password: 'wrong' })
    const before = Object.keys(await backend.keptSessions())
    expect((await browsing.post('/vouch/local/ada')).body).toMatchObject({ person: 'u1', onRequest: 'u1', state: { status: 'complete', amr: ['pwd'] } })
    expect(await browsing.who()).toEqual({ authenticated: true, user: 'u1', amr: ['pwd'] })
    expect(await backend.keptLogins()).toBe(1)
    expect(Object.keys(await backend.keptSessions()).filter((id) => before.includes(id))).toEqual([])
  })

  it('vouch() goes on with a login that is under way, and completes it', async () => {
    const { browsing } = vouching(withPin, { backend })
    await browsing.password()
    expect((await browsing.post('/vouch/pin/ada')).body).toMatchObject({ onRequest: 'u1', state: { status: 'complete', completed: [{ factor: 'local' }, { factor: 'pin' }] } })
    expect(await browsing.who()).toMatchObject({ user: 'u1' })
  })

  it('vouch() for a factor of a later step leaves the earlier step to be taken (R-40 at vouch)', async () => {
    const { browsing } = vouching(withPin, { backend })
    expect((await browsing.post('/vouch/pin/ada')).body).toMatchObject({ onRequest: null, state: { status: 'pending', step: 1, factors: [{ factor: 'local' }] } })
    expect(await browsing.who()).toEqual(nobody)
    expect((await browsing.password('ada')).body).toMatchObject({ status: 'complete' })
  })

  it('of parallel calls of vouch() at the last step one logs in (F-18 at vouch)', async () => {
    const { browsing } = vouching(withPin, { backend })
    await browsing.password()
    const answers = await Promise.all(Array.from({ length: 8 }, () => browsing.post('/vouch/pin/ada')))
    expect(answers.filter(({ body }) => body.onRequest === 'u1')).toHaveLength(1)
    // Who comes too late is told so, or begins anew.
    expect(answers.filter(({ body }) => body.code === 'flow_conflict' || body.state?.status === 'pending')).toHaveLength(7)
    expect(await backend.keptLogins()).toBe(1)
  })
})

describe('vouch and the person', () => {
  it('vouch() for a second factor of another user ends the pending login: 403 person_mismatch (F-22 at vouch)', async () => {
    const { browsing, events } = vouching(withPin)
    await browsing.password('ada')
    expect((await browsing.post('/vouch/pin/grace')).body).toMatchObject({ code: 'person_mismatch' })
    expect(events).toContainEqual(['person.mismatch', { factor: 'pin', userId: 'u1' }])
    expect((await browsing.post('/login/pin', right)).status).toBe(401)
    expect(await browsing.who()).toEqual(nobody)
  })

  it('vouch() for a first factor of another user begins that user\'s login, with nothing of the other\'s', async () => {
    const { browsing } = vouching(withPin)
    await browsing.password('ada')
    expect((await browsing.post('/vouch/local/grace')).body).toMatchObject({ person: 'u2', state: { completed: [{ factor: 'local' }], step: 2 } })
    await browsing.post('/login/pin', right)
    expect(await browsing.who()).toMatchObject({ user: 'u2' })
  })

  it('vouch() for another user takes the place of a completed login, and no evidence crosses over (R-47 at vouch)', async () => {
    const { browsing } = vouching({ steps: [anyOf('local', 'pin'), when(passed('local'), 'card')], factors: { pin: { ...device, lockout: 'own' }, card: { sees: 'pending' } } }, { strategies: [pin(), new Scripted('card', function (req) { this.success(req.user) })] })
    await browsing.post('/vouch/pin/ada')
    expect(await browsing.who()).toEqual({ authenticated: true, user: 'u1', amr: ['otp'] })
    await browsing.post('/vouch/local/grace')
    expect(await browsing.who()).toEqual(nobody)
    await browsing.post('/login/card')
    expect(await browsing.who()).toEqual({ authenticated: true, user: 'u2', amr: ['pwd'] })
  })

  it('vouch() for a factor that the user does not have is refused, and nothing begins: 403 factor_not_enrolled', async () => {
    const { browsing } = vouching({ steps: ['local', 'pin'], factors: { pin: { ...device, enrolled: (user) => Boolean((user as Person).key) } } })
    expect((await browsing.post('/vouch/pin/grace')).body).toMatchObject({ code: 'factor_not_enrolled' })
    expect((await browsing.get('/login')).body).toMatchObject({ status: 'anonymous' })
  })

  it('vouch() for a user without an id logs no user in (F-35 at vouch)', async () => {
    const { browsing } = vouching(withPin)
    expect((await browsing.post('/vouch/local/stranger')).body).toMatchObject({ code: 'misconfigured', message: expect.stringContaining('userId must return') })
  })

  it('vouch() refuses the name of a factor that the policy does not mention', async () => {
    const { browsing } = vouching(withPin)
    expect((await browsing.post('/vouch/lcoal/ada')).body.message).toContain('\'lcoal\' is not a factor of this policy')
  })
})

describe('vouch and the policy', () => {
  it('vouch() begins a new login where the policy asks nothing more of the pending one (F-34 at vouch)', async () => {
    let strict = true
    const { browsing } = vouching({ steps: ['local', when(() => strict, 'pin')], factors: { pin: device } })
    await browsing.password()
    strict = false
    expect((await browsing.post('/vouch/pin/ada')).body).toMatchObject({ onRequest: null, state: { status: 'pending', step: 1, completed: [{ factor: 'pin' }] } })
    expect(await browsing.who()).toEqual(nobody)
  })

  it('vouch() for the same factor again is one proof, with the newer time, and covers one step', async () => {
    let now = 1_000_000
    const { browsing } = vouching({ ...withPin, now: () => now })
    await browsing.password()
    now += 60_000
    expect((await browsing.post('/vouch/local/ada')).body.state).toMatchObject({ step: 2, completed: [{ factor: 'local', at: new Date(now).toISOString() }] })
    expect(await browsing.who()).toEqual(nobody)
  })

  it('vouch() names the page first asked for at the end of the login (R-54 at vouch)', async () => {
    const { browsing } = vouching({ steps: ['local'] })
    await browsing.page('/account?tab=2')
    expect((await browsing.post('/vouch/local/ada')).body.state).toMatchObject({ status: 'complete', returnTo: '/account?tab=2' })
  })

  it('vouch() begins the challenge of a step that leaves no choice, in a POST and never in a GET', async () => {
    const options = { steps: ['local', 'text'], factors: { text: texting } } as const
    const users = people()
    const { strategy, sent } = texts('text', users)
    const { browsing, app } = vouching(options, { strategies: [strategy] })
    expect((await browser(app).get('/vouch/local/ada')).body.state).toMatchObject({ status: 'pending', step: 2 })
    expect(sent).toEqual([])
    expect((await browsing.post('/vouch/local/ada')).body.state.factors[0]).toMatchObject({ challenge: { attemptsLeft: 5 } })
    expect(sent).toHaveLength(1)
    expect((await browsing.post('/login/text', { code: 'code of text 1' })).body).toMatchObject({ status: 'complete' })
  })
})

describe('has', () => {
  function asking(steps: readonly Step[], factors: Record<string, FactorOptions>, now: () => number, info?: unknown) {
    const card = new Scripted('card', function (req) { this.success(req.user, info) })
    const { app } = buildApp({ strategies: [pin(), card], options: { steps, factors, now }, routes: (host, login) => {
      host.get('/has/:name', (req, res) => { res.json(login.has(req as any, req.params.name, typeof req.query.maxAge === 'string' ? { maxAge: req.query.maxAge as Duration } : {})) })
      host.get('/number', (req, res) => { res.json(login.has(req as any, 'local', { maxAge: 300 } as never)) })
      host.get('/typo', (req, res) => { res.json(login.has(req as any, 'local', { maxage: '5m' } as never)) })
    } })
    const browsing = browser(app)
    return { browsing, has: async (path: string) => (await browsing.get(`/has/${path}`)).body as unknown }
  }

  it('has() is about completed logins: false between the steps, true after the last (R-41 at has)', async () => {
    const { browsing, has } = asking(['local', 'pin'], { pin: device }, Date.now)
    expect(await has('local')).toBe(false)
    await browsing.password()
    expect(await has('local')).toBe(false)
    await browsing.post('/login/pin', right)
    for (const name of ['local', 'pin', 'knowledge', 'possession']) expect(await has(name)).toBe(true)
    expect(await has('inherence')).toBe(false)
    await browsing.post('/logout')
    expect(await has('local')).toBe(false)
  })

  it('has() counts age by the store\'s clock, to the millisecond (F-26 at has, R-47 at has)', async () => {
    let now = 1_000_000
    const { browsing, has } = asking(['local', 'pin'], { pin: device }, () => now)
    await browsing.password()
    now += 60_000
    await browsing.post('/login/pin', right)
    now += 300_000
    expect([await has('pin?maxAge=5m'), await has('local?maxAge=5m'), await has('local?maxAge=6m'), await has('knowledge?maxAge=5m')]).toEqual([true, false, true, false])
    now += 1
    expect([await has('pin?maxAge=5m'), await has('local?maxAge=6m'), await has('pin')]).toEqual([false, false, true])
  })

  it('has() takes the strategy\'s own time where that is earlier, and no proof from the future (F-26)', async () => {
    const now = Date.parse('2026-01-01T12:00:00Z')
    const old = asking(['local', 'card'], { card: { sees: 'pending' } }, () => now, { authTime: new Date(now - 600_000) })
    await old.browsing.password()
    await old.browsing.post('/login/card')
    expect([await old.has('card?maxAge=9m'), await old.has('card?maxAge=10m'), await old.has('local?maxAge=1s')]).toEqual([false, true, true])
    let clock = now
    const back = asking(['local'], {}, () => clock)
    await back.browsing.password()
    clock -= 1
    expect([await back.has('local'), await back.has('local?maxAge=1h')]).toEqual([false, false])
  })

  it('has() does not take a recovery code for a fresh proof', async () => {
    const code = new Scripted('recovery-code', function (req) { this.success(req.user) })
    const { app } = buildApp({ strategies: [code], options: { steps: ['local', 'recovery-code'], factors: { 'recovery-code': { enrolled: () => true } } }, routes: (host, login) => {
      host.get('/has', (req, res) => { res.json([login.has(req as any, 'recovery-code'), login.has(req as any, 'possession'), login.has(req as any, 'local')]) })
    } })
    const browsing = browser(app)
    await browsing.password()
    expect((await browsing.post('/login/recovery-code', right)).body).toMatchObject({ status: 'complete' })
    expect((await browsing.get('/has')).body).toEqual([false, false, true])
  })

  it('has() refuses in words what never holds: a typo, a number for an age, an unknown option', async () => {
    const { browsing } = asking(['local', 'pin'], { pin: device }, Date.now)
    await browsing.password()
    await browsing.post('/login/pin', right)
    expect((await browsing.get('/has/lokal')).body.message).toContain('has(req, \'lokal\') never holds: that is no factor of this policy, and no kind. Did you mean local?')
    expect((await browsing.get('/number')).body.message).toContain('maxAge is a duration: write a string with its unit')
    expect((await browsing.get('/typo')).body.message).toContain('there is no option \'has.maxage\'. Did you mean maxAge?')
  })
})

describe('vouch without a factor', () => {
  it('vouch() with an empty list of factors tells the programmer what it takes, and logs nobody in', async () => {
    const { app, users } = buildApp({
      options: { steps: ['local'] },
      routes: (host, login) => host.post('/vouch', (req, res, next) => {
        login.vouch(req as never, users.ada as never, []).then((state) => res.json(state), next)
      }),
    })
    const ada = browser(app)
    expect((await ada.post('/vouch')).body).toMatchObject({ name: 'TypeError', message: expect.stringContaining('vouch names a factor, or a list of some') })
    expect((await ada.who()).authenticated).toBe(false)
  })
})
