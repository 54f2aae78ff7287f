import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '..')
const page = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')

const packages = readdirSync(join(root, 'packages'))
const inSource = (name: string) => join(root, 'packages', name, 'src')
const foldersOf = (name: string) => readdirSync(inSource(name), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name)
const sources = packages.flatMap((name) => readdirSync(inSource(name), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join(inSource(name), file), 'utf8')))

/** The rows of the table below a heading, without its first two lines. */
function rowsOf(heading: string): string[][] {
  const [, part = ''] = page.split(`\n## ${heading}\n`)
  const lines = part.split('\n## ', 1)[0]!.split('\n').filter((line) => line.startsWith('|')).slice(2)
  return lines.map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()))
}

const quoted = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text!)

describe('ARCHITECTURE.md', () => {
  it('ARCHITECTURE.md names every package', () => {
    expect(rowsOf('The packages').flatMap(([name]) => quoted(name)).sort()).toEqual([...packages].sort())
  })

  it.each(packages.filter((name) => foldersOf(name).length > 0))('ARCHITECTURE.md says what each folder of %s is for, and names no folder that is not there', (name) => {
    const rows = rowsOf(`Folders of ${name}`)
    expect(rows.flatMap(([folder]) => quoted(folder)).sort()).toEqual(foldersOf(name).sort())
    for (const [, purpose] of rows) expect(purpose).toMatch(/\w{3}/)
  })

  it('ARCHITECTURE.md has a glossary of words that the code has, each once', () => {
    const rows = rowsOf('Glossary')
    expect(rows.length).toBeGreaterThanOrEqual(30)
    const words = rows.map(([word]) => word)
    expect(words).toEqual([...new Set(words)])
    for (const [word, meaning, name] of rows) {
      expect(meaning).toMatch(/\w{3}/)
      const [inCode] = quoted(name)
      expect([word, sources.some((text) => new RegExp(`\\b${inCode}\\b`).test(text))]).toEqual([word, true])
    }
  })
})
