import type { ResendResult, Sent } from '../service/results.js'
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
  const shown = shownOf(result)
  kept.keep(result.challenge)
  const info = { challenge: result.challenge, public: published(result) }
  return { end: 'pass', outcome: kept.shown ? { ...shown, challenge: result.challenge } : shown, info }
}

function shownOf({ to, expiresAt, resendAt, attemptsLeft, channel, delivery, expectedBy, next }: Sent) {
  return {
    to, expiresAt, ...resendAt && { resendAt }, attemptsLeft, ...channel && { channel }, ...delivery && { delivery },
    ...expectedBy && { expectedBy }, ...next && { next },
  }
}

/**
 * What a page may show of a text. Who keeps it may write it to a store: it holds only what JSON has, so that instants
 * read the same before and after.
 */
export function published(sentText: Sent): Readonly<Record<string, unknown>> {
  const { expiresAt, resendAt, expectedBy, ...shown } = shownOf(sentText)
  return {
    ...shown, expiresAt: expiresAt.toJSON(), ...resendAt && { resendAt: resendAt.toJSON() },
    ...expectedBy && { expectedBy: expectedBy.toJSON() },
  }
}
