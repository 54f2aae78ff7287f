// Builds every workspace: JavaScript with esbuild (ESM, and CommonJS for the packages that are published),
// declarations with tsc. `--no-types` leaves the declarations out: enough to run, and done in a second.
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

const transpile = (folder, format, outdir) =>
  build({ entryPoints: sources(folder), outbase: join(folder, 'src'), outdir, format, platform: 'node', target: 'node20', logLevel: 'warning' })

async function buildPackage(name) {
  const folder = join(root, 'packages', name)
  const dist = join(folder, 'dist')
  rmSync(dist, { recursive: true, force: true })
  await transpile(folder, 'esm', join(dist, 'esm'))
  await transpile(folder, 'cjs', join(dist, 'cjs'))
  writeFileSync(join(dist, 'cjs/package.json'), '{ "type": "commonjs" }\n')
  const { bin = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
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
