/**
 * So many entries a map may have: a map that grows copies all of its entries at once, which takes 100 ms for a million of them, and 1 ms for these.
 */
const mostInMap = 8192

/** Into how many maps so many entries go: a power of two. */
export const shardsFor = (capacity: number): number => 2 ** Math.max(0, Math.ceil(Math.log2(capacity / mostInMap)))

/** The shard that a key belongs to. */
export const shardOf = <Shard>(shards: readonly Shard[], key: string): Shard => shards[indexOf(key, shards.length)] as Shard

/** FNV-1a. Keys hold digests or random words, so that they spread. */
function indexOf(key: string, shards: number): number {
  if (shards === 1) return 0
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  return (hash ^ hash >>> 15) & (shards - 1)
}
