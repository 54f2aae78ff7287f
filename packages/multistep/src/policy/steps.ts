import type { Awaitable } from '../lib/awaitable.js'
import type { Evidence } from '../factors/proof.js'
import type { Request } from '../http/request.js'

/** What can be proven: a factor by its name, one of several, or all of several. */
export type Factors<F extends string = string> = F | AnyOf<F> | AllOf<F>
/** One of these, as the person chooses. */
export interface AnyOf<F extends string> { readonly type: 'anyOf', readonly factors: readonly Factors<F>[] }
/** All of these, in this order. */
export interface AllOf<F extends string> { readonly type: 'allOf', readonly factors: readonly Factors<F>[] }
/** A step that is skipped where the person has none of its factors, or none beside what other steps need. */
export interface Optional<F extends string> { readonly type: 'optional', readonly step: Factors<F> }
/** A step that is asked for only where the predicate holds. */
export interface When<F extends string, P extends string = F> {
  readonly type: 'when'
  readonly predicate: Predicate<P>
  readonly step: Factors<F> | Optional<F> | When<F, P>
}
/** One entry of a policy. */
export type Step<F extends string = string> = Factors<F> | Optional<F> | When<F, NoInfer<F>>

/** What a policy decides by. */
export interface Situation {
  /** Absent while nobody is known. */
  readonly user: Express.User | undefined
  readonly req: Request
  /** What this login has proven so far. */
  readonly evidence: readonly Evidence[]
}
/** Whether a step is asked for, from the person, the request and what was proven. */
export interface Predicate<P extends string = never> {
  (situation: Situation): Awaitable<boolean>
  /** Of `passed`: the factor that it asks about. */
  readonly factor?: P
}
/** Decides the steps of one login: by the person's roles, by risk, tenant or address. */
export type StepsFunction<F extends string = string> = (situation: Situation) => Awaitable<readonly Step<F>[]>

/**
 * One of these factors, as the person chooses.
 * @example
 * multistep(passport, { steps: ['local', anyOf('mobileconnect', 'sms-otp')] })
 */
export const anyOf = <const F extends string>(...factors: readonly Factors<F>[]): AnyOf<F> =>
  ({ type: 'anyOf', factors })
/**
 * All of these factors, in this order.
 * @example
 * multistep(passport, { steps: ['local', allOf('mobileconnect', 'ticket')], factors: { ticket: { channel: 'desk' } } })
 */
export const allOf = <const F extends string>(...factors: readonly Factors<F>[]): AllOf<F> =>
  ({ type: 'allOf', factors })
/**
 * A step that is skipped where the person has none of its factors.
 * @example
 * multistep(passport, { steps: ['local', optional('sms-otp')] })
 */
export const optional = <const F extends string>(step: Factors<F>): Optional<F> => ({ type: 'optional', step })
/**
 * A step that is asked for only where the predicate holds.
 * @example
 * const isStaff = ({ user }: Situation) => (user as { role?: string } | undefined)?.role === 'staff'
 * multistep(passport, { steps: ['local', when(isStaff, 'sms-otp')] })
 */
export const when = <const F extends string, const P extends string = never>(
  predicate: Predicate<P>, step: Factors<F> | Optional<F> | When<F, P>,
): When<F, P> => ({ type: 'when', predicate, step })
/**
 * A predicate for `when`: this login has proven `factor`.
 * @example
 * // A second factor after a password, and none after a texted code.
 * multistep(passport, { steps: [anyOf('local', 'sms-otp'), when(passed('local'), 'sms-otp')] })
 */
export const passed = <const P extends string>(factor: P): Predicate<P> =>
  Object.assign(({ evidence }: Situation) => evidence.some((proof) => proof.factor === factor), { factor })

/** What a step asks for where it applies, without the conditions around it. */
export function factorsOf(step: Step): Factors {
  if (typeof step === 'object' && (step.type === 'when' || step.type === 'optional')) return factorsOf(step.step)
  return step
}

/** Whether a step is asked for in every login. */
export const isAlways = (step: Step): boolean => factorsOf(step) === step

/** Whether a step is skipped where the person has none of its factors. */
export const isOptional = (step: Step): boolean =>
  typeof step === 'object' && (step.type === 'optional' || (step.type === 'when' && isOptional(step.step)))

/** The predicates of `when()` around a step, the outer one first. */
export function conditionsOf(step: Step): Predicate<string>[] {
  if (typeof step === 'string' || step.type !== 'when') return []
  return [step.predicate, ...conditionsOf(step.step)]
}

/** Every factor name that steps mention, in their order, once. */
export function factorNames(steps: readonly Step[]): string[] {
  return [...new Set(steps.flatMap((step) => namesIn(factorsOf(step))))]
}

const namesIn = (factors: Factors): string[] =>
  (typeof factors === 'string' ? [factors] : factors.factors.flatMap(namesIn))

/** A step as the app would write it, for messages. */
export function written(step: Step): string {
  if (typeof step === 'string') return step
  if (step.type === 'when') return `when(${conditionOf(step.predicate)}, ${written(step.step)})`
  if (step.type === 'optional') return `optional(${written(step.step)})`
  return `${step.type}(${step.factors.map(written).join(', ')})`
}

/** A predicate in a few words: `passed(x)`, its name, or its source where that is short. */
export function conditionOf(predicate: Predicate<string>): string {
  if (predicate.factor !== undefined) return `passed(${predicate.factor})`
  if (predicate.name !== '') return predicate.name
  const source = String(predicate).replace(/\s+/g, ' ')
  return source.length > 100 ? '…' : source
}
