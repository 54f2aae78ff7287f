import type { Browser, Page } from 'playwright-core'
import { describeWithBrowser, launchBrowser } from '../../test/support/browser.js'
import { startExample } from './support/single.js'

describeWithBrowser('The example passkeys, with Chromium\'s virtual authenticator', () => {
  let browser: Browser
  let example: Awaited<ReturnType<typeof started>>
  let page: Page
  const started = (name: string) => startExample(name)
  beforeAll(async () => { browser = await launchBrowser() })
  afterAll(() => browser.close())
  beforeEach(async () => {
    example = await started('passkeys')
    page = await (await browser.newContext({ baseURL: example.address })).newPage()
    const session = await page.context().newCDPSession(page)
    await session.send('WebAuthn.enable')
    await session.send('WebAuthn.addVirtualAuthenticator', {
      options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    })
  })
  afterEach(async () => {
    await page.context().close()
    await example.stop()
  })

  const logIn = async () => {
    await page.goto('/passkeys')
    await page.getByLabel('User name').fill('ada')
    await page.getByLabel('Password').fill('lovelace')
    await page.getByRole('button', { name: 'Log in' }).click()
  }
  const add = async (name: string) => {
    await page.getByLabel('Name').fill(name)
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByRole('listitem').filter({ hasText: name }).waitFor()
  }

  it('adds one, asks for it at the next login, and removes it', async () => {
    await logIn()
    await add('My laptop')
    await page.context().clearCookies()
    await logIn()
    await page.getByRole('heading', { name: 'Use your passkey' }).waitFor()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('heading', { name: 'Passkeys of ada' }).waitFor()
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('listitem').waitFor({ state: 'detached' })
  })

  it('adds no second one in a session that has proven only the password', async () => {
    await logIn()
    await add('My laptop')
    // The first one was added in this login: it is no proof of it.
    await page.getByLabel('Name').fill('Of a thief')
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByRole('heading', { name: 'Use your passkey' }).waitFor()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('heading', { name: 'Passkeys of ada' }).waitFor()
    expect(await page.getByRole('listitem').count()).toBe(1)
  })
})
