import type { Verify } from 'passport-mobileconnect'
import { startApp, type App, type AppOptions, type Tab } from './support/app.js'
import { startForger, type Forger } from './support/forger.js'

const people = { ada: { id: 'ada', phone: '+44 7700 900001' }, grace: { id: 'grace', phone: '+447700900002' }, alan: { id: 'alan' }, odd: { id: 'odd', phone: 'call me' } }

describe('as a second factor of a known user', () => {
  let forger: Forger
  let app: App
  let linked: unknown[]
  const accounts = new Map<string, { id: string }>()
  beforeAll(async () => { forger = await startForger() })
  afterAll(() => forger.close())
  // An answer that says nothing of the number confirms nobody: `confirmation.test.ts`. Here the operator says whose it is.
  beforeEach(() => {
    forger.reset()
    forger.calls.length = 0
    accounts.clear()
    linked = []
    forger.script.userinfo = { sub: 'pcr-of-ada', phone_number: '+447700900001', phone_number_verified: true }
  })
  afterEach(() => app.close())

  const start = async (options: Partial<AppOptions> = {}) => {
    app = await startApp(() => ({ operator: forger.operator(), people, verify: async ({ issuer, sub }) => accounts.get(`${issuer} ${sub}`), ...options }))
  }
  const as = async (id: string, tab = app.tab()) => {
    await tab.post(`/as/${id}`)
    return tab
  }
  const bound = (id: string) => accounts.set(`${forger.issuer} pcr-of-ada`, { id })
  const confirm = async (tab: Tab) => tab.get(`/callback/forger?${forger.approve((await tab.get('/login')).location!)}`)

  it('a second factor asks about the number of the account, whatever the request brings (R-77)', async () => {
    await start({ loginHint: () => 'MSISDN:447700900666' })
    const { location } = await (await as('ada')).get('/login?msisdn=447700900666')
    expect(new URL(location!).searchParams.get('login_hint')).toBe('MSISDN:447700900001')
    const stranger = await app.tab().get('/login')
    expect(new URL(stranger.location!).searchParams.get('login_hint')).toBe('MSISDN:447700900666')
  })

  it('a second factor of an account without a number sends no hint', async () => {
    await start({ loginHint: () => 'MSISDN:447700900666' })
    expect(new URL((await (await as('alan')).get('/login')).location!).searchParams.has('login_hint')).toBe(false)
  })

  it('a second factor takes a number or a whole hint from phone(user)', async () => {
    await start({ phone: async ({ id }: any) => `PCR:of-${id}` })
    expect(new URL((await (await as('ada')).get('/login')).location!).searchParams.get('login_hint')).toBe('PCR:of-ada')
  })

  it.each(['\u202a+44 7700 900001\u202c', '+44\u00a07700\u00a0900001', '+44\u20117700\u2011900001', '+44 7700/900001', '\ufeff447700900001\n', '+44\u22127700\u2012900001'])(
    'a second factor reads the number of the account as address books write it: %j (C-11)', async (phone) => {
      await start({ phone: () => phone, linked: () => undefined, link: () => true })
      const tab = await as('ada')
      expect(new URL((await tab.get('/login')).location!).searchParams.get('login_hint')).toBe('MSISDN:447700900001')
      expect((await confirm(tab)).body).toMatchObject({ user: { id: 'ada' } })
    })

  it('a second factor is an error, and not missing, when the account\'s number is none', async () => {
    await start()
    expect(await (await as('odd')).get('/login')).toMatchObject({ status: 500, body: { error: { code: 'misconfigured' } } })
    expect(app.errors[0].message).toContain('let phone(user) return it in international notation')
  })

  it('a second factor succeeds for the user whose identity it is (R-77)', async () => {
    await start()
    bound('ada')
    expect((await confirm(await as('ada'))).body).toMatchObject({ user: { id: 'ada' }, outcome: { verified: true } })
  })

  it('a second factor fails for any other user\'s identity (M-22, R-77)', async () => {
    await start()
    bound('grace')
    const tab = await as('ada')
    expect(await confirm(tab)).toMatchObject({ status: 403, body: { info: { code: 'person_mismatch' } } })
    expect((await tab.get('/me')).body.user.id).toBe('ada')
  })

  it('a second factor fails for an identity that no account has (R-77)', async () => {
    await start()
    expect(await confirm(await as('ada'))).toMatchObject({ status: 403, body: { info: { code: 'user_unknown' } } })
  })

  it('a second factor links a proven identity that no account has, when link says so', async () => {
    await start({ link: async (user, identity) => { linked.push([user, identity]); return true } })
    const tab = await as('ada')
    await tab.get('/login')
    expect(linked).toEqual([])
    expect((await confirm(tab)).body.user.id).toBe('ada')
    expect(linked).toEqual([[people.ada, { issuer: forger.issuer, sub: 'pcr-of-ada', phone: '+447700900001' }]])
  })

  it.each([false, undefined, 'yes', 1])('a second factor does not link when link returns %j', async (answer) => {
    await start({ link: () => answer })
    expect((await confirm(await as('ada'))).body.info.code).toBe('user_unknown')
  })

  it('a second factor never links another user\'s phone, even if link would (R-74, M-24)', async () => {
    await start({ link: () => { linked.push('linked'); return true } })
    forger.script.userinfo = { sub: 'pcr-of-ada', phone_number: '+447700900666', phone_number_verified: true }
    expect((await confirm(await as('ada'))).body.info.code).toBe('person_mismatch')
    expect(linked).toEqual([])
  })

  it('a second factor never links an identity that has an account: verify runs first', async () => {
    bound('grace')
    await start({ link: () => { linked.push('linked'); return true } })
    expect((await confirm(await as('ada'))).body.info.code).toBe('person_mismatch')
    expect(linked).toEqual([])
  })

  it('a second factor does not end for a number that the account got meanwhile (R-77)', async () => {
    await start({ link: () => { linked.push('linked'); return true } })
    const tab = await as('alan')
    app.people.alan = { id: 'alan', phone: '+447700900001' }
    const { location } = await tab.get('/login')
    app.people.alan = { id: 'alan', phone: '+447700900666' }
    expect((await tab.get(`/callback/forger?${forger.approve(location!)}`)).body.info.code).toBe('person_mismatch')
    app.people.alan = { id: 'alan', phone: '+44 7700 900666' }
    forger.script.userinfo = { sub: 'pcr-of-ada', phone_number: '+447700900666', phone_number_verified: true }
    expect((await tab.get(`/callback/forger?${forger.approve((await tab.get('/login')).location!)}`)).status).toBe(200)
    expect([forger.count('/token'), linked]).toEqual([1, ['linked']])
  })

  it('a second factor that was begun for Ada does not end for Grace (R-70)', async () => {
    bound('grace')
    await start()
    const tab = await as('ada')
    const { location } = await tab.get('/login')
    const session = (await tab.get('/me')).body.session.mobileconnect
    await as('grace', tab)
    // Passport begins a new session at a login; an app that keeps the old one's content is guarded all the same.
    expect(session.pending).toHaveLength(1)
    expect((await tab.get(`/callback/forger?${forger.approve(location!)}`)).status).toBe(403)
    expect(forger.count('/token')).toBe(0)
  })

  it('a second factor never finds an account by its number alone, because numbers change hands (R-74, M-24)', async () => {
    await start()
    forger.script.userinfo = { sub: 'a-new-owner', phone_number: '+447700900001', phone_number_verified: true, email: 'ada@acme.example' }
    forger.script.claims = { sub: 'a-new-owner' }
    expect((await confirm(app.tab())).body.info.code).toBe('user_unknown')
  })

  it('a second factor tells the same sub of two issuers apart (R-74)', async () => {
    await start()
    accounts.set('https://another-operator.example pcr-of-ada', { id: 'grace' })
    expect((await confirm(app.tab())).body.info.code).toBe('user_unknown')
  })

  it('a second factor needs the user\'s id, and says so', async () => {
    await start({ userId: () => undefined as never })
    expect((await (await as('ada')).get('/login')).status).toBe(500)
    expect(app.errors[0].message).toContain('userId must return the id of the user')
  })
})

describe('verify', () => {
  let forger: Forger
  let app: App
  beforeAll(async () => { forger = await startForger() })
  afterAll(() => forger.close())
  afterEach(() => app.close())
  const loginWith = async (verify: Verify) => {
    app = await startApp(() => ({ operator: forger.operator(), verify }))
    const tab = app.tab()
    return tab.get(`/callback/forger?${forger.approve((await tab.get('/login')).location!)}`)
  }

  it.each<[string, Verify]>([
    ['a promise', async () => ({ id: 'ada' })],
    ['done', (_, done) => { done(null, { id: 'ada' }) }],
    ['done, later', (_, done) => { setImmediate(() => { done(undefined, { id: 'ada' }) }) }],
    ['done, twice: the first counts', (_, done) => { done(null, { id: 'ada' }); done(null, false) }],
  ])('verify may answer by %s', async (_, verify) => {
    expect((await loginWith(verify)).body.user).toEqual({ id: 'ada' })
  })

  it.each<[string, Verify]>([['nothing', async () => undefined], ['null', async () => null], ['false', async () => false], ['done(null, false)', (_, done) => { done(null, false) }]])('verify finds no account with %s', async (_, verify) => {
    expect(await loginWith(verify)).toMatchObject({ status: 403, body: { info: { code: 'user_unknown', message: 'There is no account for this phone.' } } })
  })

  it('verify may say why it finds no account', async () => {
    expect((await loginWith((_, done) => { done(null, false, { message: 'Ask for an invitation.' }) })).body.info).toEqual({ code: 'user_unknown', message: 'Ask for an invitation.' })
  })

  it.each<[string, Verify]>([['rejects', async () => { throw new Error('no database') }], ['throws', () => { throw new Error('no database') }], ['calls done with an error', (_, done) => { done(new Error('no database')) }]])('a verify that %s is an error', async (_, verify) => {
    expect((await loginWith(verify)).status).toBe(500)
    expect(app.errors[0].message).toBe('no database')
  })

  it('verify may add to the info, and cannot change how and when the user was proven', async () => {
    const { body } = await loginWith((_, done) => { done(null, { id: 'ada' }, { plan: 'gold', amr: ['none'], acr: '4' }) })
    expect(body.info).toMatchObject({ plan: 'gold', amr: ['mca', 'SIM_OK'], acr: '2' })
  })
})
