import type { Browser } from 'playwright-core'
import { barriersOf, describeWithBrowser, launchBrowser } from '../support/browser.js'
import { everyPage } from '../support/every-page.js'
import { pageLanguages } from '../support/locales.js'
import { servePages } from '../support/page-server.js'

// The page on the way elsewhere leaves at once, which nobody needs to stop (WCAG 2.2, F41 is about a delay): looked at where it stays.
const staying = (html: string) => html.replace(/<meta http-equiv="refresh"[^>]*>|<script src="[^"]*wallet\.js[^>]*>/g, '')

const languages = Object.entries(pageLanguages)
  .map(([language, messages]) => ({ language, pages: everyPage(messages) }))

describeWithBrowser('every page of the router', () => {
  let browser: Browser
  let site: Awaited<ReturnType<typeof servePages>>

  beforeAll(async () => {
    browser = await launchBrowser()
    site = await servePages()
    for (const { language, pages } of languages) {
      for (const [name, html] of Object.entries(pages)) site.pages[`/${language}/${name}`] = staying(html)
    }
  })
  afterAll(async () => {
    await browser.close()
    await site.close()
  })

  const looks = [320, 1200].flatMap((width) => (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })))
  // Colours are the same in every language: what differs is the length of the words.
  const looksIn = (language: string) => looks.filter(({ width, colorScheme }) => language === 'en' || (width === 320 && colorScheme === 'light'))

  const looksOfAll = languages.flatMap(({ language, pages }) => looksIn(language).map((look) => ({ language, pages, ...look })))

  it.each(looksOfAll)('every page has nothing that axe finds, and fits, in $language, $colorScheme and $width px wide', async ({ language, pages, width, colorScheme }) => {
    const page = await browser.newPage({ baseURL: site.url, viewport: { width, height: 800 }, colorScheme })
    for (const name of Object.keys(pages)) {
      await page.goto(`/${language}/${name}`)
      const found = { barriers: await barriersOf(page), width: await page.evaluate('document.documentElement.scrollWidth') }
      expect([name, found]).toEqual([name, { barriers: [], width }])
    }
    await page.close()
  })

  it.each(languages)('the tries that are left stand on one line of a narrow page, and the time below a centred line is centred, in $language', async ({ language }) => {
    const page = await browser.newPage({ baseURL: site.url, viewport: { width: 320, height: 800 } })
    for (const name of ['code', 'code-wrong', 'code-last-try']) {
      await page.goto(`/${language}/${name}`)
      const lines = await page.evaluate<number>(`(() => {
        const words = [...document.querySelectorAll('.problem span, .meta > span:last-child')].at(-1)
        return words.offsetHeight / parseFloat(getComputedStyle(words).lineHeight)
      })()`)
      expect([name, Math.round(lines)]).toEqual([name, 1])
    }
    await page.goto(`/${language}/phone`)
    const middles = await page.evaluate<number[]>(`['.binding', '.meta > span'].map((selector) => {
      const { left, width } = document.querySelector(selector).getBoundingClientRect()
      return Math.round(left + width / 2)
    })`)
    expect(middles[1]).toBe(middles[0])
    await page.close()
  })

  it('the page of new recovery codes gives all of them to one click, one a line, without JavaScript, and prints them without buttons', async () => {
    const page = await browser.newPage({ baseURL: site.url, javaScriptEnabled: false })
    await page.goto('/en/new-recovery-codes')
    const [first, ...others] = await page.locator('.codes code').allInnerTexts()
    expect(others).toHaveLength(9)
    await page.getByText(first!).click()
    // As the clipboard would have it.
    expect((await page.evaluate<string>('getSelection().toString()')).trim().split(/\s+/)).toEqual([first, ...others])
    await page.emulateMedia({ media: 'print' })
    expect(await page.getByText('I have saved them').isVisible()).toBe(false)
    expect(await page.getByText(first!).isVisible()).toBe(true)
    await page.close()
  })

  it('every page can be used by the keyboard alone: every control is a stop', async () => {
    for (const [name] of Object.entries(languages[0]!.pages)) {
      const page = await browser.newPage({ baseURL: site.url })
      await page.goto(`/en/${name}`)
      const all = await page.evaluate<string[]>('[...document.querySelectorAll("a, button:enabled, input:not([type=hidden])")].map((one) => one.outerHTML)')
      const stops = new Set<string>()
      // Once around, past the page itself.
      for (let tabs = 0; tabs <= all.length; tabs += 1) {
        stops.add(await page.evaluate('document.activeElement === document.body ? "" : document.activeElement.outerHTML'))
        await page.keyboard.press('Tab')
      }
      expect([name, [...stops].filter((stop) => stop !== '').sort()]).toEqual([name, [...all].sort()])
      await page.close()
    }
  })
})
