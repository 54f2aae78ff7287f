import type { Simulator } from 'mobileconnect-simulator'
import type { StrategyOptions } from 'passport-number-verification'
import { ada, bob, eve, startOperators } from './support/app.js'
import { startMultistep as startApp } from './support/multistep-app.js'

type Tab = ReturnType<Awaited<ReturnType<typeof startApp>>['tab']>

describe('on multistep, the mobile network', () => {
  let sim: Simulator
  let app: Awaited<ReturnType<typeof startApp>>
  beforeAll(async () => { sim = await startOperators() })
  afterAll(() => sim.close())
  beforeEach(() => { sim.handset(ada).network('mobile') })
  afterEach(async () => {
    sim.camara.restore()
    for (const msisdn of [ada, bob, eve]) sim.handset(msisdn).network('wifi')
    await app.close()
  })

  /** The password, and what it leads to: the operator, where the browser is sent without a click. */
  const logIn = async (tab: Tab, username: string, password: string) => {
    const begun = await tab.json('POST', '/login/local', { username, password })
    return begun.body.status === 'redirect' ? tab.comeBack(begun.body.url) : begun
  }
  const codeIn = (text: string | undefined) => /\d{6}/.exec(text ?? '')?.[0]

  it('the network is a silent second factor on multistep: a password is the only click, and beside it possession makes mfa (Q-26, Q-01)', async () => {
    app = await startApp(sim, 'local')
    const tab = app.tab()
    expect((await logIn(tab, 'ada', 'lovelace')).body).toMatchObject({ status: 'complete' })
    const { body } = await tab.json('GET', '/account')
    expect(body).toMatchObject({ id: 'ada', amr: ['pwd', 'pop', 'mfa'] })
    const proof = { factor: 'number-verification', kind: 'possession', channel: 'phone', amr: ['pop'], via: 'fresh' }
    expect(body.evidence.at(-1)).toMatchObject(proof)
    expect(app.texts).toEqual([])
  })

  it('the SIM of another person is refused and counted as a failed attempt, until only a text to the owner is left (Q-26, Q-02)', async () => {
    app = await startApp(sim, 'local', { beginLimits: { '1h': 100 } })
    sim.handset(eve).network('mobile')
    const codes = []
    for (let attempt = 0; attempt < 12; attempt += 1) {
      const { body } = await logIn(app.tab(sim.handset(eve).headers), 'ada', 'lovelace')
      codes.push(body.code ?? body.factors.map(({ factor }: { factor: string }) => factor).join())
    }
    expect(codes.slice(0, 10)).toEqual(Array<string>(10).fill('person_mismatch'))
    expect(codes.slice(10)).toEqual(['sms-otp', 'sms-otp'])
    expect(app.failures[0]).toEqual(['number-verification', 'person_mismatch', 401])
    expect(app.texts).toHaveLength(1)
  })

  it.each<[string, Partial<StrategyOptions>, () => void]>([
    ['not there on Wi-Fi', {}, () => { sim.handset(ada).network('wifi') }],
    ['without consent', {}, () => { sim.camara.fail('authorize', { error: 'consent_required' }) }],
    ['late', { timeout: '200ms' }, () => { sim.camara.fail('token', { delay: '2s' }) }],
    ['down', {}, () => { sim.camara.fail('metadata', { status: 503 }) }],
    ['beyond its budget', { beginLimits: { '1h': 0 } }, () => undefined],
  ])('a network that is %s gives its place to a text in the same answer, and nobody is locked out (Q-26, Q-20)', async (_, options, happens) => {
    app = await startApp(sim, 'local', options)
    happens()
    const tab = app.tab()
    expect(await logIn(tab, 'ada', 'lovelace')).toMatchObject({ status: 200, body: { status: 'pending' } })
    expect(app.failures).toEqual([])
    expect(app.texts).toHaveLength(1)
    const code = codeIn(app.texts[0])
    expect((await tab.json('POST', '/login/sms-otp', { code })).body).toMatchObject({ status: 'complete' })
    expect((await tab.json('GET', '/account')).body.amr).toEqual(['pwd', 'sms', 'mfa'])
  })

  it('the network is a first factor on multistep: the number of the phone says who it is, and the password follows (Q-26, Q-06)', async () => {
    app = await startApp(sim, 'number-verification', { mode: 'read' })
    const tab = app.tab()
    expect((await tab.silent()).body).toMatchObject({ status: 'pending', factors: [{ factor: 'local' }] })
    expect((await tab.json('POST', '/login/local', { username: 'bob', password: 'babbage' })).body.code).toBe('person_mismatch')
    const again = app.tab()
    await again.silent()
    expect((await again.json('POST', '/login/local', { username: 'ada', password: 'lovelace' })).body).toMatchObject({ status: 'complete' })
    expect((await again.json('GET', '/account')).body).toMatchObject({ id: 'ada', amr: ['pop', 'pwd', 'mfa'] })
  })

  it('the network takes the place of another strategy by one option, and the factor keeps its name (Q-26)', async () => {
    app = await startApp(sim, 'local', { name: 'operator' })
    const tab = app.tab()
    await tab.json('POST', '/login/local', { username: 'ada', password: 'lovelace' })
    expect((await tab.silent()).body).toMatchObject({ status: 'complete' })
    const { body } = await tab.json('GET', '/account')
    expect(body.evidence.at(-1)).toMatchObject({ factor: 'operator', kind: 'possession', channel: 'phone', amr: ['pop'] })
  })

  it('the network is a first factor for a number that was typed (Q-26, Q-06)', async () => {
    app = await startApp(sim, 'number-verification')
    expect((await app.tab().silent({ phone: '+44 7700 900001' })).body).toMatchObject({ status: 'pending', factors: [{ factor: 'local' }] })
    expect((await app.tab().silent({ phone: bob })).body).toMatchObject({ code: 'person_mismatch' })
  })
})
