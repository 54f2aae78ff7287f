import { MultistepError } from '../../lib/errors.js'
import { shardOf, shardsFor } from './shards.js'

const stepsOfAWrite = 2
const stepsWhenFull = 64

/**
 * A map of at most `capacity` entries that end at their `expiresAt`. No timer: every write looks at a few entries and removes the ended ones.
 * When it is full a new entry is refused, or, where strangers make them, the oldest one of its shard yields.
 */
export class ExpiringMap<Value extends { readonly expiresAt: number }> {
  size = 0
  private readonly shards: readonly Map<string, Value>[]
  private readonly capacity: number
  private readonly full: 'refuses' | 'oldest yields'
  /** Where the sweep has come to. */
  private swept = 0
  private sweeper: Iterator<[string, Value]>

  constructor(capacity: number, full: 'refuses' | 'oldest yields' = 'refuses') {
    this.capacity = capacity
    this.full = full
    this.shards = Array.from({ length: shardsFor(capacity) }, () => new Map<string, Value>())
    this.sweeper = this.nextShard()
  }

  get(key: string, now: number): Value | undefined {
    const value = shardOf(this.shards, key).get(key)
    return value !== undefined && now < value.expiresAt ? value : undefined
  }

  /** @throws MultistepError `store_unavailable`: `key` is new and the map is full. */
  assertRoom(key: string, now: number): void {
    if (this.size < this.capacity || shardOf(this.shards, key).has(key)) return
    this.sweep(now, stepsWhenFull)
    if (this.full === 'oldest yields' && this.size >= this.capacity) this.yieldOldest(key)
    if (this.size >= this.capacity) throw new MultistepError('store_unavailable', `The memory store is full: it keeps ${this.capacity} of a kind.`)
  }

  /** @throws MultistepError `store_unavailable`: `key` is new and the map is full. */
  set(key: string, value: Value, now: number): void {
    this.assertRoom(key, now)
    const shard = shardOf(this.shards, key)
    const before = shard.size
    shard.set(key, value)
    this.size += shard.size - before
    this.sweep(now, stepsOfAWrite)
  }

  delete(key: string): void {
    if (shardOf(this.shards, key).delete(key)) this.size -= 1
  }

  private yieldOldest(key: string): void {
    const shard = shardOf(this.shards, key)
    const crowded = shard.size > 0 ? shard : this.shards.find((other) => other.size > 0)
    const oldest = crowded?.keys().next().value
    if (oldest !== undefined) this.delete(oldest)
  }

  private nextShard(): Iterator<[string, Value]> {
    this.swept = (this.swept + 1) % this.shards.length
    return (this.shards[this.swept] as Map<string, Value>).entries()
  }

  private sweep(now: number, steps: number): void {
    for (let step = 0; step < steps; step += 1) {
      const next = this.sweeper.next()
      if (next.done) {
        this.sweeper = this.nextShard()
      } else if (now >= next.value[1].expiresAt) this.delete(next.value[0])
    }
  }
}
