import type { Factor, FactorTable } from '../factors/factor.js'
import { waysOf } from './plan.js'
import { factorsOf, written, type Step } from './steps.js'

/** What a policy can do and had better not: told once when the app starts, and in every explanation. */
export function warningsOf(steps: readonly Step[], factors: FactorTable): string[] {
  const second = steps.map((step, index) => ({ step, slots: waysOf(factorsOf(step)).flatMap((way) => (index === 0 ? way.slice(1) : way)) }))
  const names = [...new Set(second.flatMap(({ slots }) => slots.flat()))]
  const texted = names.length > 0 && names.every((name) => isTexted(factors.get(name)))
  const alone = second.filter(({ step, slots }) => waysOf(factorsOf(step)).length === 1 && slots.some((slot) => slot.length === 1 && factors.get(slot[0] ?? '').via !== 'recovery'))
  return [
    // NIST SP 800-63B-4 §3.2.9: a restricted authenticator needs an alternative.
    ...texted ? [`A code by text is the only second factor (${names.join(', ')}). Texts can be read along and numbers taken over: let people choose another one, such as anyOf('totp', 'sms-otp').`] : [],
    ...alone.map(({ step }) => `${written(step)} leaves no way in for somebody who has lost it. Let another factor stand beside it, such as anyOf('totp', 'recovery-code').`),
  ]
}

/** Over the telephone network: RFC 8176 §2. */
const isTexted = ({ amr, strategy }: Factor): boolean => strategy === 'sms-otp' || amr.some((method) => method === 'sms' || method === 'tel')
