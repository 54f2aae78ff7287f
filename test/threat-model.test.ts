import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const page = read('docs/threat-model.md')

interface Row { readonly id: string, readonly cells: readonly string[] }

const rows: Row[] = page.split('\n').map((line) => /^\| ([A-Z]-\d\d) \|(.*)\|$/.exec(line)).filter((found) => found !== null)
  .map(([, id, rest]) => ({ id: id!, cells: rest!.split('|').map((cell) => cell.trim()) }))

const known = new Set(readdirSync(join(root, 'packages')).map((name) => `packages/${name}/test/requirements.json`)
  .filter((path) => existsSync(join(root, path)))
  .flatMap((path) => (JSON.parse(read(path)) as { id: string }[]).map(({ id }) => id)))

/** Of this page: its own rows. Everything else is a requirement or a case. */
const isOwn = (id: string) => /^[AVTYZ]-/.test(id)

describe('docs/threat-model.md', () => {
  it('docs/threat-model.md gives each row an id of its own, and fills in every cell', () => {
    expect(rows.length).toBeGreaterThan(50)
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
    expect(rows.filter(({ cells }) => cells.some((cell) => cell === ''))).toEqual([])
  })

  it('docs/threat-model.md has for each threat what stops it, cases that show so, and what remains', () => {
    const threats = rows.filter(({ id }) => id.startsWith('T-'))
    expect(threats.length).toBeGreaterThan(25)
    expect(threats.filter(({ cells }) => cells.length !== 4 || !/\b[A-Z]-\d\d\b/.test(cells[2]!))).toEqual([])
  })

  it('docs/threat-model.md names requirements and cases that are on a list, which tests show', () => {
    const ids = [...page.matchAll(/\b[A-Z]-\d\d\b/g)].map(([id]) => id)
    expect([...new Set(ids)].filter((id) => !known.has(id) && !(isOwn(id) && rows.some((row) => row.id === id)))).toEqual([])
  })

  it('docs/threat-model.md names files that are there', () => {
    const files = [...page.matchAll(/`(packages\/[\w./-]+\.ts)`/g)].map(([, path]) => path!)
    expect(files.length).toBeGreaterThan(4)
    expect(files.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })
})

describe('guides', () => {
  const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
  const anchorsOf = (markdown: string) => [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading!.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'))

  it.each(pages)('the guide %s links to headings and files that are there', (name) => {
    const links = [...read(`docs/${name}`).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)]*))?\)/g)].map(([, file, anchor]) => ({ file: file === '' ? name : file!, anchor }))
    const broken = links.filter(({ file, anchor }) => !existsSync(join(root, 'docs', file)) || (anchor !== undefined && !anchorsOf(read(join('docs', file))).includes(anchor)))
    expect(broken).toEqual([])
  })

  it('the README of the repository names each guide', () => {
    expect(pages.filter((name) => !read('README.md').includes(`(docs/${name})`))).toEqual([])
  })
})
