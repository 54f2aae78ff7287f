import { ledgersOfNumber, ledgersOfSubject } from '../codes/keys.js'
import type { SmsChannel } from '../lib/channels.js'
import { numberOfAccount } from '../numbers/phone-number.js'
import type { SmsDelivery } from '../senders/sender.js'
import type { KeptNote, TraceAnswer } from '../stores/challenge-store.js'
import { MOST_NOTES } from '../stores/store-request.js'
import { ready, type Context } from './context.js'
import type { FailedEvent, SendDeniedEvent } from './events.js'
import { checkName } from './requests.js'

/** What happened to a code. */
export type Happened =
  /**
   * A text was asked for. What came of it is the next entry of its challenge: `refused`, `sent` or `undeliverable`.
   * `replaces` is the challenge of the same session that it takes the place of, and whose code is worth nothing then.
   * `failover`: nobody asked, the code goes on by itself, because the text before did not arrive.
   */
  | {
    readonly type: 'asked'
    readonly text?: number
    readonly replaces?: string
    readonly failover?: true
  }
  /**
   * No text left. `reason` is as of the event `send-denied`; `expired`, `used` and `unknown` are of a code that was to
   * be sent again; `fault` is an error, such as of a `message` that failed.
   */
  | { readonly type: 'refused', readonly reason: RefusedReason, readonly detail?: string }
  /** The provider took the text: that it arrived is another matter. */
  | {
    readonly type: 'sent'
    readonly text: number
    readonly provider: string
    readonly messageId?: string
    readonly messageStatus?: string
  }
  /** The sender failed. `left` is `'no'` where the provider certainly did not take the text, else nobody knows. */
  | {
    readonly type: 'undeliverable'
    readonly text: number
    readonly provider: string
    readonly providerCode?: string
    readonly temporary: boolean
    readonly left: 'no' | 'unknown'
  }
  /** A provider reported what became of a text. `counted`: it changed what `otp.delivery` says. */
  | {
    readonly type: 'reported'
    readonly text: number
    readonly delivery: SmsDelivery
    readonly messageId?: string
    readonly providerCode?: string
    readonly counted?: true
  }
  /** A code was entered, and it was not right, or came too late. */
  | {
    readonly type: 'guessed'
    readonly reason: FailedEvent['reason']
    readonly attemptsLeft?: number
    readonly providerCode?: string
  }
  | { readonly type: 'verified', readonly channels?: readonly SmsChannel[] }
  /** By the guess before. */
  | { readonly type: 'locked', readonly until: Date }
  | { readonly type: 'disabled' }
  /** By `otp.enable`. */
  | { readonly type: 'enabled' }
  /** The code was texted, and nobody entered it in time. */
  | { readonly type: 'expired' }

/** Why no text left. */
export type RefusedReason = SendDeniedEvent['reason'] | 'expired' | 'used' | 'unknown' | 'fault'

/** Of whom and what an entry is. It holds no code, no whole number, no address and no user's id. */
interface Told {
  readonly at: Date
  /** How often it happened, and when last. Absent: once. */
  readonly times?: number
  readonly lastAt?: Date
  /** 8 characters that stand for the challenge, and open nothing. Absent: what was asked made none. */
  readonly challenge?: string
  /**
   * Of the account's holder. `false`: of who asked without a login, or for a number that is to become the account's.
   */
  readonly known: boolean
  readonly purpose?: string
  /** Masked. */
  readonly to?: string
  readonly channel?: SmsChannel
}

/** One line of a trace. */
export type TraceEntry = Told & Happened

/** An entry as it is written: JSON, with the type first. */
export type Written = Pick<Told, 'purpose' | 'to' | 'channel'> & Happened

/** All that is kept of a subject, oldest first. */
export async function traceOf(context: Context, subject: string): Promise<readonly TraceEntry[]> {
  checkName('subject', subject)
  const { settings: { store, rules, trace }, tag } = await ready(context)
  if (!trace) throw new TypeError('No trace is kept: give the option trace, such as trace: true.')
  // An id that reads as a number at home, such as 7400123456, is not the person with that number.
  const number = subject.startsWith('+') ? numberOfAccount(subject, rules) : undefined
  const [ofKnown = '', ofStranger = ''] = ledgersOfSubject(tag, subject)
  const [numberOfKnown, numberOfStranger] = number ? ledgersOfNumber(tag, number.e164) : []
  const ledgers = [
    { ledger: ofKnown, known: true }, { ledger: ofStranger, known: false },
    ...numberOfKnown === undefined ? [] : [{ ledger: numberOfKnown, known: true }],
    ...numberOfStranger === undefined ? [] : [{ ledger: numberOfStranger, known: false }],
  ]
  const entries = await Promise.all(ledgers.map(async ({ ledger, known }) => {
    const answer = await store.trace?.(ledger)
    return answer ? entriesOf(answer, known) : []
  }))
  return entries.flat().sort((one, other) => one.at.getTime() - other.at.getTime())
}

function entriesOf({ at, notes }: TraceAnswer, known: boolean): TraceEntry[] {
  const entries = notes.map((note) => entryOf(note, known))
  return [...entries, ...expiriesIn(notes, entries, at)]
}

function entryOf({ challenge, text, at, lastAt, times }: KeptNote, known: boolean): TraceEntry {
  const written = JSON.parse(text) as Written
  const { type, ...rest } = written
  const until = 'until' in written ? { until: new Date(written.until) } : {}
  return {
    at: new Date(at),
    type,
    ...times > 1 && { times, lastAt: new Date(lastAt) },
    ...challenge && { challenge: challenge.name },
    known,
    ...rest,
    ...until,
  } as TraceEntry
}

/**
 * A challenge that nobody has ended by its code, and whose time is over. Where as much is noted of it as there is room
 * for, the right code may be among what is not.
 */
function expiriesIn(notes: readonly KeptNote[], entries: readonly TraceEntry[], now: number): TraceEntry[] {
  const ends = new Map(notes.flatMap(({ challenge }) => (challenge ? [[challenge.name, challenge.expiresAt]] : [])))
  return [...ends].flatMap(([name, expiresAt]) => {
    const life = entries.filter(({ challenge }) => challenge === name)
    const text = life.find((entry) => entry.type === 'sent' || (entry.type === 'undeliverable' && entry.left === 'unknown'))
    const isTold = life.length >= MOST_NOTES || life.some(({ type }) => type === 'verified')
    if (!text || now < expiresAt || isTold) return []
    const { known, purpose, to } = text
    const about = { challenge: name, known, ...purpose !== undefined && { purpose }, ...to !== undefined && { to } }
    return [{ at: new Date(expiresAt), type: 'expired', ...about }]
  })
}
