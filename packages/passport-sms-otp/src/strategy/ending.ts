import type { ResendResult } from '../service/results.js'
import type { KeptChallenge } from './kept-challenge.js'
import { failureOfSend, type Failure, type SmsOtpOutcome } from './outcome.js'

/** How a request ends, before Passport is told. */
export type Ending =
  | { readonly end: 'pass', readonly outcome: SmsOtpOutcome, readonly info: object }
  | { readonly end: 'success', readonly user: Express.User, readonly info: object }
  | { readonly end: 'fail', readonly failure: Failure }

export const fail = (refused: Failure): Ending => ({ end: 'fail', failure: refused })

/**
 * A text: with its handle kept, and shown where the client keeps it.
 * @param known the number stands in the account: nobody has mistyped it
 */
export function sent(kept: KeptChallenge, known: boolean, result: ResendResult): Ending {
  if (result.status !== 'sent') return fail(failureOfSend(result, known))
  const { challenge, to, expiresAt, resendAt, attemptsLeft, channel } = result
  const shown = {
    to, expiresAt, ...resendAt === undefined ? {} : { resendAt }, attemptsLeft, ...channel && { channel },
  }
  kept.keep(challenge)
  // Who keeps the handle may write both to a store: only what JSON has, so that instants read the same before and
  // after.
  const info = {
    challenge, public: { ...shown, expiresAt: expiresAt.toJSON(), ...resendAt && { resendAt: resendAt.toJSON() } },
  }
  return { end: 'pass', outcome: kept.shown ? { ...shown, challenge } : shown, info }
}
