import { about, ignore, type Context, type SentAnswer, type TextOrder } from './context.js'
import { withDeadline } from '../deadline.js'
import type { Challenge } from './handle.js'
import type { Settings } from './options.js'
import type { Undeliverable } from './results.js'
import type { ScopedBudget } from './send-limits.js'
import type { SmsMessage } from '../senders/sender.js'

type Outcome = Promise<Undeliverable | undefined>

/** A text that the store allowed. */
export interface Parcel {
  readonly challenge: Challenge
  readonly answer: SentAnswer
  readonly budgets: readonly ScopedBudget[]
  readonly message: SmsMessage
}

/** Gives the text to the sender, at once or once the answer is out. */
export async function deliver(context: Context, order: TextOrder, parcel: Parcel): Outcome {
  const work = order.decoy ? () => pretend(context, order) : () => handOver(context, order, parcel)
  if (!order.background) return work()
  // What a sender or a listener does before its first await would delay the answer, too, and tell whether a text left.
  order.background(() => void work().catch(ignore))
  return undefined
}

async function pretend({ settings, events }: Context, order: TextOrder): Outcome {
  events.emit('send-denied', () => ({ ...about(settings, order), reason: 'may-text' }))
  return undefined
}

async function handOver(context: Context, order: TextOrder, { challenge, answer, budgets, message }: Parcel): Outcome {
  const { settings, events } = context
  const { sender, senderTimeout } = settings
  const provider = sender.name
  let receipt: ReceiptFields
  try {
    receipt = receiptOf(await withDeadline(senderTimeout, (signal) => sender.send(message, { signal })), message)
  } catch (error) {
    const definite = refusalOfProvider(error)
    if (isLost(error)) settleLost(settings, budgets)
    const failure = definite ?? { temporary: true }
    events.emit('undeliverable', () => ({ ...about(settings, order), provider, ...failure }))
    // In the background the challenge stays: to take it back would answer a stranger's guesses in another way than a decoy does.
    if (!definite || order.background) {
      if (!events.hears('undeliverable')) warnUnheard(provider, definite?.providerCode ?? nameOf(error))
      return undefined
    }
    await takeBack(context, challenge, answer, false)
    return { status: 'undeliverable', provider, ...definite }
  }
  events.emit(answer.repeated ? 'resent' : 'sent', () => ({ ...about(settings, order), provider, ...receipt, expiresAt: new Date(answer.expiresAt) }))
  return undefined
}

let warned = false

/** Says once what nobody would hear of: to a stranger a text that did not leave is answered like one that did. */
function warnUnheard(provider: string, why: string): void {
  if (warned) return
  warned = true
  process.emitWarning(`The sender '${provider}' failed (${why}), and nothing listens: otp.on('undeliverable', listener) tells of each time.`, { code: 'SMS_OTP_UNHEARD' })
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error)

/** Trouble of the gateway, and not of the number: numbers that it refuses for good count as such whose code does not come back. */
function isLost(error: unknown): boolean {
  const { code, temporary, tryNext = temporary } = (error ?? {}) as { code?: unknown, temporary?: unknown, tryNext?: unknown }
  return code !== 'undeliverable' || tryNext === true
}

/** A gateway that is down must not pause a country. Not awaited, and harmless if it fails. */
function settleLost({ store }: Settings, budgets: readonly ScopedBudget[]): void {
  const judged = budgets.filter(({ conversion }) => conversion).map(({ key }) => key)
  if (judged.length > 0) void store.settle(judged, 'lost').catch(ignore)
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
  const { code, providerCode, temporary } = (error ?? {}) as { code?: unknown, providerCode?: unknown, temporary?: unknown }
  if (code !== 'undeliverable') return undefined
  return { ...typeof providerCode === 'string' && CODE.test(providerCode) ? { providerCode } : {}, temporary: temporary === true }
}

/** Undoes what the store allowed. */
export const takeBack = ({ settings }: Context, { tag, id }: Challenge, { repeated, at }: SentAnswer, refund: boolean): Promise<void> =>
  settings.store.undo({ subject: tag, id, repeated, at, refund })
