import type { ErrorRequestHandler } from 'express'
import { Passport } from 'passport'
import { allOf, anyOf, multistep, optional, passed, when, type DecidedOptions, type FactorOptions, type PassportLike, type Situation, type Step } from '../../src/index.js'
import { browser, buildApp, people, pin, Scripted, type Person } from '../support/app.js'

const right = { code: '246810' }
const nobody = { authenticated: false, user: null, amr: [] }
const sees: FactorOptions = { sees: 'pending', fields: ['code'] }
const nameOf = (user: Express.User | undefined) => (user as Person | undefined)?.name

/** A login whose steps a function decides, of `local`, `a`, `b` and `c`. */
function decided(steps: (situation: Situation) => unknown, more: Partial<Omit<DecidedOptions, 'steps' | 'remember'>> = {}) {
  const strategies = ['a', 'b', 'c'].map((name) => pin(name))
  const { factors, ...options } = more
  const built = buildApp({
    strategies, options: { steps: steps as never, factors: { local: {}, a: sees, b: sees, c: sees, ...factors }, ...options },
  })
  const runs = () => strategies.map(({ runs }) => runs).join('')
  return { ...built, runs, browsing: browser(built.app) }
}

describe('steps as a function', () => {
  it('steps as a function decide by the user: roles, tenant, what their account says', async () => {
    const { app } = decided(async ({ user }) => (nameOf(user) === 'ada' ? ['local', 'a', 'b'] : nameOf(user) === 'grace' ? ['local'] : ['local', 'c']))
    const ada = browser(app)
    expect((await ada.password('ada')).body).toMatchObject({ step: 2, steps: 3, factors: [{ factor: 'a' }] })
    await ada.post('/login/a', right)
    expect(await ada.who()).toEqual(nobody)
    expect((await ada.post('/login/b', right)).body).toMatchObject({ status: 'complete' })
    expect((await browser(app).password('grace')).body).toMatchObject({ status: 'complete' })
    expect((await browser(app).password('alan')).body).toMatchObject({ step: 2, factors: [{ factor: 'c' }] })
  })

  it('steps as a function decide by the request (address, risk) and by what was proven', async () => {
    const { app } = decided(({ req, evidence }) => ['local', ...req.headers['x-risk'] === 'high' ? ['a'] : [], ...evidence.some(({ factor }) => factor === 'a') ? ['b'] : []])
    expect((await browser(app).password()).body).toMatchObject({ status: 'complete' })
    const risky = browser(app)
    expect((await risky.agent.post('/login/local').set('x-risk', 'high').send({ username: 'ada', password: people().ada!.password })).body).toMatchObject({ factors: [{ factor: 'a' }] })
    expect((await risky.agent.post('/login/a').set('x-risk', 'high').send(right)).body).toMatchObject({ status: 'pending', factors: [{ factor: 'b' }] })
  })

  it('(F-25 at steps) steps as a function see no address from a header that anybody can send: req.ip is Express\' own', async () => {
    const { app } = decided(({ req }) => (req.ip?.endsWith('127.0.0.1') ? ['local', 'a'] : ['local']))
    const response = await browser(app).agent.post('/login/local').set('X-Forwarded-For', '10.0.0.1').send({ username: 'ada', password: people().ada!.password })
    expect(response.body).toMatchObject({ status: 'pending', step: 2 })
  })

  it('steps as a function may return every kind of step, also nested ones', async () => {
    const { browsing } = decided(() => ['local', when(passed('local'), anyOf(allOf('a', 'b'), 'c')), optional('c')], { factors: { c: { ...sees, enrolled: () => false } } })
    expect((await browsing.password()).body).toMatchObject({ steps: 3, factors: [{ factor: 'a' }] })
  })

  it('steps as a function are called without a user first, and again at every step', async () => {
    const asked: unknown[] = []
    const { browsing } = decided(({ user, evidence }) => {
      asked.push([nameOf(user), evidence.map(({ factor }) => factor).join()])
      return ['local', 'a']
    })
    await browsing.password()
    await browsing.post('/login/a', right)
    expect(asked).toEqual([[undefined, ''], ['ada', 'local'], ['ada', 'local'], ['ada', 'local,a']])
  })

  it('(F-16) asks for more as soon as the account does, and (F-34) what was proven counts in another order', async () => {
    let steps = ['local', 'a']
    const { browsing } = decided(() => steps)
    await browsing.password()
    steps = ['local', 'b', 'a']
    expect((await browsing.post('/login/a', right)).body).toMatchObject({ status: 409, code: 'factor_unexpected' })
    await browsing.post('/login/b', right)
    steps = ['a', 'local', 'b', 'c']
    expect((await browsing.get('/login')).body).toMatchObject({ step: 1, steps: 4, factors: [{ factor: 'a' }] })
    expect((await browsing.post('/login/a', right)).body).toMatchObject({ step: 4, factors: [{ factor: 'c' }] })
    expect(await browsing.who()).toEqual(nobody)
  })

  it('(F-15, F-34) a plan that comes to be met without a new proof logs nobody in: 409 plan_changed', async () => {
    let steps = ['local', 'a']
    const { browsing, runs } = decided(() => steps)
    await browsing.password()
    steps = ['local']
    expect((await browsing.get('/login')).body).toMatchObject({ status: 'pending', factors: [], problem: { code: 'plan_changed', status: 409 } })
    expect((await browsing.post('/login/a', right)).body).toMatchObject({ status: 409, code: 'plan_changed' })
    expect(await browsing.who()).toEqual(nobody)
    expect(runs()).toBe('000')
  })

  it('a plan without a step logs nobody in: 500 plan_empty', async () => {
    const { browsing } = decided(({ user }) => (user ? [] : ['local']))
    expect((await browsing.password()).body).toMatchObject({ status: 500, code: 'plan_empty' })
    expect(await browsing.who()).toEqual(nobody)
  })
})

describe('steps that cannot work are an error, never a step that is skipped', () => {
  it.each<[string, unknown, string]>([
    ['a name that factors does not declare', ['local', 'totp'], 'the function steps returned \'totp\', which factors does not declare. There are local, a, b, c.'],
    ['a typo', ['locl', 'a'], 'Did you mean local?'],
    ['a typo in a step in a step', ['local', anyOf(allOf('a', 'bb'), 'c')], 'returned \'bb\''],
    ['a typo in a step that is not asked for', ['local', when(() => false, 'd')], 'returned \'d\''],
    ['a typo in passed()', ['local', when(passed('lokal'), 'a')], 'passed(\'lokal\') never holds'],
    ['nothing', undefined, 'the function steps must return a list'],
    ['one name', 'local', 'the function steps must return a list'],
    ['no step', ['local', 5], 'a step is the name of a factor'],
    ['an empty choice', ['local', anyOf()], 'anyOf() without a factor can never be met'],
    ['what nobody can meet', ['local', 'a', 'a'], 'nobody can meet step 3 (a)'],
    ['optional of what nobody knows who has', ['local', optional('a')], 'optional(\'a\') needs to know who has it'],
  ])('%s', async (_, steps, sentence) => {
    const { browsing, runs } = decided(({ user }) => (user ? steps : ['local']))
    expect((await browsing.password()).body).toMatchObject({ status: 500, code: 'misconfigured', detail: expect.stringContaining(sentence) })
    expect(await browsing.who()).toEqual(nobody)
    expect(runs()).toBe('000')
  })

  it('decided steps with a first factor whose failures are not counted are an error', async () => {
    const { browsing } = decided(({ user }) => (user ? ['local'] : ['a']))
    expect((await browsing.get('/login')).body).toMatchObject({ status: 500, code: 'misconfigured', detail: expect.stringContaining('failures need a name to be counted by') })
  })
})

describe('a decision that fails', () => {
  const broken = [() => { throw new Error('no directory') }, async () => { throw new Error('no directory') }]

  it('steps that throw let nobody in and tell no reason, and the login can go on afterwards', async () => {
    for (const decide of broken) {
      let down = false
      const { browsing, login } = decided(() => (down ? decide() : ['local', 'a']))
      const errors: unknown[] = []
      login.on('step.failed', ({ error }) => errors.push((error as Error).cause))
      await browsing.password()
      down = true
      const response = await browsing.post('/login/a', right)
      expect(response.body).toMatchObject({ status: 503, code: 'factor_unavailable' })
      expect(JSON.stringify(response.body)).not.toContain('directory')
      expect(errors).toEqual([expect.objectContaining({ message: 'no directory' })])
      expect(await browsing.who()).toEqual(nobody)
      down = false
      expect((await browsing.post('/login/a', right)).body).toMatchObject({ status: 'complete' })
    }
  })

  it('steps that throw reach next(err) once on a page of the app, also from require(), progress() and vouch()', async () => {
    for (const decide of broken) {
      let down = false
      const errors: unknown[] = []
      const { app } = buildApp({ router: false, strategies: [pin('a')], options: { steps: () => (down ? decide() as never : ['local', 'a']), factors: { local: {}, a: sees } }, routes: (host, login) => {
        host.post('/login/local', login.authenticate('local') as any)
        host.get('/guarded', login.require() as any)
        host.get('/progress', (req, res, next) => { login.progress(req as any).then((state) => res.json(state), next) })
        host.post('/vouch', (req, res, next) => { login.vouch(req as any, people().ada!, 'local').then((state) => res.json(state), next) })
        host.use(((error, _req, _res, next) => { errors.push((error.cause ?? error).message); next(error) }) as ErrorRequestHandler)
      } })
      const browsing = browser(app)
      await browsing.form('/login/local', { username: 'ada', password: people().ada!.password }).expect(303)
      down = true
      for (const request of [() => browsing.form('/login/local', { username: 'ada', password: 'wrong' }), () => browsing.page('/guarded'), () => browsing.page('/progress'), () => browsing.form('/vouch')]) {
        expect((await request()).body).toMatchObject({ handled: true })
        expect(errors.splice(0)).toEqual(['no directory'])
      }
      expect(await browsing.who()).toEqual(nobody)
    }
  })

  it('steps as a function must answer within stepTimeout', async () => {
    const { browsing } = decided(({ user }) => (user ? new Promise(() => {}) : ['local', 'a']), { stepTimeout: '40ms' })
    expect((await browsing.password()).body).toMatchObject({ status: 503, code: 'factor_unavailable' })
    expect(await browsing.who()).toEqual(nobody)
  })
})

describe('at start-up', () => {
  const knowing = (...names: string[]) => names.reduce((passport, name) => passport.use(pin(name)), new Passport()) as unknown as PassportLike
  const starting = (options: unknown) => () => multistep(knowing('local', 'a', 'totp'), options as DecidedOptions)

  it.each<[string, unknown, string]>([
    ['no factors', { steps: () => ['local'] }, 'steps is a function, so factors must list every name that it may return'],
    ['an empty list of factors', { steps: () => ['local'], factors: {} }, 'factors must list every name'],
    ['a factor that Passport does not know', { steps: () => ['local'], factors: { local: {}, b: {} } }, 'Passport knows no strategy \'b\''],
    ['a factor without what it must be given', { steps: () => ['local'], factors: { local: {}, totp: {} } }, '\'totp\' must be told who has it'],
    ['Passport\'s session', { steps: () => ['local'], factors: { session: {} } }, 'proves nothing'],
  ])('multistep({ factors, steps }) refuses %s, in words', (_, options, sentence) => {
    expect(starting(options)).toThrow(TypeError)
    expect(starting(options)).toThrow(sentence)
  })

  it('the router mounts a route and a page for every factor that steps may ask for', () => {
    const login = multistep(knowing('local', 'a'), { steps: () => ['local'], factors: { local: {}, a: sees } })
    expect(login.authenticate('a')).toBeInstanceOf(Function)
    expect(() => login.authenticate('b' as 'a')).toThrow('\'b\' is not a factor of this policy')
  })
})

describe('the types', () => {
  /** Never called: the compiler is the test. */
  function compiles(passport: InstanceType<typeof Passport>) {
    const login = multistep(passport, {
      steps: async ({ user, req, evidence }) => (user && req.ip && evidence.length > 0 ? ['local', anyOf(allOf('sms-otp', 'a'), 'b'), when(passed('local'), optional('b'))] : ['local']),
      factors: { local: {}, 'sms-otp': {}, a: { amr: 'x' }, b: { enrolled: () => true } },
    })
    login.authenticate('sms-otp')
    void login.unlock('u1', 'a')
    // @ts-expect-error factors declares no such name
    login.authenticate('smsotp')
    // @ts-expect-error factors declares no such name
    multistep(passport, { steps: async () => ['local', 'smsotp'], factors: { local: {}, 'sms-otp': {} } })
    // @ts-expect-error factors declares no such name
    multistep(passport, { steps: () => ['local', anyOf(allOf('local', 'smsotp'))], factors: { local: {}, 'sms-otp': {} } })
    // @ts-expect-error the function needs factors
    multistep(passport, { steps: () => ['local'] })
    const nested = multistep(passport, { steps: [allOf('local', anyOf(allOf('a', 'b'), 'c')), optional(allOf('d', 'e')), when(passed('a'), when(() => true, allOf('f', anyOf('g', 'h'))))] })
    for (const name of ['local', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const) nested.authenticate(name)
    // @ts-expect-error no step mentions this factor
    nested.authenticate('i')
    // @ts-expect-error no step mentions this factor
    multistep(passport, { steps: ['local', anyOf(allOf('a', 'b'), 'c')], factors: { d: {} } })
    // @ts-expect-error optional stands around a choice, not inside one
    anyOf('a', optional('b'))
    // @ts-expect-error when stands around a choice, not inside one
    allOf('a', when(() => true, 'b'))
    const steps: readonly Step<'a' | 'b'>[] = ['a', allOf('a', 'b')]
    multistep(passport, { steps }).challenge('b')
  }

  it('the type of steps knows the names of factors: a typo does not compile', () => {
    expect(compiles).toBeInstanceOf(Function)
  })
})

it('a strategy of a factor that is not asked for is never run', async () => {
  const b = new Scripted('b', function (req) { this.success(req.user) })
  const { app } = buildApp({ strategies: [pin('a'), b], options: { steps: (() => ['local', 'a']) as never, factors: { local: {}, a: sees, b: sees } } })
  const browsing = browser(app)
  await browsing.password()
  expect((await browsing.post('/login/b')).body).toMatchObject({ status: 409, code: 'factor_unexpected' })
  expect(b.runs).toBe(0)
})
