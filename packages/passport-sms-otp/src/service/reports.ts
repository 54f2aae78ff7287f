import type { SmsDelivery, SmsReport } from '../senders/sender.js'
import { codeOf, isMessageId } from './provider-code.js'
import { later, ready, told, type Context } from './context.js'
import { followUp } from './follow-up.js'
import { referredBy, type ReportedText } from './reference.js'

/** Tells listeners what became of a text, and keeps it. `false`: the report names none of this service. */
export function tellReport(context: Context, report: SmsReport): boolean {
  const { settings, events } = context
  const referred = referredBy(context, report.reference)
  if (!referred) return false
  const { phone, subject, purpose, channel, tracked } = referred
  const { id, delivery, temporary } = report
  const code = codeOf(report)
  // The report is another server's word: it may hold the number.
  const number = tracked?.challenge.phone.slice(1)
  const isTellable = (value: unknown) => isMessageId(value) && (number === undefined || !value.includes(number))
  events.emit('delivery', () => ({
    phone, subject, purpose, delivery,
    ...told(settings, channel),
    ...isTellable(id) ? { messageId: id } : {},
    ...code === undefined || !isTellable(code) ? {} : { providerCode: code },
    ...temporary === undefined ? {} : { temporary },
  }))
  const news = newsOf(delivery)
  // What is on its way is no news: only the end of a text costs a round trip.
  if (tracked && news && settings.expectDelivery !== undefined) later(context, keepReport(context, tracked, news))
  return true
}

function newsOf(delivery: SmsDelivery): 'delivered' | 'failed' | undefined {
  if (delivery === 'delivered' || delivery === 'read') return 'delivered'
  return ['undelivered', 'failed', 'canceled'].includes(delivery) ? 'failed' : undefined
}

/** One round trip. Of many reports that a text failed, one is followed by the next channel. */
async function keepReport(
  context: Context,
  { challenge, text, details }: Omit<ReportedText, 'channel'>,
  delivery: 'delivered' | 'failed',
): Promise<void> {
  const { store, delays, channelFailover } = context.settings
  const answer = await store.report({ subject: challenge.tag, id: challenge.id, news: { text, delivery }, delays })
  const isToFollow = channelFailover && answer.status === 'standing' && answer.changed && answer.delivery === 'failed'
  if (isToFollow) await followUp(await ready(context), { challenge, details }, answer)
}
