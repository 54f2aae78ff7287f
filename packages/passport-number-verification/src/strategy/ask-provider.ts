import { DeadlineError, withDeadline } from '#internal/deadline'
import { bareError } from '#internal/upstream-error'
import { NumberVerificationError } from '../errors.js'
import {
  unavailableReasons, type AppTask, type Left, type Mode, type ProviderAnswer, type Unavailable, type UnavailableReason,
  type WalletRequest,
} from '../providers/provider.js'

/** What an ask comes to in time. Nothing but a known status passes, because a provider may be the app's own. */
export async function inTime<Answer extends Left | WalletRequest | AppTask | ProviderAnswer>(
  timeout: number,
  known: readonly Answer['status'][],
  ask: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer | Unavailable> {
  let answer: Answer
  try {
    answer = await withDeadline(timeout, ask)
  } catch (error) {
    if (error instanceof DeadlineError) return { status: 'unavailable', reason: 'timeout', cause: error }
    if (error instanceof NumberVerificationError) throw error
    throw new NumberVerificationError('provider_failed', 'The provider failed.', { cause: bareError(error) })
  }
  const { status, reason } = Object(answer) as { readonly status?: Answer['status'], readonly reason?: unknown }
  const isKnown = status !== undefined && known.includes(status)
  if (isKnown && (status !== 'unavailable' || isReason(reason))) return answer
  throw new NumberVerificationError('provider_answer_invalid', 'The provider answered with something that is no answer.')
}

const isReason = (reason: unknown): boolean => unavailableReasons.includes(reason as UnavailableReason)

/** The answers that end a login of this mode. */
export const answersOf = (mode: Mode): ProviderAnswer['status'][] =>
  [...mode === 'verify' ? ['matches', 'differs'] as const : ['read'] as const, 'not ours', 'unavailable']
