import { MultistepError, statusOf, type MultistepCode } from './errors.js'

/** Why a request was refused: a code to switch on, a sentence for the person. */
export interface Problem {
  /** One of this package's codes, or the strategy's own. */
  readonly code: string
  readonly message: string
  readonly status: number
  readonly attemptsLeft?: number
  /** Whole seconds. */
  readonly retryAfter?: number
}

const sentences: Partial<Record<MultistepCode, string>> = {
  bind_invalid: 'What is to be confirmed is missing, or can not be shown as it is.',
  login_required: 'Log in first.',
  factor_required: 'Your login is not complete: take the next step.',
  factor_failed: 'That was not right. Try again.',
  flow_expired: 'Your login took too long or was started again elsewhere. Begin again.',
  step_up_required: 'Confirm that it is you, and send this again.',
  factor_not_enrolled: 'This is not set up for your account. Choose another way, or ask for help.',
  person_mismatch: 'That is a different account. Begin again.',
  cross_site: 'This request came from another site. Open the login page and try again.',
  method_not_allowed: 'Send this request with POST.',
  factor_unexpected: 'This step is not the next one of your login.',
  flow_conflict: 'Your login was continued elsewhere at the same moment. Look where it stands, and try again.',
  plan_changed: 'What your login asks for has changed. Begin again.',
  requirement_ambiguous: 'Several things wait to be confirmed. Name one of them: send its id as for.',
  body_unreadable: 'Send a form or a JSON object.',
  factor_locked: 'Too many attempts. Try again later.',
  factor_unavailable: 'This step can not be taken now. Try again, or choose another way.',
  store_unavailable: 'Logging in is not possible now. Try again in a moment.',
}

/** A refusal of this package's own, with its sentence for the person. */
export const problemOf = (code: MultistepCode, more: { message?: string, status?: number, retryAfter?: number } = {}): Problem => ({
  code,
  message: sentences[code] ?? 'This can not be done.',
  status: statusOf(code),
  ...more,
})

/** What a strategy's `fail(info, status)` says: its own code and numbers pass through, whatever else it carries stays behind. */
export function problemOfFailure(info: unknown, status: number | undefined): Problem {
  const { code, message, attemptsLeft, retryAfter } = typeof info === 'object' && info !== null ? (info as Record<string, unknown>) : {}
  const plain = problemOf('factor_failed')
  return {
    code: typeof code === 'string' && code !== '' ? code : plain.code,
    message: typeof message === 'string' && message !== '' ? message : typeof info === 'string' && status === 400 ? info : plain.message,
    status: status !== undefined && status >= 400 && status < 500 ? status : plain.status,
    ...(typeof attemptsLeft === 'number' ? { attemptsLeft } : {}),
    ...(typeof retryAfter === 'number' ? { retryAfter } : {}),
  }
}

/** Words of others reach the person only where they say that they may (`expose`, as of http-errors). */
export const problemOfError = ({ code, message, name, status, expose }: MultistepError): Problem =>
  ({ code, status, message: name === 'MultistepError' || (typeof expose === 'boolean' ? expose : status < 500) ? message : problemOf('factor_unavailable').message })

/** An error with a code and a status passes as it is; any other becomes `factor_unavailable`, with the cause kept. */
export function toError(thrown: unknown): MultistepError {
  const { code, status } = typeof thrown === 'object' && thrown !== null ? (thrown as { code?: unknown, status?: unknown }) : {}
  const coded = thrown instanceof Error && typeof code === 'string' && /^[a-z_]+$/.test(code) && typeof status === 'number' && status >= 400 && status < 600
  return coded ? (thrown as MultistepError) : new MultistepError('factor_unavailable', problemOf('factor_unavailable').message, { cause: thrown })
}
