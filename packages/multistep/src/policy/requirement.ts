import { milliseconds } from '#internal/duration'
import type { Factor, FactorTable } from '../factors/factor.js'
import { provenFactors, type Proof } from '../factors/proof.js'
import { keepAnswer, memoOf, type Memo } from '../lib/memo.js'
import { enrolledAmong, memoKey, nextStep } from './next-step.js'
import {
  alternativesOf, coversAll, isComplete, isPossible, planOf, progressOn, restricted, unique, type Alternative,
  type Alternatives, type Choice, type Path, type Plan,
} from './plan.js'
import { checkAlternatives } from './step-checks.js'
import { factorNames, written, type Factors } from './steps.js'
import { withTwoKinds } from './multi-factor.js'

/** What a guard requires of a login: a plan of one step, of which only fresh proofs of some age count. */
export interface RequiredFactors {
  /** Any one of these alternatives is enough. It is kept with the requirement of a login that steps up. */
  readonly asked: Alternatives
  readonly plan: Plan
  /** The alternatives are about two kinds of factors, whose names are told as `mfa`. */
  readonly mfa: boolean
  /** How old a proof may be: as it was written, and in milliseconds. */
  readonly maxAge: string | undefined
  readonly age: number
}

/** What a guard requires, as the app wrote it. */
interface Written {
  readonly factors: Factors | undefined
  readonly mfa: boolean | undefined
  readonly maxAge: string | undefined
}

/** @throws TypeError for what nobody can meet. */
export function requiredFactors({ factors, mfa = false, maxAge }: Written, table: FactorTable): RequiredFactors {
  const age = longestAge('require: maxAge', maxAge)
  const asked = askedAlternatives(factors, mfa, table)
  return { asked, plan: planOf([asked], table), mfa, maxAge, age }
}

/** That one of these factors was proven within `maxAge`. */
export function oneOfWithin(names: readonly string[], maxAge: string, table: FactorTable): RequiredFactors {
  const asked = names.length === 0 ? [] : [[names]]
  return { asked, plan: planOf([asked], table), mfa: false, maxAge, age: longestAge('maxAge', maxAge) }
}

/** In milliseconds. @throws TypeError for a text that is not a duration, and for one of no length. */
export function longestAge(option: string, maxAge: string | undefined): number {
  const age = maxAge === undefined ? Infinity : milliseconds(option, maxAge)
  if (age > 0) return age
  throw new TypeError(`multistep: ${option} is longer than nothing: write a duration such as '5m'.`)
}

function askedAlternatives(factors: Factors | undefined, mfa: boolean, table: FactorTable): Alternatives {
  if (factors !== undefined && !isFactors(factors)) {
    throw new TypeError('multistep: require: factors is the name of a factor, anyOf(\'a\', \'b\') or allOf(\'a\', '
      + '\'b\') of some.')
  }
  if (mfa) return possibleWithTwoKinds(factors === undefined ? [[]] : namedAlternatives(factors, table), table)
  return factors === undefined ? [[namesOf(freshFactors(table))]] : shortest(namedAlternatives(factors, table))
}

function isFactors(value: unknown): boolean {
  const { type, factors } = (value ?? {}) as { type?: unknown, factors?: unknown }
  if (typeof value === 'string') return true
  if (type !== 'anyOf' && type !== 'allOf') return false
  return Array.isArray(factors) && factors.length > 0 && factors.every(isFactors)
}

/** A recovery code stands in for another proof, and is none. */
export const isFresh = ({ via }: Factor): boolean => via === 'fresh'

/** The factors of a policy that a fresh proof can be of. */
const freshFactors = (table: FactorTable): Factor[] => table.names.map((name) => table.get(name)).filter(isFresh)

/** As in a step of a login, and by the same rules. */
function namedAlternatives(factors: Factors, table: FactorTable): Alternatives {
  const stale = factorNames([factors]).find((name) => !isFresh(table.get(name)))
  if (stale !== undefined) {
    throw new TypeError(`multistep: require: '${stale}' never counts as fresh, so nobody can meet it. Name another `
      + 'factor.')
  }
  checkAlternatives(factors, table, `require({ factors: ${written(factors)} })`)
  return alternativesOf(factors)
}

/** @throws TypeError where no alternative can be taken so. */
function possibleWithTwoKinds(alternatives: Alternatives, table: FactorTable): Alternatives {
  const all = withTwoKinds(alternatives, freshFactors(table))
  const possible = shortest(all.filter((alternative) => isPossible(alternative, table)))
  if (possible.length === 0) {
    throw new TypeError('multistep: require: nobody can meet mfa together with these factors: they need the same kind '
      + 'of factor on the same channel, and one proof counts once.')
  }
  return possible
}

/**
 * Without the alternatives that ask for all that another one asks for. Of two that ask for the same the first stays.
 */
const shortest = (alternatives: Alternatives): Alternatives =>
  alternatives.filter((longer, index) => !alternatives.some((other, place) => {
    if (place === index || !asksForAll(longer, other)) return false
    return place < index || !asksForAll(other, longer)
  }))

/**
 * Whether each choice of `other` has one of `alternative` that is as narrow. Then a person who has taken this one has
 * taken the other.
 */
function asksForAll(alternative: Alternative, other: Alternative): boolean {
  const choices = alternative.map((names, index) => ({ names, authenticator: String(index) }))
  const narrower = other.map((wide) => choices.filter(({ names }) => names.every((name) => wide.includes(name))))
  return coversAll(narrower, choices)
}

const keptPlans = new WeakMap<FactorTable, Memo<Plan>>()

/** The plan of a kept requirement. One from before a deployment may name a factor that is no more. */
export function keptPlan(asked: Alternatives, table: FactorTable): Plan {
  const plans = memoOf(keptPlans, table)
  const key = JSON.stringify(asked)
  return plans.get(key) ?? keepAnswer(plans, key, planOf([restricted(asked, (name) => table.has(name), table)], table))
}

/**
 * The factors whose proofs count now: fresh ones, no older than `age`. A remembered or recovered one never counts, nor
 * one from the future.
 */
export const freshlyProven = (proofs: readonly Proof[], age: number, now: number, table: FactorTable): Factor[] =>
  provenFactors(proofs.filter(({ via, at }) => via === 'fresh' && at <= now && now - at <= age), table)

/**
 * Why evidence is not enough: what was never proven, and what was proven too long ago. `mfa` where no single name can
 * be told.
 */
export function lackOf(
  { plan, mfa, age }: Omit<RequiredFactors, 'asked'>, proofs: readonly Proof[], now: number, table: FactorTable,
): { missing: string[], expired: string[] } {
  const valid = freshlyProven(proofs, age, now, table)
  if (isComplete(plan, valid)) return { missing: [], expired: [] }
  const ever = freshlyProven(proofs, Infinity, now, table)
  const expiredPaths = plan.paths.filter(({ choices }) => coversAll(choices, ever))
  const isExpired = expiredPaths.length > 0
  const lacking = lackingOn(isExpired ? expiredPaths : plan.paths, valid)
  const expired = namesOf(lacking.filter((factor) => ever.includes(factor)))
  if (isExpired) return { missing: [], expired: mfa && expired.length > 1 ? ['mfa'] : expired }
  if (mfa && lacking.length > 1) return { missing: ['mfa'], expired: [] }
  return { missing: namesOf(lacking.filter((factor) => !ever.includes(factor))), expired }
}

const namesOf = (factors: readonly Factor[]): string[] => factors.map(({ name }) => name)

/** What these paths still ask for. What is missing may be what another choice takes meanwhile. */
function lackingOn(paths: readonly Path[], valid: readonly Factor[]): readonly Factor[] {
  const lacking = (choices: readonly Choice[]): Factor[] =>
    unique(choices.flat()).filter((factor) => !valid.includes(factor))
  const open = lacking(paths.flatMap((path) => openChoices(path, valid)))
  return open.length > 0 ? open : lacking(paths.flatMap(({ choices }) => choices))
}

function openChoices(path: Path, proven: readonly Factor[]): Choice[] {
  const { covered } = progressOn(path, proven)
  return path.choices.filter((_, index) => covered[index] === false)
}

/** What a step-up asks for next. */
export interface NextProof {
  /** How many proofs are left, on the path that needs the fewest. */
  readonly left: number
  readonly open: readonly Factor[]
  /** The names of all factors that would be accepted, of a person who had everything. */
  readonly accepted: readonly string[]
}

const nextProofsOfPlans = new WeakMap<Plan, Memo<NextProof | undefined>>()

/**
 * The factors that a login which has proven these would offer next, on the paths that this person can go to the end
 * with what they have. Nothing is enrolled here. `undefined`: there is no such path.
 */
export async function nextProof(
  plan: Plan, proven: readonly Factor[], user: Express.User,
): Promise<NextProof | undefined> {
  const has = await enrolledAmong(plan.factors, user)
  const known = memoOf(nextProofsOfPlans, plan)
  const key = `${memoKey(proven)}|${memoKey(has)}`
  return known.has(key) ? known.get(key) : keepAnswer(known, key, nextProofWith(has, plan, proven))
}

function nextProofWith(has: readonly Factor[], plan: Plan, proven: readonly Factor[]): NextProof | undefined {
  const paths = plan.paths.filter(({ choices }) => coversAll(choices, [...proven, ...has]))
  if (paths.length === 0) return undefined
  const progress = paths.map((path) => progressOn(path, proven))
  const { open } = nextStep(progress, proven, { has, isKnown: true, mayEnrol: false })
  return Object.freeze({
    left: Math.min(...paths.map((path) => openChoices(path, proven).length)),
    open: Object.freeze(open.map(({ factor }) => factor)),
    accepted: Object.freeze(namesOf(unique(plan.paths.flatMap((path) => openChoices(path, proven)[0] ?? [])))),
  })
}
