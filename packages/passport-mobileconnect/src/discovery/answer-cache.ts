import { RecentMap } from '../recent-map.js'

/** Nobody's login waits for a source that is down more often than this, as long as an older answer is there. */
const pause = 60_000

export interface FreshAnswer<V> {
  readonly value: V
  /** How long it may be kept, in milliseconds. */
  readonly ttl: number
}

export interface AnswerCache<V extends object> {
  /**
   * The answer kept under this key, else the one that `ask` gives. Any number of questions at once ask once, and the answer is for all of them:
   * nothing of one person may be in it. When `ask` rejects because the source could not be asked (`outage`), an answer whose time is over serves
   * on for `grace` milliseconds; for any other reason it is forgotten. Rejections are never kept.
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
  /** The end of its time. */
  readonly freshUntil: number
  /** The end of its grace. */
  readonly until: number
}

export function answerCache<V extends object>({ max, now, grace, outage }: AnswerCacheOptions): AnswerCache<V> {
  const kept = new RecentMap<CachedAnswer<V>>(max)
  const asking = new Map<string, Promise<V>>()

  const keep = (key: string, value: V, ttl: number): void => {
    // What is told now is newer than what a question that is under way will bring.
    asking.delete(key)
    kept.set(key, { value, freshUntil: now() + ttl, until: now() + ttl + grace })
  }

  const failed = (key: string, stale: CachedAnswer<V> | undefined, isCurrent: boolean, error: unknown): V => {
    if (stale !== undefined && now() < stale.until && outage(error)) {
      if (isCurrent) kept.set(key, { ...stale, freshUntil: now() + pause })
      return stale.value
    }
    if (isCurrent) kept.delete(key)
    throw error
  }

  const question = (key: string, stale: CachedAnswer<V> | undefined, ask: () => Promise<FreshAnswer<V>>): Promise<V> => {
    const isCurrent = (): boolean => asking.get(key) === answer
    const answer: Promise<V> = ask()
      .then(({ value, ttl }) => {
        if (isCurrent()) keep(key, value, ttl)
        return value
      })
      .catch((error: unknown) => failed(key, stale, isCurrent(), error))
      .finally(() => { if (isCurrent()) asking.delete(key) })
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
