/** Every code that a failure or an error of this package may carry. */
export type MobileConnectCode =
  | 'operator_unknown' | 'login_hint_missing' | 'details_invalid'
  | 'authorization_pending'
  | 'user_refused' | 'user_timeout' | 'user_unknown' | 'operator_refused' | 'interaction_required' | 'unavailable'
  | 'acr_insufficient'
  | 'person_mismatch' | 'person_unconfirmed'
  | 'details_unproven' | 'transaction_unknown'
  | 'cross_site' | 'method_not_allowed'
  | 'begin_throttled'
  | 'operator_misconfigured' | 'misconfigured'
  | 'token_invalid' | 'issuer_not_allowed'
  | 'operator_unavailable' | 'discovery_failed' | 'store_unavailable'

const statuses: Record<MobileConnectCode, number> = {
  operator_unknown: 400,
  login_hint_missing: 400,
  details_invalid: 400,
  authorization_pending: 401,
  user_refused: 403,
  user_timeout: 403,
  user_unknown: 403,
  operator_refused: 403,
  interaction_required: 403,
  unavailable: 403,
  acr_insufficient: 403,
  person_mismatch: 403,
  person_unconfirmed: 403,
  details_unproven: 403,
  transaction_unknown: 403,
  cross_site: 403,
  method_not_allowed: 405,
  begin_throttled: 429,
  operator_misconfigured: 500,
  misconfigured: 500,
  token_invalid: 502,
  issuer_not_allowed: 502,
  operator_unavailable: 503,
  discovery_failed: 503,
  store_unavailable: 503,
}

/** The HTTP status that belongs to a code. */
export const statusOf = (code: MobileConnectCode): number => statuses[code]

/** What an error carries beside its code and message. */
export interface MobileConnectErrorOptions {
  /**
   * What went wrong upstream. The operator's own words are kept here and nowhere else: only the log may show them.
   * @default none
   */
  readonly cause?: unknown
  /**
   * Whether the person may read the message.
   * @default `true` below status 500
   */
  readonly expose?: boolean
}

/**
 * Thrown, or handed to `error()`, when the operator, discovery, the store or the set-up failed, and not the user.
 * Match it by `code`, not by `instanceof`: an app may load the package twice, as ESM and as CommonJS.
 * @example
 * const report: ErrorRequestHandler = (error: Partial<MobileConnectError>, req, res, next) => {
 *   if (error.code === 'operator_unavailable') res.status(503).send('Your operator does not answer. Take another way.')
 *   else next(error)
 * }
 */
export class MobileConnectError extends Error {
  override readonly name = 'MobileConnectError'
  readonly code: MobileConnectCode
  readonly status: number
  /** Whether the app may show `message` to the user (the convention of `http-errors`). */
  readonly expose: boolean

  constructor(code: MobileConnectCode, message: string, options: MobileConnectErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.status = statusOf(code)
    this.expose = options.expose ?? this.status < 500
  }
}

/** The error for a transaction store that does not answer, or that answers what it must not. */
export const storeUnavailable = (message: string, cause?: unknown): MobileConnectError =>
  new MobileConnectError('store_unavailable', message, cause === undefined ? {} : { cause })
