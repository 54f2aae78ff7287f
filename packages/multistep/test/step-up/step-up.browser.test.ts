import type { AddressInfo } from 'node:net'
import type { Server } from 'node:http'
import type { Browser, Page } from 'playwright-core'
import { anyOf } from '../../src/index.js'
import { buildApp, people, pin } from '../support/app.js'
import { describeWithBrowser, launchBrowser, lowestContrast } from '../support/browser.js'
import { device, texting, texts } from '../support/factors.js'

const form = (name: string) => `<!doctype html><title>${name}</title><form method="post" action="/transfer"><input name="payee"><input name="amount"><button>Send money</button></form>`

describeWithBrowser('a step-up in a browser', () => {
  let browser: Browser
  let server: Server
  let url: string
  const text = texts('text')
  const paid: unknown[] = []

  beforeAll(async () => {
    const { app } = buildApp({
      strategies: [pin(), text.strategy],
      options: { steps: ['local', anyOf('pin', 'text')], factors: { pin: { ...device, label: 'Key fob' }, text: { ...texting, label: 'Code by text' } } },
      routes: (host, login) => {
        host.get('/transfer', login.require() as any, (_req, res) => void res.type('html').send(form('Transfer')))
        host.post('/transfer', login.require({ factors: anyOf('text', 'pin'), bind: (req) => ({ payee: req.body.payee, amount: req.body.amount }) }) as any, (req, res) => {
          paid.push(req.body)
          res.type('html').send('<!doctype html><title>Paid</title><p>Paid.</p>')
        })
        // As helmet sets it: no post names the page that it came from.
        host.get('/pay', login.require() as any, (req, res, next) => {
          res.set('Referrer-Policy', 'no-referrer')
          login.progress(req as any).then(({ values = {} }) => {
            res.type('html').send(`<!doctype html><title>Pay</title><form method="post" action="/pay"><input name="payee" value="${values.payee ?? ''}"><input name="amount" value="${values.amount ?? ''}"><button>Pay</button></form>`)
          }, next)
        })
        host.post('/pay', login.require({
          factors: anyOf('text', 'pin'), bind: (req) => ({ payee: req.body.payee, amount: Number(req.body.amount) }), currency: { amount: 'EUR' },
          resume: { text: 'Pay {amount} to {payee}' },
        }) as any, (req, res) => {
          paid.push(req.body)
          res.redirect(303, '/')
        })
        host.get('/', (_req, res) => void res.type('html').send('<!doctype html><title>Home</title>'))
      },
    })
    server = await new Promise<Server>((resolve) => { const listening = app.listen(0, '127.0.0.1', () => resolve(listening)) })
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  })
  beforeEach(() => { paid.length = 0 })

  const loggedIn = async (javaScriptEnabled: boolean): Promise<Page> => {
    const page = await (await browser.newContext({ baseURL: url, javaScriptEnabled })).newPage()
    await page.goto('/login')
    await page.fill('input[name=username]', 'ada')
    await page.fill('input[name=password]', people().ada!.password)
    await page.click('button.primary')
    await page.fill('input[name=code]', '246810')
    await page.click('button.primary')
    return page
  }
  const pay = async (page: Page, payee: string, amount: string) => {
    await page.goto('/transfer')
    await page.fill('input[name=payee]', payee)
    await page.fill('input[name=amount]', amount)
    await page.click('button')
  }
  const code = () => `code of text ${text.sent.length}`

  it.each([[false], [true]])('the page shows what is confirmed, and comes back to the form; JavaScript: %p', async (javaScriptEnabled) => {
    const page = await loggedIn(javaScriptEnabled)
    await pay(page, 'Bob & Sons', '25')
    await page.waitForURL(/\/login\?for=[\w-]{22}$/)
    expect(await page.textContent('.kicker')).toBe('Confirm that it is you')
    expect((await page.locator('dl').allInnerTexts()).join(' ').replace(/\s+/g, ' ')).toBe('payee Bob & Sons amount 25')
    await page.click('text=Key fob')
    await page.waitForURL(/for=[\w-]{22}&factor=pin$/)
    await page.click('text=Code by text')
    await page.waitForURL(/for=[\w-]{22}&factor=text$/)
    await page.click('text=Send code')
    await page.fill('input[name=code]', 'wrong')
    await page.click('button.primary')
    expect(await page.textContent('#problem')).toContain('That code is not right.')
    // The script takes the spaces out of a code, and the codes of this test's texts have some.
    if (javaScriptEnabled) await page.click('text=Key fob')
    await page.fill('input[name=code]', javaScriptEnabled ? '246810' : code())
    await page.click('button.primary')
    await page.waitForURL(`${url}/transfer`)
    await pay(page, 'Bob & Sons', '26')
    await page.waitForURL(/login.for=/)
    await pay(page, 'Bob & Sons', '25')
    expect(await page.title()).toBe('Paid')
    expect(paid).toEqual([{ payee: 'Bob & Sons', amount: '25' }])
    await page.context().close()
  })

  it.each([[false], [true]])('ends with one button that pays, also without a Referer; JavaScript: %p (E-05)', async (javaScriptEnabled) => {
    const page = await loggedIn(javaScriptEnabled)
    const begin = async () => {
      await page.fill('input[name=payee]', 'Bob & Sons')
      await page.fill('input[name=amount]', '25.5')
      await page.click('button')
      await page.waitForURL(/login.for=/)
    }
    await page.goto('/pay')
    await begin()
    await page.click('text=Cancel')
    await page.waitForURL(`${url}/pay`)
    expect(await page.inputValue('input[name=amount]')).toBe('25.5')
    await begin()
    await page.click('text=Key fob')
    await page.fill('input[name=code]', '246810')
    await page.click('button.primary')
    await page.waitForURL(/login.confirm.for=/)
    await page.reload()
    expect(paid).toEqual([])
    const button = page.getByRole('button', { name: 'Pay 25.50 EUR to Bob & Sons' })
    await button.dblclick().catch(() => undefined)
    await page.waitForURL(`${url}/`)
    expect(paid).toEqual([expect.objectContaining({ payee: 'Bob & Sons', amount: '25.5' })])
    await page.goBack()
    expect(await page.textContent('body')).toMatch(/done or has expired|Confirmed/)
    await page.context().close()
  })

  it('two tabs have a step-up each, and Cancel leaves one with the login as it was (F-33)', async () => {
    const one = await loggedIn(false)
    const two = await one.context().newPage()
    await pay(one, 'Bob', '1')
    await pay(two, 'Eve', '1000')
    await two.click('text=Send code')
    const forEve = code()
    await one.click('text=Send code')
    await one.fill('input[name=code]', forEve)
    await one.click('button.primary')
    expect(await one.textContent('#problem')).toContain('That code is not right.')
    await two.click('text=Cancel')
    await two.waitForURL(`${url}/transfer`)
    await one.fill('input[name=code]', code())
    await one.click('button.primary')
    await one.waitForURL(`${url}/transfer`)
    await pay(two, 'Eve', '1000')
    await two.waitForURL(/login.for=/)
    await pay(two, 'Bob', '1')
    expect(paid).toEqual([{ payee: 'Bob', amount: '1' }])
    await one.context().close()
  })

  it('the Back button leads into no circle, and the page says what has become of the step-up', async () => {
    const page = await loggedIn(false)
    await pay(page, 'Bob', '2')
    await page.click('text=Key fob')
    await page.fill('input[name=code]', '246810')
    await page.click('button.primary')
    await page.waitForURL(`${url}/transfer`)
    await page.goBack()
    expect(await page.textContent('h1')).toBe('You are logged in')
    await page.click('.primary')
    await page.waitForURL(`${url}/`)
    await page.context().close()
  })

  it('the pages of a step-up are legible, and fit a small screen', async () => {
    const page = await loggedIn(true)
    await pay(page, 'A payee with a name that is rather longer than the screen of a small telephone is wide', '1234567890.12')
    await page.setViewportSize({ width: 320, height: 640 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    const { contrast }: { contrast: number } = await page.evaluate(lowestContrast)
    expect(contrast).toBeGreaterThanOrEqual(4.5)
    if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/step-up.png`, fullPage: true })
    await page.context().close()
  })
})
