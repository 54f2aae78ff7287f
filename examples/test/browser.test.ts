import { once } from 'node:events'
import { existsSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chromium, type Browser, type Page } from 'playwright-core'
import { createApp, type App } from '../src/app.js'
import { gracePhone, passwords, type Name } from './support/visitor.js'

const chromiumPath = '/usr/bin/chromium'

/** Elsewhere the tests are skipped and say why, but never on CI. */
const describeWithBrowser = (title: string, tests: () => void): void => {
  if (existsSync(chromiumPath) || process.env.CI === 'true') describe(title, tests)
  else describe.skip(`${title} (skipped: no ${chromiumPath})`, tests)
}

describeWithBrowser('a visit with a browser', () => {
  let browser: Browser
  let started: App
  let server: Server
  let baseURL: string

  beforeAll(async () => { browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] }) })
  afterAll(() => browser.close())
  beforeEach(async () => {
    started = await createApp()
    server = started.app.listen(0)
    await once(server, 'listening')
    baseURL = `http://localhost:${(server.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()))
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await started.close()
  })

  const logIn = async (page: Page, name: Name) => {
    await page.getByLabel('User name').fill(name)
    await page.getByLabel('Password').fill(passwords[name])
    await page.getByRole('button', { name: 'Log in' }).click()
  }
  const enter = async (page: Page, code: string) => {
    await page.getByLabel('Code').fill(code)
    await page.getByRole('button', { name: 'Continue', exact: true }).click()
  }
  const firstCode = async (handset: Page): Promise<string> => /#(\d{6})/.exec(await handset.locator('#texts .bubble').first().innerText())![1]!

  describe.each([['with JavaScript', true], ['without JavaScript', false]])('%s', (_, javaScriptEnabled) => {
    const visit = async () => {
      const context = await browser.newContext({ baseURL, javaScriptEnabled })
      const faults: string[] = []
      context.on('weberror', (error) => faults.push(error.error().message))
      context.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
      return { page: await context.newPage(), handset: await context.newPage(), faults }
    }

    it('logs in with a text that is read on the handset in a second tab', async () => {
      const { page, handset, faults } = await visit()
      await handset.goto('/handset')
      await handset.getByText('No text has come yet.').waitFor()
      await page.goto('/account')
      await logIn(page, 'ada')
      await page.getByRole('button', { name: 'Send code' }).click()
      await page.getByText('We sent a code to').waitFor()

      if (!javaScriptEnabled) await handset.reload()
      await handset.getByText('is your Acme code').waitFor()
      expect(await handset.getByText('No text has come yet.').isVisible()).toBe(false)
      await enter(page, await firstCode(handset))
      await page.getByRole('heading', { name: 'Hello, ada' }).waitFor()
      expect(await page.locator('.tag').allInnerTexts()).toEqual(['pwd', 'sms', 'mfa'])

      await page.getByRole('button', { name: 'Log out' }).click()
      await page.getByRole('heading', { name: 'Log in' }).waitFor()
      await page.goto('/account')
      expect(new URL(page.url()).pathname).toBe('/login')
      expect(faults).toEqual([])
    })

    it('captures the number of grace', async () => {
      const { page, handset, faults } = await visit()
      await page.goto('/settings')
      await logIn(page, 'grace')
      await page.getByLabel('Mobile number').fill('+44 7400 123499')
      await page.getByRole('button', { name: 'Send code' }).click()
      await page.getByLabel('Code').waitFor()
      await handset.goto(`/handset?to=${encodeURIComponent(gracePhone)}`)
      await enter(page, await firstCode(handset))
      await page.getByText('+44 •••• •••499').waitFor()
      expect(faults).toEqual([])
    })

    it('takes the code of alan\'s authenticator', async () => {
      const { page, handset, faults } = await visit()
      await page.goto('/account')
      await logIn(page, 'alan')
      await handset.goto('/handset')
      await enter(page, await handset.locator('.authenticator .code').innerText())
      await page.getByRole('heading', { name: 'Hello, alan' }).waitFor()
      expect(faults).toEqual([])
    })
  })

  it('shows what was texted before the handset was opened once, and what comes later above it', async () => {
    const context = await browser.newContext({ baseURL })
    const [page, handset] = [await context.newPage(), await context.newPage()]
    await page.goto('/login')
    await logIn(page, 'ada')
    await page.getByRole('button', { name: 'Send code' }).click()
    await page.getByText('We sent a code to').waitFor()
    await handset.goto('/handset')
    const other = await (await browser.newContext({ baseURL })).newPage()
    await other.goto('/login')
    await logIn(other, 'grace')
    await other.getByLabel('Mobile number').fill(gracePhone)
    await other.getByRole('button', { name: 'Send code' }).click()
    await handset.locator('#texts li').nth(1).waitFor()
    expect(await handset.locator('#texts .meta span').allInnerTexts()).toEqual([gracePhone, '+447400123456'])
  })

  it('asks for a new code of the authenticator when the old one has ended', async () => {
    const page = await (await browser.newContext({ baseURL })).newPage()
    await page.clock.install()
    await page.goto('/handset')
    const asked = page.waitForRequest((request) => request.url() === `${baseURL}/handset` && request.headers().accept === 'application/json')
    await page.clock.runFor(30_000)
    await asked
  })

  it.each([['a desktop', 1200], ['a phone', 320]])('fits %s, on every page', async (_, width) => {
    const page = await (await browser.newContext({ baseURL, viewport: { width, height: 700 } })).newPage()
    await page.goto('/account')
    await logIn(page, 'alan')
    const handset = await page.request.get('/handset', { headers: { accept: 'application/json' } })
    await enter(page, (await handset.json()).authenticators[0].code)
    await page.getByRole('heading', { name: 'Hello, alan' }).waitFor()
    for (const path of ['/', '/account', '/settings', '/handset', '/nowhere']) {
      await page.goto(path)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    }
  })
})
