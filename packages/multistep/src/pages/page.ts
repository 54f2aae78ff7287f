import type { State } from '../state/state.js'
import type { View, Views } from '../settings/views.js'
import { directionOf, plainSentence } from './format.js'
import { html, type Markup } from '#internal/html'
import { assetAddress } from './assets/assets.js'
import { type Content, pageModel, type PageContext, type PageModel } from './page-model.js'
import { devicesView } from './own/devices.js'
import { confirmView } from './own/confirm.js'
import { textInLanguage } from './language.js'
import { loginView, unavailableView } from './views/login.js'
import { completeView, refusedView } from './views/notices.js'
import { redirectView } from './views/redirect.js'
import { passkeysView } from './own/passkeys.js'
import { recoveryCodesView } from './own/recovery-codes.js'
import { totpSetUpView } from './own/totp-set-up.js'

/** The parts of a page, from which {@link frame} or a layout of the app's own makes a document. */
export interface PageParts {
  /** BCP 47. */
  readonly lang: string
  readonly dir: 'ltr' | 'rtl'
  /** The server's time in ISO 8601. The script corrects the visitor's clock by it. */
  readonly now: string
  /** Plain text, not HTML. */
  readonly title: string
  /** The rest of `<head>`: `<meta>`, style sheets and the script. */
  readonly head: Markup
  /** The app's name and logo, with a link home. */
  readonly brand: Markup | undefined
  /** The line above the heading, such as the number of the step. */
  readonly kicker: Markup | undefined
  /** What the user does on this page. */
  readonly heading: Markup
  readonly body: Markup
  /** The app's links, and help. */
  readonly links: Markup | undefined
}

export function partsOf(model: PageModel, { heading, kicker, body, head, isGood }: Content): PageParts {
  const { messages, now, branding: { name }, state: { problem } } = model
  const titled = name === undefined ? heading : `${heading} · ${name}`
  return {
    lang: messages.lang,
    dir: directionOf(messages.lang),
    now: new Date(now).toISOString(),
    title: problem ? plainSentence(messages.errorTitle, { title: titled }) : titled,
    head: html`${head}
${headOf(model)}`,
    brand: brandHeader(model),
    kicker,
    heading: html`<h1${isGood && html` class="good"`}>${heading}</h1>`,
    body,
    links: linksOf(model),
  }
}

const headOf = (model: PageModel): Markup => {
  const { accent, styles } = model.branding
  return html`<link rel="stylesheet" href="${assetAddress(model, 'style.css')}">
${accent === undefined ? undefined : html`<link rel="stylesheet" href="${assetAddress(model, 'theme.css')}">\n`}${
  styles.map((style) => html`<link rel="stylesheet" href="${style}">\n`)
}<script src="${assetAddress(model, 'code.js')}" defer></script>`
}

function brandHeader({ branding: { name, logo, home } }: PageModel): Markup | undefined {
  if (name === undefined) return undefined
  const image = logo === undefined ? undefined : html`<img src="${logo}" alt="">`
  return html`<header class="brand"><a href="${home}">${image}<span>${name}</span></a></header>`
}

function linksOf({ messages, branding: { links, help } }: PageModel): Markup | undefined {
  const all = [...links, ...help === undefined ? [] : [{ text: messages.help, href: help }]]
  return all.length === 0 ? undefined : html`<footer class="links">${
    all.map(({ text, href }) => html`<a href="${href}">${textInLanguage(text, messages.lang)}</a>\n`)}</footer>`
}

/** The whole document. */
export const frame = ({
  lang, dir, now, title, head, brand, kicker, heading, body, links,
}: PageParts): Markup => html`<!DOCTYPE html>
<html lang="${lang}" dir="${dir}" data-now="${now}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title}</title>
${head}
</head>
<body>
<div class="card">
${brand}
<main>
${kicker}
${heading}
${body}
<p class="unseen" id="status" role="status"></p>
</main>
</div>
${links}
</body>
</html>
`

const drawings: { readonly [V in View]: (model: PageModel, data: Views[V]) => Content } = {
  login: loginView,
  redirect: redirectView,
  unavailable: unavailableView,
  confirm: confirmView,
  refused: refusedView,
  complete: completeView,
  devices: devicesView,
  'recovery-codes': recoveryCodesView,
  'totp-set-up': totpSetUpView,
  passkeys: passkeysView,
}

/**
 * The parts of one view's page.
 * @throws TypeError when the view `redirect` is given no http(s) URL and no path.
 */
export function drawParts<V extends View>(view: V, state: State, context: PageContext, data: Views[V]): PageParts {
  const model = pageModel(state, context)
  return partsOf(model, drawings[view](model, data))
}
