import { sentence } from '../format.js'
import { html } from '#internal/html'
import type { Content, PageModel } from '../page-model.js'
import { safePath } from '../safe-url.js'
import { problemBox } from './problem.js'

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
  const { state: { returnTo, setUp = [] }, messages, loginPath, home } = model
  const link = returnTo === undefined
    ? html`<a class="primary" href="${loginPath}">${messages.toLogin}</a>`
    : html`<a class="primary" href="${safePath(returnTo)}">${messages.goBack}</a>`
  const links = setUp.map(({ label, page }) =>
    html`<p><a class="primary" href="${page}">${sentence(messages.setUpFactor, { label })}</a></p>\n`)
  if (links.length > 0) {
    return {
      heading: messages.setUpFirst,
      body: html`<p class="lead">${messages.setUpReason}</p>
${links}<p><a class="plain edged" href="${safePath(returnTo ?? home)}">${messages.cancel}</a></p>`,
    }
  }
  return { heading: messages.refused, body: html`${problemBox(model)}\n<p>${link}</p>` }
}
