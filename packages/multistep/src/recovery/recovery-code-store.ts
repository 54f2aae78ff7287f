type Awaitable<T> = T | Promise<T>

/** Where an app keeps recovery codes: beside its accounts, for as long as these live. Only hashes get here; two or three columns are enough. */
export interface RecoveryCodeStore {
  /** Puts these in the place of all that the person had. */
  replace(userId: string, hashes: readonly string[]): Awaitable<unknown>
  /** Those not used yet; none for a person without any. */
  list(userId: string): Awaitable<readonly string[]>
  /** Takes one away in **one atomic step**: of any number of callers exactly one gets `true`. (SQL: `DELETE … WHERE` and the count of rows; Redis: `SREM`.) */
  remove(userId: string, hash: string): Awaitable<boolean>
}

/** Keeps them in this process: for development and tests. */
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
