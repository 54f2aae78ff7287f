// Draws every page of the router as pictures to look at: `npm run sheets`, or `npm run sheets -- FOLDER LANGUAGE` with
// another folder than `sheets` and another language than English (`de`, `fr`, `es`, `ar`). The pages are those that the
// tests read with axe (packages/multistep/test/support/every-page.ts). Each is drawn at three widths, light and dark,
// and once in forced colours; a picture holds a few of them, at their size.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { internalSources } from './internal-sources.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const support = join(root, 'packages/multistep/test/support')
const [folder = 'sheets', language = 'en', only = ''] = process.argv.slice(2)

const looks = [
  ...[320, 390, 1440].flatMap((width) => ['light', 'dark'].map((colorScheme) => ({ width, colorScheme }))),
  { width: 390, colorScheme: 'light', forcedColors: 'active' },
]
const nameOf = ({ width, colorScheme, forcedColors }) =>
  [language, width, forcedColors ? 'forced' : colorScheme].join('-')

/** Nothing stands beside the card of a wide window: its picture shows the middle. */
const WIDEST = 560
const COLUMNS = 1300
const ROWS = 1350

async function readPages(at) {
  const outfile = join(at, 'pages.mjs')
  await build({
    stdin: {
      contents: `
        export { launchBrowser } from './browser.js'
        export { everyPage } from './every-page.js'
        export { pageLanguages } from './locales.js'
        export { servePages } from './page-server.js'`,
      resolveDir: support,
      loader: 'ts',
    },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['playwright-core'],
    logLevel: 'warning',
    banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)` },
    plugins: [internalSources],
  })
  return import(pathToFileURL(outfile).href)
}

/** What a person sees of each page, down to its end. */
async function draw(browser, site, names, { width, colorScheme, forcedColors }) {
  const context = await browser.newContext({
    baseURL: site.url, viewport: { width, height: 800 }, colorScheme, forcedColors, reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  const drawn = []
  for (const name of names) {
    await page.goto(`/${name}`)
    const height = Math.ceil(await page.evaluate('document.documentElement.getBoundingClientRect().height'))
    const shown = Math.min(width, WIDEST)
    const clip = { x: (width - shown) / 2, y: 0, width: shown, height }
    drawn.push({ name, width: shown, height, picture: await page.screenshot({ fullPage: true, clip }) })
  }
  await context.close()
  return drawn
}

/** Fills columns from the left, and begins another picture when the last one is full. */
function arranged(drawn) {
  const sheets = []
  let columns = []
  let height = 0
  for (const one of drawn) {
    const needed = one.height + 30
    if (columns.length === 0 || height + needed > ROWS) {
      if (columns.length === Math.floor(COLUMNS / one.width)) columns = []
      if (columns.length === 0) sheets.push(columns)
      columns.push([])
      height = 0
    }
    columns.at(-1).push(one)
    height += needed
  }
  return sheets
}

async function put(browser, columns, path) {
  const page = await browser.newPage({ viewport: { width: 100, height: 100 } })
  const figure = ({ name, picture }) =>
    `<figure>${name}<img src="data:image/png;base64,${picture.toString('base64')}"></figure>`
  await page.setContent(`<style>
    body { display: inline-flex; gap: 8px; margin: 0; padding: 8px; background: #777; font: 14px/22px sans-serif }
    figure { margin: 0 0 8px } img { display: block }
  </style>${columns.map((column) => `<div>${column.map(figure).join('')}</div>`).join('')}`)
  await page.locator('body').screenshot({ path })
  await page.close()
}

/** The page on the way elsewhere stays to be looked at. */
const staying = (html) => html.replace(/<meta http-equiv="refresh"[^>]*>|<script src="[^"]*wallet\.js[^>]*>/g, '')

const staging = mkdtempSync(join(root, 'node_modules/.sheets-'))
const closing = [() => rmSync(staging, { recursive: true, force: true })]
try {
  mkdirSync(folder, { recursive: true })
  const { everyPage, launchBrowser, pageLanguages, servePages } = await readPages(staging)
  const browser = await launchBrowser()
  closing.push(() => browser.close())
  const site = await servePages()
  closing.push(() => site.close())
  const pages = everyPage(pageLanguages[language])
  for (const [name, html] of Object.entries(pages)) site.pages[`/${name}`] = staying(html)
  for (const look of looks.filter((one) => nameOf(one).includes(only))) {
    const sheets = arranged(await draw(browser, site, Object.keys(pages), look))
    for (const [index, columns] of sheets.entries()) {
      const path = resolve(folder, `${nameOf(look)}-${String(index + 1).padStart(2, '0')}.png`)
      await put(browser, columns, path)
      console.log(path, columns.flat().map(({ name }) => name).join(' '))
    }
  }
} finally {
  for (const close of closing) await close()
}
