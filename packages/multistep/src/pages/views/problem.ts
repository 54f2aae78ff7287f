import { html, type Markup } from '#internal/html'
import { sentence, timeInWords } from '../format.js'
import type { PageModel } from '../page-model.js'
import type { Problem } from '../../state/state.js'

/** Refusals of what the user typed. The page marks the field as invalid. */
const ofWhatWasTyped = new Set(['factor_failed', 'user_unknown', 'login_hint_missing', 'send_refused'])

export const isOfInput = (code: string): boolean => ofWhatWasTyped.has(code) || /^(?:code|phone)_/.test(code)

/** While the user is locked out, no code and no password is checked. */
const locks = new Set(['factor_locked', 'locked'])

export const isLock = (code: string | undefined): boolean => code !== undefined && locks.has(code)

/** The instant of the next possible try, by the refusal. */
export const retryAt = ({ state: { problem }, now }: PageModel): string | undefined =>
  (problem?.retryAfter === undefined ? undefined : new Date(now + problem.retryAfter * 1000).toISOString())

/** The box with the problem, when to try again, and how many tries are left. */
export const problemBox = (model: PageModel, otherWays = false): Markup | undefined =>
  model.state.problem && html`<div class="problem" id="problem" role="alert">
<p>${problemWords(model, model.state.problem, otherWays)}</p>
</div>`

export function problemWords(model: PageModel, problem: Problem, otherWays = false): Markup {
  const { messages } = model
  const { message, attemptsLeft, retryAfter } = problem
  const again = retryAfter === undefined ? undefined : html`<span data-until="${retryAt(model)}">${
    sentence(messages.retryIn, { time: html`<span>${timeInWords(messages.lang, retryAfter)}</span>` })}</span>`
  const hasTries = attemptsLeft !== undefined && attemptsLeft > 0
  return html`${message}
${again}
${again && otherWays ? html`<span>${messages.orAnotherWay}</span>` : undefined}
${hasTries ? html`<span>${triesLeft(model, attemptsLeft)}.</span>` : undefined}`
}

export const triesLeft = ({ messages }: PageModel, count: number): Markup =>
  (count === 1 ? html`${messages.oneTryLeft}` : sentence(messages.triesLeft, { count }))
