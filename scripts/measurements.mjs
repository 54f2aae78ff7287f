// Brings docs/measurements.md up to date: `npm run measurements`, or `npm run measurements -- speed` with the bench,
// which takes some minutes. Each table has cells of the form `before → now`: what stands before the arrow stays, and
// what is measured takes its place behind it.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const page = join(root, 'docs/measurements.md')

function linesOf(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`)
  return stdout.split('\n')
}

/** What `npm run structure` says, by its name. */
const structure = () => linesOf('scripts/structure.mjs', 'multistep')
  .flatMap((line) => [...line.matchAll(/^ {2}(\S.*?) {2,}(.+)$/g)])
  .map(([, name, value]) => [name, [value]])

/** What `npm run walk` says, by the request. */
const walk = () => linesOf('--no-warnings', 'scripts/walk.mjs')
  .flatMap((line) => [...line.matchAll(/^(\S.*?) {2,}(\d.*)$/g)])
  .map(([, name, counts]) => [name, counts.match(/\d+/g)])

/** The first figure of each row of the bench, by the title of its table and its name. */
function speed() {
  linesOf('scripts/build.mjs', '--no-types')
  let title = ''
  const found = []
  for (const line of linesOf('bench/dist/main.js')) {
    const [, name, figure] = /^ {2}(\S.*?) {2,}([\d.]+)/.exec(line) ?? []
    if (name !== undefined) found.push([`${title}: ${name}`, [figure]])
    else if (/^\S/.test(line)) title = line.split(/ {2,}/)[0]
  }
  return found
}

const isFull = process.argv.includes('speed')
const measured = new Map([...structure(), ...walk(), ...isFull ? speed() : []])
const untold = new Set(measured.keys())

/** A row's cells, each with its figure of now. */
function refreshed(line) {
  const [, first, ...cells] = line.split('|').map((cell) => cell.trim())
  const name = first?.replaceAll('`', '')
  const figures = measured.get(name)
  if (!figures) return line
  untold.delete(name)
  const told = cells
    .slice(0, -1)
    .map((cell, place) => (cell.includes('→') ? `${cell.split('→')[0].trim()} → ${figures[place]}` : cell))
  return `| ${first} | ${told.join(' | ')} |`
}

writeFileSync(page, readFileSync(page, 'utf8').split('\n').map(refreshed).join('\n'))
console.log(`docs/measurements.md is up to date. Measured, and in no table: ${[...untold].join('; ') || 'nothing'}.`)
