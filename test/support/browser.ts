import { existsSync, readFileSync } from 'node:fs'
import { chromium, type Browser, type Page } from 'playwright-core'

// The shell has the same engine without the windows around it, and needs a quarter of the time for a page.
const known = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium']
const found = known.find((path) => existsSync(path))

/** `describe` where Chromium is installed. Elsewhere the tests are skipped and say why, but never on CI. */
export const describeWithBrowser = (title: string, tests: () => void): void => {
  if (found || process.env.CI === 'true') describe(title, tests)
  else describe.skip(`${title} (skipped: no ${known.join(' and no ')})`, tests)
}

/** A Chromium of the suite's own, which closes it. */
export const launchBrowser = async (): Promise<Browser> => chromium.launch({ executablePath: found ?? known[0]! })

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

/**
 * What axe-core finds on a page, each with its element. Its script is not the page's, whose policy does not stop it.
 * Only what was found leaves the page: the rest of the report is as long as the page and costs more than the look.
 */
export async function barriersOf(page: Page, options: object = {}): Promise<string[]> {
  await page.evaluate(axe)
  return page.evaluate(`axe.run(${JSON.stringify({ resultTypes: ['violations'], ...options })})
    .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`)
}
