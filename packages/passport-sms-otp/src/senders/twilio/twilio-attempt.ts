import type { SmsOtpError } from '../../lib/errors.js'
import { neverConnected, refused, unknownOutcome, unreachable } from '../provider-error.js'
import { redactedError, type Redact } from '../redact.js'
import { twilioCode } from './twilio-codes.js'

/** One request to Twilio. A refusal is definite when Twilio itself says so: by 4xx, except 408, which is about time. */
export async function attempt<Answer>(create: () => Promise<Answer>, redact: Redact): Promise<Answer> {
  try {
    return await create()
  } catch (error) {
    const { status, code } = (error ?? {}) as { status?: unknown, code?: unknown }
    const cause = redactedError(error, redact)
    if (neverConnected(error)) throw unreachable('There is no connection to Twilio.', cause)
    if (typeof status !== 'number') throw unknownOutcome('Twilio gave no answer, or not a whole one.', { cause })
    const providerCode = typeof code === 'number' ? String(code) : `http_${status}`
    if (status < 400 || status > 499 || status === 408) throw unknownOutcome(`Twilio answered with HTTP ${status}, which tells nothing about the text.`, { providerCode, cause })
    throw refusedFor(providerCode, status === 429, cause)
  }
}

export function refusedFor(providerCode: string, temporary: boolean, cause?: Error): SmsOtpError {
  const meant = twilioCode(providerCode)
  const message = `Twilio refused the text (${providerCode}${meant ? `: ${meant.meaning}` : ''}).`
  const tryNext = meant && meant.kind !== 'destination' && meant.kind !== 'blocked'
  return refused(
    message, { providerCode, temporary: meant?.temporary ?? temporary, tryNext, ...cause ? { cause } : {} },
  )
}
