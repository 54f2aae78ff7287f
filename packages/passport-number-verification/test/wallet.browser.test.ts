import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { devices, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { installWallet, type Simulator } from 'mobileconnect-simulator'
import type { StrategyOptions } from 'passport-number-verification'
import { describeWithBrowser, launchBrowser } from '../../../test/support/browser.js'
import { ada, bob, eve, providerOf, startApp, startOperators } from './support/app.js'
import { startMultistep } from './support/multistep-app.js'

const android = devices['Pixel 7']
const home = 'pwd pop mfa'

describeWithBrowser('in Chromium, on multistep\'s pages, the wallet of an Android phone', () => {
  let browser: Browser
  let sim: Simulator
  let app: Awaited<ReturnType<typeof startMultistep>>
  beforeAll(async () => { [browser, sim] = await Promise.all([launchBrowser(), startOperators()]) })
  afterAll(async () => {
    await browser.close()
    await sim.close()
  })
  afterEach(async () => {
    await Promise.all(browser.contexts().map((open) => open.close()))
    sim.camara.restore()
    for (const msisdn of [ada, bob, eve]) sim.handset(msisdn).network('wifi')
    await app.close()
  })

  interface Given extends Omit<Partial<StrategyOptions>, 'phone'> {
    readonly phone?: string
    readonly wallet?: Parameters<typeof installWallet>[2] | false
    readonly device?: BrowserContextOptions
  }

  /** A person gives their password on the login page. What they see next comes without a further click. */
  const givePassword = async ({ phone = ada, wallet = {}, device = android, ...options }: Given = {}) => {
    app = await startMultistep(sim, 'local', { via: ['operator-token', 'network'], beginLimits: { '1h': 100 }, ...options })
    const page = await (await browser.newContext(device)).newPage()
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(error.message))
    page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()) })
    if (wallet === false) await page.addInitScript('delete window.DigitalCredential')
    else await installWallet(page, sim.handset(phone), wallet)
    await page.goto(`${app.origin}/login`)
    await page.getByLabel('User name').fill('ada')
    await page.getByLabel('Password').fill('lovelace')
    const leftAt = Date.now()
    await page.getByRole('button', { name: 'Log in' }).click()
    return { page, errors, leftAt }
  }
  const isHome = (page: Page) => page.getByRole('heading', { name: home }).waitFor()
  const asksForCode = (page: Page) => page.getByLabel('Code').waitFor()
  const asked = () => sim.camara.requests('credentials')

  it('a wallet logs the user in over Wi-Fi by one tap, and no text leaves (Q-35)', async () => {
    const { page, errors } = await givePassword()
    await isHome(page)
    expect(app.texts).toEqual([])
    expect(errors).toEqual([])
  })

  it('a wallet is opened by a click on the page where the browser wants one (Q-35)', async () => {
    const { page } = await givePassword({ wallet: { needsClick: true } })
    await page.getByRole('link', { name: 'Continue', exact: true }).click()
    await isHome(page)
    expect(app.texts).toEqual([])
  })

  it('a user who does not click is led on after ten seconds (Q-32)', async () => {
    const { page } = await givePassword({ wallet: { needsClick: true } })
    await page.getByRole('button', { name: 'Get a code by text instead' }).waitFor()
    expect(app.texts).toEqual([])
    await asksForCode(page)
    expect(app.texts).toHaveLength(1)
  })

  it('a wallet with the SIM of a thief is refused, as a failed attempt (Q-29)', async () => {
    const { page } = await givePassword({ phone: eve })
    await page.getByText('This phone has another number than your account.').waitFor()
    expect(app.failures).toEqual([['number-verification', 'person_mismatch', 401]])
    expect(app.texts).toEqual([])
  })

  it('a wallet whose user refuses gives its place to the text, and nothing is counted (Q-32)', async () => {
    const { page } = await givePassword({ wallet: { consent: 'refused' } })
    await asksForCode(page)
    expect(app.texts).toHaveLength(1)
    expect(app.failures).toEqual([])
    expect(app.fallbacks).toEqual([['number-verification', 'sms-otp', expect.stringContaining('unavailable')]])
  })

  it.each<[string, Given]>([
    ['without a wallet', { wallet: false }],
    ['without JavaScript', { wallet: false, device: { ...android, javaScriptEnabled: false } }],
    ['on a desktop, whose browser would ask for another device', { device: {} }],
  ])('a user %s gets the text, as if nothing had been tried, and the aggregator is asked nothing (Q-32)', async (_, given) => {
    const before = asked()
    const { page } = await givePassword(given)
    await asksForCode(page)
    expect(asked()).toBe(before)
    expect(app.texts).toHaveLength(1)
    expect(app.failures).toEqual([])
  })

  it.each<[string, 'credentials' | 'token' | 'verify', Given]>([
    ['without a wallet, where the aggregator is late', 'credentials', { wallet: false }],
    ['with a wallet, where the aggregator is late', 'credentials', {}],
    ['without a wallet, where the operator\'s tokens are late', 'token', { wallet: false }],
    ['without JavaScript, where the operator\'s tokens are late', 'token', { wallet: false, device: { ...android, javaScriptEnabled: false } }],
    ['without JavaScript, where the operator\'s API is late', 'verify', { wallet: false, device: { ...android, javaScriptEnabled: false } }],
  ])('a user %s gets a text that begins within the timeout and a second (Q-32)', async (_, late, given) => {
    sim.handset(ada).network('mobile')
    // What is late answers long after the test.
    if (late === 'credentials') sim.camara.fail('authorize', { error: 'login_required' })
    sim.camara.fail(late, { delay: '30s' })
    const { page, leftAt } = await givePassword({ timeout: '1s', ...given })
    await asksForCode(page)
    const [texted] = app.textedAt
    expect(texted! - leftAt).toBeLessThan(1_000 + 1_000)
    expect(app.texts).toHaveLength(1)
    expect(app.failures).toEqual([])
  })

  it.each<[string, BrowserContextOptions]>([['with', android], ['without', { ...android, javaScriptEnabled: false }]])(
    'a user on the mobile network, %s JavaScript, gives the password, and neither clicks again nor is texted (Q-35)', async (_, device) => {
      sim.handset(ada).network('mobile')
      const { page } = await givePassword({ wallet: false, device })
      await isHome(page)
      expect([app.texts, app.failures]).toEqual([[], []])
    })

  it.each<[string, object, number]>([
    ['does not support the carrier', { error: 'carrier_not_supported' }, 0],
    ['refuses this app', { error: 'invalid_client', status: 401 }, 1],
  ])('a wallet leads to a text where the aggregator %s (Q-32)', async (_, fault, failures) => {
    sim.camara.fail('credentials', fault)
    const { page } = await givePassword()
    await asksForCode(page)
    expect(app.texts).toHaveLength(1)
    expect(app.failures).toHaveLength(failures)
  })

  it.each([['operator-token', 'network'], ['network', 'operator-token']] as const)(
    'the wallet and the network follow each other, %s first: on mobile data without a wallet there is no click and no text (Q-35)', async (...via) => {
      sim.handset(ada).network('mobile')
      const { page } = await givePassword({ via, wallet: false })
      await isHome(page)
      expect(app.texts).toEqual([])
    })

  it('a wallet is asked where the network does not know the phone, in the other order (Q-35)', async () => {
    const { page } = await givePassword({ via: ['network', 'operator-token'] })
    await isHome(page)
    expect(app.texts).toEqual([])
  })

  it('a wallet answers the right one of two tabs (Q-30)', async () => {
    const { page } = await givePassword({ wallet: { needsClick: true } })
    await page.getByRole('link', { name: 'Continue', exact: true }).waitFor()
    const second = await page.context().newPage()
    await second.goto(`${app.origin}/login`)
    await page.getByRole('link', { name: 'Continue', exact: true }).click()
    await isHome(page)
  })

  it('the page\'s button leads on, too, while the wallet waits (Q-32)', async () => {
    const { page } = await givePassword({ wallet: { needsClick: true } })
    await page.getByRole('button', { name: 'Get a code by text instead' }).click()
    await asksForCode(page)
    expect(app.texts).toHaveLength(1)
  })
})

describeWithBrowser('in Chromium, on a page of the app\'s own, the wallet of an Android phone', () => {
  const readme = readFileSync(join(__dirname, '../README.md'), 'utf8')
  const [, script = ''] = /```js\n([\s\S]*?)```/.exec(readme) ?? []
  const html = `<button onclick="logIn()">Log in</button>
<form id="presented" method="post"><input type="hidden" name="state"><input type="hidden" name="vp_token"></form>
<script>${script.replace('/login/number-verification', '/login')}</script>`

  it.each([[true, 'phone of the SIM', '"id":"ada"'], [false, 'next way', 'not-on-mobile-network']] as const)(
    'the script that the README shows asks the wallet: with one (%p) it leads to the %s (Q-35)', async (hasWallet, _, shown) => {
      const [browser, sim] = await Promise.all([launchBrowser(), startOperators()])
      const app = await startApp({ provider: providerOf(sim), mode: 'read', via: ['operator-token', 'network'] })
      const page = await (await browser.newContext(android)).newPage()
      if (hasWallet) await installWallet(page, sim.handset(ada))
      else await page.addInitScript('delete window.DigitalCredential')
      await page.route(`${app.origin}/own`, (route) => route.fulfill({ contentType: 'text/html', body: html }))
      await page.goto(`${app.origin}/own`)
      await page.getByRole('button', { name: 'Log in' }).click()
      await page.getByText(shown).waitFor()
      await browser.close()
      await Promise.all([app.close(), sim.close()])
    })
})
