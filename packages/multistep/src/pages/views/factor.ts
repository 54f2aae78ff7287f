import { canSendAnother } from '../../state/challenge.js'
import { apart, lookUp, sentence } from '../format.js'
import { html, type Markup } from '#internal/html'
import type { PageModel } from '../page-model.js'
import type { FactorState } from '../../state/state.js'
import { fieldsOf } from './fields.js'
import {
  againForm,
  channelButtons,
  form,
  isOver,
  lifeOf,
  lifeSpan,
  factorPage,
  primary,
  waitAttributes,
  wishesOf,
  type Challenge,
} from './form.js'
import { isLock, retryAt, triesLeft } from './problem.js'
import { passkeyForm } from './passkey-form.js'
import { waitingForPhone } from './waiting.js'

const continueWith = ({ messages }: PageModel, { label }: FactorState): Markup =>
  sentence(messages.continueWith, { label })

const lead = (text: Markup | string, id?: string): Markup =>
  html`<p class="lead"${id === undefined ? undefined : html` id="${id}"`}>${text}</p>`

/** The line below the heading of a factor that needs no challenge. */
function leadOf({ messages }: PageModel, { factor, hint }: FactorState): Markup | string | undefined {
  if (factor === 'totp') return messages.enterShownCode
  if (factor === 'recovery-code') return messages.enterSavedCode
  return typeof hint === 'string' ? hint : undefined
}

function proveForm(model: PageModel, factor: FactorState, describedBy: readonly string[], limits?: Markup): Markup {
  const { state, messages } = model
  const { links, fields, challenge } = factor
  const plain = state.status === 'anonymous' && challenge === undefined ? messages.logIn : messages.continue
  const lockedUntil = isLock(state.problem?.code) ? waitAttributes(retryAt(model), messages.canAskAgain) : undefined
  const attributes = html`${lockedUntil}${challenge && lifeSpan(model, challenge)}`
  return form(model, links.authenticate, html`${fieldsOf(model, factor, fields, describedBy)}
${limits}
${wishesOf(model, factor)}
${primary(fields.length === 0 ? continueWith(model, factor) : plain)}`, attributes)
}

function provable(model: PageModel, factor: FactorState): Markup {
  const words = model.state.status === 'anonymous' ? undefined : leadOf(model, factor)
  const id = encodeURIComponent(`${factor.factor}-lead`)
  return html`${words === undefined ? undefined : lead(words, id)}
${proveForm(model, factor, words === undefined ? [] : [id])}`
}

/** The form that begins a challenge. `fields` may already name the code of its answer (state.ts), which is left out. */
function beginForm(model: PageModel, factor: FactorState, action: string, names: readonly string[]): Markup {
  const { messages, state } = model
  const inputs = names.filter((field) => field !== 'code' && field !== 'passkey')
  const goesTo = inputs.length === 0 && typeof factor.hint === 'string'
    ? lead(sentence(messages.codeGoesTo, { to: apart(factor.hint, 'ltr') }))
    : undefined
  const oneMore = state.problem ? messages.askAgain : continueWith(model, factor)
  const button = names.length === 0 || names.includes('passkey') ? oneMore : messages.sendCode
  const [preferred, ...others] = factor.channels ?? []
  return html`${inputs.includes('phone') ? lead(messages.whyNumber) : goesTo}
${form(model, action, html`${fieldsOf(model, factor, inputs)}
${primary(button, preferred)}
${channelButtons(model, others)}`, waitAttributes(retryAt(model), messages.canAskAgain))}`
}

/** How long the code is valid, and how many tries are left. */
function limitsOf(model: PageModel, challenge: Challenge): Markup | undefined {
  const { attemptsLeft } = challenge
  const life = lifeOf(model, challenge)
  const tries = typeof attemptsLeft === 'number' && model.state.problem?.attemptsLeft === undefined
    ? html`<span>${triesLeft(model, attemptsLeft)}</span>`
    : undefined
  return life || tries ? html`<p class="meta">${life} ${tries}</p>` : undefined
}

function sentTo({ messages }: PageModel, { to, channel }: Challenge): Markup {
  const words = lookUp(messages.codeSentBy, String(channel)) ?? messages.codeSentTo
  return typeof to === 'string' ? sentence(words, { to: apart(to, 'ltr') }) : html`${messages.codeSent}`
}

function codeOnItsWay(model: PageModel, factor: FactorState, challenge: Challenge): Markup {
  const { messages, now } = model
  const { links, beginFields } = factor
  const isSpent = challenge.attemptsLeft === 0
  const again = links.challenge !== undefined && canSendAnother(challenge) ? links.challenge : undefined
  const id = encodeURIComponent(`${factor.factor}-lead`)
  const otherNumber = beginFields?.includes('phone')
    ? html` <a href="${factorPage(model, factor.factor, true)}">${messages.otherNumber}</a>`
    : undefined
  if (isOver(challenge, now)) {
    const noMore = isSpent ? messages.noMoreCodes : messages.expired
    const next = isSpent ? messages.noTriesLeft : messages.expired
    return html`${lead(html`${again === undefined ? noMore : next}${otherNumber}`)}
${again === undefined
  ? undefined
  : againForm(model, again, challenge, { text: messages.sendNewCode, isPrimary: true, channels: factor.channels })}`
  }
  const sent = html`${sentTo(model, challenge)}${otherNumber}`
  const more = again === undefined
    ? undefined
    : againForm(model, again, challenge, { text: againText(model, challenge), channels: factor.channels })
  if (challenge.delivery === undefined) {
    return html`${lead(sent, id)}
${proveForm(model, factor, [id], limitsOf(model, challenge))}
${more}`
  }
  const standing = standingOf(challenge)
  return html`<p class="lead" id="${id}" data-live="${standing}">${sent}</p>
${proveForm(model, factor, [id], limitsOf(model, challenge))}
<div id="${factor.factor}-delivery" data-live="${standing}"${watching(challenge)}>
${deliveryNote(model, challenge)}
${more}
</div>`
}

const againText = ({ messages }: PageModel, { channel }: Challenge): string =>
  lookUp(messages.sendAgainBy, String(channel)) ?? messages.sendAgain

/** The script shows these parts anew once this has changed. */
const standingOf = ({ delivery, channel, resendAt }: Challenge): string =>
  [delivery, channel, resendAt].map(String).join(' ')

/** Until the text has arrived, the script asks how it stands. One that is late is followed by the next channel. */
function watching({ delivery, next }: Challenge): Markup | undefined {
  if (delivery === 'delivered') return undefined
  const follows = delivery !== 'waiting' && typeof next === 'string' ? html` data-follow="${next}"` : undefined
  return html` data-watch${follows}`
}

/** What is known of the text. Of a call that was answered, nothing more is known. */
function deliveryNote({ messages }: PageModel, { delivery, channel }: Challenge): Markup | undefined {
  if (delivery === 'delivered' && channel === 'voice') return undefined
  const words = lookUp(messages.deliveries, String(delivery))
  return words === undefined ? undefined : html`<p class="note" data-news>${words}</p>`
}

/**
 * The forms of this factor: to begin it, to answer it, or to leave for another site. `another`: to give another number.
 */
export function actionsOf(model: PageModel, factor: FactorState, another = false): Markup {
  const { challenge, links, redirects, beginFields } = factor
  if (links.page !== undefined) {
    return html`<p><a class="primary" href="${links.page}">${continueWith(model, factor)}</a></p>`
  }
  if (challenge && another && links.challenge !== undefined && beginFields) {
    return beginForm(model, factor, links.challenge, beginFields)
  }
  if (challenge && typeof challenge.bindingMessage === 'string') {
    return waitingForPhone(model, factor, challenge, challenge.bindingMessage)
  }
  if (challenge && typeof challenge.publicKey === 'object' && challenge.publicKey !== null) {
    return passkeyForm(model, factor, challenge.publicKey)
  }
  if (challenge) return codeOnItsWay(model, factor, challenge)
  if (redirects) return form(model, links.authenticate, primary(continueWith(model, factor)))
  if (links.challenge !== undefined) return beginForm(model, factor, links.challenge, factor.fields)
  return provable(model, factor)
}
