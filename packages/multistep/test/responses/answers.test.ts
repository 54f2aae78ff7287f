import { problemTypeOf } from '#internal/problem-type'
import type { Express as ExpressApp } from 'express'
import { anyOf, type AuthenticateOptions, type Multistep, type MultistepEvent } from '../../src/index.js'
import { browser, buildApp, pin, Scripted, type Setup } from '../support/app.js'
import { away, device, operator, stateIn, texting, texts } from '../support/factors.js'

const mounts = ['router', 'hand-mounted'] as const
type Mount = typeof mounts[number]

/** The same policy behind the router at `/login`, or behind routes of the app's own at `/hand`. */
function mounted<const F extends string>(mount: Mount, factors: readonly F[], setup: Setup<F>, route: AuthenticateOptions = { successRedirect: '/home' }) {
  const base = mount === 'router' ? '/login' : '/hand'
  const byHand = (app: ExpressApp, login: Multistep<F>) => {
    for (const factor of factors) {
      const step = login.authenticate(factor, route) as any
      app.post(`/hand/${factor}`, step)
      if ((setup.options.factors as any)?.[factor]?.redirects) app.get(`/hand/${factor}`, step)
      if ((setup.options.factors as any)?.[factor]?.challenge) app.post(`/hand/${factor}/challenge`, login.challenge(factor) as any)
    }
    app.get('/hand', async (req, res) => res.json(await login.progress(req as any)))
  }
  const built = buildApp({ ...setup, router: mount === 'router', options: { successRedirect: '/home', ...setup.options }, routes: (app, login) => {
    if (mount === 'hand-mounted') byHand(app, login)
    setup.routes?.(app, login)
  } })
  const ada = browser(built.app)
  return { ...built, base, ada, state: async () => (await ada.get(base)).body }
}

const right = { username: 'ada', password: 'lovelace-1815' }
const wrong = { username: 'ada', password: 'no' }
const code = { code: '246810' }

describe.each(mounts)('what a handler answers, %s', (mount) => {
  const twoSteps = (pinOptions = {}) => mounted(mount, ['local', 'pin'], { strategies: [pin()], options: { steps: ['local', 'pin'], factors: { pin: { ...device, ...pinOptions } } } })

  describe('a factor that passed, with more to do', () => {
    it('a passed step sends a browser to the next factor\'s page with 303', async () => {
      const { ada, base } = twoSteps({ page: '/pin' })
      const response = await ada.form(`${base}/local`, right)
      expect([response.status, response.headers.location]).toEqual([303, '/pin'])
      expect(response.headers['cache-control']).toBe('no-store')
    })

    it('a passed step sends a browser to loginPath when the next factor has no page', async () => {
      const { ada, base } = twoSteps()
      expect((await ada.form(`${base}/local`, right)).headers.location).toBe('/login')
    })

    it('answers JSON with the State', async () => {
      const { ada, base } = twoSteps()
      const response = await ada.post(`${base}/local`, right)
      expect(response.status).toBe(200)
      expect(response.headers['content-type']).toMatch(/^application\/json/)
      expect(response.headers['cache-control']).toBe('no-store')
      expect(response.body).toMatchObject({ status: 'pending', step: 2, steps: 2 })
    })
  })

  describe('challenge begun', () => {
    const choice = () => mounted(mount, ['local', 'text', 'pin'], {
      strategies: [pin(), texts().strategy],
      options: { steps: ['local', anyOf('text', 'pin')], factors: { pin: device, text: { ...texting, page: '/text' } } },
    })

    it('a begun challenge sends a browser to its factor\'s page, even when the step has a choice', async () => {
      const { ada, base } = choice()
      await ada.form(`${base}/local`, right)
      const response = await ada.form(`${base}/text/challenge`)
      expect([response.status, response.headers.location]).toEqual([303, '/text'])
    })

    it('a begun challenge answers JSON with the State, which shows the challenge', async () => {
      const { ada, base } = choice()
      await ada.post(`${base}/local`, right)
      const response = await ada.post(`${base}/text/challenge`)
      expect(response.status).toBe(200)
      expect(response.body.factors[0]).toMatchObject({ factor: 'text', challenge: { to: '…456', attemptsLeft: 5 } })
    })
  })

  describe('complete, with a successRedirect', () => {
    it('the answer sends a browser to the address', async () => {
      const { ada, base } = twoSteps()
      await ada.form(`${base}/local`, right)
      const response = await ada.form(`${base}/pin`, code)
      expect([response.status, response.headers.location]).toEqual([303, '/home'])
    })

    it('a completed login sends a browser to the page that it first asked for, instead of successRedirect', async () => {
      const { ada, base } = twoSteps()
      await ada.page('/account?tab=2')
      await ada.form(`${base}/local`, right)
      expect((await ada.form(`${base}/pin`, code)).headers.location).toBe('/account?tab=2')
    })

    it('answers JSON with the State', async () => {
      const { ada, base } = twoSteps()
      await ada.post(`${base}/local`, right)
      const response = await ada.post(`${base}/pin`, code)
      expect(response.status).toBe(200)
      expect(response.body).toMatchObject({ status: 'complete', factors: [], completed: [{ factor: 'local' }, { factor: 'pin' }], amr: ['pwd', 'otp', 'mfa'] })
    })

    it('a completed login tells a JSON client the page that it first asked for', async () => {
      const { ada, base } = twoSteps()
      await ada.page('/account')
      await ada.post(`${base}/local`, right)
      expect((await ada.post(`${base}/pin`, code)).body.returnTo).toBe('/account')
    })
  })

  describe('refused', () => {
    it('a refused factor sends a browser to its page, which shows the reason once', async () => {
      const { ada, base, state } = twoSteps({ page: '/pin' })
      await ada.form(`${base}/local`, right)
      const response = await ada.form(`${base}/pin`, { code: '0' })
      expect([response.status, response.headers.location]).toEqual([303, '/pin'])
      expect((await state()).problem).toEqual({ code: 'factor_failed', status: 401, message: expect.any(String) })
      expect((await state()).problem).toBeUndefined()
    })

    it('a refused factor of a choice sends a browser to the page of that factor', async () => {
      const { ada, base } = mounted(mount, ['local', 'text', 'pin'], {
        strategies: [pin(), texts().strategy],
        options: { steps: ['local', anyOf('text', 'pin')], factors: { pin: { ...device, page: '/pin' }, text: { ...texting, page: '/text' } } },
      })
      await ada.form(`${base}/local`, right)
      expect((await ada.form(`${base}/pin`, { code: '0' })).headers.location).toBe('/pin')
    })

    it('a refused factor answers JSON with problem+json, and keeps nothing for a page', async () => {
      const { ada, base, state } = twoSteps()
      const response = await ada.post(`${base}/local`, wrong)
      expect(response.status).toBe(401)
      expect(response.headers['content-type']).toMatch(/^application\/problem\+json/)
      expect(response.headers['cache-control']).toBe('no-store')
      expect(response.body).toEqual({ type: problemTypeOf('factor_failed'), title: 'Unauthorized', status: 401, code: 'factor_failed', detail: expect.any(String) })
      expect((await state()).problem).toBeUndefined()
    })

    it('a refusal keeps the strategy\'s own code, status and numbers, and sends Retry-After', async () => {
      const slow = new Scripted('pin', function () { this.fail({ code: 'send_throttled', message: 'Wait.', retryAfter: 30, attemptsLeft: 2, secret: 'x' } as never, 429) })
      const { ada, base } = mounted(mount, ['local', 'pin'], { strategies: [slow], options: { steps: ['local', 'pin'], factors: { pin: device } } })
      await ada.post(`${base}/local`, right)
      const response = await ada.post(`${base}/pin`, code)
      expect(response.status).toBe(429)
      expect(response.headers['retry-after']).toBe('30')
      expect(response.body).toEqual({ type: problemTypeOf('send_throttled'), title: 'Too Many Requests', status: 429, code: 'send_throttled', detail: 'Wait.', retryAfter: 30, attemptsLeft: 2 })
    })

    it('a second factor that comes first is login_required for JSON, and leads a browser to loginPath (F-04)', async () => {
      const { ada, base, state } = twoSteps({ page: '/pin' })
      const json = await ada.post(`${base}/pin`, code)
      expect([json.status, json.body.code]).toEqual([401, 'login_required'])
      const html = await ada.form(`${base}/pin`, code)
      expect([html.status, html.headers.location]).toEqual([303, '/login'])
      expect((await state()).problem).toMatchObject({ code: 'login_required' })
    })
  })

  describe('the strategy redirects', () => {
    const elsewhere = () => mounted(mount, ['operator'], { strategies: [operator()], options: { steps: ['operator'], factors: { operator: { redirects: true } } } })

    it('a strategy that redirects tells a JSON client the address', async () => {
      const { ada, base } = elsewhere()
      const response = await ada.post(`${base}/operator`)
      expect([response.status, response.body]).toEqual([200, { status: 'redirect', url: expect.stringMatching(away) }])
    })

    it('the answer sends a browser to the address', async () => {
      const { ada, base } = elsewhere()
      const response = await ada.form(`${base}/operator`)
      expect(response.headers['cache-control']).toBe('no-store')
      if (mount === 'hand-mounted') return expect([response.status, response.headers.location]).toEqual([303, expect.stringMatching(away)])
      // Through a page of its own, so that a `form-action` policy does not stop it.
      expect(response.status).toBe(200)
      expect(response.text).toMatch(/href="https:\/\/operator\.example\/authorize\?state=[\w-]{22}"/)
    })

    it('a strategy that redirects a plain link takes the answer that comes back', async () => {
      const { ada, base } = elsewhere()
      const begun = await ada.page(`${base}/operator`).set('Sec-Fetch-Site', 'same-origin')
      expect([begun.status, begun.headers.location]).toEqual([303, expect.stringMatching(away)])
      const back = await ada.page(`${base}/operator?code=ada&state=${stateIn(begun.headers.location!)}`).set('Sec-Fetch-Site', 'cross-site')
      expect([back.status, back.headers.location]).toEqual([303, '/home'])
      expect((await ada.who()).user).toBe('u1')
    })
  })

  describe('the strategy waits', () => {
    const waiting = () => mounted(mount, ['local', 'pin'], {
      strategies: [new Scripted('pin', function () { this.fail({ code: 'authorization_pending', pending: true, retryAfter: 5 } as never, 401) })],
      options: { steps: ['local', 'pin'], factors: { pin: { ...device, page: '/pin' } }, lockout: { after: 1 } },
    })

    it('a strategy that waits sends a browser to the factor\'s page', async () => {
      const { ada, base, state } = waiting()
      await ada.form(`${base}/local`, right)
      const response = await ada.form(`${base}/pin`)
      expect([response.status, response.headers.location, response.headers['retry-after']]).toEqual([303, '/pin', '5'])
      expect((await state()).problem).toBeUndefined()
    })

    it('a strategy that waits answers JSON with the State and Retry-After, and counts no failure', async () => {
      const { ada, base } = waiting()
      await ada.post(`${base}/local`, right)
      for (let poll = 0; poll < 3; poll += 1) {
        const response = await ada.post(`${base}/pin`)
        expect([response.status, response.headers['retry-after'], response.body.status]).toEqual([200, '5', 'pending'])
      }
    })
  })

  describe('the strategy broke', () => {
    const breaking = () => {
      const device2 = pin()
      const broken = new Scripted('text', function () { this.error(new Error('gateway says +447400123456')) })
      return mounted(mount, ['local', 'text', 'pin'], { strategies: [device2, broken], options: { steps: ['local', anyOf('text', 'pin')], factors: { pin: { ...device, label: 'Device' }, text: texting } } })
    }

    it('a strategy that throws answers JSON with problem+json 503, without the error\'s words, and the flow lives on (R-14)', async () => {
      const { ada, base } = breaking()
      await ada.post(`${base}/local`, right)
      const response = await ada.post(`${base}/text`, code)
      expect([response.status, response.body.code]).toEqual([503, 'factor_unavailable'])
      expect(response.text).not.toContain('gateway')
      expect((await ada.post(`${base}/pin`, code)).body.status).toBe('complete')
    })

    it('a strategy that throws in a browser reaches the app\'s error handler, or the router\'s page with the other ways', async () => {
      const { ada, base } = breaking()
      await ada.form(`${base}/local`, right)
      const response = await ada.form(`${base}/text`, code)
      expect(response.status).toBe(503)
      expect(response.text).not.toContain('gateway')
      if (mount === 'hand-mounted') return expect(response.body).toMatchObject({ handled: true, name: 'MultistepError', code: 'factor_unavailable' })
      expect(response.headers['content-type']).toMatch(/^text\/html/)
      expect(response.text).toContain('Device')
      expect(await ada.who()).toMatchObject({ authenticated: false })
    })

    it('an error of a strategy keeps its own code and status', async () => {
      const gone = new Scripted('pin', function () { this.error(Object.assign(new Error('secret words'), { code: 'undeliverable', status: 502 })) })
      const { ada, base } = mounted(mount, ['local', 'pin'], { strategies: [gone], options: { steps: ['local', 'pin'], factors: { pin: device } } })
      await ada.post(`${base}/local`, right)
      const response = await ada.post(`${base}/pin`, code)
      expect([response.status, response.body.code]).toEqual([502, 'undeliverable'])
      expect(response.text).not.toContain('secret words')
    })
  })

  describe('Accept', () => {
    it.each([
      ['text/html', 303], ['text/html,application/xhtml+xml,*/*;q=0.8', 303], ['text/html, application/json;q=0.9', 303], ['application/json;q=0.5, text/html;q=0.6', 303],
      ['application/json', 401], ['*/*', 401], ['text/*', 401], ['application/json, text/html;q=0.9', 401], ['text/html;q=0.1, */*', 401], ['text/html;q=0', 401], ['', 401],
    ])('Accept: %j is answered with %i', async (accept, status) => {
      const { ada, base } = twoSteps()
      expect((await ada.agent.post(`${base}/local`).set('Accept', accept).send(wrong)).status).toBe(status)
    })

    it('a request without Accept is answered with JSON', async () => {
      const { ada, base } = twoSteps()
      const response = await ada.agent.post(`${base}/local`).unset('Accept').send(wrong)
      expect([response.status, response.body.code]).toEqual([401, 'factor_failed'])
    })
  })
})

describe('complete without a successRedirect, hand-mounted', () => {
  it.each(['text/html', 'application/json'])('a completed login without a successRedirect runs the next handler with req.user set, as in Passport, for %s', async (accept) => {
    const { app } = buildApp({ router: false, options: { steps: ['local'] }, routes: (host, login) => {
      host.post('/hand', login.authenticate('local') as any, (req, res) => { res.json({ user: (req.user as any).id, authenticated: req.isAuthenticated(), amr: login.amr(req as any) }) })
    } })
    const ada = browser(app)
    expect((await ada.agent.post('/hand').set('Accept', accept).send(right)).body).toEqual({ user: 'u1', authenticated: true, amr: ['pwd'] })
    expect((await ada.who()).user).toBe('u1')
  })
})

describe('the guard', () => {
  const twoSteps = (pinOptions = {}) => browser(buildApp({ strategies: [pin()], options: { steps: ['local', 'pin'], factors: { pin: { ...device, ...pinOptions } } } }).app)

  it('require() sends an anonymous browser to loginPath, and refuses a JSON client with login_required', async () => {
    const ada = twoSteps()
    const html = await ada.page('/account')
    expect([html.status, html.headers.location, html.headers['cache-control']]).toEqual([303, '/login', 'no-store'])
    const json = await ada.get('/account')
    expect([json.status, json.body.code, json.headers['content-type']]).toEqual([401, 'login_required', expect.stringMatching(/^application\/problem\+json/)])
  })

  it('require() sends a pending login to the next factor\'s page, and refuses a JSON client with factor_required', async () => {
    const ada = twoSteps({ page: '/pin' })
    await ada.password()
    expect((await ada.page('/account')).headers.location).toBe('/pin')
    const json = await ada.get('/account')
    expect([json.status, json.body.code]).toEqual([401, 'factor_required'])
  })

  it('require() makes no session for an anonymous JSON client', async () => {
    expect((await twoSteps().get('/account')).headers['set-cookie']).toBeUndefined()
  })

  it('require() names the missing line when session() did not run', async () => {
    const { app } = buildApp({ router: false, options: { steps: ['local'] }, before: (host) => host.get('/early', (...args) => guard(...args)) })
    const { login } = buildApp({ options: { steps: ['local'] } })
    const guard = login.require() as any
    const response = await browser(app).get('/early')
    expect([response.status, response.body.message]).toEqual([500, expect.stringContaining('app.use(login.session())')])
  })
})

describe('Passport\'s options', () => {
  const routed = (route: AuthenticateOptions, before?: Setup<'local'>['before']) => {
    const { app } = buildApp({ router: false, options: { steps: ['local'] }, ...(before ? { before } : {}), routes: (host, login) => {
      host.post('/hand', login.authenticate('local', route) as any)
      host.get('/messages', (req, res) => { res.json((req.session as any).messages ?? []) })
    } })
    return browser(app)
  }

  it('successRedirect is where a completed login goes', async () => {
    expect((await routed({ successRedirect: '/in' }).form('/hand', right)).headers.location).toBe('/in')
  })

  it('failureRedirect is where a refused attempt goes', async () => {
    const response = await routed({ failureRedirect: '/again' }).form('/hand', wrong)
    expect([response.status, response.headers.location]).toEqual([303, '/again'])
  })

  it('failureRedirect gives way to loginPath where there is no pending login to go on with', async () => {
    const { app } = buildApp({ router: false, strategies: [pin()], options: { steps: ['local', 'pin'], factors: { pin: device } }, routes: (host, login) => {
      host.post('/hand', login.authenticate('pin', { failureRedirect: '/pin' }) as any)
    } })
    expect((await browser(app).form('/hand', code)).headers.location).toBe('/login')
  })

  it.each([
    [true, ['error', 'That was not right. Try again.']],
    ['No.', ['error', 'No.']],
    [{ type: 'warning', message: 'No.' }, ['warning', 'No.']],
    [{ type: 'warning' }, ['warning', 'That was not right. Try again.']],
  ])('failureFlash %j calls req.flash', async (failureFlash, expected) => {
    const flashed: unknown[] = []
    await routed({ failureFlash }, (host) => host.use((req, _res, next) => {
      (req as any).flash = (...args: unknown[]) => flashed.push(args)
      next()
    })).form('/hand', wrong)
    expect(flashed).toEqual([expected])
  })

  it('failureFlash without connect-flash says what is missing', async () => {
    const response = await routed({ failureFlash: true }).form('/hand', wrong)
    expect([response.status, response.body.message]).toEqual([500, expect.stringContaining('connect-flash')])
  })

  it.each([[true, 'That was not right. Try again.'], ['No.', 'No.']])('failureMessage %j adds to the session\'s messages', async (failureMessage, expected) => {
    const ada = routed({ failureMessage })
    await ada.form('/hand', wrong)
    await ada.form('/hand', wrong)
    expect((await ada.get('/messages')).body).toEqual([expected, expected])
  })

  it.each(['text/html', 'application/json'])('failWithError hands the refusal to the app\'s error handler, for %s', async (accept) => {
    const response = await routed({ failWithError: true }).agent.post('/hand').set('Accept', accept).send(wrong)
    expect(response.status).toBe(401)
    expect(response.body).toMatchObject({ handled: true, name: 'AuthenticationError', code: 'factor_failed' })
  })

  it('all other options of authenticate() reach the strategy, with the factor\'s own options', async () => {
    const seen: object[] = []
    const reads = new Scripted('reads', function (_req, options) { seen.push(options); this.fail(undefined as never) })
    const { app } = buildApp({ router: false, strategies: [reads], options: { steps: ['reads'], factors: { reads: { options: { scope: 'a', prompt: 'x' } } } }, routes: (host, login) => {
      host.post('/hand', login.authenticate('reads', { prompt: 'y', failureRedirect: '/z' }) as any)
    } })
    await browser(app).post('/hand')
    expect(seen).toEqual([{ scope: 'a', prompt: 'y', challenge: null }])
  })

  it.each([
    [{ session: false }, /session.*Leave it out/],
    [{ keepSessionInfo: true }, /keepSessionInfo.*carry/],
    [{ assignProperty: 'account' }, /assignProperty.*evidence/],
  ])('%j throws at construction, and says what to write instead (P-07 at hand-mounted)', (route, words) => {
    const { login } = buildApp({ options: { steps: ['local'] } })
    expect(() => login.authenticate('local', route)).toThrow(TypeError)
    expect(() => login.authenticate('local', route)).toThrow(words)
  })

  it('a callback and a list of names throw at construction, and say what to write instead', () => {
    const { login } = buildApp({ options: { steps: ['local'] } })
    const authenticate = login.authenticate as any
    expect(() => authenticate('local', () => {})).toThrow(/no callback.*login\.on/)
    expect(() => authenticate('local', {}, () => {})).toThrow(/no callback.*login\.on/)
    expect(() => authenticate(['local', 'sms-otp'])).toThrow('anyOf(\'local\', \'sms-otp\')')
    expect(() => authenticate('typo')).toThrow(/'typo' is not a factor/)
    expect(() => login.challenge('local')).toThrow(/'local' has no challenge/)
  })
})

describe('State', () => {
  it('the State is anonymous before the first factor', async () => {
    const ada = browser(buildApp({ strategies: [pin()], options: { steps: ['local', 'pin'], factors: { pin: device } } }).app)
    expect((await ada.get('/login')).body).toEqual({
      status: 'anonymous', step: 1, steps: 2, completed: [], csrfToken: expect.stringMatching(/^[\w-]{22}$/),
      factors: [{ factor: 'local', label: 'Password', fields: ['username', 'password'], links: { authenticate: '/login/local' } }],
    })
  })

  it('the State of a pending login shows its step, with links that start with publicPath and the mount path', async () => {
    const now = Date.parse('2026-01-02T03:04:05.000Z')
    const { app } = buildApp({ strategies: [pin(), texts().strategy], options: {
      steps: ['local', anyOf('text', 'pin')],
      publicPath: '/app',
      now: () => now,
      factors: {
        pin: { ...device, label: 'Device', prefill: () => ({ code: '1' }) },
        text: { ...texting, hint: (user) => `…${(user as any).phone.slice(-3)}` },
      },
    } })
    const ada = browser(app)
    await ada.page('/account')
    await ada.password()
    await ada.post('/login/text/challenge')
    expect((await ada.get('/login')).body).toEqual({
      status: 'pending', step: 2, steps: 2, csrfToken: expect.any(String), returnTo: '/app/account', expiresAt: '2026-01-02T03:14:05.000Z',
      completed: [{ factor: 'local', at: '2026-01-02T03:04:05.000Z' }],
      factors: [
        { factor: 'text', label: 'text', hint: '…456', fields: ['code'], challenge: { to: '…456', attemptsLeft: 5 }, links: { authenticate: '/app/login/text', challenge: '/app/login/text/challenge' } },
        { factor: 'pin', label: 'Device', fields: ['code'], prefill: { code: '1' }, links: { authenticate: '/app/login/pin' } },
      ],
    })
  })

  it('the State of a completed login has amr and no factors, and its links follow loginPath', async () => {
    const { app } = buildApp({ options: { steps: ['local'], loginPath: '/sign/in' }, router: false, routes: (host, login) => host.use('/sign/in', login.router() as any) })
    const ada = browser(app)
    const links = (await ada.get('/sign/in')).body.factors[0].links
    expect(links).toEqual({ authenticate: '/sign/in/local' })
    await ada.post(links.authenticate, right)
    expect((await ada.get('/sign/in')).body).toEqual({ status: 'complete', step: 1, steps: 1, completed: [{ factor: 'local', at: expect.any(String) }], factors: [], amr: ['pwd'], csrfToken: expect.any(String) })
  })

  it('the State asks an unknown user for the fields that begin a challenge', async () => {
    const { app } = buildApp({ strategies: [texts('sms-otp').strategy], options: { steps: ['sms-otp'] } })
    const ada = browser(app)
    expect((await ada.get('/login')).body.factors[0]).toMatchObject({ fields: ['phone'], links: { authenticate: '/login/sms-otp', challenge: '/login/sms-otp/challenge' } })
    await ada.post('/login/sms-otp/challenge', { phone: '+447400123456' })
    expect((await ada.get('/login')).body.factors[0]).toMatchObject({ fields: ['code'], challenge: { to: '…456' } })
  })

  it('the State never holds the user, whom progress(req) gives to the app\'s own pages', async () => {
    const { app } = buildApp({ strategies: [pin()], options: { steps: ['local', 'pin'], factors: { pin: device } }, routes: (host, login) => {
      host.get('/own', async (req, res) => res.json((await login.progress(req as any)).user ?? null))
    } })
    const ada = browser(app)
    expect((await ada.get('/own')).body).toBeNull()
    expect((await ada.password()).text).not.toContain('"u1"')
    expect((await ada.get('/own')).body).toMatchObject({ id: 'u1' })
    expect((await ada.get('/login')).body.user).toBeUndefined()
  })

  it('a HEAD request leaves the problem for the page', async () => {
    const ada = browser(buildApp({ options: { steps: ['local'] } }).app)
    await ada.form('/login/local', wrong)
    await ada.agent.head('/login')
    expect((await ada.get('/login')).body.problem).toMatchObject({ code: 'factor_failed' })
  })
})

describe('a refused form', () => {
  it('a refused form shows the user name that was entered, once, and never the password', async () => {
    const ada = browser(buildApp({ strategies: [pin()], options: { steps: ['local', 'pin'], factors: { pin: device } } }).app)
    await ada.form('/login/local', { username: 'ada', password: 'a wrong one' })
    const { text } = await ada.page('/login')
    expect(text).toContain('value="ada"')
    expect(text).not.toContain('a wrong one')
    expect((await ada.page('/login')).text).not.toContain('value="ada"')
  })

  it('a refused form shows no user name that is not text, or too long', async () => {
    const ada = browser(buildApp({ options: { steps: ['local'] } }).app)
    for (const username of ['x'.repeat(201), ['ada', 'grace']]) {
      await ada.form('/login/local', { username, password: 'x' })
      expect((await ada.get('/login')).body.factors[0].prefill).toBeUndefined()
    }
  })
})

describe('the router', () => {
  const ada = () => browser(buildApp({ strategies: [pin()], options: { steps: ['local', 'pin'], factors: { pin: device } } }).app)

  it.each(['/login/unknown', '/login/unknown/challenge', '/login/__proto__', '/login/constructor', '/login/sms-otp'])('the router answers POST %s with 404', async (path) => {
    expect((await ada().post(path)).status).toBe(404)
    expect((await ada().get(path)).status).toBe(404)
  })

  it('the router answers the challenge of a factor that has none with 404', async () => {
    expect((await ada().post('/login/pin/challenge')).status).toBe(404)
  })

  it.each(['assets', 'cancel', 'devices', 'recovery-codes', 'callback', 'a/b', '', 'a b'])('multistep() refuses %j as the name of a factor', (name) => {
    const build = () => buildApp({ strategies: [pin()], options: { steps: [name], factors: { [name]: { strategy: 'pin' } } } })
    expect(build).toThrow(TypeError)
    expect(build).toThrow(/cannot be the name of a factor/)
  })

  it('the router sends its pages uncached, with a strict Content-Security-Policy (R-55, W-11)', async () => {
    const { headers } = await ada().page('/login')
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'same-origin', 'x-content-type-options': 'nosniff' })
    expect(headers['content-security-policy']).toContain('frame-ancestors \'none\'')
  })

  it('POST /login/cancel ends a pending login, and leaves a completed one', async () => {
    const browse = ada()
    await browse.password()
    const cancelled = await browse.post('/login/cancel')
    expect([cancelled.status, cancelled.body.status]).toEqual([200, 'anonymous'])
    expect((await browse.post('/login/pin', code)).body.code).toBe('login_required')
    await browse.password()
    await browse.post('/login/pin', code)
    expect((await browse.form('/login/cancel')).headers.location).toBe('/login')
    expect((await browse.who()).authenticated).toBe(true)
  })
})

describe('events', () => {
  const names: MultistepEvent[] = ['flow.started', 'step.passed', 'step.failed', 'challenge.sent', 'factor.locked', 'flow.completed', 'flow.cancelled', 'person.mismatch']
  const setup = () => {
    const built = buildApp({ strategies: [pin(), texts().strategy], options: { steps: ['local', anyOf('text', 'pin')], factors: { pin: device, text: texting }, lockout: { after: 2 } } })
    const heard: [string, unknown][] = []
    for (const name of names) built.login.on(name, (event) => { heard.push([name, event]) })
    return { ...built, heard, ada: browser(built.app) }
  }

  it('events tell each step of a login (R-58 at steps)', async () => {
    const { ada, heard } = setup()
    await ada.post('/login/local', wrong)
    await ada.password()
    await ada.post('/login/text/challenge')
    await ada.post('/login/text', { code: 'code of text 1' })
    expect(heard).toEqual([
      ['step.failed', { factor: 'local', code: 'factor_failed', status: 401 }],
      ['step.passed', { userId: 'u1', factor: 'local' }],
      ['flow.started', { userId: 'u1', factor: 'local' }],
      ['challenge.sent', { userId: 'u1', factor: 'text' }],
      ['step.passed', { userId: 'u1', factor: 'text' }],
      ['flow.completed', { userId: 'u1', amr: ['pwd', 'sms', 'mfa'] }],
    ])
  })

  it('events tell of a lock and of a cancelled login (R-58)', async () => {
    const { ada, heard } = setup()
    await ada.password()
    heard.length = 0
    await ada.post('/login/pin', { code: '0' })
    await ada.post('/login/pin', { code: '0' })
    await ada.post('/login/pin', { code: '0' })
    await ada.post('/login/cancel')
    expect(heard.map(([name]) => name)).toEqual(['step.failed', 'factor.locked', 'step.failed', 'step.failed', 'flow.cancelled'])
    expect(heard[3]?.[1]).toEqual({ factor: 'pin', code: 'factor_locked', status: 429, userId: 'u1' })
    expect(heard[4]?.[1]).toEqual({ userId: 'u1' })
  })

  it('events hold no password, code, number or token (R-14, W-15 at steps)', async () => {
    const { ada, heard } = setup()
    const first = await ada.password()
    await ada.post('/login/text/challenge')
    await ada.post('/login/text', { code: 'wrong-code-1' })
    await ada.post('/login/text', { code: 'code of text 1' })
    const told = JSON.stringify(heard)
    for (const secret of ['lovelace', 'wrong-code', 'code of', 'text 1', '123456', first.body.csrfToken]) expect(told).not.toContain(secret)
  })

  it('a listener of an event that throws or rejects becomes a warning, and breaks nothing', async () => {
    const { ada, login } = setup()
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    login.on('step.passed', () => { throw new Error('loud') }).on('step.passed', async () => { throw new Error('late') })
    expect((await ada.password()).body.status).toBe('pending')
    expect((await ada.post('/login/pin', code)).body.status).toBe('complete')
    const warned = warn.mock.calls.map(([warning]) => warning)
    warn.mockRestore()
    expect(warned).toEqual(expect.arrayContaining([expect.stringContaining('"step.passed" failed: loud'), expect.stringContaining('late')]))
  })
})
