import type { NumberVerificationCode } from '../errors.js'
import type { UnavailableReason } from '../providers/provider.js'
import { failure, type Failure, type NumberVerificationOutcome } from './outcome.js'

/** How a request ends. The strategy then tells Passport. */
export type Ending = { readonly correlator?: string | undefined } & (
  | { readonly end: 'redirect', readonly url: string }
  | { readonly end: 'success', readonly user: Express.User, readonly info: object }
  /** `cause` holds the provider's own words, which only the log may show. */
  | { readonly end: 'fail', readonly failure: Failure, readonly cause?: Error | undefined })

export const fail = (code: NumberVerificationCode, more: Omit<NumberVerificationOutcome, 'code'> = {}): Ending =>
  ({ end: 'fail', failure: failure(code, more) })

export const unavailable = (reason: UnavailableReason, more: Pick<NumberVerificationOutcome, 'retryAfter'> = {}): Ending =>
  fail('unavailable', { reason, ...more })

/**
 * `pop`, proof of possession of a key: the SIM has proven to its operator that it holds its key. Whether that key lies
 * in hardware is not told, so it is not `hwk`; and the phone is no channel beside the browser, so it is not `mca`
 * (RFC 8176 §2; `pop` was registered by OpenID Connect EAP ACR Values 1.0).
 */
const amr: readonly string[] = ['pop']

export const success = (user: Express.User, info: object | undefined): Ending =>
  ({ end: 'success', user, info: { ...info, amr: [...amr] } })
