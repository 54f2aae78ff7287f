import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { startSimulator, type Simulator } from 'mobileconnect-simulator'
import { barriersOf, describeWithBrowser, launchBrowser } from '../../../test/support/browser.js'
import { relyingParty } from './support/relying-party.js'

describeWithBrowser('the pages in a browser without JavaScript', () => {
  let browser: Browser
  let sim: Simulator
  let app: Server
  let callback: string

  beforeAll(async () => {
    browser = await launchBrowser()
    sim = await startSimulator({ clients: [{ name: 'Acme' }] })
    app = createServer((_req, res) => res.end('<title>back</title>'))
    await new Promise<void>((resolve) => { app.listen(0, '127.0.0.1', resolve) })
    callback = `http://127.0.0.1:${(app.address() as AddressInfo).port}/callback`
  })
  afterAll(async () => {
    await browser.close()
    await sim.close()
    await new Promise((resolve) => { app.close(resolve).closeAllConnections() })
  })

  const open = async (parameters: Record<string, string>) => {
    const rp = await relyingParty(sim.operator('a'))
    const { url } = await rp.begin({ redirect_uri: callback, ...parameters })
    const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage()
    await page.goto(url)
    return page
  }

  it('in a browser without JavaScript the person types the number, answers on the handset with the PIN, and the waiting page goes on by itself', async () => {
    const page = await open({ acr_values: '3', login_hint: 'MSISDN:447700900001', binding_message: 'K7-42' })
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Answer on your phone')
    const handset = await page.context().newPage()
    await handset.goto(`${sim.url}/handsets/`)
    await handset.getByText('K7-42').waitFor()
    await handset.getByLabel('PIN').fill('1111')
    await handset.getByRole('button', { name: 'Accept' }).click()
    expect(await handset.getByRole('alert').textContent()).toBe('That is not the PIN. Tries left: 2.')
    await handset.getByLabel('PIN').fill('1234')
    await handset.getByRole('button', { name: 'Accept' }).click()
    await page.waitForURL(`${callback}?*`)
    expect(new URL(page.url()).searchParams.get('code')).toEqual(expect.any(String))
    expect(await handset.getByText('Nothing to answer.').count()).toBe(3)
    await page.context().close()
  })

  it('in a browser without JavaScript the person denies, and comes back refused', async () => {
    const page = await open({})
    const handset = await page.context().newPage()
    await handset.goto(`${sim.url}/handsets/`)
    await handset.getByRole('button', { name: 'Deny' }).click()
    await page.waitForURL(`${callback}?*`)
    expect(new URL(page.url()).searchParams.get('error')).toBe('access_denied')
    await page.context().close()
  })

  it('in a browser without JavaScript the person chooses the operator on the selection page, and comes back to the app', async () => {
    const { clientId, clientSecret, url } = sim.discovery
    const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
    const response = await fetch(`${url}?Redirect_URL=${encodeURIComponent(callback)}`, { headers: { authorization, accept: 'application/json' } })
    const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage()
    await page.goto((await response.json() as { links: [{ href: string }] }).links[0].href)
    await page.getByRole('button', { name: 'Operator B' }).click()
    await page.waitForURL(`${callback}?*`)
    expect(new URL(page.url()).searchParams.get('mcc_mnc')).toBe('001_02')
    await page.context().close()
  })

  it.each(['light', 'dark'] as const)('every page of the simulator is accessible and fits 320 px, in %s', async (colorScheme) => {
    const rp = await relyingParty(sim.operator('a'))
    const withoutHint = new URL((await rp.begin()).url)
    withoutHint.searchParams.delete('login_hint')
    const waiting = (await rp.begin({ acr_values: '3', binding_message: 'K7-42', scope: 'openid mc_authz', client_name: 'Acme', context: 'Pay 10 EUR' })).url
    const page = await browser.newPage({ colorScheme, viewport: { width: 320, height: 640 } })
    for (const url of [waiting, withoutHint.href, `${sim.operator('a').issuer}/authorize`, `${sim.url}/handsets/`, sim.url]) {
      await page.goto(url)
      expect(await complaints(page)).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    }
    await page.context().close()
  })
})

/** WCAG 2.2 AA. */
const complaints = async (page: Page): Promise<string[]> => barriersOf(page, {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'], rules: { 'meta-refresh': { enabled: false } },
})
