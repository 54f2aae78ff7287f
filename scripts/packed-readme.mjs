// The README of a package as it is packed. In the repository its links lead to the files beside it. A registry's page
// has none beside it, so in the tarball these links are addresses of the site and of the repository.
// A package's `prepack` writes them (`node ../../scripts/packed-readme.mjs`), and its `postpack` takes them back
// (`… restore`).
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { home } from './home.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** @param folder of the README, below the root */
export const withAddresses = (markdown, folder) =>
  markdown.replace(/\]\((\.\.?\/[^)#\s]*)(#[^)\s]*)?\)/g, (_, path, hash = '') =>
    `](${addressOf(join(folder, path).replace(/\/$/, ''))}${hash})`)

/** Pages are on the site, and any other file is in the repository. */
function addressOf(path) {
  const { docs, repository } = home()
  if (existsSync(join(root, path, 'README.md'))) return `${docs}/${path}/`
  return path.endsWith('.md') ? `${docs}/${path.replace(/(?:README)?\.md$/, '')}` : `${repository}/blob/main/${path}`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [readme, kept] = ['README.md', '.README.md.kept'].map((name) => join(process.cwd(), name))
  // What an earlier run has left: it was ended between the two scripts.
  if (existsSync(kept)) renameSync(kept, readme)
  if (process.argv[2] !== 'restore') {
    const markdown = readFileSync(readme, 'utf8')
    renameSync(readme, kept)
    writeFileSync(readme, withAddresses(markdown, relative(root, process.cwd())))
  }
}
