import type { DeviceState } from '../../state/state.js'
import type { Views } from '../../settings/views.js'
import { dateInWords, sentence } from '../format.js'
import { html, type Markup } from '#internal/html'
import type { PageModel } from '../page-model.js'
import { safePath } from '../safe-url.js'
import type { Content } from './content.js'
import { form } from './form.js'

const day = ({ messages: { lang } }: PageModel, instant: string): Markup =>
  html`<time datetime="${instant}">${dateInWords(lang, instant)}</time>`

const nameOf = ({ messages }: PageModel, { label, current }: DeviceState): Markup =>
  html`<strong>${label ?? messages.unknownDevice}</strong>${current ? html` <span class="hint">${messages.thisDevice}</span>` : undefined}`

// Buttons of one wording are told apart by the device that they describe.
const item = (model: PageModel, device: DeviceState): Markup => {
  const { messages } = model
  const button = html`<button type="submit" class="plain" aria-describedby="device-${device.id}">${messages.forgetDevice}</button>`
  return html`<li><div id="device-${device.id}"><p>${nameOf(model, device)}</p>
<p class="note">${sentence(messages.deviceLastUsed, { date: day(model, device.lastUsedAt) })}
${sentence(messages.deviceUntil, { date: day(model, device.expiresAt) })}</p></div>
${form(model, device.links.revoke, button)}</li>`
}

/** Leads back to the app, beside what can be done here. */
export const done = ({ state, messages }: PageModel): Markup =>
  html`<p><a class="plain edged" href="${safePath(state.returnTo)}">${messages.done}</a></p>`

/** The browsers that the person had remembered, each with a form that ends it. */
export const devices = (model: PageModel, { devices: list }: Views['devices']): Content => ({
  heading: model.messages.devices,
  body: html`${list.length === 0 ? html`<p>${model.messages.noDevices}</p>` : html`<ul class="devices">
${list.map((device) => item(model, device))}
</ul>`}
${done(model)}`,
})
