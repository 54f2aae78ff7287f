/**
 * The part of a `FlowStore` that counts failures: a *ledger* holds those in a row of one person, or of one submitted
 * name, at one factor.
 */
export interface LedgerStore {
  /**
   * Asks to make one attempt, and counts it as a failure **before** it is made, so that parallel guesses cannot pass
   * the limit. `settle` says how it went. Locked ledgers allow and count nothing. The `after`th consecutive failure,
   * and each further multiple, locks: for `for` milliseconds, each next time twice as long, at most `max`. Failures are
   * forgotten `max` milliseconds after the last one, or after the lock it brought about. With `once`, a token that was
   * presented before (within its `ttl`) is `replayed`: counted, and not to be evaluated.
   */
  attempt(ledger: LedgerKey, policy: LockoutPolicy, once?: PresentedToken): Promise<AttemptAnswer>
  /**
   * `passed` clears the ledger, and makes a name one that an account was found for; `cleared` clears it and says
   * nothing of the name; `uncounted` takes the attempt back, because it was no attempt (an empty field, a refusal for
   * other reasons).
   */
  settle(ledger: LedgerKey, outcome: Settled): Promise<void>
}

/** `ttl`: milliseconds. */
export interface PresentedToken {
  readonly token: string
  readonly ttl: number
}

/** What an attempt came to: `passed` and `cleared` forget the failures. */
export type Settled = 'passed' | 'cleared' | 'uncounted'

/**
 * Whose failures at which factor. `of: 'name'`: the failures of a name that was submitted, which anybody can make up.
 * A store keeps names that have `passed` in the last 90 days apart, and what strangers do ends none of them. Of the
 * others it keeps so many and no more: those that were never locked, and those that were, each apart. Of each kind one
 * whose last attempt is long ago yields to a new one. Until then both have one life, and all the same answers.
 */
export interface LedgerKey {
  readonly partition: string
  readonly factor: string
  readonly of?: 'name'
}

/** How many failures in a row lock, for how long, and how long at most. Milliseconds. */
export interface LockoutPolicy {
  readonly after: number
  readonly for: number
  readonly max: number
}

/** Whether an attempt may be made. It is counted as a failure already. */
export type AttemptAnswer =
  /** `locks`: as a failure, this attempt has locked the ledger. */
  | { readonly status: 'allowed', readonly locks: boolean, readonly at: number }
  | { readonly status: 'locked', readonly retryAt: number, readonly at: number }
  | { readonly status: 'replayed', readonly locks: boolean, readonly at: number }
