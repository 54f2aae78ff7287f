import type { ServerResponse } from 'node:http'
import { startApp, type App, type AppOptions } from './support/app.js'
import { startForger, type Call, type Forger } from './support/forger.js'

const metadata = '/.well-known/openid-configuration'
const many = <T>(times: number, work: (index: number) => Promise<T>) => Promise.all(Array.from({ length: times }, (_, index) => work(index)))

describe('an operator', () => {
  let forger: Forger
  let app: App
  let now = Date.now()
  beforeEach(async () => {
    forger = await startForger()
    now = Date.now()
  })
  afterEach(async () => {
    await app.close()
    await forger.close()
  })

  const start = async (options: Partial<AppOptions> = {}) => { app = await startApp(() => ({ operator: forger.operator(), now: () => now, ...options })) }
  const login = async () => {
    const tab = app.tab()
    const begun = await tab.get('/login')
    return begun.location === undefined ? begun : tab.get(`/callback/forger?${forger.approve(begun.location)}`)
  }
  const failing = (path: string, answer: (res: ServerResponse, call: Call) => unknown) => {
    forger.script.answer = (call, res) => {
      if (call.path !== path) return false
      answer(res, call)
      return true
    }
  }
  const json = (status: number, body: unknown) => (res: ServerResponse) => { res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)) }

  it('first logins at the same moment fetch the operator\'s metadata and keys once', async () => {
    await start()
    const answers = await many(400, login)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(400)
    expect([forger.count(metadata), forger.count('/jwks'), forger.count('/token')]).toEqual([1, 1, 400])
  })

  it('a later login fetches neither metadata nor keys', async () => {
    await start()
    await login()
    forger.calls.length = 0
    await login()
    expect(forger.calls.map(({ path }) => path)).toEqual(['/token', '/userinfo'])
  })

  it('the strategy asks the operator for nothing before the first login', async () => {
    await start()
    expect(forger.calls).toEqual([])
  })

  it('the operator\'s metadata is fetched again after an hour', async () => {
    await start()
    await login()
    now += 3_599_000
    await login()
    expect(forger.count(metadata)).toBe(1)
    now += 1000
    await login()
    expect(forger.count(metadata)).toBe(2)
  })

  it('old metadata is used for a day at most while the new one cannot be read, and not every login waits for it', async () => {
    await start()
    await login()
    failing(metadata, json(503, {}))
    now += 3_600_000
    expect((await login()).status).toBe(200)
    expect((await login()).status).toBe(200)
    expect(forger.count(metadata)).toBe(2)
    now += 30_000
    expect((await login()).status).toBe(200)
    expect(forger.count(metadata)).toBe(3)
    now += 23 * 3_600_000
    expect(await login()).toMatchObject({ status: 503, body: { error: { code: 'operator_unavailable' } } })
    forger.script.answer = undefined
    expect((await login()).status).toBe(200)
  })

  it('metadata that names another issuer is refused, and the old metadata is not used instead (M-20)', async () => {
    await start()
    await login()
    forger.script.metadata = { issuer: 'https://another-operator.example' }
    now += 3_600_000
    expect(await login()).toMatchObject({ status: 502, body: { error: { code: 'issuer_not_allowed' } } })
  })

  it.each<[string, Record<string, unknown>, number, string]>([
    ['another issuer', { issuer: 'https://another-operator.example' }, 502, 'issuer_not_allowed'],
    ['no issuer', { issuer: undefined }, 502, 'issuer_not_allowed'],
    ['no keys', { jwks_uri: undefined }, 500, 'operator_misconfigured'],
    ['no token endpoint', { token_endpoint: undefined }, 500, 'operator_misconfigured'],
    ['an endpoint over http:', { token_endpoint: 'http://operator.example/token' }, 500, 'operator_misconfigured'],
    ['an endpoint of another kind', { authorization_endpoint: 'javascript:alert(1)' }, 500, 'operator_misconfigured'],
    ['an endpoint with a password', { userinfo_endpoint: 'https://a:b@operator.example/' }, 500, 'operator_misconfigured'],
  ])('an operator whose metadata has %s is refused before a user is sent there (M-20)', async (_, changed, status, code) => {
    await start()
    forger.script.metadata = changed
    expect(await login()).toMatchObject({ status, body: { error: { code } } })
    expect(forger.calls.map(({ path }) => path)).toEqual([metadata])
  })

  it.each<[string, (res: ServerResponse) => unknown]>([
    ['is an error', json(503, {})],
    ['is not there', json(404, {})],
    ['redirects', (res) => res.writeHead(302, { location: 'https://evil.example/' }).end()],
    ['is no JSON', (res) => res.writeHead(200, { 'content-type': 'application/json' }).end('<html>')],
    ['is null', json(200, null)],
    ['is a list', json(200, [])],
    ['is endless', (res) => { res.writeHead(200); for (let index = 0; index < 40; index += 1) res.write('x'.repeat(64 * 1024)); res.end() }],
    ['breaks off', (res) => { res.writeHead(200, { 'content-length': '1000' }); res.write('{'); setImmediate(() => res.destroy()) }],
  ])('an operator whose metadata %s is unavailable, and is asked again later', async (_, answer) => {
    await start()
    failing(metadata, answer)
    expect(await login()).toMatchObject({ status: 503, body: { error: { code: 'operator_unavailable' } } })
    forger.script.answer = undefined
    expect((await login()).status).toBe(200)
  })

  it.each([metadata, '/token', '/jwks', '/userinfo'])('an operator that never answers at %s ends in a timeout', async (path) => {
    await start({ timeout: '150ms' })
    failing(path, () => undefined)
    expect(await login()).toMatchObject({ status: 503, body: { error: { code: 'operator_unavailable' } } })
  })

  it('an operator that answers one byte and nothing more ends in a timeout', async () => {
    await start({ timeout: '150ms' })
    failing('/token', (res) => { res.writeHead(200, { 'content-type': 'application/json' }); res.write('{') })
    expect(await login()).toMatchObject({ status: 503, body: { error: { code: 'operator_unavailable' } } })
  })

  it('the app\'s own fetch that ignores its signal does not extend the timeout', async () => {
    await start({ timeout: '150ms', fetch: () => new Promise(() => undefined) })
    expect(await login()).toMatchObject({ status: 503, body: { error: { code: 'operator_unavailable' } } })
  })

  it('the app\'s own fetch reaches the operator, and follows no redirect', async () => {
    const inits: RequestInit[] = []
    await start({ fetch: async (url, init) => { inits.push(init!); return fetch(url, init) } })
    expect((await login()).status).toBe(200)
    expect(inits.map(({ redirect }) => redirect)).toEqual(Array(4).fill('manual'))
    expect(inits.every(({ signal }) => signal instanceof AbortSignal)).toBe(true)
  })

  it.each<[string, string, (res: ServerResponse) => unknown, number, string]>([
    ['token endpoint', '/token', json(503, {}), 503, 'operator_unavailable'],
    ['token endpoint', '/token', json(500, { error: 'server_error' }), 503, 'operator_unavailable'],
    ['token endpoint', '/token', json(429, { error: 'too_many' }), 503, 'operator_unavailable'],
    ['token endpoint', '/token', json(401, { error: 'invalid_client' }), 500, 'operator_misconfigured'],
    ['token endpoint', '/token', json(400, { error: 'unauthorized_client' }), 500, 'operator_misconfigured'],
    ['token endpoint', '/token', json(200, { error: 'invalid_client' }), 500, 'operator_misconfigured'],
    ['token endpoint', '/token', (res) => res.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end(), 500, 'operator_misconfigured'],
    ['token endpoint', '/token', json(200, { access_token: 'x' }), 502, 'token_invalid'],
    ['token endpoint', '/token', json(200, { access_token: 'x', token_type: 'mac', id_token: 'x' }), 502, 'token_invalid'],
    ['token endpoint', '/token', (res) => res.writeHead(302, { location: 'https://evil.example' }).end(), 503, 'operator_unavailable'],
    ['keys', '/jwks', json(500, {}), 503, 'operator_unavailable'],
    ['keys', '/jwks', json(200, { keys: [] }), 502, 'token_invalid'],
    ['userinfo endpoint', '/userinfo', json(500, {}), 503, 'operator_unavailable'],
    ['userinfo endpoint', '/userinfo', json(200, { error: 'invalid_request' }), 500, 'operator_misconfigured'],
    ['userinfo endpoint', '/userinfo', json(200, {}), 502, 'token_invalid'],
  ])('an operator whose %s (%s) answers wrongly is an error, and no failure of the user', async (_, path, answer, status, code) => {
    await start()
    failing(path, answer)
    expect(await login()).toMatchObject({ status, body: { error: { code } } })
    expect(app.identities).toEqual([])
  })

  it('a token answer may have its lifetime as a text', async () => {
    await start()
    forger.script.token = { expires_in: '3600', refresh_token: 'r', scope: 'openid' }
    expect((await login()).status).toBe(200)
    expect(app.identities[0]!.tokens).toMatchObject({ expiresIn: 3600, refreshToken: 'r', scope: 'openid' })
  })

  it('new keys of the operator are fetched, but not for every unknown key id', async () => {
    await start()
    await login()
    forger.script.header = { kid: 'unknown' }
    await many(20, login)
    expect(forger.count('/jwks')).toBe(1)
  })

  it('chooseOperator names one of the operators, and any other answer is operator_unknown', async () => {
    const operators = [forger.operator({ id: 'a' }), forger.operator({ id: 'b', clientId: 'another' })]
    app = await startApp(() => ({ operators, chooseOperator: (req) => req.query.at as string, now: () => now }))
    const tab = app.tab()
    expect((await tab.get('/login?at=c')).body.info).toMatchObject({ code: 'operator_unknown' })
    expect((await tab.get('/login?at[]=a')).status).toBe(400)
    expect((await tab.get('/login')).status).toBe(400)
    expect((await tab.get('/login?at=b')).location).toContain('client_id=another')
  })

  it('the user is told nothing of an operator\'s error, and the error holds no secret (R-80, W-15)', async () => {
    await start()
    failing('/token', json(400, { error: 'invalid_client', error_description: 'Client 447700900001 <b>unknown</b>', access_token: 'an-access-token' }))
    const answer = await login()
    expect(Object.keys(answer.body.error)).toEqual(['name', 'code'])
    const [error] = app.errors
    expect(error.expose).toBe(false)
    const { inspect } = await import('node:util')
    const log = inspect(error, { depth: 20, showHidden: true })
    expect(log).toContain('invalid_client')
    expect(log).not.toMatch(/447700900001|an-access-token|operator-b_secret/)
  })
})
