import { isChannel, smsChannels } from '../lib/channels.js'
import type {
  Budget, Conversion, Limit, LockoutPolicy, NoteRequest, ReportRequest, SendRequest,
} from './challenge-store.js'

/**
 * How long a challenge is remembered beyond its expiry, so that `expired` can be told from `unknown`; also the slack of
 * every key's time to live.
 */
export const GRACE = 5 * 60_000

/**
 * How many challenges of one subject are held at a time: of more, the one that ends first is forgotten. So a call costs
 * little, whatever was lifted.
 */
export const MOST_CHALLENGES = 64

/** How many notes of one challenge a trace holds: of more, the first 63 and the newest stay. */
export const MOST_NOTES = 64

/**
 * Lets only whole numbers through, from `least` on.
 * A NaN would open every limit, because no comparison with it is ever true.
 */
function checkWhole(name: string, least: number, value: number): void {
  if (Number.isSafeInteger(value) && value >= least) return
  throw new TypeError(`${name} is a whole number from ${least} on, not ${value}.`)
}

export function checkSend(request: SendRequest): void {
  const { begin, delays, limits, unsentLimits = [], channel = 'sms', expect = 0, inPlaceOf = 0 } = request
  if (begin) {
    checkWhole('ttl', 1, begin.ttl)
    checkWhole('maxAttempts', 1, begin.maxAttempts)
    checkWhole('maxResends', 0, begin.maxResends)
  }
  for (const delay of delays) checkWhole('A delay', 0, delay)
  for (const limit of [...limits, ...unsentLimits]) checkLimit(limit)
  if (!isChannel(channel)) throw new TypeError(`channel is one of ${smsChannels.join(', ')}, not ${String(channel)}.`)
  checkWhole('expect', 0, expect)
  checkWhole('inPlaceOf', 0, inPlaceOf)
}

export function checkReport({ news, delays }: ReportRequest): void {
  for (const delay of delays) checkWhole('A delay', 0, delay)
  if (!news) return
  checkWhole('news.text', 0, news.text)
  if (!['delivered', 'failed'].includes(news.delivery)) {
    throw new TypeError('news.delivery is \'delivered\' or \'failed\'.')
  }
}

export function checkNotes({ challenge, notes, last, keptFor, keptForFailures }: NoteRequest): void {
  checkWhole('last', 1, last)
  checkWhole('keptFor', 1, keptFor)
  checkWhole('keptForFailures', 1, keptForFailures)
  if (challenge) {
    checkWhole('challenge.expiresAt', 0, challenge.expiresAt)
    if (!/^[\w-]{1,22}$/.test(challenge.name)) throw new TypeError('challenge.name is 1 to 22 characters of base64url.')
  }
  if (notes.length === 0) throw new TypeError('There is at least one note.')
  for (const { text, at = 0 } of notes) {
    checkWhole('The instant of a note', 0, at)
    if (text.length < 1 || text.length > 1000) throw new TypeError('A note is a text of 1 to 1000 characters.')
  }
}

function checkLimit({ limit, window }: Limit): void {
  checkWhole('A limit', 0, limit)
  checkWhole('A limit', 0, window)
}

export function checkLockout({ after, for: first, max, disableAfter, disableFor = 1 }: LockoutPolicy): void {
  checkWhole('lockout.after', 1, after)
  checkWhole('lockout.for', 0, first)
  checkWhole('lockout.max', 0, max)
  checkWhole('lockout.disableAfter', 1, disableAfter)
  checkWhole('lockout.disableFor', 1, disableFor)
}

/** A store keeps no more of a provider than a name. */
export function checkVerification(verification: unknown): void {
  if (typeof verification === 'string' && /^[\x21-\x7e]{1,200}$/.test(verification)) return
  throw new TypeError('verification is a text of 1 to 200 visible characters of ASCII.')
}

/** Epoch milliseconds of an injected clock. */
export function readClock(now: () => number): number {
  const at = Math.floor(now())
  checkWhole('The time', 0, at)
  return at
}

/**
 * Milliseconds for which a ledger has to remember texts: as long as any window counts them, and long enough that
 * waiting out the longest delay does not put the subject back to the shortest.
 */
export const keptFor = ({ delays, limits, unsentLimits = [], expect = 0 }: SendRequest): number =>
  Math.max(expect, ...[...limits, ...unsentLimits].map(({ window }) => window), ...delays.map((delay) => 2 * delay))

/** One count that a reservation moves: a budget in one of its windows. */
export interface Counter {
  readonly name: string
  readonly budget: string
  readonly limit: number
  readonly window: number
  readonly peek: boolean
}

/** What is only looked at is neither taken nor given back. */
export const isTaken = ({ peek }: { readonly peek: boolean }): boolean => !peek

/** What to count for these budgets, in their order. A window named twice is one counter, with the smaller limit. */
export function countersOf(budgets: readonly Budget[]): Counter[] {
  const counters = new Map<string, Counter>()
  for (const { key, limits, peek = false } of budgets) {
    for (const one of limits) {
      checkLimit(one)
      const { limit, window } = one
      const name = `${key}:${window}`
      const { limit: least = limit, peek: only = peek } = counters.get(name) ?? {}
      counters.set(name, { name, budget: key, limit: Math.min(limit, least), window, peek: peek && only })
    }
  }
  return [...counters.values()]
}

/** How long the count of a conversion is kept after its last text. */
export const COUNT_KEPT = 24 * 60 * 60_000

/** A budget whose texts are judged by the codes that come back. */
export interface Judged {
  readonly budget: string
  readonly conversion: Conversion
  readonly peek: boolean
}

/** Whose texts to judge, in the order of these budgets. A budget named twice is judged once. */
export function judgedOf(budgets: readonly Budget[]): Judged[] {
  const judged = new Map<string, Judged>()
  for (const { key, conversion, peek = false } of budgets) {
    if (!conversion || judged.has(key)) continue
    checkConversion(conversion)
    judged.set(key, { budget: key, conversion, peek })
  }
  return [...judged.values()]
}

function checkConversion({ below, over, pauseFor, patience }: Conversion): void {
  checkWhole('conversion.over', 1, over)
  checkWhole('conversion.pauseFor', 0, pauseFor)
  checkWhole('conversion.patience', 0, patience)
  if (!(below > 0 && below <= 1)) throw new TypeError(`conversion.below is above 0 and at most 1, not ${below}.`)
}
