import { digest } from './login-hint.js'
import type { ProtocolSettings } from './settings.js'

export interface Throttled { readonly status: 'throttled', readonly wait: number }

/**
 * Counts a login that is about to begin, under each name of `counted`.
 * Without limits, an attacker could ring a phone all night until the user accepts (MFA fatigue).
 */
export async function countBegin(
  { transactions, beginLimits }: ProtocolSettings,
  counted: readonly string[],
): Promise<Throttled | undefined> {
  for (const whom of counted) {
    for (const { limit, window } of beginLimits) {
      const answer = await transactions.count(digest(`begin ${window} ${whom}`), limit, window)
      if (answer.status === 'spent') return { status: 'throttled', wait: answer.wait }
    }
  }
  return undefined
}
