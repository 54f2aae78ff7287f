// Builds every workspace: JavaScript with esbuild; declarations with tsc, rolled up by rollup-plugin-dts. A published
// package gets for each entry point one ES module, one CommonJS file and one declaration, beside what several entries
// share: Node loads one file several times faster than sixty. `packages/internal` is inlined, and so are a package's
// devDependencies. What is published as ES modules only is inlined into CommonJS, so that apps whose tests run in an
// unconfigured Jest can require it, too. `--no-types` leaves the declarations out: enough to run, and done in a second.
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const withTypes = !process.argv.includes('--no-types')
const packages = readdirSync(join(root, 'packages')).filter((name) =>
  existsSync(join(root, 'packages', name, 'src/index.ts')),
)
const manifestOf = (name) => JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'))
const apps = ['examples', 'bench'].filter((name) => existsSync(join(root, name, 'src/main.ts')))

const sources = (folder) =>
  readdirSync(join(folder, 'src'), { recursive: true })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, 'src', file))

/** Dependencies without a CommonJS edition of their own; what these depend on is inlined with them. */
const esmOnly = {
  'passport-mobileconnect': ['openid-client'],
  'passport-number-verification': ['openid-client', 'jose'],
  'mobileconnect-simulator': ['oidc-provider', 'jose'],
}

const common = {
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  sourcesContent: true,
  logLevel: 'warning',
  absWorkingDir: root,
}

/** The entry points of a package, and its commands, as paths below `src` without an ending. */
const entriesOf = ({ exports }) =>
  Object.values(exports)
    .flatMap((entry) => entry.import?.default ?? [])
    .map(pathInSource)
const commandsOf = ({ bin = {} }) => Object.values(bin).map(pathInSource)
const pathInSource = (file) => file.replace('./dist/esm/', '').replace(/\.js$/, '')

/**
 * One ES module for each entry point, and one for what several of them share: so a class is the same in all of them.
 */
async function bundle(folder, manifest, outdir, inlined) {
  const { dependencies = {}, peerDependencies = {} } = manifest
  const external = Object.keys({ ...dependencies, ...peerDependencies }).filter(
    (dependency) => !inlined.includes(dependency),
  )
  const entryPoints = [...entriesOf(manifest), ...commandsOf(manifest)].map((path) => join(folder, 'src', `${path}.ts`))
  const { metafile } = await build({
    ...common, entryPoints, outbase: join(folder, 'src'), outdir, external,
    bundle: true, splitting: true, format: 'esm', chunkNames: 'shared-[hash]', metafile: true,
    plugins: [commonJsAsItIs],
  })
  copyCommonJs(join(folder, 'src'), outdir)
  return packagesIn(metafile)
}

/** A `.cjs` file stays as it is, beside the bundles that ask for it: all of these stand at the top. */
const commonJsAsItIs = {
  name: 'CommonJS as it is',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\/.*\.cjs$/ }, ({ path }) => ({ path: `./${basename(path)}`, external: true }))
  },
}

const copyCommonJs = (from, outdir) =>
  readdirSync(from, { recursive: true })
    .filter((file) => file.endsWith('.cjs'))
    .forEach((file) => cpSync(join(from, file), join(outdir, basename(file))))

/** The folders of the packages that a bundle holds. */
const packagesIn = ({ inputs }) =>
  [
    ...new Set(
      Object.keys(inputs).flatMap((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []),
    ),
  ].sort()

const nameOf = (path) => path.replace(/^.*node_modules\//, '')

/** The packages of these names, and what they depend on. */
function withDependencies(names, folder, found = new Set()) {
  for (const name of names.filter((one) => !found.has(one))) {
    found.add(name)
    const at = [folder, root].map((place) => join(place, 'node_modules', name)).find((place) => existsSync(place))
    withDependencies(
      Object.keys(JSON.parse(readFileSync(join(at, 'package.json'), 'utf8')).dependencies ?? {}),
      at,
      found,
    )
  }
  return found
}

/**
 * The same modules as CommonJS. What they load later is required, too: a Jest that nobody configured knows no
 * `import()`.
 */
async function asCommonJs(from, outdir) {
  const files = readdirSync(from, { recursive: true })
    .filter((file) => file.endsWith('.js'))
    .map((file) => join(from, file))
  await build({
    ...common,
    entryPoints: files,
    outbase: from,
    outdir,
    format: 'cjs',
    supported: { 'dynamic-import': false },
    // Who asks for import.meta asks first whether there is a __filename.
    logOverride: { 'empty-import-meta': 'silent' },
  })
  copyCommonJs(from, outdir)
  writeFileSync(join(outdir, 'package.json'), '{ "type": "commonjs" }\n')
}

/** Beside a bundle, the licences of the packages that it holds. */
const tellLicences = (held, dist) =>
  writeFileSync(join(dist, 'THIRD-PARTY-NOTICES'), [...new Set(held)].sort().map(notice).join('\n\n'))

function notice(path) {
  const { name, version, license, repository } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'))
  const file = readdirSync(join(root, path)).find((entry) => /^licen[cs]e/i.test(entry))
  if (!file && !license) throw new Error(`${name} is inlined, and says nothing of its licence.`)
  const text = file
    ? readFileSync(join(root, path, file), 'utf8').trim()
    : `It brings no licence text: see ${repository?.url ?? repository}.`
  return `${name} ${version} (${license})\n\n${text}\n`
}

async function buildPackage(name) {
  const folder = join(root, 'packages', name)
  const [dist, copy] = [join(folder, 'dist'), join(folder, 'dist/copy')]
  const manifest = manifestOf(name)
  rmSync(dist, { recursive: true, force: true })
  const own = Object.keys(manifest.devDependencies ?? {})
  const held = await bundle(folder, manifest, join(dist, 'esm'), own)
  const declared = withDependencies(own, folder)
  const undeclared = held.find((path) => !declared.has(nameOf(path)))
  if (undeclared) {
    throw new Error(`${name} uses ${undeclared}, which is neither a dependency nor a devDependency of it.`)
  }
  if (esmOnly[name]) held.push(...await bundle(folder, manifest, copy, [...own, ...esmOnly[name]]))
  if (held.length > 0) tellLicences(held, dist)
  // Without a type: so the default export of what is inlined is found where it was, and not a level deeper.
  if (esmOnly[name]) writeFileSync(join(copy, 'package.json'), '{}')
  await asCommonJs(esmOnly[name] ? copy : join(dist, 'esm'), join(dist, 'cjs'))
  rmSync(copy, { recursive: true, force: true })
  Object.values(manifest.bin ?? {}).forEach((file) => chmodSync(join(folder, file), 0o755))
}

/** Declarations of all packages, file by file, in a folder that is removed afterwards. */
function declareAll(outdir) {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', outdir], {
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error('The declarations were not made: see what tsc says above.')
}

/** One declaration for each entry point, and one for what several share. None names a path that is not published. */
async function rollUp(name, declared) {
  // Loaded here, since most builds are without types.
  const [{ rollup }, { dts }] = await Promise.all([import('rollup'), import('rollup-plugin-dts')])
  const dist = join(root, 'packages', name, 'dist')
  const at = (path) => join(declared, path.replace(/^#internal\//, 'internal/src/')) + '.d.ts'
  const manifest = manifestOf(name)
  // An app without a peer of ours still compiles: the types that are used of it are in ours.
  const peers = packages.filter((peer) => peer in (manifest.peerDependencies ?? {}))
  const ofPeer = (id) => peers.find((peer) => id === peer || id.startsWith(`${peer}/`))
  const entryOf = (id, peer) => at(join(peer, 'src', id === peer ? 'index' : id.slice(peer.length + 1)))
  const resolveId = (id) => {
    if (id.startsWith('#internal/')) return at(id)
    return ofPeer(id) ? entryOf(id, ofPeer(id)) : null
  }
  const { write } = await rollup({
    input: Object.fromEntries(entriesOf(manifest).map((entry) => [entry, at(join(name, 'src', entry))])),
    external: (id) => !/^[./#]/.test(id) && !ofPeer(id),
    plugins: [{ name: 'internal', resolveId }, dts()],
  })
  const { output } = await write({
    dir: join(dist, 'esm'),
    entryFileNames: '[name].d.ts',
    chunkFileNames: 'shared-[hash].d.ts',
  })
  for (const { fileName } of output) cpSync(join(dist, 'esm', fileName), join(dist, 'cjs', fileName))
}

for (const name of packages) await buildPackage(name)
for (const name of apps) {
  rmSync(join(root, name, 'dist'), { recursive: true, force: true })
  await build({
    ...common,
    entryPoints: sources(join(root, name)),
    outbase: join(root, name, 'src'),
    outdir: join(root, name, 'dist'),
    format: 'esm',
  })
}
if (withTypes) {
  const declared = mkdtempSync(join(tmpdir(), 'declarations-'))
  try {
    declareAll(declared)
    for (const name of packages) await rollUp(name, declared)
  } finally {
    rmSync(declared, { recursive: true, force: true })
  }
}
