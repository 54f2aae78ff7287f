import { compared } from './print.js'

/** One side of a comparison. */
export interface Side {
  readonly name: string
  /** Does its work for one round, and says how often it did it in a second of processor time. */
  round(): Promise<number>
}

/** A side whose round is `times` times the same work. */
export const counted = (name: string, times: number, run: (times: number) => Promise<void>): Side => ({
  name,
  round: async () => times / await processorSeconds(() => run(times)),
})

/** What this process took of the processor, all its threads: of the time by the clock, others on the machine take their share. */
export async function processorSeconds(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

/** How many rounds each side runs, where nothing else is said. */
export const usual = 7

/**
 * Runs all sides in turns, after one round each to warm up, and prints how the others do beside the last. The ratio is taken within each round, whose
 * sides meet the same noise: it is the median of them, and the middle half of them shows how sure it is. Absolute rates are for orientation only.
 */
export async function compare(sides: readonly Side[], rounds = usual): Promise<void> {
  for (const side of sides) await side.round()
  const rates = sides.map((): number[] => [])
  for (let round = 0; round < rounds; round += 1) {
    // Whoever comes first in one round comes last in the next.
    const order = [...sides.keys()]
    for (const place of round % 2 === 0 ? order : order.reverse()) rates[place]?.push(await sides[place]?.round() ?? Number.NaN)
  }
  const base = rates.at(-1) ?? []
  sides.slice(0, -1).forEach(({ name }, place) => {
    const own = rates[place] ?? []
    const ratios = own.map((rate, round) => rate / (base[round] ?? Number.NaN))
    const [from, ratio, to] = [at(0.25, ratios), at(0.5, ratios), at(0.75, ratios)]
    compared({ name: `${name} : ${sides.at(-1)?.name}`, ratio, from, to, rates: [at(0.5, own), at(0.5, base)] })
  })
}

/** The value that this part of all lies below: 0.5 is the median. */
export const at = (part: number, values: readonly number[]): number =>
  [...values].sort((left, right) => left - right)[Math.floor(values.length * part)] ?? Number.NaN

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
