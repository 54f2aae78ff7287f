import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { problemTypeOf } from '#internal/problem-type'

const root = join(__dirname, '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const page = read('docs/errors.md')

const packages = ['multistep', 'passport-sms-otp', 'passport-mobileconnect', 'passport-number-verification'] as const

/** The text of every source file of a package. */
const sources = (name: string) => readdirSync(join(root, 'packages', name, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => read(join('packages', name, 'src', file)))

/** Every code of a package with its status, as its tables of statuses have them. */
function codesOf(name: string): [code: string, status: string][] {
  const tables = sources(name).flatMap((text) => [...text.matchAll(/const (?:\w+S|s)tatuses: Record<\w+, number> = \{\n([^}]*)\}/g)].map(([, table]) => table!))
  return tables.flatMap((table) => [...table.matchAll(/^ +(\w+): (\d+),$/gm)].map(([, code, status]): [string, string] => [code!, status!]))
}

const codes = packages.flatMap((name) => codesOf(name).map(([code, status]) => ({ name, code, status })))

/** The part of the page below a code's heading. */
const entryOf = (code: string) => new RegExp(`^## ${code}\\n\\n([\\s\\S]*?)(?=^#|$(?![\\s\\S]))`, 'm').exec(page)?.[1]

describe('docs/errors.md', () => {
  it.each(codes)('docs/errors.md has $code of $name with its status, its cause and what to do', ({ name, code, status }) => {
    const entry = entryOf(code)
    // A code may have another status in another package: each status has a line of its own above the cause.
    expect(entry?.split('\n\n', 1)[0]).toMatch(new RegExp(`^${status} · .*\`${name}\``, 'm'))
    expect(entry).toMatch(/\n\n\S[^\n]+\n\n\*\*What to do\.\*\* \S/)
  })

  it('docs/errors.md has no code that no package has', () => {
    const known = new Set(codes.map(({ code }) => code))
    expect([...page.matchAll(/^## (\w+)$/gm)].map(([, code]) => code!).filter((code) => !known.has(code))).toEqual([])
  })

  it.each(codes)('the type of a problem with $code of $name leads to the anchor of its heading in docs/errors.md', ({ code }) => {
    const { homepage } = JSON.parse(read('package.json')) as { homepage: string }
    expect(problemTypeOf(code)).toBe(`${homepage}/docs/errors#${code}`)
  })

  it('no problem type leads to docs/errors.md without a heading, and a code of a strategy from elsewhere has the type about:blank (RFC 9457 §4.2.1)', () => {
    const typed = [...read('packages/internal/src/problem-type.ts').matchAll(/'([a-z_]+)'/g)].map(([, code]) => code!)
    expect(typed.sort()).toEqual([...page.matchAll(/^## ([a-z_]+)$/gm)].map(([, code]) => code!).sort())
    for (const code of ['of_another', 'constructor', '']) expect(problemTypeOf(code)).toBe('about:blank')
  })

  it('docs/errors.md explains every reason of a DatabaseError, with its codes', () => {
    const source = read('packages/passport-sql-stores/src/rows/database-error.ts')
    const reasons = [...source.matchAll(/^ {2}\[\/\^\((.*)\)\$\/, '([^:']+)/gm)].map(([, codes, reason]) => ({ codes: codes!, reason: reason! }))
    expect(reasons.length).toBeGreaterThan(10)
    for (const { codes, reason } of reasons) {
      const [, told] = page.split(`| ${reason} |`)
      expect([reason, told?.split('|')[0]?.trim().split(' ').filter((code) => !new RegExp(`^\`(${codes})\`$`).test(code))]).toEqual([reason, []])
    }
  })

  it('docs/errors.md explains every process warning', () => {
    const warned = new Set(packages.flatMap(sources).flatMap((text) => [...text.matchAll(/'((?:MULTISTEP|SMS_OTP|MOBILECONNECT|NUMBER_VERIFICATION)_[A-Z_]+)'/g)].map(([, code]) => code!)))
    expect([...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code).sort()).toEqual([...warned].sort())
  })
})
