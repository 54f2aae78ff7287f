import { AuthorizationResponseError, WWWAuthenticateChallengeError } from 'openid-client'
import { causeOf, errorNamed, isInvalidAnswer, statusIn } from '#internal/openid-error'
import { MobileConnectError, type MobileConnectCode } from '../errors.js'
import { refused, type Refused } from './results.js'

/**
 * Values of `error` that tell of the user's refusal.
 * `error_description` is not interpreted, because a browser carries it and can change it (RFC 6749 §4.1.2.1).
 */
const userErrors = table({
  access_denied: 'user_refused',
  login_required: 'interaction_required',
  interaction_required: 'interaction_required',
  consent_required: 'interaction_required',
  account_selection_required: 'interaction_required',
  // OpenID Connect Unmet Authentication Requirements 1.0
  unmet_authentication_requirements: 'acr_insufficient',
  // OpenID CIBA §11 and §13
  expired_token: 'user_timeout',
  unknown_user_id: 'user_unknown',
  expired_login_hint_token: 'user_unknown',
  transaction_failed: 'user_refused',
})

/** Values of `error` that tell of the operator's failure. */
const operatorErrors = table({
  server_error: 'operator_unavailable',
  temporarily_unavailable: 'operator_unavailable',
  slow_down: 'operator_unavailable',
  // The operator did not issue this code, or not for this request.
  invalid_grant: 'token_invalid',
  invalid_authorization_code: 'token_invalid',
})

/** A `Map`, because a browser chooses the key: an object would have `constructor`, too. */
function table(codes: Readonly<Record<string, MobileConnectCode>>): ReadonlyMap<string | undefined, MobileConnectCode> {
  return new Map(Object.entries(codes))
}

/** The code for an `error` that tells of the user's refusal. */
const userCode = (named: string | undefined, error: unknown): MobileConnectCode | undefined =>
  named === 'authorization_error' ? authorizationErrorCode(error) : userErrors.get(named)

/**
 * `authorization_error` is in no standard. Some operators of Mobile Connect send it for a refusal and for a timeout,
 * and only `error_description` tells which. It decides between these two codes alone.
 */
function authorizationErrorCode(error: unknown): MobileConnectCode {
  const { error_description: description } = error as { error_description?: unknown }
  return /expired|time/i.test(String(description)) ? 'user_timeout' : 'user_refused'
}

/**
 * Reads an error of openid-client.
 * @returns the code to `fail` with, when the user refused.
 * @throws MobileConnectError when the operator or the app failed.
 */
export function refusalOf(error: unknown): MobileConnectCode {
  const named = errorNamed(error)
  const code = userCode(named, error)
  if (code !== undefined) return code
  throw upstreamError(error, named)
}

/** Errors of a token endpoint about the code, which the browser brought. */
const codeErrors = ['invalid_grant', 'invalid_authorization_code', 'invalid_request']

/**
 * The refusal for a callback that failed.
 * The browser carries `error` and `code`, and can change them: then the login fails, and no error is reported.
 * An error that the operator itself sends to this app is reported.
 */
export function refusalOfCallback(error: unknown): Refused {
  const named = errorNamed(error)
  if (error instanceof AuthorizationResponseError) {
    return refused(userCode(named, error) ?? 'operator_refused', causeOf(error, named))
  }
  if (codeErrors.includes(named ?? '')) return refused('transaction_unknown', causeOf(error, named))
  return refused(refusalOf(error), named === undefined ? undefined : causeOf(error, named))
}

function upstreamError(error: unknown, named: string | undefined): MobileConnectError {
  if (error instanceof MobileConnectError) return error
  const cause = causeOf(error, named)
  if (named !== undefined) {
    const busy = statusIn(error) >= 500 || statusIn(error) === 429
    const code = operatorErrors.get(named) ?? (busy ? 'operator_unavailable' : 'operator_misconfigured')
    return new MobileConnectError(code, upstreamSentences[code] ?? upstreamSentences.operator_misconfigured, { cause })
  }
  const code = upstreamCode(error)
  return new MobileConnectError(code, upstreamSentences[code] ?? '', { cause })
}

const upstreamSentences: Readonly<Record<string, string>> & { operator_misconfigured: string } = {
  operator_unavailable: 'The operator cannot be reached, or does not work, at the moment.',
  operator_misconfigured:
    'The operator refuses this app\'s request: the options of the app differ from its registration at the operator.',
  token_invalid: 'The operator\'s answer is not valid.',
}

function upstreamCode(error: unknown): MobileConnectCode {
  const { code } = error as { code?: unknown }
  if (error instanceof WWWAuthenticateChallengeError || /_SERVER_METADATA$/.test(String(code))) {
    return 'operator_misconfigured'
  }
  return isInvalidAnswer(error) ? 'token_invalid' : 'operator_unavailable'
}
