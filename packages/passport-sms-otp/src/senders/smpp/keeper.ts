import { refused } from '../provider-error.js'
import type { Link } from './link.js'

/** Keeps one bound session: opens it when it is needed, and waits longer after each failure to do so. */
export interface Keeper {
  /** The session. Rejects with a refusal when there is none, at once during a pause. */
  link(): Promise<Link>
  /** The session if there is one or will be; afterwards none is opened. */
  close(): Promise<Link | undefined>
}

const FIRST_PAUSE = 1000

/** @param maxPause milliseconds */
export function createKeeper(open: () => Promise<Link>, maxPause: number, now: () => number): Keeper {
  let current: Link | undefined
  let opening: Promise<Link> | undefined
  let last: { error: unknown, failures: number, retryAt: number } | undefined
  let closed = false

  async function reopen(): Promise<Link> {
    try {
      current = await open()
      last = undefined
      return current
    } catch (error) {
      const failures = (last?.failures ?? 0) + 1
      // Up to a half less, so that servers which lost it together do not come back together.
      const pause = Math.min(maxPause, FIRST_PAUSE * 2 ** (failures - 1)) * (1 - Math.random() / 2)
      last = { error, failures, retryAt: now() + pause }
      throw error
    } finally {
      opening = undefined
    }
  }

  return {
    async link() {
      if (closed) throw refused('The SMPP sender is closed.', { temporary: true })
      if (current?.isOpen()) return current
      if (last && now() < last.retryAt) throw last.error
      opening ??= reopen()
      return opening
    },
    async close() {
      closed = true
      const link = await opening?.catch(() => undefined) ?? current
      return link?.isOpen() ? link : undefined
    },
  }
}
