import type { SmsChannel } from '../lib/channels.js'
import { SmsOtpError, statusOf, type SmsOtpCode } from '../lib/errors.js'
import type { DeliveryState, Refused, ResendResult, Sent, VerifyResult } from '../service/results.js'

/** What one request came to: on `req.smsOtp`, and, where it was refused, the `info` that Passport's callback gets. */
export interface SmsOtpOutcome {
  /** The number, masked. After a text was sent. */
  readonly to?: string
  readonly expiresAt?: Date
  /** When the next text is allowed; absent when there are no resends left. */
  readonly resendAt?: Date
  readonly attemptsLeft?: number
  /** How the code went, where the option `channels` is given. */
  readonly channel?: SmsChannel
  /** What is known of the last text, where `expectDelivery` is given, and until when news are expected. */
  readonly delivery?: DeliveryState
  readonly expectedBy?: Date
  /** The channel by which the code goes on if the text does not arrive. */
  readonly next?: SmsChannel
  /** The handle, where the client keeps it (`challengeIn: 'client'`). */
  readonly challenge?: string
  /** Why it was refused, or went wrong. */
  readonly code?: SmsOtpCode
  /** The same as a sentence for the person. */
  readonly message?: string
  /** Whole seconds. */
  readonly retryAfter?: number
  /**
   * Of `send_refused`, told to people with an account only: the check that speaks against texts to their number, or
   * `blocked` by the provider. Offer them another factor.
   */
  readonly reason?: 'sim-swap' | 'device-swap' | 'blocked'
  /** Of `send_refused` for such a reason: multistep offers codes by text no more in this login. */
  readonly withdrawn?: true
  /** The code was right. */
  readonly verified?: true
}

/** Why a request was refused: a code for programs, and a sentence for the person. */
export interface Failure extends SmsOtpOutcome {
  readonly code: SmsOtpCode
  readonly message: string
}

const sentences: Readonly<Record<SmsOtpCode, string>> = {
  code_missing: 'Enter the code that was texted to you.',
  code_malformed: 'That is not what a code looks like. Enter it as it was texted to you.',
  phone_missing: 'Enter a phone number.',
  phone_invalid: 'That is not a phone number. Write it with its country code, such as +44 7400 123456.',
  channel_invalid: 'A code cannot be sent in that way. Choose another one.',
  details_invalid: 'That cannot be shown in a text, so it cannot be confirmed by one. Write it in another way.',
  code_wrong: 'That code is wrong.',
  code_expired: 'That code has expired. Ask for a new one.',
  code_used: 'That code was used already. Ask for a new one.',
  challenge_unknown: 'There is no code to enter. Ask for one.',
  user_unknown: 'There is no account for this phone number.',
  send_refused: 'No code can be texted to this phone number.',
  disabled: 'Codes by text are switched off for this account, after too many wrong ones.',
  method_not_allowed: 'Codes are sent and entered by POST only.',
  phone_rejected: 'This phone number cannot be used.',
  too_many_attempts: 'That was the last guess for this code. Ask for a new one later.',
  locked: 'Too many wrong codes. Try again later.',
  send_throttled: 'Texts cannot be sent that often. Try again later.',
  misconfigured: 'Codes by text are not set up correctly.',
  undeliverable: 'The text could not be delivered.',
  store_unavailable: 'Codes cannot be checked at the moment. Try again shortly.',
  provider_unavailable: 'Codes cannot be checked at the moment. Try again shortly.',
}

export const failure = (code: SmsOtpCode, more: Omit<SmsOtpOutcome, 'code'> = {}): Failure => ({ code, message: sentences[code], ...more })

export const statusOfFailure = ({ code }: Failure): number => statusOf(code)

/** The refusal in the result of a send. @throws SmsOtpError when it was the provider's. */
export function failureOfSend(result: Exclude<ResendResult, Sent>, known: boolean): Failure {
  switch (result.status) {
    case 'throttled': return failure('send_throttled', { retryAfter: result.retryAfter })
    case 'locked': return failure('locked', { retryAfter: result.retryAfter })
    case 'exhausted': return failure('too_many_attempts', { retryAfter: result.retryAfter })
    case 'disabled': return failure('disabled')
    case 'refused': return failureOfRefusal(result, known)
    case 'expired': return failure('code_expired')
    case 'used': return failure('code_used')
    case 'unknown': return failure('challenge_unknown')
    case 'undeliverable': {
      const { provider, providerCode, temporary } = result
      // The sentence is for the person. The log of the app needs to know who refused, and why.
      const cause = new Error(`The sender '${provider}' refused the text (${providerCode ?? 'without a code'}).`)
      throw new SmsOtpError('undeliverable', sentences.undeliverable, { expose: true, providerCode, temporary, cause })
    }
  }
}

function failureOfRefusal({ reason }: Refused, known: boolean): Failure {
  if (reason === 'channel') return failure('channel_invalid')
  if (reason === 'phone' && !known) return failure('phone_invalid')
  if (known && (reason === 'sim-swap' || reason === 'device-swap' || reason === 'blocked')) {
    return failure('send_refused', { reason, withdrawn: true })
  }
  return failure('send_refused')
}

export function failureOfVerify(result: Exclude<VerifyResult, { status: 'ok' }>, retryAfter?: number): Failure {
  switch (result.status) {
    case 'malformed': return failure('code_malformed')
    case 'wrong': return failure('code_wrong', { attemptsLeft: result.attemptsLeft })
    case 'expired': return failure('code_expired')
    case 'used': return failure('code_used')
    case 'exhausted': return failure('too_many_attempts', retryAfter === undefined ? {} : { retryAfter })
    case 'unknown': return failure('challenge_unknown')
    case 'disabled': return failure('disabled')
    case 'locked': return failure('locked', { retryAfter: result.retryAfter })
  }
}
