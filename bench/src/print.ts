// What the benchmark prints: a title for each table, then its rows, each as soon as it is known.
const width = 66

export const title = (text: string, ...columns: readonly string[]): void => {
  console.log(`\n${text.padEnd(width + 2)}${columns.map((column) => column.padStart(9)).join('')}`)
}

export const row = (name: string, ...cells: readonly (string | number)[]): void => {
  console.log(`  ${name.padEnd(width)}${cells.map((cell) => String(cell).padStart(9)).join('')}`)
}

/** The columns of what `compared` prints. */
export const ratios = ['ratio', 'from', 'to', 'a CPU s', 'other'] as const

interface Compared {
  readonly name: string
  readonly ratio: number
  readonly from: number
  readonly to: number
  readonly rates: readonly number[]
}

export const compared = ({ name, ratio, from, to, rates }: Compared): void =>
  row(name, ratio.toFixed(3), from.toFixed(2), to.toFixed(2), ...rates.map((rate) => Math.round(rate)))
