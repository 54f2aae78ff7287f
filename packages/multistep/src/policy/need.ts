import { milliseconds } from '../duration.js'
import type { Factor, FactorTable } from './factors.js'
import type { Proof } from '../stores/flow-store.js'
import type { Factors } from './steps.js'

/** One way to meet a guard: all of these proven. */
export type Way = readonly string[]

/** What a guard asks of a login's evidence. */
export interface Need {
  /** Any one of them will do. */
  readonly ways: readonly Way[]
  /** The ways that are only about two kinds of factors; their names are told as `mfa`. */
  readonly mfa: boolean
  /** As it was written, and in milliseconds. */
  readonly maxAge: string | undefined
  readonly age: number
}

interface Written { readonly factors: Factors | undefined, readonly mfa: boolean | undefined, readonly maxAge: string | undefined }

/** @throws TypeError for what nobody can meet. */
export function needOf(asked: Written, table: FactorTable): Need {
  const age = asked.maxAge === undefined ? Infinity : milliseconds('require: maxAge', asked.maxAge)
  if (age === 0) throw new TypeError('multistep: require: maxAge is longer than nothing: write a duration such as \'5m\'.')
  if (asked.factors !== undefined && !isFactors(asked.factors)) throw new TypeError('multistep: require: factors is the name of a factor, anyOf(\'a\', \'b\') or allOf(\'a\', \'b\') of some.')
  const named = asked.factors === undefined ? [[]] : waysOf(asked.factors, table)
  const paired = asked.mfa === true ? pairsOf(table) : [[]]
  const any = () => table.names.filter((name) => isFresh(table.get(name))).map((name) => [name])
  const plain = asked.factors === undefined && asked.mfa !== true ? any() : [[]]
  return { ways: shortest(product(product(named, paired), plain)), mfa: asked.mfa === true, maxAge: asked.maxAge, age }
}

/** That one of these ways was proven within `maxAge`. */
export const needFor = (ways: readonly Way[], maxAge: string): Need => ({ ways, mfa: false, maxAge, age: milliseconds('maxAge', maxAge) })

function isFactors(value: unknown): boolean {
  const { type, factors } = (value ?? {}) as { type?: unknown, factors?: unknown }
  return typeof value === 'string' || ((type === 'anyOf' || type === 'allOf') && Array.isArray(factors) && factors.length > 0 && factors.every(isFactors))
}

/** A recovery code stands in for another proof, and is none. */
const isFresh = ({ via }: Factor): boolean => via === 'fresh'

function waysOf(step: Factors, table: FactorTable): Way[] {
  if (typeof step === 'string') {
    if (!isFresh(table.get(step))) throw new TypeError(`multistep: require: '${step}' never counts as fresh, so nobody can meet it. Name another factor.`)
    return [[step]]
  }
  const parts = step.factors.map((one) => waysOf(one, table))
  return step.type === 'allOf' ? parts.reduce(product, [[]]) : parts.flat()
}

/** Two kinds over two channels (NIST SP 800-63B-4 §2.2.1). @throws TypeError when the policy has no two such factors. */
function pairsOf(table: FactorTable): Way[] {
  const known = table.names.map((name) => table.get(name)).filter((factor) => isFresh(factor) && factor.kind !== undefined)
  const channel = (factor: Factor): string => factor.channel ?? `only ${factor.name}`
  const differ = (one: Factor, other: Factor): boolean => one.kind !== other.kind && channel(one) !== channel(other)
  const pairs = known.flatMap((one, index) => known.slice(index + 1).filter((other) => differ(one, other)).map((other) => [one.name, other.name]))
  if (pairs.length === 0) throw new TypeError('multistep: require: nobody can meet mfa, because the steps mention no two factors of different kinds over different channels. Add one to steps, or say of which kind they are with factors: { <name>: { kind: … } }.')
  return pairs
}

const product = (some: readonly Way[], others: readonly Way[]): Way[] => some.flatMap((one) => others.map((other) => [...new Set([...one, ...other])]))

/** Without the ways that ask for all that another one asks for, and more. */
const shortest = (ways: readonly Way[]): Way[] =>
  ways.filter((way, index) => !ways.some((other, place) => other.every((name) => way.includes(name)) && (other.length < way.length || place < index)))

/** Whether a proof of this factor counts now. Never one that was remembered or recovered, and never one from the future. */
function counts(proofs: readonly Proof[], name: string, age: number, now: number): boolean {
  for (const proof of proofs) {
    if (proof.factor === name && proof.via === 'fresh' && proof.at <= now && now - proof.at <= age) return true
  }
  return false
}

/** Asked at every request of a guarded route: nothing is made on the way. */
export function isMet({ ways, age }: Pick<Need, 'ways' | 'age'>, proofs: readonly Proof[], now: number): boolean {
  for (const way of ways) if (isWhole(way, proofs, age, now)) return true
  return false
}

function isWhole(way: Way, proofs: readonly Proof[], age: number, now: number): boolean {
  for (const name of way) if (!counts(proofs, name, age, now)) return false
  return true
}

/** What remains of each way with these proofs. */
export const remaining = (ways: readonly Way[], proofs: readonly Proof[], age: number, now: number): Way[] =>
  ways.map((way) => way.filter((name) => !counts(proofs, name, age, now)))

/** Why evidence is not enough: what was never proven, and what was proven too long ago. `mfa` where no one name can be said. */
export function lackOf({ ways, mfa, age }: Need, proofs: readonly Proof[], now: number): { missing: string[], expired: string[] } {
  const [left, never] = [remaining(ways, proofs, age, now), remaining(ways, proofs, Infinity, now)]
  if (left.some((way) => way.length === 0)) return { missing: [], expired: [] }
  const once = left.filter((_, index) => never[index]?.length === 0)
  if (once.length > 0) return { missing: [], expired: told(once.flat(), mfa) }
  const unproven = new Set(never.flat())
  const names = [...new Set(left.flat())]
  if (mfa && names.length > 1) return { missing: ['mfa'], expired: [] }
  return { missing: names.filter((name) => unproven.has(name)), expired: names.filter((name) => !unproven.has(name)) }
}

function told(names: readonly string[], mfa: boolean): string[] {
  const distinct = [...new Set(names)]
  return mfa && distinct.length > 1 ? ['mfa'] : distinct
}

/** The evidence of a login: of each factor the newest fresh proof stands for all of them. */
export function newest(proofs: readonly Proof[]): readonly Proof[] {
  const replaced = (proof: Proof, index: number): boolean => proof.via === 'fresh'
    && proofs.some((other, place) => other.factor === proof.factor && other.via === 'fresh' && (other.at > proof.at || (other.at === proof.at && place > index)))
  return proofs.filter((proof, index) => !replaced(proof, index))
}

/** What a step-up asks for next. */
export interface NextProof {
  /** How many proofs are left, on the way that needs the fewest. */
  readonly left: number
  readonly open: readonly Factor[]
  /** All that would be accepted, of a person who had everything. */
  readonly accepted: readonly string[]
}

/**
 * The factors that lead on, of those ways that this person can go to the end with what they have; what is part of every way comes first and alone.
 * `undefined`: there is no such way.
 */
export async function nextProof(ways: readonly Way[], user: Express.User, table: FactorTable): Promise<NextProof | undefined> {
  // What was asked for before a deployment may name a factor that is no more.
  const names = [...new Set(ways.flat())].filter((name) => table.names.includes(name))
  const answers = await Promise.all(names.map(async (name) => ({ name, has: await table.get(name).enrolled(user) })))
  const has = (name: string): boolean => answers.some((answer) => answer.name === name && answer.has)
  const passable = ways.filter((way) => way.every(has))
  const [first] = passable
  if (!first) return undefined
  const inevitable = first.find((name) => passable.every((way) => way.includes(name)))
  const open = inevitable === undefined ? names.filter((name) => passable.some((way) => way.includes(name))) : [inevitable]
  const accepted = inevitable === undefined ? names : [inevitable]
  return { left: Math.min(...passable.map((way) => way.length)), open: open.map((name) => table.get(name)), accepted }
}
