import { MultistepError, problemOf, type Problem } from '../lib/errors.js'
import type { Request } from '../http/request.js'
import { checkMessages } from '../locales/check-messages.js'
import { localeFor } from '../locales/index.js'
import { withMessages, type Messages } from '../locales/messages.js'
import type { Settings } from '../settings/settings.js'
import type { State } from '../state/state.js'
import type { LocaleRequest } from '../settings/views.js'
import { within } from '#internal/deadline'
import { lookUp } from './format.js'

/** The sentences for the sender of this request: the sentences of their locale, with the app's own on top. */
export async function messagesFor({ locale, messages, stepTimeout }: Settings, req: Request): Promise<Messages> {
  const answer = Promise.resolve(locale?.(req as LocaleRequest))
  const tag: unknown = await within(stepTimeout, answer, () => noLocale(stepTimeout))
  const known = typeof tag === 'string' && tag !== '' ? tag : undefined
  if (typeof messages !== 'function') return withMessages(await localeFor(known), messages)
  const own = messages(known ?? 'en') ?? {}
  checkMessages(own)
  return withMessages(await localeFor(known), own)
}

const noLocale = (stepTimeout: number): MultistepError =>
  new MultistepError('factor_unavailable', problemOf('factor_unavailable').message, {
    cause: new Error(`The option locale gave no answer within ${stepTimeout} ms.`),
  })

/** The same state, with its problem in the language of the page. */
export function translated(state: State, messages: Messages): State {
  const { problem } = state
  return problem ? { ...state, problem: { ...problem, message: wordsFor(problem, messages) } } : state
}

/** Refusals that an app may word itself, with the sentence of the strategy when the app does not. */
const unworded: Readonly<Record<string, string>> = { phone_rejected: 'This phone number cannot be used.' }

/** The problem in the words of the locale. A code that the locale does not know keeps its own message. */
function wordsFor({ code, message }: Problem, messages: Messages): string {
  if (code === 'flow_expired' && message !== problemOf('flow_expired').message) return messages.confirmationExpired
  const ofTheApp = Object.hasOwn(unworded, code) && message !== unworded[code]
  return ofTheApp ? message : lookUp(messages.problems, code) ?? message
}
