import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chromium, type Browser } from 'playwright-core'
import { installWallet, type PresentationRequest, type Simulator } from 'mobileconnect-simulator'
import { ada, bob, call, post, purpose, registered, signed, startCamara } from '../support/camara-client.js'

const executablePath = '/usr/bin/chromium'
const describeWithBrowser = existsSync(executablePath) || process.env.CI === 'true' ? describe : describe.skip
const scope = 'number-verification:device-phone-number:read'
const origin = 'http://127.0.0.1:3000'

let sim: Simulator
beforeAll(async () => { sim = await startCamara() })
afterAll(() => sim.close())

let last = 0
const newNonce = () => `nonce-of-a-transaction-${last += 1}`

/** What the app's server asks the aggregator for, and wraps for its page. */
async function requestOf(nonce = newNonce(), { at = sim, asked = scope, claims = {} }: { at?: Simulator, asked?: string, claims?: object } = {}) {
  const { issuer } = at.camara
  const response = await fetch(`${issuer}/openid4vp/credentials`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await signed(at, { aud: `${issuer}/openid4vp/credentials`, ...claims })}` },
    body: JSON.stringify({ scope: `openid ${purpose} ${asked}`, lang: 'en', nonce }),
  })
  const credential = await response.json() as any
  const data = { response_type: 'vp_token', response_mode: 'dc_api', nonce, dcql_query: { credentials: [credential] } }
  return { status: response.status, credential, request: { protocol: 'openid4vp-v1-unsigned', data } as PresentationRequest }
}

const exchange = async (token: string, { at = sim, asked = scope }: { at?: Simulator, asked?: string } = {}) => post(at, '/token', {
  grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', client_assertion: undefined, client_assertion_type: undefined,
  assertion: await signed(at, { sub: `vp_token:${token}`, scope: `${purpose} ${asked}` }),
})
const refused = { status: 400, body: { error: 'invalid_grant' } }
const presented = async (msisdn: string, { request, credential }: Awaited<ReturnType<typeof requestOf>>, at = sim) =>
  (await at.handset(msisdn).present(request, { origin })).data.vp_token[credential.id]![0]!

describe('The wallet of a handset', () => {
  it('the wallet of a handset presents an operator token over Wi-Fi, and the API says whose SIM it is', async () => {
    const { body } = await exchange(await presented(ada, await requestOf()))
    expect((await call(sim, '/number-verification/v2/device-phone-number', { token: body.access_token })).body).toEqual({ devicePhoneNumber: ada })
  })

  it('an operator token of a wallet is worth something once, and with its own nonce alone', async () => {
    const token = await presented(ada, await requestOf())
    expect((await exchange(token)).status).toBe(200)
    expect(await exchange(token)).toMatchObject(refused)
    const asked = await requestOf()
    const foreign = { ...asked, request: { ...asked.request, data: { ...asked.request.data, nonce: 'nonce-that-nobody-asked-with' } } }
    expect(await exchange(await presented(ada, foreign))).toMatchObject(refused)
  })

  it('operator tokens of a wallet cannot be put together from two, or read for another scope', async () => {
    const [first, second] = [await presented(ada, await requestOf()), await presented(bob, await requestOf())]
    expect(await exchange(`${first.split('~')[0]!}~${second.split('~')[1]!}`)).toMatchObject(refused)
    expect(await exchange(first, { asked: 'number-verification:verify' })).toMatchObject(refused)
    expect(await exchange('no~token')).toMatchObject(refused)
    expect(first).not.toContain(ada.slice(1))
  })

  it('the wallet of a handset presents no SIM when another number is asked for', async () => {
    const { request } = await requestOf(newNonce(), { asked: 'number-verification:verify' })
    const [credential] = request.data.dcql_query!.credentials!
    const data = { ...request.data, dcql_query: { credentials: [{ ...credential!, claims: [{ path: ['phone_number_hint'], values: [bob] }] }] } }
    await expect(sim.handset(ada).present({ ...request, data }, { origin })).rejects.toMatchObject({ code: 'sim_missing' })
    expect(await sim.handset(bob).present({ ...request, data }, { origin })).toMatchObject({ protocol: request.protocol })
    await expect(sim.handset(ada).present({ protocol: 'openid4vp', data }, { origin })).rejects.toMatchObject({ code: 'value_unknown' })
  })

  it('the wallet of a handset presents to the pages of the client whose addresses are registered', async () => {
    const at = await startCamara({ clients: [{ ...await registered(), redirectUris: ['https://app.example/callback'] }] })
    expect(await exchange(await presented(ada, await requestOf(newNonce(), { at }), at), { at })).toMatchObject(refused)
    const { request, credential } = await requestOf(newNonce(), { at })
    const { data } = await at.handset(ada).present(request, { origin: 'https://app.example' })
    expect((await exchange(data.vp_token[credential.id]![0]!, { at })).status).toBe(200)
    await at.close()
  })
})

describe('The aggregator', () => {
  it('the aggregator asks for a credential for a nonce once, and for what a wallet vouches for', async () => {
    const nonce = newNonce()
    expect([(await requestOf(nonce)).status, (await requestOf(nonce)).status]).toEqual([200, 400])
    expect((await requestOf('short')).status).toBe(400)
    expect((await requestOf(newNonce(), { asked: 'sim-swap' })).credential).toMatchObject({ error: 'invalid_scope' })
    expect((await requestOf(newNonce(), { claims: { aud: 'https://another.example' } })).status).toBe(401)
  })

  it('the aggregator says that a carrier is not supported, when it is told to', async () => {
    sim.camara.fail('credentials', { error: 'carrier_not_supported', times: 1 })
    expect((await requestOf()).credential).toMatchObject({ error: 'carrier_not_supported' })
    expect((await requestOf()).status).toBe(200)
  })
})

describeWithBrowser('The wallet in Chromium', () => {
  let browser: Browser
  let app: Server
  let url: string
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath })
    app = createServer((_req, res) => res.setHeader('content-security-policy', 'default-src \'none\'').end('<title>app</title>'))
    await new Promise<void>((resolve) => { app.listen(0, '127.0.0.1', resolve) })
    url = `http://127.0.0.1:${(app.address() as AddressInfo).port}/`
  })
  afterAll(async () => {
    await browser.close()
    await new Promise((resolve) => { app.close(resolve).closeAllConnections() })
  })

  const ask = async (consent: 'given' | 'refused') => {
    const page = await browser.newPage()
    await installWallet(page, sim.handset(ada), { consent })
    await page.goto(url)
    const { request, credential } = await requestOf()
    const answer = await page.evaluate(async (given) => {
      try {
        const { data } = await (globalThis as any).navigator.credentials.get({ digital: { requests: [given] } })
        return data
      } catch (error) {
        return (error as Error).name
      }
    }, request)
    await page.close()
    return { answer, id: credential.id as string }
  }

  it('the wallet in Chromium answers navigator.credentials.get with the operator token of the handset', async () => {
    const { answer, id } = await ask('given')
    const { body } = await exchange(answer.vp_token[id][0])
    expect((await call(sim, '/number-verification/v2/device-phone-number', { token: body.access_token })).body).toEqual({ devicePhoneNumber: ada })
  })

  it('the wallet in Chromium answers NotAllowedError when the person refuses', async () => {
    expect((await ask('refused')).answer).toBe('NotAllowedError')
  })
})
