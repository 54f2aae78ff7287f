/** Remembers of one sender that it broke, so that it costs one time-out and not one for each user. */
export interface Breaker {
  isReady(): boolean
  /** Whether this request may go through: after a pause exactly one may, until its outcome is reported. */
  admit(): boolean
  report(outcome: 'works' | 'broke'): void
}

/** @param pause milliseconds */
export function createBreaker(pause: number, now: () => number): Breaker {
  let retryAt: number | undefined
  let probing = false
  const isReady = () => retryAt === undefined || (!probing && now() >= retryAt)
  return {
    isReady,
    admit() {
      if (!isReady()) return false
      probing = retryAt !== undefined
      return true
    },
    report(outcome) {
      probing = false
      retryAt = outcome === 'works' ? undefined : now() + pause
    },
  }
}
