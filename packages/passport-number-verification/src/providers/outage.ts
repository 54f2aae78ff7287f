import { statusIn } from '#internal/openid-error'
import { bareError } from '#internal/upstream-error'
import type { Unavailable, UnavailableReason } from './provider.js'

export const unavailable = (reason: UnavailableReason, cause?: Error): Unavailable =>
  ({ status: 'unavailable', reason, ...(cause && { cause }) })

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
export function statusOf(error: unknown): number {
  const { cause } = error as { cause?: { status?: unknown } }
  return statusIn(error) || Number(cause?.status ?? 0)
}
