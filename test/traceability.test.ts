import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { testNamesIn, testNamesUnder, type TestName } from './support/test-names.js'

/** What a package must do. To add one, write it into `packages/<name>/test/requirements.json` and its id into the name of a test. */
interface Requirement {
  readonly id: string
  readonly demands: string
  /** A test must show it on the memory store, on one Redis and on a cluster: a contract of stores, or `describeOnEveryStore`. */
  readonly stores?: boolean
  /** A test must show it over HTTP, with sessions and flows in memory and in Redis: `describeWithBackends`. */
  readonly backends?: boolean
  /**
   * The entry points of multistep where it can be broken independently: a test of each says so with its id, such as `(F-26 at require)`. Each rule of
   * multistep has some, but for the rules of its stores alone: `[]`. Steps that no place is said of are taken by the router.
   */
  readonly at?: readonly string[]
  /** A document answers it, and no test can: under this heading, in these words. */
  readonly doc?: string
  readonly heading?: string
  readonly says?: string
}

const root = join(__dirname, '..')
const listOf = (name: string) => join(root, 'packages', name, 'test/requirements.json')
const listed = readdirSync(join(root, 'packages')).filter((name) => existsSync(listOf(name)))
const requirementsOf = (name: string) => JSON.parse(readFileSync(listOf(name), 'utf8')) as Requirement[]

/** The example app proves what only a whole app can show. */
const testsOf = (name: string) => testNamesUnder([`packages/${name}/test`, `packages/${name}/src`, 'examples/test'])

const naming = (tests: readonly TestName[], id: string) => tests.filter(({ name }) => new RegExp(`\\b${id}\\b`).test(name))

/** Of several: `(F-26 at require, has and vouch)`, `(F-26 and R-47 at has)`. */
const namingAt = (tests: readonly TestName[], id: string, place: string) =>
  naming(tests, `${id}(?: and [A-Z]-\\d\\d)* at (?:[a-z-]+(?:, | and ))*${place}`)

/** How an app asks what must be proven, or has it done. */
const entryPoints = ['steps', 'require', 'has', 'vouch', 'explain', 'router', 'hand-mounted']

/** What stands under a heading, up to the next one of its rank or a higher one. */
function sectionOf(path: string, heading: string): string | undefined {
  const lines = readFileSync(join(root, path), 'utf8').split('\n')
  const start = lines.findIndex((line) => line.replace(/^#+ /, '') === heading && line.startsWith('#'))
  if (start === -1) return undefined
  const rank = lines[start]!.indexOf(' ')
  const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= rank)
  return lines.slice(start, length === -1 ? undefined : start + 1 + length).join('\n')
}

describe.each(listed)('what %s must do', (name) => {
  const requirements = requirementsOf(name)
  const tests = testsOf(name)
  const tested = requirements.filter(({ doc }) => doc === undefined)
  const documented = requirements.filter(({ doc }) => doc !== undefined)

  it('each requirement is listed once, with what it demands', () => {
    expect(requirements.filter(({ id, demands }) => !/^[A-Z]-\d\d$/.test(id) || demands.length < 10)).toEqual([])
    expect(new Set(requirements.map(({ id }) => id)).size).toBe(requirements.length)
  })

  it('each requirement that no document answers is shown by a test that names it', () => {
    expect(tested.filter(({ id }) => naming(tests, id).length === 0)).toEqual([])
  })

  it('a requirement about stores is shown on every store', () => {
    expect(tested.filter(({ id, stores }) => stores === true && !naming(tests, id).some(({ onEveryStore }) => onEveryStore))).toEqual([])
  })

  it('a requirement about what whole apps keep is shown in memory and on Redis', () => {
    expect(tested.filter(({ id, backends }) => backends === true && !naming(tests, id).some(({ onBackends }) => onBackends))).toEqual([])
  })

  it('a requirement is shown at each entry point that it names', () => {
    const isShown = (id: string, place: string) => entryPoints.includes(place) && namingAt(tests, id, place).length > 0
    const lacking = tested.flatMap(({ id, at = [] }) => at.filter((place) => !isShown(id, place)).map((place) => `${id} at ${place}`))
    expect(lacking).toEqual([])
  })

  it('a requirement says at which entry points of multistep it can be broken, and at none only where it is about stores alone', () => {
    const silent = tested.filter(({ at = [], stores }) => at.length === 0 && stores !== true)
    expect(name === 'multistep' ? silent : []).toEqual([])
  })

  it('a requirement that no test shows is answered by a document, under the heading and in the words that the list names', () => {
    const missing = documented.filter(({ doc, heading = '', says = '' }) => says === '' || !sectionOf(doc!, heading)?.includes(says))
    expect(missing).toEqual([])
  })
})

describe('this check', () => {
  it('the traceability check finds lists and tests at all', () => {
    expect(listed).toEqual(expect.arrayContaining(['multistep', 'passport-sms-otp']))
    expect(testsOf('passport-sms-otp').length).toBeGreaterThan(200)
  })

  it('the traceability check does not take an id for another id that begins alike', () => {
    expect(naming([{ file: '', name: 'counts (R-012)', onEveryStore: false, onBackends: false }], 'R-01')).toEqual([])
  })

  it('the traceability check takes several places after one id, and none that stand after another id', () => {
    const one: TestName = { file: '', name: 'a rule (R-01 at steps, require and has, R-02 and R-03 at vouch)', onEveryStore: false, onBackends: false }
    expect(['steps', 'require', 'has', 'vouch'].filter((place) => namingAt([one], 'R-01', place).length > 0)).toEqual(['steps', 'require', 'has'])
    expect(namingAt([one], 'R-02', 'vouch')).toEqual([one])
    expect(namingAt([one], 'R-03', 'vouch')).toEqual([one])
    expect(namingAt([one], 'R-02', 'has')).toEqual([])
  })

  it('the traceability check reads names with their groups and rows, and none of what is skipped', () => {
    const sample = `
      const rows: [string, number][] = [['a row (Z-02)', 1], [nested(['not this']), 2]]
      describe('a group', () => {
        it('a test', () => { expect('not this').toBe('not this') })
        it.each<[string, number]>(rows)('on %s', () => {})
        it.each([['another row']])('on %s', () => {})
        it.skip('not this', () => {})
      })
      const places = [['router', 1], ['vouch', 2]]
      describe.each([['one'], ['another']])('%s group', () => { it.each(places)('fails (Z-03 at %s) %i times', () => {}) })
      describe.skip('not this', () => { it('not this', () => {}) })
      describeOnEveryStore('on every store', () => { it('a test', () => {}) })
      describeWithBackends('on backends', () => { describe('a group', () => { it('a test', () => {}) }) })
      // it('not this')`
    expect(testNamesIn('sample.test.ts', sample)).toEqual([
      { file: 'sample.test.ts', name: 'a group a test', onEveryStore: false, onBackends: false },
      { file: 'sample.test.ts', name: 'a group on a row (Z-02)', onEveryStore: false, onBackends: false },
      { file: 'sample.test.ts', name: 'a group on %s', onEveryStore: false, onBackends: false },
      { file: 'sample.test.ts', name: 'a group on another row', onEveryStore: false, onBackends: false },
      ...['one', 'another'].flatMap((group) => ['router', 'vouch'].map((place) =>
        ({ file: 'sample.test.ts', name: `${group} group fails (Z-03 at ${place}) %i times`, onEveryStore: false, onBackends: false }))),
      { file: 'sample.test.ts', name: 'on every store a test', onEveryStore: true, onBackends: false },
      { file: 'sample.test.ts', name: 'on backends a group a test', onEveryStore: false, onBackends: true },
    ])
  })
})
