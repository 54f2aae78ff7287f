import { createSecretKey } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { startApp, type App, type AppOptions } from './support/app.js'
import { clientId, clientSecret, startForger, type Forger } from './support/forger.js'

const now = () => Math.floor(Date.now() / 1000)
const HOUR = 3600

describe('an ID token', () => {
  let forger: Forger
  let app: App | undefined
  beforeAll(async () => { forger = await startForger() })
  afterAll(() => forger.close())
  beforeEach(() => { forger.reset() })
  afterEach(async () => { await app?.close() })

  /** A login at the forger, from beginning to end. */
  async function login(options: Partial<AppOptions> = {}) {
    app = await startApp(() => ({ operator: forger.operator(), ...options }))
    const tab = app.tab()
    const { location } = await tab.get('/login')
    const answer = await tab.get(`/callback/forger?${forger.approve(location!)}`)
    return { answer, app, tab }
  }

  const refusedAsInvalid = async (options?: Partial<AppOptions>) => {
    const { answer, app, tab } = await login(options)
    expect(answer).toMatchObject({ status: 502, body: { error: { name: 'MobileConnectError', code: 'token_invalid' } } })
    expect(app.identities).toEqual([])
    expect((await tab.get('/me')).body.user).toBeNull()
  }

  it('an ID token that is right logs in (R-73)', async () => {
    const { answer, app } = await login()
    expect(answer.status).toBe(200)
    expect(app.identities).toMatchObject([{ issuer: forger.issuer, sub: 'pcr-of-ada', operator: 'forger' }])
  })

  it('an ID token signed by a foreign key under the operator\'s name is refused (M-06, R-73)', async () => {
    const { privateKey } = await generateKeyPair('RS256')
    forger.script.sign = (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'own' }).sign(privateKey)
    await refusedAsInvalid()
  })

  it.each<[string, (forger: Forger) => void]>([
    ['with alg none', ({ script }) => { script.sign = async (claims) => new UnsecuredJWT(claims).encode() }],
    ['with alg none, which the metadata allows', ({ script }) => {
      script.metadata = { id_token_signing_alg_values_supported: ['none', 'RS256'] }
      script.sign = async (claims) => new UnsecuredJWT(claims).encode()
    }],
    ['with HS256 and the client secret', ({ script }) => { script.sign = (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(createSecretKey(Buffer.from(clientSecret))) }],
    ['with HS256 and the client secret, which the metadata allows', ({ script }) => {
      script.metadata = { id_token_signing_alg_values_supported: ['HS256', 'RS256'] }
      script.sign = (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(createSecretKey(Buffer.from(clientSecret)))
    }],
    ['with HS256 and the public key', ({ script, own }) => {
      script.metadata = { id_token_signing_alg_values_supported: ['HS256', 'RS256'] }
      script.sign = (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'own' }).sign(createSecretKey(Buffer.from(JSON.stringify(own))))
    }],
    ['under an unknown kid', ({ script }) => { script.header = { kid: 'unknown' } }],
    ['with a key that stands in the token itself', ({ script, own }) => { script.header = { kid: 'unknown', jwk: own } }],
    ['with a critical extension', ({ script, privateKey }) => {
      script.sign = (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'own', crit: ['exp'], exp: 1 }).sign(privateKey, { crit: { exp: true } })
    }],
    ['by the right key, and changed since', ({ script }) => {
      const { sign } = script
      script.sign = async (claims, header) => {
        const [head, , signature] = (await sign(claims, header)).split('.')
        return [head, Buffer.from(JSON.stringify({ ...claims, sub: 'pcr-of-somebody-else' })).toString('base64url'), signature].join('.')
      }
    }],
  ])('an ID token signed %s is refused (M-07, R-73)', async (_, forge) => {
    forge(forger)
    await refusedAsInvalid()
  })

  it('an ID token signed by an RSA key of 1024 bits is refused, because anybody can make that signature one day', async () => {
    const weak = await crypto.subtle.generateKey({ name: 'RSASSA-PKCS1-v1_5', modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' }, true, ['sign', 'verify'])
    forger.script.keys = [{ ...await exportJWK(weak.publicKey), kid: 'own' }]
    forger.script.sign = async (claims) => {
      const text = [{ alg: 'RS256', kid: 'own' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
      return `${text}.${Buffer.from(await crypto.subtle.sign('RSASSA-PKCS1-v1_5', weak.privateKey, Buffer.from(text))).toString('base64url')}`
    }
    await refusedAsInvalid()
  })

  it.each<[string, Record<string, unknown>]>([
    ['M-08: the nonce of another request', { nonce: 'of-another-request' }],
    ['M-08: without a nonce', { nonce: undefined }],
    ['M-09: for another client', { aud: 'another-client', azp: undefined }],
    ['M-09: for this client and another', { aud: [clientId, 'another-client'] }],
    ['M-09: for this client and another, without azp', { aud: [clientId, 'another-client'], azp: undefined }],
    ['M-09: for nobody', { aud: [] }],
    ['M-09: with another azp', { azp: 'another-client' }],
    ['M-11: that has expired', { exp: now() - HOUR }],
    ['M-11: without exp', { exp: undefined }],
    ['M-11: issued long ago, and still valid', { iat: now() - HOUR, exp: now() + HOUR }],
    ['M-11: issued in the future', { iat: now() + HOUR, exp: now() + 2 * HOUR }],
    ['M-11: without iat', { iat: undefined }],
    ['M-11: not valid yet', { nbf: now() + HOUR }],
    ['of another issuer', { iss: 'https://another-operator.example' }],
    ['of the same issuer, spelt differently', { iss: `http://127.0.0.1:1/` }],
    ['without a sub', { sub: undefined }],
    ['with an empty sub', { sub: '' }],
    ['with a sub of 256 characters', { sub: 'x'.repeat(256) }],
    ['with a sub that no terminal should print', { sub: 'a\u001b[31m' }],
  ])('an ID token is refused: %s (R-73)', async (_, claims) => {
    forger.script.claims = claims
    await refusedAsInvalid()
  })

  it.each<[string, Record<string, unknown>]>([
    ['auth_time missing', { auth_time: undefined }],
    ['auth_time too old', { auth_time: now() - 10 * 60 }],
    ['auth_time as a text', { auth_time: String(now()) }],
    ['auth_time in the future', { auth_time: now() + HOUR }],
  ])('an ID token is refused with %s when maxAge was asked for (M-14)', async (_, claims) => {
    forger.script.claims = claims
    await refusedAsInvalid({ maxAge: '5m' })
  })

  it('an ID token from the future is refused, whether maxAge was asked for or not: it would be the freshest proof for ever (M-14)', async () => {
    forger.script.claims = { auth_time: now() + HOUR }
    await refusedAsInvalid()
  })

  it.each([['2020-01-01'], ['2040-01-01']])('an ID token is dated by the clock of a test, where operator and app both go by a clock of %s', async (day) => {
    let clock = Date.parse(day)
    const at = () => Math.floor(clock / 1000)
    forger.script.claims = { iat: at(), exp: at() + 300, auth_time: at() }
    expect((await login({ now: () => clock, maxAge: '1m' })).answer.status).toBe(200)
    await app?.close()
    clock += HOUR * 1000
    await refusedAsInvalid({ now: () => clock })
  })

  it.each<[string, Record<string, unknown>[]]>([['that lack n and e', [{ kty: 'RSA', kid: 'own', alg: 'RS256', use: 'sig' }]], ['whose modulus is none', [{ kty: 'RSA', kid: 'own', alg: 'RS256', n: '!!', e: 'AQAB' }]], ['that are no keys', [null as never, 'x' as never]], ['of which there is none', []]])('an ID token is refused when the operator has keys %s', async (_, keys) => {
    forger.script.keys = keys
    await refusedAsInvalid()
  })

  it('an ID token may leave auth_time out when nobody asked for it', async () => {
    forger.script.claims = { auth_time: undefined }
    const { answer, app } = await login()
    expect(answer.body.info).toEqual({ amr: ['mca', 'SIM_OK'], acr: '2' })
    expect(app.identities[0]!.authTime).toBeUndefined()
  })

  it('an ID token is held against the maxAge of the route that ends the login, too', async () => {
    forger.script.claims = { auth_time: now() - 10 * 60 }
    await refusedAsInvalid({ ending: { maxAge: '5m' } })
  })

  it.each<[string, unknown]>([['lower than asked', '1'], ['missing', undefined], ['unknown', 'very-strong'], ['a list', ['2']], ['a number', 2], ['empty', ''], ['with a blank', '2 '], ['above the scale', '9']])(
    'an ID token with an acr that is %s proves too little (M-12, R-76)', async (_, acr) => {
      forger.script.claims = { acr }
      const { answer, app } = await login()
      expect(answer).toMatchObject({ status: 403, body: { info: { code: 'acr_insufficient', message: expect.any(String) } } })
      expect(app.identities).toEqual([])
    })

  it('an ID token with a higher level than was asked for is enough (R-76)', async () => {
    forger.script.claims = { acr: '3' }
    expect((await login()).answer.status).toBe(200)
  })

  it('an ID token must carry one of acrValues, and no other, however high (M-12)', async () => {
    forger.script.claims = { acr: '4' }
    expect((await login({ acrValues: ['3', '2'] })).answer.body.info.code).toBe('acr_insufficient')
    await app!.close()
    forger.script.claims = { acr: '2' }
    expect((await login({ acrValues: ['3', '2'] })).answer.status).toBe(200)
  })

  it('an ID token needs no acr where acrValues is empty, as for CAMARA\'s number verification', async () => {
    forger.script.claims = { acr: undefined }
    const { answer } = await login({ acrValues: [] })
    expect(answer.status).toBe(200)
    expect(answer.body.info.acr).toBeUndefined()
  })

  it('an ID token must reach the level of the route that ends the login', async () => {
    expect((await login({ ending: { levelOfAssurance: 3 } })).answer.body.info.code).toBe('acr_insufficient')
  })

  it('an ID token about another login_hint than was sent is refused, and one about that login_hint is not', async () => {
    forger.script.claims = { hashed_login_hint: '0'.repeat(64) }
    expect((await login({ loginHint: () => 'MSISDN:447700900001' })).answer).toMatchObject({ status: 403, body: { info: { code: 'person_mismatch' } } })
    await app!.close()
    const { createHash } = await import('node:crypto')
    forger.script.claims = { hashed_login_hint: createHash('sha256').update('MSISDN:447700900001').digest('hex') }
    expect((await login({ loginHint: () => 'MSISDN:447700900001' })).answer.status).toBe(200)
  })

  it.each([[undefined, ['mca']], ['SMS_URL', ['mca', 'SMS_URL']], [['SIM_OK', 5, ''], ['mca', 'SIM_OK']], [{}, ['mca']]])('an ID token with amr %j gives the amr %j', async (amr, expected) => {
    forger.script.claims = { amr }
    expect((await login()).answer.body.info.amr).toEqual(expected)
  })

  it('a token answer without an ID token logs nobody in', async () => {
    forger.script.token = { id_token: undefined }
    await refusedAsInvalid()
  })

  it('an ID token with userinfo about another person logs nobody in', async () => {
    forger.script.userinfo = { sub: 'pcr-of-somebody-else' }
    await refusedAsInvalid()
  })

  describe('tells a number that the operator vouches for, with a plus, and no other (C-03)', () => {
    const number = '+447700900001'
    it.each<[string, string | undefined, Record<string, unknown>, Record<string, unknown>?, Record<string, unknown>?]>([
      ['it is verified', number, { phone_number: '447700900001', phone_number_verified: true }],
      ['it is verified, as a text', number, { phone_number: '+44 7700 900001', phone_number_verified: 'true' }],
      ['it is verified in the ID token', number, {}, { phone_number: number, phone_number_verified: true }],
      ['nothing says that it is verified', undefined, { phone_number: number }],
      ['it is not verified', undefined, { phone_number: number, phone_number_verified: false }],
      ['it is verified in other words', undefined, { phone_number: number, phone_number_verified: 1 }],
      ['it is none', undefined, { phone_number: 'unknown', phone_number_verified: true }],
      ['there is none', undefined, {}],
      ['Mobile Connect\'s own service tells it', number, { phone_number: number }, {}, { scope: 'openid mc_identity_phonenumber' }],
      ['Mobile Connect\'s own service calls it unverified', undefined, { phone_number: number, phone_number_verified: false }, {}, { scope: 'openid mc_phonenumber' }],
      ['another service tells it', undefined, { phone_number: number }, {}, { scope: 'openid phone mc_authn' }],
    ])('an identity has its number with a plus if the operator vouches for it, and no number otherwise: %s', async (_, expected, userinfo, claims = {}, token = {}) => {
      forger.script.userinfo = { sub: 'pcr-of-ada', ...userinfo }
      Object.assign(forger.script, { claims, token })
      expect((await login({ scope: 'openid mc_identity_phonenumber' })).answer.status).toBe(200)
      expect(app!.identities[0]!.phone).toBe(expected)
    })

    it('two different numbers in ID token and userinfo log nobody in', async () => {
      forger.script.userinfo = { sub: 'pcr-of-ada', phone_number: number, phone_number_verified: true }
      forger.script.claims = { phone_number: '+447700900002', phone_number_verified: true }
      await refusedAsInvalid()
    })
  })
})
