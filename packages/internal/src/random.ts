import { randomBytes as drawn } from 'node:crypto'

/** Each call of the generator costs the same, however few bytes it is asked for: so they are drawn in blocks. */
const BLOCK = 4096

let block = Buffer.alloc(0)
let taken = 0

/** Random bytes, as `node:crypto` makes them, at most a block of them. No bytes are given out twice. */
export function randomBytes(size: number): Buffer {
  if (taken + size > block.length) {
    block = drawn(BLOCK)
    taken = 0
  }
  taken += size
  return block.subarray(taken - size, taken)
}
