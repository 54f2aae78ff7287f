import { createHash } from 'node:crypto'
import { milliseconds } from '../duration.js'
import { checkTable } from '../option-checks.js'
import type { CountAnswer } from './transaction-store.js'

/** How often logins may begin for one user within a window of milliseconds. */
export interface BeginLimit {
  readonly limit: number
  readonly window: number
}

export interface Throttled {
  readonly status: 'throttled'
  /** Milliseconds after which the next login may begin. */
  readonly wait: number
}

interface Counting {
  count(key: string, limit: number, window: number): Promise<CountAnswer>
}

/**
 * Counts a login that is about to begin, under each name of `counted`.
 * @returns `undefined` where it may begin.
 */
export async function countBegin(
  transactions: Counting,
  limits: readonly BeginLimit[],
  counted: readonly string[],
): Promise<Throttled | undefined> {
  for (const whom of counted) {
    for (const { limit, window } of limits) {
      const answer = await transactions.count(digest(`begin ${window} ${whom}`), limit, window)
      if (answer.status === 'spent') return { status: 'throttled', wait: answer.wait }
    }
  }
  return undefined
}

/** SHA-256 in lower-case hexadecimal. */
const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

/**
 * Reads an option such as `{ '10m': 5, '1d': 20 }`.
 * @throws TypeError for anything else
 */
export function readLimits(option: string, limits: Readonly<Record<string, number>>): BeginLimit[] {
  checkTable(option, limits, '{ \'10m\': 5 }')
  return Object.entries(limits).map(([window, limit]) => {
    if (!Number.isSafeInteger(limit) || limit < 0) {
      throw new TypeError(`${option}: '${window}' is a whole number of times, not ${JSON.stringify(limit)}.`)
    }
    return { limit, window: milliseconds(option, window) }
  })
}
