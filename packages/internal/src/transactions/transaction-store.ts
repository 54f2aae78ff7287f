/**
 * Where a login that is under way elsewhere is kept, between the request that began it and the one that ends it.
 *
 * What is kept is sealed: a store holds no key, and reads nothing. Every operation is one atomic step, the store owns
 * time, and every failure rejects, so that nobody is logged in on the word of a store that is not there.
 */
export interface TransactionStore {
  /** Keeps `sealed` under `id` for `ttl` milliseconds. */
  put(id: string, sealed: string, ttl: number): Promise<void>
  /**
   * Gives a transaction away and forgets it: of any number of calls at the same time exactly one gets it. `undefined`:
   * gone, or never there.
   */
  take(id: string): Promise<string | undefined>
  /**
   * Gives a transaction to the caller that may ask the operator about it now, and to no other for `lease`
   * milliseconds: of any number of calls at the same time exactly one gets it.
   */
  claim(id: string, lease: number): Promise<ClaimAnswer>
  /**
   * The next `claim` may succeed in `delay` milliseconds, whatever the lease was; and from now on each one tells
   * `slower` milliseconds more in `slowed`. Does nothing when the transaction is gone.
   */
  postpone(id: string, delay: number, slower: number): Promise<void>
  /**
   * Counts one under `key`, unless `limit` were counted within the last `window` milliseconds: all at the same time
   * never count more.
   */
  count(key: string, limit: number, window: number): Promise<CountAnswer>
}

/** What a store answers to the one who wants to ask about a transaction now. */
export type ClaimAnswer =
  /** `slowed`: the sum of what it was slowed down by, in milliseconds. */
  | { readonly status: 'claimed', readonly sealed: string, readonly slowed: number }
  /** Another one asks just now, or asked not long ago. `wait`: milliseconds. */
  | { readonly status: 'early', readonly wait: number }
  | { readonly status: 'unknown' }

/** Whether a begin was counted, or the window is full. */
export type CountAnswer =
  | { readonly status: 'counted' }
  /** `wait`: milliseconds until one more will be counted. */
  | { readonly status: 'spent', readonly wait: number }

/** The methods of a store, by which an option of an app is recognised as one. */
export const storeMethods = ['put', 'take', 'claim', 'postpone', 'count'] as const

/** Makes the error of a package for a store that does not answer, or that answers what it must not. */
export type StoreUnavailable = (message: string, cause?: unknown) => Error
