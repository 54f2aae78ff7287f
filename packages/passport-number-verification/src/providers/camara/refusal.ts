import { causeOf, errorNamed, isInvalidAnswer, statusIn } from '#internal/openid-error'
import { bareError } from '#internal/upstream-error'
import { NumberVerificationError } from '../../errors.js'
import type { ProviderAnswer, Unavailable, UnavailableReason } from '../provider.js'

export const unavailable = (reason: UnavailableReason, cause?: Error): Unavailable =>
  ({ status: 'unavailable', reason, ...(cause && { cause }) })

/**
 * Values of `error` that tell why the operator learned nothing without asking (OpenID Connect Core §3.1.2.6).
 * `error_description` is not interpreted, because a browser carries it and can change it.
 */
const silentErrors = new Map<string | undefined, UnavailableReason>([
  // With `prompt=none` the operator had the network alone to know the subscriber by, and it did not.
  ['login_required', 'not-on-mobile-network'],
  ['account_selection_required', 'interaction-required'],
  ['interaction_required', 'interaction-required'],
  ['consent_required', 'consent-missing'],
  ['access_denied', 'refused'],
  ['unknown_user_id', 'carrier-not-supported'],
  ['server_error', 'provider-unavailable'],
  ['temporarily_unavailable', 'provider-unavailable'],
  ['slow_down', 'provider-unavailable'],
])

/**
 * The answer for an `error` in the callback. The browser carries it, and can write any: so it is never an error of
 * ours, and never the person's failed attempt.
 */
export function refusalInCallback(error: string): Unavailable {
  const reason = silentErrors.get(error) ?? 'refused'
  return unavailable(reason, causeOf({ name: 'Error' }, error))
}

/**
 * Whether the operator could not be asked, or said that it cannot answer now. An error of another kind is a fault, and
 * must not hide behind "unavailable".
 */
export function isOutage(error: unknown): boolean {
  const status = statusOf(error)
  return isLate(error) || isUnreachable(error) || status >= 500 || status === 429
}

/** An operator that could not be asked. */
export const outageOf = (error: unknown): Unavailable =>
  unavailable(isLate(error) ? 'timeout' : 'provider-unavailable', bareError(error))

/** Of another copy of this package, or of the platform: an error is known by its name. */
const lateNames = ['DeadlineError', 'TimeoutError', 'AbortError']

const isLate = (error: unknown): boolean => inChain(error, ({ name }) => lateNames.includes(name))

/** Codes of sockets and of names that are not found, and codes of the client behind Node's `fetch`. */
const isUnreachable = (error: unknown): boolean => inChain(error, ({ message, ...rest }) =>
  message === 'fetch failed' || /^(?:E[A-Z_]+|UND_ERR_[A-Z_]+)$/.test(String((rest as { code?: unknown }).code)))

const inChain = (error: unknown, is: (error: Error) => boolean): boolean =>
  error instanceof Error && (is(error) || inChain(error.cause, is))

/** The status of the answer that an error of openid-client is about. 0: it is about none. */
function statusOf(error: unknown): number {
  const { cause } = error as { cause?: { status?: unknown } }
  return statusIn(error) || Number(cause?.status ?? 0)
}

/** Errors of a token endpoint about the code or token that the browser brought. */
const browserErrors = ['invalid_grant', 'invalid_authorization_code', 'invalid_request']

/**
 * The answer for an error of the authorization server, as openid-client throws it.
 * @throws NumberVerificationError when the operator's answer is not valid, or the app is not what it is registered as.
 */
export function refusalOfServer(error: unknown): ProviderAnswer {
  if (error instanceof NumberVerificationError) throw error
  const named = errorNamed(error)
  const cause = causeOf(error, named)
  if (named === undefined) {
    if (isOutage(error)) return outageOf(error)
    const isAnswer = isInvalidAnswer(error) || statusOf(error) > 0
    if (isAnswer) throw new NumberVerificationError('provider_answer_invalid', 'The operator\'s answer is not valid.', { cause })
    throw new NumberVerificationError('provider_failed', 'The operator could not be asked.', { cause })
  }
  if (browserErrors.includes(named)) return { status: 'not ours', cause }
  const reason = silentErrors.get(named)
  if (reason !== undefined) return unavailable(reason, cause)
  if (isOutage(error)) return unavailable('provider-unavailable', cause)
  throw new NumberVerificationError(
    'provider_misconfigured',
    'The operator refuses this app\'s request: the options of the app differ from its registration at the operator.',
    { cause },
  )
}
