// The architecture as an import rule. Each package is a list of rows, top to bottom. A row holds folders, or single files
// of `src`. A file may import from its own folder and from the rows below it, never from a row above, nor from a
// neighbour in its row: so no folders can form a ring. Imports of types count like all others. ARCHITECTURE.md says what
// each folder is for, and `test/layers.test.ts` asks for the place of each new file.
import { dirname, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const layers = {
  internal: [
    ['transactions'],
    ['documents'],
    ['*.ts'],
  ],
  'passport-sms-otp': [
    ['index.ts', 'cli.ts', 'testing.ts', 'smpp.ts', 'documents.ts'],
    ['send-test.ts'],
    ['strategy'],
    ['service'],
    ['settings'],
    ['checks', 'providers'],
    ['limits'],
    ['camara'],
    ['codes', 'senders'],
    ['stores/contract', 'stores/memory', 'stores/redis'],
    ['stores/documents'],
    ['stores/rules'],
    ['stores', 'texts', 'numbers'],
    ['lib'],
  ],
  multistep: [
    ['index.ts', 'testing.ts', 'documents.ts', 'pages.ts', 'recovery-codes.ts', 'totp.ts', 'passkeys.ts'],
    ['login-as.ts'],
    ['multistep.ts'],
    ['routes'],
    ['api'],
    ['responses'],
    ['pages', 'login'],
    ['devices', 'step-up'],
    ['session'],
    ['settings'],
    ['state', 'recovery', 'enrolment'],
    ['stores/contract', 'stores/memory', 'stores/redis'],
    ['stores/documents'],
    ['stores/rules'],
    ['events.ts', 'policy', 'stores'],
    ['passport', 'factors'],
    ['http', 'locales'],
    ['lib'],
  ],
  'passport-mobileconnect': [
    ['index.ts', 'testing.ts', 'documents.ts'],
    ['strategy'],
    ['protocol', 'discovery'],
    ['operators', 'transactions'],
    ['*.ts'],
  ],
  'passport-number-verification': [
    ['index.ts', 'testing.ts', 'documents.ts', 'firebase.ts', 'twilio.ts', 'vonage.ts'],
    ['strategy', 'providers/camara'],
    ['providers', 'transactions'],
    ['*.ts'],
  ],
  'passport-sql-stores': [
    ['index.ts', 'testing.ts', 'postgres.ts', 'mysql.ts', 'sqlite.ts'],
    ['stores'],
    ['postgres', 'mysql', 'sqlite'],
    ['rows'],
  ],
  'mobileconnect-simulator': [
    ['index.ts', 'cli.ts'],
    ['command-line.ts', 'on-demand.ts'],
    ['simulator.ts'],
    ['camara', 'discovery'],
    ['camara/authorization', 'camara/apis'],
    ['camara/tokens'],
    ['operator'],
    ['handsets'],
    ['pages'],
    ['*.ts'],
  ],
}

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const names = Object.keys(layers)
/** The stores of the others are what this package is for. It loads one when an app asks for it, and no other. */
const known = { 'passport-sql-stores': ['passport-sms-otp', 'passport-mobileconnect', 'multistep'] }

/** `*.ts` stands for the files of `src` itself that no other entry names. */
const fits = (file, entry) =>
  file === entry || file.startsWith(`${entry}/`) || (entry === '*.ts' && !file.includes('/'))

/** The entry that a file of `src` belongs to, and its row: of `stores` and `stores/redis`, the longer one that fits. */
export function placeOf(name, file) {
  const fitting = layers[name].flatMap((entries, row) => entries
    .filter((entry) => fits(file, entry))
    .map((entry) => ({ entry, row })))
  const named = fitting.filter(({ entry }) => entry !== '*.ts')
  return (named.length > 0 ? named : fitting).sort((one, other) => other.entry.length - one.entry.length)[0]
}

function complaintOf(name, file, specifier) {
  const strangers = names.filter((other) => other !== name && !known[name]?.includes(other))
  if (strangers.some((other) => specifier === other || specifier.startsWith(`${other}/`))) {
    return 'Packages meet only through Passport\'s contract: they do not import each other.'
  }
  if (!specifier.startsWith('.')) return undefined
  const target = posix.join(posix.dirname(file), specifier).replace(/\.js$/, '.ts')
  if (target.startsWith('..')) return 'A source file imports neither tests nor examples.'
  const from = placeOf(name, file)
  const to = placeOf(name, target)
  if (!from || !to) return `${from ? target : file} has no place in scripts/layers.js.`
  if (from.entry === to.entry || to.row > from.row) return undefined
  return `${from.entry} does not import from ${to.entry}, which stands above or beside it in scripts/layers.js.`
}

const importRule = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const path = relative(root, context.filename).replaceAll('\\', '/')
    const [, name, file] = /^packages\/([^/]+)\/src\/(.+\.ts)$/.exec(path) ?? []
    if (name === undefined || !(name in layers)) return {}
    const check = ({ source }) => {
      const message = typeof source?.value === 'string' ? complaintOf(name, file, source.value) : undefined
      if (message !== undefined) context.report({ node: source, message })
    }
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    }
  },
}

export const layerRules = [{
  files: ['packages/*/src/**/*.ts'],
  plugins: { layers: { rules: { direction: importRule } } },
  rules: { 'layers/direction': 'error' },
}]
