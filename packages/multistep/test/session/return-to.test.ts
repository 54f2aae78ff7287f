import { ensureLoggedIn } from 'connect-ensure-login'
import { Router } from 'express'
import { anyOf } from '../../src/index.js'
import { localPath, returnPath } from '../../src/lib/local-path.js'
import { MemoryRecoveryCodeStore, RecoveryCodeStrategy } from '../../src/recovery-codes.js'
import { MemoryTotpKeyStore, TotpSetUp } from '../../src/totp.js'
import { browser, buildApp, pin, type Setup } from '../support/app.js'
import { device } from '../support/factors.js'
import { describeWithBackends, type Backend } from '../support/stores.js'

const right = { username: 'ada', password: 'lovelace-1815' }

/** W-01, W-04, W-07: what must never be followed. */
const evil: unknown[] = [
  'https://evil.example', 'http:/evil.example', 'http:evil.example', '//evil.example', '///evil.example', '/\\evil.example', '\\\\evil.example', '\\/evil.example', '/\\/evil.example',
  '/%09/evil.example', '/\t/evil.example', '/%5cevil.example', '/%5Cevil.example', '/%2fevil.example', '/%2Fevil.example', '/%252fevil.example', '/%255cevil.example', '/%00', '/%0d%0aSet-Cookie:x=1', '/\r\nSet-Cookie: x=1',
  'javascript:alert(1)', 'data:text/html,x', 'evil.example', '', ' /a', '/ evil', '/.//evil.example', '/..//evil.example', '/a/..//evil.example', '/%2e//evil.example', '/a//b',
  '/@evil.example', '/%40evil.example', '/user:pass@evil.example', '/%', '/%zz', '/é', `/\u200b`, '/\u2028', `/${'a'.repeat(100_000)}`,
  ['/a'], { toString: () => '/a' }, { path: '/a' }, 17, null, undefined, true,
]

const good = ['/', '/a', '/a/b/', '/a?x=//b#c', '/a?next=https://evil.example', '/a#//evil', '/a?x=%2f%5c%00@', '/a%20b', '/%C3%A9', '/a/../b', '/a.b~c-d_e', '/a;b=c', '/?x', '/a:b', '/a?x=\\y']

describe('a local path', () => {
  it.each(evil.map((value) => [value]))('localPath() refuses %j (W-01, W-04 at router, W-07 at router)', (value) => {
    expect(localPath(value)).toBeUndefined()
    expect(returnPath(value, '/login')).toBeUndefined()
  })

  it.each(good)('localPath() gives %j back as it stands (W-02)', (value) => {
    expect(localPath(value)).toBe(value)
    expect(returnPath(value, '/login')).toBe(value)
    expect(new URL(value, 'https://app.example').origin).toBe('https://app.example')
  })
})

describe('a path to return to', () => {
  it.each(['/login', '/login/', '/login/local', '/LOGIN', '/Login/Cancel', '/login?x', '/login#x', '/x/../login', '/./login/cancel', '/x/%2e%2e/login/local', '/%6cogin', '/%6Cogin/cancel'])('a path to return to cannot be %j, which is below loginPath', (value) => {
    expect(returnPath(value, '/login')).toBeUndefined()
  })

  it.each(['/loginx', '/logins/a', '/a/login', '/login-help', '/?/login', '/%FF/a'])('a path to return to can be %j, which is beside loginPath', (value) => {
    expect(returnPath(value, '/login')).toBe(value)
  })
})

const built = (more: Partial<Setup<'local' | 'pin'>> = {}, options: object = {}) => {
  const { app } = buildApp({
    strategies: [pin()],
    ...more,
    options: { steps: ['local', 'pin'], factors: { pin: device }, successRedirect: '/home', ...options },
  })
  return browser(app)
}

/** Where a whole login in a browser ends. */
async function end(ada: ReturnType<typeof browser>) {
  await ada.form('/login/local', right)
  return (await ada.form('/login/pin', { code: '246810' })).headers.location
}

describe('GET loginPath?returnTo=…', () => {
  it.each(good)('a login that began with ?returnTo=… ends at %j (R-54 at router, W-02 at router)', async (path) => {
    const ada = built()
    expect((await ada.agent.get('/login').query({ returnTo: path })).body.returnTo).toBe(path)
    expect(await end(ada)).toBe(path)
  })

  it.each(evil.filter((value) => typeof value === 'string' && value.length < 5000).map(String))('a login does not end at %j, where ?returnTo=… names it (W-01 at router)', async (path) => {
    const ada = built()
    expect((await ada.agent.get('/login').query({ returnTo: path })).body.returnTo).toBeUndefined()
    expect(await end(ada)).toBe('/home')
  })

  it.each(['returnTo=/a&returnTo=/b', 'returnTo[]=/a', 'returnTo[x]=/a', `returnTo=/${'a'.repeat(9000)}`])('a login does not end where the query %.30s says (W-04)', async (query) => {
    const ada = built()
    await ada.get(`/login?${query}`)
    expect(await end(ada)).toBe('/home')
  })

  it('a bad ?returnTo=… makes no session', async () => {
    const { headers } = await built().get('/login?returnTo=//evil.example')
    expect(JSON.stringify(headers['set-cookie'])).not.toContain('connect.sid')
  })

  it('a bad ?returnTo=… leaves the page that was asked for before', async () => {
    const ada = built()
    await ada.get('/login?returnTo=/a')
    await ada.get('/login?returnTo=//evil.example')
    expect(await end(ada)).toBe('/a')
  })

  it('a login page of the app reads the page to return to from progress(req)', async () => {
    const ada = built({ routes: (app, login) => app.get('/own', async (req, res) => res.json(await login.progress(req as any))) })
    expect((await ada.get('/own?returnTo=/a')).body.returnTo).toBe('/a')
  })
})

describe('a post', () => {
  it('a post of a factor cannot say where the login ends (W-08 at router)', async () => {
    const ada = built()
    await ada.form('/login/local?returnTo=/q', { ...right, returnTo: '/b' })
    const response = await ada.form('/login/pin?returnTo=/q', { code: '246810', returnTo: '/b', state: '/s' })
    expect(response.headers.location).toBe('/home')
  })
})

describe('the guard', () => {
  it('the guard brings a browser back to the page it asked for, with its query, after the login', async () => {
    const ada = built()
    expect((await ada.page('/account?tab=2')).headers.location).toBe('/login')
    expect(await end(ada)).toBe('/account?tab=2')
  })

  it.each(['/account//x', '/account/%5cevil', '/account/@evil'])('the guard does not return a browser to %s after the login', async (path) => {
    const ada = built({ routes: (app, login) => app.get(/^\/account/, login.require() as any) })
    expect((await ada.page(path)).status).toBe(303)
    expect(await end(ada)).toBe('/home')
  })

  it.each(['post', 'head', 'put'] as const)('the guard keeps no page to return to for the method %s', async (method) => {
    const ada = built({ routes: (app, login) => app.all('/guarded', login.require() as any) })
    const response = await ada.agent[method]('/guarded').set('Accept', 'text/html')
    expect([response.status, response.headers.location]).toEqual([303, '/login'])
    expect(await end(ada)).toBe('/home')
  })

  it('the guard keeps no page to return to for a JSON client', async () => {
    const ada = built()
    await ada.get('/account')
    expect(await end(ada)).toBe('/home')
  })

  it('the guard keeps no page to return to that is below loginPath', async () => {
    const ada = built({ router: false, routes: (app, login) => {
      app.get('/login/devices', login.require() as any)
      app.use('/login', login.router() as any)
    } })
    expect((await ada.page('/login/devices')).headers.location).toBe('/login')
    expect(await end(ada)).toBe('/home')
  })

  it.each(['/login/devices', '/login/recovery-codes', '/login/pin/set-up'])('a login that began at %s ends there: it is a page of the account', async (page) => {
    const { app } = buildApp({
      strategies: [pin(), new RecoveryCodeStrategy({ store: new MemoryRecoveryCodeStore() }) as never],
      options: {
        steps: ['local', anyOf('pin', 'recovery-code')], remember: { skips: ['pin'], fingerprint: () => 'v1' }, successRedirect: '/home',
        factors: { pin: { ...device, setUp: new TotpSetUp({ store: new MemoryTotpKeyStore(), issuer: 'Acme' }) }, 'recovery-code': { enrolled: () => true } },
      },
    })
    const ada = browser(app)
    expect((await ada.page(page)).headers.location).toBe('/login')
    expect(await end(ada)).toBe(page)
    await ada.page(page).expect(200)
  })

  it('the guard forgets the page to return to once the login is complete', async () => {
    const ada = built()
    await ada.page('/account')
    await end(ada)
    await ada.form('/logout')
    expect(await end(ada)).toBe('/home')
  })
})

describe('publicPath', () => {
  it('publicPath stands in front of loginPath and of the page returned to, behind a proxy that strips it', async () => {
    const ada = built({}, { publicPath: '/app' })
    expect((await ada.page('/account')).headers.location).toBe('/app/login')
    expect((await ada.form('/login/local', right)).headers.location).toBe('/app/login')
    expect((await ada.form('/login/pin', { code: '246810' })).headers.location).toBe('/app/account')
  })

  it('publicPath stands in front of the router\'s successRedirect and of a factor\'s page', async () => {
    const ada = built({}, { publicPath: '/app', factors: { pin: { ...device, page: '/pin' } } })
    expect((await ada.form('/login/local', right)).headers.location).toBe('/app/pin')
    expect((await ada.form('/login/pin', { code: '246810' })).headers.location).toBe('/app/home')
  })

  it.each(['//evil', 'https://app.example', '/a?b', '', '/'])('the options publicPath and loginPath cannot be %j', (path) => {
    expect(() => built({}, { publicPath: path })).toThrow(/publicPath is a path/)
    expect(() => built({}, { loginPath: path })).toThrow(/loginPath is a path/)
  })
})

describe('connect-ensure-login', () => {
  const legacy = (returnTo?: string) => built({ routes: (app) => {
    app.get('/legacy', ensureLoggedIn('/login'), (_req, res) => { res.send('in') })
    app.get('/plant', (req, res) => {
      (req.session as any).returnTo = returnTo
      res.end()
    })
  } })

  it('connect-ensure-login lets the browser in and back to the page it guards only after the last step (F-01)', async () => {
    const ada = legacy()
    expect((await ada.page('/legacy?x=1')).headers.location).toBe('/login')
    await ada.form('/login/local', right)
    expect((await ada.page('/legacy?x=1')).status).toBe(302)
    expect((await ada.form('/login/pin', { code: '246810' })).headers.location).toBe('/legacy?x=1')
    expect((await ada.page('/legacy')).text).toBe('in')
  })

  it.each(['https://evil.example', '//evil.example', '/login/cancel', '/x/../login'])('connect-ensure-login\'s returnTo does not bring the browser to %s', async (returnTo) => {
    const ada = legacy(returnTo)
    await ada.get('/plant')
    expect(await end(ada)).toBe('/home')
  })
})

/** What browsers say of requests that no person navigates with (Fetch Metadata). */
const besides: [string, Record<string, string>][] = [
  ['a prefetch', { 'Sec-Purpose': 'prefetch', 'Sec-Fetch-Dest': 'document', 'Sec-Fetch-Mode': 'navigate' }],
  ['a prerender', { 'Sec-Purpose': 'prefetch;prerender', 'Sec-Fetch-Dest': 'document', 'Sec-Fetch-Mode': 'navigate' }],
  ['a prefetch of an older browser', { Purpose: 'prefetch' }],
  ['a frame', { 'Sec-Fetch-Dest': 'iframe', 'Sec-Fetch-Mode': 'navigate' }],
  ['an object', { 'Sec-Fetch-Dest': 'object', 'Sec-Fetch-Mode': 'navigate' }],
  ['a script\'s request for a part of a page', { 'Sec-Fetch-Dest': 'empty', 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Site': 'same-origin' }],
  ['a picture of another site', { 'Sec-Fetch-Dest': 'image', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Site': 'cross-site' }],
]

describeWithBackends('the page first asked for', (create) => {
  let backend: Backend
  beforeEach(async () => { backend = await create() })
  afterEach(async () => { await backend.close() })

  it.each(besides)('the page first asked for is not replaced by %s, at a guard and by ?returnTo= (K-03 at require and router)', async (_, headers) => {
    const ada = built({ session: { store: backend.sessions }, routes: (app, login) => { app.get('/widget', login.require() as never) } }, { store: backend.flows })
    await ada.page('/account').set({ 'Sec-Fetch-Dest': 'document', 'Sec-Fetch-Mode': 'navigate' })
    expect((await ada.page('/widget').set(headers)).headers.location).toBe('/login')
    await ada.page('/login?returnTo=/widget').set(headers)
    expect(await end(ada)).toBe('/account')
  })

  it('a step-up is opened by no frame of another site and by no prefetch, and by a page that the user opens (K-05 at require)', async () => {
    const ada = built({ session: { store: backend.sessions }, routes: (app, login) => {
      app.get('/admin', login.require({ factors: 'pin', maxAge: '5m', bind: (req) => ({ x: String(req.query.x) }) }) as never)
    } }, { store: backend.flows })
    await end(ada)
    const framed = await ada.page('/admin?x=0').set({ 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Dest': 'iframe', 'Sec-Fetch-Mode': 'navigate' })
    expect([framed.status, framed.headers.location]).toEqual([403, undefined])
    expect((await ada.get('/admin?x=0').set({ 'Sec-Purpose': 'prefetch' })).body.requirement).toBeUndefined()
    const { id } = (await ada.get('/admin?x=1')).body.requirement as { id: string }
    expect((await ada.get('/login?for=' + id)).body.status).toBe('step-up')
  })

  it('the page to return to is replaced by the next page that the user opens, and by one that a script of this app names (K-03)', async () => {
    const ada = built({ session: { store: backend.sessions } }, { store: backend.flows })
    await ada.page('/account')
    await ada.page('/login?returnTo=/b').set({ 'Sec-Fetch-Dest': 'document', 'Sec-Fetch-Mode': 'navigate' })
    await ada.get('/login?returnTo=/c').set({ 'Sec-Fetch-Dest': 'empty', 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Site': 'same-origin' })
    await ada.get('/login?returnTo=/d').set({ 'Sec-Fetch-Dest': 'empty', 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Site': 'cross-site' })
    expect(await end(ada)).toBe('/c')
  })
})

describe('where a login ends', () => {
  const mounted = () => built({ routes: (app, login) => {
    const inner = Router()
    inner.all('/leave', login.logout() as never)
    app.use('/deep', inner)
    app.use('/away', login.cancel() as never)
    app.post('/orders', (_req, res) => { res.end() })
    app.get('/both', (_req, res) => { res.end() })
    app.post('/both', (_req, res) => { res.end() })
  } })

  it.each(['/deep/leave', '/deep/leave/?x', '/Deep/Leave', '/away', '/away/x', '/orders', '/logout', '/users/sign_out', '/auth/log-off.php', '/signout?next=/a'])(
    'a login never ends at %s, which logs out or takes no GET (K-04 at router)', async (path) => {
      const ada = mounted()
      await ada.page('/login').query({ returnTo: path })
      expect(await end(ada)).toBe('/home')
    })

  it.each(['/both', '/account', '/nowhere-that-routes-know', '/deep/other', '/logout-help'])('a login can end at %s (K-04)', async (path) => {
    const ada = mounted()
    await ada.page('/login').query({ returnTo: path })
    expect(await end(ada)).toBe(path)
  })
})
