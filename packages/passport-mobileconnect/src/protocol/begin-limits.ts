import { digest } from './login-hint.js'
import type { ProtocolSettings } from './settings.js'

export interface Throttled { readonly status: 'throttled', readonly wait: number }

/** Counts a phone that is about to ring, for each of those that it is about: one that rings all night is picked up in the end. */
export async function countBegin({ transactions, beginLimits }: ProtocolSettings, counted: readonly string[]): Promise<Throttled | undefined> {
  for (const whom of counted) {
    for (const { limit, window } of beginLimits) {
      const answer = await transactions.count(digest(`begin ${window} ${whom}`), limit, window)
      if (answer.status === 'spent') return { status: 'throttled', wait: answer.wait }
    }
  }
  return undefined
}
