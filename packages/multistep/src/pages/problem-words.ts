import type { State } from '../state.js'
import type { Messages } from '../messages.js'
import { problemOf, type Problem } from '../problem.js'
import { lookUp } from './words.js'

/** Refusals that an app may word itself, with what their strategies say where it does not. */
const unworded: Readonly<Record<string, string>> = { phone_rejected: 'This phone number can not be used.' }

/** What went wrong, in the words of the locale; with words of its own where the code is not known. */
function wordsFor({ code, message }: Problem, messages: Messages): string {
  if (code === 'flow_expired' && message !== problemOf('flow_expired').message) return messages.confirmationExpired
  const ofTheApp = Object.hasOwn(unworded, code) && message !== unworded[code]
  return ofTheApp ? message : lookUp(messages.problems, code) ?? message
}

/** A state whose problem speaks the language of the page. */
export const worded = (state: State, messages: Messages): State =>
  (state.problem ? { ...state, problem: { ...state.problem, message: wordsFor(state.problem, messages) } } : state)
