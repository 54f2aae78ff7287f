import { about, later, type Context, type Ready, type SentAnswer, type TextOrder } from './context.js'
import { withSignal } from '#internal/deadline'
import type { Challenge } from '../codes/handle.js'
import type { Undeliverable } from './results.js'
import type { ScopedBudget } from '../limits/send-limits.js'
import type { SmsMessage } from '../senders/sender.js'
import type { UndoRequest } from '../stores/challenge-store.js'

type Outcome = Promise<Undeliverable | undefined>

/** What the limits took for a text. */
export interface Allowed {
  readonly challenge: Challenge
  readonly answer: SentAnswer
  readonly budgets: readonly ScopedBudget[]
  /** What is taken from instead if the text does not leave. */
  readonly charge: readonly ScopedBudget[]
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
  const { challenge: { tag, id }, answer: { repeated, at }, budgets, charge, reservedAt } = allowed
  await Promise.all([
    store.undo({ subject: tag, id, repeated, at, unsent, keepChallenge }),
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
  if (order.decoy) return () => pretend(context, order)
  if (parcel.silent) return () => keepSilent(context, order, parcel)
  return () => handOver(context, order, parcel)
}

async function keepSilent(context: Ready, order: TextOrder, parcel: Parcel): Outcome {
  await aside(context, order, giveSharedBack(context, parcel))
  return undefined
}

async function pretend(context: Ready, order: TextOrder): Outcome {
  context.events.emit('send-denied', () => ({ ...about(context, order), reason: 'may-text' }))
  return undefined
}

async function handOver(context: Ready, order: TextOrder, parcel: Parcel): Outcome {
  const { settings: { sender, senderTimeout }, events } = context
  const { message, answer } = parcel
  const provider = sender.name
  let receipt: ReceiptFields
  try {
    receipt = receiptOf(await withSignal(senderTimeout, (stoppable) => sender.send(message, stoppable)), message)
  } catch (error) {
    const definite = refusalOfProvider(error)
    events.emit('undeliverable', () => ({ ...about(context, order), provider, ...definite ?? { temporary: true } }))
    if ((!definite || order.background) && !events.hears('undeliverable')) warnUnheard(provider, definite?.providerCode ?? errorName(error))
    if (!definite) {
      await aside(context, order, settleLost(context, parcel))
      return undefined
    }
    return takeBack(context, order, parcel, { status: 'undeliverable', provider, ...definite })
  }
  events.emit(answer.repeated ? 'resent' : 'sent', () => ({ ...about(context, order), provider, ...receipt, expiresAt: new Date(answer.expiresAt) }))
  return undefined
}

/** The text certainly did not leave. */
async function takeBack(context: Ready, order: TextOrder, parcel: Parcel, undeliverable: Undeliverable): Outcome {
  if (order.background && order.discreet) {
    // The person was told that it left. Delay, count and challenge stay, as they do for a number that is not texted;
    // others get theirs back.
    await aside(context, order, giveSharedBack(context, parcel))
    return undefined
  }
  const given = giveBack(context, parcel, { unsent: true, keepChallenge: order.background !== undefined })
  // The refusal is the answer, whatever the store says.
  await given.catch(() => undefined)
  return order.background ? undefined : undeliverable
}

let warnedUnheard = false

/** Says once what nobody would hear of: to a stranger a text that did not leave is answered like one that did. */
function warnUnheard(provider: string, why: string): void {
  if (warnedUnheard) return
  warnedUnheard = true
  process.emitWarning(`The sender '${provider}' failed (${why}), and nothing listens: otp.on('undeliverable', listener) tells of each time.`, { code: 'SMS_OTP_UNHEARD' })
}

const errorName = (error: unknown): string => (error instanceof Error ? error.name : typeof error)

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

interface ReceiptFields {
  readonly provider?: string
  readonly messageId?: string
  readonly messageStatus?: string
}

/** What may stand in an event: a sender of the app may have answered anything. */
function receiptOf(receipt: unknown, { to, code }: SmsMessage): ReceiptFields {
  const { id, status, sender } = (receipt ?? {}) as Record<string, unknown>
  const isId = (value: unknown): value is string => typeof value === 'string' && ID.test(value) && !value.includes(to.slice(1)) && !value.includes(code)
  return {
    ...typeof sender === 'string' ? { provider: sender } : {},
    ...isId(id) ? { messageId: id } : {},
    ...isId(status) ? { messageStatus: status } : {},
  }
}

const ID = /^[\w.:=+/@-]{1,100}$/

// Nothing longer than a code: a sentence of the provider may hold the number.
const CODE = /^[\w.-]{1,40}$/

/** Matched by its code: a sender may come with a copy of this package of its own. */
function refusalOfProvider(error: unknown): { providerCode?: string, temporary: boolean } | undefined {
  const { code, providerCode, temporary } = (error ?? {}) as {
    code?: unknown
    providerCode?: unknown
    temporary?: unknown
  }
  if (code !== 'undeliverable') return undefined
  return { ...typeof providerCode === 'string' && CODE.test(providerCode) ? { providerCode } : {}, temporary: temporary === true }
}
