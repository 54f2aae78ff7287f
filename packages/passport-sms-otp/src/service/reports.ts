import { deriveCode } from '../codes/code.js'
import type { Challenge } from '../codes/handle.js'
import { isProvider } from '../providers/provider.js'
import type { SmsReport } from '../senders/sender.js'
import type { ReportAnswer } from '../stores/challenge-store.js'
import { codeOf, isMessageId } from './provider-code.js'
import { later, ready, told, type Context } from './context.js'
import { followUp } from './follow-up.js'
import { noteDown, ofChallenge } from './note-down.js'
import { referredBy, type Referred } from './reference.js'

/** Tells listeners what became of a text, and keeps it. `false`: the report names none of this service. */
export function tellReport(context: Context, report: SmsReport): boolean {
  const { settings, events } = context
  const referred = referredBy(context, report.reference)
  if (!referred) return false
  const { phone, subject, purpose, channel, text } = referred
  const said = saidBy(report, text?.challenge.phone)
  events.emit('delivery', () => {
    const { temporary } = report
    const about = { phone, subject, purpose, ...told(settings, channel) }
    return { ...about, ...said, ...temporary === undefined ? {} : { temporary } }
  })
  const reported = text && { ...referred, text, said }
  if (reported && (settings.trace || newsIn(context, reported))) later(context, keepReport(context, reported))
  return true
}

type Said = Pick<SmsReport, 'delivery' | 'providerCode'> & { readonly messageId?: string }

/** The report is another server's word: it may hold the number. */
function saidBy(report: SmsReport, phone: string | undefined): Said {
  const { id, delivery } = report
  const code = codeOf(report)
  const isTellable = (value: unknown) => isMessageId(value) && (phone === undefined || !value.includes(phone.slice(1)))
  return {
    delivery,
    ...id !== undefined && isTellable(id) ? { messageId: id } : {},
    ...code === undefined || !isTellable(code) ? {} : { providerCode: code },
  }
}

interface Reported extends Referred {
  readonly text: NonNullable<Referred['text']>
  readonly said: Said
}

/** What is on its way is no news: only the end of a text costs a round trip. */
function newsIn({ settings: { expectDelivery } }: Context, { text, said: { delivery } }: Reported) {
  if (!text.challenge.tracked || expectDelivery === undefined) return undefined
  if (delivery === 'delivered' || delivery === 'read') return 'delivered'
  return ['undelivered', 'failed', 'canceled'].includes(delivery) ? 'failed' : undefined
}

/** One round trip. Of many reports that a text failed, one is followed by the next channel. */
async function keepReport(context: Context, reported: Reported): Promise<void> {
  const { text: { challenge, text, details } } = reported
  const { store, delays, channelFailover } = context.settings
  const delivery = newsIn(context, reported)
  const { tag: subject, id } = challenge
  const answer = delivery && await store.report({ subject, id, news: { text, delivery }, delays })
  const noted = noteReport(context, reported, answer)
  const isToFollow = channelFailover && answer?.status === 'standing' && answer.changed && answer.delivery === 'failed'
  if (isToFollow) await followUp(await ready(context), { challenge, details }, answer)
  await noted
}

function noteReport(
  context: Context,
  { text: { challenge, text }, channel, said }: Reported,
  answer: ReportAnswer | undefined,
): Promise<void> {
  const counted = answer?.status === 'standing' && answer.changed
  return noteDown(
    context,
    () => ({ ...ofChallenge(challenge, codeTexted(context, challenge)), channel }),
    () => [{ type: 'reported', text: text + 1, ...said, ...counted && { counted } }],
  )
}

/** A gateway may put the code into the id of its text. `undefined`: the provider has made the code. */
function codeTexted({ settings: { keys, way, format } }: Context, challenge: Challenge): string | undefined {
  const key = isProvider(way) ? undefined : keys.byId.get(challenge.kid)
  return key && deriveCode(key, challenge, format)
}
