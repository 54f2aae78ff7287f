import { form } from './factor.js'
import { html, type Markup } from './html.js'
import type { Views } from '../views.js'
import type { Scene } from './scene.js'
import { localPath } from './target.js'
import type { Content } from './views.js'
import { sentence } from './words.js'

const goOn = ({ messages, state }: Scene): Markup => html`<p><a class="primary" href="${localPath(state.returnTo)}">${messages.continue}</a></p>`

/** The only time that anybody sees them. One click or tap selects them all. */
const fresh = (scene: Scene, codes: readonly string[]): Content => ({
  heading: scene.messages.newRecoveryCodes,
  body: html`<p id="keep">${scene.messages.keepRecoveryCodes}</p>
<ul class="codes" aria-describedby="keep">
${codes.map((code) => html`<li><code>${code}</code></li>\n`)}</ul>
${goOn(scene)}`,
})

/** How many recovery codes somebody has left, and a form that makes new ones. */
export const recoveryCodes = (scene: Scene, { remaining, codes }: Views['recovery-codes']): Content => {
  const { messages, base } = scene
  if (codes) return fresh(scene, codes)
  return {
    heading: messages.recoveryCodes,
    body: html`<p>${messages.recoveryCodesPurpose}</p>
<p><strong>${remaining > 0 ? sentence(messages.recoveryCodesLeft, { count: remaining }) : messages.noRecoveryCodes}</strong></p>
${form(scene, `${base}/recovery-codes`, html`<button type="submit" class="plain edged"${remaining > 0 ? html` aria-describedby="replaced"` : undefined}>${messages.makeRecoveryCodes}</button>
${remaining > 0 ? html`<p class="note" id="replaced">${messages.recoveryCodesReplaced}</p>` : undefined}`)}
${goOn(scene)}`,
  }
}
