import { createHash } from 'node:crypto'
import { sendHtml } from '../http/respond.js'
import type { Factor } from '../factors/factor.js'
import { policyOf } from './content-security-policy.js'
import { html, Markup } from '#internal/html'
import { messagesFor } from './translate.js'
import { frame, partsOf } from './page.js'
import { pageModel } from './page-model.js'
import { blank, type Visit } from './visit.js'
import { lookUp, sentence } from './format.js'
import { publicLoginPath } from '../settings/addresses.js'

/**
 * A page that is one button. It names no address, because only the browser knows the whole one behind a proxy. A form
 * without `action`, and a link that is a query alone, go there.
 */
export type ButtonPage =
  /** Repeats the request that came here. With JavaScript the page does so by itself. */
  | { readonly type: 'pass on', readonly method: 'get' | 'post', readonly fields: Fields }
  /** Begins with this factor by a POST. */
  | { readonly type: 'post', readonly factor: Factor, readonly fields: Fields }
  /** Begins with this factor by a link. A route that was mounted by hand may take no POST. */
  | { readonly type: 'link', readonly factor: Factor, readonly query: string }

type Fields = readonly (readonly [name: string, value: string])[]

/**
 * The script stands in the page itself, because a route that was mounted by hand serves no files of ours. The policy
 * names its digest, so that no other script runs.
 */
const submit = 'HTMLFormElement.prototype.submit.call(document.forms[0])'
const scriptDigest = `'sha256-${createHash('sha256').update(submit).digest('base64')}'`

/** Never uses the app's `render`, because this page is no step of the login. */
export async function drawButtonPage({ context, req, res }: Visit, page: ButtonPage): Promise<void> {
  const { branding, now } = context.settings
  const messages = await messagesFor(context.settings, req)
  const loginPath = publicLoginPath(context.settings)
  const model = pageModel(blank, { loginPath, messages, branding, now: now?.() })
  const label = 'factor' in page
    ? sentence(messages.continueWith, { label: buttonLabel(page.factor, messages.labels) })
    : messages.continue
  const heading = page.type === 'pass on' ? messages.redirecting : messages.logIn
  sendHtml(res, frame(partsOf(model, { heading, body: bodyOf(page, label) })).text, 200, {
    'Content-Security-Policy': policyOf(branding, page.type === 'pass on' ? { scripts: [scriptDigest] } : {}),
    'X-Content-Type-Options': 'nosniff',
    'Content-Language': messages.lang,
  })
}

const buttonLabel = (factor: Factor, labels: Readonly<Record<string, string>>): string =>
  (factor.hasOwnLabel ? factor.label : lookUp(labels, factor.name) ?? factor.label)

function bodyOf(page: ButtonPage, label: Markup | string): Markup {
  if (page.type === 'link') return html`<p><a class="primary" href="${page.query}">${label}</a></p>`
  return html`<form method="${page.type === 'post' ? 'post' : page.method}">
${page.fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<button type="submit" class="primary">${label}</button>
</form>
${page.type === 'pass on' ? new Markup(`<script>${submit}</script>`) : undefined}`
}
