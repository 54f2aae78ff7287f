// Builds every workspace: JavaScript with esbuild, declarations with tsc. A published package gets one ES module and one CommonJS file
// for each entry point, since Node loads one file several times faster than sixty. What is published as ES modules only is inlined
// into CommonJS, so that apps whose tests run in an unconfigured Jest can require it, too.
// `--no-types` leaves the declarations out: enough to run, and done in a second.
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const withTypes = !process.argv.includes('--no-types')
const packages = readdirSync(join(root, 'packages')).filter((name) => existsSync(join(root, 'packages', name, 'src/index.ts')))
const apps = ['examples', 'bench'].filter((name) => existsSync(join(root, name, 'src/main.ts')))

const sources = (folder) =>
  readdirSync(join(folder, 'src'), { recursive: true })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, 'src', file))

/** Dependencies without a CommonJS edition of their own; what these depend on is inlined with them. */
const esmOnly = { 'passport-mobileconnect': ['openid-client'], 'mobileconnect-simulator': ['oidc-provider', 'jose'] }

const common = { platform: 'node', target: 'node20', sourcemap: true, sourcesContent: true, logLevel: 'warning', absWorkingDir: root }

/** The source of each entry point and command of a package. */
const entriesOf = (folder, { exports, bin = {} }) =>
  [...Object.values(exports).flatMap((entry) => entry.import?.default ?? []), ...Object.values(bin)]
    .map((file) => join(folder, 'src', file.replace('./dist/esm/', '').replace(/\.js$/, '.ts')))

/** One ES module for each entry point, and one for what several of them share: so a class is the same in all of them. */
const bundle = (folder, manifest, outdir, inlined = []) => {
  const { dependencies = {}, peerDependencies = {} } = manifest
  const external = Object.keys({ ...dependencies, ...peerDependencies }).filter((dependency) => !inlined.includes(dependency))
  return build({
    ...common, entryPoints: entriesOf(folder, manifest), outbase: join(folder, 'src'), outdir, external,
    bundle: true, splitting: true, format: 'esm', chunkNames: 'shared-[hash]', metafile: true,
  })
}

/** The same modules as CommonJS. What they load later is required, too: a Jest that nobody configured knows no `import()`. */
async function asCommonJs(from, outdir) {
  const files = readdirSync(from, { recursive: true }).filter((file) => file.endsWith('.js')).map((file) => join(from, file))
  await build({ ...common, entryPoints: files, outbase: from, outdir, format: 'cjs', supported: { 'dynamic-import': false } })
  writeFileSync(join(outdir, 'package.json'), '{ "type": "commonjs" }\n')
}

/** Beside a bundle, the licences of the packages that it holds. */
function tellLicences({ metafile }, dist) {
  const held = new Set(Object.keys(metafile.inputs).flatMap((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []))
  writeFileSync(join(dist, 'THIRD-PARTY-NOTICES'), [...held].sort().map(notice).join('\n\n'))
}

function notice(path) {
  const { name, version, license, repository } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'))
  const file = readdirSync(join(root, path)).find((entry) => /^licen[cs]e/i.test(entry))
  if (!file && !license) throw new Error(`${name} is inlined, and says nothing of its licence.`)
  const text = file ? readFileSync(join(root, path, file), 'utf8').trim() : `It brings no licence text: see ${repository?.url ?? repository}.`
  return `${name} ${version} (${license})\n\n${text}\n`
}

async function buildPackage(name) {
  const folder = join(root, 'packages', name)
  const [dist, held] = [join(folder, 'dist'), join(folder, 'dist/held')]
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  rmSync(dist, { recursive: true, force: true })
  await bundle(folder, manifest, join(dist, 'esm'))
  if (esmOnly[name]) {
    tellLicences(await bundle(folder, manifest, held, esmOnly[name]), dist)
    // Without a type: so the default export of what is held is found where it was, and not a level deeper.
    writeFileSync(join(held, 'package.json'), '{}')
  }
  await asCommonJs(esmOnly[name] ? held : join(dist, 'esm'), join(dist, 'cjs'))
  rmSync(held, { recursive: true, force: true })
  Object.values(manifest.bin ?? {}).forEach((file) => chmodSync(join(folder, file), 0o755))
}

function declare(name) {
  const folder = join(root, 'packages', name)
  const project = join(folder, 'tsconfig.build.json')
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  const { status } = spawnSync(process.execPath, [tsc, '-p', project], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
  cpSync(join(folder, 'dist/esm'), join(folder, 'dist/cjs'), {
    recursive: true,
    filter: (from) => !/\.js(\.map)?$/.test(from),
  })
}

for (const name of packages) await buildPackage(name)
for (const name of apps) {
  rmSync(join(root, name, 'dist'), { recursive: true, force: true })
  await build({ ...common, entryPoints: sources(join(root, name)), outbase: join(root, name, 'src'), outdir: join(root, name, 'dist'), format: 'esm' })
}
if (withTypes) packages.forEach(declare)
