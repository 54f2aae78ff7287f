import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import ts from 'typescript'
import { defaultOf, isOptionsType, publishedPackages, PublishedTypes, type Published } from './support/published.js'

const root = join(__dirname, '..')
const readme = (name: string) => readFileSync(join(root, 'packages', name, 'README.md'), 'utf8')

let types: PublishedTypes
beforeAll(() => { types = new PublishedTypes() })

/** A table of options in a README, with the types whose options it lists: `<!-- options of A, B -->` stands above it. */
interface Table { readonly from: string, readonly of: readonly string[], readonly rows: readonly (readonly string[])[], readonly header: readonly string[] }

const cellsOf = (line: string) => line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim())

/** Every table with a column `default`: its rows without the header. */
function tablesOf(from: string): Table[] {
  return [...readme(from).matchAll(/(?:<!-- options of ([\w, ]+) -->\n)?((?:^\|.*\n)+)/gm)].flatMap(([, names = '', table = '']) => {
    const [header = [], , ...rows] = table.trim().split('\n').map(cellsOf)
    return header.includes('default') ? [{ from, of: names.split(', '), header, rows }] : []
  })
}

const tables = publishedPackages.flatMap(tablesOf)

/** Without signs of Markdown, so that a comment and a cell read alike. */
const plain = (text: string) => text.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '').replace(/\\\|/g, '|').replace(/\s+/g, ' ').trim()

/** The names of the options that a row is about: `a`, `b(req)`. */
const namesIn = (cell: string) => [...cell.matchAll(/`(\w+)(?:\([^`]*\))?`/g)].map(([, name]) => name!)

/** The defaults of a row of several options: one for each where there are as many, else one for all. */
function defaultsIn(cell: string, count: number): string[] {
  const separator = cell.includes(';') ? '; ' : /,\s+(?![^`]*`(?:[^`]*`[^`]*`)*[^`]*$)/
  const parts = count === 1 ? [cell] : cell.split(separator)
  return Array.from({ length: count }, (_, index) => plain(parts.length === count ? parts[index]! : cell))
}

/** Each option of the table with its default. */
function listed({ header, rows }: Table): Map<string, string> {
  return new Map(rows.flatMap((row) => {
    const names = namesIn(row[0]!)
    const defaults = defaultsIn(row[header.indexOf('default')]!, names.length)
    return names.map((name, index) => [name, defaults[index]!] as const)
  }))
}

const optionsOf = (from: string, of: readonly string[]): Published[] =>
  of.flatMap((name) => types.symbols.filter((one) => one.from === from && one.name === name)).flatMap((type) => types.membersOf(type))

const shortName = ({ name }: Published) => name.split('.')[1]!

const isOptional = ({ symbol }: Published) => (symbol.flags & ts.SymbolFlags.Optional) !== 0

/** What the doc comments say, as a README would: an option that has to be given is `required`. */
const documented = (options: readonly Published[]) =>
  options.map((option) => [shortName(option), plain(defaultOf(option) ?? (isOptional(option) ? '(no default)' : 'required'))] as const)

/** A README says it in short: the doc comment may go on behind a colon. */
const isSame = (shown: string | undefined, said: string) => shown !== undefined && (said === shown || said.startsWith(`${shown}: `))

/** What an expression is worth, where it is made of literals alone: `'5m'`, `[200, 201]`, `2 * 1024`. */
function worth(text: string): string | undefined {
  try {
    return JSON.stringify(runInNewContext(`(${text})`))
  } catch {
    return undefined
  }
}

/**
 * What the code takes where an option is left out, by where the option is declared: `options.ttl ?? '5m'`, and
 * `const { ttl = '5m' } = options`.
 */
function defaultsInCode(): Map<ts.Node, string[]> {
  const found = new Map<ts.Node, string[]>()
  const add = (option: ts.Symbol | undefined, value: ts.Expression) => {
    for (const declaration of option?.declarations ?? []) found.set(declaration, [...found.get(declaration) ?? [], textOf(value)])
  }
  const visit = (node: ts.Node): void => {
    if (ts.isBindingElement(node) && node.initializer && ts.isObjectBindingPattern(node.parent)) {
      const name = (node.propertyName ?? node.name).getText()
      add(types.checker.getTypeAtLocation(node.parent).getProperty(name), node.initializer)
      add(ofType(node.parent, name), node.initializer)
    }
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken && ts.isPropertyAccessExpression(node.left)) {
      add(types.checker.getSymbolAtLocation(node.left.name), node.right)
    }
    ts.forEachChild(node, visit)
  }
  for (const file of types.program.getSourceFiles()) if (file.fileName.includes('/packages/') && !file.isDeclarationFile) visit(file)
  return found
}

/** The member of what is taken apart: the initializer of the pattern, or the type of the parameter. */
function ofType(pattern: ts.BindingPattern, name: string): ts.Symbol | undefined {
  const { parent } = pattern
  const source = ts.isBindingElement(parent) ? undefined : parent.initializer ?? parent.type
  return source && types.checker.getTypeAtLocation(source).getProperty(name)
}

/** The text of an expression; of a constant the text of its value. */
function textOf(value: ts.Expression): string {
  const declared = ts.isIdentifier(value) ? types.checker.getSymbolAtLocation(value)?.valueDeclaration : undefined
  return declared && ts.isVariableDeclaration(declared) && declared.initializer ? declared.initializer.getText() : value.getText()
}

/** What the code takes for an option, as JSON. Of an option that is a table, each member may have its own place in the code. */
function takenFor(option: ts.Symbol, said: string, inCode: ReadonlyMap<ts.Node, string[]>): (string | undefined)[] {
  const placesOf = (symbol: ts.Symbol | undefined) => (symbol?.declarations ?? []).flatMap((declaration) => inCode.get(declaration) ?? [])
  const whole = placesOf(option).map(worth)
  if (!said.startsWith('{') || !whole.includes('{}')) return whole
  const type = types.checker.getNonNullableType(types.checker.getTypeOfSymbol(option))
  const members = Object.entries(JSON.parse(said) as object).map(([name, value]) => [name, value, placesOf(type.getProperty(name)).map(worth)] as const)
  if (members.every(([, , taken]) => taken.length === 0)) return []
  return [...whole, JSON.stringify(Object.fromEntries(members.map(([name, value, taken]) => [name, taken.includes(JSON.stringify(value)) ? value : taken])))]
}

describe('The defaults of options', () => {
  it('every package with options has them in its README, in a table that says of which type it is', () => {
    expect(tables.length).toBeGreaterThan(8)
    expect(tables.filter(({ of }) => of.includes('')).map(({ from, rows }) => `${from}: ${rows[0]?.[0]}`)).toEqual([])
  })

  it.each(tables.map((table) => [`${table.from}: ${table.of.join(', ')}`, table] as const))('the README table of %s has every option with the default of its doc comment', (_, table) => {
    const shown = listed(table)
    const said = documented(optionsOf(table.from, table.of))
    const different = said.filter(([name, text]) => !isSame(shown.get(name), text))
    expect(said.length).toBeGreaterThan(4)
    expect(different.map(([name, text]) => `${name}: README ${shown.get(name) ?? '(no row)'}, doc comment ${text}`)).toEqual([])
    expect([...shown.keys()].filter((name) => !said.some(([one]) => one === name))).toEqual([])
  })

  it('what a doc comment says of a default is what the code takes', () => {
    const inCode = defaultsInCode()
    const compared = types.symbols.filter(isOptionsType).flatMap((type) => types.membersOf(type)).flatMap((option) => {
      const said = worth(defaultOf(option) ?? '')
      const taken = said === undefined ? [] : takenFor(option.symbol, said, inCode)
      return taken.length === 0 ? [] : [{ option, said, taken }]
    })
    expect(compared.length).toBeGreaterThan(150)
    const wrong = compared.filter(({ said, taken }) => !taken.includes(said))
    expect(wrong.map(({ option, taken }) => `${option.file}: ${option.name} is ${taken.join(' or ')}, not ${defaultOf(option)}`)).toEqual([])
  })
})
