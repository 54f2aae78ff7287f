import type { Views } from '../../settings/views.js'
import { apart, sentence } from '../format.js'
import { html } from '#internal/html'
import type { PageModel } from '../page-model.js'
import { safePath, safeRedirect } from '../safe-url.js'
import type { Content } from './content.js'
import { problemOf } from './problem.js'

// A page of ours between the form and the other site: browsers hold `form-action` (CSP 3 §6.4.1) against the redirects that follow a post.
export const redirect = ({ messages }: PageModel, { redirectTo }: Views['redirect']): Content => {
  const { url, host } = safeRedirect(redirectTo)
  return {
    heading: messages.redirecting,
    head: html`<meta http-equiv="refresh" content="0;url=${url}">`,
    body: html`${host && html`<p class="lead">${sentence(messages.redirectingTo, { host: apart(host, 'ltr') })}</p>`}
<p><a class="primary" href="${url}">${messages.continue}</a></p>`,
  }
}

export const complete = (model: PageModel): Content => ({
  heading: model.messages.complete,
  isGood: true,
  body: html`${problemOf(model)}
<p><a class="primary" href="${safePath(model.state.returnTo)}">${model.messages.continue}</a></p>`,
})

/** What was asked for is not done, and no step would show why. */
export const refused = (model: PageModel): Content => ({
  heading: model.messages.refused,
  body: html`${problemOf(model)}
<p><a class="primary" href="${model.loginPath}">${model.messages.toLogin}</a></p>`,
})
