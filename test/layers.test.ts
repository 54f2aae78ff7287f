import { Linter } from 'eslint'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parser } from 'typescript-eslint'
import { layerRules, layers } from '../scripts/layers.js'

const root = join(__dirname, '..')

const stack = (name: string) => (layers as Record<string, { layer: string, files: string[] }[]>)[name] ?? []
const matches = (file: string, pattern: string) => new RegExp(`^${pattern.replaceAll('*', '[^/]+')}$`).test(file)
const layersOf = (name: string, file: string) => stack(name).filter(({ files }) => files.some((pattern) => matches(file, pattern)))
const sources = (name: string) => readdirSync(join(root, 'packages', name, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replace(/\.ts$/, ''))

const complaints = (filename: string, code: string) =>
  new Linter({ cwd: root }).verify(code, [{ files: ['**/*.ts'], languageOptions: { parser: parser } }, ...layerRules as never[]], { filename }).map(({ message }) => message)

describe.each(readdirSync(join(root, 'packages')))('the layers of %s', (name) => {
  it.each(sources(name))('%s has exactly one place', (file) => {
    expect(layersOf(name, file)).toHaveLength(1)
  })

  it('name no file that is not there', () => {
    const named = stack(name).flatMap(({ files }) => files)
    expect(named.filter((pattern) => !sources(name).some((file) => matches(file, pattern)))).toEqual([])
  })
})

describe('the import rule', () => {
  it('refuses an import that points up', () => {
    expect(complaints('packages/multistep/src/stores/flow-store.ts', 'import \'../routes/router.js\'')[0]).toContain('an import never points up')
    expect(complaints('packages/multistep/src/stores/flow-store.ts', 'import \'./redis/redis-flow-store.js\'')[0]).toContain('an import never points up')
  })

  it('refuses an import of another package, by any entry point', () => {
    expect(complaints('packages/multistep/src/routes/router.ts', 'import \'passport-sms-otp\'')[0]).toContain('do not import each other')
    expect(complaints('packages/passport-sms-otp/src/strategy/strategy.ts', 'import \'multistep/testing\'')[0]).toContain('do not import each other')
  })

  it('lets an import of a lower or the same layer pass', () => {
    expect(complaints('packages/multistep/src/routes/router.ts', 'import \'../stores/flow-store.js\'; import \'../responses/respond.js\'')).toEqual([])
  })
})
