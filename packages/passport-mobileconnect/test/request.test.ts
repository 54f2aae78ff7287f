import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { decodeProtectedHeader, exportJWK, exportPKCS8, generateKeyPair, importJWK, jwtVerify } from 'jose'
import { startSimulator, type Simulator } from 'mobileconnect-simulator'
import { Strategy, type OperatorOptions, type StrategyOptions } from 'passport-mobileconnect'
import { startApp, type App, type AppOptions } from './support/app.js'
import { clientId, clientSecret, startForger, type Forger } from './support/forger.js'
import { ada, answered, configured, hinted, path } from './support/operators.js'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ed = generateKeyPairSync('ed25519')
const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }) as string

describe('what the operator is asked', () => {
  let forger: Forger
  let app: App
  beforeAll(async () => { forger = await startForger() })
  afterAll(() => forger.close())
  beforeEach(() => { forger.reset(); forger.calls.length = 0 })
  afterEach(() => app.close())

  async function begin(options: Partial<AppOptions> = {}, operator: Partial<OperatorOptions> = {}) {
    app = await startApp(() => ({ operator: forger.operator(operator), ...options }))
    const tab = app.tab()
    const answer = await tab.get('/login')
    const url = answer.location === undefined ? undefined : new URL(answer.location)
    return { tab, answer, url, asked: Object.fromEntries(url?.searchParams ?? []) }
  }
  const end = async (tab: Awaited<ReturnType<typeof begin>>['tab'], url: URL | undefined, more?: Record<string, string>) => tab.get(`/callback/forger?${forger.approve(url!.href, more)}`)

  it('the request has what the options say, and nothing else', async () => {
    const { asked } = await begin({
      scope: 'openid mc_authz phone', version: 'mc_v2.0', levelOfAssurance: 3, prompt: 'login', maxAge: '5m', uiLocales: 'de en', clientName: 'Acme', claims: { id_token: { acr: { essential: true } } },
      context: () => 'a transfer', bindingMessage: async () => 'K7-42', loginHint: async () => 'PCR:abc', parameters: (req) => ({ order_sum: '10', host: String(req.headers.host) }),
    })
    expect(asked).toMatchObject({
      scope: 'openid mc_authz phone', version: 'mc_v2.0', acr_values: '3', prompt: 'login', max_age: '300', ui_locales: 'de en', client_name: 'Acme', claims: '{"id_token":{"acr":{"essential":true}}}',
      context: 'a transfer', binding_message: 'K7-42', login_hint: 'PCR:abc', order_sum: '10', host: new URL(app.origin).host,
    })
    await app.close()
    const { asked: plain } = await begin()
    expect(Object.keys(plain).sort()).toEqual(['acr_values', 'client_id', 'code_challenge', 'code_challenge_method', 'nonce', 'redirect_uri', 'response_type', 'scope', 'state', 'version'])
  })

  it('the operator\'s own options win over the strategy\'s', async () => {
    const { asked } = await begin({ scope: 'openid mc_authn', version: 'mc_v1.1', clientName: 'Acme' }, { scope: 'openid mc_authz', version: 'mc_v2.0', clientName: 'Acme GmbH' })
    expect(asked).toMatchObject({ scope: 'openid mc_authz', version: 'mc_v2.0', client_name: 'Acme GmbH' })
  })

  it('the request prefers the first of acrValues', async () => {
    expect((await begin({ acrValues: ['3', '2'] })).asked.acr_values).toBe('3 2')
    await app.close()
    expect((await begin({ acrValues: [] })).asked).not.toHaveProperty('acr_values')
  })

  it('the route\'s level, maxAge, prompt and details win over the strategy\'s', async () => {
    const { asked } = await begin({ maxAge: '1h', beginning: { levelOfAssurance: 4, maxAge: '5m', prompt: 'login', details: { payee: 'Bob', amount: '10 €' } } })
    expect(asked).toMatchObject({ acr_values: '4', max_age: '300', prompt: 'login', context: 'amount: 10 €, payee: Bob', binding_message: 'amount: 10 €, payee: Bob' })
    await app.close()
    expect((await begin({ maxAge: '5m', beginning: { maxAge: '1h' } })).asked.max_age).toBe('300')
  })

  it.each(['state', 'nonce', 'redirect_uri', 'code_challenge', 'client_id', 'request', 'acr_values', 'scope', 'login_hint', 'context', 'binding_message'])('parameters cannot change %s of the request', async (name) => {
    const { answer } = await begin({ parameters: () => ({ [name]: 'x' }) })
    expect(answer.status).toBe(500)
    expect(app.errors[0].message).toBe(`parameters must not contain ${name}: the strategy sets it, or has an option for it.`)
  })

  it('the request has a correlation_id, and an answer with another one is refused', async () => {
    const { tab, url, asked } = await begin({ correlationId: true })
    expect(asked.correlation_id).toMatch(/^[\da-f-]{36}$/)
    expect((await end(tab, url, { correlation_id: 'another' })).body.info.code).toBe('transaction_unknown')
    const next = new URL((await tab.get('/login')).location!)
    const right = next.searchParams.get('correlation_id')!
    expect(right).not.toBe(asked.correlation_id)
    forger.script.token = { correlation_id: 'another' }
    expect((await end(tab, next, { correlation_id: right })).body.error.code).toBe('token_invalid')
    forger.script.token = {}
    expect((await end(tab, new URL((await tab.get('/login')).location!))).status).toBe(200)
    expect(forger.calls.filter(({ path: at }) => at === '/token').map(({ body }) => body.get('correlation_id'))).toEqual([right, expect.not.stringContaining(right)])
  })

  it('the app authenticates by HTTP Basic without percent-encoding by default', async () => {
    const { tab, url } = await begin()
    await end(tab, url)
    const { authorization } = forger.calls.find((call) => call.path === '/token')!
    expect(Buffer.from(authorization!.slice('Basic '.length), 'base64').toString()).toBe(`${clientId}:${clientSecret}`)
  })

  it('clientAuth: \'basic\' authenticates by the Basic of RFC 6749', async () => {
    const { tab, url } = await begin({ clientAuth: 'basic' })
    await end(tab, url)
    const [id, secret] = Buffer.from(forger.calls.find((call) => call.path === '/token')!.authorization!.slice('Basic '.length), 'base64').toString().split(':')
    expect(id).toContain('%2D')
    expect([id, secret].map((text) => decodeURIComponent(text!))).toEqual([clientId, clientSecret])
  })

  it('clientAuth: \'post\' authenticates in the body', async () => {
    const { tab, url } = await begin({}, { clientAuth: 'post' })
    await end(tab, url)
    const { authorization, body } = forger.calls.find((call) => call.path === '/token')!
    expect([authorization, body.get('client_id'), body.get('client_secret')]).toEqual([undefined, clientId, clientSecret])
  })

  it.each<[string, { key: StrategyOptions['clientKey'], publicKey: KeyObject, alg: string }]>([
    ['an RSA key as PEM', { key: { key: pem(rsa.privateKey), kid: 'one' }, publicKey: rsa.publicKey, alg: 'RS256' }],
    ['an RSA key with an algorithm', { key: { key: rsa.privateKey, kid: 'one', alg: 'PS256' }, publicKey: rsa.publicKey, alg: 'PS256' }],
    ['an EC key as JWK', { key: { key: { ...ec.privateKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' } }, publicKey: ec.publicKey, alg: 'ES256' }],
    ['an Ed25519 key', { key: { key: ed.privateKey, kid: 'one' }, publicKey: ed.publicKey, alg: 'Ed25519' }],
  ])('clientAuth: \'private_key_jwt\' authenticates by %s', async (_, { key, publicKey, alg }) => {
    const { tab, url } = await begin({ clientAuth: 'private_key_jwt', clientKey: key }, { clientSecret: undefined })
    await end(tab, url)
    const { authorization, body } = forger.calls.find((call) => call.path === '/token')!
    const assertion = body.get('client_assertion')!
    expect(authorization).toBeUndefined()
    expect(decodeProtectedHeader(assertion)).toMatchObject({ alg, kid: 'one' })
    const { payload } = await jwtVerify(assertion, await importJWK(publicKey.export({ format: 'jwk' }), alg))
    expect(payload).toMatchObject({ iss: clientId, sub: clientId, jti: expect.any(String) })
  })

  it('requestObject signs the request, and repeats beside it what must be there twice', async () => {
    const { url, asked } = await begin({ requestObject: { key: rsa.privateKey, kid: 'one' }, loginHint: hinted(ada), claims: { id_token: { acr: null } } })
    expect(decodeProtectedHeader(asked.request!)).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'one' })
    const { payload } = await jwtVerify(asked.request!, createPublicKey(rsa.privateKey))
    expect(payload).toMatchObject({ iss: clientId, aud: forger.issuer, login_hint: `MSISDN:${ada.slice(1)}`, acr_values: '2', nonce: expect.any(String), state: asked.state!, claims: { id_token: { acr: null } } })
    expect([...url!.searchParams.keys()].sort()).toEqual(['client_id', 'redirect_uri', 'request', 'response_type', 'scope', 'state'])
    expect(url!.href).not.toContain(ada.slice(1))
  })

  it('the request has a version that the operator supports and that knows the scopes', async () => {
    forger.script.metadata = { mc_version: ['mc_v1.1', 'mc_v1.2'] }
    const { answer } = await begin({ scope: 'openid mc_authn' })
    expect(answer.body.error.code).toBe('operator_misconfigured')
    expect(app.errors[0].message).toContain('none of them knows the scope \'openid mc_authn\'')
  })

  it('the userinfo endpoint is asked only if there is one and the options want it', async () => {
    const { tab, url } = await begin({ userinfo: false })
    await end(tab, url)
    expect(forger.count('/userinfo')).toBe(0)
    expect(app.identities[0]!.userinfo).toBeUndefined()
    await app.close()
    forger.script.metadata = { userinfo_endpoint: undefined }
    const second = await begin()
    expect((await end(second.tab, second.url)).status).toBe(200)
  })

  it('userinfo: \'premiuminfo\' asks that endpoint, and compares its subject with the token\'s', async () => {
    forger.script.metadata = { premiuminfo_endpoint: `${forger.issuer}/userinfo` }
    forger.script.userinfo = { sub: 'pcr-of-ada', postal_code: '19840701' }
    const { tab, url } = await begin({ userinfo: 'premiuminfo' })
    expect((await end(tab, url)).status).toBe(200)
    expect(app.identities[0]!.userinfo).toMatchObject({ postal_code: '19840701' })
    forger.script.userinfo = { sub: 'pcr-of-somebody-else' }
    expect((await end(tab, new URL((await tab.get('/login')).location!))).body.error.code).toBe('token_invalid')
    await app.close()
    forger.script.metadata = {}
    const second = await begin({ userinfo: 'premiuminfo' })
    expect((await end(second.tab, second.url)).body.error.code).toBe('operator_misconfigured')
  })

  it('endpoints reach an operator that publishes no metadata', async () => {
    const { issuer } = forger
    const { tab, url } = await begin({}, { endpoints: { authorization: `${issuer}/authorize`, token: `${issuer}/token`, jwks: `${issuer}/jwks`, userinfo: `${issuer}/userinfo` } })
    expect((await end(tab, url)).status).toBe(200)
    expect(forger.count('/.well-known/openid-configuration')).toBe(0)
    await app.close()
    const { issuer: _, ...withoutIssuer } = forger.operator({ metadata: { issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` } })
    app = await startApp(() => ({ operator: withoutIssuer }))
    const other = app.tab()
    expect((await other.get(`/callback/forger?${forger.approve((await other.get('/login')).location!)}`)).status).toBe(200)
  })

  it('metadataUrl names the metadata, whose issuer must be the configured one', async () => {
    forger.script.answer = (call, res) => {
      if (call.path !== '/discovery.php/openid-configuration') return false
      const { issuer } = forger
      res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ issuer, authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` }))
      return true
    }
    const { url } = await begin({}, { metadataUrl: `${forger.issuer}/discovery.php/openid-configuration` })
    expect(url!.pathname).toBe('/auth')
  })
})

describe('with a simulated operator that is as strict as real ones', () => {
  const key = { key: '', kid: 'one' }
  let sim: Simulator
  let app: App
  beforeAll(async () => {
    const pair = await generateKeyPair('RS256', { extractable: true })
    const jwk = { ...await exportJWK(pair.publicKey), kid: 'one', alg: 'RS256', use: 'sig' }
    key.key = await exportPKCS8(pair.privateKey)
    sim = await startSimulator({ clients: [{}, { jwks: { keys: [jwk] } }, { clientAuth: 'private_key_jwt', jwks: { keys: [jwk] } }, { clientAuth: 'basic' }, { clientAuth: 'post' }] })
  })
  afterAll(() => sim.close())
  afterEach(() => app.close())

  async function loginAs(client: number, options: Partial<AppOptions>) {
    const operator = sim.operator('a')
    app = await startApp(() => ({ operator: { ...configured(operator), ...operator.clients[client]! }, loginHint: hinted(ada), ...options }))
    const tab = app.tab()
    const { location } = await tab.get('/login')
    const callback = await answered(sim, app, tab, location!)
    return { answer: await tab.get(path(callback)), location: new URL(location!) }
  }
  it.each<[string, number, Partial<AppOptions>]>([
    ['raw Basic', 0, {}],
    ['Basic', 3, { clientAuth: 'basic' }],
    ['the body', 4, { clientAuth: 'post' }],
    ['private_key_jwt', 2, { clientAuth: 'private_key_jwt', clientKey: key }],
    ['a signed request', 1, { requestObject: key }],
    ['a pushed request', 0, { pushedAuthorizationRequests: true }],
    ['a pushed request that is signed', 1, { requestObject: key, pushedAuthorizationRequests: true }],
  ])('a strict operator logs a user in with %s', async (_, client, options) => {
    const { answer } = await loginAs(client, options)
    expect(answer.status).toBe(200)
  })

  it.each([undefined, true])('pushed requests keep the number and all parameters out of the browser: %j (M-32, C-04)', async (pushedAuthorizationRequests) => {
    const { location } = await loginAs(0, { pushedAuthorizationRequests })
    // The state, so that the app knows its own request again.
    expect([...location.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri', 'state'])
  })

  it('pushedAuthorizationRequests: false sends the request by the browser (C-04)', async () => {
    expect((await loginAs(0, { pushedAuthorizationRequests: false })).location.searchParams.get('login_hint')).toBe(`MSISDN:${ada.slice(1)}`)
  })

  it('a strict operator reaches level 3 with the PIN', async () => {
    app = await startApp(() => ({ operator: configured(sim.operator('a')), loginHint: hinted(ada), levelOfAssurance: 3 }))
    const tab = app.tab()
    const callback = await answered(sim, app, tab, (await tab.get('/login')).location!, { pin: '1234' })
    expect((await tab.get(path(callback))).body.info).toMatchObject({ acr: '3', amr: ['mca', 'SIM_PIN'] })
  })
})

describe('a signature of the app', () => {
  it('a signing key that is not private is refused at start-up in words', async () => {
    const operator = { issuer: 'https://a.example', clientId: 'x', clientSecret: 'y' }
    const make = (requestObject: unknown) => () => new Strategy({ operator, callbackURL: 'https://app.example/cb', requestObject: requestObject as never }, () => undefined)
    expect(make({ key: rsa.publicKey })).toThrow('requestObject.key is a private key')
    expect(make({ key: 'nothing' })).toThrow('requestObject.key is a private key: a JWK, a PEM text, or what crypto.createPrivateKey gives.')
    expect(make({ key: rsa.privateKey, alg: 'HS256' })).toThrow('requestObject.alg is one of RS256')
    expect(make('key')).toThrow('requestObject is { key, kid?, alg? }')
  })
})
