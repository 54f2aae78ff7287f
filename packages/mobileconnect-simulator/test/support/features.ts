import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fixtures } from './published-api.js'

/** A scenario of a published `.feature` file (Gherkin). */
export interface Scenario {
  /** The file's name, without its ending. */
  readonly feature: string
  readonly tag: string
  readonly title: string
  /** The rows of an outline's examples; one empty row for a plain scenario. */
  readonly examples: readonly string[]
  /** What must be true of the answer. */
  readonly then: readonly string[]
}

const withoutComments = (text: string) => text.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))

export const features = readdirSync(join(fixtures, 'features')).map((file) => file.replace('.feature', '')).sort()

export function scenariosOf(feature: string): Scenario[] {
  const lines = withoutComments(readFileSync(join(fixtures, 'features', `${feature}.feature`), 'utf8'))
  const starts = lines.flatMap((line, index) => (/^Scenario( Outline)?:/.test(line) ? [index] : []))
  return starts.map((start, position) => {
    const next = starts[position + 1]
    const block = lines.slice(start + 1, next === undefined ? undefined : next - 1)
    const from = block.findIndex((line) => line.startsWith('Then'))
    const examples = block.indexOf('Examples:')
    const rows = examples < 0 ? [] : block.slice(examples + 2).map((row) => row.replaceAll('|', '').trim())
    return {
      feature,
      tag: lines[start - 1]!.slice(1),
      title: lines[start]!.replace(/^Scenario( Outline)?:\s*/, ''),
      examples: rows.length > 0 ? rows : [''],
      then: block.slice(from, examples < 0 ? undefined : examples).map((line) => line.replace(/^(Then|And)\s+/, '')),
    }
  })
}
