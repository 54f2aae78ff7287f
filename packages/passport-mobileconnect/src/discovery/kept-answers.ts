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
   * nothing of one person may be in it. When `ask` rejects because the source could not be asked (`outage`), an answer whose time is over serves
   * on for `grace` milliseconds; for any other reason it is forgotten. Rejections are never kept.
   */
  get(key: string, ask: () => Promise<Fresh<V>>): Promise<V>
  keep(key: string, value: V, ttl: number): void
}

interface Options {
  readonly max: number
  readonly now: () => number
  readonly grace: number
  readonly outage: (error: unknown) => boolean
}

interface Kept<V> {
  readonly value: V
  /** The end of its grace. */
  readonly until: number
}

export function keepAnswers<V extends object>({ max, now, grace, outage }: Options): KeptAnswers<V> {
  const kept = (value: V, ttl: number): Kept<V> => ({ value, until: now() + ttl + grace })
  const cache = new LRUCache<string, Kept<V>, () => Promise<Fresh<V>>>({
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
        return kept(value, ttl)
      } catch (error) {
        if (stale === undefined || now() >= stale.until || !outage(error)) throw error
        options.ttl = pause
        return stale
      }
    },
  })
  return {
    get: async (key, ask) => (await cache.forceFetch(key, { context: ask })).value,
    keep: (key, value, ttl) => { cache.set(key, kept(value, ttl), { ttl }) },
  }
}
