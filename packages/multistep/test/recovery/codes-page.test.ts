import type { MultistepOptions } from '../../src/index.js'
import { MemoryRecoveryCodeStore, RecoveryCodeStrategy } from '../../src/recovery-codes.js'
import { browser, buildApp, people, pin, Scripted } from '../support/app.js'
import { device } from '../support/factors.js'
import { describeWithBackends, type Backend } from '../support/stores.js'

const right = { code: '246810' }
const codesIn = (html: string) => [...html.matchAll(/<code>([^<]*)<\/code>/g)].map(([, code]) => code!)

interface Setup { backend?: Backend, hasPin?: (user: { name: string }) => boolean, more?: Partial<MultistepOptions>, now?: () => number }

async function setup({ backend, hasPin = ({ name }) => name !== 'grace', more = {}, now }: Setup = {}) {
  const users = people()
  const keeper = new RecoveryCodeStrategy({ store: new MemoryRecoveryCodeStore(), count: 3 })
  const events: unknown[] = []
  const built = buildApp({
    users,
    strategies: [keeper as never, pin()],
    ...(backend ? { session: { store: backend.sessions } } : {}),
    options: {
      steps: ['local', { type: 'optional', step: { type: 'anyOf', factors: ['pin', 'recovery-code'] } }],
      factors: {
        pin: { ...device, enrolled: (user: any) => hasPin(user) },
        'recovery-code': { enrolled: async (user: any) => (await keeper.remaining(user)) > 0 },
      },
      ...(backend ? { store: now ? backend.flowsAt(now) : backend.flows } : now ? { now } : {}),
      ...more,
    },
  })
  built.login.on('recovery.generated', (event) => events.push(event))
  const ada = async (factors: 'both' | 'recovery' = 'both') => {
    const browsing = browser(built.app)
    await browsing.password('ada').expect(200)
    if (factors === 'both') await browsing.post('/login/pin', right).expect(200)
    return browsing
  }
  return { ...built, users, keeper, events, ada, grace: async () => { const browsing = browser(built.app); await browsing.password('grace').expect(200); return browsing } }
}

describeWithBackends('GET /recovery-codes', (create) => {
  let backend: Backend
  beforeEach(async () => { backend = await create() })
  afterEach(() => backend.close())

  it('GET /recovery-codes tells a user who is logged in how many codes are left, and shows none of them', async () => {
    const { keeper, users, ada } = await setup({ backend })
    const codes = await keeper.generate(users.ada as never)
    const browsing = await ada()
    expect((await browsing.get('/login/recovery-codes').expect(200)).body).toEqual({ remaining: 3, csrfToken: expect.any(String) })
    const page = await browsing.page('/login/recovery-codes').expect(200)
    expect(page.text).toContain('Codes left: 3.')
    expect(page.text).toContain('<form method="post" action="/login/recovery-codes">')
    for (const code of codes) expect(page.text).not.toContain(code)
    expect(page.headers['cache-control']).toBe('no-store')
  })

  it('GET /recovery-codes leads to the login between two steps, and before the first', async () => {
    const { app, keeper, users } = await setup({ backend })
    await keeper.generate(users.ada as never)
    const browsing = browser(app)
    expect((await browsing.get('/login/recovery-codes')).body).toMatchObject({ code: 'login_required', status: 401 })
    await browsing.password('ada')
    expect((await browsing.get('/login/recovery-codes')).body).toMatchObject({ code: 'factor_required', status: 401 })
    expect((await browsing.page('/login/recovery-codes')).headers.location).toBe('/login')
    expect((await browsing.post('/login/recovery-codes')).body).toMatchObject({ code: 'factor_required', status: 401 })
    expect(await keeper.remaining(users.ada as never)).toBe(3)
  })
})

describeWithBackends('POST /recovery-codes', (create) => {
  let backend: Backend
  beforeEach(async () => { backend = await create() })
  afterEach(() => backend.close())

  it('POST /recovery-codes makes new codes in the place of the old ones, shows them in its answer alone, and tells the app (R-60 at router)', async () => {
    const { keeper, users, ada, events } = await setup({ backend })
    const [old] = await keeper.generate(users.ada as never)
    const browsing = await ada()
    const answer = await browsing.post('/login/recovery-codes').expect(200)
    expect(answer.body).toEqual({ remaining: 3, codes: [expect.any(String), expect.any(String), expect.any(String)], csrfToken: expect.any(String) })
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(events).toEqual([{ factor: 'recovery-code', userId: 'u1', count: 3 }])
    expect(JSON.stringify((await browsing.get('/login/recovery-codes')).body)).not.toContain(answer.body.codes[0])
    const later = await ada('recovery')
    expect((await later.post('/login/recovery-code', { code: old })).status).toBe(401)
    expect((await later.post('/login/recovery-code', { code: answer.body.codes[0] })).body).toMatchObject({ status: 'complete' })
  })

  it('POST /recovery-codes answers a browser with a page of the new codes', async () => {
    const { ada, keeper, users } = await setup({ backend })
    const page = await (await ada()).form('/login/recovery-codes').expect(200)
    expect(codesIn(page.text)).toHaveLength(3)
    expect(page.headers['cache-control']).toBe('no-store')
    expect(await keeper.remaining(users.ada as never)).toBe(3)
  })

  it('POST /recovery-codes asks for the second factor anew, where it was proven more than five minutes ago, however fresh the password is (R-52 at router, D-13 at router)', async () => {
    let now = Date.now()
    const built = await setup({ backend, now: () => now })
    const browsing = await built.ada()
    now += 5 * 60_000 + 1000
    const refused = await browsing.post('/login/recovery-codes')
    expect(refused.body).toMatchObject({ code: 'step_up_required', status: 403, maxAge: '5m', expired: ['pin'] })
    expect(await built.keeper.remaining(built.users.ada as never)).toBe(0)
    const { id } = refused.body.requirement
    expect((await browsing.post('/login/local', { username: 'ada', password: built.users.ada!.password, for: id })).status).toBe(409)
    expect((await browsing.post('/login/recovery-codes')).status).toBe(403)
    expect((await browsing.post('/login/pin', { ...right, for: id })).body).toMatchObject({ status: 'complete', returnTo: '/login/recovery-codes' })
    expect((await browsing.post('/login/recovery-codes').expect(200)).body.codes).toHaveLength(3)
  })

  it('POST /recovery-codes sends a browser to the step-up, and back to the page', async () => {
    let now = Date.now()
    const { ada } = await setup({ backend, now: () => now })
    const browsing = await ada()
    now += 6 * 60_000
    const { location } = (await browsing.form('/login/recovery-codes').expect(303)).headers
    expect(location).toMatch(/^\/login\?for=[\w-]+$/)
    const id = new URLSearchParams(location!.split('?')[1]).get('for')
    expect((await browsing.form('/login/pin', { ...right, for: id }).expect(303)).headers.location).toBe('/login/recovery-codes')
    expect(codesIn((await browsing.form('/login/recovery-codes')).text)).toHaveLength(3)
  })
})

describe('who may make new recovery codes', () => {
  it('a user who logged in with a recovery code makes no new ones: it is no fresh second factor (D-13)', async () => {
    const { keeper, users, ada } = await setup()
    const [code] = await keeper.generate(users.ada as never)
    const browsing = await ada('recovery')
    await browsing.post('/login/recovery-code', { code }).expect(200)
    expect((await browsing.post('/login/recovery-codes')).body).toMatchObject({ code: 'step_up_required', missing: ['pin'] })
    expect(await keeper.remaining(users.ada as never)).toBe(2)
  })

  it('a user without second factor and codes makes new ones by another factor, proven within five minutes', async () => {
    let now = Date.now()
    const built = await setup({ now: () => now })
    const browsing = await built.grace()
    now += 6 * 60_000
    const refused = await browsing.post('/login/recovery-codes')
    expect(refused.body).toMatchObject({ code: 'step_up_required', expired: ['local'] })
    await browsing.post('/login/local', { username: 'grace', password: built.users.grace!.password, for: refused.body.requirement.id }).expect(200)
    expect((await browsing.post('/login/recovery-codes').expect(200)).body.codes).toHaveLength(3)
  })

  it('a user who has codes and no second factor makes no new ones by a password alone: a thief of the password would take them away', async () => {
    const { keeper, users, ada } = await setup({ hasPin: () => false })
    const [code] = await keeper.generate(users.ada as never)
    const browsing = await ada('recovery')
    await browsing.post('/login/recovery-code', { code }).expect(200)
    expect((await browsing.post('/login/recovery-codes')).body).toMatchObject({ code: 'factor_not_enrolled', status: 403 })
    const page = await browsing.form('/login/recovery-codes')
    expect(page.status).toBe(403)
    expect(page.text).toContain('This is not set up for your account.')
    expect(await keeper.remaining(users.ada as never)).toBe(2)
  })

  it('a user who has used up all codes makes new ones by the password again', async () => {
    const { keeper, users, grace } = await setup()
    await (keeper as any).store.replace('u2', [])
    expect((await (await grace()).post('/login/recovery-codes').expect(200)).body.codes).toHaveLength(3)
    expect(await keeper.remaining(users.grace as never)).toBe(3)
  })

  it('a social login that every user is offered is no second factor for a user who logs in with a password', async () => {
    const social = new Scripted('google', function () { this.fail(undefined as never) })
    const keeper = new RecoveryCodeStrategy({ store: new MemoryRecoveryCodeStore(), count: 3 })
    const { app } = buildApp({
      strategies: [social, keeper as never],
      options: { steps: [{ type: 'anyOf', factors: ['local', 'google'] }, { type: 'optional', step: 'recovery-code' }], factors: { google: { redirects: true }, 'recovery-code': { enrolled: async (user) => (await keeper.remaining(user)) > 0 } } },
    })
    const ada = browser(app)
    await ada.password().expect(200)
    expect((await ada.post('/login/recovery-codes').expect(200)).body.codes).toHaveLength(3)
  })

  it('another site can make no new recovery codes (R-53)', async () => {
    const { ada, keeper, users } = await setup()
    const browsing = await ada()
    const foreign = await browsing.agent.post('/login/recovery-codes').set('Sec-Fetch-Site', 'cross-site').type('form').send({})
    expect(foreign.body).toMatchObject({ code: 'cross_site', status: 403 })
    expect(await keeper.remaining(users.ada as never)).toBe(0)
  })

  it('no method but POST makes new recovery codes', async () => {
    const { ada, keeper, users } = await setup()
    const browsing = await ada()
    await browsing.agent.head('/login/recovery-codes').expect(200)
    const put = await browsing.agent.put('/login/recovery-codes').send({})
    expect(put.body).toMatchObject({ code: 'method_not_allowed', status: 405 })
    expect(put.headers.allow).toBe('GET, HEAD, POST')
    expect(await keeper.remaining(users.ada as never)).toBe(0)
  })
})

describe('the page of recovery codes', () => {
  it.each<[string, object, 'page' | 'form', string]>([
    ['a text for the number of codes', { generate: () => ['one'], remaining: () => '3' }, 'page', 'remaining(user) of the strategy of \'paper\' must return a number.'],
    ['no list of codes', { generate: () => 'one two', remaining: () => 1 }, 'form', 'generate(user) of the strategy of \'paper\' must return a list of texts.'],
    ['a list of numbers', { generate: () => [1, 2], remaining: () => 1 }, 'form', 'generate(user) of the strategy of \'paper\' must return a list of texts.'],
  ])('a strategy that gives %s is a mistake that the error handler of the app is told, and makes no recovery codes', async (_, gives, method, words) => {
    const { app, login } = buildApp({
      strategies: [Object.assign(new Scripted('paper', () => undefined), gives), pin()],
      options: { steps: ['local', { type: 'anyOf', factors: ['pin', 'paper'] }], factors: { pin: device, paper: { enrolled: () => true } } } as never,
    })
    const made: unknown[] = []
    login.on('recovery.generated', (event) => made.push(event))
    const ada = browser(app)
    await ada.password()
    await ada.post('/login/pin', right).expect(200)
    const answer = await ada[method]('/login/recovery-codes')
    expect([answer.status, answer.body]).toEqual([500, { handled: true, name: 'MultistepError', code: 'misconfigured', message: `multistep: ${words}` }])
    expect(made).toEqual([])
  })

  it('a strategy that is registered again without recovery codes to keep is a mistake that the error handler of the app is told', async () => {
    const keeper = Object.assign(new Scripted('paper', () => undefined), { generate: () => ['one'], remaining: () => 1 })
    const { app, passport } = buildApp({
      strategies: [keeper, pin()],
      options: { steps: ['local', { type: 'anyOf', factors: ['pin', 'paper'] }], factors: { pin: device, paper: { enrolled: () => true } } } as never,
    })
    const ada = browser(app)
    await ada.password()
    await ada.post('/login/pin', right).expect(200)
    await ada.get('/login/recovery-codes').expect(200)
    passport.use(new Scripted('paper', () => undefined))
    expect((await ada.page('/login/recovery-codes')).body).toMatchObject({ handled: true, code: 'misconfigured', message: 'multistep: the strategy of \'paper\' keeps recovery codes no more.' })
  })

  it('the page of recovery codes is there for a strategy with generate and remaining, under any name, and its own factor never opens it', async () => {
    const kept = new Scripted('paper', function (req) { if (req.body.code === 'x') this.success(req.user); else this.fail(undefined as never) })
    Object.assign(kept, { generate: async () => ['one', 'two'], remaining: () => 1 })
    const { app, login } = buildApp({
      strategies: [kept, pin()],
      options: { steps: ['local', { type: 'anyOf', factors: ['backup', 'pin'] }], factors: { pin: device, backup: { strategy: 'paper', sees: 'pending', kind: 'possession', fields: ['code'] } } },
    })
    const events: unknown[] = []
    login.on('recovery.generated', (event) => events.push(event))
    const ada = browser(app)
    await ada.password()
    await ada.post('/login/backup', { code: 'x' }).expect(200)
    expect((await ada.post('/login/recovery-codes')).body).toMatchObject({ code: 'step_up_required', missing: ['pin'] })
    await ada.post('/login/pin', right).expect(200)
    expect((await ada.post('/login/recovery-codes')).body).toMatchObject({ codes: ['one', 'two'], remaining: 2 })
    expect(events).toEqual([{ factor: 'backup', userId: 'u1', count: 2 }])
  })

  it('the page of recovery codes is not there where no factor keeps codes', async () => {
    const { app } = buildApp({ strategies: [pin()], options: { steps: ['local', 'pin'], factors: { pin: device } } })
    const ada = browser(app)
    await ada.password()
    await ada.post('/login/pin', right)
    await ada.get('/login/recovery-codes').expect(404)
    await ada.post('/login/recovery-codes').expect(404)
  })

  it('the page of recovery codes is behind publicPath where a proxy strips it', async () => {
    let now = Date.now()
    const { ada } = await setup({ now: () => now, more: { publicPath: '/shop' } })
    const browsing = await ada()
    expect((await browsing.page('/login/recovery-codes')).text).toContain('action="/shop/login/recovery-codes"')
    now += 6 * 60_000
    const { location } = (await browsing.form('/login/recovery-codes')).headers
    const id = new URLSearchParams(location!.split('?')[1]).get('for')
    expect((await browsing.form('/login/pin', { ...right, for: id })).headers.location).toBe('/shop/login/recovery-codes')
  })

  it('the page of recovery codes whose store is down says so, as a page and as a problem, and makes nothing up', async () => {
    const down = new RecoveryCodeStrategy({ store: { replace: () => undefined, list: () => { throw new Error('connection lost') }, remove: () => false } })
    const { app } = buildApp({ strategies: [down as never, pin()], options: { steps: ['local', { type: 'anyOf', factors: ['pin', 'recovery-code'] }], factors: { pin: device, 'recovery-code': { enrolled: () => true } } } })
    const ada = browser(app)
    await ada.password()
    await ada.post('/login/pin', right)
    expect((await ada.get('/login/recovery-codes')).body).toMatchObject({ code: 'store_unavailable', status: 503 })
    const page = await ada.form('/login/recovery-codes')
    expect(page.status).toBe(503)
    expect(page.text).toContain('Not possible right now')
    expect(page.text).not.toContain('connection lost')
  })
})
