/** Every code that a failure or an error of this package may carry. */
export type NumberVerificationCode =
  | 'phone_missing' | 'phone_invalid'
  | 'person_mismatch'
  | 'unavailable' | 'user_unknown' | 'transaction_unknown' | 'cross_site'
  | 'method_not_allowed'
  | 'misconfigured' | 'provider_misconfigured'
  | 'provider_answer_invalid' | 'provider_failed'
  | 'store_unavailable'

const statuses: Record<NumberVerificationCode, number> = {
  phone_missing: 400,
  phone_invalid: 400,
  person_mismatch: 401,
  unavailable: 403,
  user_unknown: 403,
  transaction_unknown: 403,
  cross_site: 403,
  method_not_allowed: 405,
  misconfigured: 500,
  provider_misconfigured: 500,
  provider_answer_invalid: 502,
  provider_failed: 502,
  store_unavailable: 503,
}

/** The HTTP status that belongs to a code. */
export const statusOf = (code: NumberVerificationCode): number => statuses[code]

/** What an error carries beside its code and message. */
export interface NumberVerificationErrorOptions {
  /**
   * What went wrong upstream. The provider's own words are kept here and nowhere else: only the log may show them.
   * @default none
   */
  readonly cause?: unknown
}

/**
 * Thrown, or handed to `error()`, when the provider, the store or the set-up failed, and not the user.
 * Match it by `code`, not by `instanceof`: an app may load the package twice, as ESM and as CommonJS.
 * @example
 * const report: ErrorRequestHandler = (error: Partial<NumberVerificationError>, req, res, next) => {
 *   if (error.code === 'provider_failed') console.error('The operator refuses this app', error)
 *   next(error)
 * }
 */
export class NumberVerificationError extends Error {
  override readonly name = 'NumberVerificationError'
  readonly code: NumberVerificationCode
  readonly status: number
  /** Whether the app may show `message` to the user (the convention of `http-errors`). */
  readonly expose: boolean

  constructor(code: NumberVerificationCode, message: string, options: NumberVerificationErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.status = statusOf(code)
    this.expose = this.status < 500
  }
}

/** The error for a transaction store that does not answer, or that answers what it must not. */
export const storeUnavailable = (message: string, cause?: unknown): NumberVerificationError =>
  new NumberVerificationError('store_unavailable', message, cause === undefined ? {} : { cause })
