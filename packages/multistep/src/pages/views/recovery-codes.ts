import type { Views } from '../../settings/views.js'
import { sentence } from '../format.js'
import { html, type Markup } from '#internal/html'
import type { PageModel } from '../page-model.js'
import { safePath } from '../safe-url.js'
import type { Content } from './content.js'
import { done } from './devices.js'
import { form } from './form.js'

/** Shown by the script: without it, one click or tap selects all codes. */
const tools = ({ messages, branding: { name } }: PageModel): Markup => html`<div class="tools" hidden>
<button type="button" class="plain edged" data-tool="copy" data-announce="${messages.codesCopied}">${messages.copyCodes}</button>
<button type="button" class="plain edged" data-tool="download" data-name="${
  name === undefined ? '' : `${name} `}${messages.recoveryCodes}.txt">${messages.downloadCodes}</button>
<button type="button" class="plain edged" data-tool="print">${messages.printCodes}</button>
</div>`

/** The only time that the person sees them. */
const fresh = (model: PageModel, codes: readonly string[]): Content => ({
  heading: model.messages.newRecoveryCodes,
  body: html`<p id="keep">${model.messages.keepRecoveryCodes}</p>
<ul class="codes" aria-describedby="keep">
${codes.map((code) => html`<li><code>${code}</code></li>\n`)}</ul>
${tools(model)}
<p><a class="primary" href="${safePath(model.state.returnTo)}">${model.messages.codesSaved}</a></p>`,
})

/** How many recovery codes the person has left, and a form that makes new ones. */
export const recoveryCodes = (model: PageModel, { remaining, codes }: Views['recovery-codes']): Content => {
  const { messages, base } = model
  if (codes) return fresh(model, codes)
  const replaces = remaining > 0
  const button = html`<button type="submit" class="primary"${replaces ? html` aria-describedby="replaced"` : undefined}>${messages.makeRecoveryCodes}</button>
${replaces ? html`<p class="note" id="replaced">${messages.recoveryCodesReplaced}</p>` : undefined}`
  return {
    heading: messages.recoveryCodes,
    body: html`<p>${messages.recoveryCodesPurpose}</p>
<p><strong>${replaces ? sentence(messages.recoveryCodesLeft, { count: remaining }) : messages.noRecoveryCodes}</strong></p>
${form(model, `${base}/recovery-codes`, button)}
${done(model)}`,
  }
}
