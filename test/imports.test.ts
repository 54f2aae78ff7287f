import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { build } from 'esbuild'

// What an import loads, everybody pays for who writes it. Looked at in a process of its own, over the sources as they are now.
const root = dirname(__dirname)

/** Hooks see the ES modules that are loaded, and `require.cache` has the others. */
const hooks = 'import { writeSync } from "node:fs"; export async function load(url, context, next) { writeSync(1, url + "\\n"); return next(url, context) }'
const tellLoaded = `import { register } from 'node:module'; register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)})`
const tellRequired = '; import { createRequire } from \'node:module\'; console.log(Object.keys(createRequire(process.cwd() + \'/\').cache).join(\'\\n\'))'

/** The names of the packages that this import loads, theirs included, when it is bundled as the build does it. */
async function packagesBehind(name: string, entry: string): Promise<string[]> {
  const folder = join(root, 'packages', name)
  const { dependencies = {}, peerDependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, Record<string, string>>
  mkdirSync(join(folder, 'dist'), { recursive: true })
  const outdir = mkdtempSync(join(folder, 'dist/imports-'))
  try {
    await build({
      entryPoints: [join(folder, 'src', entry)], outdir, external: Object.keys({ ...dependencies, ...peerDependencies }),
      bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node20',
    })
    const bundle = `./dist/${basename(outdir)}/${basename(entry, '.ts')}.js`
    const args = ['--import', `data:text/javascript,${encodeURIComponent(tellLoaded)}`, '--input-type=module', '-']
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: folder, input: `import '${bundle}'${tellRequired}`, encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    const names = [...stdout.matchAll(/.*\/node_modules\/((?:@[^/\n]+\/)?[^/\n]+)/g)].map(([, found = '']) => found)
    return [...new Set(names)].sort()
  } finally {
    rmSync(outdir, { recursive: true })
  }
}

describe('An import loads what it needs, and nothing that nobody asked for', () => {
  it.each([
    ['multistep', 'index.ts', []],
    ['multistep', 'recovery-codes.ts', []],
    // Libphonenumber comes when a service is made.
    ['passport-sms-otp', 'index.ts', ['passport-strategy']],
    ['passport-sms-otp', 'senders/index.ts', []],
    ['passport-sms-otp', 'checks/index.ts', []],
    // openid-client comes with the first login.
    ['passport-mobileconnect', 'index.ts', ['passport-strategy']],
    ['passport-number-verification', 'index.ts', ['jose', 'oauth4webapi', 'openid-client', 'passport-strategy']],
    // Express and the OpenID provider come when a simulator starts.
    ['mobileconnect-simulator', 'index.ts', []],
  ])('an import of %s/src/%s loads no SDK, no Redis client and no Express', async (name, entry, packages) => {
    expect(await packagesBehind(name, entry)).toEqual(packages)
  })

  it('an import of passport-sms-otp/src/smpp.ts loads the protocol of the gateway', async () => {
    expect(await packagesBehind('passport-sms-otp', 'smpp.ts')).toContain('smpp')
  })
})
