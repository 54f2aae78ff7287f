// Runs one of the examples that are a single file: `npm run example NAME`. Without a name it lists them.
import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, parse } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'examples')
const files = new Map([
  ['quickstart', join(folder, 'quickstart/app.mjs')],
  ...readdirSync(join(folder, 'single')).map((file) => [parse(file).name, join(folder, 'single', file)]),
])

/** The comment at the top of an example: what it shows, and how to log in. */
const purpose = (file) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line, index, lines) => lines.slice(0, index + 1).every((one) => one.startsWith('//')))
    .map((line) => line.slice(3))
    .join(' ')

/** Node 20 does not read TypeScript, so such an example is compiled first. */
async function runnable(file) {
  if (!file.endsWith('.ts')) return file
  const { build } = await import('esbuild')
  const outfile = join(folder, 'dist/single', `${parse(file).name}.mjs`)
  mkdirSync(dirname(outfile), { recursive: true })
  await build({ entryPoints: [file], outfile, platform: 'node', format: 'esm', target: 'node20', logLevel: 'warning' })
  return outfile
}

const [name] = process.argv.slice(2)
const file = files.get(name)
if (file === undefined) {
  for (const [one, path] of files) console.log(`npm run example ${one}\n    ${purpose(path)}\n`)
  if (name !== undefined) {
    console.error(`There is no example ${name}.`)
    process.exitCode = 1
  }
} else {
  if (name === 'redis-two-processes' && !process.env.REDIS_URL) {
    console.error('Give REDIS_URL, such as redis://localhost:6379, and SECRET.')
  }
  const child = spawn(process.execPath, [await runnable(file)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code) => { process.exitCode = code ?? 1 })
}
