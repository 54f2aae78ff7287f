import type { Decided, Expiring } from '../documents/documents.js'
import type { CountAnswer } from './transaction-store.js'

/** What was counted under one key within a window. */
export interface Count extends Expiring {
  /** The instants, the oldest first. */
  readonly times: readonly number[]
}

export function decideCount(
  kept: Count | undefined,
  { limit, window }: { readonly limit: number, readonly window: number },
  now: number,
): Decided<Count, CountAnswer> {
  const times = (kept?.times ?? []).filter((time) => now < time + window)
  if (times.length < limit) {
    return { record: { times: [...times, now], expiresAt: now + window }, answer: { status: 'counted' } }
  }
  // As soon as this one is too old, one less than the limit are left.
  const opening = times[times.length - limit] ?? now
  return { record: kept, answer: { status: 'spent', wait: opening + window - now } }
}
