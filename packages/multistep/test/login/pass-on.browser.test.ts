import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { browser as agentOf, buildApp, people, pin, Scripted } from '../support/app.js'
import { describeWithBrowser, launchBrowser } from '../support/browser.js'
import { device } from '../support/factors.js'
import { listening } from '../support/network.js'

/** In the manner of passport-saml: a request with an id, and an answer by a form that the other site posts. */
const saml = (idp: () => string) => new Scripted('saml', function (req) {
  const users = people()
  if (req.body?.SAMLResponse) return this.success(users[/>(\w+)</.exec(Buffer.from(req.body.SAMLResponse, 'base64').toString())?.[1] ?? ''])
  const request = `<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_${'0123456789abcdef'.repeat(2)}"/>`
  this.redirect(`${idp()}/sso?SAMLRequest=${encodeURIComponent(deflateRawSync(request).toString('base64'))}`)
})

/** A site of its own: `localhost` beside the app's `127.0.0.1`. It posts the answer back at once. */
async function provider(callback: () => string) {
  const server = createServer((req, res) => {
    res.setHeader('content-type', 'text/html')
    const message = new URL(req.url ?? '/', 'http://x').searchParams.get('SAMLRequest')
    if (message === null) return void res.end()
    const [, id] = /ID="([^"]+)"/.exec(inflateRawSync(Buffer.from(message, 'base64')).toString())!
    const response = Buffer.from(`<samlp:Response InResponseTo="${id}">ada</samlp:Response>`).toString('base64')
    res.end(`<form method="post" action="${callback()}"><input name="SAMLResponse" value="${response}"><input name="submit" value="&quot;><script>document.title='run'</script>"></form><script>HTMLFormElement.prototype.submit.call(document.forms[0])</script>`)
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  return { url: `http://localhost:${(server.address() as AddressInfo).port}`, close: () => { server.closeAllConnections(); server.close() } }
}

function built(first: boolean, sameSite: 'lax' | 'strict', idp: () => string, router: boolean) {
  return buildApp({
    strategies: [saml(idp), pin()],
    session: { saveUninitialized: true, cookie: { sameSite } },
    router,
    options: { steps: first ? ['saml', 'pin'] : ['local', 'saml'], factors: { saml: { redirects: true }, ...(first ? { pin: device } : {}) }, successRedirect: '/account' },
    routes: (host, login: any) => {
      host.get('/', (_req, res) => { res.send('<a id="away" href="/login/saml">Away</a>') })
      if (router) return
      if (!first) host.post('/login/local', login.authenticate('local', { successRedirect: '/account' }))
      host.get('/login/saml', login.authenticate('saml', { successRedirect: '/account' }))
      host.post('/login/saml/callback', login.authenticate('saml', { successRedirect: '/account' }))
      host.get('/login', (req, res, next) => { login.progress(req).then((state: object) => res.json(state)).catch(next) })
    },
  })
}

describeWithBrowser('An answer that another site posts (C-04)', () => {
  let chrome: Browser
  beforeAll(async () => { chrome = await launchBrowser() })
  afterAll(() => chrome.close())

  it.each([
    ['first', 'lax', true], ['first', 'strict', true], ['second', 'lax', true], ['second', 'strict', true], ['second', 'lax', false], ['first', 'strict', false],
  ] as const)('the answer arrives as %s factor with a cookie that is %s, at the router: %s', async (role, sameSite, router) => {
    const idp = await provider(() => `${site.url}/login/saml/callback`)
    const { app } = built(role === 'first', sameSite, () => idp.url, router)
    const site = await listening(app)
    const page = await (await chrome.newContext()).newPage()
    await page.goto(`${site.url}/`)
    if (role === 'second') await page.evaluate(() => fetch('/login/local', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ username: 'ada', password: 'lovelace-1815' }) }))
    await page.click('#away')
    await page.waitForURL(role === 'first' ? '**/login' : '**/account')
    expect(await page.title()).not.toBe('run')
    const state = await (await page.context().request.get(`${site.url}/login`, { headers: { accept: 'application/json' } })).json() as { status: string }
    expect(state.status).toBe(role === 'first' ? 'pending' : 'complete')
    await site.close()
    idp.close()
  })
})

describe('An answer without the session (C-04 at router)', () => {
  const site = () => agentOf(built(true, 'lax', () => 'https://idp.example', true).app)
  const posted = (fields: object, headers: Record<string, string> = {}) =>
    site().agent.post('/login/saml/callback').set({ Accept: 'text/html', 'Sec-Fetch-Site': 'cross-site', ...headers }).type('form').send(fields)

  it('an answer without the session is passed on with its fields escaped, no script but our own, and no cookie', async () => {
    const { status, text, headers } = await posted({ SAMLResponse: 'x', 'a"><b>': '</form><script>alert(1)</script>' })
    expect(status).toBe(200)
    expect(text).not.toContain('<script>alert')
    expect(text).not.toContain('<b>')
    expect(text).toContain('<button type="submit"')
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*script-src 'self' 'sha256-[\w+/=]+'; .*form-action 'self'/)
    expect(headers['content-security-policy']).not.toContain('unsafe')
    expect(headers['set-cookie']).toBeUndefined()
  })

  it.each([
    ['once', { SAMLResponse: 'x', 'multistep-passed-on': '1' }, {}],
    ['from a page of this app not at all', { SAMLResponse: 'x' }, { 'Sec-Fetch-Site': 'same-origin' }],
    ['to no program', { SAMLResponse: 'x' }, { Accept: 'application/json' }],
    ['not with more than an answer holds', { SAMLResponse: 'x', ...Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`f${index}`, '1'])) }, {}],
    ['not with what is no text', { SAMLResponse: 'x', 'other[]': ['1', '2'] }, {}],
  ] as [string, object, Record<string, string>][])('an answer without the session is passed on %s', async (_title, fields, headers) => {
    const { status, text } = await posted(fields, headers)
    expect([303, 401]).toContain(status)
    expect(text).not.toContain('<form')
  })

  it('an answer is passed on for no other path: not for a factor that does not leave, and not where one begins', async () => {
    for (const path of ['/login/pin', '/login/saml', '/login/cancel']) {
      const { status, text } = await site().agent.post(path).set({ Accept: 'text/html', 'Sec-Fetch-Site': 'cross-site' }).type('form').send({ SAMLResponse: 'x', code: '246810' })
      expect([status, text.includes('name="SAMLResponse"')]).toEqual([403, false])
    }
  })
})
