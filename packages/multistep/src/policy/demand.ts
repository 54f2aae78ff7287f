import { coverage, matching } from './coverage.js'
import { type Proven, provenBy, type Factor, type FactorTable } from '../factors/factor.js'
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
  const names = [...new Set(asking.routes.flatMap(({ slots }) => slots.flat()))]
  // One way and no two factors that are one: whichever is taken, the matching finds a way on, and nobody need be asked what else there is.
  const simple = tried.length === 1 && new Set(names.map((name) => factors.get(name).authenticator)).size === names.length
  const has = simple || user === undefined ? names : await enrolledIn(names, user, factors)
  const passable = simple ? tried : finishable(tried, has, asking)
  const step = Math.max(...passable.map(stepOf))
  const current = passable.filter((one) => stepOf(one) === step).sort((one, other) => done(other) - done(one))
  const [first] = current
  if (!first) throw new RangeError('A plan without a step asks for nothing.')
  const open = await openFactors(current, asking)
  return {
    plan: first.route.slots,
    step: first.gap,
    open: simple ? open : leadingOn(open, current, has, asking),
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

/**
 * Of several ways those on which this person comes furthest, with all that they have, and of these those on which nothing is proven twice; where that
 * is no step further, with what they may enrol.
 */
function finishable(tried: readonly Tried[], enrolled: readonly string[], asking: Asking): readonly Tried[] {
  const reach = reachingAgain(enrolled, asking)
  const best = furthest(furthest(tried, reach), reaching(enrolled, asking))
  const step = Math.max(...tried.map(stepOf))
  if (asking.user === undefined || best.some((one) => reach(one) > step)) return best
  // Who has a factor of this step enrols no way around it: whoever stole the password would.
  const has = (slot: Slot): boolean => slot.some((name) => enrolled.includes(name))
  const begun = best.filter(({ route }) => route.slots.some((slot, index) => route.steps[index] === step && has(slot)))
  const enrollable = (slot: Slot) => (has(slot) ? [] : slot.filter((name) => asking.factors.get(name).enroll === 'first'))
  return furthest(begun.length > 0 ? begun : best, (one) => reaching([...enrolled, ...one.route.slots.flatMap(enrollable)], asking)(one))
}

/** How far a way leads with these factors beside what is proven; what is one with a proven factor may be proven in its place. */
const reachingAgain = (names: readonly string[], { proofs, factors }: Asking) =>
  ({ route }: Tried): number => stepOf(attempted(route, [...proofs, ...names.map((name) => provenBy(factors.get(name)))]))

/** The same where no authenticator is used again. */
function reaching(names: readonly string[], asking: Asking): (one: Tried) => number {
  const proven = new Set(asking.proofs.map(({ authenticator }) => authenticator))
  return reachingAgain(names.filter((name) => !proven.has(asking.factors.get(name).authenticator)), asking)
}

/** Of the open factors those after which a person comes furthest: where two are one, taking it here may leave a later step without. */
function leadingOn(open: readonly OpenFactor[], current: readonly Tried[], has: readonly string[], asking: Asking): readonly OpenFactor[] {
  const reach = ({ factor }: OpenFactor): number => Math.max(...current.map(reaching(has, { ...asking, proofs: [...asking.proofs, provenBy(factor)] })))
  return furthest(open, reach)
}

function furthest<T>(all: readonly T[], reach: (one: T) => number): readonly T[] {
  const reached = all.map(reach)
  return all.filter((_, index) => reached[index] === Math.max(...reached))
}

/**
 * The factors of the open slot that cover it. Where it has none left: those of other slots that would set a proof free for it. Where one alone does
 * not, as what was proven is one with what is missing: those that cover it together.
 */
async function openFactors(current: readonly Tried[], asking: Asking): Promise<OpenFactor[]> {
  const covering = ({ route, gap }: Tried) => (name: string): boolean =>
    attempted(route, [...asking.proofs, provenBy(asking.factors.get(name))]).covered[gap] === true
  const own = await each(current, (one) => openIn(slotOf(one), covering(one), asking))
  if (own.length > 0) return own
  const freeing = await each(current, (one) => openIn(namesOf(one), covering(one), asking))
  // Enrolling is no way out of a step that the person has taken before.
  const without = freeing.filter(({ enrolling }) => !enrolling)
  return without.length > 0 ? without : each(current, (one) => together(one, asking))
}

const namesOf = ({ route }: Tried): string[] => [...new Set(route.slots.flat())]

/** What of that which this person has, and has not proven, covers the way up to its open slot beside what is proven. */
async function together(one: Tried, { proofs, user, factors }: Asking): Promise<OpenFactor[]> {
  const has = await enrolledIn(namesOf(one), user, factors)
  const found = matching(one.route.slots.slice(0, one.gap + 1), [...proofs, ...has.map((name) => provenBy(factors.get(name)))])
  if (found.includes(undefined)) return []
  const names = found.flatMap((proof) => (proof && !proofs.includes(proof) ? [proof.factor] : []))
  return names.map((name) => ({ factor: factors.get(name), enrolling: false }))
}

async function each(current: readonly Tried[], open: (one: Tried) => Promise<OpenFactor[]>): Promise<OpenFactor[]> {
  const found = (await Promise.all(current.map(open))).flat()
  return found.filter(({ factor }, index) => found.findIndex((one) => one.factor === factor) === index)
}

/** The factors of a slot that this person can use now, and that are of use: an authenticator that was proven already does not count twice. */
async function openIn(slot: Slot, isOfUse: (name: string) => boolean, { user, factors }: Asking): Promise<OpenFactor[]> {
  const all = slot.map((name) => factors.get(name))
  if (user === undefined) return all.filter((factor) => !factor.needsPerson).map((factor) => ({ factor, enrolling: false }))
  const enrolled = await enrolledIn(slot, user, factors)
  if (enrolled.length > 0) return all.filter(({ name }) => enrolled.includes(name) && isOfUse(name)).map((factor) => ({ factor, enrolling: false }))
  return all.filter(({ name, enroll }) => enroll === 'first' && isOfUse(name)).map((factor) => ({ factor, enrolling: true }))
}
