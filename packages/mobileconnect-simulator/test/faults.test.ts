import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as client from 'openid-client'
import { startSimulator, type Misbehaviour, type Simulator } from 'mobileconnect-simulator'
import { ada, arrive, callback, logIn, queryOf, relyingParty, type RelyingParty } from './support/relying-party.js'
import { Visitor } from './support/visitor.js'

let sim: Simulator
let rp: RelyingParty
beforeAll(async () => {
  sim = await startSimulator()
  rp = await relyingParty(sim.operator('a'))
})
afterAll(() => sim.close())
afterEach(() => {
  sim.operators.forEach((operator) => operator.restore())
  sim.discovery.restore()
})

describe('fail()', () => {
  const metadata = () => fetch(`${sim.operator('a').issuer}/.well-known/openid-configuration`)

  it('fail() makes the operator answer 503 until restore()', async () => {
    sim.operator('a').fail('metadata')
    expect([(await metadata()).status, (await metadata()).status]).toEqual([503, 503])
    sim.operator('a').restore()
    expect((await metadata()).status).toBe(200)
  })

  it('fail() lasts so many times, with the status and the body that the test wants, and another operator is well meanwhile', async () => {
    sim.operator('a').fail('metadata', { status: 200, body: '<html>', times: 1 })
    expect((await fetch(`${sim.operator('b').issuer}/.well-known/openid-configuration`)).status).toBe(200)
    const response = await metadata()
    expect([response.status, await response.text()]).toEqual([200, '<html>'])
    expect((await metadata()).status).toBe(200)
  })

  it('fail() breaks the token endpoint after a login that went well', async () => {
    sim.operator('a').fail('token', { error: 'invalid_grant' })
    await expect(logIn(sim, rp)).rejects.toMatchObject({ error: 'invalid_grant', status: 400 })
    sim.operator('a').fail('token', { status: 200, body: { error: 'invalid_grant' } })
    await expect(logIn(sim, rp)).rejects.toMatchObject({ code: 'OAUTH_INVALID_RESPONSE' })
  })

  it('fail() sends the error that the test wants back to the app, from the authorization endpoint', async () => {
    sim.operator('a').fail('authorize', { error: 'authorization_error', errorDescription: 'Subscriber blocked' })
    const { visit } = await arrive(rp)
    expect(queryOf(visit)).toMatchObject({ error: 'authorization_error', error_description: 'Subscriber blocked', iss: sim.operator('a').issuer, state: expect.any(String) })
  })

  it('fail() breaks the authorization endpoint, and the browser does not come back', async () => {
    sim.operator('a').fail('authorize', { status: 500, body: 'Oops' })
    const { response, text } = await new Visitor().open((await rp.begin()).url)
    expect([response.status, text]).toEqual([500, 'Oops'])
  })

  it('fail() with a delay alone answers right, but late', async () => {
    sim.operator('a').fail('keys', { delay: '150ms' })
    const before = performance.now()
    const response = await fetch(`${sim.operator('a').issuer}/jwks`)
    expect(performance.now() - before).toBeGreaterThan(140)
    expect(await response.json()).toEqual({ keys: [expect.objectContaining({ alg: 'RS256' })] })
  })

  it('fail() breaks discovery, and its page', async () => {
    sim.discovery.fail({ status: 404, body: { error: 'Not_Found_Entity' } })
    expect((await fetch(sim.discovery.url)).status).toBe(404)
    sim.discovery.fail('selection')
    expect((await fetch(`${sim.discovery.url}/users/operator-selection`)).status).toBe(503)
  })

  it('an error names what there is, for an endpoint, an option or a misbehaviour that there is not', () => {
    const operator = sim.operator('a')
    expect(() => operator.fail('tokens' as 'token')).toThrow('There is no endpoint tokens. There are metadata, keys, authorize')
    expect(() => operator.requests('jwks' as 'keys')).toThrow('There is no endpoint jwks')
    expect(() => operator.fail('token', { code: 500 } as object)).toThrow('fail has no option code')
    expect(() => operator.fail('token', { delay: 3 as unknown as string })).toThrow('delay is a duration')
    expect(() => operator.misbehave('nonces' as 'nonce')).toThrow('There is no misbehaviour nonces')
  })
})

describe('requests()', () => {
  it('requests() counts each endpoint of each operator, and discovery', async () => {
    const fresh = await startSimulator()
    const party = await relyingParty(fresh.operator('a'))
    await logIn(fresh, party)
    await logIn(fresh, party)
    await fetch(fresh.discovery.url)
    const counts = (id: string) => (['metadata', 'keys', 'authorize', 'token', 'userinfo', 'backchannel'] as const).map((endpoint) => fresh.operator(id).requests(endpoint))
    expect(counts('a')).toEqual([1, 1, 2, 2, 0, 0])
    expect(counts('b')).toEqual([0, 0, 0, 0, 0, 0])
    expect([fresh.discovery.requests(), fresh.discovery.requests('selection')]).toEqual([1, 0])
    await fresh.close()
  })
})

describe('misbehave()', () => {
  /** A code, from a login that went well. */
  const withCode = async () => {
    const { visitor, visit, checks } = await arrive(rp)
    await sim.handset(ada).approve()
    return { url: new URL((await visitor.open(visit.url, { stopAt: callback })).url), checks }
  }
  /** What the token endpoint then gives, and what a careful client thinks of it. */
  const issued = async (kind: Misbehaviour) => {
    const { url, checks } = await withCode()
    sim.operator('a').misbehave(kind, { times: 1 })
    const { clientId, clientSecret, issuer } = sim.operator('a')
    const body = new URLSearchParams({ grant_type: 'authorization_code', code: url.searchParams.get('code')!, redirect_uri: callback, code_verifier: checks.pkceCodeVerifier })
    const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
    const { id_token: token = '' } = await (await fetch(`${issuer}/token`, { method: 'POST', body, headers: { authorization } })).json() as { id_token?: string }
    const verify = () => jwtVerify(token, createRemoteJWKSet(new URL(`${issuer}/jwks`)), { issuer, audience: clientId, algorithms: ['RS256'] })
    const [head, payload] = token.split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url').toString() || '{}'))
    return { head, payload, nonce: checks.expectedNonce, verify }
  }

  it.each<[Misbehaviour, string]>([
    ['signature', 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'], ['key-unknown', 'ERR_JWKS_NO_MATCHING_KEY'], ['algorithm-hs256', 'ERR_JOSE_ALG_NOT_ALLOWED'], ['algorithm-none', 'ERR_JOSE_ALG_NOT_ALLOWED'],
    ['issuer', 'ERR_JWT_CLAIM_VALIDATION_FAILED'], ['audience', 'ERR_JWT_CLAIM_VALIDATION_FAILED'], ['expired', 'ERR_JWT_EXPIRED'], ['issued-later', 'ERR_JWT_CLAIM_VALIDATION_FAILED'], ['id-token-missing', 'ERR_JWS_INVALID'],
  ])('misbehave(\'%s\') gives an ID token that does not verify (M-06, M-07, M-09, M-11)', async (kind, code) => {
    await expect((await issued(kind)).verify()).rejects.toMatchObject({ code })
  })

  it('misbehave(\'signature\') signs with a foreign key under the kid of the real one', async () => {
    const real = (await issued('acr')).head.kid
    expect((await issued('signature')).head.kid).toBe(real)
    expect((await issued('key-unknown')).head.kid).not.toBe(real)
  })

  it.each<[Misbehaviour, (token: Awaited<ReturnType<typeof issued>>) => void]>([
    ['nonce', ({ payload, nonce }) => expect(payload.nonce).not.toBe(nonce)],
    ['nonce-missing', ({ payload }) => expect(payload).not.toHaveProperty('nonce')],
    ['acr', ({ payload }) => expect(payload.acr).toBe('1')],
    ['acr-missing', ({ payload }) => expect(payload).not.toHaveProperty('acr')],
    ['audience-extra', ({ payload }) => expect(payload.aud).toEqual([sim.operator('a').clientId, 'another-client'])],
    ['authorized-party', ({ payload }) => expect(payload.azp).toBe('another-client')],
    ['auth-time', ({ payload }) => expect(Date.now() / 1000 - payload.auth_time).toBeGreaterThan(86_000)],
    ['auth-time-missing', ({ payload }) => expect(payload).not.toHaveProperty('auth_time')],
    ['hashed-login-hint', ({ payload }) => expect(payload.hashed_login_hint).toBe('0'.repeat(64))],
  ])('misbehave(\'%s\') gives an ID token that is well signed, and wrong (M-08, M-09, M-12, M-14)', async (kind, isWrong) => {
    const token = await issued(kind)
    isWrong(token)
    await expect(token.verify()).resolves.toBeDefined()
  })

  it('misbehave(\'userinfo-subject\') makes userinfo speak of another person', async () => {
    const tokens = await logIn(sim, rp)
    sim.operator('a').misbehave('userinfo-subject')
    await expect(client.fetchUserInfo(rp.configuration, tokens.access_token, tokens.claims()!.sub)).rejects.toMatchObject({ code: 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED' })
  })

  it.each<[Misbehaviour, string | null]>([['iss-parameter', 'https://another-operator.example'], ['iss-parameter-missing', null]])('misbehave(\'%s\') makes the redirect back name another issuer, or none (M-03, M-04)', async (kind, iss) => {
    sim.operator('a').misbehave(kind)
    expect((await withCode()).url.searchParams.get('iss')).toBe(iss)
  })

  it('misbehave() is over with restore(), and after so many times', async () => {
    sim.operator('a').misbehave('nonce', { times: 1 })
    await expect(logIn(sim, rp)).rejects.toThrow()
    await logIn(sim, rp)
    sim.operator('a').misbehave('nonce')
    sim.operator('a').restore()
    await logIn(sim, rp)
  })
})

describe('keys and clock', () => {
  it('rotateKeys() signs with a new key, and takes the old one out of the set unless told otherwise', async () => {
    const kids = async () => ((await (await fetch(`${sim.operator('b').issuer}/jwks`)).json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)
    const [first] = await kids()
    await sim.operator('b').rotateKeys()
    const [second, ...none] = await kids()
    expect([second === first, none]).toEqual([false, []])
    await sim.operator('b').rotateKeys({ keepOld: true })
    expect((await kids()).slice(1)).toEqual([second])
  })

  it('a login after rotateKeys() passes with a client that fetches the keys again', async () => {
    const party = await relyingParty(sim.operator('a'))
    await sim.operator('a').rotateKeys()
    await logIn(sim, party)
  })

  it('skew() puts the operator\'s clock wrong, ahead or behind', async () => {
    const party = await relyingParty(sim.operator('a'))
    sim.operator('a').skew('-2h')
    await expect(logIn(sim, party)).rejects.toMatchObject({ code: 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED' })
    sim.operator('a').skew('1m')
    const { iat } = (await logIn(sim, party)).claims()!
    expect(iat - Date.now() / 1000).toBeGreaterThan(55)
  })
})
