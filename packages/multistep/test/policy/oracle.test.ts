import fc from 'fast-check'
import { allOf, anyOf, type FactorOptions, type Factors, type Proof } from '../../src/index.js'
import { factorTable } from '../../src/factors/factor-table.js'
import type { FactorTable } from '../../src/factors/factor.js'
import { explain } from '../../src/policy/explain.js'
import { loginPolicy } from '../../src/policy/login-policy.js'
import { nextStepFor } from '../../src/policy/next-step.js'
import { alternativesOf, coveredChoices, isComplete, planOf, type Plan } from '../../src/policy/plan.js'
import { freshlyProven, lackOf, nextProof, requiredFactors } from '../../src/policy/requirement.js'

/** `sms` and `call` are one phone, `x` and `y` two names of one strategy. */
const described: Record<string, FactorOptions> = {
  local: {}, sms: { kind: 'possession', channel: 'phone' }, call: { kind: 'possession', channel: 'phone' }, app: {}, key: {},
  x: { strategy: 'one' }, y: { strategy: 'one' },
}
const names = Object.keys(described)
const twins: Readonly<Record<string, string>> = { call: 'sms', y: 'x' }
const authenticatorOf = (name: string): string => twins[name] ?? name

interface Person { readonly has: readonly string[], readonly enrols?: readonly string[] }
const tableOf = ({ has, enrols = [] }: Person): FactorTable => factorTable(names, Object.fromEntries(names.map((name) =>
  [name, { ...described[name], enrolled: () => has.includes(name), ...(enrols.includes(name) ? { enroll: 'first' as const } : {}) }])))

const factors = fc.letrec<{ factors: Factors }>((tie) => ({
  factors: fc.oneof({ maxDepth: 2, withCrossShrink: true }, fc.constantFrom<Factors>(...names),
    fc.tuple(fc.constantFrom(anyOf, allOf), fc.array(tie('factors'), { minLength: 1, maxLength: 3 })).map(([of, inner]) => of(...inner))),
})).factors
const policies = fc.array(factors, { minLength: 1, maxLength: 3 })
const somePolicy = policies.filter((steps) => planSize(steps) <= 6)
const planSize = (steps: readonly Factors[]): number => JSON.stringify(steps).match(/"(local|sms|call|app|key|x|y)"/g)!.length
const someProofs = fc.shuffledSubarray(names, { maxLength: 3 })

const factorsOf = (some: readonly string[], table: FactorTable) => some.map((name) => table.get(name))

/** Names of which one is enough. */
type Choice = readonly string[]

/** All ways to give each choice a proof, or none, so that no authenticator is given twice. */
function assignments([first, ...rest]: readonly Choice[], proven: readonly string[]): boolean[][] {
  if (first === undefined) return [[]]
  const without = assignments(rest, proven).map((others) => [false, ...others])
  const used = proven.filter((name) => first.includes(name)).map((name) => proven.filter((other) => authenticatorOf(other) !== authenticatorOf(name)))
  return [...used.flatMap((left) => assignments(rest, left).map((others) => [true, ...others])), ...without]
}
const marks = (covered: readonly boolean[]): string => covered.map(Number).join('')
/** The assignment that covers earlier choices first. */
const bestOf = (choices: readonly Choice[], proven: readonly string[]): string => assignments(choices, proven).map(marks).sort().at(-1) ?? ''

interface Place { readonly choices: readonly Choice[], readonly gap: number, readonly step: number }
const pathsByName = ({ paths }: Plan) => paths.map(({ choices, stepOf }) => ({ stepOf, choices: choices.map((choice) => choice.map(({ name }) => name)) }))
/** Where proofs leave a person on each path, by trying everything. */
function placesOf(plan: Plan, proven: readonly string[]): Place[] {
  return pathsByName(plan).map(({ choices, stepOf }) => {
    const first = bestOf(choices, proven).indexOf('0')
    return { choices, gap: first < 0 ? choices.length : first, step: first < 0 ? Infinity : stepOf[first]! }
  })
}

describe('one core decides what a login, a route and an explanation ask for (E-01)', () => {
  it('the proofs cover as many choices as they can, earlier ones first, and never two by one authenticator', () => {
    const choices = fc.array(fc.subarray(names, { minLength: 1, maxLength: 3 }), { maxLength: 5 })
    fc.assert(fc.property(choices, fc.shuffledSubarray(names, { maxLength: 5 }), (some, proven) => {
      const table = tableOf({ has: names })
      const covered = coveredChoices(some.map((choice) => factorsOf(choice, table)), factorsOf(proven, table))
      const all = assignments(some, proven)
      expect(marks(covered)).toBe(bestOf(some, proven))
      expect(covered.filter(Boolean)).toHaveLength(Math.max(...all.map((one) => one.filter(Boolean).length)))
    }), { numRuns: 300 })
  })

  it('a login offers the factors of the open choice that cover it, on the furthest path that the person can finish', async () => {
    let decided = 0
    const offers = new Set<number>()
    await fc.assert(fc.asyncProperty(somePolicy, fc.subarray(names), someProofs, async (steps, has, before) => {
      const table = tableOf({ has })
      const plan = planOf(steps.map(alternativesOf), table)
      const { choices, step, open, accepted } = await nextStepFor(plan, factorsOf(before, table), {})
      const places = placesOf(plan, before)
      expect(step === choices.length).toBe(places.some((place) => place.step === Infinity))
      if (step === choices.length) return
      const offered = open.map(({ factor }) => factor.name).sort()
      expect(open.every(({ factor, enrolling }) => has.includes(factor.name) && !enrolling && !before.includes(factor.name))).toBe(true)
      expect(offered.length === 0 && isAble(plan, [...before, ...has])).toBe(false)
      const expected = offeredBy(plan, before, has)
      if (expected === undefined) return
      expect([offered, steps]).toEqual([expected.open, steps])
      expect([...accepted].sort()).toEqual(expected.accepted)
      decided += 1
      offers.add(offered.length)
    }), { numRuns: 500 })
    expect(decided).toBeGreaterThan(20)
    expect(offers.size).toBeGreaterThan(1)
  })

  const isAble = (plan: Plan, all: readonly string[]): boolean => placesOf(plan, [...new Set(all)]).some(({ step }) => step === Infinity)

  /** By definition, for a person whom no authenticator that counts twice can stop. `undefined`: another one, or several proofs are needed at once. */
  function offeredBy(plan: Plan, before: readonly string[], has: readonly string[]) {
    const all = [...new Set([...before, ...has])]
    if (new Set(all.map(authenticatorOf)).size < all.length) return undefined
    const now = placesOf(plan, before)
    const reachable = placesOf(plan, all).map(({ step }) => step)
    const passable = now.filter((_, index) => reachable[index] === Math.max(...reachable))
    const step = Math.max(...passable.map((place) => place.step))
    const current = passable.filter((place) => place.step === step)
    const covering = (place: Place, some: readonly string[]): string[] =>
      some.filter((name) => has.includes(name) && bestOf(place.choices.slice(0, place.gap + 1), [...before, name]).indexOf('0') < 0)
    const own = current.flatMap((place) => covering(place, place.choices[place.gap]!))
    const freeing = current.flatMap((place) => covering(place, place.choices.flat()))
    const open = own.length > 0 ? own : freeing
    const accepted = now.filter((place) => place.step === step).flatMap((place) => place.choices[place.gap]!)
    return { open: [...new Set(open)].sort(), accepted: [...new Set(accepted)].sort() }
  }

  it('a login enrols only where the person has nothing of the choice, and no factor that may not be enrolled', async () => {
    let enrolled = 0
    await fc.assert(fc.asyncProperty(somePolicy, fc.subarray(names), fc.subarray(names), someProofs, async (steps, has, enrols, before) => {
      const table = tableOf({ has, enrols })
      const plan = planOf(steps.map(alternativesOf), table)
      const { open } = await nextStepFor(plan, factorsOf(before, table), {})
      for (const { factor, enrolling } of open) {
        if (!enrolling) {
          expect(has).toContain(factor.name)
          continue
        }
        enrolled += 1
        expect(enrols).toContain(factor.name)
        const choices = pathsByName(plan).flatMap((path) => path.choices).filter((choice) => choice.includes(factor.name))
        expect(choices.some((choice) => !choice.some((name) => has.includes(name)))).toBe(true)
      }
    }), { numRuns: 400 })
    expect(enrolled).toBeGreaterThan(5)
  })

  it('a route that requires a step offers what a login offers at that step, and is met by the same proofs', async () => {
    let [met, offered] = [0, 0]
    await fc.assert(fc.asyncProperty(factors, fc.subarray(names), someProofs, async (step, has, before) => {
      const table = tableOf({ has })
      const required = requiredOf(step, table)
      if (!required) return
      const plan = planOf([alternativesOf(step)], table)
      const proofs = freshlyProven(before.map(freshProof), Infinity, now, table)
      expect(isComplete(required.plan, proofs)).toBe(isComplete(plan, proofs))
      const { missing, expired } = lackOf(required, before.map(freshProof), now, table)
      expect(missing.length + expired.length === 0).toBe(isComplete(plan, proofs))
      if (isComplete(plan, proofs)) {
        met += 1
        return
      }
      const next = await nextProof(required.plan, proofs, {})
      expect(next === undefined).toBe(!isAble(plan, [...before, ...has]))
      const login = await nextStepFor(required.plan, proofs, {})
      if (next) expect(next.open.map(({ name }) => name)).toEqual(login.open.map(({ factor }) => factor.name))
      offered += next ? 1 : 0
    }), { numRuns: 600 })
    expect(met).toBeGreaterThan(5)
    expect(offered).toBeGreaterThan(5)
  })

  const now = 1_000
  const freshProof = (factor: string): Proof => ({ factor, amr: [], at: now, via: 'fresh' })
  const requiredOf = (step: Factors, table: FactorTable) => {
    try {
      return requiredFactors({ factors: step, mfa: undefined, maxAge: undefined }, table)
    } catch (error) {
      expect((error as Error).message).toMatch(/nobody can take/)
      return undefined
    }
  }

  it('an explanation calls a login possible exactly where the person can finish one, and a factor usable where it can take its step in one', async () => {
    let [usable, useless, impossible] = [0, 0, 0]
    await fc.assert(fc.asyncProperty(somePolicy, fc.subarray(names), async (steps, has) => {
      const table = tableOf({ has })
      const told = await explain({ policy: loginPolicy(steps, table), provesDetails: () => true, at: now }, { user: {}, req: undefined as never, evidence: [] })
      const plan = planOf(steps.map(alternativesOf), table)
      expect([told.possible, steps]).toEqual([isAble(plan, has), steps])
      impossible += told.possible ? 0 : 1
      if (!told.possible) return
      for (const [index, step] of told.steps.entries()) {
        for (const { factor, usable: isUsable } of step.factors) {
          expect([isUsable, factor, steps, has]).toEqual([canTake(plan, index, factor, has), factor, steps, has])
          usable += isUsable ? 1 : 0
          useless += isUsable ? 0 : 1
        }
      }
    }), { numRuns: 400 })
    expect(Math.min(usable, useless, impossible)).toBeGreaterThan(5)
  })

  /** Whether the person can finish a login in which this factor covers a choice of this step. */
  const canTake = (plan: Plan, step: number, factor: string, has: readonly string[]): boolean =>
    has.includes(factor) && pathsByName(plan).some(({ choices, stepOf }) => choices.some((choice, place) =>
      stepOf[place] === step && choice.includes(factor) && !bestOf(choices.with(place, [factor]), has).includes('0')))
})
