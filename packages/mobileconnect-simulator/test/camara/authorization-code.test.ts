import type { Simulator } from 'mobileconnect-simulator'
import { ada, bob, call, callback, camaraApp, post, purpose, signed, startCamara, type CamaraApp } from '../support/camara-client.js'

const queryOf = (url: URL) => Object.fromEntries(url.searchParams)

describe('CAMARA\'s authorization server, by code', () => {
  let sim: Simulator
  let app: CamaraApp
  beforeAll(async () => {
    sim = await startCamara()
    app = await camaraApp(sim)
  })
  afterAll(() => sim.close())
  beforeEach(() => sim.handset(ada).network('mobile'))
  afterEach(() => {
    sim.camara.restore()
    for (const msisdn of [ada, bob]) sim.handset(msisdn).network('wifi')
  })

  const refusalOf = async (parameters: Record<string, string>) => queryOf(await app.visit((await app.begin(parameters)).url))

  it('the authorization server vouches for the handset on the mobile network, and the API compares its number', async () => {
    const tokens = await app.logIn()
    expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 300, scope: `openid ${purpose} number-verification:verify` })
    expect(tokens).not.toHaveProperty('refresh_token')
    expect((await call(sim, '/number-verification/v2/verify', { token: tokens.access_token, body: { phoneNumber: ada } })).body).toEqual({ devicePhoneNumberVerified: true })
    const { access_token: token } = await app.logIn()
    expect((await call(sim, '/number-verification/v2/verify', { token, body: { phoneNumber: bob } })).body).toEqual({ devicePhoneNumberVerified: false })
  })

  it('the authorization server gives a token that is good for one call', async () => {
    const { access_token: token } = await app.logIn()
    const verify = () => call(sim, '/number-verification/v2/verify', { token, body: { phoneNumber: ada } })
    expect((await verify()).status).toBe(200)
    expect(await verify()).toMatchObject({ status: 401, body: { status: 401, code: 'UNAUTHENTICATED' } })
  })

  it('the authorization server names the person by a pairwise subject that says nothing of the number', async () => {
    const claims = (await app.logIn()).claims()!
    expect(claims).toMatchObject({ iss: sim.camara.issuer, aud: sim.camara.clientId })
    expect((await app.logIn()).claims()!.sub).toBe(claims.sub)
    expect(JSON.stringify(claims)).not.toContain('7700900001')
  })

  it('the authorization server answers login_required on Wi-Fi, and asks nobody', async () => {
    sim.handset(ada).network('wifi')
    expect(await refusalOf({})).toMatchObject({ error: 'login_required', iss: sim.camara.issuer })
    expect(sim.handset(ada).pending()).toEqual([])
  })

  it('the authorization server knows the handset that this machine is tethered to: the one that was switched to mobile data last', async () => {
    sim.handset(bob).network('mobile')
    const { access_token: token } = await app.logIn({ scope: `openid ${purpose} number-verification:device-phone-number:read` })
    expect((await call(sim, '/number-verification/v2/device-phone-number', { token })).body).toEqual({ devicePhoneNumber: bob })
    sim.handset(bob).network('wifi')
    expect(await refusalOf({})).toMatchObject({ error: 'login_required' })
  })

  it('the authorization server keeps two browsers apart that say which handset they run on', async () => {
    sim.handset(bob).network('mobile')
    const scope = `openid ${purpose} number-verification:device-phone-number:read`
    for (const msisdn of [ada, bob]) {
      const { access_token: token } = await app.logIn({ scope }, sim.handset(msisdn).headers)
      expect((await call(sim, '/number-verification/v2/device-phone-number', { token })).body).toEqual({ devicePhoneNumber: msisdn })
    }
    sim.handset(ada).network('wifi')
    expect(queryOf(await app.visit((await app.begin()).url, sim.handset(ada).headers))).toMatchObject({ error: 'login_required' })
  })

  it.each<[string, Record<string, string>, string]>([
    ['no purpose', { scope: 'openid number-verification:verify' }, 'invalid_scope'],
    ['two purposes', { scope: `openid ${purpose} dpv:Marketing number-verification:verify` }, 'invalid_scope'],
    ['a purpose that is none', { scope: 'openid dpv:fraud-prevention number-verification:verify' }, 'invalid_scope'],
    ['no API', { scope: `openid ${purpose}` }, 'invalid_scope'],
    ['an API that is not offered', { scope: `openid ${purpose} location-verification:verify` }, 'invalid_scope'],
    ['no openid', { scope: `${purpose} number-verification:verify` }, 'invalid_scope'],
    ['no state', { state: '' }, 'invalid_request'],
    ['no nonce', { nonce: '' }, 'invalid_request'],
    ['no PKCE', { code_challenge: '' }, 'invalid_request'],
    ['PKCE in the clear', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['another response type', { response_type: 'token' }, 'unsupported_response_type'],
    ['a request by reference', { request_uri: 'https://app.example/request' }, 'request_uri_not_supported'],
    ['a request object that is none', { request: 'nonsense' }, 'invalid_request_object'],
  ])('the authorization server refuses a request with %s', async (_, parameters, error) => {
    expect(await refusalOf(parameters)).toMatchObject({ error })
  })

  it('the authorization server ignores acr_values and login_hint, as the profile says', async () => {
    expect((await app.logIn({ acr_values: '4', login_hint: `tel:${bob}` })).access_token).toEqual(expect.any(String))
  })

  it.each([
    ['an unknown client', { client_id: 'x-unknown' }],
    ['a place that is not registered', { redirect_uri: 'https://attacker.example/callback' }],
  ])('the authorization server sends the browser of %s nowhere', async (_, parameters) => {
    const { url } = await app.begin()
    Object.entries(parameters).forEach(([name, value]) => url.searchParams.set(name, value))
    const response = await fetch(url, { redirect: 'manual' })
    expect([response.status, response.headers.get('location')]).toEqual([400, null])
  })

  describe('with a signed request', () => {
    const begin = async (claims: Record<string, unknown> = {}, outer: Record<string, string> = {}) => {
      const { url, sent, checks } = await app.begin()
      const { clientId, issuer } = sim.camara
      const iat = Math.floor(Date.now() / 1000)
      const request = await signed(sim, { ...sent, response_type: 'code', client_id: clientId, aud: `${issuer}/authorize`, iat, exp: iat + 60, ...claims })
      url.search = new URLSearchParams({ client_id: clientId, response_type: 'code', redirect_uri: callback, scope: sent.scope, request, ...outer }).toString()
      return { url, checks }
    }

    it('the authorization server uses the parameters of a signed request object alone', async () => {
      const { url, checks } = await begin({}, { nonce: 'another' })
      const { searchParams } = await app.visit(url)
      expect(searchParams.get('code')).toEqual(expect.any(String))
      expect(checks.expectedNonce).not.toBe('another')
    })

    it.each<[string, Record<string, unknown>, Record<string, string>]>([
      ['lives longer than 300 s', { exp: Math.floor(Date.now() / 1000) + 900 }, {}],
      ['is for another server', { aud: 'https://another.example' }, {}],
      ['is of the future', { iat: Math.floor(Date.now() / 1000) + 100, exp: Math.floor(Date.now() / 1000) + 200 }, {}],
      ['says another scope than the query', {}, { scope: `openid ${purpose} number-verification:device-phone-number:read` }],
    ])('the authorization server refuses a signed request that %s', async (_, claims, outer) => {
      expect(queryOf(await app.visit((await begin(claims, outer)).url))).toMatchObject({ error: 'invalid_request_object' })
    })
  })

  describe('at the token endpoint', () => {
    const codeOf = async () => {
      const { url, checks } = await app.begin()
      const code = (await app.visit(url)).searchParams.get('code')!
      return { grant_type: 'authorization_code', code, redirect_uri: callback, code_verifier: checks.pkceCodeVerifier }
    }

    it('the token endpoint takes a code once, and takes back what was given for a code that comes again', async () => {
      const fields = await codeOf()
      const { body: { access_token: token } } = await post(sim, '/token', fields)
      expect(await post(sim, '/token', fields)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
      expect((await call(sim, '/number-verification/v2/verify', { token, body: { phoneNumber: ada } })).status).toBe(401)
    })

    it.each([
      ['another verifier', { code_verifier: 'x'.repeat(43) }], ['another redirect_uri', { redirect_uri: `${callback}/else` }], ['an unknown code', { code: 'x' }],
    ])('the token endpoint refuses %s', async (_, fields) => {
      expect(await post(sim, '/token', { ...await codeOf(), ...fields })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    })

    it.each<[string, () => Promise<Record<string, string | undefined>>]>([
      ['no assertion', async () => ({ client_assertion: undefined })],
      ['a secret', async () => ({ client_secret: 'secret' })],
      ['an assertion of another type', async () => ({ client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' })],
      ['an assertion that is none', async () => ({ client_assertion: 'x.y.z' })],
      ['an assertion of an unknown client', async () => ({ client_assertion: await signed(sim, { iss: 'x-unknown', sub: 'x-unknown' }) })],
      ['an assertion for another server', async () => ({ client_assertion: await signed(sim, { aud: 'https://another.example/token' }) })],
      ['an assertion that speaks of another', async () => ({ client_assertion: await signed(sim, { sub: 'x-another' }) })],
      ['an assertion without jti', async () => ({ client_assertion: await signed(sim, { jti: undefined }) })],
      ['an assertion that lives longer than 300 s', async () => ({ client_assertion: await signed(sim, { exp: Math.floor(Date.now() / 1000) + 400 }) })],
      ['an assertion that is over', async () => ({ client_assertion: await signed(sim, { iat: 1, exp: 60 }) })],
      ['another client_id', async () => ({ client_id: 'x-another' })],
    ])('the token endpoint refuses a client with %s', async (_, fields) => {
      expect(await post(sim, '/token', { ...await codeOf(), ...await fields() })).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    })

    it('the token endpoint takes each assertion once', async () => {
      const assertion = await signed(sim)
      expect((await post(sim, '/token', { ...await codeOf(), client_assertion: assertion })).status).toBe(200)
      expect(await post(sim, '/token', { ...await codeOf(), client_assertion: assertion })).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    })

    it('the token endpoint refuses a grant that is not offered', async () => {
      expect(await post(sim, '/token', { grant_type: 'refresh_token' })).toMatchObject({ status: 400, body: { error: 'unsupported_grant_type' } })
      expect(await post(sim, '/token', {})).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    })
  })

  it('the authorization server and the API fail when they are told to, and the requests are counted', async () => {
    sim.camara.fail('authorize', { error: 'consent_required', times: 1 })
    expect(await refusalOf({})).toMatchObject({ error: 'consent_required' })
    const { access_token: token } = await app.logIn()
    const before = sim.camara.requests('verify')
    sim.camara.fail('verify', { code: 'PERMISSION_DENIED', times: 1 })
    const refused = await call(sim, '/number-verification/v2/verify', { token, body: { phoneNumber: ada }, headers: { 'x-correlator': 'c-1' } })
    expect(refused).toMatchObject({ status: 403, body: { status: 403, code: 'PERMISSION_DENIED', message: expect.any(String) } })
    expect(refused.headers.get('x-correlator')).toBe('c-1')
    expect(sim.camara.requests('verify')).toBe(before + 1)
  })
})

it('the authorization server knows no client without registered keys', async () => {
  const sim = await startCamara({ clients: [{}] })
  expect(await post(sim, '/token', { grant_type: 'authorization_code', code: 'x' })).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
  await sim.close()
})
