import { apart, lookUp, plainSentence, sentence } from '../format.js'
import { html, type Markup } from '#internal/html'
import type { PageModel } from '../page-model.js'
import type { FactorState } from '../../state/state.js'
import { isOver, type Challenge } from './form.js'

/** The heading: what the user does on this page. */
export function headingOf(model: PageModel, open: FactorState | undefined, another: boolean): string {
  const { state, messages } = model
  if (open?.challenge && !another) return answering(open, open.challenge, model)
  if (state.status === 'anonymous') return messages.logIn
  if (!open) return messages.confirmIdentity
  if (open.links.challenge !== undefined && open.fields.includes('phone')) return messages.giveNumber
  if (another) return messages.giveNumber
  if (open.channels && open.channels[0] !== 'sms') return messages.willSendCode
  return lookUp(messages.tasks, open.factor) ?? plainSentence(messages.continueWith, { label: open.label })
}

function answering({ factor }: FactorState, challenge: Challenge, { messages, now }: PageModel): string {
  const isTooLate = isOver(challenge, now)
  if (typeof challenge.bindingMessage === 'string') return isTooLate ? messages.requestIsOver : messages.checkPhone
  if (challenge.publicKey !== undefined) return lookUp(messages.tasks, factor) ?? messages.usePasskey
  if (isTooLate) return messages.codeIsOver
  const byChannel = lookUp(messages.enterCodeBy, String(challenge.channel))
  return byChannel ?? (factor === 'sms-otp' ? messages.enterTextedCode : messages.enterSentCode)
}

/** The line above the heading: that it is a step-up, and the number of the step. */
export function kickerOf({ state: { status, step, steps }, messages, account }: PageModel): Markup | undefined {
  const who = account === undefined
    ? messages.confirmIdentity
    : sentence(messages.confirmIdentityOf, { account: html`<strong>${apart(account)}</strong>` })
  const parts = [
    ...status === 'step-up' ? [who] : [],
    ...steps > 1 ? [sentence(messages.stepOf, { step, steps })] : [],
  ]
  if (parts.length === 0) return undefined
  return html`<p class="kicker">${parts.map((part, index) => [index > 0 ? ' · ' : undefined, part])}</p>`
}
