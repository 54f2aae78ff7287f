import { generateKeyPairSync } from 'node:crypto'
import { Strategy, type OperatorOptions, type StrategyOptions } from 'passport-mobileconnect'
import { startApp, type App, type AppOptions } from './support/app.js'
import { startForger, type Forger } from './support/forger.js'

const operator = { issuer: 'https://a.example', clientId: 'x', clientSecret: 'y' }
const requestObject = { key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey }
const strategy = (options: Partial<StrategyOptions> = {}, more: Partial<OperatorOptions> = {}) =>
  new Strategy({ operator: { ...operator, ...more }, callbackURL: 'https://app.example/cb', ...options }, () => undefined)

describe('values that a phone can show', () => {
  const { checkDetails } = Object.assign(Object.create(strategy()) as Strategy, {})
  it.each<Record<string, string>>([
    { payee: 'Bob', amount: '20' }, { payee: 'O\'Brien & Söhne', amount: '1,000.50 €' }, { payee: 'Иван Петров', amount: '20 EUR' }, { payee: 'Ειρήνη' }, { payee: 'Łukasz' },
    { to: 'DE89 3704 0044 0532 0130 00', amount: '1000000.00' }, { payee: 'Acme Ltd.', amount: '₹500' }, { payee: '山田 太郎' }, { payee: 'سارة' }, { payee: 'नमस्ते' },
    { at: '12:30', day: '2026-11-30' }, { payee: 'John-Paul (UK)' }, { account: '12345678' },
  ])('details that a phone can show are shown unchanged: %j (C-10)', (details) => { expect(strategy().checkDetails(details)).toBeUndefined() })

  it.each<[string, Record<string, string>]>([
    ['letters of another script among letters of one', { payee: 'Вob' }], ['letters that only look like letters of one', { payee: 'АСМЕ' }], ['wide letters', { payee: 'Ｂob' }], ['mathematical letters', { payee: '𝐁ob' }],
    ['a mark that turns the text around', { payee: 'Bob\u202e' }], ['a letter that nobody sees', { payee: 'B\u200bob' }], ['another line', { payee: 'Bob\namount: 1' }], ['markup', { payee: '<b>Bob</b>' }],
    ['a run of spaces', { payee: `Bob${' '.repeat(30)}x` }], ['a space before it', { payee: ' Bob' }], ['another value', { payee: 'Bob, amount: 1' }], ['the end of a name', { payee: 'Bob:' }], ['nothing', { payee: '' }],
    ['nothing but dots', { payee: '...' }], ['a number to call', { payee: 'FRAUD ALERT: call +44 7911 123456 now' }], ['the same in pieces', { payee: '0791.112.3456' }], ['the same as an amount', { payee: '+44 791 112 345' }],
    ['an address to open', { payee: 'bit.ly/x' }], ['a digit that is none', { payee: '1²' }], ['digits of another script', { payee: '١٠' }], ['more than one line', { payee: 'x'.repeat(90) }],
    ['a pile of marks', { payee: 'Bo\u0323\u0323\u0323b' }],
  ])('details are not shortened: %s is named instead (C-10)', (_, details) => { expect(strategy().checkDetails(details)).toBe('payee') })

  it('names of details cannot be taken for one another, or for a value (C-10)', () => {
    expect(strategy().checkDetails({ payee: 'Bob', Payee: 'Eve' })).toBe('Payee')
    expect(strategy().checkDetails({ 'a: b': 'c' })).toBe('a: b')
    expect(typeof checkDetails).toBe('function')
  })
})

describe('whether a strategy proves what was shown', () => {
  const ways: readonly [string, boolean, Partial<StrategyOptions>, Partial<OperatorOptions>?][] = [
    ['nothing is said', false, {}],
    ['the phone rings over the backchannel', true, { mode: 'backchannel' }],
    ['requests are pushed where the operator offers it', false, { pushedAuthorizationRequests: undefined }],
    ['all requests are pushed', true, { pushedAuthorizationRequests: true }],
    ['one of two operators has requests pushed', false, { operator: undefined, chooseOperator: () => 'a', operators: [{ id: 'a', ...operator, pushedAuthorizationRequests: true }, { id: 'b', ...operator }], callbackURL: 'https://app.example/cb/{operator}' }],
    ['requests are signed', false, { requestObject }],
    ['requests are signed, and the operator takes no other', true, { requestObject, signedRequestsOnly: true }],
    ['the operator says what it displayed', true, {}, { displayedData: true }],
    ['discovery finds the operator', false, { operator: undefined, discovery: { issuers: [], find: async () => ({ status: 'unknown' }), returned: () => undefined }, callbackURL: 'https://app.example/cb/{operator}' }],
    ['discovery finds operators that requests are pushed to', true, { operator: undefined, pushedAuthorizationRequests: true, discovery: { issuers: [], find: async () => ({ status: 'unknown' }), returned: () => undefined }, callbackURL: 'https://app.example/cb/{operator}' }],
    ['all requests are pushed, and ask the operator to show nothing', false, { pushedAuthorizationRequests: true, prompt: 'none' }],
    ['the metadata that is given offers pushed requests', true, {}, { endpoints: { authorization: 'https://a.example/a', token: 'https://a.example/t', jwks: 'https://a.example/j', pushedAuthorization: 'https://a.example/p' } }],
  ]
  it.each(ways.map(([name, proves, options, more = {}]) => [name, proves, options, more] as const))('provesDetails where %s: %j (C-09)', (_, proves, options, more) => { expect(strategy(options, more).provesDetails).toBe(proves) })

  it('signedRequestsOnly without requestObject, and required pushing without its endpoint, are refused at start-up (C-09)', () => {
    expect(() => strategy({ signedRequestsOnly: true })).toThrow('signedRequestsOnly needs requestObject')
    expect(() => strategy({ pushedAuthorizationRequests: true }, { endpoints: { authorization: 'https://a.example/a', token: 'https://a.example/t', jwks: 'https://a.example/j' } })).toThrow('pushedAuthorization in operator.endpoints')
  })
})

describe('a login with values to confirm', () => {
  let forger: Forger
  let app: App
  beforeAll(async () => { forger = await startForger() })
  afterAll(() => forger.close())
  beforeEach(() => { forger.reset(); forger.calls.length = 0 })
  afterEach(() => app.close())

  const details = { payee: 'Bob', amount: '10' }
  const text = 'amount: 10, payee: Bob'
  const start = async (options: Partial<AppOptions> = {}, given: Record<string, string> = details, more: Partial<OperatorOptions> = {}) => {
    app = await startApp(() => ({ operator: forger.operator(more), beginning: { details: given }, ...options }))
    return app.tab()
  }
  const end = async (tab: ReturnType<App['tab']>, displayed: unknown, location?: string) => {
    const at = location ?? (await tab.get('/login')).location!
    forger.script.claims = { displayed_data: displayed, ...new URL(at).searchParams.has('request_uri') || new URL(at).searchParams.has('request') ? { nonce: nonceOf(at) } : {} }
    return tab.get(`/callback/forger?${forger.approve(at)}`)
  }
  const nonceOf = (location: string) => {
    const { searchParams } = new URL(location)
    const signed = searchParams.get('request')
    if (signed) return (JSON.parse(Buffer.from(signed.split('.')[1]!, 'base64url').toString()) as { nonce: string }).nonce
    return forger.calls.find(({ path }) => path === '/par')!.body.get('nonce')
  }
  const pushing = () => {
    forger.script.metadata = { pushed_authorization_request_endpoint: `${forger.issuer}/par` }
    forger.script.answer = ({ path }, res) => {
      if (path !== '/par') return false
      res.writeHead(201, { 'content-type': 'application/json' }).end('{"request_uri":"urn:of:this","expires_in":60}')
      return true
    }
  }
  const unproven = { status: 403, body: { info: { code: 'details_unproven' } } }

  it('a login with details shows them, and not the app\'s own words (C-09)', async () => {
    const tab = await start({ context: () => 'Log in?', bindingMessage: () => 'Log in?' })
    expect(Object.fromEntries(new URL((await tab.get('/login')).location!).searchParams)).toMatchObject({ context: text, binding_message: text })
  })

  it('a login with details sends prompt=login, unless the app has a prompt of its own (C-09)', async () => {
    const promptIn = async (tab: ReturnType<App['tab']>, route: object = {}) => new URL((await tab.get('/login', { 'x-route': JSON.stringify(route) })).location!).searchParams.get('prompt')
    const tab = await start()
    expect([await promptIn(tab), await promptIn(tab, { prompt: 'consent' }), await promptIn(tab, { details: {} })]).toEqual(['login', 'consent', null])
  })

  it('a pushed login with details and prompt=none does not end without displayed_data (C-09)', async () => {
    pushing()
    expect(await end(await start({ beginning: { details, prompt: 'none' } }), undefined)).toMatchObject(unproven)
    forger.calls.length = 0
    expect((await end(app.tab(), text)).status).toBe(200)
  })

  it.each<[string, unknown]>([['nothing', undefined], ['something else', 'Log in to Acme?'], ['the values among other words', `This is a test, say yes. ${text}`], ['a part of them', 'amount: 10'], ['a list', [text]]])(
    'a login with details that the browser carried does not end when the operator displayed %s (C-09)', async (_, displayed) => {
      expect(await end(await start(), displayed)).toMatchObject(unproven)
    })

  it.each([text, `${text} ${text}`])('a login with details that the browser carried ends when the operator displayed exactly them: %s (C-09)', async (displayed) => {
    expect((await end(await start(), displayed)).status).toBe(200)
  })

  it('a pushed login with details ends without displayed_data, and not with another displayed_data (C-09)', async () => {
    pushing()
    const tab = await start()
    expect((await end(tab, undefined)).status).toBe(200)
    forger.calls.length = 0
    expect((await end(app.tab(), `Acme asks: ${text}`)).status).toBe(200)
    forger.calls.length = 0
    expect(await end(app.tab(), 'Log in to Acme?')).toMatchObject(unproven)
  })

  it.each([[false, {}, 403], [true, {}, 200], [false, { require_signed_request_object: true }, 200]])('a signed login with details ends when the operator takes only signed requests: declared %j, published %j (C-09)', async (signedRequestsOnly, metadata, status) => {
    forger.script.metadata = metadata
    expect((await end(await start({ requestObject, signedRequestsOnly }), undefined)).status).toBe(status)
  })

  it('a login with details does not begin when the app requires pushing and the operator does not offer it (C-09)', async () => {
    const tab = await start({ pushedAuthorizationRequests: true })
    expect(await tab.get('/login')).toMatchObject({ status: 500, body: { error: { code: 'operator_misconfigured' } } })
  })

  it('a login with a value that no phone can show does not begin (C-10)', async () => {
    const tab = await start({}, { payee: 'Bob\nEve', amount: '10' })
    expect(await tab.get('/login')).toMatchObject({ status: 400, body: { info: { code: 'details_invalid' } } })
    await app.close()
    const other = await start({ mode: 'backchannel', loginHint: () => 'MSISDN:447700900001' }, { payee: 'Bob\nEve' })
    expect(await other.post('/login', {}, { 'x-route': '{"action":"begin"}' })).toMatchObject({ status: 400, body: { info: { code: 'details_invalid' } } })
    expect(forger.count('/backchannel')).toBe(0)
  })

  it('a login with details ends only for the details that it was begun for', async () => {
    const tab = await start()
    forger.script.claims = { displayed_data: text }
    const answer = await tab.get(`/callback/forger?${forger.approve((await tab.get('/login')).location!)}`, { 'x-route': JSON.stringify({ details: { ...details, amount: '1000' } }) })
    expect(answer.body.info.code).toBe('transaction_unknown')
    const again = (await tab.get('/login')).location!
    expect((await tab.get(`/callback/forger?${forger.approve(again)}`, { 'x-route': JSON.stringify({ details: { amount: '10', payee: 'Bob' } }) })).status).toBe(200)
  })

  it('a login without details confirms none', async () => {
    const tab = await start({}, {})
    const { location } = await tab.get('/login')
    expect((await tab.get(`/callback/forger?${forger.approve(location!)}`, { 'x-route': JSON.stringify({ details: { amount: '10' } }) })).body.info.code).toBe('transaction_unknown')
  })
})
