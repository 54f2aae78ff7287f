import { coverage, type Proven } from './coverage.js'
import type { Factor, FactorTable } from './factors.js'
import { enrolledIn, routesOf, type Asked, type Route, type Slot } from './plan.js'

/** A factor that the current step accepts; `enrolling`: the person has none of this step yet, and may enrol this one now. */
export interface OpenFactor { readonly factor: Factor, readonly enrolling: boolean }

/** What a plan asks for next, of this person with these proofs. */
export interface Demand {
  /** The slots of the way that the proofs have come furthest on. */
  readonly plan: readonly Slot[]
  /** The first slot that no proof covers; as many as the plan has when all are. */
  readonly step: number
  /** The factors that this person can take it with. */
  readonly open: readonly OpenFactor[]
  /** All that it would accept, of a person who had everything. */
  readonly accepted: readonly string[]
}

interface Asking {
  readonly routes: readonly Route[]
  readonly proofs: readonly Proven[]
  readonly user: Express.User | undefined
  readonly factors: FactorTable
}

/** A route, how far the proofs have come on it, and its first open slot. */
interface Tried { readonly route: Route, readonly covered: readonly boolean[], readonly gap: number }

/**
 * What is asked for next. Where `anyOf` holds an `allOf`, several ways (routes) lead through the plan, and the login is complete when one of them
 * is covered. Of the others those count that this person can finish with what they have, and of these those whose first open *step* is furthest
 * along. What all of them accept next is offered, the way with the most proofs first, then as the policy says: somebody half through one way
 * may still change to another, and is never led into one that they can not finish while there is one that they can.
 */
export async function demandOf(plan: readonly Asked[], proofs: readonly Proven[], user: Express.User | undefined, factors: FactorTable): Promise<Demand> {
  const asking: Asking = { routes: routesOf(plan), proofs, user, factors }
  const tried = asking.routes.map((route) => attempted(route, proofs))
  const met = tried.find(({ route, gap }) => gap === route.slots.length)
  if (met) return { plan: met.route.slots, step: met.gap, open: [], accepted: [] }
  const passable = tried.length > 1 ? await finishable(tried, asking) : tried
  const step = Math.max(...passable.map(stepOf))
  const current = passable.filter((one) => stepOf(one) === step).sort((one, other) => done(other) - done(one))
  const [first] = current
  if (!first) throw new RangeError('A plan without a step asks for nothing.')
  return {
    plan: first.route.slots,
    step: first.gap,
    open: await openFactors(current, asking),
    accepted: [...new Set(tried.filter((one) => stepOf(one) === step).flatMap(slotOf))],
  }
}

function attempted(route: Route, proofs: readonly Proven[]): Tried {
  const covered = coverage(route.slots, proofs)
  const gap = covered.indexOf(false)
  return { route, covered, gap: gap < 0 ? covered.length : gap }
}

/** The step of the first open slot; beyond the last when there is none. */
const stepOf = ({ route, gap }: Tried): number => route.steps[gap] ?? Infinity
const slotOf = ({ route, gap }: Tried): Slot => route.slots[gap] ?? []
const done = ({ covered }: Tried): number => covered.filter(Boolean).length

/** Of several ways those on which this person comes furthest, with all that they have; where that is no step further, with what they may enrol. */
async function finishable(tried: readonly Tried[], { proofs, user, factors }: Asking): Promise<readonly Tried[]> {
  const names = [...new Set(tried.flatMap(({ route }) => route.slots.flat()))]
  const having = (some: readonly string[]): Proven[] => [...proofs, ...some.map((name) => provenBy(factors.get(name)))]
  const reaching = (some: readonly string[]) => ({ route }: Tried): number => stepOf(attempted(route, having(some)))
  if (user === undefined) return furthest(tried, reaching(names))
  const enrolled = await enrolledIn(names, user, factors)
  const best = furthest(tried, reaching(enrolled))
  const step = Math.max(...tried.map(stepOf))
  if (best.some((one) => reaching(enrolled)(one) > step)) return best
  // Who has a factor of this step enrols no way around it: whoever stole the password would.
  const has = (slot: Slot): boolean => slot.some((name) => enrolled.includes(name))
  const begun = best.filter(({ route }) => route.slots.some((slot, index) => route.steps[index] === step && has(slot)))
  const enrollable = (slot: Slot) => (has(slot) ? [] : slot.filter((name) => factors.get(name).enroll === 'first'))
  return furthest(begun.length > 0 ? begun : best, (one) => reaching([...enrolled, ...one.route.slots.flatMap(enrollable)])(one))
}

function furthest(tried: readonly Tried[], reach: (one: Tried) => number): readonly Tried[] {
  const most = Math.max(...tried.map(reach))
  return tried.filter((one) => reach(one) === most)
}

const provenBy = ({ name, authenticator }: Factor): Proven => ({ factor: name, authenticator })

/** Where a slot has no factor of its own left: those of other slots that would set a proof free for it, by the matching. */
async function openFactors(current: readonly Tried[], asking: Asking): Promise<OpenFactor[]> {
  const own = await each(current, (one) => openIn(slotOf(one), asking))
  if (own.length > 0) return own
  return each(current, async (one) => {
    const frees = (name: string): boolean => attempted(one.route, [...asking.proofs, provenBy(asking.factors.get(name))]).covered[one.gap] === true
    // Enrolling is no way out of a step that the person has taken before.
    return (await openIn([...new Set(one.route.slots.flat())].filter(frees), asking)).filter(({ enrolling }) => !enrolling)
  })
}

async function each(current: readonly Tried[], open: (one: Tried) => Promise<OpenFactor[]>): Promise<OpenFactor[]> {
  const found = (await Promise.all(current.map(open))).flat()
  return found.filter(({ factor }, index) => found.findIndex((one) => one.factor === factor) === index)
}

/** The factors of a slot that this person can use now. An authenticator that was proven already does not count twice. */
async function openIn(slot: Slot, { proofs, user, factors }: Asking): Promise<OpenFactor[]> {
  const unproven = ({ authenticator }: Factor): boolean => !proofs.some((proof) => proof.authenticator === authenticator)
  const all = slot.map((name) => factors.get(name))
  if (user === undefined) return all.filter((factor) => !factor.needsPerson).map((factor) => ({ factor, enrolling: false }))
  const enrolled = await enrolledIn(slot, user, factors)
  if (enrolled.length > 0) return all.filter((factor) => enrolled.includes(factor.name) && unproven(factor)).map((factor) => ({ factor, enrolling: false }))
  return all.filter((factor) => factor.enroll === 'first' && unproven(factor)).map((factor) => ({ factor, enrolling: true }))
}
