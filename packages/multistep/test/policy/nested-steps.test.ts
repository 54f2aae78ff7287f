import { allOf, anyOf, optional, passed, when, type Factors, type FactorOptions, type Step } from '../../src/index.js'
import { nextStepFor } from '../../src/policy/next-step.js'
import { factorTable } from '../../src/factors/factor-table.js'
import { alternativesOf, pathsOf, planOf } from '../../src/policy/plan.js'
import { factorNames } from '../../src/policy/steps.js'
import { browser, buildApp, people, pin, type Person } from '../support/app.js'

const right = { code: '246810' }
const nobody = { authenticated: false, user: null, amr: [] }
const sees: FactorOptions = { sees: 'pending', fields: ['code'] }
const person = (user: Express.User) => user as Person

function policy(steps: readonly Step[], factors: Record<string, FactorOptions> = {}, users = people()) {
  const names = factorNames(steps).filter((name) => name !== 'local')
  const strategies = names.map((name) => pin(name))
  const built = buildApp({ users, strategies, options: { steps, factors: { ...Object.fromEntries(names.map((name) => [name, sees])), ...factors } } })
  const runs = () => Object.fromEntries(strategies.map((strategy) => [strategy.name, strategy.runs]))
  return { ...built, users, runs, browsing: browser(built.app) }
}
const offered = (body: { factors: { factor: string }[] }) => body.factors.map(({ factor }) => factor)

describe('the alternatives of a step', () => {
  it.each<[string, Factors, string[][][]]>([
    ['a factor: one', 'a', [[['a']]]],
    ['a plain choice: one, of one choice', anyOf('a', 'b'), [[['a', 'b']]]],
    ['all of: one, of as many choices', allOf('a', 'b'), [[['a'], ['b']]]],
    ['a choice of several together: each', anyOf(allOf('a', 'b'), 'c'), [[['a'], ['b']], [['c']]]],
    ['several choices together: one, of these choices', allOf(anyOf('a', 'b'), anyOf('c', 'd')), [[['a', 'b'], ['c', 'd']]]],
    ['a choice in a choice is one choice', anyOf('a', anyOf('b', 'c'), 'a'), [[['a', 'b', 'c']]]],
    ['all of all of is all of', allOf(allOf('a', 'b'), 'c'), [[['a'], ['b'], ['c']]]],
    ['of one, any and all are that one', allOf(anyOf(allOf('a'))), [[['a']]]],
    ['neighbours of which one is enough are one choice, in the order of the policy', anyOf('a', 'b', allOf('c', 'd'), 'e'), [[['a', 'b']], [['c'], ['d']], [['e']]]],
    ['deeper', allOf(anyOf(allOf('a', 'b'), 'c'), anyOf('d', allOf('e', 'f'))), [
      [['a'], ['b'], ['d']], [['a'], ['b'], ['e'], ['f']], [['c'], ['d']], [['c'], ['e'], ['f']],
    ]],
  ])('%s', (_, factors, ways) => {
    expect(alternativesOf(factors)).toEqual(ways)
  })

  it('the alternatives of a step are multiplied to the paths of a plan, which know of each choice whose step it is', () => {
    expect(pathsOf([alternativesOf('a'), alternativesOf(anyOf(allOf('b', 'c'), 'd'))])).toEqual([
      { choices: [['a'], ['b'], ['c']], stepOf: [0, 1, 1] },
      { choices: [['a'], ['d']], stepOf: [0, 1] },
    ])
  })
})

describe('what is asked for next', () => {
  /** `has`: what the person is enrolled in. `first`: what may be enrolled. `one`: what is one authenticator. */
  async function next(steps: Factors[], proven: string, { has, first = '', one = '' }: { has?: string, first?: string, one?: string } = {}) {
    const names = factorNames(steps)
    const table = factorTable(names, Object.fromEntries(names.map((name) => [name, {
      ...(has === undefined ? {} : { enrolled: () => has.includes(name) }),
      ...(first.includes(name) ? { enroll: 'first' } : {}),
      ...(one.includes(name) ? { kind: 'possession', channel: 'phone' } : {}),
    }])))
    const factors = Array.from(proven).map((name) => table.get(name))
    const { steps: all, step, open } = await nextStepFor(planOf(steps.map(alternativesOf), table), factors, {})
    return step === all ? 'met' : `${step + 1}/${all} ${open.map(({ factor, enrolling }) => factor.name + (enrolling ? '!' : '')).join('')}`
  }
  const choice = [anyOf(allOf('a', 'b'), 'c')]

  it.each<[string, Factors[], string, Parameters<typeof next>[2], string]>([
    ['all of, one after the other', [allOf('a', 'b')], '', {}, '1/2 a'],
    ['all of, the second', [allOf('a', 'b')], 'a', {}, '2/2 b'],
    ['all of, both, in whatever order they came', [allOf('a', 'b')], 'ba', {}, 'met'],
    ['a choice of several together: the first of each', choice, '', {}, '1/2 ac'],
    ['half through one way: on with it, or the other', choice, 'a', {}, '2/2 bc'],
    ['the one way', choice, 'ab', {}, 'met'],
    ['the other', choice, 'c', {}, 'met'],
    ['the other, half through the one', choice, 'ac', {}, 'met'],
    ['a proof covers one choice, also across steps', [anyOf(allOf('a', 'b'), 'c'), anyOf('a', 'c')], 'c', {}, '2/2 a'],
    ['a choice of choices together', [allOf(anyOf('a', 'b'), anyOf('b', 'c'))], 'b', {}, '2/2 c'],
    ['the matching, in nested steps too', [allOf(anyOf('a', 'b'), 'a')], 'a', {}, '2/2 b'],
    ['never a way that this person cannot finish, where there is one that they can', choice, '', { has: 'ac' }, '1/1 c'],
    ['the only way that this person can finish', choice, '', { has: 'ab' }, '1/2 a'],
    ['no way that a later step makes impossible', [anyOf(allOf('a', 'b'), 'c'), 'c'], '', { has: 'abc' }, '1/3 a'],
    ['as far as the person can, where no way can be finished', choice, '', { has: 'a' }, '1/2 a'],
    ['and then no further', choice, 'a', { has: 'a' }, '2/2 '],
    ['two of one authenticator are one: the way through them is none', [anyOf(allOf('a', 'b'), allOf('a', 'd'))], 'a', { one: 'ab' }, '2/2 d'],
    ['no factor that is one with what a later step needs', [anyOf('a', 'b'), 'd'], '', { has: 'abd', one: 'ad' }, '1/2 b'],
    ['unless there is no other', [anyOf('a', 'b'), 'd'], '', { has: 'ad', one: 'ad' }, '1/2 a'],
    ['nor one that leaves a choice, where it does', [anyOf('a', 'b'), anyOf('d', 'c')], '', { has: 'abcd', one: 'ad' }, '1/2 ab'],
    ['nor in a way', [anyOf(allOf('a', 'c'), 'b'), 'd'], '', { has: 'abcd', one: 'ad' }, '1/2 b'],
    ['enrolling, where nothing of the step is enrolled', choice, '', { has: '', first: 'c' }, '1/1 c!'],
    ['enrolling the second of two, once the first is proven', choice, 'a', { has: 'a', first: 'b' }, '2/2 b!'],
    ['not yet, while the first is not', choice, '', { has: 'a', first: 'b' }, '1/2 a'],
    ['enrolling no way around what is enrolled', choice, '', { has: 'a', first: 'c' }, '1/2 a'],
    ['also where that leads nowhere', choice, 'a', { has: 'a', first: 'c' }, '2/2 '],
    ['enrolling no more than the shorter way needs, where a way can be finished without', choice, '', { has: 'c', first: 'ab' }, '1/1 c'],
  ])('%s', async (_, steps, proven, situation, expected) => {
    expect(await next(steps, proven, situation)).toBe(expected)
  })

  it('a user who is not known is asked for the first factor of every way, but for factors that cannot say which user it is', async () => {
    const table = factorTable(['a', 'b', 'totp', 'c'], { totp: { enrolled: () => true } })
    const { open } = await nextStepFor(planOf([alternativesOf(anyOf(allOf('totp', 'a'), allOf('b', 'totp'), 'c'))], table), [], undefined)
    expect(open.map(({ factor }) => factor.name)).toEqual(['b', 'c'])
  })

  it('what is asked for next is the same in whatever order the proofs came, and nothing exactly when distinct proofs meet the formula', async () => {
    const names = ['a', 'b', 'c', 'd']
    const formulas: Factors[][] = [
      [anyOf(allOf('a', 'b'), 'c'), anyOf('c', 'd')], [allOf(anyOf('a', 'b'), 'c')], [anyOf(allOf('a', anyOf('b', 'c')), allOf('c', 'd'))], [allOf('a', anyOf(allOf('b', 'c'), 'd')), anyOf('a', 'b')],
    ]
    for (const steps of formulas) for (let subset = 0; subset < 16; subset += 1) {
      const proven = names.filter((name, index) => subset & (1 << index) && factorNames(steps).includes(name))
      const results = new Set(await Promise.all(orders(proven).map((order) => next(steps, order.join('')))))
      expect(results.size).toBe(1)
      expect(results.has('met')).toBe(holds(steps, proven))
    }
  })

  /** By trying everything: whether each leaf that is needed can have a proof of its own. */
  function holds([step, ...rest]: Factors[], proofs: string[]): boolean {
    if (step === undefined) return true
    if (typeof step === 'string') return proofs.includes(step) && holds(rest, proofs.filter((proof) => proof !== step))
    return step.type === 'allOf' ? holds([...step.factors, ...rest], proofs) : step.factors.some((one) => holds([one, ...rest], proofs))
  }

  const orders = (names: string[]): string[][] => (names.length < 2
    ? [names]
    : names.flatMap((name) => orders(names.filter((other) => other !== name)).map((order) => [name, ...order])))
})

describe('an optional step', () => {
  const phone: FactorOptions = { ...sees, kind: 'possession', channel: 'phone', enrolled: (user) => Boolean(person(user).phone) }
  const key: FactorOptions = { ...sees, enrolled: (user) => Boolean(person(user).key) }
  const steps = ['local', anyOf('sms', 'key'), optional('call')] as const
  const factors = { sms: phone, call: phone, key }

  it('an optional step is skipped for a user who has nothing for it beside what the other steps need: one phone is one factor (F-14)', async () => {
    const { browsing, users, login } = policy(steps, factors)
    users.ada!.key = ''
    expect((await browsing.password()).body).toMatchObject({ steps: 2, factors: [{ factor: 'sms' }] })
    expect((await login.explain(users.ada!)).steps[2]).toMatchObject({ asked: false, why: 'Not asked for, because nothing is set up for it beside what other steps need.' })
    expect((await browsing.post('/login/sms', right)).body).toMatchObject({ status: 'complete' })
  })

  it('an optional step is asked of a user who has two factors, the step before takes the other one, and no step stays that cannot be met', async () => {
    const { browsing, users, login } = policy(steps, factors)
    expect((await browsing.password()).body).toMatchObject({ steps: 3 })
    expect(offered((await browsing.get('/login')).body)).toEqual(['key'])
    expect((await login.explain(users.ada!))).toMatchObject({ possible: true, steps: [{}, {}, { asked: true }] })
    expect(offered((await browsing.post('/login/key', right)).body)).toEqual(['call'])
    expect((await browsing.post('/login/call', right)).body).toMatchObject({ status: 'complete' })
  })
})

describe('allOf', () => {
  it('allOf asks for all of its factors, in this order, and skips none (R-40)', async () => {
    const { browsing, runs } = policy(['local', allOf('a', 'b')])
    expect((await browsing.password()).body).toMatchObject({ status: 'pending', step: 2, steps: 3, factors: [{ factor: 'a' }] })
    expect((await browsing.post('/login/b', right)).body).toMatchObject({ status: 409, code: 'factor_unexpected' })
    expect((await browsing.post('/login/a', right)).body).toMatchObject({ status: 'pending', step: 3, factors: [{ factor: 'b' }] })
    expect(await browsing.who()).toEqual(nobody)
    expect((await browsing.post('/login/a', right)).body).toMatchObject({ status: 409, code: 'factor_unexpected' })
    expect((await browsing.post('/login/b', right)).body).toMatchObject({ status: 'complete', completed: [{ factor: 'local' }, { factor: 'a' }, { factor: 'b' }] })
    expect(runs()).toEqual({ a: 1, b: 1 })
  })

  it('allOf may be the whole policy', async () => {
    const { browsing } = policy([allOf('local', 'a')])
    expect((await browsing.get('/login')).body).toMatchObject({ step: 1, steps: 2, factors: [{ factor: 'local' }] })
    await browsing.password()
    expect(await browsing.who()).toEqual(nobody)
    expect((await browsing.post('/login/a', right)).body.status).toBe('complete')
  })
})

describe('nested steps', () => {
  it('a user half through one way of anyOf may change to another', async () => {
    for (const path of [['a', 'b'], ['c'], ['a', 'c']]) {
      const { browsing } = policy(['local', anyOf(allOf('a', 'b'), 'c')])
      expect(offered((await browsing.password()).body)).toEqual(['a', 'c'])
      for (const name of path) {
        expect(await browsing.who()).toEqual(nobody)
        await browsing.post(`/login/${name}`, right).expect(200)
      }
      expect(await browsing.who()).toMatchObject({ user: 'u1' })
    }
  })

  it('half of one way of anyOf is no login, nor is half of each', async () => {
    const { browsing } = policy(['local', anyOf(allOf('a', 'b'), allOf('c', 'd'))])
    await browsing.password()
    await browsing.post('/login/a', right)
    expect(offered((await browsing.post('/login/c', right)).body)).toEqual(['b', 'd'])
    expect(await browsing.who()).toEqual(nobody)
    expect((await browsing.post('/login/d', right)).body).toMatchObject({ status: 'complete' })
  })

  it('allOf of anyOf asks for one factor of each', async () => {
    const { browsing } = policy(['local', allOf(anyOf('a', 'b'), anyOf('b', 'c'))])
    expect(offered((await browsing.password()).body)).toEqual(['a', 'b'])
    expect(offered((await browsing.post('/login/b', right)).body)).toEqual(['c'])
    expect((await browsing.post('/login/c', right)).body).toMatchObject({ status: 'complete' })
  })

  it('a first step with several ways begins with the first factor of each', async () => {
    const { browsing } = policy([anyOf(allOf('local', 'a'), 'card')], { card: { ...sees, account: () => 'nobody' } })
    expect(offered((await browsing.get('/login')).body)).toEqual(['local', 'card'])
    expect(offered((await browsing.password()).body)).toEqual(['a', 'card'])
    expect((await browsing.post('/login/a', right)).body).toMatchObject({ status: 'complete' })
  })

  it('when and optional may stand around nested steps', async () => {
    const key: FactorOptions = { ...sees, enrolled: (user) => Boolean(person(user).key) }
    const steps = ['local', when(({ user }) => (user as Person | undefined)?.name !== 'alan', optional(anyOf(allOf('a', 'b'), 'c')))] as const
    const { app } = policy(steps, { a: key, b: key, c: { ...sees, enrolled: () => false } })
    expect((await browser(app).password('ada')).body).toMatchObject({ status: 'pending', step: 2, steps: 3, factors: [{ factor: 'a' }] })
    expect((await browser(app).password('grace')).body).toMatchObject({ status: 'complete' })
    expect((await browser(app).password('alan')).body).toMatchObject({ status: 'complete' })
  })

  it('optional allOf is asked for as a whole of a user who has a part of it: a factor is no way out of another', async () => {
    const { browsing } = policy(['local', optional(allOf('a', 'b'))], { a: { ...sees, enrolled: () => true }, b: { ...sees, enrolled: () => false } })
    await browsing.password()
    expect((await browsing.post('/login/a', right)).body).toMatchObject({ status: 'pending', step: 3, factors: [] })
    expect((await browsing.post('/login/b', right)).body).toMatchObject({ status: 403, code: 'factor_not_enrolled' })
    expect(await browsing.who()).toEqual(nobody)
  })

  it('conditions may stand in one another', async () => {
    const { browsing } = policy(['local', when(passed('local'), when(async ({ user }) => user !== undefined, 'a'))])
    expect((await browsing.password()).body).toMatchObject({ status: 'pending', factors: [{ factor: 'a' }] })
  })

  it('two factors of one kind on one channel count once, however deep they are nested (F-13, F-14, R-50)', async () => {
    const phone: FactorOptions = { ...sees, kind: 'possession', channel: 'phone' }
    const { browsing, runs } = policy(['local', allOf(anyOf('a', 'b'), anyOf('b', 'c'))], { a: phone, b: phone, c: sees })
    await browsing.password()
    expect(offered((await browsing.post('/login/a', right)).body)).toEqual(['c'])
    expect((await browsing.post('/login/b', right)).body).toMatchObject({ status: 409, code: 'factor_unexpected' })
    expect(runs()).toEqual({ a: 1, b: 0, c: 0 })
    expect((await browsing.post('/login/c', right)).body).toMatchObject({ status: 'complete' })
  })

  it('a way that the user cannot finish is refused as not enrolled, where another one is open', async () => {
    const { browsing, runs } = policy(['local', anyOf(allOf('a', 'b'), 'c')], { b: { ...sees, enrolled: () => false } })
    expect(offered((await browsing.password()).body)).toEqual(['c'])
    expect((await browsing.post('/login/a', right)).body).toMatchObject({ status: 403, code: 'factor_not_enrolled' })
    expect(runs()).toMatchObject({ a: 0 })
  })

  it('enroll: \'first\' opens no way around a factor that the user has, and opens one to a user who has none (F-12, R-51)', async () => {
    const steps = ['local', anyOf(allOf('a', 'b'), 'c')] as const
    const key: FactorOptions = { ...sees, enrolled: (user) => Boolean(person(user).key) }
    const factors = { a: key, b: key, c: { ...sees, enrolled: () => false, enroll: 'first' } as const }
    const { app } = policy(steps, factors)
    expect(offered((await browser(app).password('ada')).body)).toEqual(['a'])
    const ada = browser(app)
    await ada.password('ada')
    expect((await ada.post('/login/c', right)).body).toMatchObject({ status: 403, code: 'factor_not_enrolled' })
    expect(offered((await browser(app).password('grace')).body)).toEqual(['c'])
  })

  it('a factor that is removed while its way is half done leaves the other way open (F-15)', async () => {
    const { browsing, users } = policy(['local', anyOf(allOf('a', 'b'), 'c')], { b: { ...sees, enrolled: (user) => Boolean(person(user).key) } })
    await browsing.password()
    await browsing.post('/login/a', right)
    delete users.ada!.key
    expect(offered((await browsing.get('/login')).body)).toEqual(['c'])
    expect((await browsing.post('/login/c', right)).body).toMatchObject({ status: 'complete' })
  })

  it('a plan of several ways that shrinks logs no user in without a new proof (F-34)', async () => {
    let strict = true
    const { browsing } = policy(['local', when(() => strict, anyOf(allOf('a', 'b'), 'c'))])
    await browsing.password()
    await browsing.post('/login/a', right)
    strict = false
    expect((await browsing.post('/login/b', right)).body).toMatchObject({ status: 409, code: 'plan_changed' })
    expect(await browsing.who()).toEqual(nobody)
  })
})
