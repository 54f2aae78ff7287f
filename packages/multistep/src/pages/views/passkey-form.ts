import type { FactorState } from '../../state/state.js'
import { sentence } from '../format.js'
import { html, type Markup, type Piece } from '#internal/html'
import type { PageModel } from '../page-model.js'
import { form, primary, wishesOf } from './form.js'

/** A form whose answer the script gets from the browser. Without JavaScript, a note says so. */
export const askingBrowser = (model: PageModel, action: string, what: 'create' | 'get', options: object, content: Piece): Markup => {
  const { messages } = model
  const attributes = html` data-passkey="${what}" data-options="${JSON.stringify(options)}"`
  return form(model, action, html`<input type="hidden" name="passkey" value="">
${content}
<p class="note" data-failed role="alert" hidden>${messages.passkeyFailed}</p>
<noscript><p class="note">${messages.passkeysNeedScript}</p></noscript>`, attributes)
}

/** The form that proves with a passkey. */
export const passkeyForm = (model: PageModel, factor: FactorState, options: object): Markup =>
  askingBrowser(model, factor.links.authenticate, 'get', options, html`${wishesOf(model, factor)}
${primary(sentence(model.messages.continueWith, { label: factor.label }))}`)
