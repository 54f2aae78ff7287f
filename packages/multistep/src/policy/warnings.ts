import type { Factor, FactorTable } from '../factors/factor.js'
import { alternativesOf, unique } from './plan.js'
import { factorsOf, written, type Step } from './steps.js'

/** What a policy can do and had better not: told once when the app starts, and in every explanation. */
export function warningsOf(steps: readonly Step[], factors: FactorTable): string[] {
  const names = unique(steps.flatMap(secondChoices).flat())
  const alone = steps.filter((step, index) => leavesNoWayIn(step, secondChoices(step, index), factors))
  return [
    // NIST SP 800-63B-4 §3.2.9: a restricted authenticator needs an alternative.
    ...names.length > 0 && names.every((name) => isTexted(factors.get(name))) ? [textedAlone(names)] : [],
    ...alone.map(leftAlone),
  ]
}

const textedAlone = (names: readonly string[]): string =>
  `A code by text is the only second factor (${names.join(', ')}). Texts can be read along and numbers taken over: `
  + 'let people choose another one, such as anyOf(\'totp\', \'sms-otp\').'

const leftAlone = (step: Step): string =>
  `${written(step)} leaves no way in for somebody who has lost it. `
  + 'Let another factor stand beside it, such as anyOf(\'totp\', \'recovery-code\').'

/** The choices of a step that come after the first factor of a login. */
const secondChoices = (step: Step, index: number): (readonly string[])[] =>
  alternativesOf(factorsOf(step)).flatMap((alternative) => (index === 0 ? alternative.slice(1) : alternative))

/** Whether a person who has lost one factor cannot take this step any more. */
function leavesNoWayIn(step: Step, second: readonly (readonly string[])[], factors: FactorTable): boolean {
  if (alternativesOf(factorsOf(step)).length > 1) return false
  return second.some(([name = '', ...others]) => others.length === 0 && factors.get(name).via !== 'recovery')
}

/** Over the telephone network: RFC 8176 §2. */
const isTexted = ({ amr, strategy }: Factor): boolean =>
  strategy === 'sms-otp' || amr.some((method) => method === 'sms' || method === 'tel')
