import { milliseconds } from '#internal/duration'
import type { FactorState } from '../../state.js'
import { fieldsOf } from './fields.js'
import { html, type Markup, type Piece } from '#internal/html'
import type { PageModel } from '../page-model.js'
import { secondsUntil, sentence, timeInWords } from '../format.js'

export const form = ({ state }: PageModel, action: string, content: Piece, attributes?: Markup): Markup => html`<form method="post" action="${action}"${attributes}>
<input type="hidden" name="_csrf" value="${state.csrfToken}">
${state.requirement && html`<input type="hidden" name="for" value="${state.requirement.id}">`}
${content}
</form>`

const primary = (text: Piece): Markup => html`<button type="submit" class="primary">${text}</button>`

const continueWith = ({ messages }: PageModel, { label }: FactorState): Markup => sentence(messages.continueWith, { label })

const boxOf = ({ messages }: PageModel, name: string, text: string, time: string): Markup => html`<label class="check"><input type="checkbox" name="${name}" value="on"> <span>${
  sentence(text, { time: timeInWords(messages.lang, milliseconds(name, time) / 1000) })}</span></label>`

/** What the person may wish for with the post that proves this factor. */
const wishesOf = (model: PageModel, { remember, stay }: FactorState): Markup => html`${stay && boxOf(model, 'stay', model.messages.stayLoggedIn, stay.for)}
${remember && boxOf(model, 'remember', model.messages.rememberDevice, remember.for)}`

const proveForm = (model: PageModel, factor: FactorState): Markup => {
  const { state, messages } = model
  const { links, fields } = factor
  const button = fields.length === 0 ? continueWith(model, factor) : state.status === 'anonymous' ? messages.logIn : messages.continue
  return form(model, links.authenticate, html`${fieldsOf(model, factor, fields)}
${wishesOf(model, factor)}
${primary(button)}`)
}

// Before the challenge, `fields` may already name the code that will answer it (state.ts): only the others begin it.
const beginForm = (model: PageModel, factor: FactorState, action: string): Markup => {
  const inputs = factor.fields.filter((field) => field !== 'code')
  return form(model, action, html`${fieldsOf(model, factor, inputs)}
${primary(factor.fields.length === 0 ? continueWith(model, factor) : model.messages.sendCode)}`)
}

const againForm = (model: PageModel, action: string, challenge: Readonly<Record<string, unknown>>, text: string): Markup => {
  const { messages, now } = model
  const wait = secondsUntil(challenge.resendAt, now) ?? 0
  const note = html`<p class="note">${sentence(messages.sendAgainIn, { time: html`<span>${timeInWords(messages.lang, wait)}</span>` })}</p>`
  return form(model, action, html`<button type="submit" class="plain">${text}</button>
${wait > 0 ? note : undefined}`, wait > 0 ? html` data-resend-at="${String(challenge.resendAt)}"` : undefined)
}

const limits = ({ messages, now, state }: PageModel, { expiresAt, attemptsLeft }: Readonly<Record<string, unknown>>): Markup => {
  const left = secondsUntil(expiresAt, now)
  return html`${left === undefined ? undefined : left > 0 ? sentence(messages.expiresIn, { time: timeInWords(messages.lang, left) }) : messages.expired}
${typeof attemptsLeft === 'number' && state.problem?.attemptsLeft === undefined ? sentence(messages.attemptsLeft, { count: attemptsLeft }) : undefined}`
}

const waitingForPhone = (model: PageModel, factor: FactorState, challenge: Readonly<Record<string, unknown>>, words: string): Markup => {
  const { messages } = model
  const { links } = factor
  return html`<p>${messages.answerOnPhone}</p>
<p class="binding">${words}</p>
<p class="note">${limits(model, challenge)}</p>
${form(model, links.authenticate, html`${wishesOf(model, factor)}
${primary(messages.checkAgain)}`)}
${links.challenge === undefined ? undefined : againForm(model, links.challenge, challenge, messages.askAgain)}`
}

const codeOnItsWay = (model: PageModel, factor: FactorState, challenge: Readonly<Record<string, unknown>>): Markup => {
  const { messages } = model
  const { links } = factor
  return html`<p>${typeof challenge.to === 'string' ? sentence(messages.codeSentTo, { to: html`<span class="whole">${challenge.to}</span>` }) : messages.codeSent}
${limits(model, challenge)}</p>
${challenge.attemptsLeft === 0 ? undefined : proveForm(model, factor)}
${links.challenge === undefined || isLastText(challenge) ? undefined : againForm(model, links.challenge, challenge, messages.sendAgain)}`
}

/** A challenge that counts its guesses says when the next text is allowed, for as long as there is one. */
const isLastText = ({ attemptsLeft, resendAt }: Readonly<Record<string, unknown>>): boolean => typeof attemptsLeft === 'number' && resendAt === undefined

const actionsOf = (model: PageModel, factor: FactorState): Markup => {
  const { challenge, links, redirects } = factor
  if (challenge && typeof challenge.bindingMessage === 'string') return waitingForPhone(model, factor, challenge, challenge.bindingMessage)
  if (challenge) return codeOnItsWay(model, factor, challenge)
  if (redirects) return form(model, links.authenticate, primary(continueWith(model, factor)))
  if (links.challenge !== undefined) return beginForm(model, factor, links.challenge)
  return proveForm(model, factor)
}

const hintOf = ({ hint, challenge }: FactorState): Markup | undefined =>
  hint === undefined || challenge !== undefined ? undefined : html` <span class="hint">${hint}</span>`

/** What the person does for this factor now: begin it, answer it, or go elsewhere for it. */
export const section = (model: PageModel, factor: FactorState): Markup => html`<section>
<h2>${factor.label}${hintOf(factor)}</h2>
${actionsOf(model, factor)}
</section>`

/** The login page with a factor picked, within the same requirement. */
export const pageOf = ({ loginPath, state: { requirement } }: PageModel, factor: string | undefined): string => {
  const query = new URLSearchParams({ ...requirement && { for: requirement.id }, ...factor !== undefined && { factor } }).toString()
  return query === '' ? loginPath : `${loginPath}?${query}`
}

const way = (model: PageModel, factor: FactorState): Markup => factor.redirects && !factor.challenge
  ? actionsOf(model, factor)
  : html`<a href="${pageOf(model, factor.factor)}">${factor.label}${hintOf(factor)}</a>`

// Links, not more forms: a browser that fills in codes and passwords finds one field of a kind.
export const otherWays = (model: PageModel, factors: readonly FactorState[]): Markup | undefined => factors.length === 0 ? undefined : html`<nav aria-labelledby="others">
<h2 id="others">${model.messages.tryAnotherWay}</h2>
<ul>
${factors.map((factor) => html`<li>${way(model, factor)}</li>`)}
</ul>
</nav>`
