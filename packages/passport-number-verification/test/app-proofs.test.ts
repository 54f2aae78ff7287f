import { generateKeyPairSync } from 'node:crypto'
import { decodeJwt, generateKeyPair } from 'jose'
import twilio from 'twilio'
import type { Simulator } from 'mobileconnect-simulator'
import { Strategy, type CreateProvider } from 'passport-number-verification'
import { firebasePhoneNumber } from 'passport-number-verification/firebase'
import { twilioSilent } from 'passport-number-verification/twilio'
import { vonageSilent } from 'passport-number-verification/vonage'
import { ada, bob, providerOf, startApp, startOperators, type App, type AppOptions } from './support/app.js'
import { startFake, startFirebase, startTwilio, startVonage, type Fake } from './support/published-fakes.js'

type Tab = ReturnType<App['tab']>
const json = { accept: 'application/json' }
const unknown = { status: 403, body: { info: { code: 'transaction_unknown' } } }
const mismatch = { status: 401, body: { info: { code: 'person_mismatch' } } }
const unavailable = (reason: string) => ({ status: 403, body: { info: { code: 'unavailable', reason } } })
const isAda = { status: 200, body: { user: { id: 'ada' } } }

let app: App
let fake: Fake
afterEach(async () => {
  await app.close()
  await fake.close()
})

const start = async (provider: CreateProvider, options: Partial<AppOptions> = {}) => {
  app = await startApp({ provider, ...options })
}
const tabOf = async (id = 'ada') => {
  const tab = app.tab()
  await tab.as(id)
  return tab
}
/** What the app's software is told: the state, and the address that the phone opens. */
const begin = async (tab: Tab) => {
  const answer = await tab.send('/login', { method: 'POST', headers: json })
  if (answer.location === undefined) return { answer, state: '', opens: undefined }
  const url = new URL(answer.location)
  const [mark, opens] = url.hash.slice(1).split('=')
  expect(mark).toBe('app')
  return { answer, state: url.searchParams.get('state')!, opens: opens === undefined ? undefined : decodeURIComponent(opens) }
}
const prove = (tab: Tab, state: string, proof: string) =>
  tab.send('/callback', { method: 'POST', headers: json, body: new URLSearchParams({ state, app_proof: proof }) })
const logIn = async (tab: Tab, proof: string) => prove(tab, (await begin(tab)).state, proof)

describe('the token of Firebase\'s SDK', () => {
  let firebase: Awaited<ReturnType<typeof startFirebase>>
  const startWith = async (options: Partial<AppOptions> = {}) => {
    firebase = await startFirebase()
    fake = firebase
    await start(firebasePhoneNumber({ projectNumber: '123456789', keys: `${fake.base}/v1beta/jwks` }), options)
  }

  it.each(['verify', 'read'] as const)('a token of Firebase proves the number of the account in mode %s, and the keys are asked for once (Q-36)', async (mode) => {
    await startWith({ mode })
    const tab = await tabOf()
    expect(await logIn(tab, await firebase.token(ada))).toMatchObject(isAda)
    expect(await logIn(tab, await firebase.token(ada, { jti: '2' }))).toMatchObject(isAda)
    expect(fake.asked.map(({ path }) => path)).toEqual(['/v1beta/jwks'])
  })

  it('a token of Firebase finds the account of a stranger in mode read (Q-36)', async () => {
    await startWith({ mode: 'read' })
    expect(await logIn(app.tab(), await firebase.token(bob))).toMatchObject({ status: 200, body: { user: { id: 'bob' } } })
  })

  it('a token of Firebase for another number is a failed attempt (Q-36)', async () => {
    await startWith()
    expect(await logIn(await tabOf(), await firebase.token(bob))).toMatchObject(mismatch)
  })

  it('a token of Firebase counts once, in all logins, however its signature is written (Q-37)', async () => {
    await startWith()
    const token = await firebase.token(ada)
    expect(await logIn(await tabOf(), token)).toMatchObject(isAda)
    expect(await logIn(await tabOf(), token)).toMatchObject(unknown)
    const [head, claims, signature] = token.split('.') as [string, string, string]
    const bytes = Buffer.from(signature, 'base64url')
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
    const other = (order - BigInt(`0x${bytes.subarray(32).toString('hex')}`)).toString(16).padStart(64, '0')
    const rewritten = Buffer.concat([bytes.subarray(0, 32), Buffer.from(other, 'hex')]).toString('base64url')
    expect(await logIn(await tabOf(), `${head}.${claims}.${rewritten}`)).toMatchObject(unknown)
  })

  it.each<[string, (firebase: Awaited<ReturnType<typeof startFirebase>>) => Promise<string>]>([
    ['of another project', ({ token }) => token(ada, { iss: 'https://fpnv.googleapis.com/projects/987654321' })],
    ['for another project', ({ token }) => token(ada, { aud: ['https://fpnv.googleapis.com/projects/987654321'] })],
    ['that has expired', ({ token }) => token(ada, { exp: Math.floor(Date.now() / 1000) - 1 })],
    ['that never expires', ({ token }) => token(ada, { exp: undefined as never })],
    ['of another type', ({ token }) => token(ada, {}, { typ: 'at+jwt' })],
    ['signed by another key', async ({ token }) => token(ada, {}, {}, (await generateKeyPair('ES256')).privateKey)],
    ['of an unknown key', ({ token }) => token(ada, {}, { kid: 'two' })],
    ['that nobody signed', async ({ token }) => {
      const [, claims] = (await token(ada)).split('.')
      return `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${claims}.`
    }],
    ['that is none', async () => 'token'],
  ])('a token of Firebase %s proves nothing, and is no error (Q-37)', async (_, make) => {
    await startWith()
    expect(await logIn(await tabOf(), await make(firebase))).toMatchObject(unknown)
    expect(app.errors).toEqual([])
  })

  it('a token of Firebase without a number is an answer that is not valid', async () => {
    await startWith()
    expect(await logIn(await tabOf(), await firebase.token('447700900001'))).toMatchObject({ status: 502, body: { error: { code: 'provider_answer_invalid' } } })
  })

  it.each<[number, unknown]>([[200, 'none'], [404, {}]])(
    'a token of Firebase cannot be read where the keys answer with %i %j (Q-20)', async (status, body) => {
      await startWith()
      firebase.answer([status, body])
      const invalid = { status: 502, body: { error: { code: 'provider_answer_invalid' } } }
      expect(await logIn(await tabOf(), await firebase.token(ada))).toMatchObject(invalid)
    })

  it('a login by Firebase is unavailable where the keys cannot be reached (Q-20)', async () => {
    await startWith({ fetch: () => Promise.reject(new TypeError('fetch failed')) })
    expect(await logIn(await tabOf(), await firebase.token(ada))).toMatchObject(unavailable('provider-unavailable'))
  })
})

describe('Silent Network Auth of Twilio Verify', () => {
  const sid = `AC${'0'.repeat(32)}`
  const startWith = async (sna: Parameters<typeof startTwilio>[0]) => {
    fake = await startTwilio(sna)
    // The SDK itself, whose requests go to loopback.
    class ToLoopback extends twilio.RequestClient {
      override request(options: any): any {
        return super.request({ ...options, uri: options.uri.replace('https://verify.twilio.com', fake.base) })
      }
    }
    const client = twilio(sid, 'token', { httpClient: new ToLoopback() })
    await start(twilioSilent({ client, serviceSid: 'VA1' }))
  }

  it('Twilio proves the number by an address that the phone opens, and the token that it gets there (Q-36)', async () => {
    await startWith({ number: ada })
    const tab = await tabOf()
    const { state, opens } = await begin(tab)
    expect(opens).toBe('https://mi.dnlsrv.com/m/id/ANItNzhM')
    expect(await prove(tab, state, 'token-of-the-phone')).toMatchObject(isAda)
    expect(fake.asked.map(({ path, body }) => [path, body])).toEqual([
      ['/v2/Services/VA1/Verifications', { To: ada, Channel: 'sna', EnableSnaClientToken: 'true' }],
      ['/v2/Services/VA1/VerificationCheck', { VerificationSid: expect.any(String), SnaClientToken: 'token-of-the-phone' }],
    ])
  })

  it('a phone with another SIM is a failed attempt at Twilio: 60500 (Q-36)', async () => {
    await startWith({ number: bob })
    expect(await logIn(await tabOf(), 'token-of-the-phone')).toMatchObject(mismatch)
  })

  it.each([[[60519]], [[60530, 60533]], [[]]])('a verification of Twilio that did not come to an end is unavailable: %j (Q-36)', async (codes) => {
    await startWith({ codes })
    expect(await logIn(await tabOf(), 'token-of-the-phone')).toMatchObject(unavailable('not-on-mobile-network'))
  })

  it.each([[429, 20429, 'provider-unavailable'], [503, 0, 'provider-unavailable'], [400, 60539, 'carrier-not-supported']])(
    'a login is unavailable where Twilio answers %i (%i): %s (Q-20)', async (status, code, reason) => {
      await startWith({ status, code })
      expect((await begin(await tabOf())).answer).toMatchObject(unavailable(reason))
    })

  it.each([[401, 20003], [400, 60200]])('a login is a fault of the app or of Twilio where Twilio begins with %i (%i) (Q-20)', async (status, code) => {
    await startWith({ status, code })
    expect((await begin(await tabOf())).answer.status).toBeGreaterThanOrEqual(500)
  })

  it('twilioSilent takes the client of the SDK alone, and no mode read', async () => {
    await startWith({})
    expect(() => twilioSilent({ client: {} as never, serviceSid: 'VA1' })).toThrow(/twilio\(accountSid, authToken\)/)
    const provider = twilioSilent({ client: twilio(sid, 'token'), serviceSid: 'VA1' })
    expect(() => new Strategy({ provider, mode: 'read', callbackURL: 'https://acme.example/callback' })).toThrow(/not mode: 'read'/)
  })
})

describe('silent authentication of Vonage Verify', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const startWith = async (silent: Parameters<typeof startVonage>[0] = {}, options: Partial<AppOptions> = {}) => {
    fake = await startVonage(silent)
    await start(vonageSilent({ applicationId: 'app', clientKey: { key: privateKey }, brand: 'Acme', apiRoot: fake.base }), options)
  }

  it('Vonage proves the number by an address that the phone opens, and the code that it gets there (Q-36)', async () => {
    await startWith()
    const tab = await tabOf()
    const { state, opens } = await begin(tab)
    expect(opens).toMatch(/^https:\/\/api\.nexmo\.com\/v2\/verify\/.*\/silent-auth\/redirect$/)
    expect(await prove(tab, state, 'si9sfG')).toMatchObject(isAda)
    expect(fake.asked.map(({ path, body }) => [path, body])).toEqual([
      ['/v2/verify', { brand: 'Acme', workflow: [{ channel: 'silent_auth', to: ada.slice(1) }] }],
      ['/v2/verify/c11236f4-00bf-4b89-84ba-88b25df97315', { code: 'si9sfG' }],
    ])
    const claims = fake.asked.map(({ authorization }) => decodeJwt(authorization!.replace('Bearer ', '')))
    expect(claims[0]).toEqual({ application_id: 'app', iat: expect.any(Number), exp: expect.any(Number), jti: expect.any(String) })
    expect(claims[0]!.jti).not.toBe(claims[1]!.jti)
  })

  it('a code of Vonage that no phone was given is a failed attempt, one for each begin (Q-36)', async () => {
    await startWith()
    const tab = await tabOf()
    const { state } = await begin(tab)
    expect(await prove(tab, state, 'guess1')).toMatchObject(mismatch)
    expect(await prove(tab, state, 'si9sfG')).toMatchObject(unknown)
  })

  it.each<[number, object, string]>([
    [202, { request_id: 'x' }, 'carrier-not-supported'], [412, {}, 'carrier-not-supported'], [409, {}, 'provider-unavailable'],
    [429, {}, 'provider-unavailable'], [503, {}, 'provider-unavailable'],
  ])('a login is unavailable where Vonage begins with %i %j: %s (Q-20)', async (status, body, reason) => {
    await startWith({ begin: [status, body] })
    expect((await begin(await tabOf())).answer).toMatchObject(unavailable(reason))
  })

  it.each<[number, object, number, string]>([
    [401, {}, 500, 'provider_misconfigured'], [402, {}, 500, 'provider_misconfigured'], [422, {}, 500, 'provider_misconfigured'],
    [202, { request_id: 'x', check_url: 'no address' }, 502, 'provider_answer_invalid'],
  ])('a login is a fault where Vonage begins with %i %j: %i %s (Q-20)', async (begins, body, status, code) => {
    await startWith({ begin: [begins, body] })
    expect((await begin(await tabOf())).answer).toMatchObject({ status, body: { error: { code } } })
  })

  it.each<[number, object, number, string]>([
    [404, {}, 403, 'transaction_unknown'], [409, {}, 403, 'transaction_unknown'], [410, {}, 401, 'person_mismatch'],
    [503, {}, 403, 'unavailable'], [401, {}, 500, 'provider_misconfigured'], [200, {}, 502, 'provider_answer_invalid'],
  ])('a login counts as what it is where Vonage ends with %i %j: %i %s (Q-20)', async (ends, body, status, code) => {
    await startWith({ check: [ends, body] })
    const { status: answered, body: told } = await logIn(await tabOf(), 'si9sfG')
    expect([answered, told.info?.code ?? told.error.code]).toEqual([status, code])
  })

  it('a login at Vonage is unavailable after its time, where nobody answers (Q-18)', async () => {
    await startWith({}, { timeout: '300ms', fetch: () => new Promise(() => undefined) })
    expect((await begin(await tabOf())).answer).toMatchObject(unavailable('timeout'))
  })

  it.each<[object, RegExp]>([[{ brand: 'A name that is too long' }, /16 letters/], [{ applicationId: '' }, /applicationId/], [{ apiRoot: 'http://api.example' }, /https:/], [{ key: 'x' }, /no option key/]])(
    'vonageSilent takes no impossible options: %j', async (wrong, message) => {
      await startWith()
      expect(() => vonageSilent({ applicationId: 'app', clientKey: { key: privateKey }, brand: 'Acme', ...wrong })).toThrow(message)
    })
})

describe.each(['jwt-bearer', 'ciba'] as const)('the SIM\'s temporary token that an app got itself, exchanged by %s,', (appTokens) => {
  let sim: Simulator
  beforeAll(async () => { sim = await startOperators() })
  afterAll(() => sim.close())
  beforeEach(async () => { fake = await startFake(() => [404, {}]) })
  afterEach(() => { sim.camara.restore() })
  const startWith = (options: Partial<AppOptions> = {}) => start(providerOf(sim, { appTokens }), { via: ['app'], ...options })
  const spent = () => (['backchannel', 'token', 'verify', 'device-phone-number'] as const).map((name) => sim.camara.requests(name))

  it.each(['verify', 'read'] as const)('a token of the SIM proves the number over Wi-Fi in mode %s, by one call (Q-39)', async (mode) => {
    await startWith({ mode })
    const before = spent()
    expect(await logIn(await tabOf(), sim.handset(ada).operatorToken())).toMatchObject(isAda)
    const cost = spent().map((count, index) => count - before[index]!)
    expect(cost).toEqual([appTokens === 'ciba' ? 1 : 0, 1, ...mode === 'verify' ? [1, 0] : [0, 1]])
  })

  it('a token of another SIM is a failed attempt (Q-39)', async () => {
    await startWith()
    expect(await logIn(await tabOf(), sim.handset(bob).operatorToken())).toMatchObject(mismatch)
  })

  it('a token of the SIM counts once: the operator is not even asked again (Q-37)', async () => {
    await startWith()
    const token = sim.handset(ada).operatorToken()
    expect(await logIn(await tabOf(), token)).toMatchObject(isAda)
    const before = spent()
    expect(await logIn(await tabOf(), token)).toMatchObject(unknown)
    expect(spent()).toEqual(before)
  })

  it('a token that the operator does not know is no error, and no failed attempt (Q-39)', async () => {
    await startWith()
    const answer = await logIn(await tabOf(), 'made-up')
    expect(answer).toMatchObject(appTokens === 'ciba' ? unavailable('carrier-not-supported') : unknown)
    expect(app.errors).toEqual([])
  })

  it('a login by a token of the SIM is unavailable where the operator is late (Q-18)', async () => {
    await startWith({ timeout: '400ms' })
    sim.camara.fail('token', { delay: '30s' })
    expect(await logIn(await tabOf(), sim.handset(ada).operatorToken())).toMatchObject(unavailable('timeout'))
  })
})

describe('the backchannel of an operator', () => {
  it.each([[['authorization_pending', undefined], isAda], [['authorization_pending', 'access_denied'], unavailable('refused')], [['expired_token'], unavailable('timeout')]] as const)(
    'the backchannel of an operator is polled until it answers, within the time of the login: %j (Q-39)', async (answers, outcome) => {
      const sim = await startOperators()
      fake = await startFake(() => [404, {}])
      const left: (string | undefined)[] = [...answers]
      const slow: typeof fetch = async (url, init) => {
        const isPoll = new URLSearchParams(init?.body as never).get('grant_type') === 'urn:openid:params:grant-type:ciba'
        const error = isPoll ? left.shift() : undefined
        return error === undefined ? fetch(url, init) : Response.json({ error }, { status: 400 })
      }
      await start(providerOf(sim, { appTokens: 'ciba' }), { via: ['app'], fetch: slow, timeout: '8s' })
      expect(await logIn(await tabOf(), sim.handset(ada).operatorToken())).toMatchObject(outcome)
      expect(left).toEqual([])
      await sim.close()
    })
})

it.each(['jwt-bearer', 'ciba'] as const)('a thief who posts the number of the owner in place of the SIM\'s token rings no phone, and is not let in, by %s (Q-39)', async (appTokens) => {
  const sim = await startOperators()
  fake = await startFake(() => [404, {}])
  const hints: string[] = []
  const watched: typeof fetch = async (url, init) => {
    const fields = new URLSearchParams(init?.body as never)
    if (fields.has('login_hint')) hints.push(fields.get('login_hint')!)
    if (fields.has('assertion')) hints.push(decodeJwt(fields.get('assertion')!).sub!)
    return fetch(url, init)
  }
  await start(providerOf(sim, { appTokens }), { via: ['app'], fetch: watched })
  const numbers = [`tel:${ada}`, ada, `ipport:127.0.0.1:1`, `operatortoken:${sim.handset(ada).operatorToken()}`]
  for (const proof of numbers) expect((await logIn(await tabOf(), proof)).status).toBe(403)
  expect(hints).toEqual(numbers.map((proof) => `operatortoken:${proof}`))
  expect(app.errors).toEqual([])
  await sim.close()
})

describe('a proof that the app\'s software brings', () => {
  const startAny = async (options: Partial<AppOptions> = {}, limits = { '1h': 100 }) => {
    const firebase = await startFirebase()
    fake = firebase
    const network = { begin: async (_: unknown, { redirectUri }: { redirectUri: string }) => ({ status: 'leave', url: `${redirectUri}?left=1` }), end: async () => ({ status: 'matches' }) }
    const make = firebasePhoneNumber({ projectNumber: '123456789', keys: fake.base })
    await start((tools) => ({ ...make(tools), network } as never), { via: ['app', 'network'], beginLimits: limits, ...options })
    return firebase
  }

  it('a proof of the app is asked of a request for JSON alone: a browser that is shown pages goes on at once (Q-38)', async () => {
    await startAny()
    const tab = await tabOf()
    expect((await tab.begin()).location).toContain('left=1')
    expect((await begin(tab)).state).toHaveLength(43)
  })

  it('a proof of the app gives its place to the next way where the client follows the address (Q-38)', async () => {
    await startAny()
    const tab = await tabOf()
    const { state } = await begin(tab)
    expect((await tab.send(`/callback?state=${state}`)).location).toContain('left=1')
  })

  it('the way of the app alone is unavailable without a proof, and says why (Q-38)', async () => {
    await startAny({ via: ['app'] })
    const tab = await tabOf()
    expect(await tab.begin()).toMatchObject(unavailable('no-proof'))
    expect(await tab.send(`/callback?state=${(await begin(tab)).state}`)).toMatchObject(unavailable('no-proof'))
  })

  it('a proof of the app counts only for the browser, the user and the way that began (Q-37)', async () => {
    const { token } = await startAny({ via: ['app'] })
    const [owner, thief] = [await tabOf(), await tabOf()]
    const { state } = await begin(owner)
    expect(await prove(thief, state, await token(ada))).toMatchObject(unknown)
    const other = await begin(owner)
    const asWallet = { method: 'POST', body: new URLSearchParams({ state: other.state, vp_token: await token(ada) }) }
    expect(await owner.send('/callback', asWallet)).toMatchObject(unknown)
  })

  it('a proof of the app is refused from a page of another site, and where it is none (Q-37)', async () => {
    const { token } = await startAny({ via: ['app'] })
    const tab = await tabOf()
    const { state } = await begin(tab)
    const crossSite = { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' }, body: new URLSearchParams({ state, app_proof: await token(ada) }) }
    expect(await tab.send('/callback', crossSite)).toMatchObject({ status: 403, body: { info: { code: 'cross_site' } } })
    for (const proof of ['', 'a b', 'x'.repeat(16 * 1024 + 1), 'ü']) expect(await logIn(tab, proof)).toMatchObject(unknown)
    expect(app.errors).toEqual([])
  })
})
