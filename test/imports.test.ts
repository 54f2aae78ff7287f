import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'

// What an import loads, everybody pays for who writes it. Looked at in a process of its own, over the sources as they are now.
const root = dirname(__dirname)

/** Hooks see the ES modules that are loaded, and `require.cache` has the others. */
const hooks = 'import { writeSync } from "node:fs"; export async function load(url, context, next) { writeSync(1, url + "\\n"); return next(url, context) }'
const tellLoaded = `import { register } from 'node:module'; register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)})`
const tellRequired = '\nimport { createRequire } from \'node:module\'; console.log(Object.keys(createRequire(process.cwd() + \'/\').cache).join(\'\\n\'))'

/** The names of the packages that importing this file loads, theirs included. */
async function packagesBehind(file: string): Promise<string[]> {
  const { outputFiles } = await build({ entryPoints: [join(root, 'packages', file)], bundle: true, packages: 'external', format: 'esm', platform: 'node', target: 'node20', write: false, footer: { js: tellRequired } })
  const code = outputFiles[0]?.text ?? ''
  const args = ['--import', `data:text/javascript,${encodeURIComponent(tellLoaded)}`, '--input-type=module', '-']
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: dirname(dirname(join(root, 'packages', file))), input: code, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  const names = [...stdout.matchAll(/.*\/node_modules\/((?:@[^/\n]+\/)?[^/\n]+)/g)].map(([, name = '']) => name)
  return [...new Set(names)].sort()
}

describe('An import loads what it needs, and nothing that nobody asked for', () => {
  it.each([
    ['multistep/src/index.ts', ['content-type', 'cookie', 'escape-html', 'fastest-levenshtein', 'ms', 'negotiator']],
    ['multistep/src/recovery-codes.ts', ['fastest-levenshtein']],
    ['passport-sms-otp/src/index.ts', ['fastest-levenshtein', 'libphonenumber-js', 'ms', 'passport-strategy']],
    ['passport-sms-otp/src/senders/index.ts', ['fastest-levenshtein', 'ms']],
    ['passport-mobileconnect/src/index.ts', ['fastest-levenshtein', 'jose', 'lru-cache', 'ms', 'oauth4webapi', 'openid-client', 'passport-strategy']],
  ])('%s: no SDK, no Redis client, no Express', async (file, packages) => {
    expect(await packagesBehind(file)).toEqual(packages)
  })

  it('mobileconnect-simulator/src/index.ts: Express, and the OpenID provider only when one is started', async () => {
    const packages = await packagesBehind('mobileconnect-simulator/src/index.ts')
    expect(packages).toContain('express')
    expect(packages.filter((name) => /^(oidc-provider|koa|twilio|smpp|redis|@redis\/.+|passport)$/.test(name))).toEqual([])
  })

  it('passport-sms-otp/src/smpp.ts: the gateway\'s protocol is loaded by those who send by it', async () => {
    expect(await packagesBehind('passport-sms-otp/src/smpp.ts')).toContain('smpp')
  })
})

/** The sources that importing this file loads at once. What it loads later stands in files of its own, once it is bundled as it is published. */
async function sourcesAtOnce(file: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [join(root, 'packages', file)], bundle: true, packages: 'external', format: 'esm', platform: 'node', target: 'node20',
    splitting: true, metafile: true, write: false, outdir: 'out', absWorkingDir: root,
  })
  const loaded = new Set<string>()
  const load = (name: string): void => {
    if (loaded.has(name)) return
    loaded.add(name)
    metafile.outputs[name]?.imports.filter(({ kind, external }) => kind === 'import-statement' && external !== true).forEach(({ path }) => load(path))
  }
  load(Object.keys(metafile.outputs).find((name) => metafile.outputs[name]?.entryPoint?.endsWith(file))!)
  return [...loaded].flatMap((name) => Object.keys(metafile.outputs[name]?.inputs ?? {}))
}

it('multistep loads its pages and every language but English when the first page is sent', async () => {
  const sources = await sourcesAtOnce('multistep/src/index.ts')
  expect(sources).toContain('packages/multistep/src/pages/index.ts')
  expect(sources).toContain('packages/multistep/src/locales/en.ts')
  const light = ['index', 'visit', 'safe-url'].map((name) => `packages/multistep/src/pages/${name}.ts`)
  expect(sources.filter((source) => /src\/pages\//.test(source) && !light.includes(source))).toEqual([])
  expect(sources.filter((source) => /locales\/(de|es|fr)\.ts$/.test(source))).toEqual([])
})
