import type { SwapCheck } from '../checks/swap-check.js'
import { NUMBERS_KEPT, RecentEntries } from '../lib/recently.js'

/** A check with its answers of late. */
export interface KeptCheck extends SwapCheck {
  readonly answers: KeptAnswers
}

/** Whether something changed, by a name that stands for the number. */
export interface KeptAnswers {
  get(number: string): boolean | undefined
  keep(number: string, swapped: boolean): void
}

export function keptAnswers(length: number, now: () => number): KeptAnswers {
  const answers = new RecentEntries<{ readonly swapped: boolean, readonly until: number }>(NUMBERS_KEPT)
  return {
    get(number) {
      const kept = answers.get(number)
      return kept && now() < kept.until ? kept.swapped : undefined
    },
    keep(number, swapped) {
      answers.set(number, { swapped, until: now() + length })
    },
  }
}
