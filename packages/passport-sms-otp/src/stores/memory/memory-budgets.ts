import type { Budget, ReleaseRequest, ReserveAnswer } from '../challenge-store.js'
import { MemoryConversions } from './memory-conversions.js'
import { countersOf, isTaken, judgedOf, type Counter } from '../store-request.js'
import { ShardedMap } from './sharded-map.js'
import { sweeper } from './sweeper.js'

interface Count {
  readonly taken: number
  readonly endsAt: number
}

/** The shared budgets of the memory store: at most `capacity` running counters. */
export class MemoryBudgets {
  private readonly counts = new ShardedMap<Count>()
  private readonly sweepCounts = sweeper(this.counts)
  private readonly conversions: MemoryConversions
  private readonly capacity: number

  constructor(capacity: number) {
    this.capacity = capacity
    // A text is judged with its prefix and its country.
    this.conversions = new MemoryConversions(2 * capacity)
  }

  /** Undefined when there is no room left to count. */
  reserve(budgets: readonly Budget[], at: number): ReserveAnswer | undefined {
    const counters = countersOf(budgets)
    const judged = judgedOf(budgets)
    const paused = this.conversions.judge(judged, at)
    if (paused) return paused
    this.sweep(counters.length, at)
    const spent = counters.filter((counter) => this.countOf(counter, at).taken >= counter.limit)
    const [first] = spent
    if (first) {
      const ends = spent.filter(({ budget }) => budget === first.budget).map((counter) => this.countOf(counter, at).endsAt)
      return { status: 'spent', key: first.budget, retryAt: Math.max(...ends), at }
    }
    const added = counters.filter(({ name }) => !this.counts.has(name)).length
    if (added > 0 && this.counts.size + added > this.capacity) return undefined
    if (!this.conversions.hasRoomFor(judged)) return undefined
    for (const counter of counters.filter(isTaken)) this.move(counter, 1, at)
    this.conversions.add(judged.filter(isTaken), at)
    return { status: 'reserved', at }
  }

  release({ budgets, at: reservedAt, charge = [] }: ReleaseRequest, at: number): void {
    for (const counter of countersOf(budgets).filter(isTaken)) {
      if (reservedAt >= this.countOf(counter, at).endsAt - counter.window) this.move(counter, -1, at)
    }
    const charged = countersOf(charge)
    // What no room is left for is not counted: somebody waits for a refusal, and must not get a failure instead.
    this.sweep(charged.length, at)
    for (const counter of charged) {
      if (this.counts.has(counter.name) || this.counts.size < this.capacity) this.move(counter, 1, at)
    }
    this.settle(judgedOf(budgets).filter(isTaken).map(({ budget }) => budget), 'lost', at)
  }

  settle(keys: readonly string[], outcome: 'verified' | 'lost', at: number): void {
    this.conversions.settle(keys, outcome, at)
  }

  /** Two looks for each counter that may be added, so that ended ones can not pile up. */
  private sweep(added: number, at: number): void {
    this.sweepCounts(2 * added, ({ endsAt }) => at >= endsAt)
  }

  private move(counter: Counter, step: number, at: number): void {
    const { taken, endsAt } = this.countOf(counter, at)
    if (taken + step > 0) this.counts.set(counter.name, { taken: taken + step, endsAt })
    else this.counts.delete(counter.name)
  }

  private countOf({ name, window }: Counter, at: number): Count {
    const count = this.counts.get(name)
    return count && at < count.endsAt ? count : { taken: 0, endsAt: at + window }
  }
}
