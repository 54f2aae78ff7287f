import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fileIn, filesIn, startLoopbackRegistry, type LoopbackRegistry } from './support/loopback-registry.js'

const run = promisify(execFile)
const root = join(__dirname, '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const manifestOf = (name: string) => JSON.parse(read(`packages/${name}/package.json`)) as Record<string, any>
const packages = readdirSync(join(root, 'packages')).filter((name) => manifestOf(name).private !== true)
const rootManifest = JSON.parse(read('package.json')) as { homepage: string, repository: { url: string } }

describe('What is published', () => {
  it('every manifest agrees with the addresses of the root: scripts/home.mjs has nothing to write', () => {
    const { stderr } = spawnAndRead(['scripts/home.mjs', '--check'])
    expect(stderr).not.toContain('does not agree')
  })

  it.each(packages)('the manifest of %s says what the package is, where it lives, and how it is found', (name) => {
    const { description, keywords, homepage, repository, bugs, license, engines, publishConfig, files } = manifestOf(name)
    expect(description.length).toBeGreaterThan(20)
    expect(keywords.length).toBeGreaterThanOrEqual(5)
    expect(homepage).toBe(`${rootManifest.homepage}/packages/${name}/`)
    expect(repository).toEqual({ type: 'git', url: rootManifest.repository.url, directory: `packages/${name}` })
    expect(bugs.url).toMatch(/^https:.*\/issues$/)
    expect([license, engines.node, publishConfig, files[0]]).toEqual(['MIT', '>=20.19', { access: 'public', provenance: true }, 'dist'])
    expect(existsSync(join(root, 'packages', name, 'LICENSE'))).toBe(true)
  })
})

describe('The workflows', () => {
  const workflow = (name: string) => read(`.github/workflows/${name}.yml`)

  it.each(['ci', 'release'])('the workflow %s runs what .ci/run does, with actions that are pinned by their commit and no right that it does not name', (name) => {
    const used = [...workflow(name).matchAll(/uses: (\S+)/g)].map(([, action]) => action!)
    expect(used.length).toBeGreaterThan(1)
    expect(used.filter((action) => !/@[0-9a-f]{40}$/.test(action))).toEqual([])
    expect(workflow(name)).toMatch(/^permissions: \{\}$/m)
    expect(workflow(name)).toMatch(/^ +- run: \.ci\/run$/m)
  })

  it('the workflow release publishes with provenance, keeps no token, and stops while the addresses are the ones that nobody has', () => {
    expect(workflow('release')).toMatch(/^ +id-token: write$/m)
    expect(workflow('release')).toMatch(/^ +NPM_CONFIG_PROVENANCE: 'true'$/m)
    expect(workflow('release')).not.toMatch(/secrets\.|token:(?! write)/i)
    expect(workflow('release').indexOf('home.mjs --check')).toBeLessThan(workflow('release').indexOf('lerna publish'))
    expect(spawnAndRead(['scripts/home.mjs', '--check']).stderr.includes('nobody has')).toBe(rootManifest.homepage.includes('.example'))
  })
})

/** The program ends with 1 while the addresses are those that nobody has. */
function spawnAndRead(args: string[]): { stderr: string } {
  try {
    execFileSync(process.execPath, args, { cwd: root, stdio: 'pipe' })
    return { stderr: '' }
  } catch (error) {
    return { stderr: String((error as { stderr: Buffer }).stderr) }
  }
}

describe('A release, against a registry on loopback', () => {
  let folder: string
  let registry: LoopbackRegistry
  /** No setting of the machine, and no registry but that one. */
  let env: NodeJS.ProcessEnv

  beforeAll(async () => {
    folder = mkdtempSync(join(realpathSync(tmpdir()), 'release-'))
    registry = await startLoopbackRegistry()
    env = {
      PATH: process.env.PATH, HOME: folder, CI: 'true', NX_DAEMON: 'false', npm_config_registry: registry.url, npm_config_cache: join(folder, 'cache'),
      npm_config_ignore_scripts: 'false', npm_config_update_notifier: 'false', GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@localhost', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@localhost',
    }
    copyRepository(join(folder, 'repository'))
  })
  afterAll(async () => {
    await registry.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const inRepository = async (command: string, ...args: string[]) => run(command, args, { cwd: join(folder, 'repository'), env, maxBuffer: 1e8 })
  const lerna = async (...args: string[]) => inRepository(process.execPath, join(root, 'node_modules/lerna/dist/cli.js'), ...args, '--yes', '--loglevel', 'warn')

  /** As it is checked out and built. Provenance needs the identity that a workflow is given, and a lock file the network. */
  function copyRepository(to: string): void {
    mkdirSync(to)
    for (const path of ['lerna.json', 'scripts', 'LICENSE', 'README.md']) cpSync(join(root, path), join(to, path), { recursive: true })
    writeFileSync(join(to, '.gitignore'), 'dist/\nnode_modules/\n')
    writeFileSync(join(to, 'package.json'), JSON.stringify({ ...JSON.parse(read('package.json')), workspaces: ['packages/*'], devDependencies: {} }))
    for (const name of packages) {
      const [from, into] = [join(root, 'packages', name), join(to, 'packages', name)]
      for (const path of ['dist', 'README.md', 'LICENSE', 'templates'].filter((one) => existsSync(join(from, one)))) cpSync(join(from, path), join(into, path), { recursive: true })
      const manifest = manifestOf(name)
      writeFileSync(join(into, 'package.json'), JSON.stringify({ ...manifest, publishConfig: { ...manifest.publishConfig, provenance: false } }, null, 2))
    }
  }

  it('a release makes a version and a CHANGELOG of the commits, publishes each package, and leaves the working tree as it was', async () => {
    await inRepository('git', 'init', '--quiet', '--initial-branch', 'main')
    await inRepository('git', 'add', '.')
    await inRepository('git', 'commit', '--quiet', '--message', 'feat(multistep): the first words of a changelog')
    await lerna('version', '--no-push')
    await lerna('publish', 'from-git', '--no-verify-access')
    expect([...registry.published.keys()].sort()).toEqual([...packages].sort())
    for (const published of registry.published.values()) {
      expect(published).toMatchObject({ access: 'public', tags: ['latest'] })
      expect(fileIn(published, 'CHANGELOG.md')).toContain('the first words of a changelog')
    }
    expect((await inRepository('git', 'status', '--porcelain')).stdout).toBe('')
    expect((await inRepository('git', 'tag')).stdout).toMatch(/^multistep@\d+\.\d+\.\d+$/m)
  })

  it.each(packages)('the published package %s holds what it declares, its licence and the licences of what is inlined, and no link that leads out of it', (name) => {
    const published = registry.published.get(name)!
    const files = filesIn(published)
    expect(files.filter((path) => !/^(?:dist\/|templates\/|(?:README|CHANGELOG)\.md$|LICENSE$|package\.json$)/.test(path))).toEqual([])
    expect(files).toEqual(expect.arrayContaining(['README.md', 'CHANGELOG.md', 'LICENSE', 'package.json']))
    const { exports, bin = {} } = published.manifest as any
    const declared = [...Object.values<any>(exports).flatMap((entry) => (typeof entry === 'string' ? [] : [entry.import.default, entry.require.default])), ...Object.values<string>(bin)]
    expect(declared.map((path: string) => path.replace('./', '')).filter((path) => !files.includes(path))).toEqual([])
    const links = [...fileIn(published, 'README.md').matchAll(/\]\(([^)\s]+)\)/g)].map(([, href]) => href!)
    expect(links.filter((href) => !/^(?:https?:|#)/.test(href))).toEqual([])
    // What the bundles hold of others is told with its licence.
    const bundles = files.filter((path) => /^dist\/.*\.js\.map$/.test(path)).flatMap((path) => (JSON.parse(fileIn(published, path)) as { sources: string[] }).sources)
    const inlined = new Set(bundles.flatMap((source) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? []))
    const notices = inlined.size > 0 ? fileIn(published, 'dist/THIRD-PARTY-NOTICES') : ''
    expect([...inlined].filter((library) => !new RegExp(`^${library} \\d\\S* \\(`, 'm').test(notices))).toEqual([])
  })

  it('a published package is installed into an empty folder, where the quickstart of the README logs in', async () => {
    const app = join(folder, 'app')
    mkdirSync(app)
    writeFileSync(join(app, 'package.json'), '{ "private": true, "type": "module" }')
    const install = /<!-- quickstart install -->\n```sh\n(.*)\n```/.exec(read('README.md'))![1]!.split(' ')
    await run(install[0]!, [...install.slice(1), '--no-audit', '--no-fund'], { cwd: app, env, maxBuffer: 1e8 })
    cpSync(join(root, 'examples/quickstart/app.mjs'), join(app, 'app.mjs'))
    const child = spawn(process.execPath, ['app.mjs'], { cwd: app, env: { PATH: env.PATH, PORT: '0' }, stdio: ['ignore', 'pipe', 'pipe'] })
    let printed = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { printed += text })
    const read1 = async (pattern: RegExp): Promise<string> => {
      while (!pattern.test(printed)) {
        if (child.exitCode !== null) throw new Error(printed)
        await Promise.race([once(child.stdout, 'data'), once(child, 'close')])
      }
      return pattern.exec(printed)![1]!
    }
    try {
      const origin = await read1(/(http:\/\/localhost:\d+)\/account\n/)
      let cookie = ''
      const ask = async (path: string, body?: object) => {
        const answer = await fetch(origin + path, { headers: { accept: 'application/json', 'content-type': 'application/json', cookie }, ...body && { method: 'POST', body: JSON.stringify(body) } })
        cookie = answer.headers.getSetCookie().find((one) => one.startsWith('connect.sid='))?.split(';', 1)[0] ?? cookie
        return answer.text()
      }
      await ask('/login/local', { username: 'ada', password: 'lovelace' })
      await ask('/login/sms-otp', { code: await read1(/#(\d{6})\n/) })
      expect(await ask('/account')).toBe('Hello ada, you proved pwd + sms + mfa.')
    } finally {
      child.kill()
      await once(child, 'close')
    }
  })
})
