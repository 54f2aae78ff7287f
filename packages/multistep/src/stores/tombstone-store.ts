/**
 * The part of a `FlowStore` that says of a session whose id was renewed where the request went that renewed it. A
 * tombstone logs nobody in and proves nothing. It is named by a digest of the old session's cookie, lives briefly, and
 * is no part of any partition.
 */
export interface TombstoneStore {
  /** Leaves one for `ttl` milliseconds. Of any number of callers exactly one gets `true`; the others change nothing. */
  leaveTombstone(session: string, to: string, ttl: number): Promise<boolean>
  /**
   * Says from now on that it went there; `undefined`: that it went nowhere. Where there is no tombstone, nothing
   * happens.
   */
  changeTombstone(session: string, to: string | undefined): Promise<void>
  /** A path; `''`: it is not decided yet. */
  readTombstone(session: string): Promise<string | undefined>
}

/** `session`: the digest that names it. `to`: as `readTombstone` tells it. `ttl`: milliseconds. */
export interface NewTombstone {
  readonly session: string
  readonly to: string
  readonly ttl: number
}
