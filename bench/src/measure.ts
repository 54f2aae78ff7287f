import { performance } from 'node:perf_hooks'

/** One side of a comparison: does its work `times` times over. */
export interface Side {
  readonly name: string
  run(times: number): Promise<void>
}

/** How many rounds each side runs, in turns, so that a noisy moment meets both. */
const rounds = 7

/** Runs two sides in turns and prints the ratio of their medians, by how much the rounds differed, and the absolute rates for orientation only. */
export async function compare(title: string, ours: Side, other: Side, times: number): Promise<number> {
  const rates: Record<string, number[]> = { [ours.name]: [], [other.name]: [] }
  for (const side of [ours, other]) await side.run(Math.ceil(times / 4))
  for (let round = 0; round < rounds; round += 1) {
    for (const side of round % 2 === 0 ? [ours, other] : [other, ours]) {
      const begun = performance.now()
      await side.run(times)
      rates[side.name]?.push(times / ((performance.now() - begun) / 1000))
    }
  }
  const [mine, theirs] = [rates[ours.name] ?? [], rates[other.name] ?? []]
  const ratio = median(mine) / median(theirs)
  const perRound = mine.map((rate, round) => rate / (theirs[round] ?? Number.NaN))
  console.log(`${title}\n  ${ours.name} : ${other.name} = ${ratio.toFixed(3)}   (rounds ${Math.min(...perRound).toFixed(2)} to ${Math.max(...perRound).toFixed(2)}; about ${Math.round(median(mine))} and ${Math.round(median(theirs))} a second)`)
  return ratio
}

const median = (values: readonly number[]): number => [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN

/** Runs `work` `times` times, `width` at a time. */
export async function inParallel(times: number, width: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < times) {
      next += 1
      await work(next)
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
}
