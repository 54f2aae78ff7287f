import type { Simulator } from 'mobileconnect-simulator'
import {
  ada, addressOf, bob, clientKey, eve, providerOf, startApp, startOperators, type App, type AppOptions,
} from './support/app.js'

interface Tokens { readonly access_token: string }

describe('a login by the mobile network', () => {
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

  describe('as a second factor', () => {
    it.each(['verify', 'read'] as const)('a login by the network passes for the account whose number the phone has, in mode %s (Q-01)', async (mode) => {
      await start({ mode })
      const tab = app.tab()
      await tab.as('ada')
      expect(await tab.logIn()).toMatchObject({
        status: 200, body: { user: { id: 'ada' }, info: { amr: ['pop'] }, outcome: { verified: true } },
      })
      expect(app.proven).toEqual([])
    })

    it.each(['verify', 'read'] as const)('a login by the network is refused with the SIM of a thief who has the password, in mode %s (Q-02)', async (mode) => {
      await start({ mode })
      const thief = app.tab(sim.handset(eve).headers)
      sim.handset(eve).network('mobile')
      await thief.as('ada')
      const before = sim.camara.requests('verify') + sim.camara.requests('device-phone-number')
      // The field of a form changes nothing: a known user's number never comes from the request.
      expect(await thief.logIn({ phone: eve })).toMatchObject({ status: 401, body: { info: { code: 'person_mismatch' } } })
      expect(sim.camara.requests('verify') + sim.camara.requests('device-phone-number')).toBe(before + 1)
    })

    it('a login by the network compares the number of the account in any spelling, in both modes (Q-03)', async () => {
      for (const mode of ['verify', 'read'] as const) {
        for (const phone of ['+44 7700 900-001', '+44\u00a0(7700)\u2011900001', '447700900001']) {
          const one = await startApp({ provider: providerOf(sim), mode, people: [{ id: 'ada', phone }] })
          const tab = one.tab()
          await tab.as('ada')
          expect((await tab.logIn()).status).toBe(200)
          await one.close()
        }
      }
      await start()
    })

    it('a login by the network sends the number in no address, and its digest where the app wants it so (Q-04)', async () => {
      const bodies: string[] = []
      const urls: string[] = []
      const watch: typeof fetch = (url, init) => {
        urls.push(addressOf(url))
        if (addressOf(url).endsWith('/verify')) bodies.push(init?.body as string)
        return fetch(url, init)
      }
      await start({ provider: providerOf(sim, { hashed: true }), fetch: watch })
      const tab = app.tab()
      await tab.as('ada')
      const begun = await tab.begin()
      expect((await tab.send(await tab.leave(begun))).status).toBe(200)
      expect(bodies.map((body) => Object.keys(JSON.parse(body) as object))).toEqual([['hashedPhoneNumber']])
      expect([begun.location, ...urls, ...bodies].filter((text) => text!.includes('7700900001'))).toEqual([])
    })

    it('a login by the network is unavailable for an account without a number that can be read, and asks nobody (Q-05)', async () => {
      await start({ people: [{ id: 'ada', phone: 'ask the front desk' }, { id: 'bob' }, { id: 'eve', phone: '07700 900003' }] })
      for (const id of ['ada', 'bob', 'eve']) {
        const tab = app.tab()
        await tab.as(id)
        expect(await tab.begin()).toMatchObject({ status: 403, body: { info: { code: 'unavailable', reason: 'no-number' } } })
        expect(await app.strategy.enrolled({ id })).toBe(false)
      }
      expect(await app.strategy.enrolled({ id: 'ada', phone: ada })).toBe(true)
    })
  })

  describe('as a first factor', () => {
    it('a first factor by the network finds the account of the number that the phone has, in mode read (Q-06)', async () => {
      await start({ mode: 'read' })
      expect(await app.tab().logIn()).toMatchObject({ status: 200, body: { user: { id: 'ada' } } })
      expect(app.proven).toEqual([{ phone: ada, provider: sim.camara.issuer }])
    })

    it('a first factor by the network finds the account of the number that was typed, once the phone has it, in mode verify (Q-06)', async () => {
      await start()
      expect(await app.tab().logIn({ phone: '+44 7700 900001' })).toMatchObject({ status: 200, body: { user: { id: 'ada' } } })
      expect(app.proven).toEqual([{ phone: ada, provider: sim.camara.issuer }])
      expect(await app.tab().logIn({ phone: bob })).toMatchObject({ status: 401, body: { info: { code: 'person_mismatch' } } })
      expect(app.proven).toHaveLength(1)
    })

    it.each([[{}, 'phone_missing'], [{ phone: '' }, 'phone_missing'], [{ phone: '07700 900001' }, 'phone_invalid'], [{ phone: 'x' }, 'phone_invalid']])(
      'a first factor by the network asks for a number that can be read: %j is %s', async (fields: Record<string, string>, code) => {
        await start()
        expect(await app.tab().begin(fields)).toMatchObject({ status: 400, body: { info: { code } } })
      })

    it('a first factor by the network refuses a number without an account, with the words of the app', async () => {
      await start({ mode: 'read', verify: () => undefined })
      expect(await app.tab().logIn()).toMatchObject({ status: 403, body: { info: { code: 'user_unknown' } } })
    })

    it('a first factor by the network is misconfigured where no verify callback could find anybody', async () => {
      await start({ mode: 'read', verify: null })
      expect(await app.tab().begin()).toMatchObject({ status: 500, body: { error: { code: 'misconfigured' } } })
    })
  })

  describe('what goes over the wire', () => {
    const parametersOf = async (options: AppOptions = {}) => {
      await start(options)
      const tab = app.tab()
      await tab.as('ada')
      return Object.fromEntries(new URL((await tab.begin()).location!).searchParams)
    }

    it('the request to the operator is the one of CAMARA\'s profile: prompt none, PKCE, state, nonce, one purpose (Q-07)', async () => {
      expect(await parametersOf()).toEqual({
        response_type: 'code', client_id: sim.camara.clientId, redirect_uri: `${app.origin}/callback`, prompt: 'none',
        scope: 'openid dpv:FraudPreventionAndDetection number-verification:verify',
        state: expect.stringMatching(/^[\w-]{43}$/), nonce: expect.stringMatching(/^[\w-]{43}$/),
        code_challenge: expect.stringMatching(/^[\w-]{43}$/), code_challenge_method: 'S256',
      })
    })

    it('the request to the operator has the purpose of older deployments where that is agreed (Q-07)', async () => {
      const provider = providerOf(sim, { purposeStyle: 'joined' })
      const { scope } = await parametersOf({ provider, mode: 'read', purpose: 'IdentityVerification' })
      expect(scope).toBe('openid dpv:IdentityVerification#number-verification:device-phone-number:read')
    })

    it('the request to the operator is signed where the app has a key for it, and the operator takes it (Q-07)', async () => {
      const provider = providerOf(sim, { requestObject: clientKey })
      const { request, nonce, scope, state } = await parametersOf({ provider })
      expect([nonce, scope, state]).toEqual([undefined, expect.stringContaining('number-verification:verify'), expect.any(String)])
      const claims = JSON.parse(Buffer.from(request!.split('.')[1]!, 'base64url').toString())
      expect(claims).toMatchObject({ aud: `${sim.camara.issuer}/authorize`, iss: sim.camara.clientId, prompt: 'none' })
      expect(claims.exp - claims.iat).toBeLessThanOrEqual(300)
      const tab = app.tab()
      await tab.as('ada')
      expect((await tab.logIn()).status).toBe(200)
    })

    it('a login by the network uses a token for one call, and keeps none: neither session nor store nor outcome has it (Q-08)', async () => {
      let token = ''
      const asked: string[] = []
      const watch: typeof fetch = async (url, init) => {
        const response = await fetch(url, init)
        if (addressOf(url).endsWith('/token')) ({ access_token: token } = await response.clone().json() as Tokens)
        if (new Headers(init?.headers).get('authorization') === `Bearer ${token}`) asked.push(addressOf(url))
        return response
      }
      await start({ fetch: watch })
      const tab = app.tab()
      await tab.as('ada')
      const answer = await tab.logIn()
      expect(asked).toEqual([`${sim.camara.apiRoot}/number-verification/v2/verify`])
      expect(token).not.toBe('')
      expect(JSON.stringify([answer.body, (await tab.send('/session')).body])).not.toContain(token)
    })

    it('each login by the network has one x-correlator, which its events tell (Q-09)', async () => {
      const sent: (string | null)[] = []
      await start({ fetch: (url, init) => {
        if (addressOf(url).endsWith('/verify')) sent.push(new Headers(init?.headers).get('x-correlator'))
        return fetch(url, init)
      } })
      for (let login = 0; login < 2; login += 1) {
        const tab = app.tab()
        await tab.as('ada')
        await tab.logIn()
      }
      expect(new Set(sent).size).toBe(2)
      expect(sent.every((one) => /^[a-zA-Z0-9-]{36}$/.test(one!))).toBe(true)
    })
  })
})
