// Prints what can be counted of the architecture: `npm run structure`, or `npm run structure -- multistep` for one
// package. An import of types alone is an arrow between folders, and is no part of a chain: nothing is loaded by it.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** The sources of a package, with what each declares and imports. */
function filesOf(name) {
  const src = join(root, 'packages', name, 'src')
  return readdirSync(src, { recursive: true }).filter((file) => file.endsWith('.ts')).map((file) => {
    const text = readFileSync(join(src, file), 'utf8')
    const { statements } = ts.createSourceFile(file, text, ts.ScriptTarget.Latest)
    return {
      file, lines: text.split('\n'), names: statements.flatMap(namesIn),
      imports: statements.flatMap((statement) => importIn(statement, src, file)),
    }
  })
}

/** What a statement declares for its whole file. */
function namesIn(statement) {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []))
  }
  const declares = [
    ts.isFunctionDeclaration,
    ts.isClassDeclaration,
    ts.isInterfaceDeclaration,
    ts.isTypeAliasDeclaration,
  ].some((is) => is(statement))
  return declares && statement.name ? [statement.name.text] : []
}

function importIn(statement, src, file) {
  if (
    !(ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) ||
    !statement.moduleSpecifier?.text.startsWith('.')
  ) { return [] }
  const named = statement.importClause?.namedBindings ?? statement.exportClause
  const typesAlone =
    (statement.importClause?.isTypeOnly ?? statement.isTypeOnly) ||
    (named?.elements !== undefined &&
      !statement.importClause?.name &&
      named.elements.every(({ isTypeOnly }) => isTypeOnly))
  const to = relative(src, join(src, dirname(file), statement.moduleSpecifier.text)).replace(/\.js$/, '.ts')
  return [{ to, typesAlone }]
}

const folderOf = (file) => (dirname(file) === '.' ? file : dirname(file).split('/')[0])

/** Groups that can each be reached from one another (Tarjan's strongly connected components), larger than one. */
function rings(arrows) {
  const [index, low, stack, found] = [new Map(), new Map(), [], []]
  const visit = (node) => {
    index.set(node, index.size)
    low.set(node, index.get(node))
    stack.push(node)
    for (const next of arrows.get(node) ?? []) {
      if (!index.has(next)) visit(next)
      if (stack.includes(next)) low.set(node, Math.min(low.get(node), low.get(next)))
    }
    if (low.get(node) !== index.get(node)) return
    const ring = stack.splice(stack.indexOf(node))
    if (ring.length > 1) found.push(ring.sort())
  }
  for (const node of arrows.keys()) if (!index.has(node)) visit(node)
  return found
}

/** The longest way from import to import. A circle is walked once. */
function longestChain(arrows) {
  const known = new Map()
  const from = (file, walked) => {
    if (known.has(file)) return known.get(file)
    const tails = (arrows.get(file) ?? [])
      .filter((next) => !walked.has(next))
      .map((next) => from(next, new Set([...walked, next])))
    const chain = [file, ...tails.reduce((longest, tail) => (tail.length > longest.length ? tail : longest), [])]
    known.set(file, chain)
    return chain
  }
  return [...arrows.keys()]
    .map((file) => from(file, new Set([file])))
    .reduce((longest, chain) => (chain.length > longest.length ? chain : longest), [])
}

function structureOf(name) {
  const files = filesOf(name)
  const arrows = new Map(files.map(({ file, imports }) => [file, imports.map(({ to }) => to)]))
  const loads = new Map(
    files.map(({ file, imports }) => [file, imports.filter(({ typesAlone }) => !typesAlone).map(({ to }) => to)]),
  )
  const folders = new Map()
  for (const { file, imports } of files) {
    const own = folderOf(file)
    folders.set(
      own,
      new Set([
        ...(folders.get(own) ?? []),
        ...imports.map(({ to }) => folderOf(to)).filter((folder) => folder !== own),
      ]),
    )
  }
  const sizes = new Map()
  for (const { file } of files) sizes.set(dirname(file), (sizes.get(dirname(file)) ?? 0) + 1)
  const places = new Map()
  for (const { file, names } of files) {
    for (const declared of new Set(names)) places.set(declared, [...(places.get(declared) ?? []), file])
  }
  const lines = files.flatMap((one) => one.lines)
  const chain = longestChain(loads)
  const wide = lines.filter((line) => line.length > 120).length
  return {
    files: files.length,
    lines: lines.length,
    folders: sizes.size,
    'files of the largest folder': Math.max(...sizes.values()),
    'longest chain of imports': chain.length,
    'rings of folders': rings(new Map([...folders].map(([folder, to]) => [folder, [...to]]))).map((ring) =>
      ring.join(' '),
    ),
    'circles of files': rings(arrows).map((ring) => ring.join(' ')),
    'names with several meanings': [...places].filter(([, where]) => where.length > 1).length,
    'lines over 120 columns': `${((100 * wide) / lines.length).toFixed(1)} %`,
  }
}

/** How many there are, and each in a line of its own. */
const listed = (values) => [values.length, ...values].join('\n      ')

const asked = process.argv.slice(2)
for (const name of asked.length > 0 ? asked : readdirSync(join(root, 'packages'))) {
  console.log(name)
  for (const [what, value] of Object.entries(structureOf(name))) {
    console.log(`  ${what.padEnd(30)}${Array.isArray(value) ? listed(value) : value}`)
  }
}
