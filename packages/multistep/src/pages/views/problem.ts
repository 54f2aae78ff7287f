import { html, type Markup } from '#internal/html'
import { sentence, timeInWords } from '../format.js'
import type { PageModel } from '../page-model.js'

/** Refusals of what was typed: the field is marked, and what it holds may be mended. */
const ofWhatWasTyped = new Set(['factor_failed', 'user_unknown', 'login_hint_missing', 'send_refused'])

export const isOfInput = (code: string): boolean => ofWhatWasTyped.has(code) || /^(?:code|phone)_/.test(code)

/** Locks: until they end, no code and no password is looked at. */
const locks = new Set(['factor_locked', 'locked'])

export const isLock = (code: string | undefined): boolean => code !== undefined && locks.has(code)

/** The instant at which a refusal says that the next try is possible. */
export const retryAt = ({ state: { problem }, now }: PageModel): string | undefined =>
  (problem?.retryAfter === undefined ? undefined : new Date(now + problem.retryAfter * 1000).toISOString())

/** What went wrong, when to try again, and how often. */
export const problemOf = (model: PageModel, otherWays = false): Markup | undefined => {
  const { state: { problem }, messages } = model
  if (!problem) return undefined
  const { attemptsLeft, retryAfter } = problem
  const again = retryAfter === undefined ? undefined : html`<span data-until="${retryAt(model)}">${
    sentence(messages.retryIn, { time: html`<span>${timeInWords(messages.lang, retryAfter)}</span>` })}</span>`
  return html`<div class="problem" id="problem" role="alert">
<p>${problem.message}
${again}
${again && otherWays ? html`<span>${messages.orAnotherWay}</span>` : undefined}
${attemptsLeft === undefined || attemptsLeft === 0 ? undefined : html`<span>${triesLeft(model, attemptsLeft)}.</span>`}</p>
</div>`
}

export const triesLeft = ({ messages }: PageModel, count: number): Markup =>
  (count === 1 ? html`${messages.oneTryLeft}` : sentence(messages.triesLeft, { count }))
