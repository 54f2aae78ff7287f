import { allOf, anyOf, type FlowStore, type MultistepOptions, type Proof } from '../../src/index.js'
import { browser, buildApp, people, pin, Scripted, type Person } from '../support/app.js'
import { device, texting, texts } from '../support/factors.js'
import { describeWithBackends, type Backend } from '../support/stores.js'

const minute = 60_000
const start = 1_700_000_000_000

/** Sends the browser elsewhere with a `state` of its own, and takes every browser that comes back with it. */
const elsewhere = (name: string, users: Record<string, Person>, withState = true) => {
  const sent: { details: unknown, maxAge: unknown, state: string }[] = []
  const strategy = new Scripted(name, function (req, options) {
    const user = users[req.query.code]
    if (user) return this.success(user, req.query.auth_time === undefined ? undefined : { authTime: new Date(Number(req.query.auth_time)) } as never)
    if (req.query.error) return this.fail({ code: 'access_denied', message: 'Refused.' } as never, 401)
    const state = `s${sent.length + 1}`
    sent.push({ details: options.details, maxAge: options.maxAge, state })
    this.redirect(`https://operator.example/authorize${withState ? `?state=${state}` : ''}`)
  })
  return { strategy, sent }
}

describeWithBackends('A step-up', (create) => {
  let backend: Backend
  let instant: number
  beforeEach(async () => {
    instant = start
    const made = await create()
    backend = { ...made, flows: made.flowsAt(() => instant) }
  })
  afterEach(() => backend.close())

  const built = (setup: { store?: FlowStore, options?: Partial<MultistepOptions<'local' | 'pin' | 'text' | 'operator'>>, stateless?: boolean } = {}) => {
    const users = people()
    const [text, operator] = [texts('text', users), elsewhere('operator', users, setup.stateless !== true)]
    const ran: string[] = []
    const events: unknown[] = []
    const made = buildApp({
      users,
      strategies: [pin(), text.strategy, operator.strategy],
      session: { store: backend.sessions, cookie: { maxAge: 30 * minute } },
      options: {
        steps: ['local', anyOf('pin', 'text', 'operator')],
        store: setup.store ?? backend.flows,
        factors: {
          pin: { ...device, enrolled: (user) => Boolean((user as Person).key) },
          text: { ...texting, enrolled: (user) => Boolean((user as Person).phone) },
          operator: { kind: 'possession', channel: 'phone', redirects: true, sees: 'pending', ...(setup.stateless ? { state: 'own' } : {}) },
        },
        ...setup.options,
      },
      routes: (host, its) => {
        const ran200 = (name: string) => (_req: any, res: any) => {
          ran.push(name)
          res.json({ ran: name })
        }
        host.get('/text', its.require({ factors: 'text' }) as any, ran200('text'))
        host.get('/recent', its.require({ maxAge: '5m' }) as any, ran200('recent'))
        host.get('/password', its.require({ factors: 'local', maxAge: '5m' }) as any, ran200('password'))
        host.get('/mfa', its.require({ mfa: true, maxAge: '15m' }) as any, ran200('mfa'))
        host.get('/both', its.require({ factors: allOf('pin', 'text'), maxAge: '5m' }) as any, ran200('both'))
        host.get('/operator', its.require({ factors: 'operator', maxAge: '5m' }) as any, ran200('operator'))
        host.get('/page/:n', its.require({ factors: 'text', maxAge: '5m' }) as any, ran200('page'))
        host.post('/post', its.require({ factors: 'text', maxAge: '5m' }) as any, ran200('post'))
        host.post('/paged', its.require({ factors: 'text', maxAge: '5m', page: '/form?x=1' }) as any, ran200('paged'))
        host.post('/transfer', its.require({ factors: anyOf('text', 'operator'), bind: (req) => ({ to: req.body.to, amount: req.body.amount }) }) as any, ran200('transfer'))
        host.get('/keep', (req, res) => {
          Object.assign(req.session, { basket: ['tea'], at: instant })
          req.session.cookie.maxAge = 45 * minute
          res.json({})
        })
        // express-session computes the life from an instant, which may cost a millisecond.
        const lifeOf = ({ cookie }: { cookie: { originalMaxAge: number | null } }) => Math.round((cookie.originalMaxAge ?? 0) / 1000) * 1000
        host.get('/session', (req, res) => { res.json({ basket: (req.session as any).basket, id: req.sessionID, cookie: lifeOf(req.session) }) })
        host.post('/drop', (req, res, next) => { its.drop(req as any).then(() => res.json({ evidence: its.evidence(req as any).map(({ factor }) => factor) })).catch(next) })
        host.get('/evidence', (req, res) => { res.json(its.evidence(req as any)) })
        host.post('/cancel', its.cancel() as any)
      },
    })
    for (const event of ['stepup.granted', 'step.passed', 'step.failed', 'person.mismatch', 'flow.cancelled', 'flow.completed'] as const) made.login.on(event, (payload) => events.push([event, payload]))
    return { ...made, text, operator, ran, events }
  }
  type App = ReturnType<typeof built>['app']

  const loggedIn = async (app: App) => {
    const ada = browser(app)
    await ada.password().expect(200)
    await ada.post('/login/pin', { code: '246810' }).expect(200)
    return ada
  }
  const refused = async (ada: ReturnType<typeof browser>, path: string) => (await ada.get(path).expect(403)).body
  const idOf = async (ada: ReturnType<typeof browser>, path: string): Promise<string> => (await refused(ada, path)).requirement.id
  const asked = async (ada: ReturnType<typeof browser>, amount: unknown, to = 'Bob'): Promise<string> => (await ada.post('/transfer', { to, amount }).expect(403)).body.requirement.id
  const cookieOf = (response: { headers: Record<string, any> }): string | undefined => (response.headers['set-cookie'] as string[] | undefined)?.find((one) => one.startsWith('connect.sid='))
  const sid = async (ada: ReturnType<typeof browser>): Promise<string> => (await ada.get('/session')).body.id

  describe('is asked for', () => {
    it('a step-up is asked for with what is missing, apart from what is too old (R-44 and R-48 at require)', async () => {
      const { app } = built()
      const ada = await loggedIn(app)
      expect(await refused(ada, '/text')).toEqual({
        type: expect.stringMatching(/^https:.*\/docs\/errors#step_up_required$/), title: 'Forbidden', status: 403, code: 'step_up_required', detail: expect.any(String),
        missing: ['text'], expired: [], requirement: { id: expect.stringMatching(/^[\w-]{22}$/) }, login: expect.stringMatching(/^\/login\?for=[\w-]{22}$/),
      })
      await ada.get('/password').expect(200)
      instant += 5 * minute
      await ada.get('/password').expect(200)
      instant += 1
      expect(await refused(ada, '/password')).toMatchObject({ missing: [], expired: ['local'], maxAge: '5m', requirement: { maxAge: '5m' } })
      expect(await refused(ada, '/recent')).toMatchObject({ missing: [], expired: ['local', 'pin'] })
    })

    it('a step-up is asked for when two kinds of factors are not both proven lately (R-48 at require)', async () => {
      const { app } = built()
      const ada = await loggedIn(app)
      await ada.get('/mfa').expect(200)
      instant += 15 * minute + 1
      expect(await refused(ada, '/mfa')).toMatchObject({ missing: [], expired: ['mfa'], maxAge: '15m' })
      const { requirement: { id } } = await refused(ada, '/mfa')
      expect((await ada.get(`/login?for=${id}`)).body).toMatchObject({ status: 'step-up', step: 1, steps: 2, factors: [{ factor: 'local' }] })
      await ada.post('/login/local', { ...credentials('ada'), for: id }).expect(200)
      expect(await refused(ada, '/mfa')).toMatchObject({ expired: ['mfa'] })
      expect((await ada.get(`/login?for=${id}`)).body).toMatchObject({ step: 2, steps: 2, completed: [{ factor: 'local' }] })
      await ada.post('/login/pin', { code: '246810', for: id }).expect(200)
      await ada.get('/mfa').expect(200)
    })

    it.each([[0, 200], [1, 403]])('a step-up is asked for when the evidence on record is from %i ms in the future: %i (F-26 at require)', async (ahead, status) => {
      const shifted: FlowStore['readLogin'] = async (id) => {
        const read = await backend.flows.readLogin(id)
        const later = (proof: Proof): Proof => ({ ...proof, at: read.at + ahead })
        return read.login ? { ...read, login: { ...read.login, proofs: read.login.proofs.map(later) } } : read
      }
      const { app } = built({ store: Object.assign(Object.create(backend.flows) as FlowStore, { readLogin: shifted }) })
      const ada = await loggedIn(app)
      await ada.get('/recent').expect(status)
    })

    it('a step-up is asked for when a remembered device or a recovery code helped the login: neither is fresh (D-07)', async () => {
      for (const via of ['remembered', 'recovery'] as const) {
        const changed: FlowStore['finishFlow'] = (id, version, login) =>
          backend.flows.finishFlow(id, version, { ...login, login: { ...login.login, proofs: login.login.proofs.map((proof) => (proof.factor === 'pin' ? { ...proof, via } : proof)) } })
        const { app } = built({ store: Object.assign(Object.create(backend.flows) as FlowStore, { finishFlow: changed }) })
        const ada = await loggedIn(app)
        expect(await refused(ada, '/mfa')).toMatchObject({ code: 'step_up_required', missing: ['mfa'], expired: [] })
        expect(await refused(ada, '/both')).toMatchObject({ missing: ['pin', 'text'] })
        await ada.get('/recent').expect(200)
      }
    })

    it('a step-up is asked for with 401 and the header of RFC 9470 where the app chose that (R-48 at require)', async () => {
      const { app } = built({ options: { stepUpStatus: 401 } })
      const ada = await loggedIn(app)
      const { body, headers } = await ada.get('/text').expect(401)
      expect(body).toMatchObject({ code: 'step_up_required', status: 401 })
      expect(headers['www-authenticate']).toMatch(/^Bearer error="insufficient_user_authentication", error_description="[^"]+"$/)
      instant += 5 * minute + 1
      expect((await ada.get('/recent').expect(401)).headers['www-authenticate']).toMatch(/, max_age=300$/)
      await ada.page('/text').expect(303)
    })

    it('a step-up is asked for of users who are logged in: other browsers are told to log in, or to go on (R-41 at require)', async () => {
      const { app, ran } = built()
      const ada = browser(app)
      expect((await ada.get('/mfa').expect(401)).body).toMatchObject({ code: 'login_required' })
      expect((await ada.page('/mfa').expect(303)).headers.location).toBe('/login')
      await ada.password().expect(200)
      expect((await ada.post('/transfer', { to: 'Bob', amount: 1 }).expect(401)).body).toMatchObject({ code: 'factor_required' })
      expect(ran).toEqual([])
    })

    it('a step-up is not asked for of a user who could not meet it: 403 factor_not_enrolled, and no page to go round in (R-48 at require)', async () => {
      const { app, users } = built()
      const ada = await loggedIn(app)
      users.ada!.phone = undefined as never
      expect((await ada.get('/text').expect(403)).body).toMatchObject({ code: 'factor_not_enrolled', missing: ['text'] })
      expect((await ada.page('/text').expect(403)).text).toContain('not set up for your account')
      expect((await ada.get('/login')).body.status).toBe('complete')
      const reply = await ada.post('/login/text/challenge').expect(409)
      expect(reply.body.code).toBe('factor_unexpected')
    })

    it('a step-up is asked for with a redirect that names it, of a browser', async () => {
      const { app } = built()
      const ada = await loggedIn(app)
      const { location } = (await ada.page('/text').expect(303)).headers
      expect(location).toMatch(/^\/login\?for=[\w-]{22}$/)
      const { text } = await ada.page(location!).expect(200)
      expect(text).toContain('Confirm that it is you')
      expect(text).toContain(`<input type="hidden" name="for" value="${location!.split('=')[1]!}">`)
    })

    it('a step-up is asked for once for one page, however often it is loaded', async () => {
      const { app, text } = built()
      const ada = await loggedIn(app)
      const id = await idOf(ada, '/text')
      await ada.post('/login/text/challenge', { for: id }).expect(200)
      for (let time = 0; time < 7; time += 1) expect(await idOf(ada, '/text')).toBe(id)
      await ada.post('/login/text', { for: id, code: 'code of text 1' }).expect(200)
      expect(text.sent).toHaveLength(1)
    })
  })

  describe('raises the login', () => {
    const steppedUp = async (ada: ReturnType<typeof browser>, path: string) => {
      const id = await idOf(ada, path)
      const sent = (await ada.post('/login/text/challenge', { for: id }).expect(200)).body
      const last = Number(/\d+$/.exec(JSON.stringify(sent.factors.length))?.[0])
      return { id, last }
    }

    it('a step-up changes nothing of the login but its evidence and the id of its session (R-47 at require, R-43 at require, R-49 at require, R-58 at require)', async () => {
      const { app, events } = built()
      const ada = await loggedIn(app)
      await ada.get('/keep').expect(200)
      instant += 2 * minute
      await ada.get('/page/1')
      events.length = 0
      const before = (await ada.get('/session')).body
      expect(before).toMatchObject({ basket: ['tea'], cookie: 45 * minute })
      const { id } = await steppedUp(ada, '/text')
      const { body } = await ada.post('/login/text', { for: id, code: 'code of text 1' }).expect(200)
      expect(body).toMatchObject({ status: 'complete', returnTo: '/text', amr: ['pwd', 'otp', 'sms', 'mfa'] })
      const after = (await ada.get('/session')).body
      expect(after).toEqual({ ...before, id: expect.any(String) })
      expect(after.id).not.toBe(before.id)
      expect((await ada.get('/evidence')).body).toEqual([
        expect.objectContaining({ factor: 'local', at: new Date(start).toISOString() }),
        expect.objectContaining({ factor: 'pin', at: new Date(start).toISOString() }),
        expect.objectContaining({ factor: 'text', at: new Date(instant).toISOString(), via: 'fresh' }),
      ])
      await ada.get('/text').expect(200)
      expect(events).toEqual([['step.passed', { userId: 'u1', factor: 'text' }], ['stepup.granted', { userId: 'u1', factors: ['text'] }]])
    })

    it('a step-up raises the new session alone: the old one is dead, even where a slow request brings it back (R-43, P-05 at require)', async () => {
      const { app } = built()
      const ada = await loggedIn(app)
      const old = (await ada.agent.get('/session')).body.id as string
      const [kept] = Object.entries(await backend.keptSessions()).filter(([id]) => id === old)
      const cookie = ada.agent.jar.getCookies({ domain: '127.0.0.1', path: '/', secure: false, script: false }).toValueString()
      const { id } = await steppedUp(ada, '/text')
      await ada.post('/login/text', { for: id, code: 'code of text 1' }).expect(200)
      const stale = browser(app)
      const asOld = (path: string) => stale.agent.get(path).set('Cookie', cookie)
      expect((await asOld('/who')).body.authenticated).toBe(false)
      await new Promise<void>((resolve) => backend.sessions.set(old, { ...kept![1], cookie: { originalMaxAge: 30 * minute } } as never, () => resolve()))
      expect((await asOld('/who')).body).toEqual({ authenticated: false, user: null, amr: [] })
      await asOld('/text').expect(401)
      await ada.get('/text').expect(200)
    })

    it('a step-up raises the login for as long as it is fresh, and renews only the factor that was proven again (R-47)', async () => {
      const { app } = built()
      const ada = await loggedIn(app)
      instant += 10 * minute
      const id = await idOf(ada, '/password')
      await ada.post('/login/local', { ...credentials('ada'), for: id }).expect(200)
      expect((await ada.get('/evidence')).body).toEqual([
        expect.objectContaining({ factor: 'pin', at: new Date(start).toISOString() }),
        expect.objectContaining({ factor: 'local', at: new Date(instant).toISOString() }),
      ])
      await ada.get('/password').expect(200)
      instant += 5 * minute + 1
      await ada.get('/password').expect(403)
    })

    it('a step-up raises the login after as many proofs as were asked for, in their order', async () => {
      const { app } = built()
      const ada = await loggedIn(app)
      instant += 6 * minute
      const id = await idOf(ada, '/both')
      expect((await ada.get(`/login?for=${id}`)).body).toMatchObject({ step: 1, steps: 2, factors: [{ factor: 'pin' }] })
      expect((await ada.post('/login/text/challenge', { for: id }).expect(409)).body.code).toBe('factor_unexpected')
      const { body } = await ada.post('/login/pin', { code: '246810', for: id }).expect(200)
      // Its only factor: the challenge begins with the step.
      expect(body).toMatchObject({ status: 'step-up', step: 2, steps: 2, completed: [{ factor: 'pin' }], requirement: { id }, factors: [{ factor: 'text', challenge: { to: '…456' } }] })
      await ada.get('/both').expect(403)
      await ada.post('/login/text', { code: 'code of text 1', for: id }).expect(200)
      await ada.get('/both').expect(200)
    })

    it('of twenty equal last posts of a step-up exactly one raises the login (F-18 at require)', async () => {
      const { app, events } = built()
      const ada = await loggedIn(app)
      const { id } = await steppedUp(ada, '/text')
      const cookie = ada.agent.jar.getCookies({ domain: '127.0.0.1', path: '/', secure: false, script: false }).toValueString()
      const answers = await Promise.all(Array.from({ length: 20 }, () => browser(app).agent.post('/login/text').set('Cookie', cookie).send({ for: id, code: 'code of text 1' })))
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
      expect(new Set(answers.filter(({ status }) => status !== 200).map(({ body }) => body.code))).not.toContain('store_unavailable')
      expect(events.filter(([name]: any) => name === 'stepup.granted')).toHaveLength(1)
      const winner = answers.find(({ status }) => status === 200)!
      expect((await browser(app).agent.get('/who').set('Cookie', cookieOf(winner)!.split(';')[0]!)).body).toMatchObject({ user: 'u1', amr: expect.arrayContaining(['sms']) })
    })

    it('two step-ups at once in two tabs both raise the login, and the browser whose answer comes last stays logged in (F-06 at require)', async () => {
      const { app } = built()
      const ada = await loggedIn(app)
      instant += 6 * minute
      const [one, two] = [await idOf(ada, '/password'), await idOf(ada, '/text')]
      await ada.post('/login/text/challenge', { for: two }).expect(200)
      const cookie = ada.agent.jar.getCookies({ domain: '127.0.0.1', path: '/', secure: false, script: false }).toValueString()
      const post = (path: string, body: object) => browser(app).agent.post(path).set('Cookie', cookie).send(body)
      const answers = await Promise.all([post('/login/local', { ...credentials('ada'), for: one }), post('/login/text', { code: 'code of text 1', for: two })])
      for (const answer of answers.filter(({ status }) => status === 200)) {
        expect((await browser(app).agent.get('/who').set('Cookie', cookieOf(answer)!.split(';')[0]!)).body.authenticated).toBe(true)
      }
      expect(answers.some(({ status }) => status === 200)).toBe(true)
    })

    it('a browser returns from a step-up to the page that it was asked on (R-54 at require, R-62 at require, W-01 at require, W-02 at require)', async () => {
      const { app } = built()
      const ada = await loggedIn(app)
      const finish = async (location: string, code: number) => {
        const id = /for=([\w-]+)/.exec(location)![1]!
        await ada.form('/login/text/challenge', { for: id }).expect(303)
        const done = await ada.form('/login/text', { for: id, code: `code of text ${code}` }).expect(303)
        return done.headers.location
      }
      const refusedForm = (path: string, referer?: string) => {
        const posted = ada.form(path, {})
        return referer === undefined ? posted : posted.set('Referer', referer)
      }
      expect(await finish((await ada.page('/page/1?a=b').expect(303)).headers.location!, 1)).toBe('/page/1?a=b')
      instant += 6 * minute
      expect(await finish((await refusedForm('/paged', 'http://evil.example/form').expect(303)).headers.location!, 2)).toBe('/form?x=1')
      instant += 6 * minute
      const host = await ada.agent.get('/session').then((response) => new URL((response as any).request.url).host)
      expect(await finish((await ada.form('/post').set('Host', host).set('Referer', `http://${host}/form?y=2`).expect(303)).headers.location!, 3)).toBe('/form?y=2')
      instant += 6 * minute
      expect(await finish((await refusedForm('/post', 'http://evil.example/form').expect(303)).headers.location!, 4)).toBe('/')
      instant += 6 * minute
      expect(await finish((await ada.form('/post').set('Host', host).set('Referer', `http://${host}/login/text`).expect(303)).headers.location!, 5)).toBe('/')
      await ada.form('/post').expect(200)
    })

    it('stepDown() takes what step-ups brought, and the login stays', async () => {
      const { app } = built()
      const ada = await loggedIn(app)
      const { id } = await steppedUp(ada, '/text')
      await ada.post('/login/text', { for: id, code: 'code of text 1' }).expect(200)
      const bound = await asked(ada, 1)
      await ada.post('/login/text/challenge', { for: bound }).expect(200)
      await ada.post('/login/text', { for: bound, code: 'code of text 2' }).expect(200)
      const open = await asked(ada, 2)
      expect((await ada.post('/drop').expect(200)).body).toEqual({ evidence: ['local', 'pin'] })
      await ada.get('/text').expect(403)
      await ada.post('/transfer', { to: 'Bob', amount: 1 }).expect(403)
      expect((await ada.post('/login/text/challenge', { for: open }).expect(401)).body.code).toBe('flow_expired')
      expect((await ada.who()).user).toBe('u1')
      await browser(app).post('/drop').expect(200, { evidence: [] })
    })
  })

  describe('that fails', () => {
    it('a step-up that fails leaves session and evidence as they were, and counts among the failures of its factor (F-27 at require)', async () => {
      const { app, events } = built({ options: { lockout: { after: 3, for: '15m' } } })
      const ada = await loggedIn(app)
      const [before, evidence] = [await sid(ada), (await ada.get('/evidence')).body]
      const id = await idOf(ada, '/text')
      await ada.post('/login/text/challenge', { for: id }).expect(200)
      for (const status of [401, 401, 401, 429, 429]) await ada.post('/login/text', { for: id, code: 'wrong' }).expect(status)
      await ada.post('/login/text', { for: id, code: 'code of text 1' }).expect(429)
      expect([await sid(ada), (await ada.get('/evidence')).body]).toEqual([before, evidence])
      expect((await ada.who()).user).toBe('u1')
      expect(events.filter(([name]: any) => name === 'step.failed')).toHaveLength(6)
      instant += 15 * minute
      // The lock has ended, and the requirement with it.
      const again = await idOf(ada, '/text')
      await ada.post('/login/text/challenge', { for: again }).expect(200)
      await ada.post('/login/text', { for: again, code: 'code of text 2' }).expect(200)
    })

    it('a step-up that fails says why on the page of its step, once', async () => {
      const { app } = built()
      const ada = await loggedIn(app)
      const location = (await ada.page('/text').expect(303)).headers.location!
      const id = location.split('=')[1]!
      expect((await ada.form('/login/text/challenge', { for: id }).expect(303)).headers.location).toBe(location)
      expect((await ada.form('/login/text', { for: id, code: 'wrong' }).expect(303)).headers.location).toBe(location)
      expect((await ada.page(location)).text).toContain('That code is not right.')
      expect((await ada.page(location)).text).not.toContain('That code is not right.')
    })

    it('a step-up that failed says nothing of it once a step was taken, though no page has shown it', async () => {
      const { app } = built()
      const ada = await loggedIn(app)
      instant += 16 * minute
      const id = await idOf(ada, '/mfa')
      await ada.form('/login/local', { for: id, username: 'ada', password: 'wrong' }).expect(303)
      await ada.form('/login/local', { for: id, ...credentials('ada') }).expect(303)
      const { body } = await ada.get(`/login?for=${id}`)
      expect(body).toMatchObject({ status: 'step-up', step: 2 })
      expect(body).not.toHaveProperty('problem')
    })

    it('a step-up by another user\'s proof is person_mismatch, and the login stays as it was (F-26, F-22 at require)', async () => {
      const { app, events } = built()
      const ada = await loggedIn(app)
      instant += 6 * minute
      const [before, id] = [await sid(ada), await idOf(ada, '/password')]
      expect((await ada.post('/login/local', { ...credentials('grace'), for: id }).expect(403)).body.code).toBe('person_mismatch')
      expect((await ada.post('/login/local', credentials('grace')).expect(403)).body.code).toBe('person_mismatch')
      expect((await ada.form('/login/local', { ...credentials('grace'), for: id }).expect(303)).headers.location).toBe(`/login?for=${id}`)
      expect([await sid(ada), (await ada.who()).user]).toEqual([before, 'u1'])
      expect(events.filter(([name]: any) => name === 'person.mismatch')).toHaveLength(3)
      await ada.get('/password').expect(403)
      await ada.post('/login/local', { ...credentials('ada'), for: id }).expect(200)
    })

    it('a step-up by a proof from too long ago stays open (F-26)', async () => {
      const { app } = built()
      const ada = await loggedIn(app)
      const id = await idOf(ada, '/operator')
      const begun = (await ada.post('/login/operator', { for: id }).expect(200)).body.url as string
      const state = new URL(begun).searchParams.get('state')!
      const old = await ada.get(`/login/operator/callback?code=ada&state=${state}&auth_time=${instant - 5 * minute - 1}`).expect(403)
      expect(old.body).toMatchObject({ code: 'step_up_required' })
      await ada.get('/operator').expect(403)
      const next = new URL((await ada.post('/login/operator', { for: id }).expect(200)).body.url).searchParams.get('state')!
      await ada.get(`/login/operator/callback?code=ada&state=${next}&auth_time=${instant - 4 * minute}`).expect(200)
      await ada.get('/operator').expect(200)
    })

    it('a step-up of a login that was ended meanwhile opens nothing, and keeps nothing (F-27, R-56 at require)', async () => {
      const { app } = built()
      const ada = await loggedIn(app)
      const id = await idOf(ada, '/text')
      await ada.post('/login/text/challenge', { for: id }).expect(200)
      await ada.post('/logout').expect(200)
      expect((await ada.post('/login/text', { for: id, code: 'code of text 1' })).status).toBe(401)
      const again = await loggedIn(app)
      expect((await again.post('/login/text', { for: id, code: 'code of text 1' }).expect(401)).body.code).toBe('flow_expired')
    })

    it.each(['openRequirement', 'readRequirements', 'meetRequirement', 'takeGrant'] as const)('a step-up that loses the store at %s is 503, and lets no request pass', async (operation) => {
      const store = Object.create(backend.flows) as FlowStore
      const { app, ran } = built({ store })
      const ada = await loggedIn(app)
      const id = await idOf(ada, '/text')
      await ada.post('/login/text/challenge', { for: id }).expect(200)
      Object.assign(store, { [operation]: async () => { throw new Error('gone') } })
      const answer = operation === 'openRequirement' || operation === 'takeGrant'
        ? await ada.post('/transfer', { to: 'Bob', amount: 1 })
        : await ada.post('/login/text', { for: id, code: 'code of text 1' })
      expect(answer.body).toMatchObject({ status: 503, code: 'store_unavailable' })
      expect(ran).toEqual([])
      expect((await ada.who()).user).toBe('u1')
    })

    it('a step-up whose session cannot be given a new id is 503, and the old id is of no more use', async () => {
      const { app } = built()
      const ada = await loggedIn(app)
      const id = await idOf(ada, '/text')
      await ada.post('/login/text/challenge', { for: id }).expect(200)
      const destroy = jest.spyOn(backend.sessions, 'destroy').mockImplementation((_id, done) => done?.(new Error('gone')))
      await ada.post('/login/text', { for: id, code: 'code of text 1' }).expect(503)
      destroy.mockRestore()
      await ada.get('/text').expect(401)
    })
  })

  describe('names its requirement', () => {
    it('a post must name its step-up where several are open, else 409 requirement_ambiguous, in HTML too; where one is open, it need not', async () => {
      const { app } = built()
      const ada = await loggedIn(app)
      const one = await idOf(ada, '/page/1')
      expect((await ada.get('/login')).body).toMatchObject({ status: 'step-up', requirement: { id: one } })
      await ada.post('/login/text/challenge').expect(200)
      const two = await idOf(ada, '/page/2')
      expect((await ada.get('/login')).body.status).toBe('complete')
      expect((await ada.post('/login/text/challenge').expect(409)).body.code).toBe('requirement_ambiguous')
      expect((await ada.post('/login/text', { code: 'code of text 1' }).expect(409)).body.code).toBe('requirement_ambiguous')
      await ada.form('/login/text', { code: 'code of text 1' }).expect(409)
      await ada.post('/cancel', { for: two }).expect(200)
      await ada.post('/login/text', { code: 'code of text 1' }).expect(200)
      await ada.get('/page/1').expect(200)
    })

    it('a post names its step-up in the query or in the body; the body decides', async () => {
      const { app, text } = built()
      const ada = await loggedIn(app)
      const [one, two] = [await asked(ada, 1), await asked(ada, 2)]
      await ada.post(`/login/text/challenge?for=${one}`).expect(200)
      await ada.post(`/login/text/challenge?for=${one}`, { for: two }).expect(200)
      expect(text.sent.map(({ details }) => details)).toEqual([{ to: 'Bob', amount: '1' }, { to: 'Bob', amount: '2' }])
    })

    it.each([
      ['an unknown word', 'unknown'], ['a path', '../x'], ['a number', 7], ['a list', ['a', 'b']], ['an object', { $ne: '' }],
      ['5000 letters', 'x'.repeat(5000)], ['__proto__', '__proto__'], ['true', true],
    ])('a post that names %s as its step-up is 401 flow_expired, and nothing begins (F-08 at require)', async (_, value) => {
      const { app, text } = built()
      const ada = await loggedIn(app)
      await idOf(ada, '/text')
      expect((await ada.post('/login/text/challenge', { for: value }).expect(401)).body.code).toBe('flow_expired')
      expect((await ada.post('/login/local', { ...credentials('ada'), for: value }).expect(401)).body.code).toBe('flow_expired')
      expect(text.sent).toEqual([])
      expect((await ada.who()).user).toBe('u1')
    })

    it('a post that names a step-up of another user, or of another login of this one, is refused (F-19 at require, F-03 at require)', async () => {
      const { app } = built()
      const [ada, other] = [await loggedIn(app), await loggedIn(app)]
      const alan = browser(app)
      await alan.password('alan').expect(200)
      await alan.post('/login/pin', { code: '246810' }).expect(200)
      const id = await idOf(ada, '/text')
      for (const thief of [other, alan]) {
        expect((await thief.post('/login/text/challenge', { for: id }).expect(401)).body.code).toBe('flow_expired')
        expect((await thief.get(`/login?for=${id}`)).body.status).toBe('complete')
      }
      await ada.post('/login/text/challenge', { for: id }).expect(200)
    })

    it('a post that names a step-up that is done or has expired is refused: Back leads nowhere, and to no loop', async () => {
      const { app } = built()
      const ada = await loggedIn(app)
      const location = (await ada.page('/text').expect(303)).headers.location!
      const id = location.split('=')[1]!
      await ada.form('/login/text/challenge', { for: id })
      expect((await ada.form('/login/text', { for: id, code: 'code of text 1' }).expect(303)).headers.location).toBe('/text')
      const back = await ada.form('/login/text', { for: id, code: 'code of text 1' }).expect(303)
      expect(back.headers.location).toBe('/login')
      expect((await ada.page('/login').expect(200)).text).toContain('What you were confirming is done or has expired')
      await ada.page(location).expect(200)
      const late = await idOf(ada, '/page/1').catch(() => undefined)
      instant += 10 * minute
      if (late !== undefined) await ada.post('/login/text', { for: late, code: 'x' }).expect(401)
      await ada.get('/text').expect(200)
    })

    it('a login has at most five step-ups that nothing has begun on: a sixth ends the first, and changes no other (F-33 at require, R-46 at require)', async () => {
      const { app } = built()
      const ada = await loggedIn(app)
      const ids: string[] = []
      for (let n = 1; n <= 6; n += 1) ids.push(await asked(ada, n))
      expect((await ada.post('/login/text/challenge', { for: ids[0] }).expect(401)).body.code).toBe('flow_expired')
      for (const id of ids.slice(1)) await ada.post('/login/text/challenge', { for: id }).expect(200)
      await ada.post('/login/text', { for: ids[5], code: 'code of text 5' }).expect(200)
      await ada.post('/login/text', { for: ids[1], code: 'code of text 1' }).expect(200)
      await ada.post('/transfer', { to: 'Bob', amount: 2 }).expect(200)
      await ada.post('/transfer', { to: 'Bob', amount: 3 }).expect(403)
      await ada.post('/transfer', { to: 'Bob', amount: 6 }).expect(200)
    })

    it('a step-up is given up by name: the login, and every other step-up, stays (F-11 at require)', async () => {
      const { app, events } = built()
      const ada = await loggedIn(app)
      const [one, two] = [await asked(ada, 1), await asked(ada, 2)]
      events.length = 0
      expect((await ada.form('/login/cancel', { for: one }).expect(303)).headers.location).toBe('/')
      expect(events).toEqual([['flow.cancelled', { userId: 'u1' }]])
      await ada.post('/login/text/challenge', { for: one }).expect(401)
      await ada.post('/login/text/challenge', { for: two }).expect(200)
      await ada.post('/login/cancel', { for: 'unknown' }).expect(200)
      const pending = browser(app)
      await pending.password().expect(200)
      expect((await pending.post('/login/cancel', { for: two }).expect(200)).body.status).toBe('anonymous')
      expect((await ada.who()).user).toBe('u1')
    })

    it('an open step-up is not in the way of a new login by a factor that it does not accept', async () => {
      const { app } = built()
      const ada = await loggedIn(app)
      await idOf(ada, '/page/1')
      await idOf(ada, '/page/2')
      expect((await ada.post('/login/local', credentials('alan')).expect(200)).body).toMatchObject({ status: 'pending' })
      await ada.post('/login/pin', { code: '246810' }).expect(200)
      expect((await ada.who()).user).toBe('u3')
      expect((await ada.get('/login')).body.status).toBe('complete')
    })
  })

  describe('through another site', () => {
    const begin = async (ada: ReturnType<typeof browser>, id?: string): Promise<string> => {
      const { body } = await ada.post('/login/operator', id === undefined ? {} : { for: id }).expect(200)
      return new URL(body.url).searchParams.get('state')!
    }

    it('an answer from another site comes back to the step-up that it was begun for: amounts never cross (F-33)', async () => {
      const { app, operator } = built()
      const ada = await loggedIn(app)
      const [one, two] = [await asked(ada, 1), await asked(ada, 1000)]
      const [small, large] = [await begin(ada, one), await begin(ada, two)]
      expect(operator.sent).toMatchObject([{ details: { to: 'Bob', amount: '1' }, maxAge: '5m' }, { details: { to: 'Bob', amount: '1000' }, maxAge: '5m' }])
      await ada.get(`/login/operator/callback?code=ada&state=${small}`).expect(200)
      await ada.post('/transfer', { to: 'Bob', amount: 1000 }).expect(403)
      await ada.post('/transfer', { to: 'Bob', amount: 1 }).expect(200)
      expect((await ada.page(`/login/operator/callback?code=ada&state=${large}`).expect(303)).headers.location).toBe('/')
      await ada.post('/transfer', { to: 'Bob', amount: 1000 }).expect(200)
    })

    it('an answer from another site that was taken, or that no step-up began, opens nothing', async () => {
      const { app, ran } = built()
      const ada = await loggedIn(app)
      const id = await asked(ada, 1)
      const state = await begin(ada, id)
      await ada.get(`/login/operator/callback?error=access_denied&state=${state}`).expect(401)
      for (const other of [state, 'foreign']) expect((await ada.get(`/login/operator/callback?code=ada&state=${other}`)).body.code).toBe('flow_expired')
      await ada.post('/transfer', { to: 'Bob', amount: 1 }).expect(403)
      expect(ran).toEqual([])
      await ada.get(`/login/operator/callback?code=ada&state=${await begin(ada, id)}`).expect(200)
    })

    it('an answer from another site opens nothing else than it was begun for, whatever it names (F-33, C-01 at require)', async () => {
      for (const stateless of [false, true]) {
        const { app, ran } = built({ stateless })
        const ada = await loggedIn(app)
        const [one, two] = [await asked(ada, 1), await asked(ada, 1000)]
        const { url } = (await ada.post('/login/operator', { for: one }).expect(200)).body
        const answer = `/login/operator/callback?code=ada${new URL(url).search.replace('?', '&')}`
        expect((await ada.get(`${answer}&for=${two}`).expect(401)).body.code).toBe('flow_expired')
        await ada.post('/transfer', { to: 'Bob', amount: 1000 }).expect(403)
        expect(ran).toEqual([])
        await ada.get(`${answer}&for=${one}`).expect(200)
        await ada.post('/transfer', { to: 'Bob', amount: 1 }).expect(200)
      }
    })

    it('an answer comes back from a request whose state could not be seen, because it was pushed (RFC 9126)', async () => {
      const { app } = built({ stateless: true })
      const ada = await loggedIn(app)
      await ada.post('/login/operator', { for: await asked(ada, 1) }).expect(200)
      await ada.get('/login/operator/callback?code=ada&state=unseen').expect(200)
      await ada.post('/transfer', { to: 'Bob', amount: 1 }).expect(200)
    })

    it('an answer without a state comes back to the only step-up that was begun there; of two it is ambiguous', async () => {
      const { app } = built({ stateless: true })
      const ada = await loggedIn(app)
      const [one, two] = [await asked(ada, 1), await asked(ada, 1000)]
      await ada.post('/login/operator', { for: one }).expect(200)
      await ada.post('/login/operator', { for: two }).expect(200)
      expect((await ada.get('/login/operator/callback?code=ada').expect(409)).body.code).toBe('requirement_ambiguous')
      await ada.post('/transfer', { to: 'Bob', amount: 1 }).expect(403)
      const alone = await loggedIn(app)
      const id = await asked(alone, 5)
      await asked(alone, 6)
      await alone.post('/login/operator', { for: id }).expect(200)
      await alone.get('/login/operator/callback?code=ada').expect(200)
      await alone.post('/transfer', { to: 'Bob', amount: 6 }).expect(403)
      await alone.post('/transfer', { to: 'Bob', amount: 5 }).expect(200)
    })

    it('a proof from before the values were asked for confirms none of them, however fresh it is', async () => {
      const { app } = built()
      const ada = await loggedIn(app)
      instant += 2 * minute
      const id = await asked(ada, 1)
      const state = await begin(ada, id)
      expect((await ada.get(`/login/operator/callback?code=ada&state=${state}&auth_time=${start}`).expect(403)).body.code).toBe('step_up_required')
      await ada.get(`/login/operator/callback?code=ada&state=${await begin(ada, id)}&auth_time=${instant - 1000}`).expect(200)
      await ada.post('/transfer', { to: 'Bob', amount: 1 }).expect(200)
    })
  })

  it('a step-up at a handler mounted by hand goes to the factor\'s own page, and the next handler answers JSON where no redirect is given', async () => {
    const users = people()
    const text = texts('text', users)
    const { app } = buildApp({
      users, router: false, strategies: [text.strategy],
      session: { store: backend.sessions },
      options: { steps: ['local', 'text'], store: backend.flows, factors: { text: { ...texting, page: '/code' } } },
      routes: (host, login) => {
        host.post('/in', login.authenticate('local', { successRedirect: '/' }) as any)
        host.post('/send', login.challenge('text') as any)
        host.post('/code', login.authenticate('text', { failureRedirect: '/code?failed=1' }) as any, (_req, res) => void res.json({ next: true }))
        host.get('/code', (req, res, next) => { login.progress(req as any).then((state) => res.json(state)).catch(next) })
        host.get('/recent', login.require({ factors: 'text', maxAge: '1m' }) as any, (_req, res) => void res.json({ recent: true }))
      },
    })
    const ada = browser(app)
    await ada.post('/in', credentials('ada')).expect(200)
    await ada.post('/code', { code: 'code of text 1' }).expect(200, { next: true })
    instant += minute + 1
    const { location } = (await ada.page('/recent').expect(303)).headers
    expect(location).toMatch(/^\/code\?for=[\w-]{22}$/)
    const id = location!.split('=')[1]!
    expect((await ada.get(location!)).body).toMatchObject({ status: 'step-up', requirement: { id, maxAge: '1m' }, returnTo: '/recent' })
    expect((await ada.form('/send', { for: id }).expect(303)).headers.location).toBe(location)
    expect((await ada.form('/code', { for: id, code: 'wrong' }).expect(303)).headers.location).toBe(`/code?failed=1&for=${id}`)
    expect((await ada.form('/code', { for: id, code: 'code of text 2' }).expect(303)).headers.location).toBe('/recent')
    instant += minute + 1
    const again = (await ada.get('/recent').expect(403)).body.requirement.id
    await ada.post('/send', { for: again }).expect(200)
    await ada.post('/code', { for: again, code: 'code of text 3' }).expect(200, { next: true })
    await ada.get('/recent').expect(200)
  })
})

const credentials = (username: string) => ({ username, password: people()[username]!.password })
