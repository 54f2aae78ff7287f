import { causeOf, errorNamed, isInvalidAnswer } from '#internal/openid-error'
import { NumberVerificationError } from '../../errors.js'
import { isOutage, outageOf, statusOf, unavailable } from '../outage.js'
import type { ProviderAnswer, Unavailable, UnavailableReason } from '../provider.js'

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
  ['expired_token', 'timeout'],
])

/**
 * The answer for an `error` in the callback. The browser carries it, and can write any: so it is never an error of
 * ours, and never the person's failed attempt.
 */
export function refusalInCallback(error: string): Unavailable {
  const reason = silentErrors.get(error) ?? 'refused'
  return unavailable(reason, causeOf({ name: 'Error' }, error))
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
