import { milliseconds } from '#internal/duration'
import type { Proof } from '../factors/proof.js'
import { coverage, coversAll } from './coverage.js'
import { type Proven, provenBy, provenIn, type Factor, type FactorTable } from '../factors/factor.js'
import { demandOf } from './demand.js'
import { enrolledIn, waysOf, type Asked, type Slot, type Way } from './plan.js'
import { checkWays } from './step-checks.js'
import { factorNames, written, type Factors } from './steps.js'

/** What a guard asks of a login's evidence: one step, which fresh proofs of some age cover as those of a login cover its plan. */
export interface Need {
  /** Any one of these ways will do. */
  readonly asked: Asked
  /** The ways that are only about two kinds of factors; their names are told as `mfa`. */
  readonly mfa: boolean
  /** As it was written, and in milliseconds. */
  readonly maxAge: string | undefined
  readonly age: number
}

interface Written { readonly factors: Factors | undefined, readonly mfa: boolean | undefined, readonly maxAge: string | undefined }

/** @throws TypeError for what nobody can meet. */
export function needOf({ factors, mfa, maxAge }: Written, table: FactorTable): Need {
  const age = ageOf('require: maxAge', maxAge)
  if (factors !== undefined && !isFactors(factors)) throw new TypeError('multistep: require: factors is the name of a factor, anyOf(\'a\', \'b\') or allOf(\'a\', \'b\') of some.')
  const named = factors === undefined ? [[]] : namedWays(factors, table)
  const asked = mfa === true ? beside(named, pairsOf(table), table) : factors === undefined ? [[freshNames(table)]] : shortest(named)
  return { asked, mfa: mfa === true, maxAge, age }
}

/** That one of these factors was proven within `maxAge`. */
export const needFor = (names: Slot, maxAge: string): Need => ({ asked: names.length === 0 ? [] : [[names]], mfa: false, maxAge, age: ageOf('maxAge', maxAge) })

/** In milliseconds. @throws TypeError for what is no duration, and for none at all. */
export function ageOf(option: string, maxAge: string | undefined): number {
  const age = maxAge === undefined ? Infinity : milliseconds(option, maxAge)
  if (age === 0) throw new TypeError(`multistep: ${option} is longer than nothing: write a duration such as '5m'.`)
  return age
}

function isFactors(value: unknown): boolean {
  const { type, factors } = (value ?? {}) as { type?: unknown, factors?: unknown }
  return typeof value === 'string' || ((type === 'anyOf' || type === 'allOf') && Array.isArray(factors) && factors.length > 0 && factors.every(isFactors))
}

/** A recovery code stands in for another proof, and is none. */
const isFresh = ({ via }: Factor): boolean => via === 'fresh'

/** The names of a policy that a fresh proof can be of. */
export const freshNames = (table: FactorTable): string[] => table.names.filter((name) => isFresh(table.get(name)))

/** As in a step of a login, and by the same rules. */
function namedWays(factors: Factors, table: FactorTable): Asked {
  const stale = factorNames([factors]).find((name) => !isFresh(table.get(name)))
  if (stale !== undefined) throw new TypeError(`multistep: require: '${stale}' never counts as fresh, so nobody can meet it. Name another factor.`)
  checkWays(factors, table, `require({ factors: ${written(factors)} })`)
  return waysOf(factors)
}

/** Two kinds over two channels (NIST SP 800-63B-4 §2.2.1), as ways of two slots. @throws TypeError when the policy has no two such factors. */
function pairsOf(table: FactorTable): (readonly [Slot, Slot])[] {
  const known = freshNames(table).map((name) => table.get(name)).filter(({ kind }) => kind !== undefined)
  const channel = (factor: Factor): string => factor.channel ?? `only ${factor.name}`
  const differ = (one: Factor, other: Factor): boolean => one.kind !== other.kind && channel(one) !== channel(other)
  const pairs = known.map((one, index) => [[one.name], known.slice(index + 1).filter((other) => differ(one, other)).map(({ name }) => name)] as const)
  const some = pairs.filter(([, others]) => others.length > 0)
  if (some.length === 0) throw new TypeError('multistep: require: nobody can meet mfa, because the steps mention no two factors of different kinds over different channels. Add one to steps, or say of which kind they are with factors: { <name>: { kind: … } }.')
  return some
}

/** Each way, and two kinds: a proof that the way asks for may be one of the two, or both may be. @throws TypeError where no way can be taken so. */
function beside(ways: Asked, pairs: readonly (readonly [Slot, Slot])[], table: FactorTable): Asked {
  const both = (way: Way, [one, other]: readonly [Slot, Slot]): Way[] =>
    narrowed(way, one).flatMap((first) => narrowed(first.way, other, first.at).map((second) => second.way))
  const all = ways.flatMap((way) => pairs.flatMap((pair) => both(way, pair)))
  const possible = shortest(all.filter((way) => isPossible(way, table)))
  if (possible.length === 0) throw new TypeError('multistep: require: nobody can meet mfa together with these factors: they need the same kind of factor on the same channel, and one proof counts once.')
  return possible
}

/** A way on which one of these names is proven: at one of its slots, other than `taken`, or at one more. */
function narrowed(way: Way, names: Slot, taken?: number): { readonly way: Way, readonly at: number }[] {
  const shared = way.flatMap((slot, at) => {
    const both = at === taken ? [] : slot.filter((name) => names.includes(name))
    return both.length === 0 ? [] : [{ way: way.map((other, index) => (index === at ? both : other)), at }]
  })
  return [...shared, { way: [...way, names], at: way.length }]
}

const isPossible = (way: Way, table: FactorTable): boolean => coversAll(way, [...new Set(way.flat())].map((name) => provenBy(table.get(name))))

/** Without the ways that ask for all that another one asks for. */
const shortest = (ways: Asked): Asked =>
  ways.filter((way, index) => !ways.some((other, place) => place !== index && asksForAll(way, other) && (place < index || !asksForAll(other, way))))

/** Whether every slot of `other` has one of `way` that is as narrow: who has taken `way` has taken `other`. */
function asksForAll(way: Way, other: Way): boolean {
  const within = other.map((slot) => way.flatMap((narrow, index) => (narrow.every((name) => slot.includes(name)) ? [String(index)] : [])))
  return coversAll(within, way.map((_, index) => ({ factor: String(index), authenticator: String(index) })))
}

/** What is asked of those who may use these factors alone. Empty: none of its ways can be taken with them. */
export const restricted = (asked: Asked, allowed: (name: string) => boolean, table: FactorTable): Asked =>
  asked.map((way) => way.map((slot) => slot.filter(allowed))).filter((way) => isPossible(way, table))

/** The proofs that count now: fresh ones of some age. Never one that was remembered or recovered, and never one from the future. */
export const counting = (proofs: readonly Proof[], age: number, now: number, table: FactorTable): Proven[] =>
  provenIn(table, proofs.filter(({ via, at }) => via === 'fresh' && at <= now && now - at <= age))

/** Whether these proofs, of those that count, are enough. Asked at every request of a guarded route. */
export const isMet = (asked: Asked, proofs: readonly Proven[]): boolean => asked.some((way) => coversAll(way, proofs))

const openSlots = (way: Way, proofs: readonly Proven[]): Slot[] => {
  const covered = coverage(way, proofs)
  return way.filter((_, index) => covered[index] === false)
}

/** Why evidence is not enough: what was never proven, and what was proven too long ago. `mfa` where no one name can be said. */
export function lackOf({ asked, mfa, age }: Need, proofs: readonly Proof[], now: number, table: FactorTable): { missing: string[], expired: string[] } {
  const [valid, ever] = [counting(proofs, age, now, table), counting(proofs, Infinity, now, table)]
  if (isMet(asked, valid)) return { missing: [], expired: [] }
  const once = asked.filter((way) => coversAll(way, ever))
  const ways = once.length > 0 ? once : asked
  const lacking = (slots: readonly Slot[]) => [...new Set(slots.flat())].filter((name) => valid.every(({ factor }) => factor !== name))
  const open = lacking(ways.flatMap((way) => openSlots(way, valid)))
  // What is missing may be what another slot takes meanwhile.
  const names = open.length > 0 ? open : lacking(ways.flat())
  const proven = (name: string): boolean => ever.some(({ factor }) => factor === name)
  if (once.length > 0) return { missing: [], expired: told(names.filter(proven), mfa) }
  if (mfa && names.length > 1) return { missing: ['mfa'], expired: [] }
  return { missing: names.filter((name) => !proven(name)), expired: names.filter(proven) }
}

const told = (names: string[], mfa: boolean): string[] => (mfa && names.length > 1 ? ['mfa'] : names)

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
 * The factors that a login with these proofs would offer next, on those ways that this person can go to the end with what they have; nothing is
 * enrolled here. `undefined`: there is no such way.
 */
export async function nextProof(asked: Asked, proofs: readonly Proven[], user: Express.User, table: FactorTable): Promise<NextProof | undefined> {
  // What was asked for before a deployment may name a factor that is no more.
  const names = [...new Set(asked.flat(2))].filter((name) => table.names.includes(name))
  const has = [...await enrolledIn(names, user, table), ...proofs.map(({ factor }) => factor)]
  const ways = restricted(asked, (name) => has.includes(name), table)
  if (ways.length === 0) return undefined
  const { open } = await demandOf([ways], proofs, user, table)
  return {
    left: Math.min(...ways.map((way) => openSlots(way, proofs).length)),
    open: open.filter(({ enrolling }) => !enrolling).map(({ factor }) => factor),
    accepted: [...new Set(asked.flatMap((way) => openSlots(way, proofs)[0] ?? []))].filter((name) => names.includes(name)),
  }
}
