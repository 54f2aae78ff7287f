import type { Expiring } from '#internal/documents/documents'
import type { Budget, ReleaseRequest, ReserveAnswer } from '../challenge-store.js'
import { countersOf, isTaken, judgedOf, type Counter, type Judged } from '../store-request.js'
import { judgeCount, withCode, withOneText, withoutTexts, type ConversionCount } from './conversion.js'

// Budgets: what people share who do not know each other. Each is counted in windows, and may be judged by its codes.

/** All that is kept of one budget. Instants are milliseconds since 1970. */
export interface BudgetRecord extends Expiring {
  /** What is taken in each window that runs. */
  readonly counts: readonly WindowCount[]
  readonly conversion?: ConversionCount | undefined
}

export interface WindowCount {
  /** How long it is, in milliseconds. */
  readonly window: number
  readonly taken: number
  readonly endsAt: number
}

/** The records of the budgets of one operation, by their keys. */
export type BudgetRecords = ReadonlyMap<string, BudgetRecord>

export interface BudgetChange<Answer> {
  readonly records: BudgetRecords
  readonly answer: Answer
}

/**
 * Takes one from each budget, or nothing from any. A count that is judged is kept as it was judged, whatever the
 * answer.
 */
export function reserveBudgets(
  records: BudgetRecords,
  budgets: readonly Budget[],
  now: number,
): BudgetChange<ReserveAnswer> {
  const left = new Map(records)
  const counters = countersOf(budgets)
  const judged = judgedOf(budgets)
  const refusal = firstPaused(left, judged, now) ?? firstSpent(left, counters, now)
  if (refusal) return { records: left, answer: refusal }
  for (const counter of counters.filter(isTaken)) move(left, counter, 1, now)
  for (const { budget } of judged.filter(isTaken)) {
    setConversion(left, budget, withOneText(conversionOf(left, budget, now), now), now)
  }
  return { records: left, answer: { status: 'reserved', at: now } }
}

/** Judges each in turn, until one is paused. */
function firstPaused(
  left: Map<string, BudgetRecord>,
  judged: readonly Judged[],
  now: number,
): ReserveAnswer | undefined {
  for (const [place, { budget, conversion }] of judged.entries()) {
    const given = conversionOf(left, budget, now)
    if (!given) continue
    const { count, began } = judgeCount(given, conversion, now)
    setConversion(left, budget, count, now)
    // What a prefix was paused for must not pause its country, too.
    if (began) forgetTexts(left, judged.slice(place + 1), began.sent - began.verified, now)
    if (now < count.pausedUntil) {
      return { status: 'paused', key: budget, retryAt: count.pausedUntil, at: now, ...began ? { began } : {} }
    }
  }
  return undefined
}

/** The first budget that is spent, and when the last of its spent windows opens again. */
function firstSpent(left: BudgetRecords, counters: readonly Counter[], now: number): ReserveAnswer | undefined {
  const spent = counters.filter((counter) => countOf(left, counter, now).taken >= counter.limit)
  const [first] = spent
  if (!first) return undefined
  const ends = spent.filter(({ budget }) => budget === first.budget).map(
    (counter) => countOf(left, counter, now).endsAt,
  )
  return { status: 'spent', key: first.budget, retryAt: Math.max(...ends), at: now }
}

/**
 * Gives one back to each budget, unless the window that it was taken from is over, and takes one from each of `charge`.
 */
export function releaseBudgets(
  records: BudgetRecords,
  { budgets, at, charge = [] }: ReleaseRequest,
  now: number,
): BudgetChange<undefined> {
  const left = new Map(records)
  for (const counter of countersOf(budgets).filter(isTaken)) {
    if (at >= countOf(left, counter, now).endsAt - counter.window) move(left, counter, -1, now)
  }
  for (const counter of countersOf(charge)) move(left, counter, 1, now)
  forgetTexts(left, judgedOf(budgets).filter(isTaken), 1, now)
  return { records: left, answer: undefined }
}

/**
 * Says of one text of each budget that its code was entered, or that it was lost. Nothing is counted where nothing is.
 */
export function settleBudgets(records: BudgetRecords, outcome: 'verified' | 'lost', now: number): BudgetChange<undefined> {
  const left = new Map(records)
  for (const budget of records.keys()) {
    const count = conversionOf(left, budget, now)
    if (count) setConversion(left, budget, outcome === 'verified' ? withCode(count) : withoutTexts(count, 1), now)
  }
  return { records: left, answer: undefined }
}

function forgetTexts(left: Map<string, BudgetRecord>, judged: readonly Judged[], texts: number, now: number): void {
  for (const { budget } of judged) {
    const count = conversionOf(left, budget, now)
    if (count) setConversion(left, budget, withoutTexts(count, texts), now)
  }
}

/** What a counter has taken in its running window. One that has not begun would begin now. */
const countOf = (left: BudgetRecords, { budget, window }: Counter, now: number): WindowCount =>
  left.get(budget)?.counts.find((count) => count.window === window && now < count.endsAt)
  ?? { window, taken: 0, endsAt: now + window }

function move(left: Map<string, BudgetRecord>, counter: Counter, step: 1 | -1, now: number): void {
  const { window, taken, endsAt } = countOf(left, counter, now)
  const { counts = [], conversion } = left.get(counter.budget) ?? {}
  const others = counts.filter((count) => count.window !== window)
  const moved = taken + step > 0 ? [...others, { window, taken: taken + step, endsAt }] : others
  keepBudget(left, counter.budget, { counts: moved, conversion }, now)
}

function conversionOf(left: BudgetRecords, budget: string, now: number): ConversionCount | undefined {
  const conversion = left.get(budget)?.conversion
  return conversion && now < conversion.endsAt ? conversion : undefined
}

function setConversion(
  left: Map<string, BudgetRecord>,
  budget: string,
  conversion: ConversionCount,
  now: number,
): void {
  keepBudget(left, budget, { counts: left.get(budget)?.counts ?? [], conversion }, now)
}

/** Keeps what has not ended. */
function keepBudget(left: Map<string, BudgetRecord>, budget: string, record: Omit<BudgetRecord, 'expiresAt'>, now: number): void {
  const counts = record.counts.filter((count) => now < count.endsAt)
  const conversion = record.conversion && now < record.conversion.endsAt ? record.conversion : undefined
  const expiresAt = Math.max(0, conversion?.endsAt ?? 0, ...counts.map(({ endsAt }) => endsAt))
  if (expiresAt === 0) left.delete(budget)
  else left.set(budget, conversion ? { expiresAt, counts, conversion } : { expiresAt, counts })
}
