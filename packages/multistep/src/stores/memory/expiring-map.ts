import { MultistepError } from '../../errors.js'

const stepsOfAWrite = 2
const stepsWhenFull = 64

/**
 * A map of at most `capacity` entries that end at their `expiresAt`. No timer: every write looks at a few entries and removes the ended ones.
 * When it is full a new entry is refused, or, where strangers make them, the oldest one yields.
 */
export class ExpiringMap<Value extends { readonly expiresAt: number }> {
  private readonly entries = new Map<string, Value>()
  private readonly capacity: number
  private sweeper = this.entries.entries()

  private readonly full: 'refuses' | 'oldest yields'

  constructor(capacity: number, full: 'refuses' | 'oldest yields' = 'refuses') {
    this.capacity = capacity
    this.full = full
  }

  get size(): number {
    return this.entries.size
  }

  get(key: string, now: number): Value | undefined {
    const value = this.entries.get(key)
    return value !== undefined && now < value.expiresAt ? value : undefined
  }

  /** @throws MultistepError `store_unavailable`: `key` is new and the map is full. */
  assertRoom(key: string, now: number): void {
    if (this.entries.has(key) || this.entries.size < this.capacity) return
    this.sweep(now, stepsWhenFull)
    if (this.full === 'oldest yields' && this.entries.size >= this.capacity) this.entries.delete(this.entries.keys().next().value ?? key)
    if (this.entries.size >= this.capacity) throw new MultistepError('store_unavailable', `The memory store is full: it keeps ${this.capacity} of a kind.`)
  }

  /** @throws MultistepError `store_unavailable`: `key` is new and the map is full. */
  set(key: string, value: Value, now: number): void {
    this.assertRoom(key, now)
    this.entries.set(key, value)
    this.sweep(now, stepsOfAWrite)
  }

  delete(key: string): void {
    this.entries.delete(key)
  }

  private sweep(now: number, steps: number): void {
    for (let step = 0; step < steps; step += 1) {
      const next = this.sweeper.next()
      if (next.done) this.sweeper = this.entries.entries()
      else if (now >= next.value[1].expiresAt) this.entries.delete(next.value[0])
    }
  }
}
