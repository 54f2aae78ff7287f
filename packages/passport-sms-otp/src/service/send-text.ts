import type { ReserveAnswer, SendAnswer, SendRequest } from '../stores/challenge-store.js'
import { deriveCode } from '../codes/code.js'
import { askChecks } from './ask-checks.js'
import { askHook } from './before-send.js'
import { later, told, type Context, type Ready, type SentAnswer, type TextOrder } from './context.js'
import { deliver, giveBack, type Allowed, type Parcel } from './deliver-text.js'
import type { SendDeniedEvent, SendPausedEvent } from './events.js'
import { deny, noteRefusal } from './note-down.js'
import type { Challenge } from '../codes/handle.js'
import { digestOf, ledgerTag } from '../codes/keys.js'
import { isSmsOtpError, SmsOtpError } from '../lib/errors.js'
import type { Details } from '../texts/details.js'
import { compose, composeSpoken, partsOf, watchLength } from '../texts/message.js'
import { referenceTo } from './reference.js'
import { secondsUntil, type ResendResult, type Sent } from './results.js'
import { budgetsOf, channelBudgetsOf, unsentBudgetsOf, type ScopedBudget } from '../limits/send-limits.js'
import { randomBytes } from '#internal/random'
import { CODE_PLACE, isProvider, type CodeProvider } from '../providers/provider.js'
import type { SmsMessage } from '../senders/sender.js'

/** Of a text in the place of another: that one arrived, news of it are still expected, or a later one has left. */
export interface Unneeded {
  readonly status: 'unneeded'
}

/** From the limits to the gateway, in the order that refuses early and spends late. */
export async function sendText(context: Ready, order: TextOrder): Promise<ResendResult | Unneeded> {
  const { settings: { limits, channelLimits, brake, unsentLimits, checks, beforeSend, store }, tag: key } = context
  const tag = ledgerTag(key, order, order.number.e164)
  const id = randomBytes(16).toString('base64url')
  const ofChannel = channelBudgetsOf(key, channelLimits, order.channel, order)
  const budgets = [...budgetsOf(key, limits, brake, order), ...ofChannel]
  const charge = unsentBudgetsOf(key, unsentLimits, order)
  const mayStop = budgets.length > 0 || charge.length > 0 || checks.length > 0 || beforeSend !== undefined
  const retired = !mayStop && order.retire?.tag === tag ? order.retire : undefined
  const answer = await store.send(storeRequest(context, order, { tag, id, retired }))
  if (answer.status !== 'sent') return denied(context, order, answer)
  const challenge = challengeOf(context, order, { tag, id, answer })
  const allowed = { challenge, answer, budgets, charge, instead: order.inPlaceOf !== undefined }
  const parcel = await prepare(context, { ...order, retire: retired ? undefined : order.retire }, allowed)
  if ('status' in parcel) return parcel
  const undeliverable = await deliver(context, order, parcel)
  return undeliverable ?? sentResult(context, challenge, answer)
}

interface Beginning {
  readonly tag: string
  readonly id: string
  /** The earlier challenge, if it may go in the same step: where no limit can refuse the text afterwards. */
  readonly retired: Challenge | undefined
}

function storeRequest(
  { settings }: Context,
  { begin, repeat, channel, inPlaceOf }: TextOrder,
  { tag, id, retired }: Beginning,
): SendRequest {
  const { ttl, maxAttempts, maxResends, delays, limits, unsentLimits, expectDelivery } = settings
  return {
    subject: tag,
    ...begin ? { begin: { id, ttl, maxAttempts, maxResends } } : {},
    ...repeat ? { repeat: repeat.id } : {},
    ...retired ? { retire: retired.id } : {},
    delays,
    limits: limits.phone,
    unsentLimits: unsentLimits.phone,
    ...told(settings, channel),
    ...expectDelivery !== undefined && { expect: expectDelivery },
    ...inPlaceOf !== undefined && { inPlaceOf },
  }
}

function denied(context: Ready, order: TextOrder, answer: Exclude<SendAnswer, SentAnswer>): ResendResult | Unneeded {
  const { at } = answer
  const refuse = (reason: SendDeniedEvent['reason']) => { deny(context, order, { reason, at }) }
  switch (answer.status) {
    case 'throttled': {
      const scope = answer.scope === 'subject' ? 'phone' : answer.scope
      refuse(scope)
      return { status: 'throttled', scope, retryAfter: secondsUntil(answer.retryAt, answer.at) }
    }
    case 'locked':
    case 'exhausted':
      refuse(answer.status)
      return { status: answer.status, retryAfter: secondsUntil(answer.retryAt, answer.at) }
    case 'disabled':
      refuse('disabled')
      return { status: 'disabled' }
    case 'unneeded':
      return { status: 'unneeded' }
    default: {
      const isOver = answer.status === 'unknown' && order.repeat && at >= order.repeat.expiresAt
      const status = isOver ? 'expired' : answer.status
      noteRefusal(context, order, { reason: status, at })
      return { status }
    }
  }
}

function challengeOf(
  { settings }: Context,
  order: TextOrder,
  { tag, id, answer }: { tag: string, id: string, answer: SentAnswer },
): Challenge {
  const { number, subject, purpose, channel, decoy, known, capturing, tracked, repeat } = order
  const earlier = answer.repeated ? repeat : undefined
  return {
    id: earlier?.id ?? id,
    kid: earlier?.kid ?? settings.keys.current.id,
    tag,
    expiresAt: answer.expiresAt,
    phone: number.e164,
    subject,
    purpose,
    locale: order.locale ?? earlier?.locale,
    details: digestOf(order.details),
    decoy,
    known,
    capturing,
    ...channel !== 'sms' && { channel },
    ...tracked && { tracked },
  }
}

/**
 * Takes from the budgets, asks the app, and makes the text. Whatever stops it gives back what was taken, once, and
 * leaves the earlier challenge alone.
 */
async function prepare(context: Ready, order: TextOrder, allowed: Allowed): Promise<Parcel | ResendResult> {
  let parcel = allowed
  const giveUp = (unsent: boolean) => giveBack(context, parcel, { unsent })
  // Not awaited: the answer is the first failure, and must not wait for a store that is down.
  const orGiveUp = <T>(work: Promise<T>): Promise<T> => work.catch((error: unknown) => {
    later(context, giveUp(false))
    noteRefusal(context, order, { reason: 'fault', ...isSmsOtpError(error) && { detail: error.code } })
    throw error
  })
  const reserved = await orGiveUp(reserveAll(context, allowed))
  if (reserved?.status === 'spent' || reserved?.status === 'paused') {
    await giveUp(false)
    return throttled(context, order, { allowed, reserved })
  }
  parcel = { ...allowed, reservedAt: reserved?.at }
  const vetoed = await orGiveUp(askChecks(context, order))
  // What a provider knows of a number is its owner's business: a stranger reads that the text left.
  const silent = vetoed !== undefined && order.discreet
  if (vetoed && !silent) {
    await giveUp(true)
    return vetoed
  }
  const refused = await orGiveUp(askHook(context, order))
  if (refused) {
    await giveUp(true)
    return refused
  }
  const message = await orGiveUp(composeMessage(context, order, allowed))
  await orGiveUp(retireEarlier(context, order))
  return { ...parcel, message, silent }
}

async function retireEarlier({ settings: { store } }: Context, { retire: earlier }: TextOrder): Promise<void> {
  if (earlier) await store.retire({ subject: earlier.tag, id: earlier.id })
}

/** Nothing where nothing is counted. */
async function reserveAll(
  { settings: { store } }: Context,
  { budgets, charge }: Allowed,
): Promise<ReserveAnswer | undefined> {
  const all = [...budgets, ...charge]
  return all.length === 0 ? undefined : store.reserve(all)
}

type Refusing = Exclude<ReserveAnswer, { status: 'reserved' }>

function throttled(
  context: Ready,
  order: TextOrder,
  { allowed, reserved }: { allowed: Allowed, reserved: Refusing },
): ResendResult {
  const scope = [...allowed.budgets, ...allowed.charge].find(({ key }) => key === reserved.key)?.scope ?? 'total'
  if (reserved.status === 'paused' && reserved.began) context.events.emit('send-paused', () => pausedEvent(order, scope, reserved))
  deny(context, order, { reason: scope })
  return { status: 'throttled', scope, retryAfter: secondsUntil(reserved.retryAt, reserved.at) }
}

type Paused = Extract<ReserveAnswer, { status: 'paused' }>

const pausedEvent = (
  { number: { country, e164 } }: TextOrder,
  scope: ScopedBudget['scope'],
  { retryAt, began = { sent: 0, verified: 0 } }: Paused,
): SendPausedEvent => ({
  ...scope === 'prefix' ? { scope, country, beginning: e164.slice(0, -6) } : { scope: 'country', country },
  ...began,
  until: new Date(retryAt),
})

async function composeMessage(
  context: Ready,
  order: TextOrder,
  { challenge, answer: { expiresAt, at, text = 0 } }: Allowed,
): Promise<SmsMessage> {
  const { way, appName, origin, message, allowMultiSegment, keys, format } = context.settings
  const { locale } = challenge
  const { channel } = order
  const ownsCode = isProvider(way)
  const code = ownsCode ? CODE_PLACE : deriveCode(keys.byId.get(challenge.kid) ?? keys.current, challenge, format)
  const minutes = Math.max(1, Math.floor((expiresAt - at) / 60_000))
  const parts = { code, appName, origin, minutes, locale, details: order.details }
  const isSpoken = channel === 'voice'
  const body = isSpoken && !ownsCode
    ? composeSpoken(parts)
    // What a provider says in a call is its own affair.
    : await compose(message, { ...parts, channel: isSpoken ? 'sms' : channel })
  if (ownsCode) checkLength(body, way, order.details)
  else if (!allowMultiSegment && channel === 'sms') watchLength(body, order.details)
  const { confirms } = partsOf(parts)
  const validFor = Math.max(1, Math.floor((expiresAt - at) / 1000))
  let reference: string | undefined
  return {
    to: challenge.phone,
    channel,
    body,
    code,
    ...confirms === undefined ? {} : { confirms },
    ...locale === undefined ? {} : { locale },
    validFor,
    // Most senders send none, and making it takes as long as making a handle.
    get reference() {
      return reference ??= referenceTo(context, { challenge, channel, text, details: order.details })
    },
  }
}

/** @throws SmsOtpError for a text that the provider would refuse. */
function checkLength(body: string, { name, message }: CodeProvider, details: Details): void {
  if (!message || body.length <= message.longest) return
  const code = Object.keys(details).length > 0 ? 'details_invalid' : 'misconfigured'
  throw new SmsOtpError(code, `message makes a text of ${body.length} characters, and '${name}' takes ${message.longest}.`)
}

const sentResult = (
  { settings }: Context,
  challenge: Challenge,
  { at, expiresAt, resendAt, attemptsLeft }: SentAnswer,
): Sent => ({
  status: 'sent',
  challenge: settings.handles.seal(challenge),
  to: settings.mask(challenge.phone),
  expiresAt: new Date(expiresAt),
  ...resendAt === undefined ? {} : { resendAt: new Date(resendAt) },
  attemptsLeft,
  ...told(settings, challenge.channel ?? 'sms'),
  ...challenge.tracked && settings.expectDelivery !== undefined && {
    delivery: 'waiting', expectedBy: new Date(at + settings.expectDelivery),
  },
})
