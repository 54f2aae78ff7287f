import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { complaintsAbout, declares } from './support/compiled.js'

const root = dirname(__dirname)
const readmes = [
  'README.md',
  ...readdirSync(join(root, 'packages')).map((name) => join('packages', name, 'README.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !/^(?:api|dist)\b/.test(name))
    .map((name) => join('docs', name)),
].filter((path) => existsSync(join(root, path)))

/**
 * The `ts` blocks of a page, each a module of its own beside it. What a reader brings along (`users`, `app`, …) is declared in a
 * comment `<!-- snippet globals … -->`, one line each, for the blocks that do not declare it themselves.
 */
function snippetsOf(path: string): [file: string, text: string][] {
  const markdown = readFileSync(join(root, path), 'utf8')
  const globals = (/<!-- snippet globals\n([\s\S]*?)-->/.exec(markdown)?.[1] ?? '').split('\n')
  return [...markdown.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, block], index) => {
    const missing = globals.filter((line) => !declares(block!, /^declare const (\w+)/.exec(line)?.[1] ?? ''))
    return [join(root, dirname(path), `${basename(path, '.md')}.${index + 1}.ts`), `${block}${missing.join('\n')}\nexport {}\n`]
  })
}

const snippets = new Map(readmes.flatMap(snippetsOf))

describe('Every TypeScript block of a README or guide compiles as it stands', () => {
  let found: Map<string, string[]>
  beforeAll(() => { found = complaintsAbout(snippets) })

  it('READMEs and guides have TypeScript blocks', () => { expect(snippets.size).toBeGreaterThan(3) })

  it.each([...snippets.keys()].map((file) => [relative(root, file), file]))('the TypeScript block %s compiles as it stands', (_, file) => {
    expect(found.get(file)).toEqual([])
  })
})
