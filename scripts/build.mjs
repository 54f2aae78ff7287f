// Builds every workspace: JavaScript with esbuild (ESM, and CommonJS for the packages that are published),
// declarations with tsc. What is published as ES modules only is inlined into CommonJS, so that apps whose tests run in an unconfigured
// Jest can require it, too. `--no-types` leaves the declarations out: enough to run, and done in a second.
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
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

const transpile = (folder, format, outdir) =>
  build({ entryPoints: sources(folder), outbase: join(folder, 'src'), outdir, format, platform: 'node', target: 'node20', logLevel: 'warning' })

/** Dependencies without a CommonJS edition of their own; what these depend on is inlined with them. */
const esmOnly = { 'passport-mobileconnect': ['openid-client'], 'mobileconnect-simulator': ['oidc-provider', 'jose'] }

/** One CommonJS file for each entry point, with the packages `inlined` in it, and beside it the licences of what it holds. */
async function bundle(folder, { exports, dependencies = {}, peerDependencies = {} }, inlined) {
  const { metafile } = await build({
    entryPoints: Object.values(exports).flatMap((entry) => (entry.require ? [join(folder, 'src', `${basename(entry.require.default, '.js')}.ts`)] : [])),
    external: Object.keys({ ...dependencies, ...peerDependencies }).filter((dependency) => !inlined.includes(dependency)),
    outdir: join(folder, 'dist/cjs'), bundle: true, metafile: true, format: 'cjs', platform: 'node', target: 'node20', logLevel: 'warning', absWorkingDir: root,
  })
  const held = new Set(Object.keys(metafile.inputs).flatMap((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []))
  writeFileSync(join(folder, 'dist/THIRD-PARTY-NOTICES'), [...held].sort().map(notice).join('\n\n'))
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
  const dist = join(folder, 'dist')
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  rmSync(dist, { recursive: true, force: true })
  await transpile(folder, 'esm', join(dist, 'esm'))
  if (esmOnly[name]) await bundle(folder, manifest, esmOnly[name])
  else await transpile(folder, 'cjs', join(dist, 'cjs'))
  writeFileSync(join(dist, 'cjs/package.json'), '{ "type": "commonjs" }\n')
  const { bin = {} } = manifest
  Object.values(bin).forEach((file) => chmodSync(join(folder, file), 0o755))
}

function declare(name) {
  const folder = join(root, 'packages', name)
  const project = join(folder, 'tsconfig.build.json')
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  const { status } = spawnSync(process.execPath, [tsc, '-p', project], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
  cpSync(join(folder, 'dist/esm'), join(folder, 'dist/cjs'), {
    recursive: true,
    filter: (from) => !from.endsWith('.js'),
  })
}

for (const name of packages) await buildPackage(name)
for (const name of apps) {
  rmSync(join(root, name, 'dist'), { recursive: true, force: true })
  await transpile(join(root, name), 'esm', join(root, name, 'dist'))
}
if (withTypes) packages.forEach(declare)
