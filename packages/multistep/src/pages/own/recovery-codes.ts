import type { Views } from '../../settings/views.js'
import { sentence } from '../format.js'
import { html, type Markup } from '#internal/html'
import type { Content, PageModel } from '../page-model.js'
import { safePath } from '../safe-url.js'
import { doneLink } from './devices.js'
import { form } from '../views/form.js'

/** The script shows these buttons. Without it, one click or tap selects all codes. */
const tools = ({ messages, branding: { name } }: PageModel): Markup => html`<div class="tools" hidden>
<button type="button" class="plain edged" data-tool="copy" data-announce="${messages.codesCopied}">${
  messages.copyCodes}</button>
<button type="button" class="plain edged" data-tool="download" data-name="${
  name === undefined ? '' : `${name} `}${messages.recoveryCodes}.txt">${messages.downloadCodes}</button>
<button type="button" class="plain edged" data-tool="print">${messages.printCodes}</button>
</div>`

/** The page with new codes. The user sees them only once. */
const fresh = (model: PageModel, codes: readonly string[]): Content => ({
  heading: model.messages.newRecoveryCodes,
  body: html`<p id="keep">${model.messages.keepRecoveryCodes}</p>
<ul class="codes" aria-describedby="keep">
${codes.map((code) => html`<li><code>${code}</code></li>\n`)}</ul>
${tools(model)}
<p><a class="primary" href="${safePath(model.state.returnTo)}">${model.messages.codesSaved}</a></p>`,
})

/** How many recovery codes the person has left, and a form that makes new ones. */
export const recoveryCodesView = (model: PageModel, { remaining, codes }: Views['recovery-codes']): Content => {
  const { messages, base } = model
  if (codes) return fresh(model, codes)
  const replaces = remaining > 0
  const description = replaces ? html` aria-describedby="replaced"` : undefined
  const button = html`<button type="submit" class="primary"${description}>${messages.makeRecoveryCodes}</button>
${replaces ? html`<p class="note" id="replaced">${messages.recoveryCodesReplaced}</p>` : undefined}`
  const left = replaces ? sentence(messages.recoveryCodesLeft, { count: remaining }) : messages.noRecoveryCodes
  return {
    heading: messages.recoveryCodes,
    body: html`<p>${messages.recoveryCodesPurpose}</p>
<p><strong>${left}</strong></p>
${form(model, `${base}/recovery-codes`, button)}
${doneLink(model)}`,
  }
}
