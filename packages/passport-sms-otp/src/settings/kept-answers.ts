import { NUMBERS_KEPT } from '../lib/recently.js'
import type { BeforeSendAnswer, BeforeSendContext } from './options.js'

type BeforeSend = (context: BeforeSendContext) => BeforeSendAnswer | PromiseLike<BeforeSendAnswer>

/**
 * The same hook, which is not asked again about a number within `length` milliseconds of its answer. A failure is not
 * kept.
 */
export function keepAnswers(hook: BeforeSend, length: number, now: () => number): BeforeSend {
  const answers = new Map<string, { readonly answer: BeforeSendAnswer, readonly until: number }>()
  return async (context) => {
    const kept = answers.get(context.phone)
    if (kept && now() < kept.until) return kept.answer
    const answer = await hook(context)
    answers.delete(context.phone)
    const [oldest] = answers.size < NUMBERS_KEPT ? [] : answers.keys()
    if (oldest !== undefined) answers.delete(oldest)
    answers.set(context.phone, { answer, until: now() + length })
    return answer
  }
}
