import { within } from '#internal/deadline'
import { suggestion } from '#internal/option-checks'
import { MultistepError, problemOf } from '../lib/errors.js'
import type { Awaitable } from '../lib/awaitable.js'
import { keepAnswer, type Memo } from '../lib/memo.js'
import type { Factor, FactorTable } from '../factors/factor.js'
import { provenFactors, toEvidence, type Proof } from '../factors/proof.js'
import { enrolledAmong, nextStepFor, type NextStep } from './next-step.js'
import { alternativesOf, countCovered, planOf, type Alternatives, type Plan } from './plan.js'
import { checkShapes, checkSteps } from './step-checks.js'
import {
  conditionsOf, factorNames, factorsOf, isAlways, isOptional, written,
  type Predicate, type Situation, type Step, type StepsFunction,
} from './steps.js'
import type { Request } from '../http/request.js'

/** The steps as the app wrote them, or the function that decides them. */
export type Policy = readonly Step[] | StepsFunction

/** What every login must prove, made ready once. */
export interface LoginPolicy {
  readonly steps: Policy
  readonly factors: FactorTable
  /** Steps that are written. The steps of a function are made ready when it has decided. */
  readonly ready: ReadySteps | undefined
  /** The plan of every login, where nothing of it depends on the person or the request. */
  readonly fixed: Plan | undefined
  /** What the function decided before, by its text. */
  readonly decided: Memo<ReadySteps>
}

/** A step, and all that is known of it for everybody. */
export interface ReadyStep {
  readonly step: Step
  /** Of `when()`, the outer one first. The step is asked for where all hold. */
  readonly conditions: readonly Predicate<string>[]
  readonly isOptional: boolean
  readonly factors: readonly Factor[]
  readonly alternatives: Alternatives
}

/** The steps of a login, and the plans of those that are asked for, each by {@link Asked}. */
export interface ReadySteps {
  readonly all: readonly ReadyStep[]
  readonly table: FactorTable
  readonly plans: Memo<PlanOfAsked>
}

/** Which steps are asked for: `1` for each that is, and `0` for each that is not. */
export type Asked = string

interface PlanOfAsked {
  readonly plan: Plan
  /** The optional steps that another step could be met together with: their authenticators are some of its own. */
  readonly doubtful: readonly number[]
}

/** @throws TypeError for steps that cannot work. */
export function loginPolicy(steps: Policy, factors: FactorTable): LoginPolicy {
  const decided: Memo<ReadySteps> = new Map()
  if (typeof steps === 'function') return { steps, factors, ready: undefined, fixed: undefined, decided }
  const ready = readySteps(steps, factors)
  const isFixed = steps.every(isAlways)
  return { steps, factors, ready, fixed: isFixed ? planIn(ready, '1'.repeat(steps.length)).plan : undefined, decided }
}

const readySteps = (steps: readonly Step[], table: FactorTable): ReadySteps => ({
  all: steps.map((step) => ({
    step,
    conditions: conditionsOf(step),
    isOptional: isOptional(step),
    factors: factorNames([step]).map((name) => table.get(name)),
    alternatives: alternativesOf(factorsOf(step)),
  })),
  table,
  plans: new Map(),
})

/**
 * What the policy asks of this person for next, here and now. A promise only where the app's functions give one, or
 * where steps depend on the person or the request.
 * @throws MultistepError `plan_empty`; `misconfigured` for steps of a function that cannot work.
 */
export function evaluate(
  policy: LoginPolicy, user: Express.User | undefined, req: Request, proofs: readonly Proof[],
): Awaitable<NextStep> {
  const proven = provenFactors(proofs, policy.factors)
  if (policy.fixed) return nextStepFor(policy.fixed, proven, user)
  return evaluateSteps(policy, { user, req, evidence: proofs.map(toEvidence) }, proven)
}

async function evaluateSteps(
  policy: LoginPolicy, situation: Situation, proven: readonly Factor[],
): Promise<NextStep> {
  const steps = policy.ready ?? await stepsIn(policy, situation)
  let asked: Asked = ''
  for (const step of steps.all) {
    const answer = isAsked(step, situation)
    asked += (typeof answer === 'boolean' ? answer : await answer) ? '1' : '0'
  }
  const found = planIn(steps, asked)
  const isSure = found.doubtful.length === 0
  const { plan } = isSure ? found : planIn(steps, await withoutRedundant(steps, asked, situation.user))
  if (plan.factors.length === 0) {
    throw new MultistepError('plan_empty', 'multistep: the policy asks for no step at all here, and nobody is logged '
      + 'in for nothing. Let one step stand without when() and optional().')
  }
  return nextStepFor(plan, proven, situation.user)
}

/**
 * The steps of this situation. The steps of a function hold to the same rules as written ones.
 * @throws MultistepError `misconfigured` for steps that cannot work: no step is skipped because nobody knows what it
 * asks for.
 */
export async function stepsIn(policy: LoginPolicy, situation: Situation): Promise<ReadySteps> {
  if (policy.ready) return policy.ready
  const steps: unknown = typeof policy.steps === 'function' ? await policy.steps(situation) : policy.steps
  try {
    return checked(steps, situation, policy)
  } catch (cause) {
    throw new MultistepError('misconfigured', (cause as Error).message, { cause })
  }
}

function checked(given: unknown, { user }: Situation, { factors, decided }: LoginPolicy): ReadySteps {
  if (!Array.isArray(given)) {
    throw new TypeError('multistep: the function steps must return a list, such as [\'local\', \'totp\'], or a '
      + 'promise of one.')
  }
  checkShapes(given)
  const steps = given as Step[]
  const stray = factorNames(steps).find((name) => !factors.has(name))
  if (stray !== undefined) {
    throw new TypeError(`multistep: the function steps returned '${stray}', which factors does not declare. `
      + suggestion(stray, factors.names))
  }
  const isKnown = user !== undefined
  // Predicates may be new ones each time, and two of them may read the same.
  const text = steps.some((step) => conditionsOf(step).length > 0) ? undefined : [isKnown, ...steps.map(written)].join()
  const before = text === undefined ? undefined : decided.get(text)
  if (before) return before
  checkSteps(steps, factors, !isKnown)
  const ready = readySteps(steps, factors)
  return text === undefined ? ready : keepAnswer(decided, text, ready)
}

/** Why a step is asked for, or is not. */
export type Reason =
  | { readonly type: 'when', readonly predicate: Predicate<string>, readonly holds: boolean }
  | { readonly type: 'optional', readonly enrolled: readonly string[] }

type Tell = (reason: Reason) => void

/** Whether a step is asked for in this situation. `tell` hears why, one condition after the other. */
export function isAsked(
  step: ReadyStep, situation: Situation, tell: Tell = () => {}, from = 0,
): Awaitable<boolean> {
  const predicate = step.conditions[from]
  if (!predicate) return step.isOptional ? isEnrolled(step, situation, tell) : true
  const goOn = (holds: boolean): Awaitable<boolean> => {
    tell({ type: 'when', predicate, holds })
    return holds ? isAsked(step, situation, tell, from + 1) : false
  }
  const answer = predicate(situation)
  return typeof answer === 'boolean' ? goOn(answer) : Promise.resolve(answer).then(goOn)
}

async function isEnrolled({ factors }: ReadyStep, { user }: Situation, tell: Tell): Promise<boolean> {
  const enrolled = user === undefined ? [] : await enrolledAmong(factors, user)
  tell({ type: 'optional', enrolled: enrolled.map(({ name }) => name) })
  return enrolled.length > 0
}

/** The plan of the steps that are asked for. The others stand in it with nothing to prove. */
export function planIn(steps: ReadySteps, asked: Asked): PlanOfAsked {
  return steps.plans.get(asked) ?? keepAnswer(steps.plans, asked, {
    plan: planOf(steps.all.map(({ alternatives }, index) => (asked[index] === '1' ? alternatives : [[]])), steps.table),
    doubtful: [...steps.all.keys()].filter((index) => isDoubtful(steps, asked, index)),
  })
}

/** Whether an optional step could be met by an authenticator of another step that is asked for. */
function isDoubtful({ all }: ReadySteps, asked: Asked, index: number): boolean {
  const own = all[index]
  if (!own?.isOptional || asked[index] !== '1') return false
  const others = all.filter((_, place) => place !== index && asked[place] === '1').flatMap(({ factors }) => factors)
  return others.some((other) => own.factors.some(({ authenticator }) => authenticator === other.authenticator))
}

/**
 * The steps that are asked for, without the optional ones for which this person has nothing but what the other steps
 * need, as one proof counts once.
 */
export async function withoutRedundant(
  steps: ReadySteps, asked: Asked, user: Express.User | undefined,
): Promise<Asked> {
  const { plan, doubtful } = planIn(steps, asked)
  if (doubtful.length === 0 || user === undefined) return asked
  const has = await enrolledAmong(plan.factors, user)
  const mostCovered = (some: Asked): number =>
    Math.max(...planIn(steps, some).plan.paths.map(({ choices }) => countCovered(choices, has)))
  let needed = asked
  for (const index of doubtful) {
    const fewer = `${needed.slice(0, index)}0${needed.slice(index + 1)}`
    if (mostCovered(fewer) === mostCovered(needed)) needed = fewer
  }
  return needed
}

/**
 * What the policy asks for, here and now.
 * @throws MultistepError `plan_empty`, `misconfigured`, `factor_unavailable`.
 */
export async function demand(
  { loginPolicy, stepTimeout }: Demanding, req: Request, user: Express.User | undefined, proofs: readonly Proof[],
): Promise<NextStep> {
  const next = evaluate(loginPolicy, user, req, proofs)
  return 'then' in next ? decidedInTime(stepTimeout, next) : next
}

/** Of the settings: the policy, and how long the app's callbacks may take, in milliseconds. */
export interface Demanding {
  readonly loginPolicy: LoginPolicy
  readonly stepTimeout: number
}

/** What the app's callbacks decide, or `factor_unavailable` when they take too long. */
export function decidedInTime<T>(stepTimeout: number, decision: Promise<T>): Promise<T> {
  const late = () => new MultistepError('factor_unavailable', problemOf('factor_unavailable').message, {
    cause: new Error(`The policy (steps, when, enrolled, bind) gave no answer within ${stepTimeout} ms.`),
  })
  return within(stepTimeout, decision, late)
}
