import { AuthorizationResponseError, ClientError, ResponseBodyError, WWWAuthenticateChallengeError } from 'openid-client'
import { MobileConnectError, type MobileConnectCode } from '../errors.js'
import { refused, type Refused } from './results.js'
import { bareError, sanitized } from '../operators/upstream-error.js'

/** Of the `error` parameter, whose failure it is. Its description is never interpreted: anybody can write one (RFC 6749 §4.1.2.1). */
const byPerson = table({
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

const byOperator = table({
  server_error: 'operator_unavailable',
  temporarily_unavailable: 'operator_unavailable',
  slow_down: 'operator_unavailable',
  // The code, or what was sent with it, was not what the operator gave out.
  invalid_grant: 'token_invalid',
  invalid_authorization_code: 'token_invalid',
})

/** Looked up by what anybody may write into a URL: `constructor` is no error that stands here. */
function table(codes: Readonly<Record<string, MobileConnectCode>>): ReadonlyMap<string | undefined, MobileConnectCode> {
  return new Map(Object.entries(codes))
}

/**
 * Not of any standard: some operators of Mobile Connect send it for whatever became of the question on the phone, and only the words beside
 * it tell what. They decide between two refusals, and nothing else.
 */
const ofAuthorizationError = (error: unknown): MobileConnectCode =>
  (/expired|time/i.test(String((error as { error_description?: unknown }).error_description)) ? 'user_timeout' : 'user_refused')

/** What an error of the protocol library comes to: a code of the person's, to fail with, or an error of ours, to throw. */
export function refusalOf(error: unknown): MobileConnectCode {
  const named = errorNamed(error)
  const code = named === 'authorization_error' ? ofAuthorizationError(error) : byPerson.get(named)
  if (code !== undefined) return code
  throw upstreamError(error, named)
}

/** Of a request for tokens: what it says of the code, which the browser brought. */
const ofCode = ['invalid_grant', 'invalid_authorization_code', 'invalid_request']

/**
 * What a callback that failed comes to. Its error and its code come by the browser, where anybody can write them: they end this login, and
 * alarm nobody. What the operator itself answers to this app may.
 */
export function refusalOfCallback(error: unknown): Refused {
  const named = errorNamed(error)
  const byBrowser = error instanceof AuthorizationResponseError
  if (!byBrowser && !ofCode.includes(named ?? '')) return refused(refusalOf(error), named === undefined ? undefined : causeOf(error, named))
  const code = !byBrowser ? 'transaction_unknown' : named === 'authorization_error' ? ofAuthorizationError(error) : byPerson.get(named) ?? 'operator_refused'
  return refused(code, causeOf(error, named))
}

/** The value of `error` that the operator answered with, in whatever form. */
export function errorNamed(error: unknown): string | undefined {
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) return error.error
  // Some operators answer with status 200 and an error all the same.
  const { body } = ((error as { cause?: { cause?: { body?: unknown } } } | undefined)?.cause?.cause ?? {})
  const { error: named } = (body ?? {}) as { error?: unknown }
  return typeof named === 'string' && error instanceof ClientError ? named : undefined
}

function upstreamError(error: unknown, named: string | undefined): MobileConnectError {
  if (error instanceof MobileConnectError) return error
  const cause = causeOf(error, named)
  if (named !== undefined) {
    const busy = statusIn(error) >= 500 || statusIn(error) === 429
    const code = byOperator.get(named) ?? (busy ? 'operator_unavailable' : 'operator_misconfigured')
    return new MobileConnectError(code, upstreamSentences[code] ?? upstreamSentences.operator_misconfigured, { cause })
  }
  const code = upstreamCode(error)
  return new MobileConnectError(code, upstreamSentences[code] ?? '', { cause })
}

const upstreamSentences: Readonly<Record<string, string>> & { operator_misconfigured: string } = {
  operator_unavailable: 'The operator can not be reached, or does not work, at the moment.',
  operator_misconfigured: 'The operator refuses this app\'s request: what it is configured with, and what the operator knows, differ.',
  token_invalid: 'The operator\'s answer is not valid.',
}

/** Answers that break the rules. Whatever else goes wrong, the operator could not be asked. */
const broken = [
  'OAUTH_INVALID_RESPONSE', 'OAUTH_JWT_CLAIM_COMPARISON_FAILED', 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED', 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_KEY_SELECTION_FAILED', 'OAUTH_UNSUPPORTED_OPERATION', 'OAUTH_JWT_USERINFO_EXPECTED', 'OAUTH_DECRYPTION_FAILED', 'OAUTH_PARSE_ERROR',
]

function upstreamCode(error: unknown): MobileConnectCode {
  const { code } = error as { code?: unknown }
  // What stands in the key set is no key that this token could be checked with.
  if (error instanceof ClientError && (error.cause as Error | undefined)?.name === 'DataError') return 'token_invalid'
  if (error instanceof WWWAuthenticateChallengeError || /_SERVER_METADATA$/.test(String(code))) return 'operator_misconfigured'
  return broken.includes(code as string) ? 'token_invalid' : 'operator_unavailable'
}

const statusIn = (error: unknown): number => (error as { status?: number }).status ?? 0

function causeOf(error: unknown, named: string | undefined): Error {
  if (named === undefined) return bareError(error)
  const { error_description: description } = error as { error_description?: unknown }
  return Object.assign(new Error(`The operator answered ${[named, description].map(sanitized).filter((text) => text !== '').join(': ')}`), { name: (error as Error).name })
}
