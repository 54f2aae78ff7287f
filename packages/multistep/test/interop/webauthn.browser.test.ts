import WebAuthnStrategy, { SessionChallengeStore } from 'passport-fido2-webauthn'
import type { Browser, Page } from 'playwright-core'
import { buildApp, people, type Person } from '../support/app.js'
import { describeWithBrowser, launchBrowser } from '../support/browser.js'
import { listening } from '../support/network.js'

/** What a page of the app's own does: fetch a challenge, ask the security key, post what it says (W3C WebAuthn Level 2 §7). */
const ceremony = `
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0))
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\\+/g, '-').replace(/\\//g, '_').replace(/=/g, '')
const post = async (path, body) => (await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })).json()
async function register(id) {
  const { challenge } = await post('/key/challenge', {})
  const made = await navigator.credentials.create({ publicKey: {
    challenge: bytes(challenge), rp: { name: 'Acme' }, user: { id: new TextEncoder().encode(id), name: id, displayName: id }, pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
  } })
  return post('/key/register', { id: made.id, response: { clientDataJSON: text(made.response.clientDataJSON), attestationObject: text(made.response.attestationObject) } })
}
async function prove(id) {
  const { challenge } = await post('/key/challenge', {})
  const { response } = await navigator.credentials.get({ publicKey: { challenge: bytes(challenge), allowCredentials: [{ type: 'public-key', id: bytes(id) }] } })
  const proof = { id, response: { clientDataJSON: text(response.clientDataJSON), authenticatorData: text(response.authenticatorData), signature: text(response.signature) } }
  return { proof, answer: await post('/login/webauthn', proof) }
}
`

async function setup() {
  const users = people()
  const keys = new Map<string, { owner: string, publicKey: string }>()
  const challenges = new SessionChallengeStore()
  const strategy = new WebAuthnStrategy({ store: challenges },
    (id, _handle, done) => {
      const key = keys.get(id)
      done(null, key && Object.values(users).find((user) => user.id === key.owner), key?.publicKey)
    },
    (_user, id, publicKey, done) => {
      keys.set(id, { owner: 'u1', publicKey })
      done(null, users.ada)
    })
  const { app } = buildApp({
    users,
    strategies: [strategy as never],
    options: {
      steps: ['local', 'webauthn'],
      factors: { webauthn: { page: '/key', enrolled: (user) => [...keys.values()].some(({ owner }) => owner === (user as Person).id) } },
    },
    routes: (host, login) => {
      host.get('/key', (_req, res) => { res.type('html').send(`<!doctype html><title>Key</title><script>${ceremony}</script>`) })
      // Between the steps `req.user` is nobody; who is pending, multistep says.
      host.post('/key/challenge', async (req, res, next) => {
        const { user } = await login.progress(req)
        const info = user ? { user: { id: Buffer.from((user as Person).id) } } : {}
        challenges.challenge(req, info, (error, challenge) => (error ? next(error) : res.json({ challenge: challenge.toString('base64url') })))
      })
      // An app registers keys where it likes; here before anybody is logged in, for the test's sake.
      host.post('/key/register', (req, res, next) => {
        const actions = { success: () => res.json({ registered: true }), fail: () => res.status(400).json({}), error: next }
        Object.assign(Object.create(strategy) as typeof strategy, actions).authenticate(req)
      })
      host.get('/evidence', login.require(), (req, res) => { res.json(login.evidence(req)) })
    },
  })
  const server = await listening(app)
  return { ...server, url: server.url.replace('127.0.0.1', 'localhost'), keys }
}

describeWithBrowser('passport-fido2-webauthn, unmodified, with Chromium\'s virtual security key', () => {
  let browser: Browser
  let site: Awaited<ReturnType<typeof setup>>
  let page: Page
  beforeAll(async () => { browser = await launchBrowser() })
  afterAll(() => browser.close())
  beforeEach(async () => {
    site = await setup()
    page = await (await browser.newContext()).newPage()
    const session = await page.context().newCDPSession(page)
    await session.send('WebAuthn.enable')
    await session.send('WebAuthn.addVirtualAuthenticator', {
      options: { protocol: 'ctap2', transport: 'usb', hasResidentKey: false, hasUserVerification: false, automaticPresenceSimulation: true },
    })
    await page.goto(`${site.url}/key`)
    await page.evaluate('register("u1")')
  })
  afterEach(async () => {
    await page.context().close()
    await site.close()
  })
  const post = (path: string, body: object) => page.evaluate(([to, data]) => fetch(to, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(data) })
    .then(async (response) => ({ status: response.status, body: await response.json() })), [path, body] as const)
  const who = () => page.evaluate(() => fetch('/who').then((response) => response.json()))
  const prove = () => page.evaluate<{ proof: object, answer: unknown }>(`prove("${[...site.keys.keys()][0]}")`)

  it('the key of the pending user completes the login as a second factor', async () => {
    await post('/login/local', { username: 'ada', password: 'lovelace-1815' })
    expect(await who()).toMatchObject({ authenticated: false })
    expect((await prove()).answer).toMatchObject({ status: 'complete', amr: ['pwd', 'hwk', 'mfa'] })
    expect(await who()).toMatchObject({ authenticated: true, user: 'u1' })
    expect(await page.evaluate(() => fetch('/evidence').then((response) => response.json()))).toEqual([
      expect.objectContaining({ factor: 'local', kind: 'knowledge' }), expect.objectContaining({ factor: 'webauthn', kind: 'possession', channel: 'webauthn' }),
    ])
  })

  it('an assertion of the key is taken once', async () => {
    await post('/login/local', { username: 'ada', password: 'lovelace-1815' })
    const { proof } = await prove()
    await post('/logout', {})
    await post('/login/local', { username: 'ada', password: 'lovelace-1815' })
    expect((await post('/login/webauthn', proof)).status).toBe(403)
    expect(await who()).toMatchObject({ authenticated: false })
  })

  it('a user without a key, and a key of another user, are refused (F-22)', async () => {
    await post('/login/local', { username: 'alan', password: 'turing-1912' })
    expect((await prove()).answer).toMatchObject({ code: 'factor_not_enrolled' })
    site.keys.set('another', { owner: 'u3', publicKey: '' })
    expect((await prove()).answer).toMatchObject({ code: 'person_mismatch' })
    expect(await who()).toMatchObject({ authenticated: false })
  })

  it('what is no assertion at all breaks the step, and logs no user in and hangs no request', async () => {
    await post('/login/local', { username: 'ada', password: 'lovelace-1815' })
    for (const body of [{}, { response: null }, { response: { clientDataJSON: 'e30' } }, { response: { clientDataJSON: 7 } }]) {
      expect((await post('/login/webauthn', body)).status).toBeGreaterThanOrEqual(400)
    }
    expect((await prove()).answer).toMatchObject({ status: 'complete' })
  })
})
