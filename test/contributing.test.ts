import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '..')
const page = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')
const { scripts, workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string>, workspaces: string[] }

const commands = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) => block.trim().split('\n'))

describe('CONTRIBUTING.md', () => {
  it('CONTRIBUTING.md names only scripts that exist', () => {
    const named = [...page.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name)
    expect(named.length).toBeGreaterThan(5)
    expect(named.filter((name) => !(name in scripts))).toEqual([])
  })

  it('CONTRIBUTING.md names every script by which a change is checked', () => {
    const told = Object.keys(scripts).filter((name) => !page.includes(`npm run ${name}`) && !page.includes(`npm ${name}`))
    expect(told).toEqual(['start', 'example'])
  })

  it('CONTRIBUTING.md gives commands whose programs and folders are there', () => {
    expect(commands.length).toBeGreaterThan(3)
    const missing = commands.flatMap((command) => {
      const [program = '', ...args] = command.split(' ')
      const paths = args.filter((arg) => arg.includes('/'))
      const isInstalled = program === 'npm' || existsSync(join(root, 'node_modules/.bin', args[0] ?? ''))
      return [...isInstalled ? [] : [command], ...paths.filter((path) => !isThere(path))]
    })
    expect(missing).toEqual([])
  })

  it('CONTRIBUTING.md describes every folder of the repository, and no other', () => {
    const described = [...page.matchAll(/^\| `([\w/-]*[\w-])` \|/gm)].map(([, folder = '']) => folder)
    const packages = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`)
    expect(described.sort()).toEqual([...packages, ...workspaces.filter((name) => !name.includes('*')), 'docs', 'scripts', 'test'].sort())
  })

  it('CONTRIBUTING.md names each folder of tests of multistep and no other, and no test lies beside them', () => {
    const folder = join(root, 'packages/multistep/test')
    const entries = readdirSync(folder, { withFileTypes: true })
    const named = [...page.matchAll(/^\| `([\w-]+)\/` \|/gm)].map(([, name = '']) => name)
    expect(named).toEqual(entries.filter((entry) => entry.isDirectory()).map(({ name }) => name).sort())
    expect(entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name)).toEqual(['requirements.json'])
  })

  it('CONTRIBUTING.md links only to files that are there', () => {
    const links = [...page.matchAll(/\]\((?!https:)([^)]+)\)/g)].map(([, path = '']) => path)
    expect(links.length).toBeGreaterThan(2)
    expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })
})

/** A path, or the beginning of one as Jest takes it. */
function isThere(path: string): boolean {
  const folder = path.slice(0, path.lastIndexOf('/'))
  return existsSync(join(root, folder)) && readdirSync(join(root, folder)).some((name) => join(folder, name).startsWith(path))
}
