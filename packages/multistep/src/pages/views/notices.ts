import type { Views } from '../../settings/views.js'
import { apart, sentence } from '../format.js'
import { html } from '#internal/html'
import type { PageModel } from '../page-model.js'
import { safePath, safeRedirect } from '../safe-url.js'
import type { Content } from './content.js'
import { problemBox } from './problem.js'

// A page between the form and the other site. Browsers apply `form-action` to the redirects after a POST, too
// (CSP 3 §6.4.1), and would block the other site.
export const redirectView = ({ messages }: PageModel, { redirectTo }: Views['redirect']): Content => {
  const { url, host } = safeRedirect(redirectTo)
  return {
    heading: messages.redirecting,
    head: html`<meta http-equiv="refresh" content="0;url=${url}">`,
    body: html`${host && html`<p class="lead">${sentence(messages.redirectingTo, { host: apart(host, 'ltr') })}</p>`}
<p><a class="primary" href="${url}">${messages.continue}</a></p>`,
  }
}

export const completeView = (model: PageModel): Content => ({
  heading: model.messages.complete,
  isGood: true,
  body: html`${problemBox(model)}
<p><a class="primary" href="${safePath(model.state.returnTo)}">${model.messages.continue}</a></p>`,
})

/** A refusal that no step of the login can show. */
export const refusedView = (model: PageModel): Content => ({
  heading: model.messages.refused,
  body: html`${problemBox(model)}
<p><a class="primary" href="${model.loginPath}">${model.messages.toLogin}</a></p>`,
})
