import type { FactorTable } from '../factors/factor.js'
import { enrolledIn, waysOf, type Asked } from './plan.js'
import { spentOn } from './spent.js'
import { factorNames, isOptional, type Factors, type Predicate, type Situation, type Step } from './steps.js'

/** The steps that this situation asks for. */
export async function planFor(steps: readonly Step[], situation: Situation, factors: FactorTable): Promise<Asked[]> {
  const plan: Asked[] = []
  const optional = new Set<number>()
  for (const step of steps) {
    const asked = await askedFor(step, situation, factors)
    if (!asked) continue
    if (isOptional(step)) optional.add(plan.length)
    plan.push(waysOf(asked))
  }
  const spent = await spentOn(plan, optional, situation.user, factors)
  return plan.filter((_, index) => !spent.has(index))
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
  const enrolled = await enrolledIn(factorNames([step]), situation.user, factors)
  tell({ type: 'optional', enrolled })
  return enrolled.length > 0 ? step.step : undefined
}
