import { createConnection } from 'node:net'
import type { Express } from 'express'
import type { Multistep } from '../../src/index.js'
import { browser, buildApp, people, pin, Scripted } from '../support/app.js'
import { away, device, operator, stateIn } from '../support/factors.js'
import { listening } from '../support/network.js'

const steps = { options: { steps: ['local', 'operator'], factors: { operator: { redirects: true } } } } as const

function site(router = true) {
  const strategy = operator()
  const { app } = buildApp({
    strategies: [strategy],
    ...steps,
    router,
    routes: (host: Express, login: Multistep) => {
      if (router) return
      host.post('/login/local', login.authenticate('local', { successRedirect: '/' }) as never)
      host.get('/away', login.authenticate('operator', { successRedirect: '/' }) as never)
    },
  })
  return { strategy, app, ada: browser(app), path: router ? '/login/operator' : '/away' }
}

const foreign = [
  ['another site', { 'Sec-Fetch-Site': 'cross-site' }],
  ['a sister site', { 'Sec-Fetch-Site': 'same-site' }],
  ['nowhere, as an old browser has it', {}],
  ['another site, as an old browser has it', { Referer: 'https://evil.example/login' }],
  ['a page that came over http, on a site with https', { Referer: 'http://127.0.0.1/login', 'X-Forwarded-Proto': 'https' }],
  ['a host that begins like this one', { Referer: 'http://127.0.0.1.evil.example/' }],
] as [string, Record<string, string>][]

const own = [
  ['a page of this app', { 'Sec-Fetch-Site': 'same-origin' }],
  ['the address bar', { 'Sec-Fetch-Site': 'none' }],
  ['a page of this app, as an old browser has it', { Referer: 'http://acme.example/login', Host: 'acme.example' }],
] as [string, Record<string, string>][]

describe.each([['the router', true], ['a route mounted by hand', false]])('A GET that begins elsewhere, at %s (C-02 at router and hand-mounted)', (_, router) => {
  it.each(foreign)('a GET that begins from %s is answered with a button, and leaves for no other site', async (_title, headers) => {
    const { ada, path, strategy } = site(router)
    await ada.password()
    const { status, text, headers: answered } = await ada.page(path).set(headers)
    expect([status, answered.location, strategy.runs]).toEqual([200, undefined, 0])
    expect(text).toContain('Continue with operator')
    expect(answered['content-security-policy']).toContain('script-src \'self\';')
    expect((await ada.get(path).set(headers)).body).toMatchObject({ code: 'cross_site', status: 403 })
  })

  it.each(own)('a GET that begins from %s leaves at once', async (_title, headers) => {
    const { ada, path } = site(router)
    await ada.password()
    const { status, headers: answered } = await ada.page(path).set(headers)
    expect([status, answered.location]).toEqual([303, expect.stringMatching(away)])
  })
})

it('the button of the router posts, even in a browser that does not say where it comes from (C-02)', async () => {
  const { ada, path } = site()
  await ada.password()
  const { text } = await ada.page(`${path}?for=abc`).set('Sec-Fetch-Site', 'cross-site')
  expect(text).toMatch(/<form method="post">\s*<input type="hidden" name="for" value="abc">/)
  const [, token] = /name="_csrf" value="([^"]+)"/.exec(text)!
  const begun = await ada.agent.post(path).set('Accept', 'text/html').type('form').send({ _csrf: token })
  expect(begun.text).toMatch(/href="https:\/\/operator\.example\/authorize\?state=/)
})

it('the button of a route mounted by hand is a link, because the app may have no route for a POST (C-02)', async () => {
  const { ada } = site(false)
  await ada.password()
  expect((await ada.page('/away').set('Sec-Fetch-Site', 'cross-site')).text).toContain('<a class="primary" href="?">')
})

it.each([
  ['GET', '/login/operator?hint=x'], ['GET', '/login/operator/callback'], ['GET', '/login/operator/callback?hint=x'], ['GET', '/login/operator?code=nobody&state=s1'],
  ['POST', '/login/operator'], ['POST', '/login/operator/callback'], ['POST', '/login/operator?state=s1'],
])('another site cannot make a browser leave by %s %s (C-02)', async (method, path) => {
  const { ada } = site()
  await ada.password()
  const agent = method === 'GET' ? ada.agent.get(path) : ada.agent.post(path).type('form').send({ state: 's1', SAMLResponse: 'x' })
  const { status, headers, text } = await agent.set({ Accept: 'text/html', 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' })
  expect(headers.location ?? '').not.toContain('operator.example')
  expect(text).not.toContain('operator.example')
  expect(status).toBeLessThan(500)
})

describe('A strategy that leaves (C-03 at router)', () => {
  it('a strategy that redirects sees a GET when it begins, and the POST itself when it is answered by one', async () => {
    const seen: string[] = []
    const strategy = new Scripted('odd', function (req) {
      seen.push(req.method)
      if (req.body?.code) return this.success(people().ada)
      // As openid-client's: it refuses to begin on anything else.
      if (req.method !== 'GET') return this.fail(undefined as never)
      this.redirect('https://operator.example/authorize')
    })
    const { app } = buildApp({ strategies: [strategy, pin()], options: { steps: ['odd', 'pin'], factors: { odd: { redirects: true }, pin: device } } })
    const ada = browser(app)
    const { body } = await ada.post('/login/odd').expect(200)
    expect((await ada.agent.post('/login/odd/callback').type('form').send({ code: 'x', state: stateIn(body.url) })).body.status).toBe('pending')
    expect(seen).toEqual(['GET', 'POST'])
  })

  it('refusals to begin count for no lockout, however often the button is pressed; refused answers do', async () => {
    const strategy = new Scripted('odd', function (req) {
      if (req.query.code) return this.fail(undefined as never)
      if (strategy.runs <= 12) return this.fail('not now' as never)
      this.redirect('https://operator.example/authorize')
    })
    const { app } = buildApp({ strategies: [strategy], options: { steps: ['local', 'odd'], factors: { odd: { redirects: true } } } })
    const ada = browser(app)
    await ada.password()
    for (let press = 0; press < 12; press += 1) expect((await ada.post('/login/odd')).body.code).toBe('factor_failed')
    for (let answer = 0; answer < 10; answer += 1) {
      const { body } = await ada.post('/login/odd').expect(200)
      await ada.get(`/login/odd/callback?code=wrong&state=${stateIn(body.url)}`).expect(401)
    }
    expect((await ada.post('/login/odd')).body.code).toBe('factor_locked')
  })
})

describe('A strategy with a same-origin check of its own (C-08 at router)', () => {
  /** Of each run: what it was told. The callback answers, a post begins, and so does the step that follows by itself. */
  function told() {
    const seen: [string, unknown][] = []
    const elsewhere = new Scripted('elsewhere', function (req, options) {
      seen.push(['elsewhere', options.sameOrigin])
      if (req.query.code) return this.success(people().ada)
      this.redirect('https://operator.example/authorize')
    })
    const ring = new Scripted('ring', function (_req, options) {
      seen.push(['ring', options.sameOrigin])
      if (options.action === 'begin') (this.pass as (info: object) => void)({ public: {} })
      else this.fail(undefined as never)
    })
    const { app } = buildApp({ strategies: [elsewhere, ring], options: {
      steps: ['elsewhere', 'ring'],
      factors: { elsewhere: { redirects: true }, ring: { ...device, challenge: { action: 'begin' } } },
      origins: ['https://www.acme.example'],
    } })
    return { seen, ada: browser(app) }
  }

  it.each([
    ['a page with our token, in a browser that says nothing of where it comes from', {}],
    ['a page of another origin that the app trusts', { Origin: 'https://www.acme.example', 'Sec-Fetch-Site': 'cross-site' }],
    ['a page of this app, whose encryption a proxy has ended', { Origin: 'https://acme.example', Host: 'acme.example' }],
  ] as [string, Record<string, string>][])('a strategy with its own same-origin check is told that %s began', async (_title, headers) => {
    const { seen, ada } = told()
    const [, _csrf] = /name="_csrf" value="([^"]+)"/.exec((await ada.page('/login')).text)!
    const { text } = await ada.agent.post('/login/elsewhere').set({ Accept: 'text/html', ...headers }).type('form').send({ _csrf })
    expect(text).toContain('https://operator.example/authorize')
    expect(seen).toEqual([['elsewhere', true]])
  })

  it('a strategy with its own same-origin check is told of a link that a page of this app followed in an old browser', async () => {
    const { seen, ada } = told()
    expect((await ada.page('/login/elsewhere').set({ Referer: 'http://acme.example/login', Host: 'acme.example' })).status).toBe(303)
    expect(seen).toEqual([['elsewhere', true]])
  })

  it('a strategy with its own same-origin check is told of a challenge on entry after an answer from another site, and not of answers and codes', async () => {
    const { seen, ada } = told()
    const { body } = await ada.post('/login/elsewhere')
    expect((await ada.get(`/login/elsewhere/callback?code=1&state=${stateIn(body.url)}`).set('Sec-Fetch-Site', 'cross-site')).body.factors[0]).toMatchObject({ factor: 'ring', challenge: {} })
    await ada.post('/login/ring', { code: '246810' })
    expect(seen).toEqual([['elsewhere', true], ['elsewhere', undefined], ['ring', true], ['ring', undefined]])
  })

  it('a strategy with its own same-origin check is told nothing of a link with parameters, which may be from anywhere', async () => {
    const { seen, ada } = told()
    await ada.page('/login/elsewhere?login_hint=1').set('Sec-Fetch-Site', 'cross-site')
    expect(seen).toEqual([['elsewhere', undefined]])
  })
})

it('a factor that may not see the query finds it in no address of its request (C-06 at router)', async () => {
  const seen: unknown[] = []
  const strategy = new Scripted('odd', function (req) {
    seen.push({ query: { ...req.query }, url: req.url, originalUrl: req.originalUrl, parsed: req._parsedUrl?.query, original: req._parsedOriginalUrl?.query })
    this.success(people().ada)
  })
  const { app } = buildApp({ strategies: [strategy], options: { steps: ['odd', 'local'], factors: { odd: {} } }, before: (host) => { host.use('/login', (req, _res, next) => { next(Array.isArray(req.query) ? new Error('no query') : undefined) }) } })
  await browser(app).post('/login/odd?token=secret').expect(200)
  expect(seen).toEqual([{ query: {}, url: '/odd', originalUrl: '/login/odd', parsed: undefined, original: undefined }])
})

describe('A sender that hangs up (C-07 at router)', () => {
  it.each([['before its body', 'GET-like'], ['for writing only', 'half']])('%s, when its sender hangs up, is not told as a mistake of the app', async (_title, how) => {
    const failures: unknown[] = []
    let reached!: () => void
    const done = new Promise<void>((resolve) => { reached = resolve })
    const { app, login } = buildApp({
      ...steps,
      strategies: [operator()],
      // Slow enough that the sender is gone before the parsers look.
      before: (host: Express) => {
        host.use((req, res, next) => {
          res.once('close', () => reached())
          if (how === 'half') req.socket.once('end', () => setImmediate(next))
          else req.once('close', () => setImmediate(next))
        })
        host.use((_req, res, next) => {
          res.once('finish', () => reached())
          next()
        })
      },
    })
    login.on('step.failed', (event) => failures.push(event))
    const server = await listening(app)
    const socket = createConnection({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
    socket.write(`POST /login/local HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n${how === 'half' ? '{}' : ''}`)
    if (how === 'half') socket.end()
    else socket.once('connect', () => setImmediate(() => socket.destroy()))
    socket.on('error', () => undefined).resume()
    await done
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => { setImmediate(resolve) })
    socket.destroy()
    await server.close()
    expect(failures).toEqual([])
  })
})
