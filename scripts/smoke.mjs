// Installs what would be published, and nothing else, into an empty app: packs each package, puts the tarball's content
// and the dependencies it declares (copied from this checkout, so that no network is needed) into node_modules, then
// imports and requires every entry point and type-checks a consumer. An undeclared dependency, a missing file or a
// broken `exports` shows here.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const app = mkdtempSync(join(realpathSync(tmpdir()), 'smoke-'))
const manifest = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

function run(command, args, options = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', ...options })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`)
  return stdout
}

/** Where Node would find `name` from `folder` in this checkout. */
function located(name, folder) {
  for (let at = folder; ; at = dirname(at)) {
    const candidate = join(at, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate)
    if (at === dirname(at)) throw new Error(`${name} is not installed: run npm ci`)
  }
}

/**
 * Puts a dependency where its dependent will find it, with its own dependencies inside it where versions may differ.
 */
function install(name, from, into) {
  const source = located(name, from)
  const target = join(into, 'node_modules', name)
  if (existsSync(target)) return
  cpSync(source, target, {
    recursive: true,
    dereference: true,
    filter: (path) => !path.slice(source.length).includes('node_modules'),
  })
  for (const dependency of Object.keys(manifest(source).dependencies ?? {})) install(dependency, source, target)
}

/** Names that Node adds to the exports of CommonJS are left out. */
const isNamed = '(key) => key !== "default" && key !== "module.exports"'

function unpack(name) {
  const folder = join(root, 'packages', name)
  const [{ filename, files }] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', app], { cwd: folder }),
  )
  const stray = files
    .map(({ path }) => path)
    .filter(
      (path) =>
        !/^(dist\/|templates\/|README\.md$|LICENSE$|CHANGELOG\.md$|package\.json$)/.test(path) ||
        path.endsWith('.tsbuildinfo'),
    )
  if (stray.length > 0) throw new Error(`${name} would publish ${stray.join(', ')}`)
  const leaking = files
    .map(({ path }) => path)
    .filter((path) => /\.(js|d\.ts)$/.test(path) && readFileSync(join(folder, path), 'utf8').includes('#internal'))
  if (leaking.length > 0) throw new Error(`${name} would publish the name of a private path in ${leaking.join(', ')}`)
  const target = join(app, 'node_modules', name)
  mkdirSync(target, { recursive: true })
  run('tar', ['-xzf', join(app, filename), '--strip-components=1', '-C', target])
  for (const dependency of Object.keys(manifest(target).dependencies ?? {})) install(dependency, folder, target)
  return { name, entries: Object.keys(manifest(target).exports).filter((entry) => !entry.endsWith('.json')) }
}

function useEvery({ name, entries }) {
  const { peerDependenciesMeta: optional = {} } = manifest(join(app, 'node_modules', name))
  for (const entry of entries) {
    // An entry that is named after an optional peer needs it; no other may.
    if (optional[entry.slice(2)]) install(entry.slice(2), root, app)
    const specifier = name + entry.slice(1)
    // Without the require() of ES modules, as in a Jest that nobody configured.
    const named = (way) =>
      run(
        process.execPath,
        [
          '--no-experimental-require-module',
          '--input-type',
          way === 'import' ? 'module' : 'commonjs',
          '-e',
          way === 'import'
            ? `console.log(Object.keys(await import('${specifier}')).filter(${isNamed}).sort().join())`
            : `console.log(Object.keys(require('${specifier}')).sort().join())`,
        ],
        { cwd: app },
      ).trim()
    const [imported, required] = [named('import'), named('require')]
    if (imported === '' || imported !== required) {
      throw new Error(`${specifier}: import gives [${imported}], require() gives [${required}]`)
    }
    console.log(`${specifier}: ${imported}`)
  }
}

const importAll = (name, specifier) => `import * as ${name} from '${specifier}'\nvoid ${name}`

/** A consumer without any of our compiler settings, as an ES module and as CommonJS, with every declaration checked. */
function compile(packages) {
  const types = ['node', 'express', 'express-serve-static-core', 'passport', 'passport-strategy']
  for (const name of types) install(`@types/${name}`, root, app)
  const body = packages
    .flatMap(({ name, entries }) =>
      entries.map(
        (entry, index) =>
          importAll(`m${index}_${name.replace(/\W/g, '_')}`, `${name}${entry.slice(1)}`),
      ),
    )
    .join('\n')
  writeFileSync(join(app, 'esm.mts'), body)
  writeFileSync(join(app, 'cjs.cts'), body)
  writeFileSync(join(app, 'classic.ts'), body)
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  const always = ['--noEmit', '--strict', '--target', 'es2022', '--types', 'node']
  const check = (...options) => run(process.execPath, [tsc, ...always, ...options], { cwd: app })
  check('--skipLibCheck', 'false', '--module', 'nodenext', 'esm.mts', 'cjs.cts')
  // Apps whose CommonJS may not even see the types of an ES module.
  check('--skipLibCheck', 'false', '--module', 'node16', 'cjs.cts')
  // Apps that are bundled.
  check('--skipLibCheck', 'false', '--module', 'esnext', '--moduleResolution', 'bundler', 'esm.mts')
  // Apps that never moved from the resolution of old: it knows no `exports`, only `typesVersions`.
  check(
    '--skipLibCheck',
    '--module',
    'commonjs',
    '--moduleResolution',
    'node10',
    '--ignoreDeprecations',
    '6.0',
    'classic.ts',
  )
  console.log('types: checked as an ES module, as CommonJS, for a bundler, and with the classic resolution')
}

/** What CommonJS holds of others is loaded when a simulator starts, and not by the require(). */
function startRequired() {
  const script =
    'require(\'mobileconnect-simulator\').startSimulator().then(async (sim) => { await sim.close(); console.log(\'started\') })'
  const out = run(process.execPath, ['--no-experimental-require-module', '--input-type', 'commonjs', '-e', script], {
    cwd: app,
    env: { ...process.env, NODE_ENV: 'test' },
  })
  if (!out.includes('started')) throw new Error(`mobileconnect-simulator does not start from CommonJS: ${out}`)
}

/** The README's quickstart, pasted into the empty app: a login by password and text, as a visitor does it. */
async function logInToQuickstart() {
  for (const name of ['express', 'express-session', 'passport', 'passport-local']) install(name, root, app)
  cpSync(join(root, 'examples/quickstart/app.mjs'), join(app, 'app.mjs'))
  const child = spawn(process.execPath, ['app.mjs'], {
    cwd: app,
    env: { ...process.env, PORT: '0', NODE_ENV: 'development' },
  })
  let printed = ''
  child.stdout.on('data', (chunk) => { printed += chunk })
  child.stderr.pipe(process.stderr)
  const line = async (pattern) => {
    while (!pattern.test(printed)) {
      if (child.exitCode !== null) throw new Error(`The quickstart ended: ${printed}`)
      await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
    }
    return pattern.exec(printed)[1]
  }
  try {
    const origin = await line(/(http:\/\/localhost:\d+)\/account\n/)
    let cookie = ''
    const ask = async (path, body) => {
      const headers = { accept: 'application/json', 'content-type': 'application/json', cookie }
      const response = await fetch(origin + path, {
        headers,
        ...(body && { method: 'POST', body: JSON.stringify(body) }),
      })
      cookie = response.headers.getSetCookie().find((one) => one.startsWith('connect.sid='))?.split(';', 1)[0] ?? cookie
      return response.text()
    }
    await ask('/login/local', { username: 'ada', password: 'lovelace' })
    await ask('/login/sms-otp', { code: await line(/#(\d{6})\n/) })
    const page = await ask('/account')
    if (page !== 'Hello ada, you proved pwd + sms + mfa.') throw new Error(`The quickstart answers: ${page}`)
    console.log('quickstart: logged in')
  } finally {
    child.kill()
  }
}

try {
  writeFileSync(join(app, 'package.json'), '{ "private": true }')
  const packages = readdirSync(join(root, 'packages'))
    .filter((name) => existsSync(join(root, 'packages', name, 'dist/esm/index.d.ts')))
    .map(unpack)
  if (packages.length === 0) throw new Error('Nothing is built: run npm run build first.')
  packages.forEach(useEvery)
  startRequired()
  await logInToQuickstart()
  compile(packages)
} finally {
  rmSync(app, { recursive: true, force: true })
}
