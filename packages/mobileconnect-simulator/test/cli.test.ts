import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { mkdtempSync, rmSync } from 'node:fs'

const root = join(__dirname, '..')

describe('the command', () => {
  let folder: string
  beforeAll(() => {
    // Beside the package, so that its dependencies are found; one file, as an ES module.
    folder = mkdtempSync(join(root, 'dist-'))
    buildSync({ entryPoints: [join(root, 'src/cli.ts')], outfile: join(folder, 'cli.mjs'), bundle: true, packages: 'external', format: 'esm', platform: 'node' })
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const run = (...args: string[]) => {
    const child = spawn(process.execPath, [join(folder, 'cli.mjs'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    const said = { out: '', error: '' }
    child.stdout.on('data', (chunk: Buffer) => { said.out += chunk.toString() })
    child.stderr.on('data', (chunk: Buffer) => { said.error += chunk.toString() })
    return { child, said, exit: once(child, 'close') as Promise<[number | null, string | null]> }
  }

  it('the command runs until it is interrupted, and then ends by itself', async () => {
    const { child, said, exit } = run('--port', '0')
    while (!said.out.includes('Subscribers')) await once(child.stdout, 'data')
    const [, url] = /Overview {3}(\S+)/.exec(said.out)!
    expect((await fetch(url!)).status).toBe(200)
    child.kill('SIGINT')
    expect(await exit).toEqual([0, null])
    expect(said.error).toBe('')
  })

  it('the command helps, and refuses in one line what it does not understand', async () => {
    const [help, refused] = [run('--help'), run('--operator', 'x')]
    expect(await help.exit).toEqual([0, null])
    expect(help.said.out).toContain('--operator a=234-15')
    expect(await refused.exit).toEqual([1, null])
    expect(refused.said.error).toBe('--operator is written a=234-15, not x.\n')
  })
})
