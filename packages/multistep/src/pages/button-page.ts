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
 * A page that is one button. It says no address: a form without `action`, and a link of a query alone, go to the one that only the browser knows whole.
 */
export type ButtonPage =
  /** Posts, or asks, once more what came here; by itself where there is JavaScript. */
  | { readonly type: 'pass on', readonly method: 'get' | 'post', readonly fields: Fields }
  /** Begins with this factor, by a post. */
  | { readonly type: 'post', readonly factor: Factor, readonly fields: Fields }
  /** Begins with this factor, by a link: where a route was mounted by hand there may be none for a post. */
  | { readonly type: 'link', readonly factor: Factor, readonly query: string }

type Fields = readonly (readonly [name: string, value: string])[]

/** In the page itself, as a route that was mounted by hand has no file of ours beside it; the policy names its digest, so that no other script runs. */
const submit = 'HTMLFormElement.prototype.submit.call(document.forms[0])'
const script = `'sha256-${createHash('sha256').update(submit).digest('base64')}'`

/** Always ours: an app's own views show the login, and this is none of its steps. */
export async function sendButtonPage({ context, req, res }: Visit, page: ButtonPage): Promise<void> {
  const { branding, now } = context.settings
  const messages = await messagesFor(context.settings, req)
  const model = pageModel(blank, { loginPath: publicLoginPath(context.settings), messages, branding, now: now?.() })
  const label = 'factor' in page ? sentence(messages.continueWith, { label: labelOf(page.factor, messages.labels) }) : messages.continue
  const heading = page.type === 'pass on' ? messages.redirecting : messages.logIn
  sendHtml(res, frame(partsOf(model, { heading, body: bodyOf(page, label) })).text, 200, {
    'Content-Security-Policy': policyOf(branding, page.type === 'pass on' ? { scripts: [script] } : {}),
    'X-Content-Type-Options': 'nosniff',
    'Content-Language': messages.lang,
  })
}

const labelOf = (factor: Factor, labels: Readonly<Record<string, string>>): string =>
  (factor.hasOwnLabel ? factor.label : lookUp(labels, factor.name) ?? factor.label)

function bodyOf(page: ButtonPage, label: Markup | string): Markup {
  if (page.type === 'link') return html`<p><a class="primary" href="${page.query}">${label}</a></p>`
  return html`<form method="${page.type === 'post' ? 'post' : page.method}">
${page.fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<button type="submit" class="primary">${label}</button>
</form>
${page.type === 'pass on' ? new Markup(`<script>${submit}</script>`) : undefined}`
}
