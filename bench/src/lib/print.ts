// What the benchmark prints: a title for each table, then its rows, each as soon as it is known.
import { isMet, told, type Aim } from './aims.js'

const width = 80
const missed: string[] = []

type Cell = string | number

export const title = (text: string, ...columns: readonly string[]): void => {
  console.log(`\n${text.padEnd(width + 2)}${columns.map((column) => column.padStart(9)).join('')}`)
}

export const row = (name: string, ...cells: readonly Cell[]): void => {
  console.log(`  ${name.padEnd(width)}${cells.map((cell) => String(cell).padStart(9)).join('')}`)
}

/** A row whose figure has an aim: the aim stands beside it, and a miss is marked. */
export function aimed(name: string, figure: number, shown: string, aim?: Aim, ...more: readonly Cell[]): void {
  if (aim === undefined) return row(name, shown, '', '', ...more)
  const met = isMet(aim, figure)
  if (!met) missed.push(`${name}: ${shown} (${told(aim)})`)
  row(name, shown, told(aim), met ? 'met' : 'MISSED', ...more)
}

/** All aims that were missed, once more, at the end. */
export function summary(): void {
  if (missed.length === 0) return console.log('\nNo aim was missed.')
  console.log(`\nMissed aims: ${missed.length}`)
  missed.forEach((line) => console.log(`  ${line}`))
}
