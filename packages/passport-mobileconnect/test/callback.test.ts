import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { MemoryTransactionStore, Strategy, type StrategyOptions } from 'passport-mobileconnect'
import { startApp, type App, type AppOptions, type Tab } from './support/app.js'
import { startForger, type Forger } from './support/forger.js'

const many = <T>(times: number, work: (index: number) => Promise<T>) => Promise.all(Array.from({ length: times }, (_, index) => work(index)))

describe('a callback', () => {
  let a: Forger
  let b: Forger
  let app: App
  beforeAll(async () => { [a, b] = await Promise.all([startForger(), startForger()]) })
  afterAll(() => Promise.all([a.close(), b.close()]))
  beforeEach(() => { for (const forger of [a, b]) { forger.reset(); forger.calls.length = 0 } })
  afterEach(() => app.close())

  const two = (more: Partial<AppOptions> = {}) => startApp(() => ({ operators: [a.operator({ id: 'a' }), b.operator({ id: 'b' })], chooseOperator: (req) => req.query.at as string, ...more }))
  const beginAt = async (tab: Tab, id: string) => (await tab.get(`/login?at=${id}`)).location!
  const unknown = { status: 403, body: { info: { code: 'transaction_unknown', message: 'This login has expired or was used already. Begin again.' } } }

  const nobody = async (tab: Tab) => {
    expect(app.identities).toEqual([])
    expect((await tab.get('/me')).body.user).toBeNull()
  }

  it('callbacks of two operators in one browser at the same time each log in at their own operator (R-70)', async () => {
    app = await two()
    const tab = app.tab()
    const [atA, atB] = [await beginAt(tab, 'a'), await beginAt(tab, 'b')]
    expect((await tab.get(`/callback/b?${b.approve(atB)}`)).body.user.id).toBe(`${b.issuer} pcr-of-ada`)
    // Passport changes the session at a login, and what the other tab had begun goes with it.
    expect(await tab.get(`/callback/a?${a.approve(atA)}`)).toMatchObject(unknown)
  })

  it('a callback on A\'s address with the code and state of B is refused, and no code is sent (M-01, R-71)', async () => {
    app = await two()
    const tab = app.tab()
    const atB = await beginAt(tab, 'b')
    expect(await tab.get(`/callback/a?${b.approve(atB)}`)).toMatchObject(unknown)
    expect(a.count('/token') + b.count('/token')).toBe(0)
    expect(await tab.get(`/callback/b?${b.approve(atB)}`)).toMatchObject(unknown)
    await nobody(tab)
  })

  it('a callback that began with A and ends with B\'s transaction of the same session is refused (M-02)', async () => {
    app = await two()
    const tab = app.tab()
    const [atA, atB] = [await beginAt(tab, 'a'), await beginAt(tab, 'b')]
    const mixed = new URLSearchParams(a.approve(atA))
    mixed.set('state', new URL(atB).searchParams.get('state')!)
    expect(await tab.get(`/callback/a?${mixed.toString()}`)).toMatchObject(unknown)
    expect(a.count('/token') + b.count('/token')).toBe(0)
    await nobody(tab)
  })

  it.each(['/other/a', '/callback/a/', '/callback/A', '/callback', '/callback/ab', '/callback/%61'])('a callback that comes in at %s is the operator\'s own if the end of the path is', async (path) => {
    app = await two()
    const tab = app.tab()
    const answer = await tab.get(`${path}?${a.approve(await beginAt(tab, 'a'))}`)
    // Only the operator's own part counts, for proxies strip and add what stands before it.
    expect(answer.status).toBe(['/other/a', '/callback/a/'].includes(path) ? 200 : 403)
  })

  it('a callback with the iss of another issuer is refused before its code is sent (M-03, R-71)', async () => {
    app = await two()
    const tab = app.tab()
    expect(await tab.get(`/callback/a?${a.approve(await beginAt(tab, 'a'), { iss: b.issuer })}`)).toMatchObject(unknown)
    expect(a.count('/token') + b.count('/token')).toBe(0)
    await nobody(tab)
  })

  it('a callback without iss is refused when the operator says that it sends one (M-04, R-71)', async () => {
    a.script.metadata = { authorization_response_iss_parameter_supported: true }
    app = await two()
    const tab = app.tab()
    expect(await tab.get(`/callback/a?${a.approve(await beginAt(tab, 'a'))}`)).toMatchObject(unknown)
    expect((await tab.get(`/callback/a?${a.approve(await beginAt(tab, 'a'), { iss: a.issuer })}`)).status).toBe(200)
  })

  it('a callback address of several operators needs iss, whatever the metadata says (M-04, R-71)', async () => {
    app = await startApp((origin) => ({
      operators: [a.operator({ id: 'a', issParameter: true }), b.operator({ id: 'b', issParameter: true })],
      chooseOperator: (req) => req.query.at as string,
      callbackURL: `${origin}/callback`,
    }))
    const tab = app.tab()
    expect(await tab.get(`/callback?${a.approve(await beginAt(tab, 'a'))}`)).toMatchObject(unknown)
    expect(await tab.get(`/callback?${a.approve(await beginAt(tab, 'a'), { iss: b.issuer })}`)).toMatchObject(unknown)
    expect((await tab.get(`/callback?${a.approve(await beginAt(tab, 'a'), { iss: a.issuer })}`)).status).toBe(200)
  })

  it('a callback that is replayed 20 times at once asks the operator once, and logs in once (M-13, R-70)', async () => {
    app = await two()
    const tab = app.tab()
    const query = a.approve(await beginAt(tab, 'a'))
    const answers = await many(20, () => tab.get(`/callback/a?${query}`))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 403)).toHaveLength(19)
    expect(a.count('/token')).toBe(1)
    expect(app.identities).toHaveLength(1)
  })

  it('a callback whose code the operator refuses cannot be tried again (M-13, M-17)', async () => {
    app = await two()
    const tab = app.tab()
    const query = a.approve(await beginAt(tab, 'a'))
    Object.assign(a.script, { tokenStatus: 400, token: { error: 'invalid_grant' } })
    expect(await tab.get(`/callback/a?${query}`)).toMatchObject(unknown)
    a.reset()
    expect(await tab.get(`/callback/a?${query}`)).toMatchObject(unknown)
    await nobody(tab)
  })

  it('a callback sends the PKCE verifier that belongs to the challenge (M-17, R-72)', async () => {
    app = await two()
    const tab = app.tab()
    const location = await beginAt(tab, 'a')
    await tab.get(`/callback/a?${a.approve(location)}`)
    const verifier = a.calls.find(({ path }) => path === '/token')!.body.get('code_verifier')!
    expect(createHash('sha256').update(verifier).digest('base64url')).toBe(new URL(location).searchParams.get('code_challenge'))
  })

  it.each<[string, (query: URLSearchParams) => void]>([
    ['without state', (query) => { query.delete('state') }],
    ['with an empty state', (query) => { query.set('state', '') }],
    ['with a state that an attacker made up', (query) => { query.set('state', 'x'.repeat(43)) }],
    ['with the state twice', (query) => { query.append('state', query.get('state')!) }],
    ['with two states, the right one last', (query) => { const state = query.get('state')!; query.set('state', 'x'.repeat(43)); query.append('state', state) }],
    ['with two codes', (query) => { query.append('code', 'another') }],
    ['with two issuers', (query) => { query.append('iss', a.issuer); query.append('iss', b.issuer) }],
    ['with a code and an error twice', (query) => { query.append('error', 'access_denied'); query.append('error', 'access_denied') }],
    ['without a code', (query) => { query.delete('code') }],
    ['with an empty code', (query) => { query.set('code', '') }],
    ['with an ID token instead', (query) => { query.delete('code'); query.set('id_token', 'x') }],
  ])('a callback %s is refused, and no code is sent (M-15)', async (_, change) => {
    app = await two()
    const tab = app.tab()
    const query = new URLSearchParams(a.approve(await beginAt(tab, 'a')))
    change(query)
    expect(await tab.get(`/callback/a?${query.toString()}`)).toMatchObject(unknown)
    expect(a.count('/token')).toBe(0)
    await nobody(tab)
  })

  it.each(['state[]=STATE&code=x', 'state[a]=STATE&code=x', '__proto__[state]=STATE&code=x', 'state=STATE%00&code=x'])('a callback with the query %s is refused, even when Express parses it into objects (M-15)', async (query) => {
    app = await two()
    const tab = app.tab()
    const state = new URL(await beginAt(tab, 'a')).searchParams.get('state')!
    expect(await tab.get(`/callback/a?${query.replace('STATE', state)}`)).toMatchObject(unknown)
    expect(a.count('/token')).toBe(0)
  })

  it('a callback with the state of another session is refused, and that session can still end its login (M-15, R-70)', async () => {
    app = await two()
    const [ada, mallory] = [app.tab(), app.tab()]
    const query = a.approve(await beginAt(ada, 'a'))
    await beginAt(mallory, 'a')
    expect(await mallory.get(`/callback/a?${query}`)).toMatchObject(unknown)
    await nobody(mallory)
    expect((await ada.get(`/callback/a?${query}`)).status).toBe(200)
  })

  it('a callback with an error for the state of another session leaves that login untouched (M-16)', async () => {
    app = await two()
    const [ada, mallory] = [app.tab(), app.tab()]
    const query = a.approve(await beginAt(ada, 'a'))
    const state = new URLSearchParams(query).get('state')!
    for (const error of ['access_denied', 'server_error']) expect(await mallory.get(`/callback/a?error=${error}&state=${state}`)).toMatchObject(unknown)
    expect((await ada.get(`/callback/a?${query}`)).status).toBe(200)
  })

  it('a callback with an error and no state is refused, and ends nothing (M-16)', async () => {
    app = await two()
    const tab = app.tab()
    const query = a.approve(await beginAt(tab, 'a'))
    expect(await tab.get('/callback/a?error=access_denied')).toMatchObject(unknown)
    expect((await tab.get(`/callback/a?${query}`)).status).toBe(200)
  })

  it('a callback without a login under way is refused', async () => {
    app = await two()
    expect(await app.tab().get(`/callback/a?code=x&state=${'x'.repeat(43)}`)).toMatchObject(unknown)
  })

  it('a callback after the ttl is refused', async () => {
    let now = Date.now()
    app = await two({ store: new MemoryTransactionStore({ now: () => now }), ttl: '2m' })
    const tab = app.tab()
    const query = a.approve(await beginAt(tab, 'a'))
    now += 120_000
    expect(await tab.get(`/callback/a?${query}`)).toMatchObject(unknown)
    expect(a.count('/token')).toBe(0)
  })

  it('callbacks of five tabs each end their login; a sixth tab drops the first', async () => {
    app = await two()
    const tab = app.tab()
    const begun: string[] = []
    for (let index = 0; index < 6; index += 1) begun.push(await beginAt(tab, 'a'))
    expect((await tab.get('/me')).body.session.mobileconnect.pending).toHaveLength(5)
    expect(await tab.get(`/callback/a?${a.approve(begun[0]!)}`)).toMatchObject(unknown)
    expect((await tab.get(`/callback/a?${a.approve(begun[3]!)}`)).status).toBe(200)
  })

  it('the session holds only ids of transactions, and the store holds nothing readable (R-70)', async () => {
    const kept: string[] = []
    const store = new MemoryTransactionStore()
    const put = store.put.bind(store)
    store.put = async (id, sealed, ttl) => { kept.push(id, sealed); await put(id, sealed, ttl) }
    app = await two({ store })
    const tab = app.tab()
    const location = await beginAt(tab, 'a')
    const { state, nonce } = Object.fromEntries(new URL(location).searchParams) as Record<string, string>
    const { session } = (await tab.get('/me')).body
    expect(session.mobileconnect).toEqual({ pending: [kept[0]] })
    for (const text of [...kept, ...kept.map((value) => Buffer.from(value, 'base64url').toString()), JSON.stringify(session)]) {
      for (const secret of [state!, nonce!, a.issuer, 'verifier', '"kind"']) expect(text).not.toContain(secret)
    }
    await tab.get(`/callback/a?${a.approve(location)}`)
    expect((await tab.get('/me')).body.session.mobileconnect).toBeUndefined()
  })

  it.each(['response=a.b.c', 'id_token=a.b.c', 'token=x&access_token=y', 'error_uri=x&expires_in=1'])('a callback may have other parameters, which are not read: %s', async (more) => {
    app = await two()
    const tab = app.tab()
    const atA = await beginAt(tab, 'a')
    expect((await tab.get(`/callback/a?${a.approve(atA)}&${more}`)).status).toBe(200)
  })

  it('the redirect URI is the configured one, whatever the Host header says (M-26)', async () => {
    app = await two()
    const { port } = new URL(app.origin)
    const location = await new Promise<string>((resolve, reject) => {
      request({ port, host: '127.0.0.1', path: '/login?at=a', headers: { host: 'evil.example', 'sec-fetch-site': 'same-origin', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' } }, (res) => { res.resume(); resolve(res.headers.location ?? '') })
        .on('error', reject).end()
    })
    expect(new URL(location).searchParams.get('redirect_uri')).toBe(`${app.origin}/callback/a`)
    expect(location).not.toContain('evil')
  })

  it('a callback sends the configured redirect URI with the code (M-26)', async () => {
    app = await two()
    const tab = app.tab()
    await tab.get(`/callback/a?${a.approve(await beginAt(tab, 'a'))}`)
    expect(a.calls.find(({ path }) => path === '/token')!.body.get('redirect_uri')).toBe(`${app.origin}/callback/a`)
  })

  it('a callback by HEAD, or by a form, ends no login (R-70)', async () => {
    app = await two()
    const tab = app.tab()
    const query = a.approve(await beginAt(tab, 'a'))
    expect((await tab.send(`/callback/a?${query}`, { method: 'HEAD' })).status).toBe(405)
    const posted = await tab.send(`/callback/a?at=a&${query}`, { method: 'POST' })
    expect(posted.status).toBe(302)
    expect(posted.location).toContain(`${a.issuer}/authorize`)
    expect((await tab.send('/callback/a', { method: 'PUT' })).status).toBe(405)
    expect(a.count('/token')).toBe(0)
    expect((await tab.get(`/callback/a?${query}`)).status).toBe(200)
  })

  it('a callback never redirects to what its state says (W-08)', async () => {
    app = await two()
    const tab = app.tab()
    const query = new URLSearchParams(a.approve(await beginAt(tab, 'a')))
    query.set('state', Buffer.from('{"returnTo":"https://evil.example"}').toString('base64url'))
    const answer = await tab.get(`/callback/a?${query.toString()}`)
    expect(answer).toMatchObject(unknown)
    expect(JSON.stringify(answer)).not.toContain('evil')
  })

  it.each([
    ['access_denied', 403, 'user_refused'],
    ['authorization_error', 403, 'user_refused'],
    ['login_required', 403, 'interaction_required'],
    ['interaction_required', 403, 'interaction_required'],
    ['consent_required', 403, 'interaction_required'],
    ['account_selection_required', 403, 'interaction_required'],
    ['unmet_authentication_requirements', 403, 'acr_insufficient'],
  ])('a callback with the error %s fails with %i %s, without the operator\'s words (R-80, M-25)', async (error, status, code) => {
    app = await two()
    const tab = app.tab()
    const state = new URL(await beginAt(tab, 'a')).searchParams.get('state')!
    const answer = await tab.get(`/callback/a?error=${error}&state=${state}&error_description=${encodeURIComponent('<script>1</script>')}&message=${encodeURIComponent('<b>')}&type=x&error_uri=x`)
    expect(answer).toMatchObject({ status, body: { info: { code } } })
    expect(Object.keys(answer.body.info)).toEqual(['code', 'message'])
    expect(JSON.stringify(answer.body)).not.toMatch(/script|<b>|type/)
    expect(a.count('/token')).toBe(0)
  })

  it('a callback with authorization_error tells a refusal from a timeout', async () => {
    app = await two()
    const tab = app.tab()
    const state = new URL(await beginAt(tab, 'a')).searchParams.get('state')!
    expect((await tab.get(`/callback/a?error=authorization_error&state=${state}&error_description=Subscriber+consent+waiting+time+expired`)).body.info.code).toBe('user_timeout')
  })

  it.each<[string, number, string]>([
    ...['server_error', 'temporarily_unavailable', 'invalid_request', 'invalid_scope', 'unauthorized_client', 'anything', '<script>', 'constructor', '__proto__', 'toString'].map((error): [string, number, string] => [error, 403, 'operator_refused']),
  ])('a callback with the error %s is a refusal and no error, because anybody can write it: %i %s (C-08, R-80)', async (error, status, code) => {
    app = await two()
    const tab = app.tab()
    const state = new URL(await beginAt(tab, 'a')).searchParams.get('state')!
    const answer = await tab.get(`/callback/a?error=${encodeURIComponent(error)}&state=${state}&error_description=${encodeURIComponent(`no\n[log] 447700900001 ${'x'.repeat(900)}`)}`)
    expect(answer).toMatchObject({ status, body: { info: { code } } })
    expect(JSON.stringify(answer.body)).not.toMatch(/\[log|<script|900001|xxx/)
    expect(app.errors).toEqual([])
  })

  it.each(['invalid_grant', 'invalid_request', 'invalid_authorization_code'])('a callback with an invented code is a refusal and no error, though the operator says %s (C-08)', async (error) => {
    app = await two()
    const tab = app.tab()
    const state = new URL(await beginAt(tab, 'a')).searchParams.get('state')!
    Object.assign(a.script, { tokenStatus: 400, token: { error } })
    expect(await tab.get(`/callback/a?code=made-up&state=${state}`)).toMatchObject(unknown)
    expect(app.errors).toEqual([])
  })

  it.each([['invalid_client', 401, 'operator_misconfigured'], ['unauthorized_client', 400, 'operator_misconfigured'], ['unsupported_grant_type', 400, 'operator_misconfigured']])(
    'a callback is an error when the operator itself answers %s, with its words in the cause, fit for a log (C-08, R-80)', async (error, tokenStatus, code) => {
      app = await two()
      const tab = app.tab()
      const query = a.approve(await beginAt(tab, 'a'))
      Object.assign(a.script, { tokenStatus, token: { error, error_description: `no\n[log] 447700900001 ${'x'.repeat(900)}` } })
      expect((await tab.get(`/callback/a?${query}`)).body).toMatchObject({ error: { name: 'MobileConnectError', code } })
      const [thrown] = app.errors.slice(-1)
      expect(thrown.cause.message).toContain(error)
      expect(thrown.cause.message).toContain('•••••••••001')
      expect(thrown.cause.message).not.toMatch(/\n|447700900001/)
      expect(thrown.cause.message.length).toBeLessThan(700)
      expect(thrown.cause.cause).toBeUndefined()
    })
})

describe('sending a person to several operators', () => {
  const operator = { issuer: 'https://a.example', clientId: 'x', clientSecret: 'y' }
  const other = { ...operator, issuer: 'https://b.example' }
  const make = (options: Partial<StrategyOptions>) => () => new Strategy({ callbackURL: 'https://app.example/callback', ...options }, () => undefined)

  it.each<[string, Partial<StrategyOptions>]>([
    ['two operators', { operators: [operator, other], chooseOperator: () => 'a' }],
    ['two operators, one of which declares iss', { operators: [{ ...operator, issParameter: true }, other], chooseOperator: () => 'a' }],
    ['discovery', { discovery: { issuers: ['https://a.example'], find: async () => ({ status: 'unknown' }), returned: () => undefined } }],
  ])('several operators on one callback address are refused at start-up for %s (R-71, M-04)', (_, options) => {
    expect(make(options)).toThrow('write {operator} into callbackURL')
  })

  it.each<[string, Partial<StrategyOptions>]>([
    ['each with its own address', { operators: [operator, other], chooseOperator: () => 'a', callbackURL: 'https://app.example/callback/{operator}' }],
    ['each declaring iss', { operators: [{ ...operator, issParameter: true }, { ...other, issParameter: true }], chooseOperator: () => 'a' }],
    ['only one', { operators: [operator], chooseOperator: () => 'a' }],
    ['found by a discovery that declares iss', { discovery: { issuers: [], issParameter: true, find: async () => ({ status: 'unknown' }), returned: () => undefined } }],
  ])('several operators start with %s', (_, options) => {
    expect(make(options)).not.toThrow()
  })
})
