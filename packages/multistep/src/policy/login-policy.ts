import { suggestion } from '#internal/option-checks'
import { MultistepError } from '../lib/errors.js'
import { countedProof, countedProofs, type FactorTable } from '../factors/factor.js'
import { toEvidence, type Proof } from '../factors/proof.js'
import type { Request } from '../lib/request.js'
import { enrolledIn, nextStepFor, type NextStep } from './next-step.js'
import { alternativesOf, coveredChoices, pathsOf, planOf, unique, type Alternatives, type Plan } from './plan.js'
import { checkShapes, checkSteps } from './step-checks.js'
import {
  factorNames, factorsOf, isOptional, type Factors, type Predicate, type Situation, type Step, type StepsFunction,
} from './steps.js'

/** The steps as the app wrote them, or the function that decides them. */
export type Policy = readonly Step[] | StepsFunction

/** What every login must prove, made ready once. */
export interface LoginPolicy {
  readonly steps: Policy
  readonly factors: FactorTable
  /** The plan of every login, where nothing of it depends on the person or the request. */
  readonly fixed: Plan | undefined
}

export function loginPolicy(steps: Policy, factors: FactorTable): LoginPolicy {
  const isFixed = typeof steps !== 'function' && steps.every((step) => factorsOf(step) === step)
  if (!isFixed) return { steps, factors, fixed: undefined }
  return { steps, factors, fixed: planOf(steps.map((step) => alternativesOf(factorsOf(step))), factors) }
}

/**
 * What the policy asks of this person for next, here and now.
 * @throws MultistepError `plan_empty`; `misconfigured` for steps of a function that cannot work.
 */
export async function evaluate(
  policy: LoginPolicy, user: Express.User | undefined, req: Request, proofs: readonly Proof[],
): Promise<NextStep> {
  const { factors } = policy
  const plan = policy.fixed ?? await planFor(policy, { user, req, evidence: proofs.map(toEvidence) })
  if (plan.names.length === 0) {
    throw new MultistepError('plan_empty', 'multistep: the policy asks for no step at all here, and nobody is logged '
      + 'in for nothing. Let one step stand without when() and optional().')
  }
  return nextStepFor(plan, countedProofs(factors, proofs), user, factors)
}

async function planFor({ steps, factors }: LoginPolicy, situation: Situation): Promise<Plan> {
  const written = await stepsFor(steps, situation, factors)
  return planOf(await applicableSteps(written, situation, factors), factors)
}

/**
 * The steps of this situation. Those of a function hold to the same rules as written ones.
 * @throws MultistepError `misconfigured` for steps that cannot work: no step is skipped because nobody knows what it
 * asks for.
 */
export async function stepsFor(policy: Policy, situation: Situation, factors: FactorTable): Promise<readonly Step[]> {
  if (typeof policy !== 'function') return policy
  const steps: unknown = await policy(situation)
  try {
    return checked(steps, situation, factors)
  } catch (cause) {
    throw new MultistepError('misconfigured', (cause as Error).message, { cause })
  }
}

function checked(steps: unknown, { user }: Situation, factors: FactorTable): readonly Step[] {
  if (!Array.isArray(steps)) {
    throw new TypeError('multistep: the function steps must return a list, such as [\'local\', \'totp\'], or a '
      + 'promise of one.')
  }
  checkShapes(steps)
  const stray = factorNames(steps as Step[]).find((name) => !factors.has(name))
  if (stray !== undefined) {
    throw new TypeError(`multistep: the function steps returned '${stray}', which factors does not declare. `
      + suggestion(stray, factors.names))
  }
  checkSteps(steps as Step[], factors, user === undefined)
  return steps as Step[]
}

/** What the steps ask for in this situation, without those that do not apply. */
async function applicableSteps(
  steps: readonly Step[], situation: Situation, factors: FactorTable,
): Promise<Alternatives[]> {
  const applicable: Alternatives[] = []
  const optional = new Set<number>()
  for (const step of steps) {
    const asked = await askedFor(step, situation, factors)
    if (!asked) continue
    if (isOptional(step)) optional.add(applicable.length)
    applicable.push(alternativesOf(asked))
  }
  const redundant = await redundantSteps(applicable, optional, situation.user, factors)
  return applicable.filter((_, index) => !redundant.has(index))
}

/** Why a step is asked for, or is not. */
export type Reason =
  | { readonly type: 'when', readonly predicate: Predicate<string>, readonly holds: boolean }
  | { readonly type: 'optional', readonly enrolled: readonly string[] }

/** What a step asks for in this situation; `undefined`: nothing. `tell` hears why, one condition after the other. */
export async function askedFor(
  step: Step, situation: Situation, factors: FactorTable, tell: (reason: Reason) => void = () => {},
): Promise<Factors | undefined> {
  if (typeof step === 'string' || step.type === 'anyOf' || step.type === 'allOf') return step
  if (step.type === 'when') {
    const holds = await step.predicate(situation)
    tell({ type: 'when', predicate: step.predicate, holds })
    return holds ? askedFor(step.step, situation, factors, tell) : undefined
  }
  const { user } = situation
  const enrolled = user === undefined ? [] : await enrolledIn(factorNames([step]), user, factors)
  tell({ type: 'optional', enrolled })
  return enrolled.length > 0 ? step.step : undefined
}

/** The optional steps for which this person has nothing but what the other steps need, as one proof counts once. */
export async function redundantSteps(
  steps: readonly Alternatives[], optional: ReadonlySet<number>, user: Express.User | undefined, factors: FactorTable,
): Promise<ReadonlySet<number>> {
  const doubtful = [...optional].filter((index) => sharesAuthenticator(steps, index, factors))
  const redundant = new Set<number>()
  if (doubtful.length === 0 || user === undefined) return redundant
  const has = (await enrolledIn(unique(steps.flat(3)), user, factors)).map((name) => countedProof(factors.get(name)))
  const mostCovered = (without: ReadonlySet<number>): number => {
    const paths = pathsOf(steps.filter((_, index) => !without.has(index)))
    return Math.max(...paths.map(({ choices }) => coveredChoices(choices, has).filter(Boolean).length))
  }
  for (const index of doubtful) {
    if (mostCovered(new Set([...redundant, index])) === mostCovered(redundant)) redundant.add(index)
  }
  return redundant
}

/** Whether another step could be met by an authenticator of this one. */
function sharesAuthenticator(steps: readonly Alternatives[], index: number, factors: FactorTable): boolean {
  const authenticatorOf = (name: string): string => factors.get(name).authenticator
  const own = new Set(steps[index]?.flat(2).map(authenticatorOf))
  const others = steps.filter((_, place) => place !== index)
  return others.flat(3).some((name) => own.has(authenticatorOf(name)))
}
