/** All codes of this package. Beside them, a strategy's own `info.code` is passed on. */
export type MultistepCode =
  | 'bind_invalid'
  | 'login_required' | 'factor_required' | 'factor_failed' | 'flow_expired'
  | 'step_up_required' | 'factor_not_enrolled' | 'factor_withdrawn' | 'person_mismatch' | 'cross_site'
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
  factor_withdrawn: 403,
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
const statusOf = (code: MultistepCode): number => statuses[code]

/**
 * Thrown, or handed to `next`, by this package.
 * Match it by `code`, not by `instanceof`: an app may load the package twice, as ESM and as CommonJS.
 * With `failWithError` its `name` is `AuthenticationError`, as in Passport.
 * @example
 * const report: ErrorRequestHandler = (error: Partial<MultistepError>, req, res, next) => {
 *   if (error.code === 'login_elsewhere') console.error(`${req.path} logs in without multistep`)
 *   next(error)
 * }
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

/** Why a request was refused: a code for programs, and a sentence for the user. */
export interface Problem {
  /** One of this package's codes, or one of the strategy. */
  readonly code: string
  readonly message: string
  readonly status: number
  readonly attemptsLeft?: number
  /** Whole seconds. */
  readonly retryAfter?: number
}

const problemSentences: Partial<Record<MultistepCode, string>> = {
  bind_invalid: 'What you are to confirm is missing, or cannot be shown as it is.',
  login_required: 'Log in first.',
  factor_required: 'Your login is not complete: take the next step.',
  factor_failed: 'That was not right. Try again.',
  flow_expired: 'Your login took too long or was started again elsewhere. Begin again.',
  step_up_required: 'Confirm that it is you, and send this again.',
  factor_not_enrolled: 'This is not set up for your account. Choose another way, or ask for help.',
  factor_withdrawn: 'This cannot be used for this login. Choose another way, or ask for help.',
  person_mismatch: 'That is a different account. Begin again.',
  cross_site: 'This request came from another site. Open the login page and try again.',
  method_not_allowed: 'Send this request with POST.',
  factor_unexpected: 'This step is not the next one of your login.',
  flow_conflict: 'Your login was continued elsewhere at the same moment. Look where it stands, and try again.',
  plan_changed: 'What your login asks for has changed. Begin again.',
  requirement_ambiguous: 'Several things wait to be confirmed. Name one of them: send its id as for.',
  body_unreadable: 'Send a form or a JSON object.',
  factor_locked: 'Too many attempts. Try again later.',
  factor_unavailable: 'This step cannot be taken now. Try again, or choose another way.',
  store_unavailable: 'Logging in is not possible now. Try again in a moment.',
}

/** `flow_expired` of a step-up: the pages have words of their own for it. */
export const confirmationOver = 'What you were confirming is done or has expired. Go back to where you began.'

/** A refusal by this package, with its sentence for the user. */
export const problemOf = (
  code: MultistepCode,
  more: { message?: string, status?: number, retryAfter?: number } = {},
): Problem => ({
  code,
  message: problemSentences[code] ?? 'This cannot be done.',
  status: statusOf(code),
  ...more,
})

/** The problem of a strategy's `fail(info, status)`. Its code, message and numbers are kept, and nothing else of it. */
export function problemOfFailure(info: unknown, status: number | undefined): Problem {
  const { code, attemptsLeft, retryAfter } = problemMembers(info)
  const plain = problemOf('factor_failed')
  return {
    code: typeof code === 'string' && code !== '' ? code : plain.code,
    message: messageOf(info, status) ?? plain.message,
    status: status !== undefined && status >= 400 && status < 500 ? status : plain.status,
    ...(typeof attemptsLeft === 'number' ? { attemptsLeft } : {}),
    ...(typeof retryAfter === 'number' ? { retryAfter } : {}),
  }
}

function messageOf(info: unknown, status: number | undefined): string | undefined {
  const { message } = problemMembers(info)
  if (typeof message === 'string' && message !== '') return message
  // Passport strategies fail with a bare text for a request that lacks something.
  return typeof info === 'string' && status === 400 ? info : undefined
}

const problemMembers = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

/** Codes whose messages are sentences for the programmer, without any value of a request. */
export const programmersCodes: readonly string[] = [
  'misconfigured', 'login_inside_step', 'login_elsewhere', 'plan_empty', 'operator_misconfigured',
  'provider_misconfigured',
]

/**
 * The message of another package's error reaches the user only if `expose` allows it (the convention of http-errors).
 * What is written for the programmer reaches no client in production.
 */
export function problemOfError({ code, message, name, status, expose }: MultistepError): Problem {
  const isExposed = typeof expose === 'boolean' ? expose : status < 500
  const isOwn = name === 'MultistepError' && !(programmersCodes.includes(code) && isProduction())
  const isTold = isOwn || isExposed
  return { code, status, message: isTold ? message : problemOf('factor_unavailable').message }
}

const isProduction = (): boolean => process.env.NODE_ENV === 'production'

/** An error with a code and a status is kept. Any other becomes the `cause` of `factor_unavailable`. */
export function toError(thrown: unknown): MultistepError {
  if (thrown instanceof Error && hasCodeAndStatus(thrown)) return thrown as MultistepError
  return new MultistepError('factor_unavailable', problemOf('factor_unavailable').message, { cause: thrown })
}

function hasCodeAndStatus(error: Error): boolean {
  const { code, status } = problemMembers(error)
  const hasCode = typeof code === 'string' && /^[a-z_]+$/.test(code)
  return hasCode && typeof status === 'number' && status >= 400 && status < 600
}
