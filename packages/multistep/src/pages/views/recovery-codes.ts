import { form } from './factor.js'
import { html, type Markup } from '#internal/html'
import type { Views } from '../../views.js'
import type { PageModel } from '../page-model.js'
import { safePath } from '../safe-url.js'
import type { Content } from './login.js'
import { sentence } from '../format.js'

const goOn = ({ messages, state }: PageModel): Markup => html`<p><a class="primary" href="${safePath(state.returnTo)}">${messages.continue}</a></p>`

/** The only time that anybody sees them. One click or tap selects them all. */
const fresh = (model: PageModel, codes: readonly string[]): Content => ({
  heading: model.messages.newRecoveryCodes,
  body: html`<p id="keep">${model.messages.keepRecoveryCodes}</p>
<ul class="codes" aria-describedby="keep">
${codes.map((code) => html`<li><code>${code}</code></li>\n`)}</ul>
${goOn(model)}`,
})

/** How many recovery codes somebody has left, and a form that makes new ones. */
export const recoveryCodes = (model: PageModel, { remaining, codes }: Views['recovery-codes']): Content => {
  const { messages, base } = model
  if (codes) return fresh(model, codes)
  return {
    heading: messages.recoveryCodes,
    body: html`<p>${messages.recoveryCodesPurpose}</p>
<p><strong>${remaining > 0 ? sentence(messages.recoveryCodesLeft, { count: remaining }) : messages.noRecoveryCodes}</strong></p>
${form(model, `${base}/recovery-codes`, html`<button type="submit" class="plain edged"${remaining > 0 ? html` aria-describedby="replaced"` : undefined}>${messages.makeRecoveryCodes}</button>
${remaining > 0 ? html`<p class="note" id="replaced">${messages.recoveryCodesReplaced}</p>` : undefined}`)}
${goOn(model)}`,
  }
}
