import { statusOf, type NumberVerificationCode } from '../errors.js'
import type { UnavailableReason } from '../providers/provider.js'

/** The outcome of one request, on `req.numberVerification`. After a refusal, Passport's callback gets it as `info`. */
export interface NumberVerificationOutcome {
  /** The number is proven. */
  readonly verified?: true
  /** Why the login was refused, or what failed. */
  readonly code?: NumberVerificationCode
  /** The same as a sentence for the user. */
  readonly message?: string
  /** With the code `unavailable`: why nothing was learned. */
  readonly reason?: UnavailableReason
  /** Whole seconds after which another try makes sense. */
  readonly retryAfter?: number
}

export interface Failure extends NumberVerificationOutcome {
  readonly code: NumberVerificationCode
  readonly message: string
}

const failureSentences: Readonly<Record<NumberVerificationCode, string>> = {
  phone_missing: 'Enter your phone number.',
  phone_invalid: 'Enter your phone number with its country code, such as +44 7400 123456.',
  person_mismatch: 'This phone has another number than your account.',
  unavailable: 'Your phone\'s network cannot confirm your number now. Choose another way.',
  user_unknown: 'There is no account for this phone number.',
  transaction_unknown: 'This login has expired or was used already. Begin again.',
  cross_site: 'This request came from a page of another site. Begin at this app\'s own page.',
  method_not_allowed: 'This page cannot be used in this way.',
  misconfigured: 'Login by the mobile network is not set up correctly.',
  provider_misconfigured: 'Login by the mobile network is not set up correctly.',
  provider_answer_invalid: 'The answer of the mobile network was not valid.',
  provider_failed: 'The mobile network did not accept this login.',
  store_unavailable: 'Logins cannot be checked at the moment. Try again shortly.',
}

export const failure = (code: NumberVerificationCode, more: Omit<NumberVerificationOutcome, 'code'> = {}): Failure =>
  ({ code, message: failureSentences[code], ...more })

export const statusOfFailure = ({ code }: Failure): number => statusOf(code)
