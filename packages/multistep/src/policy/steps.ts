import type { Evidence } from './evidence.js'
import type { Factor, FactorTable } from './factors.js'
import type { Request } from '../http/request.js'

/** One of these factors, as the person likes. */
export interface AnyOf<F extends string> { readonly type: 'anyOf', readonly factors: readonly F[] }
/** A step that is skipped for whoever has none of its factors enrolled. */
export interface Optional<F extends string> { readonly type: 'optional', readonly step: F | AnyOf<F> }
/** A step that is asked for only where the predicate holds. */
export interface When<F extends string, P extends string = F> { readonly type: 'when', readonly predicate: Predicate<P>, readonly step: F | AnyOf<F> | Optional<F> }
export type Step<F extends string = string> = F | AnyOf<F> | Optional<F> | When<F, NoInfer<F>>

/** What a policy decides by. `user` is absent while nobody is known; `evidence` is what this login has proven so far. */
export interface Situation { readonly user: Express.User | undefined, readonly req: Request, readonly evidence: readonly Evidence[] }
export interface Predicate<P extends string = never> {
  (situation: Situation): boolean | Promise<boolean>
  /** Of `passed`: the factor that it asks about. */
  readonly factor?: P
}

export const anyOf = <const F extends string>(...factors: readonly F[]): AnyOf<F> => ({ type: 'anyOf', factors })
export const optional = <const F extends string>(step: F | AnyOf<F>): Optional<F> => ({ type: 'optional', step })
export const when = <const F extends string, const P extends string = never>(predicate: Predicate<P>, step: F | AnyOf<F> | Optional<F>): When<F, P> =>
  ({ type: 'when', predicate, step })
/** A predicate for `when`: this login has proven `factor`. */
export const passed = <const P extends string>(factor: P): Predicate<P> =>
  Object.assign(({ evidence }: Situation) => evidence.some((proof) => proof.factor === factor), { factor })

/** One step that a login asks for, here and now: the names any one of which will do. Never empty. */
export type Slot = readonly string[]

const isPlain = (step: Step | undefined): step is string | AnyOf<string> => typeof step === 'string' || step?.type === 'anyOf'

const namesOf = (step: string | AnyOf<string>): Slot => (typeof step === 'string' ? [step] : step.factors)

/** Every factor name a policy mentions, in its order, once. */
export function factorNames(steps: readonly Step[]): string[] {
  const names = (step: Step): Slot => (isPlain(step) ? namesOf(step) : names(step.step))
  return [...new Set(steps.flatMap(names))]
}

/** The steps that this situation asks for. */
export async function planFor(steps: readonly Step[], situation: Situation, factors: FactorTable): Promise<Slot[]> {
  const plan: Slot[] = []
  for (const step of steps) {
    const slot = await slotFor(step, situation, factors)
    if (slot) plan.push(slot)
  }
  return plan
}

async function slotFor(step: Step, situation: Situation, factors: FactorTable): Promise<Slot | undefined> {
  if (isPlain(step)) return namesOf(step)
  if (step.type === 'when') return (await step.predicate(situation)) ? slotFor(step.step, situation, factors) : undefined
  const slot = namesOf(step.step)
  return (await enrolledIn(slot, situation.user, factors)).length > 0 ? slot : undefined
}

/** Those factors of a slot that a person has. Without a person: none, for nothing is known. */
async function enrolledIn(slot: Slot, user: Express.User | undefined, factors: FactorTable): Promise<Factor[]> {
  if (user === undefined) return []
  const answers = await Promise.all(slot.map(async (name) => ({ factor: factors.get(name), enrolled: await factors.get(name).enrolled(user) })))
  return answers.filter(({ enrolled }) => enrolled).map(({ factor }) => factor)
}

/**
 * Which steps of a plan the proofs cover: each proof at most one, two proofs by one authenticator count once, as many steps as possible,
 * earlier ones first. (Kuhn's augmenting paths: a step once covered stays covered while later ones are tried.)
 */
export function coverage(plan: readonly Slot[], proofs: readonly { factor: string, authenticator: string }[]): boolean[] {
  const taker = new Map<string, number>()
  const cover = (index: number, tried: Set<string>): boolean => {
    const usable = proofs.filter((proof) => plan[index]?.includes(proof.factor) && !tried.has(proof.authenticator))
    for (const { authenticator } of usable) {
      if (tried.has(authenticator)) continue
      tried.add(authenticator)
      const holder = taker.get(authenticator)
      if (holder === undefined || cover(holder, tried)) {
        taker.set(authenticator, index)
        return true
      }
    }
    return false
  }
  return plan.map((_, index) => cover(index, new Set()))
}

/** A factor that the current step accepts; `enrolling`: the person has none of this step yet, and may enrol this one now. */
export interface OpenFactor { readonly factor: Factor, readonly enrolling: boolean }

/** The factors of a slot that this person can use now. An authenticator that was proven already does not count twice. */
export async function openFactors(slot: Slot, user: Express.User | undefined, proven: ReadonlySet<string>, factors: FactorTable): Promise<OpenFactor[]> {
  const unproven = (factor: Factor): boolean => !proven.has(factor.authenticator)
  const all = slot.map((name) => factors.get(name))
  if (user === undefined) return all.filter((factor) => !factor.needsPerson).map((factor) => ({ factor, enrolling: false }))
  const enrolled = await enrolledIn(slot, user, factors)
  if (enrolled.length > 0) return enrolled.filter(unproven).map((factor) => ({ factor, enrolling: false }))
  return all.filter((factor) => factor.enroll === 'first' && unproven(factor)).map((factor) => ({ factor, enrolling: true }))
}

/**
 * For a step whose own factors are all proven or not enrolled: those of other steps that would set a proof free for it, by the matching above.
 * Enrolling is no way out of a step that the person has taken before.
 */
export async function freeingFactors(
  plan: readonly Slot[], step: number, proofs: readonly { factor: string, authenticator: string }[], user: Express.User | undefined, factors: FactorTable,
): Promise<OpenFactor[]> {
  const frees = (factor: string): boolean => coverage(plan, [...proofs, { factor, authenticator: factors.get(factor).authenticator }])[step] === true
  const open = await openFactors([...new Set(plan.flat())].filter(frees), user, new Set(proofs.map(({ authenticator }) => authenticator)), factors)
  return open.filter(({ enrolling }) => !enrolling)
}

/** @throws TypeError for what is no step at all. */
export function checkShapes(steps: readonly unknown[]): void {
  for (const step of steps) {
    const { type, predicate, step: inner } = (step ?? {}) as Partial<When<string>>
    const inside: unknown = type === 'when' ? inner : step
    const core: unknown = (inside as { type?: unknown } | undefined)?.type === 'optional' ? (inside as Optional<string>).step : inside
    if (!isNames(core)) throw new TypeError('multistep: a step is the name of a factor, anyOf(\'a\', \'b\'), optional(…) of one of these, or when(predicate, …) of one of all these.')
    if (type === 'when' && typeof predicate !== 'function') throw new TypeError('multistep: when takes a function first: when(passed(\'local\'), \'totp\'), or when(({ user }) => user.isAdmin, \'totp\').')
  }
}

function isNames(step: unknown): boolean {
  const { type, factors } = (step ?? {}) as Partial<AnyOf<string>>
  return typeof step === 'string' || (type === 'anyOf' && Array.isArray(factors) && factors.every((name) => typeof name === 'string'))
}

/**
 * The factors that may be asked for while nobody is known: those of the first step that stands for everybody, and of the conditional ones
 * before it. An optional step asks nobody who is not known.
 */
function firstFactors(steps: readonly Step[], factors: FactorTable): Factor[] {
  const mandatory = steps.findIndex(isPlain)
  const doors = steps.slice(0, mandatory < 0 ? steps.length : mandatory + 1).map((step) => (isPlain(step) || step.type !== 'when' ? step : step.step)).filter(isPlain)
  return [...new Set(doors.flatMap(namesOf))].map((name) => factors.get(name)).filter(({ needsPerson }) => !needsPerson)
}

function checkFirstFactors(steps: readonly Step[], factors: FactorTable): void {
  const uncounted = firstFactors(steps, factors).find(({ fields, account, ownLockout }) => fields.length > 0 && !account && !ownLockout)
  if (!uncounted) return
  throw new TypeError(`multistep: '${uncounted.name}' may come first, when nobody is known yet, so failures need a name to be counted by: give factors: { '${uncounted.name}': { account: (req) => req.body.username } }, or lockout: 'own' if its strategy counts them itself.`)
}

/** @throws TypeError for a policy that can not work, in words. */
export function checkSteps(steps: readonly Step[], factors: FactorTable): void {
  if (steps.length === 0) throw new TypeError('multistep: steps is empty. Name at least one factor, such as steps: [\'local\', \'sms-otp\'].')
  for (const step of steps) checkStep(step, factors)
  const mandatory = steps.map((step) => (isPlain(step) ? namesOf(step) : undefined))
  const [first] = steps
  if (isPlain(first) && namesOf(first).every((name) => factors.get(name).needsPerson)) {
    throw new TypeError(`multistep: nobody can meet this policy: ${namesOf(first).join(', ')} can not say who somebody is. Begin with a factor that can, such as 'local'.`)
  }
  checkFirstFactors(steps, factors)
  const everyone = factorNames(steps).map((factor) => ({ factor, authenticator: factors.get(factor).authenticator }))
  const covered = coverage(mandatory.map((slot) => slot ?? []), everyone)
  const impossible = mandatory.findIndex((slot, index) => slot && !covered[index])
  if (impossible >= 0) {
    throw new TypeError(`multistep: nobody can meet step ${impossible + 1} (${mandatory[impossible]?.join(', ')}): an earlier step needs the same kind of factor on the same channel, and one proof counts once.`)
  }
}

function checkStep(step: Step, factors: FactorTable): void {
  const inner = typeof step === 'string' ? step : step.type === 'when' ? step.step : step
  const asked = typeof step === 'object' && step.type === 'when' ? step.predicate.factor : undefined
  if (asked !== undefined && !factors.names.includes(asked)) {
    throw new TypeError(`multistep: passed('${asked}') never holds, because no step mentions '${asked}'. The steps mention: ${factors.names.join(', ')}.`)
  }
  if (typeof inner !== 'string' && inner.type === 'optional') {
    const undeclared = namesOf(inner.step).find((name) => !factors.get(name).knowsEnrolment)
    if (undeclared) throw new TypeError(`multistep: optional('${undeclared}') needs to know who has it: give factors: { '${undeclared}': { enrolled: (user) => … } }.`)
  }
  if (factorNames([step]).length === 0) throw new TypeError('multistep: anyOf() without a factor can never be met. Name at least one.')
}
