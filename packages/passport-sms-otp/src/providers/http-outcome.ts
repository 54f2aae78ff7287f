import { neverConnected, refused, unknownOutcome, unreachable } from '../senders/provider-error.js'
import { redactedError, type Redact } from '../senders/redact.js'

/** What an HTTP API said no to: its status, and its own code or `http_400`. */
export interface HttpRefusal extends Error {
  readonly status: number
  readonly code: string
}

const isHttpRefusal = (error: unknown): error is HttpRefusal => typeof (Object(error) as { status?: unknown }).status === 'number'

/** One exchange with an HTTP API. A refusal is definite where it answers with 4xx, except 408, which is about time. */
export async function exchange<Answer>(ask: () => Promise<Answer>, redact: Redact): Promise<Answer> {
  try {
    return await ask()
  } catch (error) {
    const cause = redactedError(error, redact)
    if (neverConnected(error)) throw unreachable('There is no connection to the provider.', cause)
    if (!isHttpRefusal(error)) throw unknownOutcome('The provider gave no answer, or not a whole one.', { cause })
    const { status, code: providerCode } = error
    const isDefinite = status >= 400 && status <= 499 && status !== 408
    if (!isDefinite) throw unknownOutcome(`The provider answered with HTTP ${status}.`, { providerCode, cause })
    throw refused(`The provider refused it (${providerCode}).`, { providerCode, temporary: status === 429, cause })
  }
}
