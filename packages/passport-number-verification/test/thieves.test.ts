import type { Simulator } from 'mobileconnect-simulator'
import type { StrategyOptions } from 'passport-number-verification'
import { ada, bob, eve, startOperators } from './support/app.js'
import { startMultistep } from './support/multistep-app.js'
import { flows, type Fields, type Flow } from './support/phones.js'

type App = Awaited<ReturnType<typeof startMultistep>>
type Tab = ReturnType<App['tab']>
type Answer = Awaited<ReturnType<Tab['json']>>

const back = '/login/number-verification/callback'

describe.each(Object.entries(flows))('In a whole login by a password and %s', (_, { isBound, start }) => {
  let sim: Simulator
  let flow: Flow
  let app: App
  beforeAll(async () => {
    sim = await startOperators()
    for (const msisdn of [ada, bob, eve]) sim.handset(msisdn).network('mobile')
  })
  afterAll(() => sim.close())
  beforeEach(async () => { flow = await start(sim) })
  afterEach(async () => {
    await app.close()
    await flow.close()
  })
  const startApp = async (options: Partial<StrategyOptions> = {}) => {
    app = await startMultistep(sim, 'local', { beginLimits: { '1h': 1000 }, ...flow.options, ...options })
  }

  /** The password of Ada, which the thief has, too; then what a page or an app does until the phone is asked. */
  const begin = async (tab: Tab): Promise<URL> => {
    const { body } = await tab.json('POST', '/login/local', { username: 'ada', password: 'lovelace' })
    const told = new URL(body.url as string)
    if (told.hash !== '#digital-credential') return told
    const asked = await tab.json('GET', `${told.pathname}${told.search}&wallet=ask`)
    return new URL(asked.body.url as string)
  }
  const comeBack = (tab: Tab, told: URL, fields: Fields): Promise<Answer> => {
    const state = told.searchParams.get('state')!
    if (fields.vp_token ?? fields.app_proof) return tab.json('POST', back, { ...fields, state })
    return tab.json('GET', `${back}?${new URLSearchParams({ ...fields, state }).toString()}`)
  }
  const logIn = async (tab: Tab, msisdn: string) => {
    const told = await begin(tab)
    return comeBack(tab, told, await flow.answerOf(told, msisdn))
  }
  const isLoggedIn = async (tab: Tab) => (await tab.json('GET', '/account')).status === 200
  const costOf = async (work: () => Promise<unknown>) => {
    const before = flow.paid()
    await work()
    return flow.paid() - before
  }

  it('the owner logs in by the phone, without a text and without a failure (Q-36, Q-26)', async () => {
    await startApp()
    const owner = app.tab()
    expect((await logIn(owner, ada)).body).toMatchObject({ status: 'complete' })
    expect((await owner.json('GET', '/account')).body).toMatchObject({ id: 'ada', amr: ['pwd', 'pop', 'mfa'] })
    expect([app.texts, app.failures]).toEqual([[], []])
  })

  it('a thief with the password and a SIM of their own is refused, and that is counted (Q-02, Q-36)', async () => {
    await startApp()
    const thief = app.tab()
    expect(await logIn(thief, eve)).toMatchObject({ status: 401, body: { code: 'person_mismatch' } })
    expect(app.failures).toEqual([['number-verification', 'person_mismatch', 401]])
    expect(await isLoggedIn(thief)).toBe(false)
    expect(app.texts).toEqual([])
  })

  it('a thief whose request names another number is refused (Q-02)', async () => {
    await startApp()
    const thief = app.tab()
    const told = await begin(thief)
    const fields = { ...await flow.answerOf(told, eve), phone: eve, username: 'eve' }
    expect((await comeBack(thief, told, fields)).body).toMatchObject({ code: 'person_mismatch' })
    expect(await isLoggedIn(thief)).toBe(false)
  })

  it('a thief cannot use what the owner\'s phone got for the owner\'s login, in that login or, where it is bound to it, in another one (Q-10, Q-11, Q-30, Q-37)', async () => {
    await startApp()
    const [owner, thief] = [app.tab(), app.tab()]
    const [owned, stolen] = [await begin(owner), await begin(thief)]
    const fields = await flow.answerOf(owned, ada)
    // In the owner's session the thief is nobody: the state is another's.
    expect((await comeBack(thief, owned, fields)).body).not.toMatchObject({ status: 'complete' })
    if (isBound) expect((await comeBack(thief, stolen, fields)).body).not.toMatchObject({ status: 'complete' })
    expect(await isLoggedIn(thief)).toBe(false)
  })

  it('what a phone got counts once: neither the same login nor the next one takes it again (Q-08, Q-22, Q-30, Q-37)', async () => {
    await startApp()
    const owner = app.tab()
    const told = await begin(owner)
    const fields = await flow.answerOf(told, ada)
    const answers = await Promise.all([1, 2, 3].map(() => comeBack(owner, told, fields)))
    expect(answers.filter(({ body }) => body.status === 'complete')).toHaveLength(1)
    expect(await costOf(() => comeBack(app.tab(), told, fields))).toBe(0)
    const thief = app.tab()
    const next = await begin(thief)
    expect((await comeBack(thief, next, fields)).body).not.toMatchObject({ status: 'complete' })
    expect(await isLoggedIn(thief)).toBe(false)
  })

  it('a thief who comes back with nothing is led to the owner\'s text, and cannot try silently again in this login (Q-23, Q-26)', async () => {
    await startApp()
    const thief = app.tab()
    const told = await begin(thief)
    expect((await comeBack(thief, told, await flow.nothingOf?.(told) ?? {})).body).toMatchObject({ status: 'pending' })
    const cost = await costOf(async () => {
      for (let again = 0; again < 5; again += 1) {
        expect((await thief.json('POST', '/login/number-verification', {})).body).toMatchObject({ code: 'factor_unexpected' })
      }
    })
    expect(cost).toBe(0)
    expect(app.failures.filter(([factor]) => factor === 'number-verification')).toEqual([])
    expect(await isLoggedIn(thief)).toBe(false)
  })

  it('a thief who begins many logins costs no more than the budget, and the owner still logs in by a text (Q-23)', async () => {
    await startApp({ beginLimits: { '1h': 3 } })
    const cost = await costOf(async () => {
      for (let login = 0; login < 10; login += 1) {
        const thief = app.tab()
        const { body } = await thief.json('POST', '/login/local', { username: 'ada', password: 'lovelace' })
        if (body.status !== 'redirect') continue
        const { pathname, search } = new URL(body.url as string, app.origin)
        if (pathname === back) await thief.json('GET', pathname + search)
      }
    })
    expect(cost).toBeLessThanOrEqual(3)
    expect(app.failures).toEqual([])
    const owner = app.tab()
    expect((await owner.json('POST', '/login/local', { username: 'ada', password: 'lovelace' })).body).toMatchObject({ status: 'pending' })
    const code = /\d{6}/.exec(app.texts.at(-1)!)![0]
    expect((await owner.json('POST', '/login/sms-otp', { code })).body).toMatchObject({ status: 'complete' })
  })
})
