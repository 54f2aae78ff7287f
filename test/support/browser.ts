import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

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
