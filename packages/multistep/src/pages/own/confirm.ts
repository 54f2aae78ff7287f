import type { Views } from '../../settings/views.js'
import { filled } from '../format.js'
import { html, type Markup } from '#internal/html'
import { textInLanguage } from '../language.js'
import type { Content, PageModel } from '../page-model.js'
import { detailsList } from '../views/details.js'
import { form, lifeOf, primary } from '../views/form.js'

const hidden = (name: string, value: string): Markup => html`<input type="hidden" name="${name}" value="${value}">\n`

/**
 * The last page of a step-up: the values, and one button that sends them. The script deactivates the button when the
 * grant has expired. Without the script, the server refuses.
 */
export function confirmView(model: PageModel, { grant, form: { action, text, fields } }: Views['confirm']): Content {
  const { state, messages, base } = model
  const posted = Object.entries({ _csrf: state.csrfToken, ...fields, _grant: grant.id })
  const life = lifeOf(model, { expiresAt: grant.expiresAt })
  const cancel = html`<button type="submit" class="plain">${messages.cancel}</button>`
  const named = { ...model, state: { ...state, requirement: { id: grant.id } } }
  return {
    heading: messages.confirmed,
    isGood: true,
    body: html`<p class="lead" id="lead">${messages.notSentYet}</p>
${detailsList(model, grant.details, 'lead')}
<form method="post" action="${action}" data-life="${grant.expiresAt}" data-over="${messages.confirmedTooLong}">
${posted.map(([name, value]) => hidden(name, value))}<p class="meta">${life}</p>
${primary(filled(textInLanguage(text, messages.lang), grant.details))}
</form>
<footer class="leave">${form(named, `${base}/cancel`, cancel)}</footer>`,
  }
}
