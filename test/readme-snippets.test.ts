import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import ts from 'typescript'

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
    const missing = globals.filter((line) => !declares(block!, /^declare const (\w+)/.exec(line)?.[1]))
    return [join(root, dirname(path), `${basename(path, '.md')}.${index + 1}.ts`), `${block}${missing.join('\n')}\nexport {}\n`]
  })
}

const declares = (block: string, name: string | undefined) => new RegExp(`\\b(const|let|function|class) ${name}\\b|^import .*\\b${name}\\b`, 'm').test(block)

/** Packages that come without types, as an app declares them. */
const untyped = join(root, 'examples/src/untyped.d.ts')

const snippets = new Map(readmes.flatMap(snippetsOf))

/** One program for all, so that the libraries are read once. */
function complaints(): Map<string, string[]> {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root)
  const host = ts.createCompilerHost({ ...options, noUnusedLocals: false })
  const { readFile, fileExists, getSourceFile } = host
  host.readFile = (file) => snippets.get(file) ?? readFile(file)
  host.fileExists = (file) => snippets.has(file) || fileExists(file)
  host.getSourceFile = (file, language, ...more) => {
    const text = snippets.get(file)
    return text === undefined ? getSourceFile(file, language, ...more) : ts.createSourceFile(file, text, language)
  }
  const program = ts.createProgram([...snippets.keys(), untyped], { ...options, noUnusedLocals: false, noUnusedParameters: false }, host)
  return new Map([...snippets.keys()].map((file) => [file, complaintsOf(program, file)]))
}

const complaintsOf = (program: ts.Program, file: string): string[] => {
  const source = program.getSourceFile(file)!
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    .map(({ messageText, start }) => `line ${source.getLineAndCharacterOfPosition(start ?? 0).line + 1}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`)
}

describe('Every TypeScript block of a README or guide compiles as it stands', () => {
  let found: Map<string, string[]>
  beforeAll(() => { found = complaints() })

  it('READMEs and guides have TypeScript blocks', () => { expect(snippets.size).toBeGreaterThan(3) })

  it.each([...snippets.keys()].map((file) => [relative(root, file), file]))('the TypeScript block %s compiles as it stands', (_, file) => {
    expect(found.get(file)).toEqual([])
  })
})
