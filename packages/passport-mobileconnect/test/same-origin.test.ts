import { Strategy } from 'passport-mobileconnect'
import { startApp, type App, type AppOptions } from './support/app.js'
import { startForger, type Forger } from './support/forger.js'

describe('a login begins', () => {
  let forger: Forger
  let app: App
  beforeAll(async () => { forger = await startForger() })
  afterAll(() => forger.close())
  beforeEach(() => { forger.calls.length = 0 })
  afterEach(() => app.close())

  const start = async (options: Partial<AppOptions> = {}) => { app = await startApp(() => ({ operator: forger.operator(), ...options })) }
  /** As a browser, or a program, sends it: with these headers and no other. */
  const send = async (method: string, headers: Record<string, string>, path = '/login') => (await fetch(app.origin + path, { method, headers, redirect: 'manual' })).status

  it.each<[string, Record<string, string>]>([
    ['GET', { 'sec-fetch-site': 'same-origin' }], ['GET', { 'sec-fetch-site': 'none' }], ['GET', { 'content-type': 'application/json' }],
    ['POST', { 'sec-fetch-site': 'same-origin' }], ['POST', {}],
  ])('a login begins at a page of this app: %s with %j (C-06)', async (method, headers) => {
    await start()
    expect(await send(method, headers)).toBe(302)
  })

  it.each<[string, Record<string, string>]>([
    ['GET', { 'sec-fetch-site': 'cross-site' }], ['GET', { 'sec-fetch-site': 'same-site' }], ['GET', {}], ['GET', { 'sec-fetch-site': 'cross-site', 'content-type': 'application/json' }],
    ['GET', { 'sec-fetch-site': 'SAME-ORIGIN' }], ['POST', { 'sec-fetch-site': 'cross-site' }], ['POST', { origin: 'https://evil.example' }], ['POST', { origin: 'null' }],
  ])('a login does not begin at a page of another site: %s with %j (C-06)', async (method, headers) => {
    await start()
    expect(await send(method, headers)).toBe(403)
    expect(await send(method, headers, '/callback/forger')).toBe(403)
    expect(forger.count('/.well-known/openid-configuration')).toBe(0)
  })

  it('the strategy compares the whole origin where the browser says nothing else (C-06)', async () => {
    await start({ callbackURL: 'https://app.example/callback', origins: ['https://www.app.example'] })
    const statuses = []
    for (const origin of [app.origin, 'https://app.example', 'https://www.app.example', 'http://app.example', app.origin.replace('http:', 'https:'), 'https://app.example.evil.example']) statuses.push(await send('POST', { origin }))
    expect(statuses).toEqual([302, 302, 302, 403, 403, 403])
    expect(await send('POST', { origin: 'https://www.app.example', 'sec-fetch-site': 'same-site' })).toBe(302)
  })

  it('a login over the backchannel begins by the same rule, so that no other site rings a phone (C-06)', async () => {
    await start({ mode: 'backchannel', loginHint: () => 'MSISDN:447700900001' })
    const route = { 'x-route': '{"action":"begin"}' }
    expect([await send('POST', { ...route, 'sec-fetch-site': 'cross-site' }), await send('POST', { ...route, 'sec-fetch-site': 'same-origin' })]).toEqual([403, 200])
  })

  it.each(['redirect', 'backchannel'] as const)('a login begins where the caller has found by a check of its own that the page is of this app, by %s (C-06)', async (mode) => {
    await start({ mode, loginHint: () => 'MSISDN:447700900001' })
    const ours = (sameOrigin: unknown) => ({ 'x-route': JSON.stringify({ action: 'begin', sameOrigin }), origin: 'null' })
    const statuses = []
    for (const said of [undefined, false, 'true', 1, true]) statuses.push(await send('POST', ours(said)))
    expect(statuses).toEqual([403, 403, 403, 403, mode === 'redirect' ? 302 : 200])
  })

  it('a login ends when the browser comes back from the operator, which is another site', async () => {
    await start()
    const tab = app.tab()
    const query = forger.approve((await tab.get('/login')).location!)
    expect((await tab.get(`/callback/forger?${query}`, { 'sec-fetch-site': 'cross-site' })).status).toBe(200)
  })
})

it('a list of origins with a malformed one is refused at start-up (C-06)', () => {
  const options = { operator: { issuer: 'https://operator.example', clientId: 'id', clientSecret: 'secret' }, callbackURL: 'https://app.example/callback' }
  expect(() => new Strategy({ ...options, origins: ['https://app.example/path'] }, () => undefined)).toThrow('origins is a list of origins')
})
