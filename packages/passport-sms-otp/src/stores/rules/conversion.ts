import type { Conversion } from '../challenge-store.js'
import { COUNT_KEPT } from '../store-request.js'

// Conversion: how many of the texts to a prefix or a country came back as codes.

export interface ConversionCount {
  /** Texts that had time to be answered, and all codes that came. */
  readonly sent: number
  readonly verified: number
  /** Younger texts, in two generations: those that became `aging` at `since`, and those that came later. */
  readonly aging: number
  readonly fresh: number
  readonly since: number
  readonly pausedUntil: number
  readonly endsAt: number
}

/** A count that was judged. `began`: too few codes came back, and what it was judged by. */
export interface Judgement {
  readonly count: ConversionCount
  readonly began?: { readonly sent: number, readonly verified: number }
}

/** Judges the texts that had time to be answered, as soon as there are enough of them. */
export function judgeCount(
  given: ConversionCount,
  { below, over, pauseFor, patience }: Conversion,
  now: number,
): Judgement {
  const count = ripened(given, patience, now)
  const { sent, verified } = count
  if (now < count.pausedUntil || sent < over) return { count }
  // What is left over belongs to texts that are still young.
  const next = { ...count, sent: 0, verified: Math.max(0, verified - sent) }
  if (verified >= below * sent) return { count: next }
  const pausedUntil = now + pauseFor
  const paused = { ...next, aging: 0, fresh: 0, pausedUntil, endsAt: Math.max(count.endsAt, pausedUntil) }
  return { count: paused, began: { sent, verified } }
}

/** Lets each generation grow older once it has had its time. */
function ripened(count: ConversionCount, patience: number, now: number): ConversionCount {
  if (now < count.since + patience) return count
  const all = now >= count.since + 2 * patience
  return {
    ...count,
    sent: count.sent + count.aging + (all ? count.fresh : 0),
    aging: all ? 0 : count.fresh,
    fresh: 0,
    since: now,
  }
}

export function withOneText(count: ConversionCount | undefined, now: number): ConversionCount {
  const { fresh, ...rest } = count ?? { sent: 0, verified: 0, aging: 0, fresh: 0, since: now, pausedUntil: 0 }
  return { ...rest, fresh: fresh + 1, endsAt: now + COUNT_KEPT }
}

export const withCode = (count: ConversionCount): ConversionCount => ({ ...count, verified: count.verified + 1 })

/** Forgets so many texts, the youngest first. */
export function withoutTexts(count: ConversionCount, texts: number): ConversionCount {
  const fresh = Math.min(texts, count.fresh)
  const aging = Math.min(texts - fresh, count.aging)
  const sent = Math.min(texts - fresh - aging, count.sent)
  return { ...count, fresh: count.fresh - fresh, aging: count.aging - aging, sent: count.sent - sent }
}
