import type { Views } from '../../settings/views.js'
import { apart, sentence } from '../format.js'
import { html, type Markup } from '#internal/html'
import type { FactorState } from '../../state/state.js'
import { assetAddress } from '../assets/assets.js'
import type { PageModel } from '../page-model.js'
import { safePath, safeRedirect } from '../safe-url.js'
import { asksWallet } from '../wallet-mark.js'
import type { Content } from './content.js'
import { factorPage, form } from './form.js'
import { problemBox } from './problem.js'

// A page between the form and the other site. Browsers apply `form-action` to the redirects after a POST, too
// (CSP 3 §6.4.1), and would block the other site.
export const redirectView = (model: PageModel, { redirectTo, instead }: Views['redirect']): Content => {
  const { messages, state } = model
  const { url, host } = safeRedirect(redirectTo)
  const way = state.factors.find(({ factor }) => factor === instead)
  if (asksWallet(url)) return walletView(model, url.split('#', 1)[0] ?? '', way)
  return {
    heading: messages.redirecting,
    head: html`<meta http-equiv="refresh" content="0;url=${url}">`,
    body: html`${host && html`<p class="lead">${sentence(messages.redirectingTo, { host: apart(host, 'ltr') })}</p>`}
<p><a class="primary" href="${url}">${messages.continue}</a></p>
${way && otherWay(model, way, html` data-after="${secondsToWait}"`)}`,
  }
}

const presentedFields = html`<input type="hidden" name="state"><input type="hidden" name="vp_token">`

/** A browser without script, or without a wallet, is led on at once. */
const walletView = (model: PageModel, address: string, way: FactorState | undefined): Content => ({
  heading: model.messages.redirecting,
  head: html`<noscript><meta http-equiv="refresh" content="0;url=${address}"></noscript>
<script src="${assetAddress(model, 'wallet.js')}" defer></script>`,
  body: html`<p><a class="primary" href="${address}" data-wallet>${model.messages.continue}</a></p>
${form(model, address.split('?', 1)[0] ?? '', presentedFields, html` data-presented hidden`)}
${way && otherWay(model, way, html` data-instead`)}`,
})

/** Seconds for which a person waits for an operator. */
const secondsToWait = 5

/** The way on for a person whose operator does not answer. The page takes it by itself, where it may run a script. */
function otherWay(model: PageModel, factor: FactorState, mark: Markup): Markup {
  const words = sentence(model.messages.continueWith, { label: factor.label })
  const { challenge } = factor.links
  if (challenge === undefined) {
    return html`<p><a href="${factorPage(model, factor.factor)}"${mark}>${words}</a></p>`
  }
  const button = html`<button type="submit" class="plain">${words}</button>`
  return form(model, challenge, button, mark)
}

export const completeView = (model: PageModel): Content => ({
  heading: model.messages.complete,
  isGood: true,
  body: html`${problemBox(model)}
<p><a class="primary" href="${safePath(model.state.returnTo)}">${model.messages.continue}</a></p>`,
})

/**
 * A refusal that no step of the login can show. `returnTo`: the page that the user came from. `setUp`: where they set
 * up what they lack.
 */
export const refusedView = (model: PageModel): Content => {
  const { state: { returnTo, setUp = [] }, messages, loginPath } = model
  const link = returnTo === undefined
    ? html`<a class="primary" href="${loginPath}">${messages.toLogin}</a>`
    : html`<a class="primary" href="${safePath(returnTo)}">${messages.goBack}</a>`
  const links = setUp.map(({ label, page }) =>
    html`<p><a class="primary" href="${page}">${sentence(messages.setUpFactor, { label })}</a></p>\n`)
  return {
    heading: messages.refused,
    body: html`${problemBox(model)}\n${links.length > 0 ? links : html`<p>${link}</p>`}`,
  }
}
