import { DAY, MINUTE } from '../time-units.js'

const shortest = 5 * MINUTE
export const longest = 180 * DAY

/**
 * Milliseconds that an answer may be kept. `ttl` was published in four spellings: an instant in epoch milliseconds or in epoch seconds, a
 * number of seconds from now, and each of them as a text. Missing or unreadable: the shortest.
 */
export function timeToLive(ttl: unknown, now: number): number {
  const value = typeof ttl === 'string' && ttl.trim() !== '' ? Number(ttl) : ttl
  if (typeof value !== 'number' || Number.isNaN(value)) return shortest
  return Math.min(Math.max(fromNow(value, now), shortest), longest)
}

/** Told apart by size: 1e9 seconds are 31 years, and 1e12 milliseconds after 1970 were over in 2001. */
function fromNow(value: number, now: number): number {
  if (value > 1e12) return value - now
  return value >= 1e9 ? value * 1000 - now : value * 1000
}
