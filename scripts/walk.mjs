// Prints how far a request walks through multistep: `npm run walk`. For the requests of docs/step-by-step.md, the
// functions that one enters, the files that it visits, how often it returns to a file which it had left, and how often
// it changes the folder.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import ts from 'typescript'
import { internalSources } from './internal-sources.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const watched = join(root, 'packages/multistep/src/')

/** The text of a watched file, in which each function tells that it was entered. */
function telling(path) {
  const text = readFileSync(path, 'utf8')
  const insertions = []
  const visit = (node) => {
    if (ts.isFunctionLike(node) && node.body && !ts.isConstructorDeclaration(node)) {
      const call = `globalThis.entered(${JSON.stringify(relative(watched, path))}, ${node.body.pos})`
      if (ts.isBlock(node.body)) insertions.push([node.body.getStart() + 1, `${call};`])
      else insertions.push([node.body.getStart(), `(${call}, `], [node.body.end, ')'])
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true))
  return insertions
    .sort(([one], [other]) => other - one)
    .reduce((told, [at, what]) => told.slice(0, at) + what + told.slice(at), text)
}

const ownVersions = new Set(
  readdirSync(join(root, 'packages'))
    .map((name) => join(root, 'packages', name, 'node_modules'))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder)),
)

const story = `
import { tellStory } from '${join(root, 'test/support/story.ts')}'
export async function walk(url, tell) {
  const story = await tellStory({ url })
  const password = { username: 'ada', password: 'lovelace-1815' }
  const requests = async (walked) => {
    await story.begin()
    await walked('GET /account, nobody is logged in', 'GET', '/account')
    await walked('GET /login, the page', 'GET', '/login')
    await walked('POST /login/local', 'POST', '/login/local', { json: true, fields: password })
    await walked('POST /login/sms-otp', 'POST', '/login/sms-otp', { json: true, fields: { code: story.code() } })
    await walked('GET /account, behind require()', 'GET', '/account', { json: true })
    const fields = { payee: 'Bob', amount: '20' }
    await walked('POST /transfer, which asks for a step-up', 'POST', '/transfer', { json: true, fields })
  }
  // What an app makes once is made by its first requests.
  await requests((_, ...request) => story.request(...request))
  await requests((name, ...request) => tell(name, () => story.request(...request)))
  await story.close()
}`

async function bundled(folder) {
  const manifest = pathToFileURL(join(root, 'package.json')).href
  const outfile = join(folder, 'story.mjs')
  await build({
    stdin: { contents: story, resolveDir: root, loader: 'ts' },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
    banner: {
      js: `import { createRequire } from 'node:module'; const require = createRequire(${JSON.stringify(manifest)})`,
    },
    plugins: [
      internalSources,
      {
        name: 'watched',
        setup({ onResolve, onLoad }) {
          onResolve(
            { filter: /^(multistep|passport-sms-otp|passport-mobileconnect|mobileconnect-simulator)(\/|$)/ },
            ({ path }) => {
              const [name, ...entry] = path.split('/')
              const at = join(root, 'packages', name, 'src', entry.join('/') || 'index')
              return { path: entry[0] === 'senders' ? join(at, 'index.ts') : `${at}.ts` }
            },
          )
          // A version that one package has for itself is not found from the bundle: it goes into it.
          onResolve({ filter: /^[^./]/ }, ({ path }) => (ownVersions.has(path) ? undefined : { path, external: true }))
          onLoad({ filter: /packages\/multistep\/src\/.*\.ts$/ }, ({ path }) => ({
            contents: telling(path),
            loader: 'ts',
          }))
        },
      },
    ],
  })
  return outfile
}

const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address()
    server.close(() => { resolve(port) })
  })
})

async function redis(folder) {
  const port = await freePort()
  const child = spawn('redis-server', [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    folder,
  ])
  await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.stdout.on('data', (text) => { if (String(text).includes('Ready to accept connections')) resolve() })
  })
  return { url: `redis://127.0.0.1:${port}`, close: () => child.kill() }
}

/** Of the functions that a request entered, in their order. */
function summary(entered) {
  const visits = entered.map(({ file }) => file).filter((file, index, all) => file !== all[index - 1])
  const folders = visits.map((file) => dirname(file))
  return {
    functions: new Set(entered.map(({ file, number }) => `${file} ${number}`)).size,
    files: new Set(visits).size,
    visits: visits.length,
    returns: visits.length - new Set(visits).size,
    'changes of folder': folders.filter((folder, index) => index > 0 && folder !== folders[index - 1]).length,
  }
}

const folder = mkdtempSync(join(root, 'node_modules/.walk-'))
const server = await redis(folder)
try {
  let entered = []
  globalThis.entered = (file, number) => { entered.push({ file, number }) }
  const { walk } = await import(pathToFileURL(await bundled(folder)).href)
  await walk(server.url, async (name, request) => {
    entered = []
    await request()
    console.log(
      `${name.padEnd(44)}${Object.entries(summary(entered))
        .map(([what, count]) => `${count} ${what}`)
        .join(', ')}`,
    )
  })
} finally {
  server.close()
  rmSync(folder, { recursive: true, force: true })
}
