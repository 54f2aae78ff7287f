import { form, otherWays, pageOf, section } from './factor.js'
import { html, type Markup } from '#internal/html'
import type { Views } from '../../views.js'
import type { PageModel } from '../page-model.js'
import { safePath, safeRedirect } from '../safe-url.js'
import { lookUp, sentence, timeInWords } from '../format.js'

/** A page without its frame. */
export interface Content {
  readonly heading: string
  /** Above the heading. */
  readonly step?: Markup | undefined
  readonly body: Markup
  /** For the document's head. */
  readonly head?: Markup
}

const problemOf = ({ state: { problem }, messages }: PageModel): Markup | undefined => problem && html`<div class="problem" id="problem" role="alert">
<p>${problem.message}
${problem.retryAfter === undefined ? undefined : sentence(messages.retryIn, { time: timeInWords(messages.lang, problem.retryAfter) })}
${problem.attemptsLeft === undefined ? undefined : sentence(messages.attemptsLeft, { count: problem.attemptsLeft })}</p>
</div>`

const stepOf = ({ state: { step, steps }, messages }: PageModel): Markup | undefined =>
  steps > 1 ? html`<p class="step">${sentence(messages.stepOf, { step, steps })}</p>` : undefined

const detailsOf = ({ state, messages }: PageModel): Markup | undefined => {
  const details = Object.entries(state.requirement?.details ?? {})
  return details.length === 0 ? undefined : html`<p id="confirming">${messages.confirming}</p>
<dl aria-labelledby="confirming">${details.map(([name, value]) => html`<div><dt>${lookUp(messages.fields, name) ?? name}</dt><dd dir="auto">${value}</dd></div>`)}</dl>`
}

const leave = (model: PageModel): Markup | undefined => {
  const { state, messages, base } = model
  const nothingBegun = state.status === 'anonymous' && state.factors.every(({ challenge }) => challenge === undefined)
  if (nothingBegun || state.status === 'complete') return undefined
  return html`<footer>${form(model, `${base}/cancel`, html`<button type="submit" class="plain">${state.status === 'step-up' ? messages.cancel : messages.startOver}</button>`)}</footer>`
}

const headingOf = ({ state, messages }: PageModel): string => {
  if (state.status === 'step-up') return messages.confirmIdentity
  return state.status === 'pending' ? messages.oneMoreStep : messages.logIn
}

/** There is nothing to choose; where that is because the policy has changed, the problem says so. */
const noFactors = ({ state, messages }: PageModel): Markup | undefined =>
  state.problem?.code === 'plan_changed' ? undefined : html`<p>${messages.noFactors}</p>`

/** The current step: the chosen factor open, else one whose challenge is under way, else the first. */
export const login = (model: PageModel, { chosen }: Views['login']): Content => {
  const { state: { factors } } = model
  const open = factors.find(({ factor }) => factor === chosen) ?? factors.find(({ challenge }) => challenge !== undefined) ?? factors[0]
  return {
    heading: headingOf(model),
    step: stepOf(model),
    body: html`${problemOf(model)}
${detailsOf(model)}
${open ? section(model, open) : noFactors(model)}
${otherWays(model, factors.filter((factor) => factor !== open))}
${leave(model)}`,
  }
}

/** The step can not be done now: try again, or take one of the step's other factors. */
export const unavailable = (model: PageModel, { chosen }: Views['unavailable']): Content => {
  const { state, messages } = model
  return {
    heading: messages.unavailable,
    body: html`${problemOf(model) ?? html`<p>${messages.unavailableReason}</p>`}
<p><a class="primary" href="${pageOf(model, chosen)}">${messages.tryAgain}</a></p>
${otherWays(model, state.factors.filter(({ factor }) => factor !== chosen))}
${leave(model)}`,
  }
}

// A page of ours between the form and the other site: browsers hold `form-action` (CSP 3 §6.4.1) against the redirects that follow a post.
export const redirect = ({ messages }: PageModel, { redirectTo }: Views['redirect']): Content => {
  const { url, host } = safeRedirect(redirectTo)
  return {
    heading: messages.redirecting,
    head: html`<meta http-equiv="refresh" content="0;url=${url}">`,
    body: html`${host && html`<p>${sentence(messages.redirectingTo, { host })}</p>`}
<p><a class="primary" href="${url}">${messages.continue}</a></p>`,
  }
}

export const complete = (model: PageModel): Content => ({
  heading: model.messages.complete,
  body: html`${problemOf(model)}
<p><a class="primary" href="${safePath(model.state.returnTo)}">${model.messages.continue}</a></p>`,
})

/** What was asked for is not done, and no step would show why. */
export const refused = (model: PageModel): Content => ({
  heading: model.messages.refused,
  body: html`${problemOf(model)}
<p><a class="primary" href="${model.loginPath}">${model.messages.toLogin}</a></p>`,
})
