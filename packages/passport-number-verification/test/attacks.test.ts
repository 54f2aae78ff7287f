import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import type { Simulator } from 'mobileconnect-simulator'
import { unavailableReasons } from 'passport-number-verification'
import {
  ada, addressOf, answeringAt, bob, eve, providerOf, startApp, startOperators, type App, type AppOptions,
} from './support/app.js'
import { describeWithBackends } from './support/backends.js'

const json = (body: unknown, status = 200): Response => Response.json(body, { status })

/** How long after the end of its time a login may still be answered on a busy machine. */
const patience = 5000

describe('what an attacker can do to a login by the mobile network', () => {
  let sim: Simulator
  let app: App
  beforeAll(async () => { sim = await startOperators() })
  afterAll(() => sim.close())
  beforeEach(() => { sim.handset(ada).network('mobile') })
  afterEach(async () => {
    sim.camara.restore()
    for (const msisdn of [ada, bob, eve]) sim.handset(msisdn).network('wifi')
    await app.close()
  })
  const start = async (options: AppOptions = {}) => { app = await startApp({ provider: providerOf(sim), ...options }) }
  const tabOf = async (id = 'ada', headers: Record<string, string> = {}) => {
    const tab = app.tab(headers)
    await tab.as(id)
    return tab
  }
  const calls = () => sim.camara.requests('verify') + sim.camara.requests('device-phone-number')
  const outcomeOf = async () => (await tabOf()).logIn()

  describe('with the callback of another browser', () => {
    it('a callback in another browser logs nobody in there, and nobody in the browser that began: the wrong phone may have answered (Q-10)', async () => {
      await start()
      const [thief, victim] = [await tabOf('bob', sim.handset(eve).headers), await tabOf('bob', sim.handset(ada).headers)]
      sim.handset(bob).network('mobile')
      const begun = await thief.begin()
      // The thief has the victim open the address, over the victim's mobile data.
      const callback = await app.tab(sim.handset(bob).headers).leave(begun)
      const before = calls()
      expect(await victim.send(callback)).toMatchObject({ status: 403, body: { info: { code: 'transaction_unknown' } } })
      expect(await thief.send(callback)).toMatchObject({ status: 403, body: { info: { code: 'transaction_unknown' } } })
      expect(calls()).toBe(before)
    })

    it('an attacker is not logged in by another browser\'s code that was put into a login of their own (Q-10)', async () => {
      await start({ mode: 'read' })
      sim.handset(eve).network('mobile')
      const [thief, victim] = [app.tab(sim.handset(eve).headers), app.tab(sim.handset(ada).headers)]
      const [stolen, own] = [await victim.leave(await victim.begin()), await thief.leave(await thief.begin())]
      const url = new URL(own)
      url.searchParams.set('code', new URL(stolen).searchParams.get('code')!)
      const before = calls()
      expect(await thief.send(url.href)).toMatchObject({ status: 403, body: { info: { code: 'transaction_unknown' } } })
      expect(calls()).toBe(before)
    })

    it('a callback leaves its address to none of the pages that it leads to (Q-10)', async () => {
      await start()
      expect((await outcomeOf()).headers.get('referrer-policy')).toBe('no-referrer')
    })
  })

  it('an ID token with the nonce of another session logs nobody in (Q-11)', async () => {
    let foreign: string | undefined
    await start({ fetch: answeringAt('/token', async (_, really) => {
      const tokens = await (await really()).json() as Record<string, unknown>
      const answer = { ...tokens, ...foreign !== undefined && { id_token: foreign } }
      foreign ??= tokens.id_token as string
      return json(answer)
    }) })
    expect((await outcomeOf()).status).toBe(200)
    const before = calls()
    expect(await outcomeOf()).toMatchObject({ status: 502, body: { error: { code: 'provider_answer_invalid' } } })
    expect(calls()).toBe(before)
  })

  it.each([
    ['names another issuer', (url: URL) => url.searchParams.set('iss', 'https://evil.example')],
    ['names two issuers', (url: URL) => url.searchParams.append('iss', 'https://evil.example')],
    ['names none, where the operator promises it', (url: URL) => url.searchParams.delete('iss')],
    ['has two codes', (url: URL) => url.searchParams.append('code', 'another')],
    ['has no code', (url: URL) => url.searchParams.delete('code')],
    ['has two states', (url: URL) => url.searchParams.append('state', 'another')],
    ['has another state', (url: URL) => url.searchParams.set('state', 'x'.repeat(43))],
  ])('a callback that %s logs nobody in, and no code is sent anywhere (Q-12)', async (_, change) => {
    await start()
    const tab = await tabOf()
    const url = new URL(await tab.leave(await tab.begin()))
    change(url)
    const before = sim.camara.requests('token')
    expect(await tab.send(url.href)).toMatchObject({ status: 403, body: { info: { code: 'transaction_unknown' } } })
    expect(sim.camara.requests('token')).toBe(before)
  })

  it('a login does not end for another account, or for another number of the account (Q-13)', async () => {
    const people = [{ id: 'ada', phone: ada }, { id: 'bob', phone: ada }]
    await start({ people })
    const tab = await tabOf()
    const callback = await tab.leave(await tab.begin())
    people[0]!.phone = bob
    expect(await tab.send(callback)).toMatchObject({ status: 403, body: { info: { code: 'transaction_unknown' } } })
  })

  it.each([
    ['GET', { 'sec-fetch-site': 'cross-site' }], ['POST', { 'sec-fetch-site': 'cross-site' }],
    ['POST', { 'sec-fetch-site': 'same-site' }],
  ])('a page of another site cannot begin a login, by %s %j (Q-14)', async (method, headers) => {
    await start()
    const tab = await tabOf()
    expect(await tab.send('/login', { method, headers })).toMatchObject({ status: 403, body: { info: { code: 'cross_site' } } })
  })

  it('a page that is loaded ahead uses up no callback, and begins no login (Q-15)', async () => {
    await start()
    const tab = await tabOf()
    const callback = await tab.leave(await tab.begin())
    const before = sim.camara.requests('token')
    for (const headers of [{ 'sec-purpose': 'prefetch' }, { 'sec-purpose': 'prefetch;prerender' }, { purpose: 'prefetch' }]) {
      expect((await tab.send(callback, { headers: headers as Record<string, string> })).status).toBe(403)
      expect((await tab.send('/login', { headers: headers as Record<string, string> })).status).toBe(403)
    }
    expect((await tab.send(callback, { method: 'HEAD' })).status).toBe(405)
    expect(sim.camara.requests('token')).toBe(before)
    expect((await tab.send(callback)).status).toBe(200)
  })

  describe('as the operator, or on the way to it', () => {
    it.each<[string, unknown]>([
      ['a text', { devicePhoneNumberVerified: 'true' }], ['a number', { devicePhoneNumberVerified: 1 }], ['a list', [true]],
      ['nothing', {}], ['null', null], ['true', true], ['another name', { devicephonenumberverified: true }],
    ])('an operator is not believed that answers with %s in the place of a boolean (Q-16)', async (_, body) => {
      await start({ fetch: answeringAt('/verify', () => json(body)) })
      expect(await outcomeOf()).toMatchObject({ status: 502, body: { error: { code: 'provider_answer_invalid' } } })
    })

    it.each<[string, unknown]>([
      ['another spelling', '+44 7700 900001'], ['no plus', '447700900001'], ['a number', 447700900001], ['nothing', undefined],
      ['a line break', `${ada}\n`], ['two', [ada]],
    ])('an operator is not believed that answers with %s in the place of a number in E.164 (Q-16)', async (_, devicePhoneNumber) => {
      await start({ mode: 'read', fetch: answeringAt('/device-phone-number', () => json({ devicePhoneNumber })) })
      expect(await outcomeOf()).toMatchObject({ status: 502, body: { error: { code: 'provider_answer_invalid' } } })
    })

    it.each(['/.well-known/openid-configuration', '/token', '/verify'])(
      'an operator that redirects at %s sends no request of ours to another host (Q-17)', async (path) => {
        const hosts = new Set<string>()
        const headers = { location: 'https://evil.example/' }
        const redirected = answeringAt(path, () => new Response(null, { status: 307, headers }))
        await start({ fetch: (url, init) => {
          hosts.add(new URL(addressOf(url)).host)
          expect(init?.redirect).toBe('manual')
          return redirected(url, init)
        } })
        const { status, body } = await outcomeOf()
        expect([status, body.error?.code]).toEqual([expect.any(Number), expect.stringMatching(/^provider_/)])
        expect([...hosts]).toEqual([new URL(sim.url).host])
      })

    it('an operator is asked no more, and not believed, once the time is over (Q-18)', async () => {
      for (const slow of ['token', 'verify'] as const) {
        await start({ timeout: '300ms' })
        const tab = await tabOf()
        expect((await tab.logIn()).status).toBe(200)
        sim.camara.fail(slow, { delay: '1s', times: 1 })
        const [before, began] = [sim.camara.requests('verify'), Date.now()]
        const late = await tab.logIn()
        expect(late).toMatchObject({ status: 403, body: { info: { code: 'unavailable', reason: 'timeout' } } })
        expect(Date.now() - began).toBeLessThan(300 + patience)
        expect(sim.camara.requests('verify')).toBe(before + (slow === 'verify' ? 1 : 0))
        sim.camara.restore()
        if (slow === 'token') await app.close()
      }
    })

    it.each<[string, string]>([
      ['login_required', 'not-on-mobile-network'], ['interaction_required', 'interaction-required'],
      ['consent_required', 'consent-missing'], ['account_selection_required', 'interaction-required'],
      ['access_denied', 'refused'], ['server_error', 'provider-unavailable'],
      ['temporarily_unavailable', 'provider-unavailable'], ['invalid_scope', 'refused'],
      ['<script>alert(1)</script>', 'refused'], ['constructor', 'refused'],
    ])('a callback with error=%s alarms nobody: the next factor is to be used, for %s (Q-19)', async (error, reason) => {
      await start()
      const tab = await tabOf()
      const url = new URL(await tab.leave(await tab.begin()))
      url.searchParams.delete('code')
      url.searchParams.set('error', error)
      url.searchParams.set('error_description', '<b>call +447700900001</b>')
      const answer = await tab.send(url.href)
      expect(answer).toMatchObject({ status: 403, body: { info: { code: 'unavailable', reason } } })
      expect(JSON.stringify(answer.body)).not.toMatch(/script|<b>|7700900001/)
      expect(app.errors).toEqual([])
    })

    it('a login on Wi-Fi is unavailable because the phone is not on its mobile network (Q-19)', async () => {
      await start()
      sim.handset(ada).network('wifi')
      const info = { code: 'unavailable', reason: 'not-on-mobile-network' }
      expect(await outcomeOf()).toMatchObject({ status: 403, body: { info } })
    })

    it.each<[string, object, number, string]>([
      ['token', { error: 'invalid_client' }, 500, 'provider_misconfigured'],
      ['token', { error: 'unauthorized_client' }, 500, 'provider_misconfigured'],
      ['token', { error: 'invalid_grant' }, 403, 'transaction_unknown'],
      ['token', { error: 'consent_required' }, 403, 'consent-missing'],
      ['token', { status: 503, body: 'busy' }, 403, 'provider-unavailable'],
      ['token', { status: 200, body: 'nonsense' }, 502, 'provider_answer_invalid'],
      ['metadata', { status: 503 }, 403, 'provider-unavailable'],
      ['metadata', { status: 200, body: {} }, 500, 'provider_misconfigured'],
      ['keys', { status: 503 }, 403, 'provider-unavailable'],
      ['verify', { code: 'NUMBER_VERIFICATION.USER_NOT_AUTHENTICATED_BY_MOBILE_NETWORK' }, 403, 'not-on-mobile-network'],
      ['verify', { code: 'PERMISSION_DENIED' }, 500, 'provider_misconfigured'],
      ['verify', { code: 'INVALID_ARGUMENT' }, 500, 'provider_misconfigured'],
      ['verify', { code: 'UNAUTHENTICATED' }, 502, 'provider_failed'],
      ['verify', { status: 429, body: {} }, 403, 'provider-unavailable'],
      ['verify', { status: 503, body: 'busy' }, 403, 'provider-unavailable'],
      ['verify', { status: 418, body: { code: 'TEAPOT' } }, 502, 'provider_failed'],
    ])('a fault of the operator at %s counts as what it is: %j is %i %s (Q-20)', async (endpoint, fault, status, code) => {
      await start()
      sim.camara.fail(endpoint as 'verify', fault)
      const answer = await outcomeOf()
      const { info, error } = answer.body
      expect([answer.status, info?.reason ?? info?.code ?? error.code]).toEqual([status, code])
      expect(status >= 500).toBe(app.errors.length === 1)
    })

    it('a login is unavailable where the operator cannot be reached (Q-20)', async () => {
      await start({ fetch: () => Promise.reject(new TypeError('fetch failed')) })
      expect(await outcomeOf()).toMatchObject({ body: { info: { code: 'unavailable', reason: 'provider-unavailable' } } })
    })

    it('the list of reasons has each reason once (Q-20)', () => {
      expect(new Set(unavailableReasons).size).toBe(unavailableReasons.length)
    })
  })

  it('no number, code, token or secret stands in what is told of a login (Q-21)', async () => {
    const told: unknown[] = []
    const listen = (message: unknown) => { told.push(message) }
    const names = ['begun', 'verified', 'unavailable', 'refused', 'failed']
    const channels = names.map((name) => `passport-number-verification:${name}`)
    channels.forEach((name) => { subscribe(name, listen) })
    const secrets: string[] = []
    await start({ fetch: async (url, init) => {
      if (addressOf(url).endsWith('/token')) secrets.push(...new URLSearchParams(init?.body as never).values())
      const response = await fetch(url, init)
      if (addressOf(url).endsWith('/token')) secrets.push(...Object.values(await response.clone().json() as object).map(String))
      return response
    } })
    const answer = { status: 200, body: { devicePhoneNumberVerified: ada } }
    const faults = [undefined, { code: 'PERMISSION_DENIED' }, { code: 'UNAUTHENTICATED' }, answer]
    for (const fault of faults) {
      sim.camara.restore()
      if (fault) sim.camara.fail('verify', fault as never)
      const tab = await tabOf()
      const begun = await tab.begin()
      secrets.push(...new URL(begun.location!).searchParams.values())
      await tab.send(await tab.leave(begun))
    }
    sim.handset(ada).network('wifi')
    await outcomeOf()
    channels.forEach((name) => { unsubscribe(name, listen) })
    expect(told.length).toBeGreaterThan(8)
    const text = inspect([told, app.errors], { depth: 12, showHidden: true })
    const plain = ['code', 'none', 'S256', 'authorization_code', 'bearer', '300']
    const secret = secrets.filter((value) => value.length > 8 && !plain.includes(value))
    expect(secret.length).toBeGreaterThan(20)
    expect(secret.filter((value) => text.includes(value))).toEqual([])
    expect(text).not.toMatch(/7700\s?900001/)
  })
})

describeWithBackends('what is kept of a login by the mobile network', (create) => {
  let sim: Simulator
  let app: App
  let backend: Awaited<ReturnType<typeof create>>
  let time = Date.now()
  const now = () => time
  beforeAll(async () => {
    [sim, backend] = await Promise.all([startOperators(), create()])
    sim.handset(ada).network('mobile')
  })
  afterAll(async () => {
    await sim.close()
    await backend.close()
  })
  afterEach(() => app.close())
  const start = async (options: AppOptions = {}) => {
    app = await startApp({ provider: providerOf(sim), store: backend.store(now), now, ...options })
  }

  it('a transaction is taken once: of twenty equal callbacks at the same moment one logs in, and the code is sent once (Q-22)', async () => {
    await start()
    const tab = app.tab()
    await tab.as('ada')
    const callback = await tab.leave(await tab.begin())
    const before = sim.camara.requests('token')
    const answers = await Promise.all(Array.from({ length: 20 }, () => tab.send(callback)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 403)).toHaveLength(19)
    expect(sim.camara.requests('token')).toBe(before + 1)
    expect((await tab.send(callback)).status).toBe(403)
  })

  it('a transaction ends with its time (Q-22)', async () => {
    await start({ ttl: '1m' })
    const tab = app.tab()
    await tab.as('ada')
    const callback = await tab.leave(await tab.begin())
    time += 60_000
    expect(await tab.send(callback)).toMatchObject({ status: 403, body: { info: { code: 'transaction_unknown' } } })
  })

  it('a silent login that is tried a thousand times costs no more than the budget of its number and account (Q-23)', async () => {
    const people = [{ id: 'ada', phone: ada }, { id: 'spelt', phone: '+44 7700 900 001' }, { id: 'bob', phone: bob }]
    await start({ people, beginLimits: { '1h': 5, '1d': 20 } })
    const calls = () => sim.camara.requests('token') + sim.camara.requests('verify')
    const before = calls()
    const tabs = await Promise.all(people.slice(0, 2).map(async ({ id }) => {
      const tab = app.tab()
      await tab.as(id)
      return tab
    }))
    const attempts = Array.from({ length: 1000 }, (_, index) => tabs[index % 2]!)
    const begun = []
    for (let from = 0; from < attempts.length; from += 50) {
      const some = attempts.slice(from, from + 50).map(async (tab) => ({ tab, answer: await tab.begin() }))
      begun.push(...await Promise.all(some))
    }
    const left = begun.filter(({ answer }) => answer.status === 302)
    expect(left).toHaveLength(5)
    for (const { tab, answer } of left) await tab.send(await tab.leave(answer))
    expect(calls() - before).toBeLessThanOrEqual(10)
    const refused = begun.find(({ answer }) => answer.status !== 302)!.answer
    const info = { code: 'unavailable', reason: 'budget-spent', retryAfter: expect.any(Number) }
    expect(refused).toMatchObject({ status: 403, body: { info } })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    // Nobody else is locked out, and the person is let in again when the window has passed.
    const other = app.tab()
    await other.as('bob')
    expect((await other.begin()).status).toBe(302)
    time += 3_600_000
    expect((await tabs[0]!.begin()).status).toBe(302)
  })

  it('strangers who name another number each time cost no more than the budget of their address (Q-23)', async () => {
    await start({ beginLimits: { '1h': 5 } })
    const tab = app.tab()
    const answers = []
    for (let index = 0; index < 12; index += 1) answers.push(await tab.begin({ phone: `+4477009001${10 + index}` }))
    expect(answers.filter(({ status }) => status === 302)).toHaveLength(5)
  })

  it('an address whose budget is spent leaves the budgets of numbers alone (Q-23)', async () => {
    await start({ beginLimits: { '1h': 5 } })
    const stranger = app.tab()
    for (let index = 0; index < 5; index += 1) await stranger.begin({ phone: `+4477009002${10 + index}` })
    for (let index = 0; index < 10; index += 1) await stranger.begin({ phone: bob })
    const owner = app.tab()
    await owner.as('bob')
    expect((await owner.begin()).status).toBe(302)
  })
})
