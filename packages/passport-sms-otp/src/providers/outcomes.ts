import { SmsOtpError } from '../lib/errors.js'
import { UNREACHABLE } from '../senders/provider-error.js'
import type { CodeVerdict } from './provider.js'

// How errors of a provider become outcomes of ours. An error that is none of its refusals stays as it is: nobody knows.

interface Refusal extends Error {
  readonly code: 'undeliverable'
  readonly providerCode?: string
  readonly temporary?: boolean
}

const isRefusal = (error: unknown): error is Refusal => (Object(error) as { code?: unknown }).code === 'undeliverable'

/**
 * What a start rejects with.
 * @param kindOf what a code of the provider means for a text
 * @param secondsOf for how long a limit of its own holds, where that is known
 */
export function refusedByProvider(
  error: unknown,
  kindOf: (providerCode: string) => 'throttled' | 'blocked' | 'undeliverable',
  secondsOf: (providerCode: string) => number | undefined = () => undefined,
): unknown {
  const providerCode = isRefusal(error) ? error.providerCode : undefined
  if (!isRefusal(error) || providerCode === undefined) return error
  const kind = kindOf(providerCode)
  if (kind === 'undeliverable') return error
  const more = { providerCode, cause: error.cause, expose: false }
  if (kind === 'blocked') return new SmsOtpError('send_refused', `The provider does not text this number (${providerCode}).`, more)
  const retryAfter = secondsOf(providerCode)
  return new SmsOtpError('send_throttled', `The provider texts no more for now (${providerCode}).`, { ...more, retryAfter })
}

/**
 * What an error of a check is worth. One that says nothing of the code is thrown on: the attempt stays spent.
 * @throws SmsOtpError `provider_unavailable` in place of `unchecked`, which says why.
 */
export function verdictOf(error: unknown, verdicts: Readonly<Partial<Record<string, CodeVerdict>>>): CodeVerdict {
  const { providerCode } = Object(error) as { providerCode?: unknown }
  if (!isRefusal(error) || typeof providerCode !== 'string') throw error
  const known = Object.hasOwn(verdicts, providerCode) ? verdicts[providerCode] : undefined
  const verdict = providerCode === UNREACHABLE ? 'unchecked' : known
  if (verdict === undefined) throw error
  if (verdict !== 'unchecked') return verdict
  const message = `The provider did not look at the code (${providerCode}).`
  throw new SmsOtpError('provider_unavailable', message, { providerCode, cause: error.cause })
}
