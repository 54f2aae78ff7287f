import type { Aim } from './aims.js'
import type { Child } from './children.js'
import { aimed, title } from './print.js'

/** One side of a comparison. */
export interface Side {
  readonly name: string
  /** Does its work for one round, and says how often it did it in a second of its own processor time. */
  round(): Promise<number>
}

/** A side whose round is `times` times the same work, done by a process of its own. */
export const counted = (name: string, child: Child, times: number, run: (times: number) => Promise<unknown>): Side => ({
  name,
  round: async () => times / await child.seconds(() => run(times)),
})

/** How often each side did its work in a second of processor time, round by round. */
export type Rates = ReadonlyMap<Side, readonly number[]>

/** All sides in turns, after two rounds each to warm up. */
export async function inTurns(sides: readonly Side[], rounds: number): Promise<Rates> {
  for (const side of [...sides, ...sides]) await side.round()
  const rates = new Map(sides.map((side) => [side, [] as number[]]))
  for (let round = 0; round < rounds; round += 1) {
    // The side that comes first in one round comes last in the next.
    for (const side of round % 2 === 0 ? sides : [...sides].reverse()) rates.get(side)?.push(await side.round())
  }
  return rates
}

export const ratioTitle = (text: string): void => title(text, 'ratio', 'aim', '', 'from', 'to', 'µs', 'other µs')

/**
 * Prints how one side does beside another. The ratio is taken within each round, whose sides meet the same noise: it is
 * the median of them, and the middle half of them shows how sure it is. The microseconds are for orientation only.
 */
export function compared(rates: Rates, side: Side, other: Side, aim?: Aim): void {
  const own = rates.get(side) ?? []
  const others = rates.get(other) ?? []
  const ratios = own.map((rate, round) => rate / (others[round] ?? Number.NaN))
  const ratio = at(0.5, ratios)
  const micros = (values: readonly number[]) => Math.round(1e6 / at(0.5, values))
  const spread = [at(0.25, ratios).toFixed(2), at(0.75, ratios).toFixed(2)]
  aimed(`${side.name} : ${other.name}`, ratio, ratio.toFixed(2), aim, ...spread, micros(own), micros(others))
}

/** The value that this part of all lies below: 0.5 is the median. */
export const at = (part: number, values: readonly number[]): number =>
  [...values].sort((left, right) => left - right)[Math.floor(values.length * part)] ?? Number.NaN

type Work = (index: number) => Promise<unknown>

/** Runs `work` `times` times, `width` at a time. */
export async function inParallel(times: number, width: number, work: Work): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < times) {
      next += 1
      await work(next)
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
}
