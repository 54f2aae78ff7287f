import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Strategy as SmsOtpStrategy, type SmsChannel, type SmsOtpOptions } from 'passport-sms-otp'
import { inboxSender } from 'passport-sms-otp/testing'
import type { Browser, Page } from 'playwright-core'
import { anyOf } from '../../src/index.js'
import { browser as jsonClient, buildApp, pin } from '../support/app.js'
import { describeWithBrowser, launchBrowser } from '../support/browser.js'
import { device } from '../support/factors.js'

const channels: readonly SmsChannel[] = ['sms', 'whatsapp', 'voice']
const codeOf = (body: string) => /\b\d{6}\b|\d(?:, \d){5}/.exec(body)![0].replaceAll(', ', '')

function setup(options: Partial<SmsOtpOptions> = {}, others: readonly 'pin'[] = []) {
  const inbox = inboxSender()
  const strategy = new SmsOtpStrategy({
    sender: inbox, secret: 'j6bXq0m2Vd9sKfT4hLr8pWz1YcNe5uGa', countries: ['GB'], channels, delays: [], ...options,
  } as never)
  const second = others.length > 0 ? anyOf('sms-otp', ...others) : 'sms-otp'
  const built = buildApp({ strategies: [strategy as never, pin()], options: { steps: ['local', second], factors: others.length > 0 ? { pin: device } : {} } })
  return { ...built, inbox, strategy }
}

describe('the channels of a code in the state', () => {
  it('are offered to be chosen, the post names one, and the challenge says how the code went', async () => {
    const { app, inbox } = setup()
    const ada = jsonClient(app)
    const [begun] = (await ada.password()).body.factors
    expect(begun).toMatchObject({ channels, challenge: { channel: 'sms' } })
    const [again] = (await ada.post('/login/sms-otp/challenge', { channel: 'voice' })).body.factors
    expect(again).toMatchObject({ channels, challenge: { channel: 'voice', attemptsLeft: 5 } })
    expect(inbox.messages.map(({ channel = 'sms' }) => channel)).toEqual(['sms', 'voice'])
    expect((await ada.post('/login/sms-otp/challenge', { channel: 'fax' })).body).toMatchObject({ status: 400, code: 'channel_invalid' })
    const done = await ada.post('/login/sms-otp', { code: codeOf(inbox.messages[1]!.body) })
    expect(done.body).toMatchObject({ status: 'complete', amr: ['pwd', 'sms', 'tel', 'mfa'] })
  })

  it('are offered no more once no other text may be sent, and never where the app names none', async () => {
    const spent = setup({ maxResends: 0 })
    expect((await jsonClient(spent.app).password()).body.factors[0]).not.toHaveProperty('channels')
    const plain = setup({ channels: undefined })
    const [factor] = (await jsonClient(plain.app).password()).body.factors
    expect(factor).not.toHaveProperty('channels')
    expect(factor.challenge).not.toHaveProperty('channel')
  })

  it('stand as reports have left them, and a strategy that breaks leaves the challenge as it was', async () => {
    const { app, inbox, strategy } = setup({ expectDelivery: '20s', channelFailover: true })
    const ada = jsonClient(app)
    expect((await ada.password()).body.factors[0].challenge).toMatchObject({ delivery: 'waiting', channel: 'sms', next: 'whatsapp' })
    inbox.report(inbox.messages[0]!, 'failed')
    await new Promise((resolve) => { setTimeout(resolve, 20) })
    expect((await ada.get('/login')).body.factors[0].challenge).toMatchObject({ delivery: 'waiting', channel: 'whatsapp', next: 'voice' })
    jest.spyOn(strategy, 'delivery').mockRejectedValue(new Error('no store'))
    expect((await ada.get('/login')).body.factors[0].challenge).toMatchObject({ delivery: 'waiting', channel: 'sms' })
  })
})

describeWithBrowser('the channels of a code on the page', () => {
  let chromium: Browser
  const servers: Server[] = []
  beforeAll(async () => { chromium = await launchBrowser() })
  afterAll(async () => {
    await chromium.close()
    for (const server of servers) server.close().closeAllConnections()
  })

  async function open(options: Partial<SmsOtpOptions>, { javaScriptEnabled = true, others = [] as readonly 'pin'[] } = {}) {
    const kit = setup(options, others)
    const server = kit.app.listen(0, '127.0.0.1')
    servers.push(server)
    await once(server, 'listening')
    const page = await chromium.newPage({ baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, javaScriptEnabled })
    await page.goto('/login')
    await page.fill('input[name=username]', 'ada')
    await page.fill('input[name=password]', 'lovelace-1815')
    await page.click('button.primary')
    return { ...kit, page }
  }
  const heading = (page: Page) => page.locator('h1').textContent()
  const enter = async (page: Page, code: string) => {
    await page.locator('input[name=code]').pressSequentially(code)
    await page.click('button.primary')
  }

  it.each([true, false])('the person has the code told by a call instead, and logs in with it (script: %s)', async (javaScriptEnabled) => {
    const { page, inbox } = await open({}, { javaScriptEnabled })
    expect(await heading(page)).toBe('Enter the code we texted you')
    expect(await page.getByRole('button').allTextContents()).toEqual(expect.arrayContaining(['Send again', 'Try WhatsApp', 'Call me instead']))
    await page.getByRole('button', { name: 'Call me instead' }).click()
    await page.getByRole('heading', { name: 'We are calling you' }).waitFor()
    expect(await page.getByRole('button').allTextContents()).toEqual(expect.arrayContaining(['Call me again', 'Text me instead', 'Try WhatsApp']))
    expect(inbox.messages).toHaveLength(2)
    await enter(page, codeOf(inbox.messages[1]!.body))
    await page.waitForURL((url) => !url.pathname.startsWith('/login'))
    expect(new Set(inbox.messages.map(({ body }) => codeOf(body))).size).toBe(1)
  })

  it('the person chooses before anything is sent, where there are other ways', async () => {
    const { page, inbox } = await open({}, { others: ['pin'] })
    expect(inbox.messages).toEqual([])
    await page.getByRole('button', { name: 'Try WhatsApp' }).click()
    await page.getByRole('heading', { name: 'Enter the code we sent you by WhatsApp' }).waitFor()
    expect(inbox.messages).toMatchObject([{ channel: 'whatsapp' }])
  })

  it('the page says by itself that the code did not arrive, and leaves what was typed', async () => {
    const { page, inbox } = await open({ expectDelivery: '20s' })
    await page.locator('input[name=code]').pressSequentially('12')
    expect(await page.locator('[data-news]').count()).toBe(0)
    inbox.report(inbox.messages[0]!, 'undelivered')
    await page.locator('[data-news]').waitFor({ timeout: 15_000 })
    expect(await page.inputValue('input[name=code]')).toBe('12')
    expect(await page.locator('#status').textContent()).toContain('It did not arrive.')
    await page.getByRole('button', { name: 'Call me instead' }).click()
    await page.getByRole('heading', { name: 'We are calling you' }).waitFor()
    inbox.report(inbox.messages[1]!)
    await page.locator('[data-watch]').waitFor({ state: 'detached', timeout: 15_000 })
  })

  it('the page has a late code go on by the next channel, each once, and says where it went', async () => {
    const { page, inbox } = await open({ expectDelivery: '1s', channelFailover: true })
    await page.getByRole('heading', { name: 'Enter the code we sent you by WhatsApp' }).waitFor({ timeout: 20_000 })
    await page.getByRole('heading', { name: 'We are calling you' }).waitFor({ timeout: 20_000 })
    expect(inbox.messages.map(({ channel = 'sms' }) => channel)).toEqual(channels)
    await enter(page, codeOf(inbox.messages[0]!.body))
    await page.waitForURL((url) => !url.pathname.startsWith('/login'))
    expect(inbox.messages).toHaveLength(3)
  }, 60_000)

  it('without a script, the page that is loaded again says how the code stands', async () => {
    const { page, inbox } = await open({ expectDelivery: '20s', channelFailover: true }, { javaScriptEnabled: false })
    inbox.report(inbox.messages[0]!, 'failed')
    await new Promise((resolve) => { setTimeout(resolve, 50) })
    await page.reload()
    expect(await heading(page)).toBe('Enter the code we sent you by WhatsApp')
    inbox.report(inbox.messages[1]!)
    await new Promise((resolve) => { setTimeout(resolve, 50) })
    await page.reload()
    expect(await page.locator('[data-news]').textContent()).toBe('It has arrived on your phone.')
  })
})
