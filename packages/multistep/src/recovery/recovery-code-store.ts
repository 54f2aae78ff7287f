import type { Awaitable } from '../lib/awaitable.js'

/**
 * Where an app stores recovery codes: beside its accounts, for as long as they exist. The store only gets hashes, so a
 * table of two columns is enough.
 */
export interface RecoveryCodeStore {
  /** Replaces all hashes of the user. */
  replace(userId: string, hashes: readonly string[]): Awaitable<unknown>
  /** The hashes of codes that were not used yet. */
  list(userId: string): Awaitable<readonly string[]>
  /**
   * Removes a hash in **one atomic step**: of any number of callers exactly one gets `true`. (SQL: `DELETE … WHERE` and
   * the number of rows; Redis: `SREM`.)
   */
  remove(userId: string, hash: string): Awaitable<boolean>
}

/**
 * Keeps the hashes in this process, for development and tests.
 * @example
 * passport.use(new RecoveryCodeStrategy({ store: new MemoryRecoveryCodeStore() }))
 */
export class MemoryRecoveryCodeStore implements RecoveryCodeStore {
  private readonly kept = new Map<string, Set<string>>()

  replace(userId: string, hashes: readonly string[]): void {
    this.kept.set(userId, new Set(hashes))
  }

  list(userId: string): readonly string[] {
    return [...this.kept.get(userId) ?? []]
  }

  remove(userId: string, hash: string): boolean {
    return this.kept.get(userId)?.delete(hash) ?? false
  }
}
