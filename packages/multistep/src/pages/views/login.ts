import type { Views } from '../../settings/views.js'
import { apart, lookUp, sentence } from '../format.js'
import { html, type Markup } from '#internal/html'
import type { Content, PageModel } from '../page-model.js'
import type { FactorState } from '../../state/state.js'
import { actionsOf } from './factor.js'
import { detailsList } from './details.js'
import { form, factorPage, primary } from './form.js'
import { otherWays } from './other-ways.js'
import { problemBox, problemWords } from './problem.js'
import { kickerOf, headingOf } from './task.js'
import { refreshOf } from './waiting.js'

/** What a step-up is asked for. */
const confirming = (model: PageModel): Markup | undefined => {
  const details = model.state.requirement?.details ?? {}
  if (Object.keys(details).length === 0) return undefined
  return html`<p id="confirming">${model.messages.confirming}</p>
${detailsList(model, details, 'confirming')}`
}

/** The account that logs in, and the button to cancel. */
const leaveForm = (model: PageModel): Markup | undefined => {
  const { state, messages, base, account } = model
  const nothingBegun = state.status === 'anonymous' && state.factors.every(({ challenge }) => challenge === undefined)
  if (nothingBegun || state.status === 'complete') return undefined
  const name = account === undefined ? undefined : html`<strong>${apart(account)}</strong>`
  // A step-up says it above its heading.
  const who = name === undefined || state.status === 'step-up'
    ? undefined
    : html`<p>${sentence(messages.loggingInAs, { account: name })}</p>`
  const notThem = who ? messages.notYou : messages.startOver
  const button = html`<button type="submit" class="plain">
    ${state.status === 'step-up' ? messages.cancel : notThem}
  </button>`
  return html`<footer class="leave">${who}
${form(model, `${base}/cancel`, button)}</footer>`
}

/**
 * The text when there is no factor. When the policy has changed, the problem says so already. No set-up page is linked:
 * a password alone does not open one.
 */
function noFactors(model: PageModel): Markup {
  const { state, messages, base, branding: { help } } = model
  const reason = state.problem?.code === 'plan_changed' ? undefined : html`<p>${messages.noFactors}</p>`
  const words = state.status === 'step-up' ? messages.cancel : messages.startOver
  return html`${reason}
${form(model, `${base}/cancel`, primary(words))}
${help && html`<p><a class="plain edged" href="${help}">${messages.help}</a></p>`}`
}

/** Gives a wrong code one wording. A strategy that fails without a reason gets the sentence of `code_wrong`. */
function inOneWording(model: PageModel, open: FactorState | undefined): PageModel {
  const { state, messages } = model
  const words = lookUp(messages.problems, 'code_wrong')
  if (state.problem?.code !== 'factor_failed' || !open?.fields.includes('code') || words === undefined) return model
  return { ...model, state: { ...state, problem: { ...state.problem, message: words } } }
}

/** The page of the current step. The chosen factor is open, else one with a challenge, else the first. */
export const loginView = (given: PageModel, { chosen, another = false }: Views['login']): Content => {
  const { state: { factors } } = given
  const open = factors.find(({ factor }) => factor === chosen)
    ?? factors.find(({ challenge }) => challenge !== undefined)
    ?? factors[0]
  const others = factors.filter((factor) => factor !== open)
  const model = inOneWording(given, open)
  const isAnother = another && open?.beginFields !== undefined
  return {
    heading: headingOf(model, open, isAnother),
    kicker: kickerOf(model),
    head: open && refreshOf(model, open),
    body: html`${problemBox(model, others.length > 0)}
${confirming(model)}
${open ? html`<section>${actionsOf(model, open, isAnother)}</section>` : noFactors(model)}
${otherWays(model, others)}
${open && leaveForm(model)}`,
  }
}

/** What a heading says is no problem of the person's: they are told calmly that nothing was lost. */
function problemSentence(model: PageModel, isLogin: boolean): Markup | undefined {
  const { state: { problem }, messages } = model
  if (isLogin && problem) return html`<p class="lead">${problemWords(model, problem)}</p>`
  return problemBox(model) ?? html`<p class="lead">${messages.unavailableReason}</p>`
}

/** The page of a step that does not work now. The user may try again, or take another factor of the step. */
export const unavailableView = (model: PageModel, { chosen }: Views['unavailable']): Content => {
  const { state, messages } = model
  const isLogin = state.problem?.code === 'store_unavailable' && state.status !== 'complete'
  return {
    heading: isLogin ? messages.unavailableLogin : messages.unavailable,
    body: html`${problemSentence(model, isLogin)}
<p><a class="primary" href="${factorPage(model, chosen)}">${messages.tryAgain}</a></p>
${otherWays(model, state.factors.filter(({ factor }) => factor !== chosen))}
${leaveForm(model)}`,
  }
}
