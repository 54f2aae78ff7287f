import { uuidOf } from '../identifiers.js'
import type { Subscriber } from '../configuration.js'
import type { OperatorContext } from './context.js'
import { takeDefect } from './take-defect.js'

/**
 * The PCR, pairwise: the same for this client and subscriber in every run, another one for every other client and
 * operator.
 */
export const pcrOf = ({ operator }: OperatorContext, msisdn: string, clientId: string): string =>
  uuidOf('pcr', operator.id, clientId, msisdn)

export const subscriberOf = (
  { subscribers, operator }: OperatorContext,
  digits: string | undefined,
): Subscriber | undefined =>
  subscribers.find((subscriber) => subscriber.operator === operator.id && subscriber.digits === digits)

export function subscriberOfPcr(context: OperatorContext, pcr: string, clientId: string): Subscriber | undefined {
  const { subscribers, operator, pcrs } = context
  const key = `${clientId} ${pcr}`
  const known =
    pcrs.get(key) ??
    subscribers.find(
      (subscriber) => subscriber.operator === operator.id && pcrOf(context, subscriber.digits, clientId) === pcr,
    )
  if (known) pcrs.set(key, known)
  return known
}

export const isHint = (hint: string): boolean =>
  /^(MSISDN:[1-9]\d{6,14}|ENCR_MSISDN:[0-9a-fA-F]+|PCR:[\w-]+)$/.test(hint)

/** The subscriber that a login hint means. `another-subscriber`: the operator takes another one. */
export async function subscriberOfHint(
  context: OperatorContext,
  hint: string,
  clientId: string,
): Promise<Subscriber | undefined> {
  const meant = await meantBy(context, hint, clientId)
  if (!meant || !takeDefect(context, ['another-subscriber'])) return meant
  return context.subscribers.find(
    (subscriber) => subscriber.operator === meant.operator && subscriber.digits !== meant.digits,
  )
}

/** A number, an encrypted number, or a PCR that this client got before. */
async function meantBy(context: OperatorContext, hint: string, clientId: string): Promise<Subscriber | undefined> {
  const separator = hint.indexOf(':')
  const value = hint.slice(separator + 1)
  switch (hint.slice(0, separator)) {
    case 'MSISDN': return subscriberOf(context, value)
    case 'ENCR_MSISDN': return subscriberOf(context, await context.subscriberIds.decrypt(value))
    case 'PCR': return subscriberOfPcr(context, value, clientId)
    default: return undefined
  }
}
