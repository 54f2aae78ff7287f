import { apart, lookUp, plainSentence, sentence } from '../format.js'
import { html, type Markup } from '#internal/html'
import type { PageModel } from '../page-model.js'
import type { FactorState } from '../../state/state.js'

/** The heading: what the user does on this page. */
export function headingOf({ state, messages }: PageModel, open: FactorState | undefined, another: boolean): string {
  if (open?.challenge && !another) return answering(open, messages)
  if (state.status === 'anonymous') return messages.logIn
  if (!open) return messages.confirmIdentity
  if (open.links.challenge !== undefined && open.fields.includes('phone')) return messages.giveNumber
  if (another) return messages.giveNumber
  if (open.channels && open.channels[0] !== 'sms') return messages.willSendCode
  return lookUp(messages.tasks, open.factor) ?? plainSentence(messages.continueWith, { label: open.label })
}

function answering({ factor, challenge }: FactorState, messages: PageModel['messages']): string {
  if (typeof challenge?.bindingMessage === 'string') return messages.checkPhone
  if (challenge?.publicKey !== undefined) return lookUp(messages.tasks, factor) ?? messages.usePasskey
  const byChannel = lookUp(messages.enterCodeBy, String(challenge?.channel))
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
