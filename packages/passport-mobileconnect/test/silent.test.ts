import { startSimulator, type Simulator } from 'mobileconnect-simulator'
import { startApp, type App, type AppOptions } from './support/app.js'
import { ada, configured, hinted } from './support/operators.js'

const unavailable = { status: 403, body: { info: { code: 'unavailable' } } }

describe('A login that asks the operator to show nothing', () => {
  let sim: Simulator
  let app: App
  beforeAll(async () => { sim = await startSimulator() })
  afterAll(() => sim.close())
  afterEach(async () => {
    sim.operator('a').restore()
    await app.close()
  })

  const start = async (options: Partial<AppOptions> = {}) => {
    app = await startApp(() => ({ operator: configured(sim.operator('a')), loginHint: hinted(ada), prompt: 'none', ...options }))
    return app.tab()
  }

  it.each(['login_required', 'interaction_required', 'consent_required', 'account_selection_required'])(
    'a silent login is unavailable where the operator answers %s, without the operator\'s words, and is no error (C-14)', async (error) => {
      const tab = await start()
      const state = new URL((await tab.get('/login')).location!).searchParams.get('state')!
      const answer = await tab.get(`/callback/a?error=${error}&state=${state}&iss=${encodeURIComponent(sim.operator('a').issuer)}&error_description=%3Cb%3E447700900001`)
      expect(answer).toMatchObject(unavailable)
      expect(Object.keys(answer.body.info)).toEqual(['code', 'message'])
      expect(JSON.stringify(answer.body)).not.toMatch(/<b>|900001/)
      expect(app.errors).toEqual([])
    })

  it('a silent login that the user has refused is refused as any other login (C-14)', async () => {
    const tab = await start()
    const state = new URL((await tab.get('/login')).location!).searchParams.get('state')!
    expect((await tab.get(`/callback/a?error=access_denied&state=${state}&iss=${encodeURIComponent(sim.operator('a').issuer)}`)).body.info.code).toBe('user_refused')
  })

  it('a silent login is unavailable where the operator cannot be reached as it begins (C-14)', async () => {
    const tab = await start({ fetch: () => Promise.reject(new TypeError('fetch failed')) })
    expect(await tab.get('/login')).toMatchObject(unavailable)
    expect(app.errors).toEqual([])
  })

  it('a silent login is an error where the operator refuses the app, because no other login would tell the app (C-14)', async () => {
    const tab = await start()
    sim.operator('a').fail('token', { error: 'invalid_client' })
    const state = new URL((await tab.get('/login')).location!).searchParams.get('state')!
    const answer = await tab.get(`/callback/a?code=any&state=${state}&iss=${encodeURIComponent(sim.operator('a').issuer)}`)
    expect(answer.body.error.code).toBe('operator_misconfigured')
  })

  it('a silent login ends within its time over all calls, as unavailable (C-14)', async () => {
    const tab = await start({ timeout: '300ms' })
    const state = new URL((await tab.get('/login')).location!).searchParams.get('state')!
    sim.operator('a').fail('token', { delay: '30s' })
    expect(await tab.get(`/callback/a?code=any&state=${state}&iss=${encodeURIComponent(sim.operator('a').issuer)}`)).toMatchObject(unavailable)
    expect(app.errors).toEqual([])
  })

  it('a login is silent by the option of its route, too, and another login of the same strategy is not (C-14)', async () => {
    app = await startApp(() => ({ operator: configured(sim.operator('a')), loginHint: hinted(ada), ending: {} }))
    const tab = app.tab()
    const codeOf = async (route: object) => {
      const state = new URL((await tab.get('/login', { 'x-route': JSON.stringify(route) })).location!).searchParams.get('state')!
      return (await tab.get(`/callback/a?error=login_required&state=${state}&iss=${encodeURIComponent(sim.operator('a').issuer)}`)).body.info.code
    }
    expect(await codeOf({ prompt: 'none' })).toBe('unavailable')
    expect(await codeOf({})).toBe('interaction_required')
  })

  it('a silent login sends nobody to the page where a user chooses their operator (C-14)', async () => {
    const discovery = {
      find: async () => ({ status: 'select' as const, url: 'https://exchange.example/select' }), returned: () => undefined, issuers: [], settings: undefined,
    }
    app = await startApp(() => ({ discovery: discovery, prompt: 'none' }))
    expect(await app.tab().get('/login')).toMatchObject(unavailable)
  })

  it('a silent login is never finished by another person\'s browser, and is used once (C-14)', async () => {
    const tab = await start()
    const begun = await tab.get('/login')
    const thief = app.tab()
    const callback = `/callback/a?error=login_required&state=${new URL(begun.location!).searchParams.get('state')!}&iss=${encodeURIComponent(sim.operator('a').issuer)}`
    expect((await thief.get(callback)).body.info.code).toBe('transaction_unknown')
    expect(await tab.get(callback)).toMatchObject(unavailable)
    expect((await tab.get(callback)).body.info.code).toBe('transaction_unknown')
  })
})
