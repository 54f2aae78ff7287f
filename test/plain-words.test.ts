import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

const root = join(__dirname, '..')

/**
 * Behind these words a reader has to guess who or what is meant: "the address of the sender" says more than "that of the
 * sender", and "the user who asks" more than "whoever asks". A comment may break its line between two of them.
 */
const riddles = /\b(?:somebody|whoever|can(?:\s|\*|\/\/)+not|(?:that|those)(?:\s|\*|\/\/)+of)\b/gi

/** Beginnings of paths, for what is installed, built or written by a program. */
const made = ['docs/api/', 'docs/dist/', 'docs/.vitepress/cache/']
const isText = (file: string) =>
  /(?:\.(?:[mc]?[jt]s|md|ejs|hbs|pug|html|ya?ml)|\/requirements\.json)$/.test(file) && !made.some((path) => file.startsWith(path))

/** Folders that are installed, built, or made by another test while it runs. */
const isMade = (name: string) => ['node_modules', 'dist'].includes(name) || name.startsWith('adapter-')

/** The files of text at these paths, by their names below the root. */
function filesAt(...paths: string[]): string[] {
  return paths.map((path) => join(root, path)).filter((path) => existsSync(path)).flatMap((path) => {
    if (!statSync(path).isDirectory()) return [relative(root, path)].filter(isText)
    return filesAt(...readdirSync(path).filter((name) => !isMade(name)).map((name) => relative(root, join(path, name))))
  })
}

/** For each package of the workspaces its parts of these names. */
const ofPackages = (...parts: string[]) =>
  ['examples', 'bench', ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`)].flatMap((name) => parts.map((part) => `${name}/${part}`))

const read = (file: string) => readFileSync(join(root, file), 'utf8')
const placeIn = (file: string, text: string, index: number) => `${file}:${text.slice(0, index).split('\n').length}`

/** Every place of such a word in the file, as `file:line the word`. */
function riddlesIn(file: string): string[] {
  const text = read(file)
  return [...text.matchAll(riddles)].map((found) => `${placeIn(file, text, found.index)} ${found[0]}`)
}

/** A text that is the first argument, with a function behind it: the title of a test or of a group of them. */
const titles = /\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1,\s*(?:async\b|function\b|\()/g

/** Every title of a test with such a word, as `file:line the title`. */
function riddlesInTitles(file: string): string[] {
  const text = read(file)
  return [...text.matchAll(titles)]
    .filter(([, , title = '']) => title.search(riddles) >= 0)
    .map((found) => `${placeIn(file, text, found.index)} ${found[2]}`)
}

describe('Plain words', () => {
  it('the sources, the docs, the READMEs and the requirements name who and what is meant', () => {
    const pages = readdirSync(root).filter((name) => name.endsWith('.md'))
    const ours = ofPackages('README.md', 'src', 'templates', 'single', 'quickstart', 'tutorials', 'views', 'public', 'test/requirements.json')
    const files = filesAt(...pages, 'docs', 'scripts', ...ours)
    expect(files.length).toBeGreaterThan(500)
    expect(files.flatMap(riddlesIn)).toEqual([])
  })

  it('the titles of tests name who and what is meant', () => {
    const files = filesAt('test', ...ofPackages('test')).filter((file) => file !== relative(root, __filename))
    expect(files.length).toBeGreaterThan(200)
    expect(files.flatMap(riddlesInTitles)).toEqual([])
  })
})
