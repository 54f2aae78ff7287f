import type { ShownPasskey } from '../../factors/set-up.js'
import type { Views } from '../../settings/views.js'
import { dateInWords, sentence } from '../format.js'
import { html, type Markup } from '#internal/html'
import type { Content, PageModel } from '../page-model.js'
import { doneLink } from './devices.js'
import { form, primary } from '../views/form.js'
import { askingBrowser } from '../views/passkey-form.js'
import { problemBox } from '../views/problem.js'

function passkeyItem(model: PageModel, factor: string, { id, name, createdAt }: ShownPasskey): Markup {
  const { messages, base } = model
  const row = `passkey-${encodeURIComponent(id)}`
  const added = html`<time datetime="${createdAt}">${dateInWords(messages.lang, createdAt)}</time>`
  return html`<li><div id="${row}"><p><strong>${name === '' ? messages.unnamedPasskey : name}</strong></p>
<p class="note">${sentence(messages.passkeyAdded, { date: added })}</p></div>
${form(model, `${base}/${factor}/set-up`, html`<input type="hidden" name="remove" value="${id}">
<button type="submit" class="plain away" aria-describedby="${row}">${messages.remove}</button>`)}</li>`
}

/** The user's passkeys, and how another one is added. */
export function passkeysView(model: PageModel, { factor, passkeys, options }: Views['passkeys']): Content {
  const { messages, base } = model
  const action = `${base}/${factor}/set-up`
  const name = html`<div class="field"><label for="name">${messages.namePasskey}</label>
<input id="name" name="name" type="text" maxlength="40" autocomplete="off" autofocus></div>
${primary(messages.createPasskey)}`
  const list = passkeys.length === 0
    ? html`<p>${messages.noPasskeys}</p>`
    : html`<ul class="devices">\n${passkeys.map((one) => passkeyItem(model, factor, one))}\n</ul>`
  if (options) {
    return {
      heading: messages.addPasskey,
      body: html`<p>${messages.passkeysPurpose}</p>
${askingBrowser(model, action, 'create', options, name)}
${doneLink(model, messages.cancel)}`,
    }
  }
  return {
    heading: messages.passkeys,
    body: html`${problemBox(model)}
<p>${messages.passkeysPurpose}</p>
${list}
${form(model, action, primary(messages.addPasskey))}
${doneLink(model)}`,
  }
}
