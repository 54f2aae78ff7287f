/** All codes of this package. Beside them, a strategy's own `info.code` is passed on. */
export type MultistepCode =
  | 'bind_invalid'
  | 'login_required' | 'factor_required' | 'factor_failed' | 'flow_expired'
  | 'step_up_required' | 'factor_not_enrolled' | 'person_mismatch' | 'cross_site'
  | 'method_not_allowed'
  | 'factor_unexpected' | 'flow_conflict' | 'plan_changed' | 'requirement_ambiguous'
  | 'body_unreadable'
  | 'factor_locked'
  | 'login_inside_step' | 'login_elsewhere' | 'plan_empty' | 'misconfigured'
  | 'factor_unavailable' | 'store_unavailable'

const statuses: Record<MultistepCode, number> = {
  bind_invalid: 400,
  login_required: 401,
  factor_required: 401,
  factor_failed: 401,
  flow_expired: 401,
  step_up_required: 403,
  factor_not_enrolled: 403,
  person_mismatch: 403,
  cross_site: 403,
  method_not_allowed: 405,
  factor_unexpected: 409,
  flow_conflict: 409,
  plan_changed: 409,
  requirement_ambiguous: 409,
  body_unreadable: 415,
  factor_locked: 429,
  login_inside_step: 500,
  login_elsewhere: 500,
  plan_empty: 500,
  misconfigured: 500,
  factor_unavailable: 503,
  store_unavailable: 503,
}

/** The HTTP status that belongs to a code of this package. */
export const statusOf = (code: MultistepCode): number => statuses[code]

/**
 * Thrown, or handed to `next`, by this package.
 * Match it by `code`, not by `instanceof`: an app may load the package twice, as ESM and as CommonJS.
 * With `failWithError` its `name` is `AuthenticationError`, as in Passport.
 */
export class MultistepError extends Error {
  override name = 'MultistepError'
  /** One of {@link MultistepCode}, or the code a strategy gave. */
  readonly code: string
  readonly status: number
  /** Whether the app may show `message` to the user (the convention of `http-errors`). */
  readonly expose: boolean

  constructor(
    code: MultistepCode | (string & {}),
    message: string,
    options: { cause?: unknown, status?: number } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.status = options.status ?? (code in statuses ? statusOf(code as MultistepCode) : 500)
    this.expose = this.status < 500
  }
}
