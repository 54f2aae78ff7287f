import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

export interface TestName {
  /** From the root of the repository. */
  readonly file: string
  /** With the names of the groups around it, and the texts of the rows it runs on. */
  readonly name: string
  /** It runs on the memory store, on one Redis and on a cluster. */
  readonly onEveryStore: boolean
  /** A whole app runs it, with its sessions and flows in memory, and in Redis. */
  readonly onBackends: boolean
}

const root = join(__dirname, '../..')

/** The names of all tests under these folders: of test files, and of the contracts that stores of any kind are held to. */
export function testNamesUnder(folders: readonly string[]): TestName[] {
  return folders.filter((folder) => existsSync(join(root, folder))).flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.split('/').includes('node_modules'))
      .filter((file) => file.endsWith('.test.ts') || isContract(file))
      .map((file) => join(folder, file))
      .flatMap((file) => testNamesIn(file, readFileSync(join(root, file), 'utf8'))))
}

const isContract = (file: string) => /(^|\/)contract\//.test(file)

type Group = Omit<TestName, 'file' | 'name'> & { readonly title: string }

/** Those in the text of one file. What is skipped shows nothing. */
export function testNamesIn(file: string, text: string): TestName[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const tables = tablesOf(source)
  const names: TestName[] = []

  const visit = (node: ts.Node, group: Group): void => {
    const call = ts.isCallExpression(node) ? testCall(node) : undefined
    if (!call) return ts.forEachChild(node, (child) => { visit(child, group) })
    if (call.skipped) return
    for (const own of titlesOf(call, tables)) {
      const title = `${group.title} ${own}`.trim()
      if (call.isTest) names.push({ file, name: title, onEveryStore: group.onEveryStore, onBackends: group.onBackends })
      const inside = { title, onEveryStore: group.onEveryStore || call.onEveryStore, onBackends: group.onBackends || call.onBackends }
      if (!call.isTest) call.bodies.forEach((body) => { visit(body, inside) })
    }
  }
  visit(source, { title: '', onEveryStore: isContract(file), onBackends: false })
  return names
}

/** A call of `it`, `test`, `describe` or one of our own `describe…`, with its rows if it runs on a table. */
function testCall(call: ts.CallExpression) {
  const { callee, rows } = ts.isCallExpression(call.expression)
    ? { callee: call.expression.expression, rows: call.expression.arguments }
    : { callee: call.expression, rows: [] }
  const [name = '', ...modifiers] = callee.getText().split('.')
  if (!/^(it|test|describe\w*)$/.test(name) || (rows.length > 0) !== modifiers.includes('each')) return undefined
  const [title, ...bodies] = call.arguments
  return {
    isTest: !name.startsWith('describe'),
    onEveryStore: name === 'describeOnEveryStore',
    onBackends: name === 'describeWithBackends',
    skipped: modifiers.some((modifier) => ['skip', 'todo'].includes(modifier)),
    title: title && (ts.isStringLiteralLike(title) || ts.isTemplateExpression(title)) ? textOf(title) : '',
    rows: [...rows],
    bodies,
  }
}

const textOf = (node: ts.StringLiteralLike | ts.TemplateExpression) => (ts.isStringLiteralLike(node) ? node.text : node.getText())

/** Constants of a file that may be a table of rows. */
function tablesOf(source: ts.SourceFile): ReadonlyMap<string, ts.Expression> {
  const tables = new Map<string, ts.Expression>()
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer) tables.set(node.name.text, node.initializer)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return tables
}

/** One for each row that it runs on. */
function titlesOf({ title, rows }: { readonly title: string, readonly rows: readonly ts.Expression[] }, tables: ReadonlyMap<string, ts.Expression>): string[] {
  const table = rows.flatMap((row) => elementsIn(row, tables))
  return table.length === 0 ? [title] : table.map((row) => filled(title, cellsOf(row)))
}

/** A table may stand in a constant. */
function elementsIn(table: ts.Expression, tables: ReadonlyMap<string, ts.Expression>): readonly ts.Expression[] {
  const found = ts.isIdentifier(table) ? tables.get(table.text) : table
  return found && ts.isArrayLiteralExpression(found) ? found.elements : []
}

/** `undefined` for what is no text. */
const cellsOf = (row: ts.Expression): readonly (string | undefined)[] =>
  (ts.isArrayLiteralExpression(row) ? row.elements : [row])
    .map((cell) => (ts.isStringLiteralLike(cell) || ts.isTemplateExpression(cell) ? textOf(cell) : undefined))

/** As jest fills it, where a cell is a text; texts that have no place in it stand behind it. */
function filled(title: string, cells: readonly (string | undefined)[]): string {
  let next = 0
  const whole = title.replace(/%(?:\.\d+)?[a-zA-Z]/g, (place) => cells[next++] ?? place)
  return [whole, ...cells.slice(next).filter((cell) => cell !== undefined)].join(' ')
}
