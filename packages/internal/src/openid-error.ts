import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client'
import { bareError, sanitized } from './upstream-error.js'

/** The value of `error` in the provider's answer (RFC 6749 §5.2), as an error of openid-client holds it. */
export function errorNamed(error: unknown): string | undefined {
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) return error.error
  // Some operators send an error with status 200.
  const { body } = ((error as { cause?: { cause?: { body?: unknown } } } | undefined)?.cause?.cause ?? {})
  const { error: named } = (body ?? {}) as { error?: unknown }
  return typeof named === 'string' && error instanceof ClientError ? named : undefined
}

/** Codes of openid-client for an answer that is not valid. After any other code, the provider could not be asked. */
const invalidAnswers = [
  'OAUTH_INVALID_RESPONSE', 'OAUTH_JWT_CLAIM_COMPARISON_FAILED', 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED', 'OAUTH_KEY_SELECTION_FAILED', 'OAUTH_UNSUPPORTED_OPERATION',
  'OAUTH_JWT_USERINFO_EXPECTED', 'OAUTH_DECRYPTION_FAILED', 'OAUTH_PARSE_ERROR',
]

/** Whether the provider has answered, and its answer is not valid. */
export function isInvalidAnswer(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  // The key in the provider's key set is not valid, so the token cannot be checked.
  if (error instanceof ClientError && (error.cause as Error | undefined)?.name === 'DataError') return true
  return invalidAnswers.includes(code as string)
}

export const statusIn = (error: unknown): number => (error as { status?: number }).status ?? 0

/** The provider's own words, bounded and without whole numbers. Only the log may show them. */
export function causeOf(error: unknown, named: string | undefined): Error {
  if (named === undefined) return bareError(error)
  const { error_description: description } = error as { error_description?: unknown }
  const words = [named, description].map(sanitized).filter((text) => text !== '').join(': ')
  return Object.assign(new Error(`The operator answered ${words}`), { name: (error as Error).name })
}
