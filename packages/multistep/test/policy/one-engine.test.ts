import fc from 'fast-check'
import { allOf, anyOf, type FactorOptions, type Factors, type Proof, type RequireOptions } from '../../src/index.js'
import { nextStepFor } from '../../src/policy/next-step.js'
import { factorTable } from '../../src/factors/factor-table.js'
import { alternativesOf, isComplete, planOf } from '../../src/policy/plan.js'
import { freshlyProven, lackOf, nextProof, requiredFactors, type RequiredFactors } from '../../src/policy/requirement.js'
import { browser, buildApp, people, pin, Scripted, type Person } from '../support/app.js'
import { describeWithBackends, type Backend } from '../support/stores.js'

/** `sms` and `mc` are one phone; `x` and `y` two names of one strategy; `free` is of no kind, and `held` of a kind over no channel. */
const described: Record<string, FactorOptions> = {
  local: {},
  sms: { kind: 'possession', channel: 'phone' },
  mc: { kind: 'possession', channel: 'phone' },
  totp: { kind: 'possession', channel: 'app', enrolled: () => true },
  face: { kind: 'inherence', channel: 'phone' },
  x: { strategy: 'one' },
  y: { strategy: 'one' },
  free: {},
  held: { kind: 'possession' },
}
const names = Object.keys(described)
const authenticators: Record<string, string> = { mc: 'sms', y: 'x' }
const authenticatorOf = (name: string): string => authenticators[name] ?? name
const kinds: Record<string, [kind: string, channel: string]> = {
  local: ['knowledge', 'local'], sms: ['possession', 'phone'], mc: ['possession', 'phone'], totp: ['possession', 'app'], face: ['inherence', 'phone'], held: ['possession', 'held'],
}
const now = 1_000_000
const table = (has: readonly string[] = names) =>
  factorTable(names, Object.fromEntries(names.map((name) => [name, { ...described[name], enrolled: () => has.includes(name) }])))

/** Tries every assignment of proofs to leaves: each leaf needs an authenticator of its own. Knows nothing of routes and matchings. */
function covers([first, ...rest]: readonly Factors[], proven: readonly string[]): boolean {
  if (first === undefined) return true
  if (typeof first !== 'string' && first.type === 'allOf') return covers([...first.factors, ...rest], proven)
  if (typeof first !== 'string') return first.factors.some((one) => covers([one, ...rest], proven))
  return proven.includes(first) && covers(rest, proven.filter((name) => authenticatorOf(name) !== authenticatorOf(first)))
}
const areTwoKinds = (proven: readonly string[]): boolean => proven.some((one) => proven.some((other) => {
  const [mine, its] = [kinds[one], kinds[other]]
  return mine !== undefined && its !== undefined && mine[0] !== its[0] && mine[1] !== its[1]
}))
const enough = (factors: Factors | undefined, mfa: boolean, proven: readonly string[]): boolean =>
  (factors === undefined ? mfa || proven.length > 0 : covers([factors], proven)) && (!mfa || areTwoKinds(proven))

const formulas = fc.letrec<{ factors: Factors }>((tie) => ({
  factors: fc.oneof({ maxDepth: 3, withCrossShrink: true }, fc.constantFrom<Factors>(...names),
    fc.tuple(fc.constantFrom(anyOf, allOf), fc.array(tie('factors'), { minLength: 1, maxLength: 3 })).map(([of, inner]) => of(...inner))),
})).factors
const proof = (factor: string, age = 0, via: Proof['via'] = 'fresh'): Proof => ({ factor, amr: [], at: now - age, via })

/** Nothing where it is refused, in words. */
function need(factors: Factors | undefined, mfa = false, of = table()): RequiredFactors | undefined {
  try {
    return requiredFactors({ factors, mfa, maxAge: '2s' }, of)
  } catch (error) {
    expect((error as Error).message).toMatch(/nobody can (take|meet)|more than 64 ways/)
    return undefined
  }
}

describe('what a route requires is counted as a step of a login is (E-01)', () => {
  it('a requirement is met exactly where some assignment of fresh proofs to its factors is whole', () => {
    let [accepted, met] = [0, 0]
    const proofs = fc.array(fc.tuple(fc.constantFrom(...names), fc.integer({ min: -1, max: 3 }), fc.constantFrom<Proof['via']>('fresh', 'fresh', 'fresh', 'remembered', 'recovery')), { maxLength: 6 })
    fc.assert(fc.property(fc.option(formulas, { nil: undefined }), fc.boolean(), proofs, (factors, mfa, some) => {
      const all = table()
      const asked = need(factors, mfa, all)
      if (!asked) return
      accepted += 1
      const held = some.map(([factor, age, via]) => proof(factor, age * 1000, via))
      const valid = some.filter(([, age, via]) => age >= 0 && age <= 2 && via === 'fresh').map(([factor]) => factor)
      const isEnough = isComplete(asked.plan, freshlyProven(held, asked.age, now, all))
      expect([valid, isEnough]).toEqual([valid, enough(factors, mfa, valid)])
      const { missing, expired } = lackOf(asked, held, now, all)
      expect(missing.length + expired.length === 0).toBe(isEnough)
      met += isEnough ? 1 : 0
    }), { numRuns: 3000 })
    expect(accepted).toBeGreaterThan(800)
    expect(met).toBeGreaterThan(100)
  })

  it('a requirement is refused at construction where a step is, in the same words, and never where it could be met', () => {
    const step = (factors: Factors): string | undefined => {
      try {
        const all = Object.fromEntries(names.filter((name) => name !== 'local' && JSON.stringify(factors).includes(`"${name}"`)).map((name) => [name, described[name]!]))
        buildApp({ strategies: [...names, 'one'].map((name) => pin(name)), options: { steps: ['local', factors], factors: all } })
        return undefined
      } catch (error) {
        return (error as Error).message
      }
    }
    const require = (factors: Factors): string | undefined => {
      try {
        requiredFactors({ factors, mfa: undefined, maxAge: undefined }, table())
        return undefined
      } catch (error) {
        return (error as Error).message
      }
    }
    const phrase = (message: string | undefined) => message && (/together/.test(message) ? 'together' : /64 ways/.test(message) ? 'ways' : message)
    fc.assert(fc.property(formulas.filter((one) => !JSON.stringify(one).includes('"local"')), (factors) => {
      const refused = phrase(step(factors))
      expect([phrase(require(factors))]).toEqual([refused === undefined || refused === 'together' || refused === 'ways' ? refused : 'together'])
      if (refused === undefined) expect(covers([factors], names)).toBe(true)
    }), { numRuns: 300 })
    expect(phrase(require(allOf('sms', 'mc')))).toBe('together')
  })

  const somebody = [fc.subarray(names), fc.subarray(names, { maxLength: 3 }), fc.infiniteStream(fc.nat())] as const

  it('a requirement leads every user who can meet it to its end, by what it offers, and no other user', async () => {
    let ends = 0
    await fc.assert(fc.asyncProperty(formulas, fc.boolean(), ...somebody, async (factors, mfa, has, before, choose) => {
      const mine = table(has)
      const asked = need(factors, mfa, mine)
      if (!asked) return
      const held = [...before]
      const able = enough(factors, mfa, [...new Set([...has, ...before])])
      for (let round = 0; round < 12; round += 1) {
        const proven = freshlyProven(held.map((name) => proof(name)), asked.age, now, mine)
        if (isComplete(asked.plan, proven)) break
        const next = await nextProof(asked.plan, proven, {})
        expect([round, able]).toEqual([round, next !== undefined])
        if (!next) return
        expect(next.open.length).toBeGreaterThan(0)
        expect(next.open.every(({ name }) => has.includes(name) && !held.includes(name))).toBe(true)
        held.push(next.open[choose.next().value! % next.open.length]!.name)
      }
      expect(enough(factors, mfa, held)).toBe(true)
      ends += 1
    }), { numRuns: 1500 })
    expect(ends).toBeGreaterThan(150)
  })

  it('a login leads every user who can meet it to its end, from whatever was proven before', async () => {
    await fc.assert(fc.asyncProperty(fc.array(formulas, { minLength: 1, maxLength: 2 }), ...somebody, async (steps, has, before, choose) => {
      if (steps.some((step) => !need(step))) return
      const mine = table(has)
      const held = [...before]
      const able = covers(steps, [...new Set([...has, ...before])])
      for (let round = 0; round < 12; round += 1) {
        const proven = freshlyProven(held.map((name) => proof(name)), Infinity, now, mine)
        const decided = async () => nextStepFor(planOf(steps.map(alternativesOf), mine), proven, {})
        const { steps: all, step, open } = await decided().catch((error: unknown) => {
          expect((error as Error).message).toContain('64 ways')
          return { steps: 0, step: 0, open: [] }
        })
        if (all === 0) return
        expect(step === all).toBe(covers(steps, held))
        if (step === all) return
        if (able) expect(open.length).toBeGreaterThan(0)
        if (open.length === 0) return
        held.push(open[choose.next().value! % open.length]!.factor.name)
      }
      throw new Error('it goes on without end')
    }), { numRuns: 1500 })
  })
})

describeWithBackends('one phone, and one strategy, is one proof wherever it is asked for (E-01)', (create) => {
  let backend: Backend
  beforeEach(async () => { backend = await create() })
  afterEach(() => backend.close())

  const phone = ['sms-otp', 'mobileconnect'] as const
  const app = (required: RequireOptions<'local' | 'sms-otp' | 'mobileconnect' | 'totp' | 'a' | 'b'>, has: readonly string[] = ['sms-otp', 'mobileconnect', 'totp', 'a', 'b']) => {
    const users = people()
    const built = buildApp({
      users,
      strategies: ['sms-otp', 'mobileconnect', 'totp', 'one'].map((name) => new Scripted(name, function (req) { this.success(req.user) })),
      session: { store: backend.sessions },
      options: {
        store: backend.flows,
        steps: ['local', anyOf('sms-otp', 'mobileconnect', 'totp', 'a', 'b')],
        factors: {
          totp: { enrolled: () => has.includes('totp'), once: () => String(Math.random()) },
          'sms-otp': { enrolled: () => has.includes('sms-otp'), challengeOnEntry: false }, mobileconnect: { enrolled: () => has.includes('mobileconnect') },
          a: { strategy: 'one', sees: 'pending' }, b: { strategy: 'one', sees: 'pending' },
        },
      },
      routes: (host, login) => {
        host.get('/guarded', login.require(required) as any, (_req, res) => { res.send('in') })
        host.post('/vouch', (req, res, next) => { login.vouch(req as any, users.ada as never, req.body.factors).then((state) => res.json(state), next) })
        host.get('/has/:name', (req, res) => { res.json(login.has(req as any, req.params.name as 'local')) })
        host.get('/explain', (_req, res, next) => { login.explain(users.ada as never).then((told) => res.json(told), next) })
      },
    })
    return { ...built, ada: browser(built.app) }
  }

  it.each<[string, Factors<any>, RegExp]>([
    ['two ways to one phone', allOf(...phone), /nobody can take sms-otp and mobileconnect together/],
    ['the same, deeper', anyOf('totp', allOf('local', anyOf(allOf(...phone)))), /nobody can take/],
    ['one factor twice', allOf('totp', 'totp'), /nobody can take totp and totp together/],
    ['two names of one strategy', allOf('a', 'b'), /nobody can take a and b together/],
  ])('require refuses %s where it is mounted', (_, factors, words) => {
    expect(() => app({ factors })).toThrow(words)
  })

  it('steps refuse two names of one strategy, as they refuse two ways to one phone (E-01 at steps, R-50 at steps, F-13 at steps, F-14 at steps)', () => {
    const build = (steps: any) => buildApp({ strategies: [pin('one'), pin('sms-otp'), pin('mobileconnect')], options: { steps, factors: { a: { strategy: 'one' }, b: { strategy: 'one' } } } })
    expect(() => build(['local', allOf('a', 'b')])).toThrow('nobody can')
    expect(() => build(['local', anyOf('a', 'b')])).not.toThrow()
    const alias = (steps: any) => buildApp({ strategies: [pin('sms-otp')], options: { steps, factors: { work: { strategy: 'sms-otp' } } } })
    expect(() => alias(['local', 'sms-otp', 'work'])).toThrow('nobody can meet step 3 (work)')
  })

  it('require opens to no second proof over the phone that is proven, and to one over another phone (E-01 at require, R-50 at require, F-13 at require, F-14 at require)', async () => {
    const { ada } = app({ factors: allOf(anyOf('sms-otp', 'totp'), anyOf('mobileconnect', 'totp')) })
    await ada.password().expect(200)
    await ada.post('/login/sms-otp').expect(200)
    const { body } = await ada.get('/guarded').expect(403)
    expect(body).toMatchObject({ code: 'step_up_required', expired: [] })
    const { id } = body.requirement
    await ada.post('/login/mobileconnect', { for: id })
    await ada.get('/guarded').expect(403)
    const { body: still } = await ada.get(`/login?for=${id}`)
    expect(still.factors.map(({ factor }: { factor: string }) => factor)).toEqual(['totp'])
    await ada.post('/login/totp', { for: id, code: '1' }).expect(200)
    await ada.get('/guarded').expect(200)
  })

  it('require leads a user on whose login has proven the phone otherwise than it asks for', async () => {
    const { ada } = app({ factors: 'mobileconnect' })
    await ada.password().expect(200)
    await ada.post('/login/sms-otp').expect(200)
    const { id } = (await ada.get('/guarded').expect(403)).body.requirement
    await ada.post('/login/mobileconnect', { for: id }).expect(200)
    await ada.get('/guarded').expect(200)
  })

  it('require offers no user a way that takes one phone twice', async () => {
    const { ada } = app({ factors: allOf(anyOf('sms-otp', 'totp'), anyOf('mobileconnect', 'totp')) }, ['sms-otp', 'mobileconnect'])
    await ada.password().expect(200)
    await ada.post('/login/sms-otp').expect(200)
    expect((await ada.get('/guarded').expect(403)).body.code).toBe('factor_not_enrolled')
  })

  it('vouch for two ways to one phone counts once, for the login and for a route (E-01 at vouch, R-50 at vouch, F-13 at vouch, F-14 at vouch)', async () => {
    const users = people()
    const { app: host } = buildApp({
      users,
      strategies: ['sms-otp', 'mobileconnect', 'totp'].map((name) => new Scripted(name, function (req) { this.success(req.user) })),
      session: { store: backend.sessions },
      options: { store: backend.flows, steps: ['local', allOf(anyOf('sms-otp', 'totp'), anyOf('mobileconnect', 'totp'))], factors: { totp: { enrolled: () => true } } },
      routes: (it, login) => { it.post('/vouch', (req, res, next) => { login.vouch(req as any, users.ada as never, ['local', 'sms-otp', 'mobileconnect']).then((state) => res.json(state), next) }) },
    })
    const ada = browser(host)
    const { body } = await ada.post('/vouch').expect(200)
    expect(body).toMatchObject({ status: 'pending', factors: [{ factor: 'totp' }] })
    expect(await ada.who()).toMatchObject({ authenticated: false })
  })

  it('vouch, has and require agree on what a login has proven (E-01 at has, R-50 at has)', async () => {
    const { ada } = app({ factors: anyOf('totp', 'a') })
    await ada.post('/vouch', { factors: ['local', ...phone] }).expect(200)
    expect([(await ada.get('/has/possession')).body, (await ada.get('/has/sms-otp')).body, (await ada.get('/has/totp')).body, (await ada.get('/has/inherence')).body]).toEqual([true, true, false, false])
    expect((await ada.get('/guarded').expect(403)).body.missing).toEqual(['totp', 'a'])
  })

  it('explain finds no login possible that would need one phone twice (E-01 at explain, R-50 at explain, F-13 at explain, F-14 at explain)', async () => {
    const users: Record<string, Person> = people()
    const login = (has: readonly string[]) => buildApp({
      users,
      strategies: ['sms-otp', 'mobileconnect', 'totp'].map((name) => pin(name)),
      options: {
        steps: ['local', allOf(anyOf('sms-otp', 'totp'), anyOf('mobileconnect', 'totp'))],
        factors: { totp: { enrolled: () => has.includes('totp') }, 'sms-otp': { enrolled: () => has.includes('sms-otp') }, mobileconnect: { enrolled: () => has.includes('mobileconnect') } },
      },
    }).login
    expect((await login([...phone]).explain(users.ada as never)).possible).toBe(false)
    expect((await login(['sms-otp', 'totp']).explain(users.ada as never)).possible).toBe(true)
  })
})
