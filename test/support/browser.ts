import { existsSync } from 'node:fs'

export const chromiumPath = '/usr/bin/chromium'

/** `describe` where Chromium is installed. Elsewhere the tests are skipped and say why, but never on CI. */
export const describeWithBrowser = (title: string, tests: () => void): void => {
  if (existsSync(chromiumPath) || process.env.CI === 'true') describe(title, tests)
  else describe.skip(`${title} (skipped: no ${chromiumPath})`, tests)
}
