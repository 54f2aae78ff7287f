import { inspect } from 'node:util'
import { decodeJwt } from 'jose'
import type { Simulator } from 'mobileconnect-simulator'
import { MemoryTransactionStore, unavailableReasons, type CreateProvider, type OperatorTokenWay } from 'passport-number-verification'
import {
  ada, addressOf, answeringAt, bob, eve, providerOf, startApp, startOperators, type Answer, type App, type AppOptions,
} from './support/app.js'
import { isMadeFor } from '../src/strategy/presented-token.js'

type Tab = ReturnType<App['tab']>
const json = { accept: 'application/json' }
const unknown = { status: 403, body: { info: { code: 'transaction_unknown' } } }
const unavailable = (reason: string) => ({ status: 403, body: { info: { code: 'unavailable', reason } } })

/** What a page is told of where to go on: the address, and the request to the wallet in its fragment. */
function toldIn({ location }: Answer) {
  const url = new URL(location!)
  const [mark, request] = url.hash.slice(1).split('=')
  url.hash = ''
  return { mark, address: url.href, state: url.searchParams.get('state')!, request: request === undefined ? undefined : JSON.parse(decodeURIComponent(request)) }
}

describe('an operator token of the phone\'s wallet', () => {
  let sim: Simulator
  let app: App
  beforeAll(async () => { sim = await startOperators() })
  afterAll(() => sim.close())
  afterEach(async () => {
    sim.camara.restore()
    for (const msisdn of [ada, bob, eve]) sim.handset(msisdn).network('wifi')
    await app.close()
  })

  const start = async (options: Partial<AppOptions> = {}) => {
    app = await startApp({ provider: providerOf(sim), via: ['operator-token', 'network'], ...options })
  }
  const tabOf = async (id = 'ada', headers: Record<string, string> = {}) => {
    const tab = app.tab(headers)
    await tab.as(id)
    return tab
  }
  /** What the page's script does: it begins, and asks for the request. */
  const begin = async (tab: Tab) => toldIn(await tab.send('/login', { method: 'POST', headers: json }))
  const ask = async (tab: Tab, at = app.origin) => {
    const { address } = await begin(tab)
    return toldIn(await tab.send(`${address.replace(at, app.origin)}&wallet=ask`, { headers: json }))
  }
  const present = async (request: any, msisdn = ada, origin = app.origin): Promise<string> =>
    Object.values((await sim.handset(msisdn).present(request, { origin })).data.vp_token)[0]![0]!
  const post = (tab: Tab, state: string, token: string, headers: Record<string, string> = {}) =>
    tab.send('/callback', { method: 'POST', headers, body: new URLSearchParams({ state, vp_token: token }) })
  const logIn = async (tab: Tab, msisdn = ada) => {
    const { state, request } = await ask(tab)
    return post(tab, state, await present(request, msisdn))
  }
  const spent = () => (['credentials', 'token', 'verify', 'device-phone-number'] as const).map((name) => sim.camara.requests(name))
  const costOf = async (work: () => Promise<unknown>) => {
    const before = spent()
    await work()
    return spent().map((count, index) => count - before[index]!)
  }

  describe('proves the number over Wi-Fi', () => {
    it.each(['verify', 'read'] as const)('an operator token proves the number over Wi-Fi in mode %s, by one request for it, one token and one call (Q-27)', async (mode) => {
      await start({ mode })
      const tab = await tabOf()
      let answer: Answer | undefined
      const cost = await costOf(async () => { answer = await logIn(tab) })
      expect(answer).toMatchObject({ status: 200, body: { user: { id: 'ada' }, info: { amr: ['pop'] } } })
      expect(cost).toEqual(mode === 'verify' ? [1, 1, 1, 0] : [1, 1, 0, 1])
    })

    it('an operator token proves the number of a stranger in mode read, who has typed nothing (Q-27)', async () => {
      await start({ mode: 'read' })
      expect(await logIn(app.tab())).toMatchObject({ status: 200, body: { user: { id: 'ada' } } })
    })

    it('an operator token is asked for by the request of OpenID4VP over the Digital Credentials API, without the number in it (Q-27, Q-04)', async () => {
      await start()
      const { request, mark } = await ask(await tabOf())
      expect(mark).toBe('digital-credential')
      expect(request).toEqual({
        protocol: 'openid4vp-v1-unsigned',
        data: {
          response_type: 'vp_token', response_mode: 'dc_api', nonce: expect.stringMatching(/^[\w-]{43}$/),
          dcql_query: { credentials: [{ id: expect.any(String), format: 'dc-authorization+sd-jwt', meta: { vct_values: ['number-verification/verify/ts43'], credential_authorization_jwt: expect.any(String) } }] },
        },
      })
      expect(JSON.stringify(request)).not.toContain(ada.slice(1))
    })

    it('an operator token is asked for with the number as a hint only where the app says so: another SIM of the phone then answers nothing (Q-04)', async () => {
      await start({ provider: providerOf(sim, { wallet: { phoneNumberHint: true, carrierIds: ['001-01'] } }) })
      const { request } = await ask(await tabOf())
      expect(request.data.dcql_query.credentials[0].claims).toEqual([{ path: ['phone_number_hint'], values: [ada] }])
      await expect(present(request, bob)).rejects.toMatchObject({ code: 'sim_missing' })
    })

    it('an operator token is exchanged by an assertion of at most 300 s for the token endpoint, with the scope in it and beside no other proof (Q-28)', async () => {
      const asked: { address: string, body: string, headers: Headers }[] = []
      await start({ fetch: async (url, init) => {
        const { body } = init ?? {}
        const text = body instanceof URLSearchParams ? body.toString() : body as string
        asked.push({ address: addressOf(url), body: text, headers: new Headers(init?.headers) })
        return fetch(url, init)
      } })
      await logIn(await tabOf())
      const { issuer, clientId } = sim.camara
      const { body, headers } = asked.find(({ address }) => address === `${issuer}/token`)!
      const fields = Object.fromEntries(new URLSearchParams(body))
      expect(fields).toEqual({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: expect.any(String) })
      const claims = decodeJwt(fields.assertion!)
      expect(claims).toEqual({
        iss: clientId, aud: `${issuer}/token`, sub: expect.stringMatching(/^vp_token:ey/), jti: expect.any(String), iat: expect.any(Number), exp: expect.any(Number),
        scope: 'dpv:FraudPreventionAndDetection number-verification:verify',
      })
      expect(claims.exp! - claims.iat!).toBeLessThanOrEqual(300)
      expect(headers.get('authorization')).toBeNull()
      const credentials = asked.find(({ address }) => address === `${issuer}/openid4vp/credentials`)!
      expect(JSON.parse(credentials.body)).toEqual({ scope: claims.scope, lang: 'en', nonce: expect.stringMatching(/^[\w-]{43}$/) })
      expect(credentials.headers.get('x-correlator')).toBe(asked.find(({ address }) => address.endsWith('/verify'))!.headers.get('x-correlator'))
    })
  })

  describe('refuses', () => {
    it('an operator token of a thief\'s SIM is refused, as a failed attempt (Q-29, Q-02)', async () => {
      await start()
      expect(await logIn(await tabOf(), eve)).toMatchObject({ status: 401, body: { info: { code: 'person_mismatch' } } })
    })

    it('what the owner\'s wallet presented for the owner\'s login is refused in the thief\'s, and costs nothing (Q-30)', async () => {
      await start()
      const owner = await tabOf()
      const theirs = await ask(owner)
      const stolen = await present(theirs.request)
      const thief = await tabOf()
      const own = await ask(thief)
      const cost = await costOf(async () => expect(await post(thief, own.state, stolen)).toMatchObject(unknown))
      expect(cost).toEqual([0, 0, 0, 0])
      // Nor does the owner's state open anything in the thief's browser. It ends the owner's login.
      expect(await post(thief, theirs.state, stolen)).toMatchObject(unknown)
      expect(await post(owner, theirs.state, stolen)).toMatchObject(unknown)
    })

    it('an operator token that is posted again is refused, in the same login and in the next one (Q-30)', async () => {
      await start()
      const tab = await tabOf()
      const { state, request } = await ask(tab)
      const token = await present(request)
      expect((await post(tab, state, token)).status).toBe(200)
      expect(await post(tab, state, token)).toMatchObject(unknown)
      expect(await post(tab, (await ask(tab)).state, token)).toMatchObject(unknown)
    })

    it('of twenty equal posts of an operator token at the same moment all but one are refused (Q-30)', async () => {
      await start()
      const tab = await tabOf()
      const { state, request } = await ask(tab)
      const token = await present(request)
      let answers: Answer[] = []
      const all = () => Promise.all(Array.from({ length: 20 }, () => post(tab, state, token)))
      expect(await costOf(async () => { answers = await all() })).toEqual([0, 1, 1, 0])
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    })

    it('an operator token whose nonce was exchanged by another one is refused: nobody has signed that (Q-30)', async () => {
      await start()
      const [owner, thief] = [await tabOf(), await tabOf()]
      const stolen = await present((await ask(owner)).request)
      const own = await ask(thief)
      const [issued, bound] = stolen.split('~') as [string, string]
      const claims = Buffer.from(JSON.stringify({ ...decodeJwt(bound), nonce: own.request.data.nonce })).toString('base64url')
      const [header, , signature] = bound.split('.')
      expect(await post(thief, own.state, `${issued}~${header}.${claims}.${signature}`)).toMatchObject(unknown)
      expect(app.errors).toEqual([])
    })

    it('an operator token that a page of another site got from the wallet is refused: the operator knows this app\'s (Q-30)', async () => {
      const callbackURL = 'https://acme.example/callback'
      const registered = await startOperators({ redirectUris: [callbackURL] })
      app = await startApp({ provider: providerOf(registered), via: ['operator-token'], callbackURL })
      const tab = await tabOf()
      for (const [origin, status] of [['https://acme.example.evil.example', 403], ['https://acme.example', 200]] as const) {
        const { state, request } = await ask(tab, 'https://acme.example')
        const { data } = await registered.handset(ada).present(request, { origin })
        expect((await post(tab, state, Object.values(data.vp_token)[0]![0]!)).status).toBe(status)
      }
      await registered.close()
    })

    it.each<[string, Record<string, string>]>([
      ['of another site, as its browser says', { 'sec-fetch-site': 'cross-site' }],
      ['of another origin', { 'sec-fetch-site': 'same-site' }],
    ])('an operator token in a post %s is refused, and the login is still open for the owner\'s page (Q-31)', async (_, headers) => {
      await start()
      const tab = await tabOf()
      const { state, request } = await ask(tab)
      const token = await present(request)
      expect(await post(tab, state, token, headers)).toMatchObject({ status: 403, body: { info: { code: 'cross_site' } } })
      expect((await post(tab, state, token)).status).toBe(200)
    })

    it.each<[string, (token: string) => string]>([
      ['is longer than any', (token) => token + 'x'.repeat(16 * 1024)],
      ['is nothing', () => ''],
      ['has other characters', (token) => `${token}<`],
      ['has no second part', (token) => token.split('~')[0]!],
      ['is no JWT', () => 'no~token'],
      ['is JSON of nothing', () => `x~x.${Buffer.from('null').toString('base64url')}.x`],
    ])('an operator token that %s is refused before anybody is asked (Q-31)', async (_, change) => {
      await start()
      const tab = await tabOf()
      const { state, request } = await ask(tab)
      const token = change(await present(request))
      const cost = await costOf(async () => expect(await post(tab, state, token)).toMatchObject(unknown))
      expect(cost).toEqual([0, 0, 0, 0])
      expect(app.errors).toEqual([])
    })

    it('a body of a megabyte is refused, in whatever way the app parses it (Q-31)', async () => {
      await start()
      const tab = await tabOf()
      const { state } = await ask(tab)
      const answer = await post(tab, state, 'x'.repeat(1024 * 1024))
      expect([403, 413]).toContain(answer.status)
    })

    it('two operator tokens, two states, and a list in the place of a text are refused (Q-31)', async () => {
      await start()
      const tab = await tabOf()
      const { state, request } = await ask(tab)
      const token = await present(request)
      for (const body of [`state=${state}&vp_token=${token}&vp_token=x`, `state=${state}&state=x&vp_token=${token}`]) {
        expect(await tab.send('/callback', { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body })).toMatchObject(unknown)
      }
    })

    it('the code of the operator is refused in the place of a token, and a token where the browser has left (Q-30)', async () => {
      await start()
      const tab = await tabOf()
      const asked = await ask(tab)
      sim.handset(ada).network('mobile')
      expect(await tab.send(`/callback?state=${asked.state}&code=x&iss=${encodeURIComponent(sim.camara.issuer)}`)).toMatchObject({ status: 302 })
      const left = new URL((await tab.send((await begin(tab)).address)).location!)
      const token = await present((await ask(tab)).request)
      expect(await post(tab, left.searchParams.get('state')!, token)).toMatchObject(unknown)
    })

    it('an operator token is refused in a login that was begun for another number of the account (Q-13)', async () => {
      const people = [{ id: 'ada', phone: ada }]
      await start({ people })
      const tab = await tabOf()
      const { state, request } = await ask(tab)
      people[0]!.phone = eve
      expect(await post(tab, state, await present(request, eve))).toMatchObject(unknown)
    })
  })

  describe('gives its place to the network without a click', () => {
    const leaves = (answer: Answer) => {
      expect(answer.status).toBe(302)
      expect(answer.location).toContain(`${sim.camara.issuer}/authorize`)
    }

    it('a browser that just follows is led to the network without a click: it has no script, or no wallet (Q-32)', async () => {
      await start()
      const tab = await tabOf()
      const begun = await tab.begin()
      expect([begun.status, new URL(begun.location!).origin]).toEqual([302, app.origin])
      expect(await costOf(async () => { leaves(await tab.send(toldIn(begun).address)) })).toEqual([0, 0, 0, 0])
    })

    it('a wallet or a user that gives nothing is led to the network without a click (Q-32)', async () => {
      await start()
      const tab = await tabOf()
      leaves(await tab.send((await ask(tab)).address))
    })

    it.each(['"Windows"', '"macOS"', '"iOS"', '"Linux"'])('a browser that says it runs on %s is led to the network at once (Q-32)', async (platform) => {
      await start()
      leaves(await (await tabOf('ada', { 'sec-ch-ua-platform': platform })).begin())
    })

    it('a browser that says it runs on Android is asked for its wallet (Q-32)', async () => {
      await start()
      const begun = await (await tabOf('ada', { 'sec-ch-ua-platform': '"Android"' })).begin()
      expect(toldIn(begun).mark).toBe('digital-credential')
    })

    it.each<[string, object, string]>([
      ['does not support the carrier', { error: 'carrier_not_supported' }, 'carrier-not-supported'],
      ['says so with status 200', { status: 200, body: { error: 'carrier_not_supported', fallback_options: ['sms_otp'] } }, 'carrier-not-supported'],
      ['is down', { status: 503 }, 'provider-unavailable'],
      ['is busy', { status: 429, body: {} }, 'provider-unavailable'],
      ['is late', { delay: '30s' }, 'timeout'],
    ])('an aggregator that %s is asked once, and the page goes on (Q-32)', async (_, fault, reason) => {
      for (const via of [['operator-token', 'network'], ['operator-token']] as const) {
        await start({ via, timeout: '500ms' })
        sim.camara.fail('credentials', fault)
        const tab = await tabOf()
        const { request, address } = await ask(tab)
        expect(request).toBeUndefined()
        expect(await costOf(async () => {
          const answer = await tab.send(`${address}&wallet=ask`, { headers: json })
          if (via.length === 2) expect(answer.location).toContain(`${sim.camara.issuer}/authorize`)
          else expect(answer).toMatchObject(unavailable(reason))
        })).toEqual([0, 0, 0, 0])
        expect(app.errors).toEqual([])
        sim.camara.restore()
        if (via.length === 2) await app.close()
      }
    })

    it('a token endpoint or an API that is late gives its place to the network, and the token is used for nothing else (Q-32, Q-18)', async () => {
      for (const slow of ['token', 'verify'] as const) {
        await start({ timeout: '500ms' })
        const tab = await tabOf()
        const { state, request } = await ask(tab)
        const token = await present(request)
        sim.camara.fail(slow, { delay: '30s' })
        leaves(await post(tab, state, token))
        expect(await post(tab, state, token)).toMatchObject(unknown)
        sim.camara.restore()
        if (slow === 'token') await app.close()
      }
    })

    it('the network gives its place to the wallet, in the other order (Q-32)', async () => {
      await start({ via: ['network', 'operator-token'] })
      const tab = await tabOf()
      const back = await tab.leave(await tab.begin())
      expect(back).toContain('error=login_required')
      const offered = toldIn(await tab.send(back, { headers: json }))
      expect(offered.mark).toBe('digital-credential')
      const { state, request } = toldIn(await tab.send(`${offered.address}&wallet=ask`, { headers: json }))
      expect((await post(tab, state, await present(request))).status).toBe(200)
    })

    it('a wallet that stands alone gives its place to nothing, and the answer says why (Q-32)', async () => {
      await start({ via: ['operator-token'] })
      const tab = await tabOf()
      expect(await tab.send((await ask(tab)).address)).toMatchObject(unavailable('no-wallet'))
      expect(await (await tabOf('ada', { 'sec-ch-ua-platform': '"Windows"' })).begin()).toMatchObject(unavailable('no-wallet'))
    })
  })

  it('an operator token is asked for once in each login, and within the budget, however often it is tried (Q-23)', async () => {
    await start({ beginLimits: { '1h': 5 }, via: ['operator-token'] })
    const tab = await tabOf()
    const cost = await costOf(async () => {
      for (let times = 0; times < 20; times += 1) {
        const begun = await tab.send('/login', { method: 'POST', headers: json })
        if (begun.location === undefined) continue
        const { address } = toldIn(begun)
        await Promise.all(Array.from({ length: 10 }, () => tab.send(`${address}&wallet=ask`, { headers: json })))
      }
    })
    expect(cost).toEqual([5, 0, 0, 0])
  })

  it('an operator token belongs to the tab that asked: two tabs of one browser end each their own (Q-30)', async () => {
    await start()
    const tab = await tabOf()
    const [first, second] = [await ask(tab), await ask(tab)]
    const tokens = [await present(first.request), await present(second.request)] as const
    expect(await post(tab, first.state, tokens[1])).toMatchObject(unknown)
    expect((await post(tab, second.state, tokens[1])).status).toBe(200)
  })

  it.each<[string, object]>([
    ['another nonce', { credential_authorization_jwt: `x.${Buffer.from('{"nonce":"of another login"}').toString('base64url')}.x` }],
    ['what is no JWT', { credential_authorization_jwt: 'x' }],
    ['another credential', { vct_values: ['number-verification/device-phone-number/ts43'] }],
    ['two credentials', { vct_values: ['number-verification/verify/ts43', 'openid/age'] }],
    ['no credential', { vct_values: undefined }],
  ])('the wallet is not asked with %s of the aggregator (Q-33)', async (_, meta) => {
    await start({ fetch: answeringAt('/openid4vp/credentials', async (_init, really) => {
      const credential = await (await really()).json() as { meta: object }
      return Response.json({ ...credential, meta: { ...credential.meta, ...meta } })
    }) })
    const tab = await tabOf()
    const { address } = await begin(tab)
    expect(await tab.send(`${address}&wallet=ask`, { headers: json })).toMatchObject({ status: 502, body: { error: { code: 'provider_answer_invalid' } } })
  })

  it.each<[string, object]>([
    ['another format', { format: 'mso_mdoc' }], ['no id', { id: undefined }], ['an id that is none', { id: '<id>' }], ['no meta', { meta: null }],
  ])('the wallet is not asked with %s of the aggregator (Q-33)', async (_, wrong) => {
    await start({ fetch: answeringAt('/openid4vp/credentials', async (_init, really) => Response.json({ ...await (await really()).json() as object, ...wrong })) })
    const tab = await tabOf()
    expect((await tab.send(`${(await begin(tab)).address}&wallet=ask`, { headers: json })).status).toBe(502)
  })

  it('the page is handed nothing of an aggregator but the members of a credential (Q-33)', async () => {
    await start({ fetch: answeringAt('/openid4vp/credentials', async (_init, really) => Response.json({ ...await (await really()).json() as object, multiple: true, claims: [{ path: ['birthdate'] }] })) })
    expect(Object.keys((await ask(await tabOf())).request.data.dcql_query.credentials[0])).toEqual(['id', 'format', 'meta'])
  })

  it.each<[string, object, number, string]>([
    ['credentials', { error: 'invalid_client', status: 401 }, 500, 'provider_misconfigured'],
    ['credentials', { status: 200, body: 'nonsense' }, 502, 'provider_answer_invalid'],
    ['credentials', { status: 400, body: 'nonsense' }, 500, 'provider_misconfigured'],
  ])('a fault of the aggregator at %s counts as what it is: %j is %i %s (Q-20)', async (endpoint, fault, status, code) => {
    await start()
    sim.camara.fail(endpoint as 'credentials', fault)
    const tab = await tabOf()
    expect(await tab.send(`${(await begin(tab)).address}&wallet=ask`, { headers: json })).toMatchObject({ status, body: { error: { code } } })
  })

  it.each<[string, object, number, string]>([
    ['token', { error: 'invalid_grant' }, 403, 'transaction_unknown'],
    ['token', { error: 'invalid_client', status: 401 }, 500, 'provider_misconfigured'],
    ['token', { error: 'unknown_user_id' }, 403, 'carrier-not-supported'],
    ['verify', { code: 'UNAUTHENTICATED' }, 502, 'provider_failed'],
    ['verify', { code: 'NUMBER_VERIFICATION.USER_NOT_AUTHENTICATED_BY_MOBILE_NETWORK' }, 403, 'not-on-mobile-network'],
  ])('a fault of the operator at %s after the wallet counts as what it is: %j is %i %s (Q-20)', async (endpoint, fault, status, code) => {
    await start({ via: ['operator-token'] })
    const tab = await tabOf()
    const { state, request } = await ask(tab)
    const token = await present(request)
    sim.camara.fail(endpoint as 'token', fault)
    const { status: answered, body } = await post(tab, state, token)
    expect([answered, body.info?.reason ?? body.info?.code ?? body.error.code]).toEqual([status, code])
  })

  it('an operator token is kept nowhere, and stands in nothing that is told (Q-34)', async () => {
    const kept: string[] = []
    const store = new MemoryTransactionStore()
    const put = store.put.bind(store)
    store.put = async (id, sealed, ttl) => {
      kept.push(sealed)
      await put(id, sealed, ttl)
    }
    await start({ store, via: ['operator-token'] })
    const tab = await tabOf()
    const { state, request } = await ask(tab)
    const token = await present(request)
    sim.camara.fail('verify', { code: 'UNAUTHENTICATED' })
    const answer = await post(tab, state, token)
    const session = await tab.send('/session')
    const told = inspect([answer, app.errors, session.body, kept, kept.map((text) => Buffer.from(text, 'base64url').toString('latin1'))], { depth: 12, showHidden: true, maxStringLength: null, maxArrayLength: null })
    for (const secret of [token, ...token.split('~'), request.data.nonce, state]) expect(told).not.toContain(secret)
  })

  it('an operator token may come by the way of any provider that has such a way', async () => {
    const seen: unknown[] = []
    const operatorToken: OperatorTokenWay = {
      begin: async (_, { nonce, lang }) => ({ status: 'ask', credential: { id: 'own', nonce }, keep: { lang } }),
      end: async ({ phone }, { nonce, keep }) => {
        seen.push(phone, nonce, keep)
        return { status: 'matches' }
      },
    }
    const provider: CreateProvider = () => ({ id: 'https://acme.example', operatorToken })
    await start({ provider, via: undefined })
    const tab = await tabOf('ada', { 'accept-language': 'de-CH, en;q=0.5' })
    const { state, request } = await ask(tab)
    const { nonce } = request.data
    const token = `x~x.${Buffer.from(JSON.stringify({ nonce })).toString('base64url')}.x`
    expect((await post(tab, state, token)).status).toBe(200)
    expect(seen).toEqual([ada, nonce, { lang: 'de-CH' }])
  })

  it('an operator token is read for its nonce alone, and never breaks what reads it', () => {
    const bound = (claims: unknown) => `a.b.c~x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.y`
    expect(isMadeFor('n', bound({ nonce: 'n' }))).toBe(true)
    for (const claims of [{ nonce: ['n'] }, { nonce: 'm' }, {}, null, 'n', ['n'], 1]) expect(isMadeFor('n', bound(claims))).toBe(false)
    for (const token of ['', '~', 'a~b', 'a.b.c', `${bound({ nonce: 'n' })}~`, `${bound({ nonce: 'n' })}~z`]) expect(isMadeFor('n', token)).toBe(false)
  })

  it('the reason of a missing wallet is among those that are listed (Q-20)', () => {
    expect(unavailableReasons).toContain('no-wallet')
  })
})
