import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto'
import { exportJWK, SignJWT } from 'jose'
import * as client from 'openid-client'
import type { Simulator } from 'mobileconnect-simulator'
import { ada, bob, call, camaraApp, post, purpose, registered, signed, startCamara } from '../support/camara-client.js'

let ahead = 0
const now = () => Date.now() + ahead
const seconds = () => Math.floor(now() / 1000)

let sim: Simulator
beforeAll(async () => { sim = await startCamara({ now }) })
afterAll(() => sim.close())
afterEach(async () => {
  ahead = 0
  for (const msisdn of [ada, bob]) sim.handset(msisdn).network('wifi')
  for (const { id } of sim.handsets.prompts()) await sim.handsets.deny(id)
})

const verifyScope = `${purpose} number-verification:verify`
const verify = (token: string, phoneNumber = ada) => call(sim, '/number-verification/v2/verify', { token, body: { phoneNumber } })
const notBySim = { status: 403, body: { code: 'NUMBER_VERIFICATION.USER_NOT_AUTHENTICATED_BY_MOBILE_NETWORK' } }

describe('CAMARA\'s authorization server, by client credentials', () => {
  const grant = (scope?: string) => post(sim, '/token', { grant_type: 'client_credentials', scope })
  const check = (token: string, body: object = { phoneNumber: ada }) => call(sim, '/sim-swap/v2/check', { token, body })

  it('a token by client credentials speaks of nobody, is for one request, and openid-client can ask for it', async () => {
    const { configuration } = await camaraApp(sim)
    const tokens = await client.clientCredentialsGrant(configuration, { scope: `${purpose} sim-swap:check` })
    expect(tokens).not.toHaveProperty('id_token')
    expect(await check(tokens.access_token)).toMatchObject({ status: 200, body: { swapped: false } })
    expect((await check(tokens.access_token)).status).toBe(401)
    const { body: { access_token: token } } = await grant(verifyScope)
    expect(await verify(token)).toMatchObject(notBySim)
  })

  it.each([['no scope', undefined], ['no purpose', 'sim-swap:check'], ['openid', `openid ${purpose} sim-swap:check`]])('client credentials are refused for %s', async (_, scope) => {
    expect(await grant(scope)).toMatchObject({ status: 400, body: { error: 'invalid_scope' } })
  })

  it('a token by client credentials lives 300 s, and is for more than one request if the simulator says so', async () => {
    const other = await startCamara({ now, camara: { singleUse: false } })
    const tokenOf = async (scope: string) =>
      (await post(other, '/token', { grant_type: 'client_credentials', scope, client_assertion: await signed(other) })).body.access_token
    const token = await tokenOf(`${purpose} sim-swap:check`)
    const ask = async () => (await call(other, '/sim-swap/v2/check', { token, body: { phoneNumber: ada } })).status
    expect([await ask(), await ask()]).toEqual([200, 200])
    ahead = 300_000
    expect(await ask()).toBe(401)
    ahead = 0
    const single = await tokenOf(verifyScope)
    const numberOf = async () => (await call(other, '/number-verification/v2/verify', { token: single, body: { phoneNumber: ada } })).status
    expect([await numberOf(), await numberOf()]).toEqual([403, 401])
    await other.close()
  })

  it('a client names the purposes that it is registered for, and no other', async () => {
    const other = await startCamara({ clients: [{ ...await registered(), purposes: ['FraudPreventionAndDetection'] }] })
    const ask = async (scope: string) => (await post(other, '/token', { grant_type: 'client_credentials', scope })).status
    expect([await ask(`${purpose} sim-swap`), await ask('dpv:Marketing sim-swap')]).toEqual([200, 400])
    await other.close()
  })
})

describe('CAMARA\'s authorization server, by JWT-bearer', () => {
  const grant = async (sub: string, { claims = {}, fields = {} }: { claims?: object, fields?: Record<string, string> } = {}) => post(sim, '/token', {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', client_assertion: undefined, client_assertion_type: undefined,
    assertion: await signed(sim, { sub, scope: verifyScope, iat: seconds(), exp: seconds() + 60, ...claims }), ...fields,
  })
  const operatorToken = () => `operatortoken:${sim.handset(ada).operatorToken()}`

  it('an operator token is taken by JWT-bearer over Wi-Fi, and the API compares the number of its SIM', async () => {
    const { body } = await grant(operatorToken())
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 300 })
    expect(body).not.toHaveProperty('id_token')
    expect(await verify(body.access_token)).toMatchObject({ status: 200, body: { devicePhoneNumberVerified: true } })
    expect(await verify((await grant(operatorToken())).body.access_token, bob)).toMatchObject({ body: { devicePhoneNumberVerified: false } })
  })

  it('a number is taken by JWT-bearer at the client\'s word, which Number Verification does not take', async () => {
    expect(await verify((await grant(`tel:${ada}`)).body.access_token)).toMatchObject(notBySim)
    const { body } = await grant(`tel:${ada}`, { claims: { scope: `${purpose} sim-swap:check` } })
    expect(await call(sim, '/sim-swap/v2/check', { token: body.access_token, body: {} })).toMatchObject({ status: 200 })
  })

  it('an operator token is taken by JWT-bearer once, for five minutes, and none of a SIM that has been swapped', async () => {
    const sub = operatorToken()
    expect((await grant(sub)).status).toBe(200)
    expect(await grant(sub)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    const late = operatorToken()
    ahead = 300_000
    expect((await grant(late)).status).toBe(400)
    const swapped = operatorToken()
    ahead += 1000
    sim.handset(ada).swapSim()
    expect((await grant(swapped)).status).toBe(400)
    expect((await grant(operatorToken())).status).toBe(200)
    ahead = 0
    sim.handset(ada).swapSim(new Date('2024-01-01'))
  })

  it.each<[string, string, { claims?: object, fields?: Record<string, string> }, string]>([
    ['a sub that names nobody', 'tel:+447700900999', {}, 'invalid_grant'],
    ['a sub that is no hint', ada, {}, 'invalid_grant'],
    ['an address', 'ipport:127.0.0.1', {}, 'invalid_grant'],
    ['scope as a parameter', `tel:${ada}`, { fields: { scope: verifyScope } }, 'invalid_request'],
    ['no scope claim', `tel:${ada}`, { claims: { scope: undefined } }, 'invalid_scope'],
    ['openid', `tel:${ada}`, { claims: { scope: `openid ${verifyScope}` } }, 'invalid_scope'],
    ['no iat', `tel:${ada}`, { claims: { iat: undefined } }, 'invalid_grant'],
    ['a life of more than 300 s', `tel:${ada}`, { claims: { exp: Math.floor(Date.now() / 1000) + 400 } }, 'invalid_grant'],
    ['another server as audience', `tel:${ada}`, { claims: { aud: 'https://another.example/token' } }, 'invalid_grant'],
    ['an unknown client', `tel:${ada}`, { claims: { iss: 'x-unknown' } }, 'invalid_client'],
  ])('a JWT-bearer assertion is refused for %s', async (_, sub, sent, error) => {
    expect((await grant(sub, sent)).body).toMatchObject({ error })
  })

  it('a JWT-bearer assertion is taken once', async () => {
    const jti = randomUUID()
    expect((await grant(`tel:${ada}`, { claims: { jti } })).status).toBe(200)
    expect(await grant(`tel:${ada}`, { claims: { jti } })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })
})

describe('CAMARA\'s authorization server, by backchannel', () => {
  const begin = (login_hint: string, fields: Record<string, string> = {}) =>
    post(sim, '/bc-authorize', { scope: `openid ${verifyScope}`, login_hint, ...fields })
  const poll = async (id: string) =>
    post(sim, '/token', { grant_type: 'urn:openid:params:grant-type:ciba', auth_req_id: id, client_assertion: await signed(sim, { iat: seconds(), exp: seconds() + 60 }) })

  it('a backchannel request takes an operator token, and answers the first poll, once', async () => {
    const { body } = await begin(`operatortoken:${sim.handset(ada).operatorToken()}`)
    expect(body).toEqual({ auth_req_id: expect.any(String), expires_in: 120, interval: 2 })
    const tokens = await poll(body.auth_req_id)
    expect(tokens.body).toMatchObject({ id_token: expect.any(String) })
    expect((await verify(tokens.body.access_token)).body).toEqual({ devicePhoneNumberVerified: true })
    expect(await poll(body.auth_req_id)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  it('a backchannel request knows the handset by its mobile address', async () => {
    expect(await begin('ipport:127.0.0.1:4711')).toMatchObject({ status: 400, body: { error: 'unknown_user_id' } })
    sim.handset(bob).network('mobile')
    for (const hint of ['ipport:127.0.0.1:4711', 'ipport:[::1]']) {
      const { body } = await poll((await begin(hint)).body.auth_req_id)
      expect((await verify(body.access_token, bob)).body).toEqual({ devicePhoneNumberVerified: true })
    }
    expect(await begin('ipport:80.90.34.2')).toMatchObject({ body: { error: 'unknown_user_id' } })
  })

  it('a backchannel request rings the handset for a number, and an answer there is no proof of the SIM', async () => {
    const { body } = await begin(`tel:${ada}`)
    expect(await poll(body.auth_req_id)).toMatchObject({ body: { error: 'authorization_pending' } })
    expect(await poll(body.auth_req_id)).toMatchObject({ body: { error: 'slow_down' } })
    await sim.handset(ada).approve()
    const tokens = await poll(body.auth_req_id)
    expect(await verify(tokens.body.access_token)).toMatchObject(notBySim)
  })

  it('a backchannel request says when the person refused, and when nobody answered', async () => {
    const denied = (await begin(`tel:${ada}`)).body.auth_req_id
    await sim.handset(ada).deny()
    expect(await poll(denied)).toMatchObject({ body: { error: 'access_denied' } })
    const late = (await begin(`tel:${ada}`)).body.auth_req_id
    ahead = 120_000
    expect(await poll(late)).toMatchObject({ body: { error: 'expired_token' } })
  })

  it.each<[string, string, Record<string, string>, number, string]>([
    ['a number that nobody has', 'tel:+447700900999', {}, 400, 'unknown_user_id'],
    ['an operator token that is none', 'operatortoken:x', {}, 400, 'unknown_user_id'],
    ['a hint of another form', `MSISDN:${ada.slice(1)}`, {}, 400, 'invalid_request'],
    ['a second hint', `tel:${ada}`, { login_hint_token: 'x' }, 400, 'invalid_request'],
    ['no openid', `tel:${ada}`, { scope: verifyScope }, 400, 'invalid_scope'],
    ['a request object that is none', `tel:${ada}`, { request: 'x.y.z' }, 400, 'invalid_request_object'],
    ['no assertion of the client', `tel:${ada}`, { client_assertion: '' }, 401, 'invalid_client'],
  ])('a backchannel request is refused for %s', async (_, hint, fields, status, error) => {
    expect(await begin(hint, fields)).toMatchObject({ status, body: { error } })
    expect(sim.handset(ada).pending()).toEqual([])
  })

  it('a backchannel request may be signed', async () => {
    const request = await signed(sim, { aud: `${sim.camara.issuer}/bc-authorize`, scope: `openid ${verifyScope}`, login_hint: `tel:${ada}` })
    expect((await post(sim, '/bc-authorize', { request })).status).toBe(200)
    expect(sim.handset(ada).pending()).toHaveLength(1)
  })
})

describe('CAMARA\'s authorization server, with DPoP', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const proof = async (url: string, { accessToken, method = 'POST', claims = {}, key = privateKey }: { accessToken?: string, method?: string, claims?: object, key?: typeof privateKey } = {}) => {
    const ath = accessToken === undefined ? {} : { ath: createHash('sha256').update(accessToken).digest('base64url') }
    return new SignJWT({ htm: method, htu: url, jti: randomUUID(), iat: seconds(), ...ath, ...claims })
      .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: await exportJWK(publicKey) }).sign(key)
  }
  const tokenUrl = () => `${sim.camara.issuer}/token`
  const grant = async (dpop: string) => post(sim, '/token', { grant_type: 'client_credentials', scope: `${purpose} sim-swap:check` }, { dpop })
  const bound = async (): Promise<string> => (await grant(await proof(tokenUrl()))).body.access_token
  const path = '/sim-swap/v2/check'
  const ask = (headers: Record<string, string>) => call(sim, path, { body: { phoneNumber: ada }, headers })
  const apiUrl = () => `${sim.camara.apiRoot}${path}`

  it('a token with DPoP is bound to the key that was proven', async () => {
    expect((await grant(await proof(tokenUrl()))).body).toMatchObject({ token_type: 'DPoP' })
    const accessToken = await bound()
    expect((await ask({ authorization: `DPoP ${accessToken}`, dpop: await proof(apiUrl(), { accessToken }) })).status).toBe(200)
  })

  it('a bound token is taken only from the client that proves its key', async () => {
    const bearer = await bound()
    expect((await ask({ authorization: `Bearer ${bearer}` })).status).toBe(401)
    const stolen = await bound()
    const another = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const dpop = await new SignJWT({ htm: 'POST', htu: apiUrl(), jti: randomUUID(), iat: seconds(), ath: createHash('sha256').update(stolen).digest('base64url') })
      .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: await exportJWK(another.publicKey) }).sign(another.privateKey)
    expect((await ask({ authorization: `DPoP ${stolen}`, dpop })).status).toBe(401)
    // The thief has not used it up.
    expect((await ask({ authorization: `DPoP ${stolen}`, dpop: await proof(apiUrl(), { accessToken: stolen }) })).status).toBe(200)
    const unproven = await bound()
    expect((await ask({ authorization: `DPoP ${unproven}` })).status).toBe(401)
    const ofAnother = await bound()
    expect((await ask({ authorization: `DPoP ${ofAnother}`, dpop: await proof(apiUrl(), { accessToken: unproven }) })).status).toBe(401)
  })

  it.each<[string, () => Promise<string>]>([
    ['another endpoint', () => proof(apiUrl())], ['another method', () => proof(tokenUrl(), { method: 'GET' })],
    ['an hour ago', () => proof(tokenUrl(), { claims: { iat: seconds() - 3600 } })],
    ['another key than it names', () => proof(tokenUrl(), { key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey })],
    ['nobody', async () => 'x'],
  ])('a DPoP proof of %s is refused', async (_, dpop) => {
    expect(await grant(await dpop())).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } })
  })

  it('a DPoP proof is taken once', async () => {
    const dpop = await proof(tokenUrl())
    expect((await grant(dpop)).status).toBe(200)
    expect(await grant(dpop)).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } })
  })
})

describe('A handset\'s line', () => {
  it('a handset waits for a text, loses the next one, and tells the sender nothing of it', async () => {
    const handset = sim.handset(bob)
    const next = handset.nextText()
    expect(handset.sendText('one')).toBe('delivered')
    expect((await next).text).toBe('one')
    handset.deliverTexts('lost', { times: 1 })
    expect([handset.sendText('two'), handset.sendText('three')]).toEqual(['lost', 'delivered'])
    expect(handset.texts().map(({ text }) => text)).toEqual(['one', 'three'])
    await expect(handset.nextText({ timeout: '20ms' })).rejects.toMatchObject({ code: 'text_missing' })
  })

  it('a handset loses a code by text, and the API says that it was sent', async () => {
    const handset = sim.addSubscriber({ msisdn: '+447700900020', operator: 'a' })
    handset.deliverTexts('lost', { times: 1 })
    const { body: { access_token: token } } = await post(sim, '/token', { grant_type: 'client_credentials', scope: `${purpose} one-time-password-sms:send-validate` })
    const sent = await call(sim, '/one-time-password-sms/v1/send-code', { token, body: { phoneNumber: handset.msisdn, message: '{{code}}' } })
    expect([sent.status, handset.texts()]).toEqual([200, []])
  })

  it('a handset whose SIM was never on the network has no operator token, and is on no network', async () => {
    const handset = sim.addSubscriber({ msisdn: '+447700900021', operator: 'a', activated: null })
    expect(() => handset.operatorToken()).toThrow('was never on the network')
    handset.network('mobile')
    const app = await camaraApp(sim)
    expect((await app.visit((await app.begin()).url)).searchParams.get('error')).toBe('login_required')
    handset.network('wifi')
  })
})

it('the simulator takes a monitored period in whole days alone, and knows its options', async () => {
  await expect(startCamara({ camara: { monitoredPeriod: '30h' } })).rejects.toThrow('monitoredPeriod is whole days')
  await expect(startCamara({ camara: { singleuse: true } as object })).rejects.toThrow('Did you mean singleUse?')
})

it('only an operation of an API fails by a published code', () => {
  expect(() => sim.camara.fail('token', { code: 'UNAUTHENTICATED' })).toThrow('token fails by error')
})
