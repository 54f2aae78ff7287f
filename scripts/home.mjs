// Where the project lives: its documentation and its repository. The root package.json says it, and what is published
// must agree: the manifests of the packages and the `type` of problems.
// `node scripts/home.mjs` writes them all. Given addresses, it writes those into the root first:
//   node scripts/home.mjs https://docs.example.org https://github.com/someone/express-second-factors
// `--check` ends with 1 where something does not agree, or where the addresses are still the reserved ones.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const read = (path) => readFileSync(join(root, path), 'utf8')
const json = (value) => `${JSON.stringify(value, null, 2)}\n`

export const packages = readdirSync(join(root, 'packages'))
  .filter((name) => JSON.parse(read(`packages/${name}/package.json`)).private !== true)

/** RFC 2606 §2: nobody has an address below `.example`. */
export const isReserved = (address) => new URL(address).hostname.endsWith('.example')

/** The addresses of the root's package.json. */
export function home(manifest = JSON.parse(read('package.json'))) {
  return { docs: manifest.homepage, repository: manifest.repository.url.replace(/^git\+|\.git$/g, '') }
}

const rootManifest = (manifest, { docs, repository }) => ({
  ...manifest,
  homepage: docs,
  repository: { type: 'git', url: `git+${repository}.git` },
  bugs: { url: `${repository}/issues` },
})

const manifestOf = (manifest, name, { docs, repository }) => ({
  ...manifest,
  homepage: `${docs}/packages/${name}/`,
  repository: { type: 'git', url: `git+${repository}.git`, directory: `packages/${name}` },
  bugs: { url: `${repository}/issues` },
})

/** Keys in the order in which the root has them: what a reader looks for first comes first. */
function ordered(manifest) {
  const first = ['name', 'version', 'private', 'description', 'keywords', 'homepage', 'bugs', 'repository', 'license']
  const rest = Object.keys(manifest).filter((key) => !first.includes(key))
  const keys = [...first.filter((key) => key in manifest), ...rest]
  return Object.fromEntries(keys.map((key) => [key, manifest[key]]))
}

/** What each file should hold, by its path. */
export function filesOf(addresses) {
  const problemType = read('packages/internal/src/problem-type.ts')
  return {
    'package.json': json(ordered(rootManifest(JSON.parse(read('package.json')), addresses))),
    'packages/internal/src/problem-type.ts': problemType.replace(/(?<=const HOME = ')[^']*/, addresses.docs),
    ...Object.fromEntries(packages.map((name) => [
      `packages/${name}/package.json`,
      json(ordered(manifestOf(JSON.parse(read(`packages/${name}/package.json`)), name, addresses))),
    ])),
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const isCheck = process.argv.includes('--check')
  const [docs, repository] = process.argv.slice(2).filter((word) => !word.startsWith('--'))
  const addresses = docs && repository ? { docs, repository } : home()
  const files = Object.entries(filesOf(addresses))
  const stale = files.filter(([path, text]) => read(path) !== text)
  if (isCheck) {
    const reserved = Object.values(addresses).filter(isReserved)
    stale.forEach(([path]) => console.error(`${path} does not agree with package.json: node scripts/home.mjs`))
    reserved.forEach((address) => console.error(`${address} is an address that nobody has: node scripts/home.mjs <docs> <repository>`))
    process.exitCode = stale.length + reserved.length === 0 ? 0 : 1
  } else {
    stale.forEach(([path, text]) => writeFileSync(join(root, path), text))
  }
}
