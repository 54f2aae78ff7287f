import { Linter } from 'eslint'
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parser } from 'typescript-eslint'
import { layerRules, layers, placeOf } from '../scripts/layers.js'

const root = join(__dirname, '..')

const sources = (name: string) => readdirSync(join(root, 'packages', name, 'src'), { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts'))

const complaints = (filename: string, code: string) =>
  new Linter({ cwd: root })
    .verify(code, [{ files: ['**/*.ts'], languageOptions: { parser } }, ...layerRules as never[]], { filename })
    .map(({ message }) => message)

describe.each(readdirSync(join(root, 'packages')))('the layers of %s', (name) => {
  it(`the layers of ${name} give each file a place`, () => {
    expect(sources(name).filter((file) => placeOf(name as keyof typeof layers, file) === undefined)).toEqual([])
  })

  it(`the layers of ${name} name no folder and no file that is not there`, () => {
    const entries = (layers as Record<string, string[][]>)[name]!.flat()
    const isThere = (entry: string) => entry === '*.ts' || sources(name).some((file) => file === entry || file.startsWith(`${entry}/`))
    expect(entries.filter((entry) => !isThere(entry))).toEqual([])
  })
})

describe('the import rule', () => {
  const port = 'packages/multistep/src/stores/flow-store.ts'
  const router = 'packages/multistep/src/routes/router.ts'

  it('the import rule refuses an import that points up', () => {
    expect(complaints(port, 'import \'../routes/router.js\'')[0]).toContain('stores does not import from routes')
    expect(complaints(port, 'import \'./redis/redis-flow-store.js\'')[0]).toContain('stores does not import from stores/redis')
    expect(complaints(port, 'import type { A } from \'../session/tombstone.js\'')[0]).toContain('does not import from session')
    expect(complaints(port, 'export * from \'../session/tombstone.js\'')[0]).toContain('does not import from session')
    expect(complaints(port, 'const later = import(\'../session/tombstone.js\')')[0]).toContain('does not import from session')
  })

  it('the import rule refuses an import from a neighbour in the same row', () => {
    expect(complaints(port, 'import \'../policy/plan.js\'')[0]).toContain('stores does not import from policy')
  })

  it('the import rule refuses an import of another package, by any entry point', () => {
    expect(complaints(router, 'import \'passport-sms-otp\'')[0]).toContain('do not import each other')
    const strategy = 'packages/passport-sms-otp/src/strategy/strategy.ts'
    expect(complaints(strategy, 'import \'multistep/testing\'')[0]).toContain('do not import each other')
  })

  it('the import rule refuses a file without a place', () => {
    expect(complaints(router, 'import \'../nowhere/file.js\'')[0]).toContain('has no place in scripts/layers.js')
  })

  it('the import rule lets an import from a row below, or from the own folder, pass', () => {
    expect(complaints(router, 'import \'../stores/flow-store.js\'; import \'./devices-page.js\'')).toEqual([])
  })
})

describe('the structure of multistep', () => {
  const counted = execFileSync(process.execPath, [join(root, 'scripts/structure.mjs'), 'multistep'], { encoding: 'utf8' })
  const figure = (name: string) => Number(new RegExp(`^ {2}${name} +(\\d+)`, 'm').exec(counted)?.[1])

  it('multistep has no ring of folders and no circle of files', () => {
    expect([figure('rings of folders'), figure('circles of files')]).toEqual([0, 0])
  })

  it('multistep has no chain of imports above ten files, and no folder above twelve', () => {
    expect(figure('longest chain of imports')).toBeLessThanOrEqual(10)
    expect(figure('files of the largest folder')).toBeLessThanOrEqual(12)
  })

  it('multistep has at most five names with several meanings', () => {
    expect(figure('names with several meanings')).toBeLessThanOrEqual(5)
  })
})
