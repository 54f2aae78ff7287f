import { warnOncePerCode } from '#internal/warn-once-per-code'
import { errorName } from '../lib/error-name.js'
import { ledgerTag, tagOf } from '../codes/keys.js'
import type { Challenge } from '../codes/handle.js'
import { debug } from '../lib/debug.js'
import { maskNumber } from '../numbers/phone-number.js'
import type { NoteRequest } from '../stores/challenge-store.js'
import { about, later, ready, type Context, type Ready, type TextOrder } from './context.js'
import type { SendDeniedEvent } from './events.js'
import type { Happened, RefusedReason, Written } from './trace.js'

/** Whose trace something stands in, and of which challenge. */
export interface Noted {
  readonly ledger: string
  readonly challenge?: Challenge | undefined
  readonly purpose?: string
  /** E.164. */
  readonly phone?: string | undefined
  readonly channel?: TextOrder['channel'] | undefined
  /** What stands in no entry beside the number: the code, an address, the id of a user. */
  readonly secrets?: readonly (string | undefined)[]
}

export type Happening = Happened & { readonly at?: number | undefined }

/**
 * Writes what happened to the trace, where the app keeps one. It never rejects: no login fails for what people may read
 * later. And no answer waits for it.
 */
export async function noteDown(
  context: Context,
  noted: (context: Ready) => Noted,
  happened: () => readonly Happening[],
): Promise<void> {
  const { settings: { trace, store } } = context
  if (!trace) return
  try {
    const known = await ready(context)
    const whose = noted(known)
    const { ledger, challenge } = whose
    await store.note?.({
      subject: ledger,
      ...challenge && { challenge: { name: nameOf(known.tag, challenge), expiresAt: challenge.expiresAt } },
      notes: happened().map(({ at, ...one }) => ({ text: JSON.stringify(writtenOf(whose, one)), at })),
      ...trace,
    } satisfies NoteRequest)
  } catch (error) {
    warnOfTrace(error)
  }
}

/** The same, behind an answer. Where no trace is kept the host is not even told to wait. */
export function noteLater(
  context: Context, noted: (context: Ready) => Noted, happened: () => readonly Happening[],
): void {
  if (context.settings.trace) later(context, noteDown(context, noted, happened))
}

const NAME = 8

/** Stands for a challenge: its id goes into the code, and is told to nobody. */
export const nameOf = (tag: Ready['tag'], { id }: Pick<Challenge, 'id'>): string =>
  tagOf(tag, 'trace', id).slice(0, NAME)

const LONGEST = 200

/**
 * What an app or a provider has written is left out where it holds the number, the code, an address or the id of a
 * user, however they are spaced.
 */
function writtenOf({ purpose, phone, channel, secrets = [] }: Noted, { type, ...rest }: Happened): Written {
  const hidden = [...secrets, phone?.slice(-OF_A_NUMBER)].map((secret = '') => plain(secret))
    .filter((secret) => secret.length >= SHORTEST)
  const isTold = (value: unknown) =>
    typeof value !== 'string' || !hidden.some((secret) => plain(value).includes(secret))
  const told = Object.entries(rest).filter(([, value]) => isTold(value))
    .map(([name, value]) => [name, typeof value === 'string' ? lineOf(value) : value as unknown] as const)
  return {
    type,
    ...purpose !== undefined && isTold(purpose) && { purpose },
    ...phone !== undefined && { to: maskNumber(phone) },
    ...channel !== undefined && { channel },
    ...Object.fromEntries(told),
  } as Written
}

/** So many of its last digits give a number away, in whatever notation. */
const OF_A_NUMBER = 7

/** The id of a user may be a single digit, and stands in half of all other ids then. */
const SHORTEST = 4

const plain = (text: string): string => text.replace(/[^\dA-Za-z]/g, '').toUpperCase()

const lineOf = (text: string): string => text.replace(/[\p{C}\s]+/gu, ' ').slice(0, LONGEST)

interface Refusal {
  readonly reason: RefusedReason
  readonly detail?: string
  readonly at?: number
}

/** Tells listeners, and the trace, that a text was refused. */
export function deny(
  context: Ready,
  order: TextOrder,
  refusal: Refusal & { readonly reason: SendDeniedEvent['reason'] },
  challenge?: Challenge,
): void {
  const { at, ...why } = refusal
  context.events.emit('send-denied', () => ({ ...about(context, order), ...why }))
  noteRefusal(context, order, refusal, challenge)
}

/** Where an answer must not tell what it was, not by its time either, it is written after the answer. */
export function noteRefusal(context: Ready, order: TextOrder, refusal: Refusal, challenge = order.repeat): void {
  if (!context.settings.trace) return
  const { at, reason, detail } = refusal
  const refused = { type: 'refused', reason, ...detail !== undefined && { detail }, at } as const
  const happened = () => [askedBy(context, order, at), refused]
  const write = () => noteDown(context, (known) => ofOrder(known, order, challenge), happened)
  later(context, order.background ? order.background(write) : write())
}

const ofOrder = ({ tag }: Ready, order: TextOrder, challenge?: Challenge, code?: string): Noted => ({
  ledger: ledgerTag(tag, order, order.number.e164),
  challenge,
  purpose: order.purpose,
  phone: order.number.e164,
  channel: order.channel,
  secrets: [code, order.ip, order.subject],
})

/** What was asked for by whom. */
const askedBy = (
  { tag }: Ready,
  { retire, inPlaceOf }: TextOrder,
  at: number | undefined,
  text?: number,
): Happening => ({
  type: 'asked',
  ...text !== undefined && { text },
  ...retire && text === 1 && { replaces: nameOf(tag, retire) },
  ...inPlaceOf !== undefined && { failover: true },
  at,
})

/** What the sender made of a text. */
interface Handed {
  readonly challenge: Challenge
  readonly at: number
  /** From 1. */
  readonly text: number
  readonly code: string
}

/** Writes that a text was asked for and what the sender made of it. */
export const noteText = (
  context: Ready,
  order: TextOrder,
  { challenge, at, text, code }: Handed,
  outcome: Happened,
): Promise<void> => noteDown(
  context,
  (known) => ofOrder(known, order, challenge, code),
  () => [askedBy(context, order, at, text), outcome],
)

/** Of a challenge that its handle names. @param code as it was sent, or as it was entered */
export const ofChallenge = (challenge: Challenge, code: string | undefined): Noted => {
  const { tag: ledger, purpose, phone, subject } = challenge
  return { ledger, challenge, purpose, phone, secrets: [code, subject] }
}

/** Says once that traces are not written, and in the debug log each time. */
function warnOfTrace(error: unknown): void {
  debug('trace not written: %s', errorName(error))
  warnOncePerCode('SMS_OTP_TRACE', 'passport-sms-otp could not write to a trace, and goes on without: otp.trace() does not show '
    + 'everything.')
}
