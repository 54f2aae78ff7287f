import { askedFor, type Reason } from './asked.js'
import { stepsFor, type Policy } from './decide.js'
import { demandOf } from './demand.js'
import { explainFactors, type ExplainedFactor } from './explain-factors.js'
import type { FactorTable } from './factors.js'
import { enrolledIn, waysOf } from './plan.js'
import { conditionOf, factorNames, factorsOf, isOptional, written, type Situation, type Step } from './steps.js'
import { authenticatorOf } from './evidence.js'
import { spentOn } from './spent.js'
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

type Decided = Omit<ExplainedStep, 'factors'>

/** Explains by the very functions that decide. Rejects where `enrolled` does. */
export async function explain(policy: Policy, situation: Situation & { readonly user: Express.User }, factors: FactorTable): Promise<Explanation> {
  const steps = await stepsFor(policy, situation, factors).catch(reasonOf)
  if (typeof steps === 'string') return withText({ possible: false, steps: [{ step: 'steps', asked: 'unknown', why: `The function steps failed: ${steps}`, factors: [] }], warnings: [] })
  const always = typeof policy === 'function' ? 'The function steps asks for it.' : 'Every login asks for it.'
  const reasoned = await Promise.all(steps.map((step) => decide(step, situation, factors, always)))
  const decided = await withoutSpent(steps, reasoned, situation, factors)
  const plan = decided.map(({ asked }, index) => (asked === false ? [[]] : waysOf(factorsOf(steps[index] ?? ''))))
  const enrolled = await enrolledIn(factorNames(steps), situation.user, factors)
  return withText({
    possible: await isPossible(plan, situation, factors),
    steps: decided.map((step, index) => ({ ...step, factors: explainFactors({ plan, factors, enrolled, evidence: situation.evidence, index }, factorNames([steps[index] ?? ''])) })),
    warnings: warningsOf(steps, factors),
  })
}

async function decide(step: Step, situation: Situation, factors: FactorTable, always: string): Promise<Decided> {
  const reasons: Reason[] = []
  try {
    const asked = (await askedFor(step, situation, factors, (reason) => reasons.push(reason))) !== undefined
    const why = reasons.map(worded).join(' and ')
    return { step: written(step), asked, why: why === '' ? always : `${asked ? 'Asked for' : 'Not asked for'}, because ${why}.` }
  } catch (error) {
    return { step: written(step), asked: 'unknown', why: `Its condition failed, and a login would stop here: ${reasonOf(error)}` }
  }
}

/** Optional steps are skipped, too, for whoever has nothing for them beside what other steps need. */
async function withoutSpent(steps: readonly Step[], decided: readonly Decided[], { user }: Situation, factors: FactorTable): Promise<readonly Decided[]> {
  const plan = decided.map(({ asked }, index) => (asked === false ? [[]] : waysOf(factorsOf(steps[index] ?? ''))))
  const optional = new Set(steps.flatMap((step, index) => (isOptional(step) && decided[index]?.asked === true ? [index] : [])))
  const spent = await spentOn(plan, optional, user, factors)
  return decided.map((step, index) => (spent.has(index) ? { ...step, asked: false, why: 'Not asked for, because nothing is set up for it beside what other steps need.' } : step))
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown error')

function worded(reason: Reason): string {
  if (reason.type === 'optional') return reason.enrolled.length > 0 ? `${reason.enrolled.join(', ')} is set up` : 'none of its factors is set up'
  const { predicate: { factor }, holds } = reason
  if (factor !== undefined) return `${factor} was ${holds ? '' : 'not '}proven`
  return `${conditionOf(reason.predicate)} ${holds ? 'holds' : 'does not hold'}`
}

/** Takes step after step, as a person would who has everything that is set up. */
async function isPossible(plan: Parameters<typeof demandOf>[0], { user, evidence }: Situation, factors: FactorTable): Promise<boolean> {
  const proofs = evidence.map((proof) => ({ factor: proof.factor, authenticator: authenticatorOf(proof) }))
  for (;;) {
    const { plan: slots, step, open: [first] } = await demandOf(plan, proofs, user, factors)
    if (step === slots.length || !first) return step === slots.length
    proofs.push({ factor: first.factor.name, authenticator: first.factor.authenticator })
  }
}

const withText = (explanation: Omit<Explanation, 'text'>): Explanation => ({ ...explanation, text: textOf(explanation) })

const textOf = ({ possible, steps, warnings }: Omit<Explanation, 'text'>): string => [
  ...steps.flatMap(({ step, why, factors }, index) => [
    `Step ${index + 1}, ${step}: ${why}`,
    ...factors.map((factor) => `  ${factor.factor} (${factor.label}): ${factor.why}`),
  ]),
  possible ? 'This person can complete a login.' : 'This person can not complete a login with what is set up.',
  ...warnings.map((warning) => `Attention: ${warning}`),
].join('\n')
