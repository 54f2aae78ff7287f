import type { Views } from '../../settings/views.js'
import { html, Markup } from '#internal/html'
import type { NewTotpKey } from '../../factors/set-up.js'
import type { Content, PageModel } from '../page-model.js'
import { doneLink } from './devices.js'
import { fieldsOf } from '../views/fields.js'
import { form, primary } from '../views/form.js'
import { problemBox } from '../views/problem.js'

/** A key is easier to copy in groups of four. */
const inGroups = (key: string): string => (key.match(/.{1,4}/g) ?? []).join(' ')

/** The page with a new key. The user sees it until a code has confirmed it, and never again. */
function begunPage(model: PageModel, factor: string, { key, uri, qr }: NewTotpKey): Content {
  const { messages, base } = model
  return {
    heading: qr === undefined ? messages.enterKey : messages.scanCode,
    body: html`${problemBox(model)}
${qr === undefined ? undefined : html`<div class="qr" role="img" aria-label="${messages.qrCode}">${new Markup(qr)}</div>
<p class="note">${messages.orEnterKey}</p>`}
<p class="key"><code>${inGroups(key)}</code></p>
<p><a href="${uri}">${messages.openInApp}</a></p>
<p class="lead" id="then">${messages.enterFirstCode}</p>
${form(model, `${base}/${factor}/set-up`, html`${fieldsOf(model, { factor, ...firstCode }, ['code'], ['then'])}
${primary(messages.confirmCode)}`)}
${doneLink(model, messages.cancel)}`,
  }
}

const firstCode = { label: '', fields: ['code'], links: { authenticate: '' }, inputs: { code: { digits: 6 } } }

/** After a wrong code: once more the code, and not the key. The user may begin anew. */
function onceMorePage(model: PageModel, factor: string): Content {
  const { messages, base } = model
  const action = `${base}/${factor}/set-up`
  return {
    heading: messages.setUpTotp,
    body: html`${problemBox(model)}
<p class="lead" id="then">${messages.enterShownCode}</p>
${form(model, action, html`${fieldsOf(model, { factor, ...firstCode }, ['code'], ['then'])}
${primary(messages.confirmCode)}`)}
${form(model, action, html`<button type="submit" class="plain edged">${messages.setUpAnother}</button>`)}
${doneLink(model, messages.cancel)}`,
  }
}

/** Whether the user has an authenticator app, and what they can do. */
export function totpSetUpView(model: PageModel, { factor, isSetUp, begun, isBegun }: Views['totp-set-up']): Content {
  if (begun) return begunPage(model, factor, begun)
  if (isBegun) return onceMorePage(model, factor)
  const { messages, base } = model
  const action = `${base}/${factor}/set-up`
  const remove = html`<input type="hidden" name="remove" value="on">
<button type="submit" class="plain away">${messages.remove}</button>`
  if (!isSetUp) {
    return {
      heading: messages.setUpTotp,
      body: html`<p>${messages.totpPurpose}</p>
${form(model, action, primary(messages.setUp))}
${doneLink(model)}`,
    }
  }
  return {
    heading: messages.totpIsSetUp,
    isGood: true,
    body: html`<p>${messages.totpPurpose}</p>
${form(model, action, html`<button type="submit" class="plain edged" aria-describedby="replaced">${messages.setUpAnother}</button>
<p class="note" id="replaced">${messages.totpReplaced}</p>`)}
${form(model, action, remove)}
${doneLink(model)}`,
  }
}
