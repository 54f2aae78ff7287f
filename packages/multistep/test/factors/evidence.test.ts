import { amrOf } from '../../src/factors/proof.js'
import { anyOf, type FactorOptions } from '../../src/index.js'
import { browser, buildApp, pin, Scripted } from '../support/app.js'
import { device } from '../support/factors.js'

const second = (options: FactorOptions, info?: unknown) => {
  const strategy = new Scripted('second', function (req) { this.success(req.user, info) })
  const { app } = buildApp({ strategies: [strategy], options: { steps: ['local', 'second'], factors: { second: { sees: 'pending', ...options } } }, routes: (host, login) => {
    host.get('/evidence', (req, res) => { res.json({ evidence: login.evidence(req as any), amr: login.amr(req as any) }) })
  } })
  return browser(app)
}

async function evidenceAfter(ada: ReturnType<typeof browser>) {
  await ada.password()
  await ada.post('/login/second')
  return (await ada.get('/evidence')).body
}

describe('amr (R-49)', () => {
  it.each<[string, FactorOptions, string[]]>([
    ['of another kind over another channel adds mfa', { kind: 'possession', channel: 'phone', amr: 'sms' }, ['pwd', 'sms', 'mfa']],
    ['of another kind without a channel adds mfa', { kind: 'inherence', amr: 'face' }, ['pwd', 'face', 'mfa']],
    ['of the same kind adds none', { kind: 'knowledge', channel: 'paper', amr: 'kba' }, ['pwd', 'kba']],
    ['of no kind adds none', { amr: ['otp', 'user'] }, ['pwd', 'otp', 'user']],
    ['without amr adds nothing', { kind: 'possession' }, ['pwd', 'mfa']],
    ['with an amr the first has adds it once', { amr: 'pwd' }, ['pwd']],
  ])('amr of a second factor %s', async (_title, options, expected) => {
    expect((await evidenceAfter(second(options))).amr).toEqual(expected)
  })

  it('info.amr of the strategy replaces the factor\'s amr', async () => {
    expect((await evidenceAfter(second({ kind: 'possession', amr: 'mca' }, { amr: ['pin', 'user'] }))).amr).toEqual(['pwd', 'pin', 'user', 'mfa'])
  })

  it.each([['text', 'sms'], ['a list with a number', ['sms', 1]], ['nothing', null]])('amr stays the factor\'s when info.amr is %s', async (_title, amr) => {
    expect((await evidenceAfter(second({ amr: 'otp' }, { amr }))).amr).toEqual(['pwd', 'otp'])
  })

  it('amr has no mfa for two factors on one phone, nor for proofs that are not fresh (R-50, F-14)', () => {
    const at = 0
    const password = { factor: 'local', kind: 'knowledge', amr: ['pwd'], at, via: 'fresh' } as const
    const phone = { factor: 'sms-otp', kind: 'possession', channel: 'phone', amr: ['sms'], at, via: 'fresh' } as const
    const onPhone = { factor: 'voice', kind: 'inherence', channel: 'phone', amr: ['vbm'], at, via: 'fresh' } as const
    expect(amrOf([phone, onPhone])).not.toContain('mfa')
    expect(amrOf([password, { ...phone, via: 'remembered' }])).not.toContain('mfa')
    expect(amrOf([password, { ...phone, via: 'recovery' }])).not.toContain('mfa')
    expect(amrOf([password, phone, onPhone])).toContain('mfa')
    expect(amrOf([])).toEqual([])
  })

  it('amr is empty for nobody, for a pending login, and for another login that otherLogins allows', async () => {
    const { app } = buildApp({ strategies: [pin()], options: { steps: ['local', 'pin'], factors: { pin: device }, otherLogins: 'allow' }, routes: (host) => {
      host.post('/elsewhere', (req, res, next) => { req.logIn({ id: 'u1' }, (error) => (error ? next(error) : res.json({}))) })
    } })
    const ada = browser(app)
    expect((await ada.who()).amr).toEqual([])
    await ada.password()
    expect((await ada.who()).amr).toEqual([])
    await ada.post('/elsewhere')
    expect(await ada.who()).toEqual({ authenticated: true, user: 'u1', amr: [] })
  })
})

describe('evidence (R-47)', () => {
  it('evidence has one entry for each factor, with its kind, channel and time', async () => {
    const ada = second({ kind: 'possession', channel: 'phone', amr: 'sms' })
    const { evidence } = await evidenceAfter(ada)
    expect(evidence).toEqual([
      { factor: 'local', kind: 'knowledge', amr: ['pwd'], at: expect.any(String), via: 'fresh' },
      { factor: 'second', kind: 'possession', channel: 'phone', amr: ['sms'], at: expect.any(String), via: 'fresh' },
    ])
  })

  it('evidence is as old as the strategy\'s info.authTime, and never newer than now', async () => {
    const old = new Date('2020-01-01T00:00:00Z')
    expect((await evidenceAfter(second({}, { authTime: old }))).evidence[1].at).toBe(old.toISOString())
    for (const authTime of [new Date(Date.now() + 1e9), new Date(NaN), '2020-01-01', 0]) {
      const { at } = (await evidenceAfter(second({}, { authTime }))).evidence[1]
      expect(Math.abs(Date.parse(at) - Date.now())).toBeLessThan(60_000)
    }
  })

  it('evidence has the store\'s time of each step (R-47 at steps)', async () => {
    let now = 1_000_000
    const { app, login } = buildApp({ strategies: [pin()], options: { steps: ['local', 'pin'], factors: { pin: device }, now: () => now }, routes: (host) => {
      host.get('/evidence', (req, res) => { res.json(login.evidence(req as any).map(({ at }) => at.getTime())) })
    } })
    const ada = browser(app)
    await ada.password()
    now += 60_000
    await ada.post('/login/pin', { code: '246810' })
    now += 60_000
    expect((await ada.get('/evidence')).body).toEqual([1_000_000, 1_060_000])
  })

  it('evidence never survives a change of the user', async () => {
    const { app } = buildApp({ strategies: [pin()], options: { steps: ['local', anyOf('pin')], factors: { pin: device } } })
    const browse = browser(app)
    await browse.password('ada')
    await browse.post('/login/pin', { code: '246810' })
    await browse.password('grace')
    expect(await browse.who()).toEqual({ authenticated: false, user: null, amr: [] })
    expect((await browse.post('/login/pin', { code: '246810' })).body.completed.map(({ factor }: { factor: string }) => factor)).toEqual(['local', 'pin'])
    expect((await browse.who()).user).toBe('u2')
  })
})
