import { DAY, MINUTE } from '#internal/time-units'

const shortest = 5 * MINUTE
export const longest = 180 * DAY

/**
 * Milliseconds for which an answer may be cached.
 * Services spell `ttl` in three ways: an instant in epoch milliseconds, one in epoch seconds, or seconds from now. Each
 * may also be a text. A `ttl` that is missing or unreadable is the shortest one.
 */
export function timeToLive(ttl: unknown, now: number): number {
  const value = typeof ttl === 'string' && ttl.trim() !== '' ? Number(ttl) : ttl
  if (typeof value !== 'number' || Number.isNaN(value)) return shortest
  return Math.min(Math.max(fromNow(value, now), shortest), longest)
}

/** The size tells the spellings apart: 1e9 seconds are 31 years, and 1e12 milliseconds after 1970 were over in 2001. */
function fromNow(value: number, now: number): number {
  if (value > 1e12) return value - now
  return value >= 1e9 ? value * 1000 - now : value * 1000
}
