import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { barriersOf, describeWithBrowser } from '../../test/support/browser.js'
import { enter, journeys, logIn } from './support/journeys.js'
import { smallPng } from './support/small-png.js'
import { siteWithBrowser } from './support/site.js'
import { gracePhone } from './support/visitor.js'

describeWithBrowser('a visit with a browser', () => {
  const site = siteWithBrowser()
  const { newContext, baseURL } = site

  describe.each([['with JavaScript', true], ['without JavaScript', false]])('%s', (_, javaScriptEnabled) => {
    journeys(site, javaScriptEnabled)
  })

  describe('on one screen', () => {
    const open = async (width: number) => {
      const page = await (await newContext({ viewport: { width, height: 900 } })).newPage()
      const faults: string[] = []
      page.on('pageerror', (error) => faults.push(error.message))
      page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
      await page.goto('/')
      return { page, faults, phone: page.locator('#beside-phone'), facts: page.locator('.facts') }
    }
    const fillIn = async (page: Page) => {
      await page.getByRole('button', { name: 'Fill it in' }).click()
      await page.getByRole('button', { name: 'Continue', exact: true }).click()
    }

    it('the page beside the tour logs a user in with the account that was pressed and the text on the phone, and shows what the server knows meanwhile', async () => {
      const { page, faults, phone, facts } = await open(1440)
      await page.getByRole('link', { name: 'Log in as ada' }).click()
      await page.getByRole('button', { name: 'Log in' }).click()
      await phone.getByText('is your Acme code').waitFor()
      expect(await facts.innerText()).toMatch(/req\.user\s+undefined[^]*'pending', 2 of 2/)
      expect(await page.locator('.policy .proven').allInnerTexts()).toEqual(['Password'])
      expect(await page.locator('.curl').innerText()).toContain('$ACME/login/sms-otp')
      await fillIn(page)
      await page.getByRole('heading', { name: 'Hello, ada' }).waitFor()
      expect(await facts.innerText()).toMatch(/\{ id: 'ada' \}[^]*pwd \+ sms \+ mfa/)
      expect(await page.locator('.policy .proven').allInnerTexts()).toEqual(['Password', 'Code by text'])
      expect(faults).toEqual([])
    })

    // `PICTURES=new` renews the files that the README shows.
    it.each(['light', 'dark'] as const)('the picture of the README shows the page as it is, %s', async (colorScheme) => {
      const page = await (await newContext({ colorScheme, viewport: { width: 1344, height: 720 }, reducedMotion: 'reduce' })).newPage()
      await page.goto('/login#ada')
      await page.getByRole('button', { name: 'Log in' }).click()
      await page.locator('#beside-phone').getByText('is your Acme code').waitFor()
      const file = join(__dirname, `../../docs/images/tour-${colorScheme}.png`)
      const picture = await page.screenshot()
      if (process.env.PICTURES === 'new') writeFileSync(file, smallPng(picture))
      // The same width and height (PNG, 11.2.2), and light enough to be loaded by everybody who reads the README.
      const size = (png: Buffer) => [png.readUInt32BE(16), png.readUInt32BE(20)]
      const kept = readFileSync(file)
      expect(size(kept)).toEqual(size(picture))
      expect(kept.length).toBeLessThan(120_000)
      expect(readFileSync(join(__dirname, '../../README.md'), 'utf8')).toContain(`docs/images/tour-${colorScheme}.png`)
    })

    it('a user on mobile data is logged in without a click, and on Wi-Fi the page says why a text leaves', async () => {
      const { page, faults, facts } = await open(1440)
      const log = page.locator('.log')
      const press = (group: string, name: string) =>
        page.getByRole('group', { name: group }).getByRole('button', { name }).click()
      await page.getByRole('link', { name: 'Log in as ada' }).click()
      await page.getByRole('button', { name: 'Log in' }).click()
      await log.getByText('number-verification → sms-otp · unavailable · not-on-mobile-network').waitFor()
      await page.getByRole('button', { name: 'Start over' }).click()

      await press('Network', 'Mobile data')
      await page.getByText('· mobile data').waitFor()
      await page.goto('/login#ada')
      await page.getByRole('button', { name: 'Log in', exact: true }).click()
      await page.getByRole('heading', { name: 'Hello, ada' }).waitFor()
      expect(await facts.innerText()).toContain('pwd + pop + mfa')
      await log.getByText('pwd + pop + mfa').waitFor()
      expect(faults).toEqual([])
    })

    it('the page on the way to the operator says who is asked about which number, and what happens without it', async () => {
      const { page } = await open(1440)
      await page.goto('/login')
      const form = { _csrf: await page.locator('input[name=_csrf]').first().inputValue(), username: 'ada', password: 'lovelace-1815' }
      const headers = { accept: 'text/html', origin: new URL(page.url()).origin }
      const answer = await page.request.post('/login/local', { form, headers, maxRedirects: 0 })
      const html = (await answer.text()).replace(/<\/?bdi[^>]*>/g, '')
      expect(html).toMatch(/We are asking 127\.0\.0\.1:\d+ whether this phone has the number \+44 •••• •••456\./)
      expect(html).toContain('>Get a code by text instead</button>')
    })

    it('the page shows that neither the network nor a text counts with a new SIM card, and that a text got lost', async () => {
      const { page, faults, phone } = await open(1440)
      const log = page.locator('.log')
      const set = async (group: string, name: string) => {
        const button = page.getByRole('group', { name: group }).getByRole('button', { name })
        await button.click()
        await page.locator('[aria-pressed="true"]', { hasText: name }).waitFor()
      }
      await set('Network', 'Mobile data')
      await set('SIM swap', 'Now')
      await page.goto('/login#ada')
      await page.getByRole('button', { name: 'Log in', exact: true }).click()
      await page.getByRole('alert').getByText('The SIM card of your number is new').waitFor()
      await log.getByText('sim-swap').waitFor()
      await page.getByRole('heading', { name: 'recovery code' }).waitFor()
      await page.getByRole('button', { name: 'Start over' }).click()

      await set('SIM swap', 'A month ago')
      await set('Network', 'Wi-Fi')
      await set('Next text', 'Gets lost')
      await page.goto('/login#ada')
      await page.getByRole('button', { name: 'Log in', exact: true }).click()
      await page.getByLabel('Code').waitFor()
      await log.getByText('text lost').waitFor()
      expect(await phone.getByText('is your Acme code').count()).toBe(0)
      await page.locator('[aria-pressed="true"]', { hasText: 'Arrives' }).waitFor()
      expect(faults).toEqual([])
    })

    it('the page has switches for the phone of a user with an operator, by keyboard, and for no other user', async () => {
      const { page } = await open(1440)
      await page.getByRole('button', { name: 'alan' }).click()
      await page.locator('#beside-switches').waitFor({ state: 'hidden' })
      await page.getByRole('button', { name: 'ada' }).click()
      const mobile = page.getByRole('button', { name: 'Mobile data' })
      await mobile.focus()
      await page.keyboard.press('Enter')
      await page.locator('[aria-pressed="true"]', { hasText: 'Mobile data' }).waitFor()
      expect(await mobile.evaluate('document.activeElement.textContent')).toBe('Mobile data')
      expect(await barriersOf(page)).toEqual([])
    })

    it('the page keeps the phone in a drawer where there is no room for it', async () => {
      const { page, faults, phone } = await open(390)
      await page.getByRole('link', { name: 'Log in as alan' }).click()
      await page.getByRole('button', { name: 'Log in' }).click()
      await page.getByLabel('Code').waitFor()
      expect(await phone.isVisible()).toBe(false)
      await page.getByRole('button', { name: 'Phone' }).click()
      await fillIn(page)
      await page.getByRole('heading', { name: 'Hello, alan' }).waitFor()
      expect(faults).toEqual([])
    })

    it('an operator\'s question is on the phone of its user, and on no other phone', async () => {
      const { page, phone } = await open(1440)
      const login = await (await newContext()).newPage()
      await login.goto('/login')
      await logIn(login, 'ada')
      await login.getByRole('button', { name: 'Continue with Mobile Connect' }).click()
      await phone.getByText('Log in at Acme?').waitFor()
      await page.getByRole('button', { name: 'alan' }).click()
      await phone.getByText('Authenticator').waitFor()
      expect(await phone.getByText('Log in at Acme?').isVisible()).toBe(false)
      await page.getByRole('button', { name: 'ada' }).click()
      await phone.getByRole('button', { name: 'Yes' }).click()
      await login.getByRole('heading', { name: 'Hello, ada' }).waitFor()
    })

    it('the page shows no recovery codes any more that the login\'s own page has replaced', async () => {
      const { page, phone } = await open(1440)
      await page.getByRole('link', { name: 'Log in as ada' }).click()
      await page.getByRole('button', { name: 'Log in' }).click()
      await fillIn(page)
      await page.getByRole('heading', { name: 'Hello, ada' }).waitFor()
      await phone.getByText('A sheet of paper').waitFor()
      await page.goto('/login/recovery-codes')
      await page.getByRole('button', { name: 'Make new codes' }).click()
      await page.locator('ul.codes').waitFor()
      await phone.getByText('A sheet of paper').waitFor({ state: 'detached' })
    })
  })

  it('the handset shows what was texted before it was opened first, and what comes later above it', async () => {
    const context = await newContext()
    const [page, handset] = [await context.newPage(), await context.newPage()]
    await page.goto('/login')
    await logIn(page, 'ada')
    await page.getByText('We sent a code to').waitFor()
    await handset.goto('/handset')
    const other = await (await newContext()).newPage()
    await other.goto('/login')
    await logIn(other, 'grace')
    await other.getByLabel('Mobile number').fill(gracePhone)
    await other.getByRole('button', { name: 'Send code' }).click()
    await handset.locator('#texts li').nth(1).waitFor()
    expect(await handset.locator('#texts .meta span').allInnerTexts()).toEqual([gracePhone, '+447400123456'])
  })

  it('the handset shows what operators ask as it comes, and takes it away when it is answered elsewhere', async () => {
    const context = await newContext()
    const [page, handset] = [await context.newPage(), await context.newPage()]
    await handset.goto('/handset')
    await page.goto('/login')
    await logIn(page, 'ada')
    await page.getByRole('button', { name: 'Continue with Mobile Connect' }).click()
    await handset.getByText('Log in at Acme?').waitFor()
    const [prompt] = await (await page.request.get('/handset/prompts')).json()
    await page.request.post(`/handset/prompts/${prompt.id}/approve`)
    await handset.getByText('No operator asks anything.').waitFor()
    await page.getByRole('heading', { name: 'Hello, ada' }).waitFor()
  })

  it('a browser that began at 127.0.0.1 is brought back there', async () => {
    const page = await (await newContext({ baseURL: baseURL().replace('localhost', '127.0.0.1') })).newPage()
    await page.goto('/account')
    await logIn(page, 'ada')
    await page.getByRole('button', { name: 'Continue with Mobile Connect' }).click()
    await page.getByText('phone ending in 456').waitFor()
    const [prompt] = await (await page.request.get('/handset/prompts')).json()
    await page.request.post(`/handset/prompts/${prompt.id}/approve`)
    await page.getByRole('heading', { name: 'Hello, ada' }).waitFor()
    expect(new URL(page.url()).hostname).toBe('127.0.0.1')
  })

  it('the browser of a user who ticks the box is remembered, until they log out everywhere', async () => {
    const page = await (await newContext()).newPage()
    const text = async () => ((await (await page.request.get('/handset/messages')).json()) as { body: string }[]).at(-1)!.body
    await page.goto('/account')
    await logIn(page, 'ada')
    await page.getByLabel('Remember this device for 30 days').check()
    await enter(page, /#(\d{6})/.exec(await text())![1]!)
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.goto('/account')
    await logIn(page, 'ada')
    await page.getByRole('heading', { name: 'Hello, ada' }).waitFor()
    await page.getByRole('cell', { name: 'Remembered' }).waitFor()
    await page.goto('/settings')
    await page.getByText('One browser is remembered.').waitFor()
    await page.getByRole('button', { name: 'Log out everywhere' }).click()
    await page.goto('/account')
    await logIn(page, 'ada')
    await page.getByText('Step 2 of 2').waitFor()
  })

  it.each(['light', 'dark'] as const)('every page is without a barrier that axe-core knows of, when it is %s (WCAG 2.2 AA)', async (colorScheme) => {
    const context = await newContext({ colorScheme })
    const [page, handset] = [await context.newPage(), await context.newPage()]
    const found: string[] = []
    const check = async (name: string, checked = page) => {
      found.push(...(await barriersOf(checked)).map((barrier) => `${name}: ${barrier}`))
    }
    const lastCode = async () => /#(\d{6})/.exec(((await (await page.request.get('/handset/messages')).json()) as { body: string }[]).at(-1)!.body)![1]!

    for (const path of ['/', '/login', '/login?factor=sms-otp', '/nowhere']) {
      await page.goto(path)
      await check(path)
    }
    await page.goto('/transfer')
    await logIn(page, 'ada')
    await page.getByText('We sent a code to').waitFor()
    await check('a text that left by itself')
    await page.getByRole('link', { name: 'Recovery code' }).click()
    await check('a choice')
    await page.getByRole('button', { name: 'Continue with Mobile Connect' }).click()
    await page.getByText('phone ending in 456').waitFor()
    await handset.goto('/handset')
    await check('the handset with a prompt', handset)
    await handset.getByRole('button', { name: 'No', exact: true }).click()
    await page.getByRole('alert').waitFor()
    await check('a prompt that was denied')
    await page.getByRole('link', { name: 'Code by text' }).click()
    await enter(page, await lastCode())
    await page.getByLabel('Payee').waitFor()
    await check('a new transfer')
    await page.getByLabel('Payee').fill('Bob')
    await page.getByLabel('Amount').fill('much')
    await page.getByRole('button', { name: 'Transfer' }).click()
    await page.getByRole('alert').waitFor()
    await check('a transfer that is none')
    await page.getByLabel('Amount').fill('25')
    await page.getByRole('button', { name: 'Transfer' }).click()
    await page.getByText('You are confirming').waitFor()
    await check('a confirmation')
    await page.getByRole('button', { name: 'Send code' }).click()
    await check('a code on its way')
    await enter(page, await lastCode())
    await page.getByRole('button', { name: 'Pay 25.00 EUR to Bob' }).waitFor()
    await check('a transfer, confirmed')
    await page.getByRole('button', { name: 'Pay 25.00 EUR to Bob' }).click()
    await page.getByText('The transfer is made').waitFor()
    await check('a transfer, made')
    for (const path of ['/account', '/settings', '/login', '/login/devices']) {
      await page.goto(path)
      await check(`${path}, logged in`)
    }
    await page.goto('/settings')
    await page.getByLabel('New number').fill('+44 7400 123498')
    await page.getByRole('button', { name: 'Send a code there' }).click()
    await page.getByText('Until then, nothing changes.').waitFor()
    await check('a new number')
    await page.getByRole('button', { name: 'Make new ones' }).click()
    await page.getByRole('heading', { name: '10 codes' }).waitFor()
    await check('recovery codes')
    expect(found).toEqual([])
  })

  it('the handset asks for a new code of the authenticator when the old one has ended', async () => {
    const page = await (await newContext()).newPage()
    await page.clock.install()
    await page.goto('/handset')
    const asked = page.waitForRequest((request) => request.url() === `${baseURL()}/handset` && request.headers().accept === 'application/json')
    await page.clock.runFor(30_000)
    await asked
  })

  it.each([['a desktop', 1200], ['a phone', 320]])('every page fits %s', async (_, width) => {
    const page = await (await newContext({ viewport: { width, height: 700 } })).newPage()
    await page.goto('/account')
    await logIn(page, 'alan')
    const handset = await page.request.get('/handset', { headers: { accept: 'application/json' } })
    await enter(page, (await handset.json()).authenticators[0].code)
    await page.getByRole('heading', { name: 'Hello, alan' }).waitFor()
    for (const path of ['/', '/account', '/transfer', '/settings', '/handset', '/nowhere']) {
      await page.goto(path)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    }
  })
})
