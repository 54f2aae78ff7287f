import { join } from 'node:path'
import ts from 'typescript'

const root = join(__dirname, '../..')

/** Packages that come without types, as an app declares them. */
const untyped = join(root, 'examples/src/untyped.d.ts')

/**
 * What the compiler says of texts that stand in no file, by the paths that they are to have. One program for all, so
 * that the libraries are read once.
 */
export function complaintsAbout(texts: ReadonlyMap<string, string>, other: ts.CompilerOptions = {}): Map<string, string[]> {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  const parsed = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root)
  const options = { ...parsed.options, ...other, noUnusedLocals: false, noUnusedParameters: false }
  const host = ts.createCompilerHost(options)
  const { readFile, fileExists, getSourceFile } = host
  host.readFile = (file) => texts.get(file) ?? readFile(file)
  host.fileExists = (file) => texts.has(file) || fileExists(file)
  host.getSourceFile = (file, language, ...more) => {
    const text = texts.get(file)
    return text === undefined ? getSourceFile(file, language, ...more) : ts.createSourceFile(file, text, language)
  }
  const program = ts.createProgram([...texts.keys(), untyped], options, host)
  return new Map([...texts.keys()].map((file) => [file, complaintsOf(program, file)]))
}

function complaintsOf(program: ts.Program, file: string): string[] {
  const source = program.getSourceFile(file)!
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    .map(({ messageText, start }) => `line ${source.getLineAndCharacterOfPosition(start ?? 0).line + 1}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`)
}

/** Whether a block declares or imports a name itself. */
export const declares = (block: string, name: string): boolean =>
  new RegExp(`\\b(const|let|function|class|type|interface) ${name}\\b|\\bconst \\{[^}=]*\\b${name}\\b[^}=]*\\} =|^import .*\\b${name}\\b`, 'm').test(block)
