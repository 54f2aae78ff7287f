import type { Views } from '../../settings/views.js'
import { apart, lookUp, sentence } from '../format.js'
import { html, type Markup } from '#internal/html'
import type { PageModel } from '../page-model.js'
import type { FactorState } from '../../state/state.js'
import type { Content } from './content.js'
import { actionsOf } from './factor.js'
import { form, pageOf } from './form.js'
import { otherWays } from './other-ways.js'
import { problemOf } from './problem.js'
import { kickerOf, taskOf } from './task.js'
import { refreshOf } from './waiting.js'

const detailsOf = ({ state, messages }: PageModel): Markup | undefined => {
  const details = Object.entries(state.requirement?.details ?? {})
  return details.length === 0 ? undefined : html`<p id="confirming">${messages.confirming}</p>
<dl aria-labelledby="confirming">${details.map(([name, value]) =>
  html`<div><dt>${lookUp(messages.fields, name) ?? name}</dt><dd dir="auto">${value}</dd></div>`)}</dl>`
}

/** Who is logging in, and the way out. */
const leave = (model: PageModel): Markup | undefined => {
  const { state, messages, base, account } = model
  const nothingBegun = state.status === 'anonymous' && state.factors.every(({ challenge }) => challenge === undefined)
  if (nothingBegun || state.status === 'complete') return undefined
  const who = account === undefined ? undefined : html`<p>${sentence(messages.loggingInAs, { account: html`<strong>${apart(account)}</strong>` })}</p>`
  const notThem = who ? messages.notYou : messages.startOver
  const button = html`<button type="submit" class="plain">${state.status === 'step-up' ? messages.cancel : notThem}</button>`
  return html`<footer class="leave">${who}
${form(model, `${base}/cancel`, button)}</footer>`
}

/** There is nothing to choose; where that is because the policy has changed, the problem says so. */
const noFactors = ({ state, messages }: PageModel): Markup | undefined =>
  (state.problem?.code === 'plan_changed' ? undefined : html`<p>${messages.noFactors}</p>`)

/** One mistake has one wording: a wrong code of a strategy that says no more than "wrong" is told as every wrong code is. */
function inOneWording(model: PageModel, open: FactorState | undefined): PageModel {
  const { state, messages } = model
  const words = lookUp(messages.problems, 'code_wrong')
  if (state.problem?.code !== 'factor_failed' || !open?.fields.includes('code') || words === undefined) return model
  return { ...model, state: { ...state, problem: { ...state.problem, message: words } } }
}

/** The current step: the chosen factor open, else one whose challenge is under way, else the first. */
export const login = (given: PageModel, { chosen, another = false }: Views['login']): Content => {
  const { state: { factors } } = given
  const open = factors.find(({ factor }) => factor === chosen) ?? factors.find(({ challenge }) => challenge !== undefined) ?? factors[0]
  const others = factors.filter((factor) => factor !== open)
  const model = inOneWording(given, open)
  const isAnother = another && open?.beginFields !== undefined
  return {
    heading: taskOf(model, open, isAnother),
    kicker: kickerOf(model),
    head: open && refreshOf(model, open),
    body: html`${problemOf(model, others.length > 0)}
${detailsOf(model)}
${open ? html`<section>${actionsOf(model, open, isAnother)}</section>` : noFactors(model)}
${otherWays(model, others)}
${leave(model)}`,
  }
}

/** The step cannot be done now: try again, or take one of the step's other factors. */
export const unavailable = (model: PageModel, { chosen }: Views['unavailable']): Content => {
  const { state, messages } = model
  return {
    heading: state.problem?.code === 'store_unavailable' && state.status !== 'complete' ? messages.unavailableLogin : messages.unavailable,
    body: html`${problemOf(model) ?? html`<p>${messages.unavailableReason}</p>`}
<p><a class="primary" href="${pageOf(model, chosen)}">${messages.tryAgain}</a></p>
${otherWays(model, state.factors.filter(({ factor }) => factor !== chosen))}
${leave(model)}`,
  }
}
