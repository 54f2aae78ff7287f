import fc from 'fast-check'
import { allOf, anyOf, optional, passed, when, type FactorOptions, type Factors, type Situation, type Step } from '../../src/index.js'
import type { FactorTable } from '../../src/factors/factor.js'
import { factorTable } from '../../src/factors/factor-table.js'
import { evaluate, loginPolicy, type LoginPolicy, type Policy } from '../../src/policy/login-policy.js'
import { alternativesOf } from '../../src/policy/plan.js'
import { keptPlan, nextProof } from '../../src/policy/requirement.js'

/** What a policy has answered is kept, so these hold what is kept against an engine that has never answered before. */

interface Person { readonly id: string, readonly has: readonly string[] }
/** A request: who is known, what was proven, and which conditions hold. */
interface Asked { readonly user: Person | undefined, readonly proven: readonly string[], readonly holds: readonly boolean[] }

/** `sms` and `call` are one phone. Two factors may be enrolled on the way, and two tell later who has them. */
const phone: FactorOptions = { kind: 'possession', channel: 'phone' }
const described: Record<string, FactorOptions> = { local: {}, sms: phone, call: { ...phone, enroll: 'first' }, app: {}, key: { enroll: 'first' } }
const names = Object.keys(described)
const isLater = (name: string): boolean => name === 'app' || name === 'call'

const has = (name: string) => (user: Express.User): boolean | Promise<boolean> => {
  const answer = (user as Person).has.includes(name)
  return isLater(name) ? Promise.resolve(answer) : answer
}
const tableOf = (some = names, options = described) =>
  factorTable(some, Object.fromEntries(some.map((name) => [name, { ...options[name], enrolled: has(name) }])))
const policyOf = (steps: Policy): LoginPolicy => loginPolicy(steps, tableOf())

/** What a policy says, by names; or why it says nothing. */
async function told(policy: LoginPolicy, { user, proven, holds }: Asked) {
  const proofs = proven.map((factor) => ({ factor, amr: [], at: 0, via: 'fresh' as const }))
  try {
    const next = await evaluate(policy, user, { holds } as never, proofs)
    return {
      ...next,
      choices: next.choices.map((choice) => choice.map(({ name }) => name)),
      open: next.open.map(({ factor, enrolling }) => [factor.name, enrolling] as const),
    }
  } catch (error) {
    return (error as Error).message
  }
}

const holds = (index: number) => ({ req }: Situation): boolean | Promise<boolean> => {
  const held = (req as unknown as Asked).holds[index] === true
  return index === 0 ? held : Promise.resolve(held)
}
const factors = fc.letrec<{ factors: Factors }>((tie) => ({
  factors: fc.oneof({ maxDepth: 2 }, fc.constantFrom<Factors>(...names),
    fc.tuple(fc.constantFrom(anyOf, allOf), fc.array(tie('factors'), { minLength: 1, maxLength: 3 })).map(([of, inner]) => of(...inner))),
})).factors
const conditions = fc.constantFrom(holds(0), holds(1), passed('sms'))
const step = fc.oneof<fc.Arbitrary<Step>[]>(
  factors,
  factors.map((one) => optional(one)),
  fc.tuple(conditions, factors).map(([condition, one]) => when(condition, one)),
  fc.tuple(conditions, conditions, factors).map(([outer, inner, one]) => when(outer, when(inner, optional(one)))),
)
const size = (steps: readonly Step[]): number => JSON.stringify(steps).match(/"(local|sms|call|app|key)"/g)!.length
const somePolicy = fc.array(step, { minLength: 1, maxLength: 3 }).filter((steps) => size(steps) <= 6)
const request: fc.Arbitrary<Asked> = fc.record({
  user: fc.option(fc.record({ id: fc.constantFrom('ada', 'grace'), has: fc.subarray(names) }), { nil: undefined }),
  proven: fc.shuffledSubarray(names, { maxLength: 3 }),
  holds: fc.tuple(fc.boolean(), fc.boolean()),
})
const requests = fc.array(request, { minLength: 2, maxLength: 6 })
  .chain((some) => fc.shuffledSubarray([...some, ...some], { minLength: 2 * some.length }))

describe('what a policy answered before changes no answer (E-01)', () => {
  it('a policy answers any requests, twice and in any order, as a fresh engine answers each', async () => {
    const answers = new Set<string>()
    await fc.assert(fc.asyncProperty(somePolicy, requests, async (steps, some) => {
      const policy = policyOf(steps)
      for (const one of some) {
        const fresh = await told(policyOf(steps), one)
        expect([steps, one, await told(policy, one)]).toEqual([steps, one, fresh])
        answers.add(typeof fresh === 'string' ? fresh : `${fresh.step} of ${fresh.steps}, ${fresh.open.length}`)
      }
    }), { numRuns: 200 })
    expect(answers.size).toBeGreaterThan(8)
  })

  it('a policy answers requests that run at the same time as a fresh engine answers each', async () => {
    await fc.assert(fc.asyncProperty(somePolicy, requests, async (steps, some) => {
      const policy = policyOf(steps)
      const together = await Promise.all(some.map((one) => told(policy, one)))
      expect(together).toEqual(await Promise.all(some.map((one) => told(policyOf(steps), one))))
    }), { numRuns: 60 })
  })

  it('a policy checks the steps of a function by what it returned, also where predicates read the same', async () => {
    await fc.assert(fc.asyncProperty(fc.array(somePolicy, { minLength: 2, maxLength: 3 }), requests, async (policies, some) => {
      let steps: readonly Step[] = []
      const policy = policyOf(() => steps)
      for (const [index, one] of [...some, ...some].entries()) {
        steps = policies[index % policies.length]!
        const now = steps
        expect(await told(policy, one)).toEqual(await told(policyOf(() => now), one))
      }
    }), { numRuns: 60 })
    const asks = (answer: boolean) => when(() => answer, 'sms')
    let steps: readonly Step[] = ['local', asks(true)]
    const policy = policyOf(() => steps)
    const known: Asked = { user: { id: 'ada', has: ['sms'] }, proven: ['local'], holds: [] }
    expect(await told(policy, known)).toMatchObject({ step: 1, steps: 2 })
    steps = ['local', asks(false)]
    expect(await told(policy, known)).toMatchObject({ step: 1, steps: 1 })
  })

  it('a policy keeps refusing bad steps of a function, and takes no name for the text of a step', async () => {
    let steps: readonly unknown[] = ['local', anyOf('sms', 'app')]
    const policy = policyOf((() => steps) as never)
    const known: Asked = { user: { id: 'ada', has: [] }, proven: [], holds: [] }
    expect(await told(policy, known)).toMatchObject({ steps: 2 })
    steps = ['local', 'anyOf(sms, app)']
    for (let time = 0; time < 2; time += 1) expect(await told(policy, known)).toContain('which factors does not declare')
    steps = ['local', 'local']
    for (let time = 0; time < 2; time += 1) expect(await told(policy, known)).toContain('nobody can meet step 2')
  })

  it('a policy answers the same beyond the number of answers that it keeps', async () => {
    const many = Array.from({ length: 9 }, (_, index) => `f${index}`)
    const table = () => tableOf(many, {})
    const steps = [anyOf(allOf('f0', 'f1'), ...many)]
    const policy = loginPolicy(steps, table())
    for (let round = 0; round < 2; round += 1) for (let subset = 0; subset < 1 << many.length; subset += 1) {
      const user = { id: 'ada', has: many.filter((_, index) => subset & (1 << index)) }
      const answer = await told(policy, { user, proven: [], holds: [] })
      expect([...(answer as Exclude<typeof answer, string>).open].map(([name]) => name).sort()).toEqual(user.has)
    }
  })
})

describe('what a route required before changes no answer (E-01)', () => {
  it('a route asks for the next proof, in any order of requests, as a fresh engine asks', async () => {
    let asks = 0
    await fc.assert(fc.asyncProperty(fc.array(factors, { minLength: 1, maxLength: 3 }), requests, async (some, people) => {
      const table = tableOf()
      for (const { user, proven } of people) for (const one of some) {
        const asked = alternativesOf(one)
        const next = async (of: FactorTable) => {
          const found = await nextProof(keptPlan(asked, of), proven.map((name) => of.get(name)), (user ?? { has: [] }))
          return found && { ...found, open: found.open.map(({ name }) => name) }
        }
        const fresh = await next(tableOf())
        expect(await next(table)).toEqual(fresh)
        asks += fresh ? 1 : 0
      }
    }), { numRuns: 100 })
    expect(asks).toBeGreaterThan(30)
  })

  it('a route reads what was kept with a login by the factors of now', () => {
    const before = tableOf()
    expect(keptPlan([[['local', 'sms']]], before)).toBe(keptPlan([[['local', 'sms']]], before))
    expect(keptPlan([[['local', 'sms']]], tableOf(['local'], described)).factors.map(({ name }) => name)).toEqual(['local'])
    expect(keptPlan([[['local', 'sms']]], before).factors.map(({ name }) => name)).toEqual(['local', 'sms'])
  })
})

describe('what is kept of people (E-01)', () => {
  it('a policy keeps no user: two users with the same factors get one answer, which neither can change', async () => {
    const policy = policyOf(['local', anyOf('sms', 'key')])
    const answer = async (user: Person) => evaluate(policy, user, {} as never, [])
    const [ada, grace] = [await answer({ id: 'ada', has: ['sms', 'local'] }), await answer({ id: 'grace', has: ['sms', 'local'] })]
    expect(ada).toBe(grace)
    expect(JSON.stringify(ada)).not.toMatch(/ada|grace/)
    expect([ada, ada.open, ada.accepted].every(Object.isFrozen)).toBe(true)
  })

  it('a policy does not keep which user has which factor: it asks the factors that decide each time, at once', async () => {
    const asked: string[] = []
    const enrolled = (name: string): FactorOptions => ({ enrolled: (user) => {
      asked.push(name)
      return (user as Person).has.includes(name)
    } })
    const table = factorTable(['local', 'sms', 'key'], { local: enrolled('local'), sms: enrolled('sms'), key: enrolled('key') })
    const policy = loginPolicy(['local', anyOf('sms', 'key')], table)
    const proofs = [{ factor: 'local', amr: [], at: 0, via: 'fresh' as const }]
    const offered = async (user: Person) => (await evaluate(policy, user as never, {} as never, proofs)).open.map(({ factor }) => factor.name)
    const ada = { id: 'ada', has: ['sms', 'key'] }
    expect([await offered(ada), await offered(ada)]).toEqual([['sms', 'key'], ['sms', 'key']])
    ada.has = ['key']
    expect(await offered(ada)).toEqual(['key'])
    expect(asked).toEqual(['sms', 'key', 'sms', 'key', 'sms', 'key'])
  })

  it('a policy keeps no failure: the next request asks again, and a factor that fails leaves no promise unheard', async () => {
    const unheard: unknown[] = []
    const hear = (reason: unknown) => unheard.push(reason)
    process.on('unhandledRejection', hear)
    let isDown = true
    const fails = (how: () => Promise<boolean>): FactorOptions => ({ enrolled: () => (isDown ? how() : true) })
    const table = factorTable(['local', 'sms', 'key'], {
      sms: fails(() => Promise.reject(new Error('late'))), key: fails(() => { throw new Error('at once') }),
    })
    const policy = loginPolicy(['local', anyOf('sms', 'key')], table)
    const known: Asked = { user: { id: 'ada', has: [] }, proven: ['local'], holds: [] }
    expect(await told(policy, known)).toBe('late')
    isDown = false
    expect(await told(policy, known)).toMatchObject({ step: 1, open: [['sms', false], ['key', false]] })
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', hear)
    expect(unheard).toEqual([])
  })
})
