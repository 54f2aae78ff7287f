import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'

const root = join(__dirname, '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const manifestOf = (name: string) => JSON.parse(read(`packages/${name}/package.json`)) as { private?: boolean, exports: Record<string, { import?: { default: string } }> }
const packages = readdirSync(join(root, 'packages')).filter((name) => manifestOf(name).private !== true)

/** Every entry point that is published, as the file of `src` that it is built of. */
const entries = packages.flatMap((name) => Object.values(manifestOf(name).exports)
  .flatMap((entry) => entry.import?.default ?? [])
  .map((path) => join(root, 'packages', name, 'src', path.replace('./dist/esm/', '').replace(/\.js$/, '.ts'))))

// Ports of storage, events and senders are described where they are used: their records have no words of their own yet.
const unsaid = /^packages\/passport-sms-otp\/src\/(?:service|senders|stores|providers)\//

interface Public { readonly name: string, readonly file: string, readonly symbol: ts.Symbol }

let checker: ts.TypeChecker
let symbols: Public[]
let options: Public[]

const fileOf = (symbol: ts.Symbol): string => relative(root, symbol.declarations?.[0]?.getSourceFile().fileName ?? '/')
const words = (symbol: ts.Symbol): string => ts.displayPartsToString(symbol.getDocumentationComment(checker))
const tags = (symbol: ts.Symbol): string[] => symbol.getJsDocTags(checker).map(({ name }) => name)
const isOurs = ({ file }: { file: string }): boolean => file.startsWith('packages/') && !unsaid.test(file)

beforeAll(() => {
  const { options: compiler } = ts.parseJsonConfigFileContent(ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config, ts.sys, root)
  const program = ts.createProgram(entries, { ...compiler, noEmit: true })
  checker = program.getTypeChecker()
  const exported = entries.flatMap((entry) => checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entry)!)!))
  const real = exported.map((symbol) => ((symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol)))
  symbols = [...new Set(real)].map((symbol) => ({ name: symbol.name, file: fileOf(symbol), symbol })).filter(isOurs)
  options = symbols.filter(({ name }) => /Options(?:WithRequest)?$/.test(name)).flatMap(({ name, symbol }) => checker.getDeclaredTypeOfSymbol(symbol).getProperties()
    .filter((property) => ts.isInterfaceDeclaration(property.declarations?.[0]?.parent ?? property.declarations![0]!))
    .map((property) => ({ name: `${name}.${property.name}`, file: fileOf(property), symbol: property }))
    .filter(isOurs))
})

const told = (found: readonly Public[]) => [...new Set(found.map(({ name, file }) => `${file}: ${name}`))].sort()

describe('What is published', () => {
  it('the published types have hundreds of symbols, and more options', () => {
    expect(symbols.length).toBeGreaterThan(200)
    expect(options.length).toBeGreaterThan(150)
  })

  it('every published symbol has a doc comment', () => {
    expect(told(symbols.filter(({ symbol }) => words(symbol) === '' && tags(symbol).length === 0))).toEqual([])
  })

  it('every published option has a doc comment', () => {
    expect(told(options.filter(({ symbol }) => words(symbol) === '' && tags(symbol).length === 0))).toEqual([])
  })

  it('every option that may be left out has a default in its doc comment', () => {
    const optional = options.filter(({ symbol }) => (symbol.flags & ts.SymbolFlags.Optional) !== 0)
    expect(told(optional.filter(({ symbol }) => !/\bDefault\b/.test(words(symbol)) && !tags(symbol).includes('default')))).toEqual([])
  })

  it('every option that is a duration is a text with a unit, which the compiler checks', () => {
    const names = /^(?:ttl|stay|patience|interval|delays|(?:store|step|sender)?[tT]imeout|maxAge|absolute)$/
    const durations = options.filter(({ name }) => names.test(name.split('.')[1]!))
    const typed = durations.map(({ name, symbol }) => [name, checker.typeToString(checker.getTypeOfSymbol(symbol))] as const)
    expect(typed.length).toBeGreaterThan(15)
    // The stores of SQL take milliseconds, as their drivers do.
    expect(typed.filter(([name, type]) => !/Duration|\$\{number\}/.test(type) && !/^(?:Database|Mysql|Postgres|Sqlite)Options/.test(name))).toEqual([])
  })
})
