import { countedProofs, proofBy, type Factor, type FactorTable } from '../factors/factor.js'
import { toEvidence } from '../factors/proof.js'
import { explainFactors, type ExplainedFactor } from './explain-factors.js'
import { askedFor, redundantSteps, stepsFor, type LoginPolicy, type Reason } from './login-policy.js'
import { enrolledIn, nextStepFor } from './next-step.js'
import { alternativesOf, planOf, type Alternatives } from './plan.js'
import { conditionOf, factorNames, factorsOf, isOptional, written, type Situation, type Step } from './steps.js'
import { warningsOf } from './warnings.js'

/** What a login of one person asks for, and why. JSON. */
export interface Explanation {
  /** Whether this person can complete a login with what they have, or may enrol on the way. */
  readonly possible: boolean
  /** Every step of the policy in its order, also those that are not asked for. */
  readonly steps: readonly ExplainedStep[]
  /** What the policy had better not do. */
  readonly warnings: readonly string[]
  /** All of it in sentences, a line each. */
  readonly text: string
}

export interface ExplainedStep {
  /** As it is written, such as `anyOf(totp, sms-otp)`. */
  readonly step: string
  /** `'unknown'`: a condition failed, as one that reads the request does where none was given. */
  readonly asked: boolean | 'unknown'
  readonly why: string
  readonly factors: readonly ExplainedFactor[]
}

interface Explaining {
  readonly policy: LoginPolicy
  /** Whether what its device shows of bound values is proven. */
  readonly provesDetails: (factor: Factor) => boolean
  /** When what is not proven yet would be, in epoch milliseconds. */
  readonly at: number
}

/** Of a person who is known. */
type KnownSituation = Situation & { readonly user: Express.User }

/** Explains by the very functions that decide. Rejects where `enrolled` does. */
export async function explain(explaining: Explaining, situation: KnownSituation): Promise<Explanation> {
  const { policy: { steps: policy, factors }, provesDetails } = explaining
  const steps = await stepsFor(policy, situation, factors).catch(reasonOf)
  if (typeof steps === 'string') return withText({ possible: false, steps: [failedSteps(steps)], warnings: [] })
  const decided = await decideSteps(explaining.policy, steps, situation)
  const asked = askedAlternatives(steps, decided)
  const has = new Set(await enrolledIn(factorNames(steps), situation.user, factors))
  const { evidence } = situation
  const view = { steps: asked, plan: planOf(asked, factors), factors, has, evidence, provesDetails }
  const factorsAt = (index: number) => explainFactors({ ...view, index }, factorNames(steps.slice(index, index + 1)))
  return withText({
    possible: await isPossible(explaining, situation),
    steps: decided.map((decision, index) => ({ ...decision, factors: factorsAt(index) })),
    warnings: warningsOf(steps, factors),
  })
}

const failedSteps = (reason: string): ExplainedStep =>
  ({ step: 'steps', asked: 'unknown', why: `The function steps failed: ${reason}`, factors: [] })

type Decision = Omit<ExplainedStep, 'factors'>

/** What each step asks for in this situation, and why. */
async function decideSteps(
  { steps: policy, factors }: LoginPolicy, steps: readonly Step[], situation: KnownSituation,
): Promise<readonly Decision[]> {
  const always = typeof policy === 'function' ? 'The function steps asks for it.' : 'Every login asks for it.'
  const decided = await Promise.all(steps.map((step) => decide(step, situation, factors, always)))
  const optional = new Set<number>()
  for (const [index, step] of steps.entries()) {
    if (isOptional(step) && decided[index]?.asked === true) optional.add(index)
  }
  const redundant = await redundantSteps(askedAlternatives(steps, decided), optional, situation.user, factors)
  return decided.map((step, index) => (redundant.has(index) ? { ...step, asked: false, why: whyRedundant } : step))
}

const whyRedundant = 'Not asked for, because nothing is set up for it beside what other steps need.'

/** What is asked for, step by step. A step that is not asked for has one alternative of no choices. */
const askedAlternatives = (steps: readonly Step[], decided: readonly Decision[]): Alternatives[] =>
  steps.map((step, index) => (decided[index]?.asked === false ? [[]] : alternativesOf(factorsOf(step))))

async function decide(step: Step, situation: Situation, factors: FactorTable, always: string): Promise<Decision> {
  const reasons: Reason[] = []
  try {
    const found = await askedFor(step, situation, factors, (reason) => reasons.push(reason))
    return { step: written(step), asked: found !== undefined, why: whyAsked(found !== undefined, reasons, always) }
  } catch (error) {
    const why = `Its condition failed, and a login would stop here: ${reasonOf(error)}`
    return { step: written(step), asked: 'unknown', why }
  }
}

function whyAsked(isAsked: boolean, reasons: readonly Reason[], always: string): string {
  if (reasons.length === 0) return always
  return `${isAsked ? 'Asked for' : 'Not asked for'}, because ${reasons.map(worded).join(' and ')}.`
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown error')

function worded(reason: Reason): string {
  if (reason.type === 'optional') {
    return reason.enrolled.length > 0 ? `${reason.enrolled.join(', ')} is set up` : 'none of its factors is set up'
  }
  const { predicate, holds } = reason
  if (predicate.factor !== undefined) return `${predicate.factor} was ${holds ? '' : 'not '}proven`
  return `${conditionOf(predicate)} ${holds ? 'holds' : 'does not hold'}`
}

/**
 * Takes step after step, by whatever is set up. The policy is decided anew after each: it may ask for more after one
 * factor than after another. `tried`: the sets of factors from which no login was found possible.
 */
async function isPossible(
  explaining: Explaining, situation: KnownSituation, tried = new Set<string>(),
): Promise<boolean> {
  const { policy: { steps: policy, factors }, at } = explaining
  const { user, evidence } = situation
  const steps = await stepsFor(policy, situation, factors).catch(() => undefined)
  if (!steps) return false
  const plan = planOf(askedAlternatives(steps, await decideSteps(explaining.policy, steps, situation)), factors)
  const { plan: choices, step, open } = await nextStepFor(plan, countedProofs(factors, evidence), user, factors)
  if (step === choices.length) return true
  for (const { factor } of open) {
    const next = [...evidence, toEvidence(proofBy(factor, at))]
    const names = next.map((proof) => proof.factor).sort().join()
    if (tried.has(names)) continue
    tried.add(names)
    if (await isPossible(explaining, { ...situation, evidence: next }, tried)) return true
  }
  return false
}

type Explained = Omit<Explanation, 'text'>

const withText = (explained: Explained): Explanation => ({ ...explained, text: textOf(explained) })

function textOf({ possible, steps, warnings }: Explained): string {
  const lines = steps.flatMap(({ step, why, factors }, index) => [
    `Step ${index + 1}, ${step}: ${why}`,
    ...factors.map(lineOf),
  ])
  lines.push(`This person ${possible ? 'can complete a login.' : 'can not complete a login with what is set up.'}`)
  return [...lines, ...warnings.map((warning) => `Attention: ${warning}`)].join('\n')
}

function lineOf({ factor, label, why, provesDetails }: ExplainedFactor): string {
  const unproven = provesDetails === false ? ' Not for require({ bind }): what its device showed is not proven.' : ''
  return `  ${factor} (${label}): ${why}${unproven}`
}
