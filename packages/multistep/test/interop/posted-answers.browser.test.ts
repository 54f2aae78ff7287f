import { generateKeyPairSync } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { deflateRawSync } from 'node:zlib'
import { Strategy as SamlStrategy } from '@node-saml/passport-saml'
import type { Strategy as PassportStrategy } from 'passport-strategy'
import type { Browser } from 'playwright-core'
import { buildApp, people, pin } from '../support/app.js'
import { describeWithBrowser, launchBrowser } from '../support/browser.js'
import { device } from '../support/factors.js'
import { listening } from '../support/network.js'
import { samlProvider } from '../support/saml-provider.js'

type AppleVerify = (req: unknown, access: string, refresh: string, idToken: string, profile: unknown, done: (error: unknown, user: unknown) => void) => void
const AppleStrategy = jest.requireActual<new (options: object, verify: AppleVerify) => PassportStrategy>('passport-apple')

/** Published strategies, unmodified, whose provider posts its answer from a page of its own. */
const published = {
  saml: (idp: string, callback: string): PassportStrategy => {
    const verify = (profile: { nameID?: string } | null, done: (error: Error | null, user?: any) => void) => done(null, people()[profile?.nameID ?? ''])
    return new SamlStrategy({
      callbackUrl: callback, entryPoint: `${idp}/sso`, issuer: samlProvider.audience, audience: samlProvider.audience, idpCert: samlProvider.key, wantAuthnResponseSigned: false,
    }, verify, verify) as never
  },
  apple: (idp: string, callback: string): PassportStrategy => new AppleStrategy({
    authorizationURL: `${idp}/authorize`, tokenURL: `${idp}/token`, clientID: 'acme', teamID: 'team', keyID: 'key', callbackURL: callback,
    privateKeyString: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  }, (_req, _access, _refresh, idToken, _profile, done) => done(null, people()[subjectOf(idToken)])),
}

type Published = keyof typeof published

const subjectOf = (token: string): string => (JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { sub: string }).sub
const tokenOf = (sub: string): string => ['{"alg":"none"}', JSON.stringify({ sub }), ''].map((part) => Buffer.from(part).toString('base64url')).join('.')

/** A site of its own: `localhost` beside the app's `127.0.0.1`. Its pages post the answer at once, each to the address that the request names. */
async function provider() {
  const answers: RequestListener = (req, res) => {
    const url = new URL(req.url ?? '/', 'http://localhost')
    if (url.pathname === '/token') return void res.setHeader('content-type', 'application/json').end(JSON.stringify({ access_token: 'a', id_token: tokenOf('ada') }))
    void answerTo(url).then(({ to, fields }) => {
      const inputs = Object.entries(fields).map(([name, value]) => `<input name="${name}" value="${value}">`).join('')
      res.setHeader('content-type', 'text/html').end(`<form method="post" action="${to}">${inputs}</form><script>HTMLFormElement.prototype.submit.call(document.forms[0])</script>`)
    })
  }
  const server = createServer(answers)
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  return { url: `http://localhost:${(server.address() as AddressInfo).port}`, close: () => { server.closeAllConnections(); server.close() } }
}

async function answerTo({ href, pathname, searchParams }: URL): Promise<{ to: string, fields: Readonly<Record<string, string>> }> {
  if (pathname === '/sso') {
    const { address, ...answer } = await samlProvider.signIn(href, 'ada')
    return { to: address, fields: 'form' in answer ? answer.form : {} }
  }
  return { to: searchParams.get('redirect_uri') ?? '', fields: { code: 'c', state: searchParams.get('state') ?? '', id_token: tokenOf('ada') } }
}

interface Case { readonly name: Published, readonly role: 'first' | 'second', readonly sameSite: 'lax' | 'strict', readonly router: boolean }

async function started({ name, role, sameSite, router }: Case) {
  const idp = await provider()
  let handler: RequestListener = () => undefined
  const site = await listening((req, res) => handler(req, res))
  const callback = `${site.url}/login/${name}/callback`
  const { app } = buildApp({
    strategies: [published[name](idp.url, callback), pin()],
    session: { cookie: { sameSite } },
    router,
    options: { steps: role === 'first' ? [name, 'pin'] : ['local', name], factors: { [name]: { redirects: true }, ...(role === 'first' ? { pin: device } : {}) }, successRedirect: '/account' },
    routes: (host, login: any) => {
      host.get('/', (_req, res) => { res.send(`<a id="away" href="/login/${name}">Away</a>`) })
      if (router) return
      if (role === 'second') host.post('/login/local', login.authenticate('local', { successRedirect: '/account' }))
      host.get(`/login/${name}`, login.authenticate(name, { successRedirect: '/account' }))
      host.post(`/login/${name}/callback`, login.authenticate(name, { successRedirect: '/account' }))
      host.get('/login', (req, res, next) => { login.progress(req).then((state: object) => res.json(state)).catch(next) })
    },
  })
  handler = app
  return { url: site.url, idp: idp.url, callback, close: async () => { await site.close(); idp.close() } }
}

const cases = (['saml', 'apple'] as const).flatMap((name) => (['first', 'second'] as const).flatMap((role) =>
  (['lax', 'strict'] as const).flatMap((sameSite) => [true, false].map((router): Case => ({ name, role, sameSite, router })))))

describeWithBrowser('An answer that another site posts to a published strategy (C-04)', () => {
  let chrome: Browser
  beforeAll(async () => { chrome = await launchBrowser() })
  afterAll(() => chrome.close())

  const visiting = async (which: Case) => {
    const site = await started(which)
    const context = await chrome.newContext()
    const page = await context.newPage()
    const state = async () => (await (await context.request.get(`${site.url}/login`, { headers: { accept: 'application/json' } })).json() as { status: string }).status
    return { ...site, page, state, close: async () => { await context.close(); await site.close() } }
  }

  it.each(cases)('the answer arrives: $name as $role factor, cookie $sameSite, with the router: $router', async (which) => {
    const { url, page, state, close } = await visiting(which)
    await page.goto(`${url}/`)
    if (which.role === 'second') await page.evaluate(() => fetch('/login/local', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ username: 'ada', password: 'lovelace-1815' }) }))
    await page.click('#away')
    await page.waitForURL(which.role === 'first' ? '**/login' : '**/account')
    expect(await state()).toBe(which.role === 'first' ? 'pending' : 'complete')
    await close()
  })

  // passport-saml takes an unsolicited response by default, and passport-apple uses no state.
  it.each(['saml', 'apple'] as const)('a browser that did not begin is not logged in, though %s itself would take the answer (C-01)', async (name) => {
    const { idp, callback, page, state, close } = await visiting({ name, role: 'first', sameSite: 'lax', router: true })
    // A begin of the stranger's own, with which the provider sends the visitor here.
    const asked = deflateRawSync(`<AuthnRequest ID="_0123456789abcdef0123" AssertionConsumerServiceURL="${callback}"/>`).toString('base64')
    await page.goto(idp + (name === 'saml' ? `/sso?SAMLRequest=${encodeURIComponent(asked)}` : `/authorize?redirect_uri=${encodeURIComponent(callback)}`))
    await page.waitForURL('**/login')
    expect(await state()).toBe('anonymous')
    await close()
  })
})
