import type { DeviceState } from '../../state/state.js'
import type { Views } from '../../settings/views.js'
import { dateInWords, sentence } from '../format.js'
import { html, type Markup } from '#internal/html'
import type { Content, PageModel } from '../page-model.js'
import { safePath } from '../safe-url.js'
import { form } from '../views/form.js'

const dateElement = ({ messages: { lang } }: PageModel, instant: string): Markup =>
  html`<time datetime="${instant}">${dateInWords(lang, instant)}</time>`

function deviceName({ messages }: PageModel, { label, current }: DeviceState): Markup {
  const mark = current ? html` <span class="hint">${messages.thisDevice}</span>` : undefined
  return html`<strong>${label ?? messages.unknownDevice}</strong>${mark}`
}

// All buttons have the same words. `aria-describedby` tells a screen reader which device each one is for.
const item = (model: PageModel, device: DeviceState): Markup => {
  const { messages } = model
  const button = html`<button type="submit" class="plain away" aria-describedby="device-${device.id}">${
    messages.forgetDevice}</button>`
  return html`<li><div id="device-${device.id}"><p>${deviceName(model, device)}</p>
<p class="note"><span>${sentence(messages.deviceLastUsed, { date: dateElement(model, device.lastUsedAt) })}</span>
<span>${sentence(messages.deviceUntil, { date: dateElement(model, device.expiresAt) })}</span></p></div>
${form(model, device.links.revoke, button)}</li>`
}

/** The link back to the app. */
export const doneLink = ({ state, messages }: PageModel, text: string = messages.done): Markup =>
  html`<p><a class="plain edged" href="${safePath(state.returnTo)}">${text}</a></p>`

/** The user's trusted browsers, each with a form that removes it. */
export const devicesView = (model: PageModel, { devices: list }: Views['devices']): Content => ({
  heading: model.messages.devices,
  body: html`${list.length === 0 ? html`<p>${model.messages.noDevices}</p>` : html`<ul class="devices">
${list.map((device) => item(model, device))}
</ul>`}
${doneLink(model)}`,
})
