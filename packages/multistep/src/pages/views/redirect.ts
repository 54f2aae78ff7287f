import type { Views } from '../../settings/views.js'
import { apart, lookUp, sentence } from '../format.js'
import { html, type Markup } from '#internal/html'
import type { FactorState } from '../../state/state.js'
import { assetAddress } from '../assets/assets.js'
import type { Content, PageModel } from '../page-model.js'
import { safeRedirect } from '../safe-url.js'
import { asksWallet } from '../wallet-mark.js'
import { factorPage, form } from './form.js'

/**
 * A page between the form and the other site. Browsers apply `form-action` to the redirects after a POST, too (CSP 3
 * §6.4.1), and would block the other site. While a silent factor is tried, the page says who is asked what.
 */
export function redirectView(model: PageModel, { redirectTo, tried, hint, instead }: Views['redirect']): Content {
  const { messages, state } = model
  const { url, host } = safeRedirect(redirectTo)
  const checking = tried === undefined ? undefined : lookUp(messages.checking, tried)
  const way = state.factors.find(({ factor }) => factor === instead)
  const heading = checking ?? messages.redirecting
  if (asksWallet(url)) return { heading, ...walletParts(model, url, way) }
  const at = host === undefined ? undefined : apart(host, 'ltr')
  const body = checking === undefined
    ? html`${at && html`<p class="lead">${sentence(messages.redirectingTo, { host: at })}</p>`}
<p><a class="primary" href="${url}">${messages.continue}</a></p>`
    : html`${at && asking(model, at, hint)}
<p class="waiting" role="status">${messages.redirecting}</p>
<p><a class="plain edged" href="${url}">${messages.continue}</a></p>`
  return {
    heading,
    head: html`<meta http-equiv="refresh" content="0;url=${url}">`,
    body: html`${body}
${way && otherWay(model, way, html` data-after="${secondsToWait}"`)}`,
  }
}

/** Who is asked whether the phone has the person's number, and which number that is. */
function asking({ messages }: PageModel, host: Markup, to: string | undefined): Markup {
  return html`<p class="lead">${to === undefined
    ? sentence(messages.askingHost, { host })
    : sentence(messages.askingHostAbout, { host, to: apart(to, 'ltr') })}</p>`
}

const presentedFields = html`<input type="hidden" name="state"><input type="hidden" name="vp_token">`

/** A browser without script, or without a wallet, is led on at once. */
function walletParts(model: PageModel, url: string, way: FactorState | undefined): Pick<Content, 'head' | 'body'> {
  const [address = ''] = url.split('#', 1)
  const [action = ''] = address.split('?', 1)
  return {
    head: html`<noscript><meta http-equiv="refresh" content="0;url=${address}"></noscript>
<script src="${assetAddress(model, 'wallet.js')}" defer></script>`,
    body: html`<p><a class="primary" href="${address}" data-wallet>${model.messages.continue}</a></p>
${form(model, action, presentedFields, html` data-presented hidden`)}
${way && otherWay(model, way, html` data-instead`)}`,
  }
}

/** Seconds for which a person waits for an operator. */
const secondsToWait = 5

/** The way on for a person whose operator does not answer. The page takes it by itself, where it may run a script. */
function otherWay(model: PageModel, factor: FactorState, mark: Markup): Markup {
  const words = wordsInstead(model, factor)
  const { challenge } = factor.links
  if (challenge === undefined) {
    return html`<p><a class="plain" href="${factorPage(model, factor.factor)}"${mark}>${words}</a></p>`
  }
  return form(model, challenge, html`<button type="submit" class="plain">${words}</button>`, mark)
}

/** What happens: a text leaves, or a call, or another factor is asked for. */
function wordsInstead({ messages }: PageModel, { factor, label, channels = [] }: FactorState): Markup {
  const [channel = 'sms'] = channels
  const words = channel === 'sms' ? messages.codeByTextInstead : lookUp(messages.sendBy, channel)
  if (factor === 'sms-otp' && words !== undefined) return html`${words}`
  return sentence(messages.continueInstead, { label })
}
