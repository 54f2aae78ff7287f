import { within } from '#internal/deadline'
import type { Decide, Expiring } from '#internal/documents/documents'

export interface Change {
  readonly decide: Decide<Expiring, unknown>
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: unknown) => void
}

interface Batch {
  readonly keys: readonly string[]
  readonly waiting: Set<Change>
  readonly done: Promise<void>
}

const MOST_IN_BATCH = 100

/**
 * Lets the changes of one key wait for each other in this process, before any of them takes a connection. The changes
 * of the same keys that wait together are one transaction. So however many requests come for one key, which may be an
 * attacker's choice, they hold one connection of the pool, and 200 of them cost a few round trips.
 */
export class Batches {
  private readonly perform: (keys: readonly string[], changes: readonly Change[]) => Promise<void>
  /** By their keys, those that have not begun. */
  private readonly open = new Map<string, Batch>()
  /** By key, the one that began or waits as the last. */
  private readonly last = new Map<string, Batch>()

  /** @param perform settles all changes, or rejects. */
  constructor(perform: (keys: readonly string[], changes: readonly Change[]) => Promise<void>) {
    this.perform = perform
  }

  /** Rejects with a `DeadlineError` after `timeout` milliseconds; where it has not begun by then, it never will. */
  async add(keys: readonly string[], decide: Decide<Expiring, unknown>, timeout: number): Promise<unknown> {
    let change: Change | undefined
    const settled = new Promise<unknown>((resolve, reject) => { change = { decide, resolve, reject } })
    const added = change as unknown as Change
    const batch = this.batchOf(keys)
    batch.waiting.add(added)
    try {
      return await within(timeout, settled)
    } finally {
      batch.waiting.delete(added)
    }
  }

  private batchOf(keys: readonly string[]): Batch {
    const name = keys.join(' ')
    const open = this.open.get(name)
    if (open && open.waiting.size < MOST_IN_BATCH) return open
    // A batch waits for those that were made before it, never for a later one: so no circle of them can arise.
    const before = new Set(keys.flatMap((key) => this.last.get(key) ?? []))
    const waiting = new Set<Change>()
    const begin = async () => {
      await Promise.all([...before].map(({ done }) => done))
      if (this.open.get(name) === batch) this.open.delete(name)
      await this.run(batch)
    }
    const batch: Batch = { keys, waiting, done: Promise.resolve().then(begin) }
    this.open.set(name, batch)
    for (const key of keys) this.last.set(key, batch)
    return batch
  }

  private async run(batch: Batch): Promise<void> {
    const changes = [...batch.waiting]
    try {
      if (changes.length > 0) await this.perform(batch.keys, changes)
    } catch (error) {
      for (const { reject } of changes) reject(error)
    } finally {
      for (const key of batch.keys) if (this.last.get(key) === batch) this.last.delete(key)
    }
  }
}
