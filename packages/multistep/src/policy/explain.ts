import type { Factor } from '../factors/factor.js'
import { proofBy, provenFactors, toEvidence } from '../factors/proof.js'
import { explainFactors, type ExplainedFactor } from './explain-factors.js'
import {
  isAsked, planIn, stepsIn, withoutRedundant,
  type Asked, type LoginPolicy, type ReadyStep, type ReadySteps, type Reason,
} from './login-policy.js'
import { enrolledAmong, nextStepFor } from './next-step.js'
import { unique } from './plan.js'
import { conditionOf, written, type Situation } from './steps.js'
import { warningsOf } from './step-checks.js'

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

/** A step as `login.explain` tells of it. */
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
  const { policy, provesDetails } = explaining
  const steps = await stepsIn(policy, situation).catch(reasonOf)
  if (typeof steps === 'string') return withText({ possible: false, steps: [failedSteps(steps)], warnings: [] })
  const { decisions, asked } = await decideSteps(policy, steps, situation)
  const has = await enrolledAmong(unique(steps.all.flatMap(({ factors }) => factors)), situation.user)
  const { evidence } = situation
  const view = {
    steps: steps.all.map(({ factors }, index) => (asked[index] === '1' ? factors : [])),
    plan: planIn(steps, asked).plan, has, evidence, provesDetails,
  }
  return withText({
    possible: await canComplete(explaining, situation),
    steps: decisions.map((decision, index) => (
      { ...decision, factors: explainFactors({ ...view, index }, steps.all[index]?.factors ?? []) }
    )),
    warnings: warningsOf(steps.all.map(({ step }) => step), steps.table),
  })
}

const failedSteps = (reason: string): ExplainedStep =>
  ({ step: 'steps', asked: 'unknown', why: `The function steps failed: ${reason}`, factors: [] })

type Decision = Omit<ExplainedStep, 'factors'>

interface Decided {
  readonly decisions: readonly Decision[]
  /** A step counts as asked for where its condition failed. */
  readonly asked: Asked
}

/** Which steps are asked for in this situation, and why. */
async function decideSteps(policy: LoginPolicy, steps: ReadySteps, situation: KnownSituation): Promise<Decided> {
  const always = typeof policy.steps === 'function' ? 'The function steps asks for it.' : 'Every login asks for it.'
  const decided = await Promise.all(steps.all.map((step) => decisionOn(step, situation, always)))
  const applying = decided.map(({ asked }) => (asked === false ? '0' : '1')).join('')
  const asked = await withoutRedundant(steps, applying, situation.user)
  // A step whose condition broke stays unknown: a login would stop there.
  const isRedundant = (index: number): boolean => decided[index]?.asked === true && applying[index] !== asked[index]
  const decisions = decided.map((step, index) => (
    isRedundant(index) ? { ...step, asked: false, why: whyRedundant } : step
  ))
  return { decisions, asked }
}

const whyRedundant = 'Not asked for, because nothing is set up for it beside what other steps need.'

async function decisionOn(ready: ReadyStep, situation: Situation, always: string): Promise<Decision> {
  const reasons: Reason[] = []
  const step = written(ready.step)
  try {
    const asked = await isAsked(ready, situation, (reason) => reasons.push(reason))
    return { step, asked, why: whyAsked(asked, reasons, always) }
  } catch (error) {
    return { step, asked: 'unknown', why: `Its condition failed, and a login would stop here: ${reasonOf(error)}` }
  }
}

function whyAsked(isAsked: boolean, reasons: readonly Reason[], always: string): string {
  if (reasons.length === 0) return always
  return `${isAsked ? 'Asked for' : 'Not asked for'}, because ${reasons.map(reasonInWords).join(' and ')}.`
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown error')

function reasonInWords(reason: Reason): string {
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
async function canComplete(
  explaining: Explaining, situation: KnownSituation, tried = new Set<string>(),
): Promise<boolean> {
  const { policy, at } = explaining
  const { user, evidence } = situation
  const steps = await stepsIn(policy, situation).catch(() => undefined)
  if (!steps) return false
  const { asked } = await decideSteps(policy, steps, situation)
  const proven = provenFactors(evidence, policy.factors)
  const { step, steps: all, open } = await nextStepFor(planIn(steps, asked).plan, proven, user)
  if (step === all) return true
  for (const { factor } of open) {
    const next = [...evidence, toEvidence(proofBy(factor, at))]
    const names = next.map((proof) => proof.factor).sort().join()
    if (tried.has(names)) continue
    tried.add(names)
    if (await canComplete(explaining, { ...situation, evidence: next }, tried)) return true
  }
  return false
}

type Explained = Omit<Explanation, 'text'>

const withText = (explained: Explained): Explanation => ({ ...explained, text: sentencesOf(explained) })

function sentencesOf({ possible, steps, warnings }: Explained): string {
  const lines = steps.flatMap(({ step, why, factors }, index) => [
    `Step ${index + 1}, ${step}: ${why}`,
    ...factors.map(lineOf),
  ])
  lines.push(`This person ${possible ? 'can complete a login.' : 'cannot complete a login with what is set up.'}`)
  return [...lines, ...warnings.map((warning) => `Attention: ${warning}`)].join('\n')
}

function lineOf({ factor, label, why, provesDetails }: ExplainedFactor): string {
  const unproven = provesDetails === false ? ' Not for require({ bind }): what its device showed is not proven.' : ''
  return `  ${factor} (${label}): ${why}${unproven}`
}
