import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { buildApp, people, pin, type Person } from '../support/app.js'
import { barriersOf, describeWithBrowser, launchBrowser, lowestContrast } from '../support/browser.js'
import { device } from '../support/factors.js'
import { listening } from '../support/network.js'

describeWithBrowser('a remembered device, in a browser', () => {
  let browser: Browser
  let url: string
  let closeServer: () => Promise<void>

  beforeAll(async () => { browser = await launchBrowser() })
  afterAll(() => browser.close())
  beforeEach(async () => {
    const { app } = buildApp({
      strategies: [pin()],
      options: {
        steps: ['local', 'pin'], factors: { pin: { ...device, label: 'PIN' } }, successRedirect: '/who',
        remember: { skips: ['pin'], fingerprint: (user) => (user as Person).password },
      },
    })
    const server = await listening(app)
    // Where a browser keeps Secure cookies without https.
    url = `http://localhost:${server.port}`
    closeServer = server.close
  })
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()))
    await closeServer()
  })

  const visitor = (options: BrowserContextOptions = {}) => browser.newPage({ baseURL: url, ...options })
  const password = async (page: Page) => {
    await page.goto('/login')
    await page.getByLabel('User name').fill('ada')
    await page.getByLabel('Password').fill(people().ada!.password)
    await page.getByRole('button', { name: 'Log in' }).click()
  }
  const remembered = async (page: Page) => {
    await password(page)
    await complete(page)
  }
  const complete = async (page: Page) => {
    await page.getByLabel('Code').fill('246810')
    await page.getByLabel('Remember this device for 30 days').check()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForURL('**/who')
  }
  const logOut = (page: Page) => page.context().request.post(`${url}/logout`, { headers: { 'Sec-Fetch-Site': 'same-origin' } })
  const who = async (page: Page) => JSON.parse(await page.locator('body').innerText()) as unknown

  describe.each([true, false])('with JavaScript: %s', (javaScriptEnabled) => {
    it('a remembered device is asked for the password alone the next time, until the user has it forgotten', async () => {
      const page = await visitor({ javaScriptEnabled })
      await remembered(page)
      expect(await who(page)).toEqual({ authenticated: true, user: 'u1', amr: ['pwd', 'otp', 'mfa'] })
      await logOut(page)
      await password(page)
      await page.waitForURL('**/who')
      expect(await who(page)).toEqual({ authenticated: true, user: 'u1', amr: ['pwd'] })
      await page.goto('/login/devices')
      await page.getByRole('button', { name: 'Forget' }).click()
      await page.getByText('No device is remembered.').waitFor()
      await logOut(page)
      await password(page)
      await page.getByText('Step 2 of 2').waitFor()
    })
  })

  it('the cookie of a remembered device is out of reach of scripts (D-09)', async () => {
    const page = await visitor()
    await remembered(page)
    const cookie = (await page.context().cookies()).find(({ name }) => name === '__Host-multistep-device')
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Lax', path: '/', domain: 'localhost' })
    expect(await page.evaluate('document.cookie')).toBe('')
    await logOut(page)
    expect((await page.context().cookies()).map(({ name }) => name)).toContain('__Host-multistep-device')
  })

  it('the box that remembers a device is empty until the user ticks it', async () => {
    const page = await visitor()
    await password(page)
    expect(await page.getByLabel('Remember this device for 30 days').isChecked()).toBe(false)
    await page.getByLabel('Code').fill('246810')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForURL('**/who')
    expect((await page.context().cookies()).map(({ name }) => name)).not.toContain('__Host-multistep-device')
  })

  it.each(['light', 'dark'] as const)('the pages of remembered devices are accessible and legible in %s, on a screen of 320 px too', async (colorScheme) => {
    const page = await visitor({ colorScheme, viewport: { width: 320, height: 640 } })
    const check = async () => {
      const { contrast, text }: { contrast: number, text: string } = await page.evaluate(lowestContrast)
      expect({ text, legible: contrast >= 4.5 }).toEqual({ text, legible: true })
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
      expect(await barriersOf(page)).toEqual([])
    }
    await password(page)
    await page.getByLabel('Remember this device').waitFor()
    await check()
    await complete(page)
    await page.goto('/login/devices')
    await check()
  })
})
