import { Passport } from 'passport'
import { allOf, anyOf, multistep, optional, passed, when, type Explanation, type FactorOptions, type PassportLike, type Step, type StepsFunction } from '../../src/index.js'
import { browser, buildApp, people, pin, type Person } from '../support/app.js'
import { device } from '../support/factors.js'

const person = (user: Express.User | undefined) => user as Person | undefined
const hasKey: FactorOptions = { sees: 'pending', enrolled: (user) => Boolean(person(user)?.key) }
const enrolled = () => true

function explaining(steps: readonly Step[] | StepsFunction, factors: Record<string, FactorOptions> = {}) {
  const passport = ['local', 'sms-otp', 'mobileconnect', 'totp', 'recovery-code', 'webauthn', 'a', 'b', 'c'].reduce((instance, name) => instance.use(pin(name)), new Passport())
  return multistep(passport as unknown as PassportLike, { steps: steps as readonly Step[], factors })
}
const { ada, grace } = people() as { ada: Person, grace: Person }
const brief = ({ steps }: Explanation) => steps.map(({ step, asked, why }) => [step, asked, why])
const why = ({ steps }: Explanation, index = 1) => Object.fromEntries(steps[index]!.factors.map((factor) => [factor.factor, `${factor.usable ? '+' : '-'} ${factor.why}`]))

describe('explain says of each step whether it is asked for, and why', () => {
  it('explain tells of steps that every login has, and of optional ones by what the user has set up', async () => {
    const login = explaining(['local', optional('totp')], { totp: hasKey })
    expect(brief(await login.explain(ada))).toEqual([['local', true, 'Every login asks for it.'], ['optional(totp)', true, 'Asked for, because totp is set up.']])
    expect(brief(await login.explain(grace))[1]).toEqual(['optional(totp)', false, 'Not asked for, because none of its factors is set up.'])
  })

  it('explain tells of conditions by name, by source, or by what was proven, also of one in another', async () => {
    const isAda = ({ user }: { user: Express.User | undefined }) => person(user)?.name === 'ada'
    const login = explaining([anyOf('local', 'a'), when(isAda, 'b'), when(passed('local'), 'c'), when(({ user }) => user === undefined, 'sms-otp'), when(isAda, optional('totp'))], { totp: hasKey, a: { lockout: 'own' } })
    const { steps } = await login.explain(ada)
    expect(steps.slice(1).map((step) => [step.asked, step.why])).toEqual([
      [true, 'Asked for, because isAda holds.'],
      [false, 'Not asked for, because local was not proven.'],
      [false, expect.stringMatching(/^Not asked for, because \(\{ user \}\) ?=> ?user === undefined does not hold\.$/)],
      [true, 'Asked for, because isAda holds and totp is set up.'],
    ])
    expect(steps.map(({ step }) => step)).toEqual(['anyOf(local, a)', 'when(isAda, b)', 'when(passed(local), c)', expect.stringMatching(/^when\(\(\{ user \}\).*, sms-otp\)$/), 'when(isAda, optional(totp))'])
  })

  it('explain tells of a condition that fails that its answer is unknown, and that a login would stop there', async () => {
    const login = explaining(['local', when(({ req }) => req.ip === '10.0.0.1', 'a'), when(async () => { throw new Error('no risk service') }, 'b')])
    expect(brief(await login.explain(ada)).slice(1)).toEqual([
      [expect.any(String), 'unknown', expect.stringContaining('Its condition failed, and a login would stop here: Cannot read properties of undefined')],
      [expect.any(String), 'unknown', 'Its condition failed, and a login would stop here: no risk service'],
    ])
    expect(brief(await login.explain(ada, { ip: '10.0.0.1' } as never))[1]![1]).toBe(true)
  })

  it('explain calls a failing condition unknown in front of an optional step for which nothing is set up', async () => {
    const isRisky = () => { throw new Error('no risk service') }
    const totp = { enrolled: () => true }
    const spare = { kind: 'possession', channel: 'app', enrolled: () => false } as const
    const login = explaining(['local', 'totp', when(isRisky, optional('b'))], { totp, b: spare })
    expect(brief(await login.explain(ada))[2]).toEqual([
      expect.any(String), 'unknown', 'Its condition failed, and a login would stop here: no risk service',
    ])
  })

  it('explain tells of steps that a function decides, and of a function that fails', async () => {
    const login = explaining(({ user }) => (person(user)?.name === 'ada' ? ['local', 'a'] : ['local', 'x']), { local: {}, a: {} })
    expect(brief(await login.explain(ada))).toEqual([['local', true, 'The function steps asks for it.'], ['a', true, 'The function steps asks for it.']])
    expect(await login.explain(grace)).toMatchObject({ possible: false, steps: [{ asked: 'unknown', why: expect.stringContaining('returned \'x\', which factors does not declare') }] })
  })
})

describe('explain says of each factor whether it could meet the step, and why not', () => {
  it('explain tells of a factor that it is not set up', async () => {
    const login = explaining(['local', anyOf('totp', 'sms-otp')], { totp: hasKey })
    expect(why(await login.explain(ada))).toEqual({ totp: '+ Can be used.', 'sms-otp': '+ Can be used.' })
    expect(why(await login.explain({ ...ada, key: '' }))).toEqual({ totp: '- Not set up.', 'sms-otp': '+ Can be used.' })
    expect(await login.explain(grace)).toMatchObject({ possible: false, steps: [{}, { factors: [{ usable: false }, { usable: false }] }] })
  })

  it('explain tells of a factor that it can be set up on the way, unless another one is set up', async () => {
    const login = explaining(['local', anyOf('totp', 'a')], { totp: hasKey, a: { enrolled: () => false, enroll: 'first' } })
    expect(why(await login.explain(grace))).toEqual({ totp: '- Not set up.', a: '+ Not set up; can be set up on the way.' })
    expect(why(await login.explain(ada))).toEqual({ totp: '+ Can be used.', a: '- Not set up, and not to be set up on the way, because totp is.' })
    expect((await login.explain(grace)).possible).toBe(true)
  })

  it('explain tells of a factor that it is of the same kind and channel as another one, where both are needed (F-14)', async () => {
    const login = explaining(['local', 'sms-otp', anyOf('mobileconnect', 'totp')], { totp: hasKey })
    expect(why(await login.explain(ada), 2)).toEqual({ mobileconnect: '- Counts once with sms-otp of step 2: the same kind of factor on the same channel.', totp: '+ Can be used.' })
  })

  it('explain tells of a factor that another step needs it (F-13)', async () => {
    const login = explaining(['local', 'a', anyOf('a', 'b')])
    expect(why(await login.explain(ada), 2)).toEqual({ a: '- Counts once with step 2: one proof covers one step.', b: '+ Can be used.' })
  })

  it('explain tells of a factor that it stands on a way that cannot be finished', async () => {
    const login = explaining(['local', anyOf(allOf('a', 'totp'), 'b')], { totp: hasKey })
    expect(why(await login.explain(grace))).toEqual({ a: '- Leads on a way that cannot be finished with what is set up.', totp: '- Not set up.', b: '+ Can be used.' })
  })

  it('explain allows enrolment in nested steps where the login does (R-51 at explain, F-12 at explain)', async () => {
    const login = explaining(['local', anyOf(allOf('a', 'totp'), 'b')], { totp: { enrolled: () => false }, b: { enrolled: () => false, enroll: 'first' } })
    const explanation = await login.explain(ada)
    expect(why(explanation).b).toBe('- Not set up, and not to be set up on the way, because a is.')
    expect(explanation.possible).toBe(false)
  })

  it('explain tells of a factor whether it is set up, where its step is not asked for', async () => {
    const login = explaining(['local', when(() => false, anyOf('totp', 'a'))], { totp: hasKey })
    expect(why(await login.explain(grace))).toEqual({ totp: '- Not set up.', a: '- Set up, and not asked for.' })
  })
})

describe('explain for a request', () => {
  it('explain for a request knows what its login of this user has proven, and nothing of another user\'s (F-26 at explain)', async () => {
    const users = people()
    const { app } = buildApp({ users, strategies: [pin()], options: { steps: ['local', when(passed('local'), 'pin')], factors: { pin: device } }, routes: (host, login) => {
      host.get('/explain/:name', (req, res, next) => { login.explain(users[req.params.name]!, req as any).then((explanation) => res.json(explanation), next) })
    } })
    const browsing = browser(app)
    const asked = async (name: string) => (await browsing.get(`/explain/${name}`)).body.steps.map((step: any) => `${step.asked} ${step.factors[0].why.split(' ').slice(0, 2).join(' ')}`)
    expect(await asked('ada')).toEqual(['true Can be', 'false Set up,'])
    await browsing.password('ada')
    expect(await asked('ada')).toEqual(['true Proven at', 'true Can be'])
    expect(await asked('grace')).toEqual(['true Can be', 'false Set up,'])
    await browsing.post('/login/pin', { code: '246810' })
    expect(await asked('ada')).toEqual(['true Proven at', 'true Proven at'])
    expect(await asked('grace')).toEqual(['true Can be', 'false Set up,'])
  })
})

describe('an explanation', () => {
  it('an explanation is JSON, and a text that says the same in plain words', async () => {
    const login = explaining(['local', anyOf('totp', 'recovery-code'), optional('webauthn')], { totp: hasKey, 'recovery-code': { enrolled }, webauthn: { enrolled: () => false } })
    const explanation = await login.explain(ada)
    expect(JSON.parse(JSON.stringify(explanation))).toEqual(explanation)
    expect(explanation.text).toBe([
      'Step 1, local: Every login asks for it.',
      '  local (Password): Can be used.',
      'Step 2, anyOf(totp, recovery-code): Every login asks for it.',
      '  totp (Authenticator app): Can be used.',
      '  recovery-code (Recovery code): Can be used.',
      'Step 3, optional(webauthn): Not asked for, because none of its factors is set up.',
      '  webauthn (Passkey): Not set up.',
      'This person can complete a login.',
      'Attention: optional(webauthn) leaves no way in for a person who has lost it. Let another factor stand beside it, such as anyOf(\'totp\', \'recovery-code\').',
    ].join('\n'))
  })

  it('an explanation calls a login possible where a user who takes every step is logged in', async () => {
    const policies: Step[][] = [['local', 'a'], ['local', anyOf(allOf('a', 'b'), 'c')], ['local', optional(allOf('a', 'b'))], ['local', anyOf('a', 'b'), anyOf('b', 'c')], ['local', allOf('a', anyOf('b', 'c'))]]
    for (const steps of policies) for (let mask = 0; mask < 8; mask += 1) {
      const has = (name: string) => Boolean(mask & (1 << ['a', 'b', 'c'].indexOf(name)))
      const names = ['a', 'b', 'c'].filter((name) => JSON.stringify(steps).includes(`"${name}"`))
      const { app, login, users } = buildApp({ strategies: names.map((name) => pin(name)), options: { steps, factors: Object.fromEntries(names.map((name) => [name, { sees: 'pending', enrolled: () => has(name) }])) } })
      const browsing = browser(app)
      let { body } = await browsing.password()
      while (body.status === 'pending' && body.factors.length > 0) ({ body } = await browsing.post(`/login/${body.factors[0].factor}`, { code: '246810' }))
      expect([steps, mask, (await login.explain(users.ada!)).possible]).toEqual([steps, mask, body.status === 'complete'])
    }
  })

  it('an explanation agrees with the login where the steps depend on what was proven', async () => {
    const texted = { sees: 'pending', lockout: 'own', enrolled: (user: Express.User) => Boolean(person(user)?.phone) } as const
    const doors = explaining([anyOf('local', 'a'), when(passed('local'), anyOf('totp', 'a'))], { totp: hasKey, a: texted })
    expect((await doors.explain(ada)).possible).toBe(true)
    expect((await doors.explain(grace)).possible).toBe(false)
    expect((await doors.explain({ ...grace, key: 'K2' })).possible).toBe(true)

    const firstIsADeadEnd = explaining([anyOf('local', 'a'), when(passed('local'), 'totp')], { totp: hasKey, a: texted })
    expect((await firstIsADeadEnd.explain({ ...ada, key: '' })).possible).toBe(true)

    const decided = explaining(({ evidence }) => (evidence.some(({ factor, at }) => factor === 'local' && at instanceof Date) ? ['local', 'totp'] : ['local']), { local: {}, totp: hasKey })
    expect((await decided.explain(ada)).possible).toBe(true)
    expect((await decided.explain(grace)).possible).toBe(false)
  })

  it('explain asks for a user with an id (F-35 at explain)', async () => {
    await expect(explaining(['local']).explain({})).rejects.toThrow('userId must return')
  })

  it('explain rejects where the app\'s own question fails, whether a user has a factor', async () => {
    await expect(explaining(['local', optional('totp')], { totp: { enrolled: async () => { throw new Error('no database') } } }).explain(ada)).rejects.toThrow('no database')
  })
})

describe('a policy that works and had better not be', () => {
  const warned = (run: () => void): string[] => {
    const spy = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    run()
    const warnings = spy.mock.calls.map(([warning]) => String(warning))
    spy.mockRestore()
    return warnings
  }

  it('the policy warns at start-up, and once, that a code by text is the only second factor (R-26)', () => {
    const start = () => void explaining(['local', anyOf('sms-otp', 'a')], { a: { amr: 'tel' } })
    expect(warned(start)).toEqual([expect.stringContaining('multistep: A code by text is the only second factor (sms-otp, a).')])
    expect(warned(start)).toEqual([])
  })

  it.each<[string, Step[], RegExp[]]>([
    ['(R-26) texts alone', ['local', anyOf('sms-otp', 'a')], [/only second factor/]],
    ['a step that one lost thing closes', ['local', 'totp'], [/^totp leaves no way in/]],
    ['both', ['local', 'sms-otp'], [/only second factor/, /^sms-otp leaves no way in/]],
    ['a part of a step that one lost thing closes', ['local', allOf('totp', anyOf('a', 'b'))], [/^allOf\(totp, anyOf\(a, b\)\) leaves no way in/]],
    ['nothing, of a choice', ['local', anyOf('totp', 'sms-otp')], []],
    ['nothing, of a choice of several together', ['local', anyOf(allOf('totp', 'a'), 'b')], []],
    ['nothing, of recovery codes', ['local', anyOf('sms-otp', 'recovery-code')], []],
    ['nothing, of several doors', [anyOf('local', 'sms-otp')], []],
    ['nothing, of a password alone', ['local'], []],
  ])('explain warns of %s', async (_, steps, expected) => {
    const login = explaining(steps, { ...JSON.stringify(steps).includes('totp') ? { totp: { enrolled } } : {}, ...JSON.stringify(steps).includes('recovery') ? { 'recovery-code': { enrolled } } : {}, ...JSON.stringify(steps).includes('"a"') ? { a: { amr: 'sms' } } : {} })
    const { warnings, text } = await login.explain(ada)
    expect(warnings).toEqual(expected.map((pattern) => expect.stringMatching(pattern)))
    for (const warning of warnings) expect(text).toContain(`Attention: ${warning}`)
  })
})
