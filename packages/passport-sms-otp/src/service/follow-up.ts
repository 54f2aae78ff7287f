import { confirms, isFor, type Binding } from './check-code.js'
import { ready, told, type Context, type Ready } from './context.js'
import type { Challenge } from '../codes/handle.js'
import type { SmsChannel } from '../lib/channels.js'
import { numberOfAccount, parseNumber, refusalOf } from '../numbers/phone-number.js'
import type { ReportAnswer } from '../stores/challenge-store.js'
import { checkDetails, type Details } from '../texts/details.js'
import { checkAddress } from './requests.js'
import type { DeliveryResult, DeliveryState, ResendResult, Sent } from './results.js'
import { sendText, type Unneeded } from './send-text.js'

type Standing = Extract<ReportAnswer, { status: 'standing' }>

/** A code that may go on by another channel. */
interface Followed {
  readonly challenge: Challenge
  readonly details: Details
  /** Of who asks. Absent: nobody does, a report brought it about. */
  readonly asker?: { readonly ip?: string | undefined } | undefined
}

/** How a code stands that this handle names. */
export async function deliveryOf(context: Context, handle: unknown): Promise<DeliveryResult> {
  const challenge = trackedIn(context, handle)
  if (!challenge) return { status: 'unknown' }
  const answer = await look(context, challenge)
  if (answer.status !== 'standing') return { status: answer.status }
  return standingResult(context, { handle: handle as string, challenge }, answer)
}

interface NextChannelOrder {
  readonly challenge: unknown
  readonly details?: Details | undefined
  readonly ip?: string | undefined
  readonly expected?: Binding
}

/** The code goes on by the next channel, if its last text did not arrive. Else nothing happens. */
export async function nextChannel(context: Context, request: NextChannelOrder): Promise<ResendResult> {
  const { settings } = context
  const details = checkDetails(request.details, settings.detailRules)
  const challenge = trackedIn(context, request.challenge)
  if (!challenge || !isFor(challenge, request.expected ?? challenge, settings.rules)) return { status: 'unknown' }
  if (!confirms(challenge, details)) return { status: 'unknown' }
  const named = { handle: request.challenge as string, challenge }
  const answer = await look(context, challenge)
  if (answer.status !== 'standing') return lookedAt(challenge, answer)
  const asker = 'ip' in request ? { ip: checkAddress(request.ip) } : {}
  const mayFollow = settings.channelFailover && stateOf(context, answer) !== 'delivered'
  const result = mayFollow ? await followUp(await ready(context), { challenge, details, asker }, answer) : undefined
  if (result && result.status !== 'unneeded') return result
  // Another request may have been faster: then it stands as that one has left it.
  const now = result ? await look(context, challenge) : answer
  return now.status === 'standing' ? standingResult(context, named, now) : lookedAt(challenge, now)
}

const lookedAt = (challenge: Challenge, answer: Exclude<ReportAnswer, Standing>): ResendResult =>
  (answer.status === 'exhausted'
    ? { status: 'exhausted', retryAfter: Math.max(1, Math.ceil((challenge.expiresAt - answer.at) / 1000)) }
    : { status: answer.status })

function trackedIn({ settings }: Context, handle: unknown): Challenge | undefined {
  const challenge = settings.expectDelivery === undefined ? undefined : settings.handles.open(handle)
  return challenge?.tracked === true ? challenge : undefined
}

const look = ({ settings: { store, delays } }: Context, { tag, id }: Challenge): Promise<ReportAnswer> =>
  store.report({ subject: tag, id, delays })

/** The channels that the code has not gone by, in their order, until one takes it. `undefined`: there is none. */
export async function followUp(
  context: Ready,
  followed: Followed,
  { text, channels }: Pick<Standing, 'text' | 'channels'>,
): Promise<ResendResult | Unneeded | undefined> {
  let result: ResendResult | Unneeded | undefined
  for (const channel of context.settings.channels.filter((one) => !channels.includes(one))) {
    result = await sendInstead(context, followed, { channel, inPlaceOf: text })
    if (!isOfChannel(result)) return result
  }
  return result
}

/** Whether it was this one channel that did not take the code, so that the next one may. */
function isOfChannel(result: ResendResult | Unneeded): boolean {
  if (result.status === 'throttled') return result.scope === 'channel'
  return result.status === 'undeliverable' || (result.status === 'refused' && result.reason === 'hook')
}

async function sendInstead(
  context: Ready,
  { challenge: repeat, details, asker }: Followed,
  { channel, inPlaceOf }: { readonly channel: SmsChannel, readonly inPlaceOf: number },
): Promise<ResendResult | Unneeded> {
  const { rules } = context.settings
  const { phone, subject, purpose, known, capturing, locale } = repeat
  const number = known ? numberOfAccount(phone, rules) : parseNumber(phone)
  if (!number || refusalOf(number, rules)) return { status: 'unknown' }
  return sendText(context, {
    number, subject, purpose, channel, details, locale, known, capturing, repeat, inPlaceOf, ip: asker?.ip,
    byAddress: asker !== undefined && 'ip' in asker, begin: false, decoy: false, tracked: true, discreet: false,
    background: undefined,
  })
}

function stateOf({ settings: { expectDelivery = 0 } }: Context, { delivery, textedAt, at }: Standing): DeliveryState {
  if (delivery) return delivery
  return textedAt === undefined || at >= textedAt + expectDelivery ? 'late' : 'waiting'
}

/** Absent: one has arrived, no text is left, or no channel. */
function nextOf({ channelFailover, channels }: Context['settings'], { delivery, resendAt, channels: wentBy }: Standing) {
  const next = channels.find((channel) => !wentBy.includes(channel))
  return channelFailover && delivery !== 'delivered' && resendAt !== undefined && next ? { next } : {}
}

function standingResult(
  context: Context,
  { handle, challenge }: { readonly handle: string, readonly challenge: Challenge },
  answer: Standing,
): Sent {
  const { settings } = context
  const { channel, textedAt, resendAt, attemptsLeft } = answer
  return {
    status: 'sent',
    challenge: handle,
    to: settings.mask(challenge.phone),
    expiresAt: new Date(challenge.expiresAt),
    ...resendAt === undefined ? {} : { resendAt: new Date(resendAt) },
    attemptsLeft,
    ...told(settings, channel),
    delivery: stateOf(context, answer),
    ...nextOf(settings, answer),
    ...textedAt !== undefined && settings.expectDelivery !== undefined && {
      expectedBy: new Date(textedAt + settings.expectDelivery),
    },
  }
}
