import { startApp, type App, type AppOptions, type Tab } from './support/app.js'
import { describeWithBackends, type Backend } from './support/backends.js'
import { startForger, type Forger } from './support/forger.js'

describeWithBackends('how often a login begins', (create) => {
  let forger: Forger
  let app: App
  let backend: Backend
  let now: number
  beforeAll(async () => {
    forger = await startForger()
    backend = await create()
  })
  afterAll(async () => {
    await forger.close()
    await backend.close()
  })
  beforeEach(() => { forger.reset(); now = 1_800_000_000_000 })
  afterEach(() => app.close())

  const start = async (options: Partial<AppOptions> = {}) => {
    app = await startApp(() => ({
      operator: forger.operator(), store: backend.store(() => now), beginLimits: { '10m': 5, '1d': 7 },
      people: { ada: { id: 'ada', phone: '+44 7700 900001' }, alan: { id: 'alan' } }, ...options,
    }))
  }
  const as = async (id: string) => {
    const tab = app.tab()
    await tab.post(`/as/${id}`)
    return tab
  }
  const begin = async (tab: Tab) => (await tab.post('/login', {}, { 'x-route': '{"action":"begin"}' })).status
  const throttled = { status: 429, body: { info: { code: 'begin_throttled' } } }
  const times = async (count: number, one: () => Promise<number>) => {
    const seen = []
    for (let index = 0; index < count; index += 1) seen.push(await one())
    return seen
  }

  it.each(['redirect', 'backchannel'] as const)('begins are limited for one account, by %s, from all browsers (C-11)', async (mode) => {
    await start({ mode })
    const begun = mode === 'redirect' ? 302 : 200
    expect(await times(6, async () => begin(await as('ada')))).toEqual([begun, begun, begun, begun, begun, 429])
    const refused = await (await as('ada')).post('/login', {}, { 'x-route': '{"action":"begin"}' })
    expect(refused).toMatchObject(throttled)
    expect(Number(refused.retryAfter)).toBe(600)
    now += 600_000
    expect(await times(3, async () => begin(await as('ada')))).toEqual([begun, begun, 429])
  })

  it('of many begins at once, exactly as many as the limit go on (C-11)', async () => {
    await start()
    const tabs = await Promise.all(Array.from({ length: 20 }, async () => as('ada')))
    const answers = await Promise.all(tabs.map(begin))
    expect(answers.filter((status) => status === 302)).toHaveLength(5)
  })

  it('begins are limited for an account whose number changes each time (C-11)', async () => {
    let last = 1
    await start({ phone: () => `+44770090000${last++ % 10}` })
    expect(await times(6, async () => begin(await as('ada')))).toEqual([302, 302, 302, 302, 302, 429])
  })

  it('begins are limited for an account without a number, and for one with a hint of the operator\'s own (C-11)', async () => {
    await start()
    expect(await times(6, async () => begin(await as('alan')))).toEqual([302, 302, 302, 302, 302, 429])
    await app.close()
    let last = 0
    await start({ phone: () => `ENCR_MSISDN:${last++}` })
    expect(await times(6, async () => begin(await as('ada')))).toEqual([302, 302, 302, 302, 302, 429])
  })

  it('begins are limited for one number, in all spellings of strangers and accounts (C-11)', async () => {
    const spellings = ['MSISDN:447700900001', 'msisdn:+44 7700 900001', 'tel:+447700900001', 'TEL:+44-7700-900001', 'MSISDN:+44.7700.900001']
    await start({ loginHint: () => spellings.shift() })
    expect(await times(5, async () => begin(app.tab()))).toEqual([302, 302, 302, 302, 302])
    expect(await begin(await as('ada'))).toBe(429)
  })

  it('begins are limited for one number that discovery encrypts anew each time (C-11)', async () => {
    const { issuer, clientId, clientSecret = '' } = forger.operator()
    const operator = { id: 'forger', issuer: issuer!, clientId, clientSecret, metadata: { issuer: issuer!, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` } }
    let last = 0
    const find = async () => ({ status: 'found' as const, operator, subscriberId: `abcdef${last++}` })
    await start({ operator: undefined, discovery: { issuers: [issuer!], find, returned: () => undefined }, loginHint: () => 'MSISDN:447700900001' })
    expect(await times(6, async () => begin(app.tab()))).toEqual([302, 302, 302, 302, 302, 429])
    await app.close()
    // Of a stranger whose number is not known here: by the address that the exchange knows them by.
    await start({ operator: undefined, discovery: { issuers: [issuer!], find, returned: () => undefined } })
    expect(await times(6, async () => begin(app.tab()))).toEqual([302, 302, 302, 302, 302, 429])
  })

  it('begins of strangers with ever new hints are limited by their address (C-11)', async () => {
    let last = 0
    await start({ loginHint: () => `ENCR_MSISDN:abcdef${last++}` })
    expect(await times(6, async () => begin(app.tab()))).toEqual([302, 302, 302, 302, 302, 429])
  })

  it('begins with a constant hint are limited by the hint alone: many users share an address (C-11)', async () => {
    let last = 0
    await start({ loginHint: () => `PCR:of-${last++}` })
    expect(new Set(await times(10, async () => begin(app.tab())))).toEqual(new Set([302]))
    await app.close()
    await start({ loginHint: () => 'PCR:of-one' })
    expect(await times(6, async () => begin(app.tab()))).toEqual([302, 302, 302, 302, 302, 429])
  })

  it.each(['account ada', 'number 447700900001', '447700900001'])('a stranger\'s hint does not use up the limit of an account: %s (C-11)', async (hint) => {
    await start({ loginHint: () => hint, beginLimits: { '10m': 1 } })
    expect(await begin(app.tab())).toBe(302)
    expect(await begin(await as('ada'))).toBe(302)
  })

  it('begins without a hint are not limited, because the operator asks for the number itself (C-11)', async () => {
    await start()
    expect(new Set(await times(10, async () => begin(app.tab())))).toEqual(new Set([302]))
  })

  it('a begin that one limit refused does not count for the next limit (C-11)', async () => {
    await start()
    await times(15, async () => begin(await as('ada')))
    now += 600_000
    expect(await begin(await as('ada'))).toBe(302)
  })
})

describe('a hint about a number that cannot be read', () => {
  let forger: Forger
  let app: App
  beforeAll(async () => { forger = await startForger() })
  afterAll(() => forger.close())
  afterEach(() => app.close())

  it.each(['MSISDN:00447700900001', 'MSISDN:+44 (0)7700 900001', 'MSISDN:+44 (\u00a00\u200e)7700 900001', 'tel:٤٤٧٧٠٠٩٠٠٠٠١', 'MSISDN:447700900001x'])('a hint about an unreadable number rings no phone: %s (C-11)', async (hint) => {
    app = await startApp(() => ({ operator: forger.operator(), loginHint: () => hint }))
    expect(await app.tab().post('/login')).toMatchObject({ status: 400, body: { info: { code: 'login_hint_missing' } } })
  })
})
