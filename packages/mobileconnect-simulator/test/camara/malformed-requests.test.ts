import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { startSimulator, type Simulator } from 'mobileconnect-simulator'
import { sendProblem } from '../../src/camara/apis/operation.js'
import { ada, bob, call, callback, post, purpose, registered, signed, startCamara } from '../support/camara-client.js'

let sim: Simulator
beforeAll(async () => { sim = await startCamara() })
afterAll(() => sim.close())
afterEach(() => { sim.camara.restore() })

const seconds = () => Math.floor(Date.now() / 1000)
const verifyScope = `${purpose} number-verification:verify`
const tokenOf = async (scope: string): Promise<string> =>
  (await post(sim, '/token', { grant_type: 'client_credentials', scope: `${purpose} ${scope}` })).body.access_token
const byAssertion = async (assertion: string | undefined, at = sim) => post(at, '/token', {
  grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', client_assertion: undefined, client_assertion_type: undefined, assertion,
})
const invalidArgument = { status: 400, body: { status: 400, code: 'INVALID_ARGUMENT' } }

describe('An operation of CAMARA\'s APIs', () => {
  const check = async (init: { body: string, headers?: Record<string, string> }) => {
    const headers = { authorization: `Bearer ${await tokenOf('sim-swap:check')}`, 'content-type': 'application/json', ...init.headers }
    const response = await fetch(`${sim.camara.apiRoot}/sim-swap/v2/check`, { method: 'POST', ...init, headers })
    return { status: response.status, headers: response.headers, body: await response.json() }
  }

  it.each<[string, { body: string, headers?: Record<string, string> }]>([
    ['is a list', { body: `[{"phoneNumber":"${ada}"}]` }],
    ['is a text', { body: '"phoneNumber"' }],
    ['is no JSON', { body: '{"phoneNumber":' }],
    ['is a form', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'phoneNumber=1' }],
    ['has another charset', { headers: { 'content-type': 'application/json; charset=klingon' }, body: '{}' }],
  ])('an operation of CAMARA\'s APIs refuses a body that %s, in the published shape', async (_, init) => {
    expect(await check(init)).toMatchObject(invalidArgument)
  })

  it('an operation of CAMARA\'s APIs takes 256 characters as x-correlator and gives them back, and refuses one more', async () => {
    const body = JSON.stringify({ phoneNumber: ada })
    const longest = await check({ body, headers: { 'x-correlator': 'a'.repeat(256) } })
    expect([longest.status, longest.headers.get('x-correlator')]).toEqual([200, 'a'.repeat(256)])
    const longer = await check({ body, headers: { 'x-correlator': 'a'.repeat(257) } })
    expect(longer).toMatchObject(invalidArgument)
    expect(longer.headers.get('x-correlator')).toBeNull()
  })

  it('an error that is no answer to the request is handed on, and the API answers nothing itself', () => {
    for (const error of [new Error('broken'), Object.assign(new Error('full'), { status: 507 })]) {
      const handedOn: unknown[] = []
      sendProblem(error, {} as never, undefined as never, (given) => { handedOn.push(given) })
      expect(handedOn).toEqual([error])
    }
  })

  it('an operation of CAMARA\'s APIs texts no other number than the number of the person whom the token speaks of', async () => {
    const assertion = await signed(sim, { sub: `tel:${ada}`, scope: `${purpose} one-time-password-sms:send-validate` })
    const { body: { access_token: token } } = await byAssertion(assertion)
    const sent = await call(sim, '/one-time-password-sms/v1/send-code', { token, body: { phoneNumber: bob, message: '{{code}}' } })
    expect(sent).toMatchObject({ status: 403, body: { code: 'PERMISSION_DENIED' } })
    expect(sim.handset(bob).texts()).toEqual([])
  })

  it('an operation of CAMARA\'s APIs fails with status 503 when it is told to fail and not how', async () => {
    sim.camara.fail('sim-swap-check')
    const body = { phoneNumber: ada }
    expect((await call(sim, '/sim-swap/v2/check', { token: await tokenOf('sim-swap:check'), body })).status).toBe(503)
  })
})

describe('CAMARA\'s authorization server refuses', () => {
  it('the authorization server refuses a JWT-bearer grant without an assertion', async () => {
    expect(await byAssertion(undefined)).toMatchObject({ status: 400, body: { error: 'invalid_request', error_description: 'assertion is missing.' } })
  })

  it('the authorization server refuses an assertion without a sub', async () => {
    expect(await byAssertion(await signed(sim, { sub: undefined, scope: verifyScope })))
      .toMatchObject({ status: 400, body: { error: 'invalid_grant', error_description: 'The sub names nobody.' } })
  })

  it('the authorization server refuses an assertion that lives more than 300 s in all, although it ends soon', async () => {
    const claims = { sub: `tel:${ada}`, scope: verifyScope }
    const at = seconds()
    expect((await byAssertion(await signed(sim, { ...claims, iat: at - 100, exp: at + 190 }))).status).toBe(200)
    const { body } = await byAssertion(await signed(sim, { ...claims, iat: at - 200, exp: at + 190 }))
    expect(body).toEqual({ error: 'invalid_grant', error_description: expect.stringContaining('exp is more than 300 s after iat.') })
  })

  it('the authorization server refuses a request object without iat', async () => {
    const request = await signed(sim, { aud: `${sim.camara.issuer}/bc-authorize`, scope: `openid ${verifyScope}`, login_hint: `tel:${ada}`, iat: undefined })
    expect(await post(sim, '/bc-authorize', { request }))
      .toMatchObject({ status: 400, body: { error: 'invalid_request_object', error_description: 'iat is missing.' } })
  })

  it('the authorization server refuses a code grant without code and verifier', async () => {
    expect(await post(sim, '/token', { grant_type: 'authorization_code', redirect_uri: callback })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  it('the authorization server refuses a poll that names no request', async () => {
    expect(await post(sim, '/token', { grant_type: 'urn:openid:params:grant-type:ciba' })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  it('the authorization server refuses a DPoP proof whose key is no point of its curve', async () => {
    const jwk = { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const dpop = await new SignJWT({ htm: 'POST', htu: `${sim.camara.issuer}/token`, jti: randomUUID(), iat: seconds() })
      .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk }).sign(privateKey)
    expect(await post(sim, '/token', { grant_type: 'client_credentials', scope: `${purpose} sim-swap:check` }, { dpop }))
      .toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } })
    const token = await tokenOf('sim-swap:check')
    expect(await call(sim, '/sim-swap/v2/check', { body: { phoneNumber: ada }, headers: { authorization: `DPoP ${token}`, dpop } }))
      .toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } })
  })
})

describe('A client whose registered key is no key', () => {
  let broken: Simulator
  beforeAll(async () => {
    const { jwks: { keys } } = await registered() as { jwks: { keys: object[] } }
    broken = await startSimulator({ clients: [{ jwks: { keys: [{ ...keys[0], x: 'AA', y: 'AA' } as never] } }] })
  })
  afterAll(() => broken.close())

  it.each<[string, () => Promise<Response>]>([
    ['client assertion', async () => form('/token', {
      grant_type: 'client_credentials', scope: verifyScope, client_assertion: await signed(broken),
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    })],
    ['JWT-bearer assertion', async () => form('/token', {
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: await signed(broken, { sub: `tel:${ada}`, scope: verifyScope }),
    })],
    ['request object', async () => form('/authorize', {
      client_id: broken.camara.clientId, redirect_uri: callback, request: await signed(broken, { aud: broken.camara.issuer }),
    })],
    ['request for a credential', async () => fetch(`${broken.camara.issuer}/openid4vp/credentials`, {
      method: 'POST', headers: { authorization: `Bearer ${await signed(broken, { aud: broken.camara.issuer })}` },
    })],
  ])('a registered key that is no key is a fault of the set-up, and the client\'s %s is not blamed: the answer is server_error', async (_, send) => {
    const response = await send()
    expect([response.status, await response.json()]).toEqual([500, expect.objectContaining({ error: 'server_error' })])
  })

  const form = (path: string, fields: Record<string, string>) =>
    fetch(`${broken.camara.issuer}${path}`, { method: 'POST', redirect: 'manual', body: new URLSearchParams(fields) })
})

describe('The aggregator', () => {
  const ask = async (headers: Record<string, string>, body?: object) => {
    const response = await fetch(`${sim.camara.issuer}/openid4vp/credentials`, {
      method: 'POST',
      headers: { ...headers, ...body && { 'content-type': 'application/json' } },
      ...body && { body: JSON.stringify(body) },
    })
    return { status: response.status, body: await response.json() }
  }
  const bearer = async (claims: object = {}) => ({ authorization: `Bearer ${await signed(sim, { aud: sim.camara.issuer, ...claims })}` })
  const nonce = () => `nonce-${randomUUID()}`

  it('the aggregator asks for no credential without a body', async () => {
    expect(await ask(await bearer())).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
  })

  it.each<[string, unknown]>([
    ['that is a list', [verifyScope]], ['that is missing', undefined],
    ['of two APIs', `${verifyScope} number-verification:device-phone-number:read`],
  ])('the aggregator asks for no credential by a scope %s', async (_, scope) => {
    expect(await ask(await bearer(), { scope, nonce: nonce() })).toMatchObject({ status: 400, body: { error: 'invalid_scope' } })
  })

  it.each<[string, () => Promise<Record<string, string>>]>([
    ['without a bearer token', async () => ({})],
    ['by another scheme', async () => ({ authorization: 'Basic dXM6c2VjcmV0' })],
    ['by a token of an unknown client', () => bearer({ iss: 'x-unknown' })],
    ['by a token that is none', async () => ({ authorization: 'Bearer x' })],
  ])('the aggregator asks for no credential %s', async (_, headers) => {
    expect(await ask(await headers(), { scope: verifyScope, nonce: nonce() })).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
  })
})
