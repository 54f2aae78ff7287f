import { apart, secondsUntil } from '../format.js'
import { html, type Markup } from '#internal/html'
import type { PageModel } from '../page-model.js'
import type { FactorState } from '../../state/state.js'
import { againForm, form, isOver, lifeOf, lifeSpan, wishesOf, type Challenge } from './form.js'

/**
 * The page while the user answers on their phone, which shows the same words. The script asks the server for the
 * outcome, and goes on by itself. Without the script, the user presses the button.
 */
export function waitingForPhone(model: PageModel, factor: FactorState, challenge: Challenge, words: string): Markup {
  const { messages, now, home } = model
  const { links } = factor
  const again = (isPrimary: boolean): Markup | undefined =>
    links.challenge === undefined
      ? undefined
      : againForm(model, links.challenge, challenge, { text: messages.askAgain, isPrimary })
  if (isOver(challenge, now)) return again(true) ?? html`<p class="lead">${messages.expired}</p>`
  const life = lifeOf(model, challenge)
  const check = html`${life && html`<p class="meta">${life}</p>`}
${wishesOf(model, factor)}
<button type="submit" class="plain edged">${messages.checkAgain}</button>`
  return html`<p class="lead" id="answer">${messages.answerOnPhone}</p>
<p class="binding" aria-describedby="answer">${apart(words)}</p>
<p class="waiting" role="status">${messages.waitingForPhone}</p>
${form(model, links.authenticate, check, html` data-poll data-done="${home}"${lifeSpan(model, challenge)}`)}
${again(false)}`
}

/** Without JavaScript, the page reloads when the request has expired, and says so. */
export function refreshOf({ now }: PageModel, { challenge }: FactorState): Markup | undefined {
  const seconds = typeof challenge?.bindingMessage === 'string' ? secondsUntil(challenge.expiresAt, now) : undefined
  if (seconds === undefined || seconds === 0) return undefined
  return html`<noscript><meta http-equiv="refresh" content="${seconds + 1}"></noscript>`
}
