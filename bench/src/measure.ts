import { performance } from 'node:perf_hooks'

/** One side of a comparison. */
export interface Side {
  readonly name: string
  /** Does its work for one round, and says how often it did it a second. */
  round(): Promise<number>
}

/** A side whose round is `times` times the same work. */
export const counted = (name: string, times: number, run: (times: number) => Promise<void>): Side => ({
  name,
  round: async () => {
    const begun = performance.now()
    await run(times)
    return times / ((performance.now() - begun) / 1000)
  },
})

/** How many rounds each side runs, in turns, so that a noisy moment meets both. */
export const rounds = 7

/** Runs two sides in turns, after one round to warm up, and prints the ratio of their medians; the absolute rates are for orientation only. */
export async function compare(title: string, ours: Side, other: Side): Promise<number> {
  const mine: number[] = []
  const theirs: number[] = []
  await ours.round()
  await other.round()
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) mine.push(await ours.round())
    theirs.push(await other.round())
    if (round % 2 === 1) mine.push(await ours.round())
  }
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
