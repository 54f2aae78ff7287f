import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import ts from 'typescript'
import { complaintsAbout, declares } from './support/compiled.js'

const root = dirname(__dirname)
const readmes = [
  'README.md', 'examples/README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md',
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
    const missing = globals.filter((line) => !/^declare const (\w+)/.test(line) || !declares(block!, /^declare const (\w+)/.exec(line)![1]!))
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

/** Every fence of the pages: its language, and its text. Fences in lists are indented. */
const fences = readmes.flatMap((path) => [...readFileSync(join(root, path), 'utf8').matchAll(/^( *)(?:```|~~~)(.*)\n([\s\S]*?)^ *(?:```|~~~)$/gm)]
  .map(([, indent, language, text]) => ({ path, indent: indent!, language: language!.trim(), text: text! })))

describe('Every fence of a README or guide', () => {
  it('every fence says a language that a test reads, or that is no code', () => {
    // diff: examples/test/tutorials.test.ts applies them, and the one of README.md is an excerpt. sql: the tests of
    // passport-sql-stores run them. js: below, and test/readme.test.ts compares the quickstart.
    const known = ['ts', 'js', 'sh', 'bash', 'diff', 'sql', 'http', 'text']
    expect(fences.length).toBeGreaterThan(120)
    expect(fences.filter(({ language }) => !known.includes(language)).map(({ path, language, text }) => `${path}: ${language} ${text.split('\n', 1)[0]}`)).toEqual([])
  })

  it('every fence with TypeScript begins at the margin, where the compiler is given it', () => {
    expect(fences.filter(({ language }) => language === 'ts')).toHaveLength(snippets.size)
    expect(fences.filter(({ indent, language }) => indent !== '' && ['ts', 'js'].includes(language)).map(({ path }) => path)).toEqual([])
  })

  it('every fence with JavaScript can be parsed', () => {
    const scripts = fences.filter(({ language }) => language === 'js')
    expect(scripts.length).toBeGreaterThan(1)
    const wrong = scripts.flatMap(({ path, text }) => ts.transpileModule(text, { reportDiagnostics: true, fileName: 'script.js' }).diagnostics!
      .map(({ messageText }) => `${path}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`))
    expect(wrong).toEqual([])
  })

  it('every fence for a shell can be parsed by one', () => {
    const scripts = fences.filter(({ language }) => ['sh', 'bash'].includes(language))
    const wrong = scripts.filter(({ language, text }) => spawnSync(language, ['-n'], { input: text }).status !== 0)
    expect(wrong.map(({ path, text }) => `${path}: ${text}`)).toEqual([])
  })
})
