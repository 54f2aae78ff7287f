/** Of a million entries each holds some fifteen thousand, which are moved within a millisecond or two. */
const SHARDS = 64

/**
 * A map in parts. A `Map` moves all its entries when it grows or has lost many: of a million that takes a hundred milliseconds, in which nobody
 * is served. Here one part at a time does so.
 */
export class ShardedMap<Value> {
  private readonly shards = Array.from({ length: SHARDS }, () => new Map<string, Value>())
  private held = 0

  get size(): number {
    return this.held
  }

  has(key: string): boolean {
    return this.shardOf(key).has(key)
  }

  get(key: string): Value | undefined {
    return this.shardOf(key).get(key)
  }

  set(key: string, value: Value): void {
    const shard = this.shardOf(key)
    const before = shard.size
    shard.set(key, value)
    this.held += shard.size - before
  }

  delete(key: string): void {
    if (this.shardOf(key).delete(key)) this.held -= 1
  }

  * [Symbol.iterator](): Generator<[string, Value]> {
    for (const shard of this.shards) yield* shard
  }

  /** Keys begin with a tag, whose characters are as good as random. Others need only be spread somehow. */
  private shardOf(key: string): Map<string, Value> {
    let sum = 0
    for (let place = 0; place < 4; place += 1) sum = sum * 31 + (key.charCodeAt(place) || 0)
    const shard = this.shards[sum % SHARDS]
    if (!shard) throw new RangeError('There is no such shard.')
    return shard
  }
}
