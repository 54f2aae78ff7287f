import session from 'express-session'
import { people, pin, Scripted, type Setup } from '../support/app.js'
import { hosted, nobody } from '../support/hosted.js'
import { device, texting, texts } from '../support/factors.js'
import { listening } from '../support/network.js'
import { describeWithBackends, type Backend } from '../support/stores.js'

const ada = { username: 'ada', password: people().ada!.password }
const right = { code: '246810' }

/** A request as it comes, with this Cookie header and no other, in a form or in JSON. */
const sent = (url: string, cookie: string, { html = true, body = right, method = 'POST' }: { html?: boolean, body?: object, method?: string } = {}) => fetch(url, {
  method,
  redirect: 'manual',
  ...method === 'GET' ? {} : { body: html ? new URLSearchParams(body as Record<string, string>) : JSON.stringify(body) },
  headers: { cookie, ...html ? { accept: 'text/html', 'sec-fetch-site': 'same-origin' } : { accept: 'application/json', 'content-type': 'application/json' } },
})

const setCookies = (answer: Response): string[] => answer.headers.getSetCookie()
const cookiesOf = (answer: Response): string => setCookies(answer).map((cookie) => cookie.split(';', 1)[0]).join('; ')
const cookieAfter = (cookie: string, answer: Response): string => cookiesOf(answer) || cookie

type Options = Partial<Setup<'local' | 'pin'>['options']>

describeWithBackends('a request with the cookie of a session that was renewed away', (create) => {
  let backend: Backend
  const closing: (() => Promise<void>)[] = []
  beforeEach(async () => { backend = await create() })
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
    await backend.close()
  })

  const started = async (setup: Partial<Setup<'local' | 'pin'>> = {}, options: Options = {}) => {
    const built = hosted(backend, {
      strategies: [pin()],
      session: { store: backend.sessions },
      ...setup,
      options: { steps: ['local', 'pin'], factors: { pin: device }, successRedirect: '/home', ...options } as never,
    })
    const { url, close } = await listening(built.app)
    closing.push(close)
    const who = async (cookie: string): Promise<unknown> => (await fetch(`${url}/who`, { headers: { cookie } })).json()
    const password = async (cookie = '') => cookieAfter(cookie, await sent(`${url}/login/local`, cookie, { body: ada }))
    return { ...built, url, who, password }
  }

  /** Every way in which hosts tell express-session to send its cookie more often. */
  const hosts: [string, Partial<session.SessionOptions>][] = [
    ['as most hosts have it', {}],
    ['rolling', { rolling: true }],
    ['with a life', { cookie: { maxAge: 3_600_000 } }],
    ['saved from the first request on', { saveUninitialized: true, resave: true }],
  ]

  it('an answer from elsewhere that comes twice is answered twice alike, though the other site takes its code once (K-01)', async () => {
    const users = people()
    let exchanged = 0
    let goOn = (): void => undefined
    const elsewhere = new Scripted('elsewhere', async function (req) {
      if (req.query.code === undefined) return this.redirect('https://idp.example/authorize?client_id=acme')
      exchanged += 1
      if (exchanged > 1) return this.error(new Error('invalid_grant'))
      await new Promise<void>((resolve) => { goOn = resolve })
      this.success(users.ada!)
    })
    const { url, who } = await started({ users, strategies: [elsewhere] }, { steps: ['elsewhere'], factors: { elsewhere: { redirects: true } } } as never)
    const begun = await sent(`${url}/login/elsewhere`, '', { html: false, body: {} })
    const [cookie, address] = [cookiesOf(begun), (await begun.json() as { url: string }).url]
    const back = `${url}/login/elsewhere/callback?code=once&state=${new URL(address).searchParams.get('state')}`
    const first = sent(back, cookie, { method: 'GET' })
    while (exchanged < 1) await new Promise((resolve) => { setImmediate(resolve) })
    const second = sent(back, cookie, { method: 'GET' })
    while (exchanged < 2) await new Promise((resolve) => { setImmediate(resolve) })
    goOn()
    const answers = await Promise.all([first, second])
    expect(answers.map(({ status, headers }) => [status, headers.get('location')])).toEqual([[303, '/home'], [303, '/home']])
    expect(setCookies(answers[1])).toEqual([])
    expect(await who(cookieAfter(cookie, answers[0]))).toMatchObject({ authenticated: true })
  })

  it.each(hosts)('a form that is posted again leads where the first post went, and gets no cookie: sessions %s (K-01)', async (_, sessions) => {
    const { url, who, password } = await started({ session: { store: backend.sessions, ...sessions } })
    const old = await password()
    const [first, second] = [await sent(`${url}/login/pin`, old), await sent(`${url}/login/pin`, old)]
    expect([first, second].map(({ status, headers }) => [status, headers.get('location')])).toEqual([[303, '/home'], [303, '/home']])
    expect(setCookies(second)).toEqual([])
    expect(await who(cookieAfter(old, first))).toMatchObject({ user: 'u1' })
    const pages = [await sent(`${url}/login`, old, { method: 'GET' }), await sent(`${url}/account`, old, { method: 'GET' }), await sent(`${url}/account`, old, { method: 'GET', html: false })]
    expect(pages.flatMap(setCookies)).toEqual([])
    expect(pages.map(({ status }) => status)).toEqual([200, 303, 401])
    expect(Object.keys(await backend.keptSessions())).toHaveLength(1)
  })

  it.each(hosts)('three posts of one form at once lead to the same page, and one gets the login: sessions %s (K-01 at router)', async (_, sessions) => {
    const { url, who, password } = await started({ session: { store: backend.sessions, ...sessions } })
    const old = await password()
    const answers = await Promise.all([1, 2, 3].map(() => sent(`${url}/login/pin`, old)))
    expect(answers.map(({ headers }) => headers.get('location'))).toEqual(Array(3).fill('/home'))
    const winners = answers.filter((answer) => setCookies(answer).length > 0)
    expect(winners).toHaveLength(1)
    expect(await who(cookiesOf(winners[0]!))).toMatchObject({ user: 'u1' })
    expect(await who(old)).toEqual(nobody)
  })

  it('a request with the renewed session\'s cookie proves nothing, and reads nothing of the login (K-02 at steps)', async () => {
    const { url, who, password } = await started()
    const old = await password()
    await sent(`${url}/login/pin`, old)
    expect(await who(old)).toEqual(nobody)
    const answers = await Promise.all(['/login/pin', '/login/local', '/logout', '/login/cancel'].map((path) => sent(url + path, old, { html: false, body: { ...ada, ...right } })))
    for (const answer of answers) {
      expect(answer.status).toBe(401)
      expect(await answer.json()).toMatchObject({ code: 'login_required', returnTo: '/home' })
      expect(setCookies(answer)).toEqual([])
    }
    expect(await who(old)).toEqual(nobody)
    expect(await backend.keptLogins()).toBe(1)
  })

  it('the renewed session\'s cookie is like any other after some seconds: the user can begin a login with it (K-02)', async () => {
    let now = 1_000_000
    const { url, password } = await started({}, { store: backend.flowsAt(() => now) })
    const old = await password()
    await sent(`${url}/login/pin`, old)
    now += 10_000
    const answer = await sent(`${url}/login/local`, old, { body: ada })
    expect([answer.headers.get('location'), setCookies(answer).length]).toEqual(['/login', 1])
  })

  it('a made-up cookie is a visitor\'s, and is not answered like one of a renewed session (K-02)', async () => {
    const { url, password } = await started()
    const old = await password()
    await sent(`${url}/login/pin`, old)
    const answer = await sent(`${url}/login/local`, old.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')), { body: ada })
    expect(setCookies(answer)).toHaveLength(1)
  })

  it('of two passwords posted at once, one begins a login and the other is led to it (K-01)', async () => {
    const both = { waiting: [] as (() => void)[] }
    const local = new Scripted('local', function (req) {
      both.waiting.push(() => this.success(people()[req.body.username]))
      if (both.waiting.length === 2) for (const go of both.waiting.splice(0)) go()
    })
    const { url } = await started({ strategies: [local, pin()] })
    const guarded = await sent(`${url}/account`, '', { method: 'GET' })
    const old = cookiesOf(guarded)
    const answers = await Promise.all([1, 2].map(() => sent(`${url}/login/local`, old, { body: ada })))
    expect(answers.map(({ headers }) => headers.get('location'))).toEqual(['/login', '/login'])
    const [winner, ...others] = answers.filter((answer) => setCookies(answer).length > 0)
    expect(others).toHaveLength(0)
    const done = await sent(`${url}/login/pin`, cookiesOf(winner!))
    expect(done.headers.get('location')).toBe('/account')
  })

  it('a request that a logout has overtaken is led to the login page (K-01)', async () => {
    const { url, password } = await started()
    const old = cookiesOf(await sent(`${url}/login/pin`, await password()))
    const answers = [await sent(`${url}/logout`, old), await sent(`${url}/logout`, old)]
    expect(answers.map(({ headers }) => headers.get('location'))).toEqual(['/login', '/login'])
    expect(setCookies(answers[1]!)).toEqual([])
  })

  it('a request that a step-up has overtaken is led to the page that asked for it (K-01 at require)', async () => {
    const { url, password, who } = await started({ routes: (app, login) => { app.get('/pay', login.require({ factors: 'pin', maxAge: '1s', bind: () => ({ amount: 1 }) }) as never, (_req, res) => { res.end() }) } })
    const old = cookiesOf(await sent(`${url}/login/pin`, await password()))
    const asked = await sent(`${url}/pay`, old, { method: 'GET' })
    const named = new URL(asked.headers.get('location')!, url).searchParams.get('for')!
    const answers = await Promise.all([1, 2].map(() => sent(`${url}/login/pin`, old, { body: { ...right, for: named } })))
    expect(answers.map(({ headers }) => headers.get('location'))).toEqual(['/pay', '/pay'])
    const winners = answers.filter((answer) => setCookies(answer).length > 0)
    expect(winners).toHaveLength(1)
    expect(await who(cookiesOf(winners[0]!))).toMatchObject({ user: 'u1' })
  })

  it('a request to a hand-mounted route goes where the app sent the post that overtook it (K-01 at hand-mounted)', async () => {
    const { url, who } = await started({ router: false, routes: (app, login) => {
      app.post('/login', login.authenticate('local') as never)
      app.post('/code', login.authenticate('pin') as never, (_req, res) => { res.redirect('/dashboard') })
    } }, { factors: { local: { page: '/login' }, pin: { ...device, page: '/code' } } })
    const old = cookiesOf(await sent(`${url}/login`, '', { body: ada }))
    const answers = await Promise.all([1, 2].map(() => sent(`${url}/code`, old)))
    expect(answers.map(({ headers }) => headers.get('location'))).toEqual(['/dashboard', '/dashboard'])
    const winners = answers.filter((answer) => setCookies(answer).length > 0)
    expect(winners).toHaveLength(1)
    expect(await who(cookiesOf(winners[0]!))).toMatchObject({ user: 'u1' })
    expect((await sent(`${url}/code`, old)).headers.get('location')).toBe('/dashboard')
  })

  it('of two calls of vouch() with one cookie the second is refused, and keeps nothing (K-01 at vouch)', async () => {
    const { url } = await started({ routes: (app, login) => {
      app.post('/reset', (req, res, next) => { login.vouch(req as never, people().ada!, ['local', 'pin']).then(() => res.redirect('/welcome'), next) })
    } })
    const old = cookiesOf(await sent(`${url}/account`, '', { method: 'GET' }))
    const first = await sent(`${url}/reset`, old)
    const second = await sent(`${url}/reset`, old)
    expect([first.headers.get('location'), second.status, setCookies(second)]).toEqual(['/welcome', 409, []])
    expect(await second.json()).toMatchObject({ code: 'flow_conflict' })
  })

  it('a post that another process has overtaken is led where the first one went (K-01)', async () => {
    const [one, other] = [await started(), await started()]
    const old = await one.password()
    const answers = await Promise.all([one, other].map(({ url }) => sent(`${url}/login/pin`, old)))
    expect(answers.map(({ headers }) => headers.get('location'))).toEqual(['/home', '/home'])
    expect(answers.filter((answer) => setCookies(answer).length > 0)).toHaveLength(1)
  })

  it('what the app writes to the session of an overtaken request is not kept (K-01)', async () => {
    const { url, password } = await started({ routes: (app) => {
      app.get('/count', (req, res, next) => {
        Object.assign(req.session, { views: 1 })
        req.session.save((error) => { if (error) next(error); else res.json({}) })
      })
    } })
    const old = await password()
    await sent(`${url}/login/pin`, old)
    const answer = await sent(`${url}/count`, old, { method: 'GET', html: false })
    expect([answer.status, setCookies(answer)]).toEqual([200, []])
    expect(Object.keys(await backend.keptSessions())).toHaveLength(1)
  })

  it('a post whose code was spent by its twin is led where that one went (K-01)', async () => {
    const text = texts()
    const spent = new Set<unknown>()
    const { run } = text.strategy
    text.strategy.run = function (req, options) {
      if (options.action === undefined && spent.has(options.challenge)) return this.fail({ code: 'code_used' } as never, 400)
      if (options.action === undefined) spent.add(options.challenge)
      return run.call(this, req, options)
    }
    const { url } = await started({ strategies: [text.strategy] }, { steps: ['local', 'text'], factors: { text: texting } } as never)
    const old = cookiesOf(await sent(`${url}/login/local`, '', { body: ada }))
    const answers = await Promise.all([1, 2].map(() => sent(`${url}/login/text`, old, { body: { code: 'code of text 1' } })))
    expect(answers.map(({ headers }) => headers.get('location'))).toEqual(['/home', '/home'])
    expect(answers.filter((answer) => setCookies(answer).length > 0)).toHaveLength(1)
  })
})
