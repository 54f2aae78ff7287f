import express from 'express'
import passport from 'passport'
import request from 'supertest'
import { MemoryTransactionStore, Strategy, type Discovery, type MobileConnectError, type StrategyOptions } from 'passport-mobileconnect'
import { startApp, type App } from './support/app.js'
import { startForger, type Forger } from './support/forger.js'

describe('what is not the person\'s fault', () => {
  let forger: Forger
  let app: App | undefined
  beforeAll(async () => { forger = await startForger() })
  afterAll(() => forger.close())
  afterEach(async () => { await app?.close(); app = undefined })

  const failing = (method: 'put' | 'take' | 'claim' | 'count', how: () => Promise<never>) => Object.assign(new MemoryTransactionStore(), { [method]: how })
  const broken = { status: 503, body: { error: { name: 'MobileConnectError', code: 'store_unavailable' } } }

  it('a request without a session is an error that says which line is missing', async () => {
    const bare = express()
    const authenticator = new passport.Passport()
    authenticator.use(new Strategy({ operator: forger.operator(), callbackURL: 'https://app.example/callback' }, () => undefined))
    bare.get('/login', authenticator.authenticate('mobileconnect', { session: false }))
    // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express knows an error handler by its four parameters
    bare.use(((error: MobileConnectError, _req, res, _next) => {
      res.status(error.status).json({ code: error.code, message: error.message })
    }) as express.ErrorRequestHandler)
    const { status, body } = await request(bare).get('/login').set('Sec-Fetch-Site', 'same-origin')
    expect([status, body.code]).toEqual([500, 'misconfigured'])
    expect(body.message).toContain('put app.use(session({ ... })) of express-session before this route')
  })

  it.each<[string, () => Promise<never>]>([['rejects', () => Promise.reject(new Error('gone'))], ['throws', () => { throw new Error('gone') }], ['never answers', () => new Promise(() => undefined)]])(
    'a store that %s, when a login begins and when it ends, is an error, and nobody is logged in', async (_, how) => {
      app = await startApp(() => ({ operator: forger.operator(), store: failing('put', how), storeTimeout: '50ms' }))
      expect(await app.tab().get('/login')).toMatchObject(broken)
      await app.close()
      app = await startApp(() => ({ operator: forger.operator(), store: failing('take', how), storeTimeout: '50ms' }))
      const tab = app.tab()
      const { location } = await tab.get('/login')
      expect(await tab.get(`/callback/forger?${forger.approve(location!)}`)).toMatchObject(broken)
      expect(forger.count('/token')).toBe(0)
    })

  it('a store that cannot count is an error, and no phone rings', async () => {
    app = await startApp(() => ({ operator: forger.operator(), mode: 'backchannel', loginHint: () => 'MSISDN:447700900001', store: failing('count', () => Promise.reject(new Error('gone'))) }))
    expect(await app.tab().post('/login', {}, { 'x-route': '{"action":"begin"}' })).toMatchObject(broken)
    expect(forger.count('/backchannel')).toBe(0)
  })

  it.each([undefined, null, {}, 'counted', { status: 'ok' }, { status: 'toString' }])('a store that counts with %j, which is no yes, is an error, and no phone rings', async (answer) => {
    const before = forger.count('/backchannel')
    app = await startApp(() => ({ operator: forger.operator(), mode: 'backchannel', loginHint: () => 'MSISDN:447700900001', store: Object.assign(new MemoryTransactionStore(), { count: async () => answer }) }))
    expect(await app.tab().post('/login', {}, { 'x-route': '{"action":"begin"}' })).toMatchObject(broken)
    expect(forger.count('/backchannel')).toBe(before)
  })

  it.each([undefined, null, {}, { status: 'claimed' }, { status: 'claimed', sealed: 'bm90IHNlYWxlZA' }])('a store that lets %j be claimed is an error, and nobody asks the operator', async (answer) => {
    const before = forger.count('/token')
    app = await startApp(() => ({ operator: forger.operator(), mode: 'backchannel', loginHint: () => 'MSISDN:447700900001', store: Object.assign(new MemoryTransactionStore(), { claim: async () => answer }) }))
    const tab = app.tab()
    await tab.post('/login', {}, { 'x-route': '{"action":"begin"}' })
    expect(await tab.post('/callback')).toMatchObject(broken)
    expect(forger.count('/token')).toBe(before)
  })

  it('a store that says null for what is gone is no error', async () => {
    app = await startApp(() => ({ operator: forger.operator(), store: Object.assign(new MemoryTransactionStore(), { take: async () => null }) }))
    const tab = app.tab()
    const { location } = await tab.get('/login')
    expect(await tab.get(`/callback/forger?${forger.approve(location!)}`)).toMatchObject({ status: 403, body: { info: { code: 'transaction_unknown' } } })
  })

  it('a store that gives back something else than it was given is an error', async () => {
    app = await startApp(() => ({ operator: forger.operator(), store: Object.assign(new MemoryTransactionStore(), { take: async () => 'bm90IHNlYWxlZA' }) }))
    const tab = app.tab()
    const { location } = await tab.get('/login')
    expect(await tab.get(`/callback/forger?${forger.approve(location!)}`)).toMatchObject(broken)
  })

  it.each<[string, Partial<StrategyOptions>]>([
    ['loginHint', { loginHint: () => Promise.reject(new Error('of the app')) }],
    ['context', { context: () => { throw new Error('of the app') } }],
    ['parameters', { parameters: async () => { throw new Error('of the app') } }],
  ])('an error of the app\'s own %s is passed on as it is', async (_, options) => {
    app = await startApp(() => ({ operator: forger.operator(), ...options }))
    expect((await app.tab().get('/login')).status).toBe(500)
    expect(app.errors[0].message).toBe('of the app')
  })
})

describe('over the backchannel, with an operator that discovery finds', () => {
  let forger: Forger
  let app: App
  let answer: Awaited<ReturnType<Discovery['find']>>
  let asked: unknown[] = []
  beforeEach(async () => {
    forger = await startForger()
    asked = []
    const discovery: Discovery = { issuers: [forger.issuer], find: async (question) => { asked.push(question); return answer }, returned: () => undefined }
    app = await startApp(() => ({ discovery, mode: 'backchannel', loginHint: () => 'MSISDN:447700900001' }))
  })
  afterEach(() => Promise.all([app.close(), forger.close()]))
  const begin = () => app.tab().post('/login', {}, { 'x-route': '{"action":"begin"}' })

  it('a backchannel login rings by the encrypted number, where discovery knows it (M-32)', async () => {
    const { issuer, clientId, clientSecret } = forger.operator()
    answer = { status: 'found', operator: { id: 'forger', issuer: issuer!, clientId, clientSecret }, subscriberId: 'abcdef' }
    expect((await begin()).status).toBe(200)
    expect(asked).toEqual([{ msisdn: '447700900001' }])
    expect(forger.calls.find(({ path }) => path === '/backchannel')!.body.get('login_hint')).toBe('ENCR_MSISDN:abcdef')
  })

  it('a backchannel login asks nobody to choose an operator, because there is no browser to send anywhere', async () => {
    answer = { status: 'select', url: 'https://exchange.example/' }
    expect((await begin()).body.info.code).toBe('operator_unknown')
  })

  it('a backchannel login believes no operator that discovery could not have found', async () => {
    answer = { status: 'found', operator: { id: 'forger', issuer: 'http://operator.example', clientId: 'a', clientSecret: 'b' } }
    expect((await begin()).body.error.code).toBe('discovery_failed')
  })
})
