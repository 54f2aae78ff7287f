import { Passport } from 'passport'
import { allOf, anyOf, multistep, optional, passed, when, type FactorOptions, type MultistepEvents, type MultistepOptions, type PassportLike, type Step } from '../../src/index.js'
import { coveredChoices } from '../../src/policy/plan.js'
import { factorNames } from '../../src/policy/steps.js'
import { browser, buildApp, people, pin, Scripted, type Person } from '../support/app.js'

const right = { code: '246810' }
const nobody = { authenticated: false, user: null, amr: [] }
const sees: FactorOptions = { sees: 'pending' }
const person = (user: Express.User) => user as Person

/** A login with scripted second factors `a`, `b`, `c`, each of which takes the code. */
function policy(steps: readonly Step[], factors: Record<string, FactorOptions> = {}, users = people()) {
  const names = factorNames(steps).filter((name) => name !== 'local')
  const strategies = names.map((name) => pin(name))
  const built = buildApp({ users, strategies, options: { steps, factors: { ...Object.fromEntries(names.map((name) => [name, sees])), ...factors } } })
  const runs = () => Object.fromEntries(strategies.map((strategy) => [strategy.name, strategy.runs]))
  return { ...built, users, runs, browsing: browser(built.app) }
}
const factorsOf = (body: { factors: { factor: string }[] }) => body.factors.map(({ factor }) => factor)

describe('anyOf', () => {
  it('anyOf offers every one of its factors, and one of them is enough', async () => {
    for (const name of ['a', 'b']) {
      const { browsing } = policy(['local', anyOf('a', 'b')])
      expect(factorsOf((await browsing.password()).body)).toEqual(['a', 'b'])
      expect((await browsing.post(`/login/${name}`, right)).body).toMatchObject({ status: 'complete', completed: [{ factor: 'local' }, { factor: name }] })
    }
  })

  it('anyOf as the first step is several doors', async () => {
    const door = new Scripted('card', function () { this.success({ id: 'u2' }) })
    const { app } = buildApp({ strategies: [door], options: { steps: [anyOf('local', 'card')] } })
    const [byCard, byPassword] = [browser(app), browser(app)]
    expect(factorsOf((await byCard.get('/login')).body)).toEqual(['local', 'card'])
    await byCard.post('/login/card')
    expect(await byCard.who()).toMatchObject({ user: 'u2' })
    await byPassword.password()
    expect(await byPassword.who()).toMatchObject({ user: 'u1' })
  })
})

describe('optional', () => {
  const withKey: FactorOptions = { ...sees, kind: 'possession', channel: 'device', enrolled: (user) => Boolean(person(user).key) }

  it('an optional step is skipped for a user who has none of its factors: the login is by password alone, and amr says so (F-24)', async () => {
    const { browsing, runs } = policy(['local', optional('a')], { a: withKey })
    expect((await browsing.password('grace')).body).toMatchObject({ status: 'complete', steps: 1, amr: ['pwd'] })
    expect(await browsing.who()).toEqual({ authenticated: true, user: 'u2', amr: ['pwd'] })
    expect(runs()).toEqual({ a: 0 })
  })

  it('an optional step is asked of a user who has a factor of it, and only enrolled ones are offered', async () => {
    const { browsing } = policy(['local', optional(anyOf('a', 'b'))], { a: withKey, b: { ...sees, enrolled: () => false } })
    expect(factorsOf((await browsing.password('ada')).body)).toEqual(['a'])
    expect(await browsing.who()).toEqual(nobody)
    expect((await browsing.post('/login/a', right)).body).toMatchObject({ status: 'complete' })
  })

  it('an optional step asks about enrolment asynchronously, and a question that fails lets no user in', async () => {
    const asynchronous = policy(['local', optional('a')], { a: { ...sees, enrolled: async (user) => Boolean(person(user).key) } })
    expect((await asynchronous.browsing.password('ada')).body).toMatchObject({ status: 'pending', step: 2 })
    const broken = policy(['local', optional('a')], { a: { ...sees, enrolled: async () => { throw new Error('no database') } } })
    expect((await broken.browsing.password('ada')).status).toBe(503)
    expect(await broken.browsing.who()).toEqual(nobody)
  })
})

describe('when', () => {
  it('when() asks for its step where the predicate holds, also asynchronously', async () => {
    for (const predicate of [({ user }: { user: unknown }) => (user as Person | undefined)?.name === 'ada', async ({ user }: { user: unknown }) => (user as Person | undefined)?.name === 'ada']) {
      const { app } = policy(['local', when(predicate, 'a')])
      expect((await browser(app).password('ada')).body).toMatchObject({ status: 'pending', step: 2 })
      expect((await browser(app).password('grace')).body).toMatchObject({ status: 'complete' })
    }
  })

  it('when() decides by the user, the request and the evidence so far, and is given no user at first', async () => {
    const situations: unknown[] = []
    const { browsing } = policy(['local', when(({ user, req, evidence }) => {
      situations.push([(user as Person | undefined)?.id, req.method, evidence.map(({ factor, at, via }) => [factor, at instanceof Date, via])])
      return true
    }, 'a')])
    await browsing.get('/login')
    await browsing.password('ada')
    expect(situations[0]).toEqual([undefined, 'GET', []])
    expect(situations.at(-1)).toEqual(['u1', 'POST', [['local', true, 'fresh']]])
  })

  it('passed() makes several doors one policy: only the password asks for more', async () => {
    const door = new Scripted('card', function () { this.success({ id: 'u2' }) })
    const { app } = buildApp({ strategies: [door, pin('a')], options: { steps: [anyOf('local', 'card'), when(passed('local'), 'a')], factors: { a: sees } } })
    expect((await browser(app).post('/login/card')).body).toMatchObject({ status: 'complete', steps: 1 })
    expect((await browser(app).password()).body).toMatchObject({ status: 'pending', step: 2, factors: [{ factor: 'a' }] })
  })

  it('a when() that throws or rejects lets no user in', async () => {
    for (const predicate of [() => { throw new Error('no risk service') }, async () => { throw new Error('no risk service') }]) {
      const { browsing } = policy(['local', when(({ user }) => (user ? predicate() : true), 'a')])
      expect((await browsing.password()).status).toBe(503)
      expect(await browsing.who()).toEqual(nobody)
    }
  })

  it('when() around optional() needs both', async () => {
    const { app } = policy(['local', when(({ user }) => (user as Person | undefined)?.name !== 'alan', optional('a'))], { a: { ...sees, enrolled: (user) => Boolean(person(user).key) } })
    expect((await browser(app).password('ada')).body).toMatchObject({ status: 'pending' })
    expect((await browser(app).password('grace')).body).toMatchObject({ status: 'complete' })
    expect((await browser(app).password('alan')).body).toMatchObject({ status: 'complete' })
  })
})

describe('the plan is decided anew at each request', () => {
  it('a user who removes their only factor in another session does not complete without one: 409 plan_changed (F-15)', async () => {
    const { browsing, users, runs } = policy(['local', optional('a')], { a: { ...sees, enrolled: (user) => Boolean(person(user).key) } })
    await browsing.password('ada')
    delete users.ada!.key
    expect((await browsing.get('/login')).body).toMatchObject({ status: 'pending' })
    expect(await browsing.who()).toEqual(nobody)
    expect((await browsing.post('/login/a', right)).body).toMatchObject({ status: 409, code: 'plan_changed' })
    expect(runs()).toEqual({ a: 0 })
    expect(await browsing.who()).toEqual(nobody)
    expect((await browsing.password('ada')).body).toMatchObject({ status: 'complete' })
  })

  it('a mandatory step stays, whatever the user removes: 403 factor_not_enrolled (F-15)', async () => {
    const { browsing, users, runs } = policy(['local', 'a'], { a: { ...sees, enrolled: (user) => Boolean(person(user).key) } })
    await browsing.password('ada')
    delete users.ada!.key
    expect((await browsing.post('/login/a', right)).body).toMatchObject({ status: 403, code: 'factor_not_enrolled' })
    expect(runs()).toEqual({ a: 0 })
    expect(await browsing.who()).toEqual(nobody)
  })

  it('a policy that becomes stricter between the steps applies at once (F-16)', async () => {
    let strict = false
    const { browsing } = policy(['local', 'a', when(() => strict, 'b')])
    expect((await browsing.password()).body).toMatchObject({ steps: 2 })
    strict = true
    expect((await browsing.post('/login/a', right)).body).toMatchObject({ status: 'pending', step: 3, steps: 3, factors: [{ factor: 'b' }] })
    expect(await browsing.who()).toEqual(nobody)
    expect((await browsing.post('/login/b', right)).body).toMatchObject({ status: 'complete' })
  })

  it('a plan that shrinks logs no user in without a new proof, by no kind of post, and is no dead end (F-34)', async () => {
    let strict = true
    const { browsing } = policy(['local', when(() => strict, 'a')])
    for (const path of ['/login/a', '/login/local']) {
      strict = true
      await browsing.password()
      strict = false
      expect((await browsing.get('/login')).body.status).toBe('pending')
      expect((await browsing.post(path, right)).body).toMatchObject({ status: 409, code: 'plan_changed' })
      expect(await browsing.who()).toEqual(nobody)
    }
    expect((await browsing.password()).body).toMatchObject({ status: 'complete' })
  })

  it('a plan that is reordered counts what was proven (F-34)', async () => {
    let swapped = false
    const { browsing } = policy(['local', when(() => !swapped, 'a'), 'b', when(() => swapped, 'a')])
    await browsing.password()
    await browsing.post('/login/a', right)
    swapped = true
    expect((await browsing.get('/login')).body).toMatchObject({ step: 2, steps: 3, factors: [{ factor: 'b' }] })
    expect((await browsing.post('/login/b', right)).body).toMatchObject({ status: 'complete' })
  })

  it('a plan that comes to need in a step of its own what covered a choice before is no dead end (F-34)', async () => {
    let strict = false
    const { browsing } = policy(['local', anyOf('a', 'b'), when(() => strict, 'a'), when(() => !strict, 'c')])
    await browsing.password()
    await browsing.post('/login/a', right)
    strict = true
    expect((await browsing.get('/login')).body).toMatchObject({ status: 'pending', factors: [{ factor: 'b' }] })
    expect((await browsing.post('/login/b', right)).body).toMatchObject({ status: 'complete' })
  })

  it('an empty plan is a 500 plan_empty, and no user is logged in', async () => {
    for (const step of [when(() => false, 'local'), optional('local')]) {
      const { browsing } = policy([step], { local: { enrolled: () => true } })
      expect((await browsing.password()).body).toMatchObject({ status: 500, code: 'plan_empty' })
      expect((await browsing.get('/login')).body).toMatchObject({ status: 500, code: 'plan_empty' })
      expect(await browsing.who()).toEqual(nobody)
    }
  })

  it('a plan that becomes empty between the steps logs no user in', async () => {
    let none = false
    const { browsing } = policy([when(() => !none, 'local'), when(() => !none, 'a')])
    await browsing.password()
    none = true
    expect((await browsing.post('/login/a', right)).body).toMatchObject({ status: 500, code: 'plan_empty' })
    expect(await browsing.who()).toEqual(nobody)
  })
})

describe('which steps the proofs cover', () => {
  const all = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'x'].map((name) => [name, { authenticator: name }]))
  const factors = (names: string[]) => names.map((name) => all[name]!)
  const covered = (plan: string[][], ...proven: string[]) => coveredChoices(plan.map(factors), factors(proven)).map(Number).join('')

  it.each<[string[][], string[], string]>([
    [[['a'], ['b']], [], '00'],
    [[['a'], ['b']], ['b'], '01'],
    [[['a', 'b'], ['a', 'b']], ['a'], '10'],
    [[['a', 'b'], ['a', 'b']], ['a', 'b'], '11'],
    [[['a', 'b'], ['a']], ['a', 'b'], '11'],
    [[['a', 'b'], ['a']], ['a'], '10'],
    [[['a', 'b'], ['b', 'c'], ['a']], ['a', 'b', 'c'], '111'],
    [[['a', 'b'], ['b', 'c'], ['c', 'a']], ['a', 'b'], '110'],
    [[['a'], ['a']], ['a', 'a'], '10'],
    [[['a']], ['x'], '0'],
    [[['c'], ['a', 'b'], ['a']], ['a', 'b'], '011'],
  ])('%j by %j: %s', (plan, factors, expected) => {
    expect(covered(plan, ...factors)).toBe(expected)
  })

  it('the proofs cover as many choices as possible and never two by one proof, in whatever order they came', () => {
    const names = ['a', 'b', 'c', 'd']
    const subsets = names.flatMap((_, index) => names.slice(index).map((__, end) => names.slice(index, index + end + 1)))
    const orders = [['a', 'c', 'd'], ['a', 'd', 'c'], ['c', 'a', 'd'], ['c', 'd', 'a'], ['d', 'a', 'c'], ['d', 'c', 'a']]
    for (const one of subsets) for (const two of subsets) for (const three of subsets) {
      const plan = [one, two, three]
      const results = orders.map((order) => covered(plan, ...order))
      expect(new Set(results).size).toBe(1)
      expect(results[0]!.replaceAll('0', '').length).toBe(best(plan, ['a', 'c', 'd']))
    }
  })

  /** By trying everything. */
  function best([slot, ...rest]: string[][], proofs: string[]): number {
    if (!slot) return 0
    const usable = proofs.filter((proof) => slot.includes(proof))
    return Math.max(best(rest, proofs), ...usable.map((used) => 1 + best(rest, proofs.filter((proof) => proof !== used))))
  }

  it('one factor takes one step: of two choices that both allow it, the other one is still asked for (F-13)', async () => {
    const { browsing, runs } = policy(['local', anyOf('a', 'b'), anyOf('a', 'b')])
    await browsing.password()
    expect(factorsOf((await browsing.post('/login/a', right)).body)).toEqual(['b'])
    expect((await browsing.post('/login/a', right)).body).toMatchObject({ status: 409, code: 'factor_unexpected' })
    expect(runs()).toEqual({ a: 1, b: 0 })
    expect((await browsing.post('/login/b', right)).body).toMatchObject({ status: 'complete' })
  })

  it('a second factor of one kind on one channel is not offered, and not counted (F-13, F-14, R-50)', async () => {
    const phone: FactorOptions = { ...sees, kind: 'possession', channel: 'phone' }
    const { browsing, runs } = policy(['local', anyOf('a', 'b', 'c'), anyOf('a', 'b', 'c')], { a: phone, b: phone, c: { ...sees, kind: 'possession', channel: 'key' } })
    await browsing.password()
    expect(factorsOf((await browsing.post('/login/a', right)).body)).toEqual(['c'])
    expect((await browsing.post('/login/b', right)).body).toMatchObject({ status: 409, code: 'factor_unexpected' })
    expect(runs()).toEqual({ a: 1, b: 0, c: 0 })
    expect(await browsing.who()).toEqual(nobody)
    expect((await browsing.post('/login/c', right)).body).toMatchObject({ status: 'complete' })
  })

  it('two factors are two where the app says that their channels differ (F-14)', async () => {
    const { browsing } = policy(['local', 'a', 'b'], { a: { ...sees, kind: 'possession', channel: 'phone' }, b: { ...sees, kind: 'possession', channel: 'other phone' } })
    await browsing.password()
    expect((await browsing.post('/login/a', right)).body).toMatchObject({ status: 'pending', step: 3, factors: [{ factor: 'b' }] })
  })
})

describe('a step that nobody has enrolled for', () => {
  const noKey: FactorOptions = { ...sees, enrolled: (user) => Boolean(person(user).key) }

  it('a step whose factors the user does not have stops the login, runs nothing, and says so: 403 factor_not_enrolled', async () => {
    const { browsing, runs } = policy(['local', 'a'], { a: noKey })
    expect((await browsing.password('grace')).body).toMatchObject({ status: 'pending', step: 2, factors: [], problem: { code: 'factor_not_enrolled', status: 403 } })
    for (const path of ['/login', '/login?again']) expect((await browsing.get(path)).body).toMatchObject({ status: 'pending', problem: { code: 'factor_not_enrolled', status: 403 } })
    expect((await browsing.post('/login/a', right)).body).toMatchObject({ status: 403, code: 'factor_not_enrolled' })
    expect(runs()).toEqual({ a: 0 })
    expect(await browsing.who()).toEqual(nobody)
  })

  it('enroll: \'first\' offers enrolment to a user who has no factor of the step, and to no other', async () => {
    const { app } = policy(['local', anyOf('a', 'b')], { a: { ...noKey, enroll: 'first' }, b: { ...sees, enrolled: (user) => person(user).name === 'ada' } })
    expect(factorsOf((await browser(app).password('grace')).body)).toEqual(['a'])
    expect(factorsOf((await browser(app).password('ada')).body)).toEqual(['a', 'b'])
    const { app: unenrolled, users } = policy(['local', anyOf('a', 'b')], { a: { ...noKey, enroll: 'first' }, b: { ...sees, enrolled: () => true } })
    delete users.ada!.key
    expect(factorsOf((await browser(unenrolled).password('ada')).body)).toEqual(['b'])
  })
})

describe('events', () => {
  it('events tell of each step and of the end, with the user and with nothing more', async () => {
    const { browsing, login } = policy(['local', 'a'], { a: { ...sees, kind: 'possession', channel: 'device', amr: 'otp' } })
    const events: unknown[] = []
    for (const name of ['flow.started', 'step.passed', 'step.failed', 'flow.completed'] satisfies (keyof MultistepEvents)[]) login.on(name, (event) => events.push([name, event]))
    await browsing.password()
    await browsing.post('/login/a', { code: 'wrong' })
    await browsing.post('/login/a', right)
    expect(events).toEqual([
      ['step.passed', { userId: 'u1', factor: 'local' }],
      ['flow.started', { userId: 'u1', factor: 'local' }],
      ['step.failed', { userId: 'u1', factor: 'a', code: 'factor_failed', status: 401 }],
      ['step.passed', { userId: 'u1', factor: 'a' }],
      ['flow.completed', { userId: 'u1', amr: ['pwd', 'otp', 'mfa'] }],
    ])
  })
})

describe('at start-up', () => {
  const knowing = (...names: string[]) => {
    const passport = new Passport()
    for (const name of names) passport.use(pin(name))
    return passport as unknown as PassportLike
  }
  const all = ['local', 'sms-otp', 'mobileconnect', 'totp', 'recovery-code', 'a', 'b']
  const starting = (options: unknown) => () => multistep(knowing(...all), options as MultistepOptions)
  const enrolled = () => true

  it.each<[string, unknown, string]>([
    ['no steps at all', {}, 'the steps are missing'],
    ['no list of steps', { steps: 'local' }, 'steps is a list'],
    ['an empty policy', { steps: [] }, 'steps is empty'],
    ['an empty choice', { steps: ['local', anyOf()] }, 'anyOf() without a factor can never be met'],
    ['an empty optional choice', { steps: ['local', optional(anyOf())] }, 'anyOf() without a factor can never be met'],
    ['a factor Passport does not know', { steps: ['local', 'smsotp'] }, 'Passport knows no strategy \'smsotp\''],
    ['a factor whose name is misspelt', { steps: ['locall'] }, 'Passport knows no strategy \'locall\'. Did you mean local? passport.use() it before'],
    ['a strategy Passport does not know', { steps: ['local', 'a'], factors: { a: { strategy: 'aa' } } }, 'Passport knows no strategy \'aa\''],
    ['a factor described that no step mentions', { steps: ['local'], factors: { locl: {} } }, 'factors describes \'locl\', which no step mentions'],
    ['a typo in passed()', { steps: [anyOf('local', 'a'), when(passed('locl'), 'b')] }, 'passed(\'locl\')'],
    ['Passport\'s session', { steps: ['local', 'session'] }, 'Passport\'s \'session\' strategy proves nothing'],
    ['Passport\'s anonymous', { steps: [anyOf('local', 'anonymous')] }, 'Passport\'s \'anonymous\' strategy proves nothing'],
    ['Passport\'s session under another name', { steps: ['local', 'a'], factors: { a: { strategy: 'session' } } }, 'Passport\'s \'session\' strategy proves nothing'],
    ['a name the router uses', { steps: ['local', 'cancel'] }, '\'cancel\' cannot be the name of a factor'],
    ['a name with a slash', { steps: ['a/b'] }, '\'a/b\' cannot be the name of a factor'],
    ['a policy whose first step nobody can meet', { steps: ['totp'], factors: { totp: { enrolled } } }, 'cannot say who a person is'],
    ['the same factor twice', { steps: ['local', 'local'] }, 'nobody can meet step 2 (local)'],
    ['two steps that one phone meets', { steps: ['local', 'sms-otp', 'mobileconnect'] }, 'nobody can meet step 3 (mobileconnect)'],
    ['two steps that one phone meets, behind others', { steps: ['local', when(() => true, 'a'), 'sms-otp', 'mobileconnect'] }, 'nobody can meet step 4 (mobileconnect)'],
    ['an empty allOf', { steps: ['local', allOf()] }, 'allOf() without a factor can never be met'],
    ['an empty choice in a choice', { steps: ['local', anyOf('a', allOf('b', anyOf()))] }, 'anyOf() without a factor can never be met'],
    ['one phone twice in allOf', { steps: ['local', allOf('sms-otp', 'mobileconnect')] }, 'nobody can meet step 2 (sms-otp, mobileconnect)'],
    ['one phone twice in one way of a choice', { steps: ['local', anyOf(allOf('sms-otp', 'mobileconnect'), 'a')] }, 'nobody can take sms-otp and mobileconnect together, as anyOf(allOf(sms-otp, mobileconnect), a) has it'],
    ['one phone twice where a condition holds', { steps: ['local', 'sms-otp', when(() => true, 'mobileconnect')] }, 'nobody can meet step 3 (mobileconnect)'],
    ['one phone twice for a person who has one', { steps: ['local', 'sms-otp', optional('mobileconnect')] }, 'nobody can meet step 3 (mobileconnect)'],
    ['steps that leave a step without, in every way', { steps: ['local', anyOf('a', 'b'), allOf('a', 'b')] }, 'nobody can meet step 3 (a, b)'],
    ['a way that nobody can begin', { steps: [allOf('totp', 'local')], factors: { totp: { enrolled } } }, 'cannot say who a person is'],
    ['a choice with optional inside', { steps: ['local', anyOf('a', optional('sms-otp') as never)] }, 'a step is the name of a factor, anyOf'],
    ['a choice with when inside', { steps: ['local', allOf('a', when(() => true, 'b') as never)] }, 'a step is the name of a factor, anyOf'],
    ['optional around when', { steps: ['local', optional(when(() => true, 'a') as never)] }, 'a step is the name of a factor, anyOf'],
    ['a typo in passed() in another condition', { steps: ['local', when(() => true, when(passed('lokal'), 'a'))] }, 'passed(\'lokal\') never holds'],
    ['optional of several together without enrolled', { steps: ['local', optional(allOf('sms-otp', 'a'))] }, 'optional(\'a\') needs to know who has it'],
    ['more ways than anybody understands', { steps: ['local', ...Array.from({ length: 7 }, () => anyOf(allOf('a', 'b'), 'sms-otp'))] }, 'more than 64 ways lead through these steps'],
    ['a second door whose failures nobody counts', { steps: [anyOf(allOf('local', 'sms-otp'), allOf('a', 'b'))], factors: { a: { fields: ['pin'] } } }, '\'a\' may come first, when nobody is known yet'],
    ['totp without enrolled', { steps: ['local', 'totp'] }, '\'totp\' must be told who has it'],
    ['recovery codes without enrolled', { steps: ['local', 'recovery-code'] }, '\'recovery-code\' must be told who has it'],
    ['optional without enrolled', { steps: ['local', optional('a')] }, 'optional(\'a\') needs to know who has it'],
    ['when around optional without enrolled', { steps: ['local', when(() => true, optional(anyOf('sms-otp', 'a')))] }, 'optional(\'a\') needs to know who has it'],
    ['an unknown option', { steps: ['local'], step: [] }, 'there is no option \'step\''],
    ['a number for a duration', { steps: ['local'], ttl: 600 }, 'ttl is a duration'],
    ['a limit above NIST\'s', { steps: ['local'], lockout: { after: 101 } }, 'lockout.after is a whole number from 1 to 100'],
    ['no limit', { steps: ['local'], lockout: { after: Infinity } }, 'lockout.after is a whole number from 1 to 100'],
  ])('multistep() refuses %s, in words', (_, options, sentence) => {
    expect(starting(options)).toThrow(TypeError)
    expect(starting(options)).toThrow(sentence)
  })

  it('multistep() takes two factors on one channel where a choice leaves a way, or where they are said to be two', () => {
    expect(starting({ steps: ['local', 'sms-otp', anyOf('mobileconnect', 'a')] })).not.toThrow()
    expect(starting({ steps: ['local', 'sms-otp', 'mobileconnect'], factors: { mobileconnect: { channel: 'second phone' } } })).not.toThrow()
    expect(starting({ steps: [anyOf('local', 'sms-otp', 'mobileconnect'), when(passed('local'), anyOf('sms-otp', 'mobileconnect'))] })).not.toThrow()
  })

  it('multistep() refuses a second policy on one Passport instance, and takes one after a mistake', () => {
    const passport = knowing('local')
    expect(() => multistep(passport, { steps: ['local', 'missing'] })).toThrow('Passport knows no strategy')
    expect(() => multistep(passport, { steps: ['local'] })).not.toThrow()
    expect(() => multistep(passport, { steps: ['local'] })).toThrow('this Passport instance has a policy already')
  })

  it('multistep() refuses what is no Passport', () => {
    for (const none of [undefined, {}, { session() {} }, 'passport']) expect(() => multistep(none as never, { steps: ['local'] })).toThrow('must be a Passport instance')
  })

  it('a route for a factor that the policy does not mention is refused', () => {
    const login = multistep(knowing('local'), { steps: ['local'] })
    expect(() => login.authenticate('sms-otp' as never)).toThrow('\'sms-otp\' is not a factor of this policy')
    expect(() => login.challenge('local')).toThrow('\'local\' has no challenge to begin')
  })

  it('multistep() does not change the options that it was given', () => {
    const options = Object.freeze({ steps: Object.freeze(['local', Object.freeze(anyOf('a', 'b'))]), factors: Object.freeze({ a: Object.freeze({ label: 'A' }) }) })
    expect(starting(options)).not.toThrow()
  })

  it('a strategy that Passport forgets afterwards is an error at run time, never a skipped step', async () => {
    const { browsing, passport } = policy(['local', 'a'])
    await browsing.password()
    passport.unuse('a')
    expect((await browsing.post('/login/a', right)).body).toMatchObject({ status: 500, code: 'misconfigured', detail: expect.stringContaining('\'a\'') })
    expect(await browsing.who()).toEqual(nobody)
  })
})

describe('the types', () => {
  /** Never called: the compiler is the test. */
  function compiles(passport: InstanceType<typeof Passport>) {
    const login = multistep(passport, { steps: ['local', anyOf('sms-otp', 'totp'), optional('a'), when(passed('local'), 'b')], factors: { totp: { enrolled: () => true } } })
    login.authenticate('local')
    login.challenge('sms-otp')
    login.authenticate('totp')
    login.authenticate('a')
    login.authenticate('b')
    void login.unlock('u1', 'b')
    when(({ user }) => user !== undefined, 'local')
    // @ts-expect-error no step mentions this factor
    login.authenticate('smsotp')
    // @ts-expect-error no step mentions this factor
    login.challenge('sms')
    // @ts-expect-error no step mentions this factor
    void login.unlock('u1', 'top')
    // @ts-expect-error no step mentions this factor
    multistep(passport, { steps: ['local', 'sms-otp'], factors: { smsotp: {} } })
    // @ts-expect-error no step mentions this factor
    multistep(passport, { steps: ['local', when(passed('locl'), 'sms-otp')] })
    // @ts-expect-error one of one
    when(passed('local'))
    // @ts-expect-error there is no such event
    login.on('step.passd', () => undefined)
    // @ts-expect-error a duration is a string
    multistep(passport, { steps: ['local'], ttl: 600 })
    // @ts-expect-error one name a route
    login.authenticate(['local', 'totp'])
  }

  it('the types know the names of the factors: a typo does not compile', () => {
    expect(compiles).toBeInstanceOf(Function)
  })
})
