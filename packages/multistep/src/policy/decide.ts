import { MultistepError } from '../errors.js'
import { suggestion } from '#internal/option-checks'
import type { FactorTable } from '../factors/factor.js'
import { checkShapes, checkSteps } from './step-checks.js'
import { factorNames, type Situation, type Step, type StepsFunction } from './steps.js'

/** The steps as the app wrote them, or the function that decides them. */
export type Policy = readonly Step[] | StepsFunction

/**
 * The steps of this situation, which hold to the same rules as written ones.
 * @throws MultistepError `misconfigured` for steps that can not work: never is one skipped because nobody knows what it asks.
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
  if (!Array.isArray(steps)) throw new TypeError('multistep: the function steps must return a list, such as [\'local\', \'totp\'], or a promise of one.')
  checkShapes(steps)
  const stray = factorNames(steps as Step[]).find((name) => !factors.names.includes(name))
  if (stray !== undefined) throw new TypeError(`multistep: the function steps returned '${stray}', which factors does not declare. ${suggestion(stray, factors.names)}`)
  checkSteps(steps as Step[], factors, user === undefined)
  return steps as Step[]
}
