import { SmsOtpError } from '../lib/errors.js'

export interface ProviderErrorOptions {
  readonly providerCode?: string | undefined
  /** Redacted already. */
  readonly cause?: Error
}

interface Refusal {
  readonly temporary: boolean
  readonly tryNext?: boolean | undefined
}

/** The provider certainly did not take the text. */
export const refused = (message: string, options: ProviderErrorOptions & Refusal): SmsOtpError => new SmsOtpError('undeliverable', message, options)

/** Nobody knows what became of the text: it may still arrive. */
export function unknownOutcome(message: string, { providerCode, cause }: ProviderErrorOptions): Error {
  const error = new Error(message, cause ? { cause } : undefined)
  return providerCode === undefined ? error : Object.assign(error, { providerCode })
}

export const UNREACHABLE = 'unreachable'

/** Nobody was there to take the text. */
export const unreachable = (message: string, cause: Error): SmsOtpError =>
  refused(message, { providerCode: UNREACHABLE, temporary: true, tryNext: true, cause })

const BEFORE_CONNECTED = ['connect', 'getaddrinfo']
const NO_CONNECTION = [
  'UND_ERR_CONNECT_TIMEOUT',
  // The handshake comes before the request.
  'CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]

/** Whether a request failed before there was a connection to send it by, as Node tells it: then nothing was sent. */
export function neverConnected(error: unknown, depth = 3): boolean {
  const { code, syscall, cause, errors } = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>
  if (BEFORE_CONNECTED.includes(String(syscall)) || NO_CONNECTION.includes(String(code))) return true
  // Several addresses of one host were tried.
  if (Array.isArray(errors) && errors.length > 0) return errors.every((each) => neverConnected(each, 0))
  return depth > 0 && cause !== undefined && neverConnected(cause, depth - 1)
}
