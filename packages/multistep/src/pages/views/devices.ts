import type { DeviceState } from '../../state.js'
import { form } from './factor.js'
import { html, type Markup } from '#internal/html'
import type { Views } from '../../views.js'
import type { PageModel } from '../page-model.js'
import { safePath } from '../safe-url.js'
import type { Content } from './login.js'
import { dateInWords, sentence } from '../format.js'

const day = ({ messages: { lang } }: PageModel, instant: string): Markup => html`<time datetime="${instant}">${dateInWords(lang, instant)}</time>`

const nameOf = ({ messages }: PageModel, { label, current }: DeviceState): Markup =>
  html`<strong>${label ?? messages.unknownDevice}</strong>${current ? html` <span class="hint">${messages.thisDevice}</span>` : undefined}`

// Buttons of one wording are told apart by the device that they describe.
const item = (model: PageModel, device: DeviceState): Markup => {
  const { messages } = model
  return html`<li><div id="device-${device.id}"><p>${nameOf(model, device)}</p>
<p class="note">${sentence(messages.deviceLastUsed, { date: day(model, device.lastUsedAt) })} ${sentence(messages.deviceUntil, { date: day(model, device.expiresAt) })}</p></div>
${form(model, device.links.revoke, html`<button type="submit" class="plain" aria-describedby="device-${device.id}">${messages.forgetDevice}</button>`)}</li>`
}

/** The browsers that somebody had remembered, each with a form that ends it. */
export const devices = (model: PageModel, { devices: list }: Views['devices']): Content => {
  const { messages, state } = model
  return {
    heading: messages.devices,
    body: html`${list.length === 0 ? html`<p>${messages.noDevices}</p>` : html`<ul class="devices">
${list.map((device) => item(model, device))}
</ul>`}
<p><a class="primary" href="${safePath(state.returnTo)}">${messages.continue}</a></p>`,
  }
}
