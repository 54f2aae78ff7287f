import { RecentMap } from '../recent-map.js'

/**
 * Milliseconds between two tries of a source that is down, while an older answer stands in. A try makes a login wait.
 */
const RETRY_EVERY = 60_000

export interface FreshAnswer<V> {
  readonly value: V
  /** How long it may be kept, in milliseconds. */
  readonly ttl: number
}

export interface AnswerCache<V extends object> {
  /**
   * The cached answer of this key, else the one that `ask` gives. Callers at the same time share one call of `ask`, so
   * the answer must hold nothing about one user.
   * When `ask` rejects because the source is down (`outage`), an answer that has expired is used for another `grace`
   * milliseconds. After any other rejection it is dropped. Rejections are never cached.
   */
  get(key: string, ask: () => Promise<FreshAnswer<V>>): Promise<V>
  keep(key: string, value: V, ttl: number): void
}

interface AnswerCacheOptions {
  readonly max: number
  readonly now: () => number
  readonly grace: number
  readonly outage: (error: unknown) => boolean
}

interface CachedAnswer<V> {
  readonly value: V
  /** Until then it is used without asking. */
  readonly freshUntil: number
  /** Until then it is used when the source is down. */
  readonly until: number
}

export function answerCache<V extends object>({ max, now, grace, outage }: AnswerCacheOptions): AnswerCache<V> {
  const kept = new RecentMap<CachedAnswer<V>>(max)
  const asking = new Map<string, Promise<V>>()

  const keep = (key: string, value: V, ttl: number): void => {
    // A question that is still under way would overwrite this answer with an older one.
    asking.delete(key)
    kept.set(key, { value, freshUntil: now() + ttl, until: now() + ttl + grace })
  }

  const failed = (key: string, stale: CachedAnswer<V> | undefined, isCurrent: boolean, error: unknown): V => {
    if (stale !== undefined && now() < stale.until && outage(error)) {
      if (isCurrent) kept.set(key, { ...stale, freshUntil: now() + RETRY_EVERY })
      return stale.value
    }
    if (isCurrent) kept.delete(key)
    throw error
  }

  const question = (
    key: string,
    stale: CachedAnswer<V> | undefined,
    ask: () => Promise<FreshAnswer<V>>,
  ): Promise<V> => {
    const isCurrent = (): boolean => asking.get(key) === answer
    const answer: Promise<V> = ask()
      .then(({ value, ttl }) => {
        if (isCurrent()) keep(key, value, ttl)
        return value
      })
      .catch((error: unknown) => failed(key, stale, isCurrent(), error))
      .finally(() => {
        if (isCurrent()) asking.delete(key)
      })
    asking.set(key, answer)
    return answer
  }

  return {
    get: async (key, ask) => {
      const found = kept.get(key)
      if (found !== undefined && now() <= found.freshUntil) return found.value
      return asking.get(key) ?? question(key, found, ask)
    },
    keep,
  }
}
