import { errorName } from '../lib/error-name.js'
import { about, later, type Context, type Ready, type SentAnswer, type TextOrder } from './context.js'
import { withSignal, type Stoppable } from '#internal/deadline'
import type { Challenge } from '../codes/handle.js'
import { codeOf, isMessageId } from './provider-code.js'
import { deny, noteText } from './note-down.js'
import type { NotSent } from './results.js'
import { keepName, startBy } from './start-code.js'
import type { ScopedBudget } from '../limits/send-limits.js'
import { isProvider } from '../providers/provider.js'
import type { SmsMessage, SmsReceipt, SmsSender } from '../senders/sender.js'
import type { Happened } from './trace.js'
import type { UndoRequest } from '../stores/challenge-store.js'

type Outcome = Promise<NotSent | undefined>

/** What the limits took for a text. */
export interface Allowed {
  readonly challenge: Challenge
  readonly answer: SentAnswer
  readonly budgets: readonly ScopedBudget[]
  /** What is taken from instead if the text does not leave. */
  readonly charge: readonly ScopedBudget[]
  /** It takes the place of a text that did not arrive. */
  readonly instead: boolean
  /** By the store's clock. Absent: nothing was taken from the budgets. */
  readonly reservedAt?: number | undefined
}

/** A text that is ready. */
export interface Parcel extends Allowed {
  readonly message: SmsMessage
  /** It stays, and the answer says that it left: delay, count and challenge are as of one that did. */
  readonly silent: boolean
}

/**
 * Takes back what the limits took for a text that certainly did not leave: it delays nobody.
 * With `unsent` it counts among the tries that came to nothing, because a hook or a gateway was asked, which may cost
 * money.
 */
export async function giveBack(context: Context, allowed: Allowed, { unsent, keepChallenge = false }: Pick<UndoRequest, 'unsent' | 'keepChallenge'>): Promise<void> {
  const { store } = context.settings
  const { challenge: { tag, id, channel }, answer, budgets, charge, instead, reservedAt } = allowed
  const { repeated, at, isNewChannel } = answer
  await Promise.all([
    store.undo({
      subject: tag, id, repeated, at, unsent, keepChallenge, failed: instead, channel, isNewChannel,
    }),
    reservedAt === undefined ? undefined : store.release({ budgets, at: reservedAt, charge: unsent ? charge : [] }),
  ])
}

/** Gives back what others share, of a text that did not leave while its answer says that it did. */
async function giveSharedBack({ settings: { store } }: Context, { budgets, reservedAt }: Allowed): Promise<void> {
  if (reservedAt !== undefined) await store.release({ budgets: budgets.filter(({ shared }) => shared), at: reservedAt })
}

/** Gives the text to the sender, at once or once the answer is out. */
export async function deliver(context: Ready, order: TextOrder, parcel: Parcel): Outcome {
  const work = workFor(context, order, parcel)
  if (!order.background) return work()
  // What a sender or a listener does before its first await would delay the answer, too, and tell whether a text left.
  later(context, order.background(work))
  return undefined
}

function workFor(context: Ready, order: TextOrder, parcel: Parcel): () => Outcome {
  if (order.decoy) return () => pretend(context, order, parcel)
  if (parcel.silent) return () => keepSilent(context, order, parcel)
  return () => handOver(context, order, parcel)
}

async function keepSilent(context: Ready, order: TextOrder, parcel: Parcel): Outcome {
  await aside(context, order, giveSharedBack(context, parcel))
  return undefined
}

async function pretend(context: Ready, order: TextOrder, { challenge, answer: { at } }: Parcel): Outcome {
  deny(context, order, { reason: 'may-text', at }, challenge)
  return undefined
}

async function handOver(context: Ready, order: TextOrder, parcel: Parcel): Outcome {
  const { settings: { way, senderTimeout }, events } = context
  const { message, answer } = parcel
  const provider = way.name
  const text = (answer.text ?? 0) + 1
  const handed = { challenge: parcel.challenge, at: answer.at, text, code: message.code }
  const note = async (outcome: Happened) => {
    if (context.settings.trace) await aside(context, order, noteText(context, order, handed, outcome))
  }
  let taken: SmsReceipt
  try {
    const hand = isProvider(way) ? startBy(way, { order, parcel }) : sendBy(way, message)
    taken = await withSignal<SmsReceipt>(senderTimeout, hand)
  } catch (error) {
    const definite = refusalOfProvider(error)
    events.emit('undeliverable', () => ({ ...about(context, order), provider, ...reasonOf(definite) }))
    if (!events.hears('undeliverable')) warnUnheard(provider, definite ? `refused a text (${definite.providerCode ?? definite.code})` : `failed (${errorName(error)})`)
    await note({ type: 'undeliverable', text, provider, ...reasonOf(definite), left: definite ? 'no' : 'unknown' })
    if (!definite) {
      await aside(context, order, settleLost(context, parcel))
      // Without the provider's name of it nobody can check a code, even if it arrives.
      return isProvider(way) && !order.background ? { status: 'undeliverable', provider, temporary: true } : undefined
    }
    const told = notSent(definite, { provider, secondsLeft: message.validFor ?? 1 })
    const result = await takeBack(context, order, parcel, told)
    if (definite.code === 'misconfigured' && !order.background) throw error
    return result
  }
  if (isProvider(way)) await keepName(context, parcel, taken)
  const receipt = receiptOf(taken, message)
  events.emit(answer.repeated ? 'resent' : 'sent', () => ({ ...about(context, order), provider, ...receipt, expiresAt: new Date(answer.expiresAt) }))
  await note({ type: 'sent', text, provider, ...receipt })
  return undefined
}

const sendBy = (sender: SmsSender, message: SmsMessage) => (stoppable: Stoppable) => sender.send(message, stoppable)

/** As the person is told. A limit of the provider that has no end of its own lasts as long as a code would live. */
function notSent(
  { code, providerCode, temporary, retryAfter }: ProviderRefusal,
  { provider, secondsLeft }: { provider: string, secondsLeft: number },
): NotSent {
  if (code === 'send_throttled') {
    return { status: 'throttled', scope: 'provider', retryAfter: retryAfter ?? secondsLeft }
  }
  const isNamed = providerCode !== undefined
  if (code === 'send_refused') return { status: 'refused', reason: 'blocked', ...isNamed ? { detail: providerCode } : {} }
  return { status: 'undeliverable', provider, ...isNamed ? { providerCode } : {}, temporary }
}

/** The text certainly did not leave. */
async function takeBack(context: Ready, order: TextOrder, parcel: Parcel, result: NotSent): Outcome {
  if (order.background && order.discreet) {
    // The person was told that it left. Delay, count and challenge stay, as they do for a number that is not texted;
    // others get theirs back.
    await aside(context, order, giveSharedBack(context, parcel))
    return undefined
  }
  const given = giveBack(context, parcel, { unsent: true, keepChallenge: order.background !== undefined })
  // The refusal is the answer, whatever the store says.
  await given.catch(() => undefined)
  return order.background ? undefined : result
}

const warnedUnheard = new Set<string>()

/** Codes are the provider's, and may be any number of them. */
const MOST_UNHEARD = 20

/**
 * Says once what nobody would hear of: the page says no more than that the text could not be delivered, and to a
 * stranger a text that did not leave is answered like one that did.
 */
function warnUnheard(provider: string, what: string): void {
  const warning = `The sender '${provider}' ${what}, and nothing listens: otp.on('undeliverable', listener) tells of each time.`
  if (warnedUnheard.has(warning) || warnedUnheard.size >= MOST_UNHEARD) return
  warnedUnheard.add(warning)
  process.emitWarning(warning, { code: 'SMS_OTP_UNHEARD' })
}

/** A gateway that does not answer must not pause a country. */
async function settleLost({ settings: { store } }: Ready, { budgets }: Allowed): Promise<void> {
  const judged = budgets.filter(({ conversion }) => conversion).map(({ key }) => key)
  if (judged.length > 0) await store.settle(judged, 'lost')
}

/** An answer does not wait for it. After the answer it is part of the work that the platform waits for already. */
async function aside(context: Ready, { background }: TextOrder, work: Promise<void>): Promise<void> {
  if (background) await work.catch(() => undefined)
  else later(context, work)
}

const reasonOf = (refusal: ProviderRefusal | undefined): { providerCode?: string, temporary: boolean } => ({
  ...refusal?.providerCode === undefined ? {} : { providerCode: refusal.providerCode },
  temporary: refusal?.temporary ?? true,
})

interface ReceiptFields {
  readonly provider?: string
  readonly messageId?: string
  readonly messageStatus?: string
}

/** What may stand in an event: a sender of the app may have answered anything. */
function receiptOf(receipt: unknown, { to, code }: SmsMessage): ReceiptFields {
  const { id, status, sender } = (receipt ?? {}) as Record<string, unknown>
  const isId = (value: unknown): value is string =>
    isMessageId(value) && !value.includes(to.slice(1)) && !value.includes(code)
  return {
    ...typeof sender === 'string' ? { provider: sender } : {},
    ...isId(id) ? { messageId: id } : {},
    ...isId(status) ? { messageStatus: status } : {},
  }
}

interface ProviderRefusal {
  readonly code: 'undeliverable' | 'send_throttled' | 'send_refused' | 'misconfigured'
  readonly providerCode?: string
  readonly temporary: boolean
  /** Whole seconds. */
  readonly retryAfter?: number
}

const REFUSALS: readonly ProviderRefusal['code'][] = ['undeliverable', 'send_throttled', 'send_refused', 'misconfigured']

/** Matched by its code: a sender may come with a copy of this package of its own. */
function refusalOfProvider(error: unknown): ProviderRefusal | undefined {
  const { code, temporary, retryAfter } = Object(error) as { code?: unknown, temporary?: unknown, retryAfter?: unknown }
  const known = REFUSALS.find((each) => each === code)
  if (known === undefined) return undefined
  const providerCode = codeOf(error)
  return {
    code: known,
    ...providerCode === undefined ? {} : { providerCode },
    temporary: temporary === true || known === 'send_throttled',
    ...Number.isSafeInteger(retryAfter) && Number(retryAfter) > 0 ? { retryAfter: Number(retryAfter) } : {},
  }
}
