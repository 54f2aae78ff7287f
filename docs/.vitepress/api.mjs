// Writes docs/api: one page for each published entry point, made of its types and their comments. A link in a comment
// that leads nowhere ends it with status 1.
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Application, Converter, ReflectionKind } from 'typedoc'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')

/** The source of each entry that a package publishes, such as `multistep/pages`. */
function entriesOf(folder) {
  const { private: isPrivate, exports = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  if (isPrivate) return []
  const names = readdirSync(join(folder, 'src'))
  return Object.keys(exports)
    .filter((entry) => entry !== './package.json')
    .map((entry) => (entry === '.' ? 'index' : entry.slice('./'.length)))
    .map((entry) => join(folder, 'src', names.includes(`${entry}.ts`) ? `${entry}.ts` : `${entry}/index.ts`))
}

const app = await Application.bootstrapWithPlugins({
  entryPoints: readdirSync(join(root, 'packages')).flatMap((name) => entriesOf(join(root, 'packages', name))),
  tsconfig: join(root, 'tsconfig.json'),
  plugin: ['typedoc-plugin-markdown'],
  out: join(root, 'docs/api'),
  outputFileStrategy: 'modules',
  entryFileName: 'index',
  readme: 'none',
  name: 'API',
  hideBreadcrumbs: true,
  hidePageHeader: true,
  // Its own anchors and the site's differ where two names are alike but for a full stop.
  useHTMLAnchors: true,
  groupOrder: ['Functions', 'Classes', '*'],
  parametersFormat: 'table',
  interfacePropertiesFormat: 'list',
  excludeExternals: true,
  disableSources: true,
  // `npm run typecheck` does that.
  skipErrorChecking: true,
  logLevel: 'Warn',
})

// A module is called as it is imported.
app.converter.on(Converter.EVENT_CREATE_DECLARATION, (_context, reflection) => {
  if (reflection.kindOf(ReflectionKind.Module)) reflection.name = reflection.name.replace(/\/src(?:\/index)?/, '').replace(/\/index$/, '')
})

const project = await app.convert()
if (project === undefined) process.exit(1)
await app.generateOutputs(project)
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exit(1)
