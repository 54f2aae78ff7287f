import { randomBytes } from 'node:crypto'
import type { ReserveAnswer, SendAnswer } from '../stores/challenge-store.js'
import { deriveCode } from './code.js'
import { about, ignore, type Context, type SentAnswer, type TextOrder } from './context.js'
import { DeadlineError, withDeadline } from '../deadline.js'
import { deliver, takeBack } from './delivery.js'
import type { SendDeniedEvent, SendPausedEvent } from './events.js'
import { seal, type Challenge } from './handle.js'
import { digestOf, ledgerTag } from './keys.js'
import { compose, watchLength } from './message.js'
import { secondsUntil, type Refused, type ResendResult, type Sent } from './results.js'
import { budgetsOf, type LimitScope, type ScopedBudget } from './send-limits.js'
import type { SmsMessage } from '../senders/sender.js'

/** From the hook to the gateway, in the order that refuses early and spends late. */
export async function sendText(context: Context, order: TextOrder): Promise<ResendResult> {
  const refused = await askHook(context, order)
  if (refused) return refused
  const { keys, limits, brake, store } = context.settings
  const tag = ledgerTag(keys, order.subject, order.number.e164)
  const id = randomBytes(16).toString('base64url')
  const budgets = budgetsOf(keys, limits, brake, order)
  const retired = budgets.length === 0 && order.retire?.tag === tag ? order.retire : undefined
  const answer = await store.send(storeRequest(context, order, { tag, id, retired }))
  if (answer.status !== 'sent') return denied(context, order, answer)
  const challenge = challengeOf(context, order, { tag, id, answer })
  const message = await prepare(context, { ...order, retire: retired ? undefined : order.retire }, { challenge, answer, budgets })
  if ('status' in message) return message
  const undeliverable = await deliver(context, order, { challenge, answer, budgets, message })
  return undeliverable ?? sentResult(context, challenge, answer)
}

async function askHook({ settings, events }: Context, order: TextOrder): Promise<Refused | undefined> {
  const { beforeSend, senderTimeout } = settings
  if (!beforeSend) return undefined
  const { number: { e164, country, type }, subject = e164, purpose, details, ip, known } = order
  const ask = () => beforeSend({ phone: e164, country, type, subject, purpose, details, ip, known })
  const detail = await withDeadline(senderTimeout, ask).then(hookAnswer, hookFailure)
  if (detail === undefined) return undefined
  events.emit('send-denied', () => ({ ...about(settings, order), reason: 'hook', detail }))
  return { status: 'refused', reason: 'hook', detail }
}

/** Only nothing allows: `false` or a misspelt answer was not meant to. */
function hookAnswer(answer: unknown): string | undefined {
  if (answer === undefined || answer === null) return undefined
  const { refuse } = answer as { refuse?: unknown }
  return typeof refuse === 'string' ? refuse : 'beforeSend must return nothing or { refuse: reason }.'
}

const hookFailure = (error: unknown): string =>
  error instanceof DeadlineError ? 'beforeSend did not answer in time.' : `beforeSend failed: ${error instanceof Error ? error.name : typeof error}`

interface Beginning {
  readonly tag: string
  readonly id: string
  /** The earlier challenge, if it may go in the same step: where no limit can refuse the text afterwards. */
  readonly retired: Challenge | undefined
}

function storeRequest({ settings }: Context, { begin, repeat }: TextOrder, { tag, id, retired }: Beginning) {
  const { ttl, maxAttempts, maxResends, delays, limits } = settings
  return {
    subject: tag,
    ...begin ? { begin: { id, ttl, maxAttempts, maxResends } } : {},
    ...repeat ? { repeat: repeat.id } : {},
    ...retired ? { retire: retired.id } : {},
    delays,
    limits: limits.phone,
  }
}

function denied({ settings, events }: Context, order: TextOrder, answer: Exclude<SendAnswer, SentAnswer>): ResendResult {
  const deny = (reason: SendDeniedEvent['reason']) => events.emit('send-denied', () => ({ ...about(settings, order), reason }))
  switch (answer.status) {
    case 'throttled': {
      const scope = answer.scope === 'subject' ? 'phone' : answer.scope
      deny(scope)
      return { status: 'throttled', scope, retryAfter: secondsUntil(answer.retryAt, answer.at) }
    }
    case 'locked':
    case 'exhausted':
      deny(answer.status)
      return { status: answer.status, retryAfter: secondsUntil(answer.retryAt, answer.at) }
    case 'disabled':
      deny('disabled')
      return { status: 'disabled' }
    case 'unknown':
      return { status: order.repeat && answer.at >= order.repeat.expiresAt ? 'expired' : 'unknown' }
    default:
      return { status: answer.status }
  }
}

function challengeOf({ settings }: Context, order: TextOrder, { tag, id, answer }: { tag: string, id: string, answer: SentAnswer }): Challenge {
  const { number, subject, purpose, decoy, known, capturing, repeat } = order
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
  }
}

interface Allowed {
  readonly challenge: Challenge
  readonly answer: SentAnswer
  readonly budgets: readonly ScopedBudget[]
}

/** Takes from the budgets and makes the text. Whatever stops it gives back what was taken, and leaves the earlier challenge alone. */
async function prepare(context: Context, order: TextOrder, { challenge, answer, budgets }: Allowed): Promise<SmsMessage | ResendResult> {
  const { settings: { store }, events } = context
  const reserved: ScopedBudget[] = []
  try {
    const spent = budgets.length === 0 ? { status: 'reserved' as const } : await store.reserve(budgets)
    if (spent.status !== 'reserved') {
      await takeBack(context, challenge, answer, true)
      const scope = budgets.find(({ key }) => key === spent.key)?.scope ?? 'total'
      if (spent.status === 'paused' && spent.began) events.emit('send-paused', () => pausedEvent(order, scope, spent))
      events.emit('send-denied', () => ({ ...about(context.settings, order), reason: scope }))
      return { status: 'throttled', scope, retryAfter: secondsUntil(spent.retryAt, spent.at) }
    }
    reserved.push(...budgets)
    const message = await write(context, order, challenge, answer)
    if (order.retire) await store.retire({ subject: order.retire.tag, id: order.retire.id })
    return message
  } catch (error) {
    // Not awaited: the answer is the first failure, and must not wait for a store that is down.
    void takeBack(context, challenge, answer, true).catch(ignore)
    if (reserved.length > 0) void store.release(reserved).catch(ignore)
    throw error
  }
}

type Paused = Extract<ReserveAnswer, { status: 'paused' }>

const pausedEvent = ({ number: { country, e164 } }: TextOrder, scope: LimitScope, { retryAt, began = { sent: 0, verified: 0 } }: Paused): SendPausedEvent => ({
  ...scope === 'prefix' ? { scope, country, beginning: e164.slice(0, -6) } : { scope: 'country', country },
  ...began,
  until: new Date(retryAt),
})

async function write({ settings }: Context, order: TextOrder, challenge: Challenge, { expiresAt, at }: SentAnswer): Promise<SmsMessage> {
  const { appName, origin, message, allowMultiSegment, keys, format } = settings
  const { locale } = challenge
  const code = deriveCode(keys.byId.get(challenge.kid) ?? keys.current, challenge, format)
  const minutes = Math.max(1, Math.floor((expiresAt - at) / 60_000))
  const body = await compose(message, { code, appName, origin, minutes, locale, details: order.details })
  if (!allowMultiSegment) watchLength(body, order.details)
  return { to: challenge.phone, body, code, ...locale === undefined ? {} : { locale }, validFor: Math.max(1, Math.floor((expiresAt - at) / 1000)) }
}

const sentResult = ({ settings }: Context, challenge: Challenge, { expiresAt, resendAt, attemptsLeft }: SentAnswer): Sent => ({
  status: 'sent',
  challenge: seal(settings.keys, challenge),
  to: settings.mask(challenge.phone),
  expiresAt: new Date(expiresAt),
  ...resendAt === undefined ? {} : { resendAt: new Date(resendAt) },
  attemptsLeft,
})
