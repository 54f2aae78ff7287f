import type { ShardedMap } from './sharded-map.js'

/**
 * Drops what is due from a map, a few entries a call, going on where the last call stopped: a call costs the same however much
 * is pending, and as long as calls look at more entries than they add, what is due can not pile up.
 */
export function sweeper<Value>(map: ShardedMap<Value>): (steps: number, isDue: (value: Value) => boolean) => void {
  let cursor = map[Symbol.iterator]()
  return (steps, isDue) => {
    for (let step = 0; step < steps; step += 1) {
      const next = cursor.next()
      if (next.done) cursor = map[Symbol.iterator]()
      else if (isDue(next.value[1])) map.delete(next.value[0])
    }
  }
}
