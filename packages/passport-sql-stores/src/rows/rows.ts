/** A row as the table holds it. */
export interface Row {
  readonly key: string
  /** JSON in ASCII. */
  readonly data: string
}

export interface NewRow extends Row {
  readonly expiresAt: number
}

export interface FoundRows {
  readonly rows: readonly Row[]
  /** The time of the database, in whole milliseconds since 1970. */
  readonly now: number
}

export interface Writes {
  readonly put: readonly NewRow[]
  readonly remove: readonly string[]
}

/**
 * One table of one database. All that differs between databases is behind this. Ended rows are found like others: what
 * has ended is decided where the clock is known.
 *
 * A rejection is an error of the driver. When the signal is aborted, nobody waits for the answer any more: the
 * connection is given up, for nobody knows what it is about to do.
 */
export interface Rows {
  /**
   * One transaction. It locks these keys, whether or not they have rows, so that another transaction of any of them
   * waits; it reads, lets `decide` say what to write, which throws nothing, and commits.
   */
  transact(keys: readonly string[], decide: (found: FoundRows) => Writes, signal: AbortSignal): Promise<void>
  /** The rows of these keys as they stood at one moment, without waiting for a lock. */
  select(keys: readonly string[], signal: AbortSignal): Promise<FoundRows>
  /**
   * Removes rows that ended, at most `limit` of them, and skips or waits for those that are locked.
   * @param now by another clock than the database's.
   * @returns how many it removed.
   */
  sweep(limit: number, now: number | undefined, signal: AbortSignal): Promise<number>
}
