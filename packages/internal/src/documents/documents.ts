/**
 * What a store keeps: a JSON object that ends.
 * It holds strings, finite numbers, booleans, null, arrays and objects, so that JSON gives back what was kept.
 */
export interface Expiring {
  /**
   * Milliseconds since 1970 by the clock of the documents. The record is gone from this instant on.
   * What never ends has `Number.MAX_SAFE_INTEGER`.
   */
  readonly expiresAt: number
}

/** Records as they stood at one moment, in the order of their keys. `undefined`: there is none, or it has ended. */
export interface Found<Kept extends Expiring> {
  readonly records: readonly (Kept | undefined)[]
  /** The same moment, in whole milliseconds since 1970. */
  readonly now: number
}

/** What a change makes of its records, in the order of their keys, and what it answers. */
export interface Decision<Kept extends Expiring, Answer> {
  /** `undefined` forgets the record. The object that was given (`===`) leaves it as it is, which costs no writing. */
  readonly records: readonly (Kept | undefined)[]
  readonly answer: Answer
}

/**
 * Decides over records at one moment. It is pure: it changes nothing that it is given, awaits nothing and has no
 * effect, for it may be called again. It takes the time from `now` alone.
 */
export type Decide<Kept extends Expiring, Answer> =
  (records: readonly (Kept | undefined)[], now: number) => Decision<Kept, Answer>

/**
 * The port under all stores: documents that expire, each under a key, changed atomically. An adapter puts it on a
 * database. All rules of the stores are pure functions over it.
 *
 * A key is printable ASCII without spaces, of at most 255 characters (`documentKey` makes such keys). What is kept is
 * text that `JSON.stringify` writes, which never holds the character U+0000. Time is the clock of the documents, one
 * for all processes.
 */
export interface Documents {
  /**
   * Reads the records of these keys, lets `decide` say what becomes of them, and keeps that: all of it, or nothing.
   *
   * - Changes that share a key happen one after the other. Each sees what the one before has left. Of any number of
   *   calls at the same time that take a record, exactly one finds it, and no count is lost.
   * - `now` never goes back from one change of a key to the next, as far as the clock of the documents keeps to that.
   * - Keys may come in any order. Two changes whose keys cross wait for each other's end. They never block each other
   *   for good.
   * - After a conflict with another change `decide` may be called again, with what is there by then.
   * - Where `decide` throws, nothing is kept, and `change` rejects with that very error.
   * - When it resolves, the change is kept as safely as the database keeps anything.
   * - When it rejects for another reason, the change was made or was not made: the connection may have ended before the
   *   answer came. Nobody is let in after a rejection.
   * - It settles within the deadline of its adapter.
   *
   * @param keys distinct ones, at most 64. None is allowed, and tells the time.
   */
  change<Kept extends Expiring, Answer>(keys: readonly string[], decide: Decide<Kept, Answer>): Promise<Answer>
  /** The records of these keys, as they stood at one moment, without waiting for a change. No keys: only the time. */
  read<Kept extends Expiring>(keys: readonly string[]): Promise<Found<Kept>>
  /**
   * Removes records that have ended, and looks at no more than `limit` of them.
   * @returns how many it removed. As long as that is `limit`, there may be more.
   */
  sweep(limit: number): Promise<number>
}

/** A {@link Decision} over one record. */
export interface Decided<Kept extends Expiring, Answer> {
  readonly record: Kept | undefined
  readonly answer: Answer
}

/** {@link Documents.change} for one key. */
export const changeOne = <Kept extends Expiring, Answer>(
  documents: Documents,
  key: string,
  decide: (record: Kept | undefined, now: number) => Decided<Kept, Answer>,
): Promise<Answer> =>
  documents.change<Kept, Answer>([key], (records, now) => {
    const { record, answer } = decide(records[0], now)
    return { records: [record], answer }
  })

const MOST_KEYS = 64

/**
 * For adapters: refuses keys that the port does not allow. They are made by a store, so that a wrong one is a defect of
 * it.
 * @throws TypeError
 * @example
 * checkKeys(['sms:subject:1']) // in `change` and `read` of an adapter
 */
export function checkKeys(keys: readonly string[]): void {
  checkDistinct(keys)
  for (const key of keys) checkKey(key)
}

/** The part of {@link checkKeys} that looks at a key alone, for adapters that know which keys they have seen before. */
export function checkKey(key: string): void {
  if (!/^[!-~]{1,255}$/.test(key)) {
    throw new TypeError('A key is printable ASCII without spaces, of 1 to 255 characters.')
  }
}

/** The part of {@link checkKeys} that looks at all keys of one change. */
export function checkDistinct(keys: readonly string[]): void {
  if (keys.length > MOST_KEYS) throw new TypeError(`One change is of at most ${MOST_KEYS} keys, not ${keys.length}.`)
  for (let index = 1; index < keys.length; index += 1) {
    if (keys.indexOf(keys[index] as string) < index) throw new TypeError('The keys of one change are distinct.')
  }
}

/**
 * For adapters: refuses a decision of another shape than the port allows.
 * A record whose end is no number would be kept for ever, because no comparison with it is ever true.
 * @throws TypeError
 * @example
 * checkDecision(['sms:subject:1'], decide([undefined], Date.now())) // before an adapter writes
 */
export function checkDecision(keys: readonly string[], { records }: Decision<Expiring, unknown>): void {
  if (records.length !== keys.length) {
    throw new TypeError(`The change of ${keys.length} keys decided over ${records.length} records.`)
  }
  for (const record of records) {
    if (record !== undefined && !Number.isSafeInteger(record.expiresAt)) {
      throw new TypeError('The expiresAt of a record is a whole number of milliseconds.')
    }
  }
}

/**
 * For adapters: a record, unless it has ended.
 * @example
 * unlessEnded({ expiresAt: 1_000 }, 2_000) // undefined
 */
export const unlessEnded = <Kept extends Expiring>(record: Kept | undefined, now: number): Kept | undefined =>
  (record !== undefined && now < record.expiresAt ? record : undefined)
