import type { DeviceState } from '../state.js'
import { form } from './factor.js'
import { html, type Markup } from './html.js'
import type { Views } from '../views.js'
import type { Scene } from './scene.js'
import { localPath } from './target.js'
import type { Content } from './views.js'
import { dateInWords, sentence } from './words.js'

const day = ({ messages: { lang } }: Scene, instant: string): Markup => html`<time datetime="${instant}">${dateInWords(lang, instant)}</time>`

const nameOf = ({ messages }: Scene, { label, current }: DeviceState): Markup =>
  html`<strong>${label ?? messages.unknownDevice}</strong>${current ? html` <span class="hint">${messages.thisDevice}</span>` : undefined}`

// Buttons of one wording are told apart by the device that they describe.
const item = (scene: Scene, device: DeviceState): Markup => {
  const { messages } = scene
  return html`<li><div id="device-${device.id}"><p>${nameOf(scene, device)}</p>
<p class="note">${sentence(messages.deviceLastUsed, { date: day(scene, device.lastUsedAt) })} ${sentence(messages.deviceUntil, { date: day(scene, device.expiresAt) })}</p></div>
${form(scene, device.links.revoke, html`<button type="submit" class="plain" aria-describedby="device-${device.id}">${messages.forgetDevice}</button>`)}</li>`
}

/** The browsers that somebody had remembered, each with a form that ends it. */
export const devices = (scene: Scene, { devices: list }: Views['devices']): Content => {
  const { messages, state } = scene
  return {
    heading: messages.devices,
    body: html`${list.length === 0 ? html`<p>${messages.noDevices}</p>` : html`<ul class="devices">
${list.map((device) => item(scene, device))}
</ul>`}
<p><a class="primary" href="${localPath(state.returnTo)}">${messages.continue}</a></p>`,
  }
}
