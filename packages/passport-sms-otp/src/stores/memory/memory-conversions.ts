import type { Conversion, ReserveAnswer } from '../challenge-store.js'
import { COUNT_KEPT, type Judged } from '../store-request.js'
import { ShardedMap } from './sharded-map.js'
import { sweeper } from './sweeper.js'

interface Count {
  /** Texts that had time to be answered, and all codes that came. */
  sent: number
  verified: number
  /** Younger texts, in two generations: those that became `aging` at `since`, and those that came later. */
  aging: number
  fresh: number
  since: number
  pausedUntil: number
  endsAt: number
}

/** How many texts of each prefix and country came back as codes, for the memory store: at most `capacity` of them. */
export class MemoryConversions {
  private readonly counts = new ShardedMap<Count>()
  private readonly sweepCounts = sweeper(this.counts)
  private readonly capacity: number

  constructor(capacity: number) {
    this.capacity = capacity
  }

  /** The first that is paused. */
  judge(judged: readonly Judged[], at: number): ReserveAnswer | undefined {
    this.sweepCounts(2 * judged.length, ({ endsAt }) => at >= endsAt)
    for (const [index, { budget, conversion }] of judged.entries()) {
      const count = this.find(budget, at)
      const began = count && judge(count, conversion, at)
      if (began) this.excuse(judged.slice(index + 1), began.sent - began.verified, at)
      if (count && at < count.pausedUntil) return { status: 'paused', key: budget, retryAt: count.pausedUntil, at, ...began ? { began } : {} }
    }
    return undefined
  }

  /** What a prefix was paused for must not pause its country, too. */
  private excuse(others: readonly Judged[], texts: number, at: number): void {
    for (const { budget } of others) {
      const count = this.find(budget, at)
      if (count) forget(count, texts)
    }
  }

  hasRoomFor(judged: readonly Judged[]): boolean {
    const added = judged.filter(({ budget }) => !this.counts.has(budget)).length
    return added === 0 || this.counts.size + added <= this.capacity
  }

  add(judged: readonly Judged[], at: number): void {
    for (const { budget } of judged) {
      const count = this.find(budget, at) ?? { sent: 0, verified: 0, aging: 0, fresh: 0, since: at, pausedUntil: 0, endsAt: 0 }
      count.fresh += 1
      count.endsAt = at + COUNT_KEPT
      this.counts.set(budget, count)
    }
  }

  settle(budgets: readonly string[], outcome: 'verified' | 'lost', at: number): void {
    for (const budget of budgets) {
      const count = this.find(budget, at)
      if (!count) continue
      if (outcome === 'verified') count.verified += 1
      else forget(count, 1)
    }
  }

  private find(budget: string, at: number): Count | undefined {
    const count = this.counts.get(budget)
    return count && at < count.endsAt ? count : undefined
  }
}

function judge(count: Count, { below, over, pauseFor, patience }: Conversion, at: number): { sent: number, verified: number } | undefined {
  ripen(count, patience, at)
  const { sent, verified } = count
  if (at < count.pausedUntil || sent < over) return undefined
  count.sent = 0
  // What is left over belongs to texts that are still young.
  count.verified = Math.max(0, verified - sent)
  if (verified >= below * sent) return undefined
  Object.assign(count, { aging: 0, fresh: 0, pausedUntil: at + pauseFor, endsAt: Math.max(count.endsAt, at + pauseFor) })
  return { sent, verified }
}

function ripen(count: Count, patience: number, at: number): void {
  if (at < count.since + patience) return
  const all = at >= count.since + 2 * patience
  count.sent += count.aging + (all ? count.fresh : 0)
  count.aging = all ? 0 : count.fresh
  count.fresh = 0
  count.since = at
}

/** The youngest first. */
function forget(count: Count, texts: number): void {
  let left = texts
  for (const generation of ['fresh', 'aging', 'sent'] as const) {
    const taken = Math.min(left, count[generation])
    count[generation] -= taken
    left -= taken
  }
}
