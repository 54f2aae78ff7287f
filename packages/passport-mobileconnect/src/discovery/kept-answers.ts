import { LRUCache } from 'lru-cache'

/** Nobody's login waits for a source that is down more often than this, as long as an older answer is there. */
const pause = 60_000

export interface Fresh<V> {
  readonly value: V
  /** How long it may be kept, in milliseconds. */
  readonly ttl: number
}

export interface KeptAnswers<V extends object> {
  /**
   * The answer kept under this key, else the one that `ask` gives. Any number of questions at once ask once, and the answer is for all of them:
   * nothing of one person may be in it. When `ask` rejects, an answer whose time is over serves on if `outage` says that the source could not be
   * asked; otherwise it is forgotten. Rejections are never kept.
   */
  get(key: string, ask: () => Promise<Fresh<V>>): Promise<V>
  keep(key: string, value: V, ttl: number): void
}

export function keepAnswers<V extends object>({ max, now, outage }: { max: number, now: () => number, outage: (error: unknown) => boolean }): KeptAnswers<V> {
  const cache = new LRUCache<string, V, () => Promise<Fresh<V>>>({
    max,
    perf: { now },
    ttl: pause,
    ttlResolution: 0,
    // One question serves many people: it goes on when its place in the cache is needed for another.
    ignoreFetchAbort: true,
    async fetchMethod(_, stale, { options, context: ask }) {
      try {
        const { value, ttl } = await ask()
        options.ttl = ttl
        return value
      } catch (error) {
        if (stale === undefined || !outage(error)) throw error
        options.ttl = pause
        return stale
      }
    },
  })
  return {
    get: (key, ask) => cache.forceFetch(key, { context: ask }),
    keep: (key, value, ttl) => { cache.set(key, value, { ttl }) },
  }
}
