import { gzipSync } from 'node:zlib'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { assetsFor } from '../../src/pages/assets/assets.js'
import { describeWithBrowser, launchBrowser } from '../support/browser.js'
import { everyPage, operator } from '../support/every-page.js'
import { locales } from '../support/locales.js'
import { servePages } from '../support/page-server.js'
import { now } from '../support/page-states.js'

const pages = everyPage(locales.en!)

describeWithBrowser('the script of the pages', () => {
  let browser: Browser
  let site: Awaited<ReturnType<typeof servePages>>

  beforeAll(async () => {
    browser = await launchBrowser()
    site = await servePages()
    site.leadsNowhere.add('/hop')
    Object.entries(pages).forEach(([name, html]) => { site.pages[`/${name}`] = html.replaceAll(operator.replaceAll('&', '&amp;'), '/hop') })
  })
  afterAll(async () => {
    await browser.close()
    await site.close()
  })
  beforeEach(() => { site.posts.length = 0 })
  afterEach(async () => { await Promise.all(browser.contexts().map((open) => open.close())) })

  /** A page whose clock stands still. */
  const open = async (name: string, options: BrowserContextOptions = {}): Promise<Page> => {
    const page = await browser.newPage({ baseURL: site.url, ...options })
    await page.clock.install({ time: now - 60_000 })
    await page.clock.pauseAt(now)
    await page.goto(`/${name}`)
    return page
  }
  const said = (page: Page): Promise<string | null> => page.locator('#status').textContent()
  const paste = (page: Page, text: string, inputType = 'insertFromPaste') => page.evaluate(`(() => {
    const field = document.querySelector('input[name=code]')
    field.value = ${JSON.stringify(text)}
    field.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: ${JSON.stringify(inputType)} }))
    field.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: ${JSON.stringify(inputType)} }))
  })()`)

  describe('a code', () => {
    it.each([['123456', 'insertFromPaste'], ['123 456', 'insertFromPaste'], ['１２３４５６', 'insertReplacementText'], ['123456', '']])('a code that was filled in whole (%j by %j) is posted by itself, once', async (text, inputType) => {
      const page = await open('code')
      await paste(page, text, inputType)
      await page.waitForURL('**/login/sms-otp')
      expect(site.posts.map(({ path }) => path)).toEqual(['/login/sms-otp'])
    })

    it.each(['12345', '1234567', ''])('a code that is not whole stays: %j', async (text) => {
      const page = await open('code')
      await paste(page, text)
      expect(await page.locator('form[aria-busy]').count()).toBe(0)
    })

    it('a code that is typed waits for the user, who may have mistyped', async () => {
      const page = await open('code')
      await page.getByLabel('Code').pressSequentially('123456')
      expect(await page.locator('form[aria-busy]').count()).toBe(0)
      expect(await page.getByLabel('Code').inputValue()).toBe('123456')
    })

    it('a code is not posted by itself past a box that may be ticked', async () => {
      const page = await open('code-wrong')
      await paste(page, '123456')
      expect(await page.locator('form[aria-busy]').count()).toBe(0)
    })

    it('a code runs out before the eyes of the user, and is then not posted', async () => {
      const page = await open('code')
      expect(await page.getByText('Valid for 5:00').isVisible()).toBe(true)
      await page.clock.runFor(299_000)
      expect(await page.getByText('Valid for 0:01').isVisible()).toBe(true)
      await page.clock.runFor(1000)
      expect(await page.locator('.meta').innerText()).toContain('It has expired. Ask for a new one.')
      expect(await said(page)).toBe('It has expired. Ask for a new one.')
      await paste(page, '123456')
      await page.getByRole('button', { name: 'Continue', exact: true }).press('Enter')
      expect(site.posts).toEqual([])
    })
  })

  describe('a button that is inactive', () => {
    it('an inactive button keeps its place in the order of the keyboard, and says why when it is pressed', async () => {
      const page = await open('code')
      const again = page.getByRole('button', { name: 'Send again' })
      await again.focus()
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Send again')
      expect(await page.evaluate('document.getElementById(document.activeElement.getAttribute("aria-describedby")).textContent')).toBe('You can ask for it again in 0:30.')
      await page.keyboard.press('Enter')
      expect(await said(page)).toBe('You can ask for it again in 0:30.')
      expect(site.posts).toEqual([])
    })

    it('the inactive button of a lock becomes active when the lock ends, or another name is typed', async () => {
      const page = await open('first-step-locked')
      const button = page.getByRole('button', { name: 'Log in' })
      expect(await page.getByText('Try again in 15:00.').isVisible()).toBe(true)
      expect(await button.getAttribute('aria-disabled')).toBe('true')
      await page.getByLabel('User name').fill('grace')
      expect(await button.getAttribute('aria-disabled')).toBeNull()
      await page.reload()
      await page.clock.runFor(900_000)
      expect(await button.getAttribute('aria-disabled')).toBeNull()
      expect(await page.getByText('Try again in').isVisible()).toBe(false)
    })

    it('a button is active without JavaScript, where the server answers', async () => {
      const page = await browser.newPage({ baseURL: site.url, javaScriptEnabled: false })
      await page.goto('/choice-throttled')
      await page.getByRole('button', { name: 'Send code' }).click()
      expect(site.posts.map(({ path }) => path)).toEqual(['/login/sms-otp/challenge'])
    })
  })

  describe('a page that waits for the phone', () => {
    const path = '/login/mobileconnect'
    const until = async (condition: () => boolean) => {
      for (let turn = 0; turn < 500 && !condition(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 10))
      expect(condition()).toBe(true)
    }

    it('a page that waits for the phone asks as often as the server says, and goes where the login ends', async () => {
      site.answers[path] = [
        { retryAfter: 5, body: { status: 'pending' } }, { retryAfter: 5, body: { status: 'pending' } }, { body: { status: 'complete', returnTo: '/account' } },
      ]
      const page = await open('phone')
      await page.clock.runFor(2000)
      await until(() => site.posts.length === 1)
      expect(site.posts[0]).toEqual({ path, fields: { _csrf: 'token-1' } })
      await page.waitForTimeout(100)
      await page.clock.runFor(4900)
      expect(site.posts).toHaveLength(1)
      await page.clock.runFor(200)
      await until(() => site.posts.length === 2)
      await page.waitForTimeout(100)
      await page.clock.runFor(5000)
      await page.waitForURL('**/account')
    })

    it('a page that waits for the phone goes home where no page was asked for', async () => {
      site.answers[path] = [{ body: { status: 'complete' } }]
      const page = await open('phone')
      await page.clock.runFor(2000)
      await page.waitForURL(`${site.url}/`)
    })

    it('a page that waits for the phone is loaded again when the user said no: it says so', async () => {
      site.answers[path] = [{ status: 401, body: { code: 'user_refused' } }]
      const page = await open('phone')
      site.pages['/phone'] = pages['phone-refused']!
      await page.clock.runFor(2000)
      await page.getByRole('button', { name: 'Ask again' }).waitFor()
      await page.getByText('KIWI-42').waitFor({ state: 'detached' })
      site.pages['/phone'] = pages.phone!
    })

    it('a page that waits for the phone backs off while the server is in trouble, and goes on asking', async () => {
      site.answers[path] = [{ status: 503, body: {} }, { status: 503, body: {} }, { retryAfter: 5, body: { status: 'pending' } }]
      const page = await open('phone')
      await page.clock.runFor(2000)
      await until(() => site.posts.length === 1)
      await page.waitForTimeout(100)
      await page.clock.runFor(3900)
      expect(site.posts).toHaveLength(1)
      await page.clock.runFor(200)
      await until(() => site.posts.length === 2)
      await page.waitForTimeout(100)
      await page.clock.runFor(7900)
      expect(site.posts).toHaveLength(2)
      await page.clock.runFor(200)
      await until(() => site.posts.length === 3)
    })

    it('a page that waits for the phone does not ask while it is hidden', async () => {
      site.answers[path] = []
      const page = await open('phone')
      await page.evaluate('Object.defineProperty(document, "hidden", { get: () => true, configurable: true }); document.dispatchEvent(new Event("visibilitychange"))')
      await page.clock.runFor(60_000)
      expect(site.posts).toEqual([])
      site.answers[path] = [{ retryAfter: 5, body: { status: 'pending' } }]
      await page.evaluate('Object.defineProperty(document, "hidden", { get: () => false }); document.dispatchEvent(new Event("visibilitychange"))')
      await page.clock.runFor(10)
      await until(() => site.posts.length === 1)
    })

    it('a page that waits for the phone can be checked by hand without JavaScript', async () => {
      const page = await browser.newPage({ baseURL: site.url, javaScriptEnabled: false })
      await page.goto('/phone')
      await page.getByRole('button', { name: 'Check again' }).click()
      expect(site.posts.map((post) => post.path)).toEqual([path])
    })
  })

  describe('new recovery codes', () => {
    it('new recovery codes are copied, one a line, and the page says so', async () => {
      const page = await open('new-recovery-codes', { permissions: ['clipboard-read', 'clipboard-write'] })
      await page.getByRole('button', { name: 'Copy' }).click()
      await page.getByText('The codes are copied.').first().waitFor()
      const copied = await page.evaluate<string>('navigator.clipboard.readText()')
      expect(copied.trim().split('\n')).toHaveLength(10)
      expect(copied).toContain('7G3KM-Q2XPT\n')
    })

    it('new recovery codes are saved as a file that bears the name of the app', async () => {
      const page = await open('new-recovery-codes')
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()])
      expect(download.suggestedFilename()).toBe('Acme Recovery codes.txt')
    })

    it('new recovery codes have no buttons that would do nothing without JavaScript', async () => {
      const page = await browser.newPage({ baseURL: site.url, javaScriptEnabled: false })
      await page.goto('/new-recovery-codes')
      expect(await page.getByRole('button').count()).toBe(0)
      expect(await page.getByRole('link', { name: 'I have saved them' }).isVisible()).toBe(true)
    })
  })

  describe('the way to an operator that leads nowhere', () => {
    const waiting = async (options: BrowserContextOptions = {}): Promise<Page> => {
      const page = await browser.newPage({ baseURL: site.url, ...options })
      await page.clock.install({ time: now - 60_000 })
      await page.clock.pauseAt(now)
      await page.goto('/silent', { waitUntil: 'commit' })
      await page.getByRole('button', { name: 'Get a code by text instead' }).waitFor()
      return page
    }

    it('is left for the next factor after five seconds, by its own button, once', async () => {
      const page = await waiting()
      await page.clock.runFor(4_999)
      expect(site.posts).toEqual([])
      await page.clock.runFor(1)
      await page.waitForURL('**/login/sms-otp/challenge')
      expect(site.posts.map(({ path }) => path)).toEqual(['/login/sms-otp/challenge'])
    })

    it('has the same button for users without JavaScript', async () => {
      const page = await browser.newPage({ baseURL: site.url, javaScriptEnabled: false })
      await page.goto('/silent', { waitUntil: 'commit' })
      await page.getByRole('button', { name: 'Get a code by text instead' }).click()
      await page.waitForURL('**/login/sms-otp/challenge')
      expect(site.posts.map(({ path }) => path)).toEqual(['/login/sms-otp/challenge'])
    })
  })

  it('the page moves nothing for users who want no motion', async () => {
    const page = await open('phone', { reducedMotion: 'reduce' })
    expect(await page.evaluate('getComputedStyle(document.querySelector(".waiting"), "::before").animationName')).toBe('none')
  })

  it('the page\'s main button can be told apart in forced colours', async () => {
    const page = await open('first-step', { forcedColors: 'active' })
    const colours = (selector: string) => page.evaluate(`getComputedStyle(document.querySelector("${selector}")).backgroundColor`)
    expect(await colours('section .primary')).not.toBe(await colours('nav a'))
  })

  it('the page is mirrored for languages that are written from right to left: numbers are not', async () => {
    site.pages['/ar'] = pages.code!.replace('lang="en" dir="ltr"', 'lang="ar" dir="rtl"')
    const page = await open('ar')
    expect(await page.evaluate('getComputedStyle(document.querySelector("h1")).direction')).toBe('rtl')
    expect(await page.evaluate('getComputedStyle(document.querySelector("bdi")).direction')).toBe('ltr')
    expect(await page.evaluate('getComputedStyle(document.querySelector("input.code")).direction')).toBe('ltr')
  })
})

it('every page is at most 20 kB with all that it loads, compressed', () => {
  const loaded = Object.values(assetsFor({ accent: '#0a7' })).reduce((sum, { body }) => sum + gzipSync(body).length, 0)
  for (const [name, html] of Object.entries(pages)) {
    const size = loaded + gzipSync(html).length
    expect([name, size < 20_000]).toEqual([name, true])
  }
})
