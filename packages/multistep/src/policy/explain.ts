import { askedFor, type Reason } from './asked.js'
import { stepsFor, type Policy } from './decide.js'
import { demandOf } from './demand.js'
import { explainFactors, type ExplainedFactor } from './explain-factors.js'
import { proofBy, provenIn, type Factor, type FactorTable } from '../factors/factor.js'
import { enrolledIn, waysOf, type Asked } from './plan.js'
import { conditionOf, factorNames, factorsOf, isOptional, written, type Situation, type Step } from './steps.js'
import { toEvidence } from '../factors/proof.js'
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

interface Explaining {
  readonly policy: Policy
  readonly factors: FactorTable
  /** Whether what its device shows of bound values is proven. */
  readonly provesDetails: (factor: Factor) => boolean
  /** When what is not proven yet would be, in epoch milliseconds. */
  readonly at: number
}

type OfSomebody = Situation & { readonly user: Express.User }

/** Explains by the very functions that decide. Rejects where `enrolled` does. */
export async function explain(explaining: Explaining, situation: OfSomebody): Promise<Explanation> {
  const { policy, factors } = explaining
  const steps = await stepsFor(policy, situation, factors).catch(reasonOf)
  if (typeof steps === 'string') return withText({ possible: false, steps: [{ step: 'steps', asked: 'unknown', why: `The function steps failed: ${steps}`, factors: [] }], warnings: [] })
  const { decided, plan } = await planned(explaining, steps, situation)
  const enrolled = await enrolledIn(factorNames(steps), situation.user, factors)
  return withText({
    possible: await isPossible(explaining, situation),
    steps: decided.map((step, index) => ({ ...step, factors: explainFactors({ plan, factors, enrolled, evidence: situation.evidence, provesDetails: explaining.provesDetails, index }, factorNames([steps[index] ?? ''])) })),
    warnings: warningsOf(steps, factors),
  })
}

interface Planned { readonly decided: readonly Decided[], readonly plan: readonly Asked[] }

async function planned({ policy, factors }: Explaining, steps: readonly Step[], situation: OfSomebody): Promise<Planned> {
  const always = typeof policy === 'function' ? 'The function steps asks for it.' : 'Every login asks for it.'
  const reasoned = await Promise.all(steps.map((step) => decide(step, situation, factors, always)))
  const decided = await withoutSpent(steps, reasoned, situation, factors)
  return { decided, plan: decided.map(({ asked }, index) => (asked === false ? [[]] : waysOf(factorsOf(steps[index] ?? '')))) }
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

/** Takes step after step, by whatever is set up; the policy is decided anew after each, for it may ask for more after one factor than after another. */
async function isPossible(explaining: Explaining, situation: OfSomebody, tried = new Set<string>()): Promise<boolean> {
  const { policy, factors, at } = explaining
  const { user, evidence } = situation
  const steps = await stepsFor(policy, situation, factors).catch(() => undefined)
  if (!steps) return false
  const { plan: slots, step, open } = await demandOf((await planned(explaining, steps, situation)).plan, provenIn(factors, evidence), user, factors)
  if (step === slots.length) return true
  for (const { factor } of open) {
    const next = [...evidence, toEvidence(proofBy(factor, at))]
    const names = next.map(({ factor: name }) => name).sort().join()
    if (tried.has(names)) continue
    tried.add(names)
    if (await isPossible(explaining, { ...situation, evidence: next }, tried)) return true
  }
  return false
}

const withText = (explanation: Omit<Explanation, 'text'>): Explanation => ({ ...explanation, text: textOf(explanation) })

const textOf = ({ possible, steps, warnings }: Omit<Explanation, 'text'>): string => [
  ...steps.flatMap(({ step, why, factors }, index) => [
    `Step ${index + 1}, ${step}: ${why}`,
    ...factors.map(({ factor, label, why, provesDetails }) => `  ${factor} (${label}): ${why}${provesDetails === false ? ' Not for require({ bind }): what its device showed is not proven.' : ''}`),
  ]),
  possible ? 'This person can complete a login.' : 'This person can not complete a login with what is set up.',
  ...warnings.map((warning) => `Attention: ${warning}`),
].join('\n')
