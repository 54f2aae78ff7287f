import type { SessionData, Store } from 'express-session'
import { Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { inboxSender } from 'passport-sms-otp/testing'
import { anyOf } from '../../src/index.js'
import { MemoryRecoveryCodeStore, RecoveryCodeStrategy } from '../../src/recovery-codes.js'
import { browser, buildApp, people, pin, Scripted, type Person } from '../support/app.js'
import { device } from '../support/factors.js'
import { hosted, nobody, onlySession, right } from '../support/hosted.js'
import { describeWithBackends, type Backend } from '../support/stores.js'

const policy = { steps: ['local', 'pin'], factors: { pin: device } } as const
const ada = { username: 'ada', password: people().ada!.password }

/** The session id that an answer sets. */
const issued = (answer: { headers: object }): string | undefined => /connect\.sid=([^;]+)/.exec(String((answer.headers as Record<string, unknown>)['set-cookie']))?.[1]

/** A session store that answers, or fails, as a test says. */
function troubled(store: Store) {
  const trouble: { failing?: 'set' | 'destroy', delay?: number } = {}
  const set = store.set.bind(store)
  const destroy = store.destroy.bind(store)
  store.set = (id: string, data: SessionData, done?: (error?: unknown) => void) => {
    if (trouble.failing === 'set') return void setImmediate(() => done?.(new Error('disk full')))
    if (trouble.delay) return void setTimeout(() => set(id, data, done), trouble.delay)
    set(id, data, done)
  }
  store.destroy = (id: string, done?: (error?: unknown) => void) => {
    if (trouble.failing === 'destroy') return void setImmediate(() => done?.(new Error('disk full')))
    destroy(id, done)
  }
  return trouble
}

describeWithBackends('abuse of sessions and pages', (create) => {
  let backend: Backend
  beforeEach(async () => { backend = await create() })
  afterEach(() => backend.close())

  const twoSteps = (more: object = {}) => hosted<'local' | 'pin'>(backend, { strategies: [pin()], options: policy, ...more })
  const carrying = (app: ReturnType<typeof buildApp>['app'], id: string | undefined) => {
    const other = browser(app)
    other.agent.jar.setCookie(`connect.sid=${id}`, '127.0.0.1', '/')
    return other
  }

  it('a planted session id is anonymous while the login is pending and complete, and each id is left behind (P-01, R-43)', async () => {
    const { app, browsing } = twoSteps({ routes: (host: any) => host.get('/plant', (req: any, res: any) => {
      req.session.basket = ['book']
      res.end()
    }) })
    const ids = [issued(await browsing.get('/plant')), issued(await browsing.password()), issued(await browsing.post('/login/pin', right))]
    const out = issued(await browsing.post('/logout'))
    expect(new Set([...ids, out].filter(Boolean)).size).toBe(4)
    for (const id of ids) expect(await carrying(app, id).who()).toEqual(nobody)
    expect((await carrying(app, ids[0]).get('/login')).body.status).toBe('anonymous')
  })

  it.each(['ada', 'grace'])('a login over a completed one, as %s, has a session id of its own, and the former id is logged out (P-02, R-43)', async (name) => {
    const { app, browsing } = twoSteps()
    await browsing.password()
    const former = issued(await browsing.post('/login/pin', right))
    const pending = issued(await browsing.password(name))
    const complete = issued(await browsing.post('/login/pin', right))
    expect(new Set([former, pending, complete].filter(Boolean)).size).toBe(3)
    for (const id of [former, pending]) expect(await carrying(app, id).who()).toEqual(nobody)
    expect(await browsing.who()).toMatchObject({ user: people()[name]!.id })
    expect(await backend.keptLogins()).toBe(1)
  })

  it.each(['set', 'destroy'] as const)('a session store that fails in %s at the last step is a 503, and logs no user in (P-12, R-59)', async (operation) => {
    const { browsing } = twoSteps()
    const trouble = troubled(backend.sessions)
    await browsing.password()
    trouble.failing = operation
    expect((await browsing.post('/login/pin', right)).body).toMatchObject({ status: 503, code: 'store_unavailable' })
    delete trouble.failing
    expect(await browsing.who()).toEqual(nobody)
    expect([Object.values(await backend.keptSessions()).filter(({ passport }) => passport), await backend.keptLogins()]).toEqual([[], 0])
  })

  it('a browser that follows the last redirect at once finds the login, though the store is slow (P-13 at steps)', async () => {
    const { app, browsing } = twoSteps()
    const trouble = troubled(backend.sessions)
    trouble.delay = 100
    await browsing.form('/login/local', ada)
    const last = await browsing.form('/login/pin', right)
    expect(last.status).toBe(303)
    expect(await carrying(app, issued(last)).who()).toMatchObject({ user: 'u1' })
  })

  it('a deserializer that finds no user, or fails, lets no request in (P-17)', async () => {
    let answer: 'person' | 'nobody' | 'error' = 'person'
    const { browsing } = twoSteps({ deserialize: (id: string, done: any) => {
      if (answer === 'error') return done(new Error('database'))
      done(null, answer === 'person' && Object.values(people()).find((user: Person) => user.id === id))
    } })
    await browsing.password()
    await browsing.post('/login/pin', right).expect(200)
    answer = 'error'
    expect((await browsing.get('/account')).status).toBe(500)
    answer = 'nobody'
    expect((await browsing.get('/account')).status).toBe(401)
    expect(await browsing.who()).toEqual(nobody)
  })

  it('two days of activity do not keep a login alive past its absolute end (P-19, R-45)', async () => {
    let now = Date.UTC(2026, 0, 1)
    const { browsing } = twoSteps({ session: { store: backend.sessions, rolling: true }, options: { ...policy, store: backend.flowsAt(() => now), session: { absolute: '24h' } } })
    await browsing.password()
    await browsing.post('/login/pin', right).expect(200)
    const statuses: number[] = []
    for (let hour = 1; hour <= 48; hour += 1) {
      now += 3_600_000
      statuses.push((await browsing.get('/account')).status)
    }
    expect(statuses.lastIndexOf(200)).toBe(22)
    expect(statuses.slice(23).every((status) => status === 401)).toBe(true)
  })

  it('a path that a link plants on the login page is local, waits in that browser\'s session alone, and is in no form and no address (W-05 at router, W-08, R-54)', async () => {
    const { app, browsing } = twoSteps()
    for (const evil of ['https://evil.example', '//evil.example', '/\\evil.example', '/login/cancel']) {
      await browser(app).page(`/login?returnTo=${encodeURIComponent(evil)}`)
    }
    expect(Object.values(await backend.keptSessions()).filter(({ multistep }) => multistep)).toEqual([])
    await browsing.page('/login?returnTo=/planted')
    expect((await onlySession(backend)).multistep).toEqual({ returnTo: '/planted' })
    const other = browser(app)
    await other.form('/login/local', { ...ada, returnTo: '/from-the-body' })
    expect((await other.form('/login/pin?returnTo=/from-the-query', { ...right, returnTo: '/from-the-body' })).headers.location).toBe('/')
    await browsing.form('/login/local', ada)
    expect((await browsing.form('/login/pin', right)).headers.location).toBe('/planted')
  })

  it('another site can neither begin a login here nor finish one, whatever cookies the browser sends (W-10)', async () => {
    const { app, browsing } = twoSteps()
    const foreign = { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }
    expect((await browser(app).agent.post('/login/local').set(foreign).type('form').send(ada)).body).toMatchObject({ status: 403, code: 'cross_site' })
    await browsing.password()
    expect((await browsing.agent.post('/login/pin').set(foreign).type('form').send(right)).body).toMatchObject({ status: 403, code: 'cross_site' })
    expect(await browsing.who()).toEqual(nobody)
  })

  it('a name without an account is refused, counted, locked and told to wait like a name with one (W-12, R-57)', async () => {
    let now = Date.UTC(2026, 0, 1)
    const { app } = twoSteps({ options: { ...policy, store: backend.flowsAt(() => now), lockout: { after: 3 } } })
    const story = async (username: string) => {
      const answers: unknown[] = []
      for (let guess = 0; guess < 8; guess += 1) {
        const { status, body, headers } = await browser(app).post('/login/local', { username, password: 'wrong' })
        answers.push([status, body, headers['retry-after'], headers['set-cookie'] !== undefined])
        now += guess === 5 ? 15 * 60_000 : 1000
      }
      return answers
    }
    const known = await story('ada')
    expect(known.map((answer) => (answer as [number])[0])).toContain(429)
    now = Date.UTC(2026, 0, 1)
    expect(await story('nobody')).toEqual(known)
  })

  describe('a code by text as the first step', () => {
    const known = people().ada!.phone!
    const unknown = '+447400123499'

    function texted() {
      const inbox = inboxSender()
      const users = people()
      const byPhone = (phone: string) => Object.values(users).find((user) => user.phone === phone)
      const strategy = new SmsOtpStrategy({
        sender: inbox, secret: 'j6bXq0m2Vd9sKfT4hLr8pWz1YcNe5uGa', countries: ['GB'], appName: 'Acme', origin: 'acme.example', delays: [],
        mayText: (phone) => byPhone(phone) !== undefined,
      }, async (phone) => byPhone(phone))
      const built = hosted(backend, { users, strategies: [strategy as never], options: { steps: ['sms-otp'] } })
      return { ...built, inbox }
    }
    /** What differs from one minute to the next, and from one visitor to the next. */
    const alike = ({ status, body }: { status: number, body: object }) => ({ status, body: JSON.stringify(body).replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'T').replace(/"csrfToken":"[^"]*"/, '') })

    it('a number without an account is answered like one with an account, when a code is asked for, asked for again and guessed (W-13 at router, R-57)', async () => {
      const { app, inbox } = texted()
      const story = async (phone: string) => {
        const one = browser(app)
        const answers = [await one.post('/login/sms-otp/challenge', { phone }), await one.post('/login/sms-otp/challenge', { phone })]
        for (let guess = 0; guess < 6; guess += 1) answers.push(await one.post('/login/sms-otp', { code: '000000' }))
        // Two stories may begin at different moments of a second.
        const rounded = (body: string) => body.replace(/"retryAfter":(\d+)/, (_, seconds) => `"retryAfter":${Math.ceil(Number(seconds) / 10) * 10}`)
        return answers.map(alike).map(({ status, body }) => ({ status, body: rounded(body.replaceAll(phone.slice(-3), '…')) }))
      }
      expect(await story(unknown)).toEqual(await story(known))
      expect(inbox.messages.every(({ to }) => to === known)).toBe(true)
    })
  })

  it('the number is shown nowhere before the first step, and afterwards at most three digits of it (W-14 at router)', async () => {
    const inbox = inboxSender()
    const strategy = new SmsOtpStrategy({ sender: inbox, secret: 'j6bXq0m2Vd9sKfT4hLr8pWz1YcNe5uGa', countries: ['GB'], appName: 'Acme', origin: 'acme.example' })
    const { app, browsing } = hosted(backend, { strategies: [strategy as never], options: { steps: ['local', 'sms-otp'] } })
    const stranger = browser(app)
    const before = [await stranger.get('/login'), await stranger.page('/login'), await stranger.post('/login/local', { ...ada, password: 'wrong' }), await stranger.page('/login')]
    for (const { text } of before) expect(text).not.toMatch(/456|•/)
    await browsing.password()
    expect((await browsing.get('/login')).body.factors[0].challenge.to).toMatch(/^\+44 [•\s]*456$/)
    for (const { text } of [await browsing.get('/login'), await browsing.page('/login')]) {
      expect(text).toContain('456')
      expect(text).not.toMatch(/3456|7400|123456/)
    }
  })

  it('what a provider throws, number and code included, reaches neither the answer nor the process\'s warnings (W-16 at router)', async () => {
    const warned: string[] = []
    const spy = jest.spyOn(process, 'emitWarning').mockImplementation((warning) => void warned.push(String(warning)))
    const gateway = new Scripted('pin', function () { this.error(new Error('POST failed: To=+447400123456&Body=246810', { cause: new Error('To=+447400123456') })) })
    const { browsing } = twoSteps({ strategies: [gateway] })
    await browsing.password()
    const answers = [await browsing.post('/login/pin', right), await browsing.form('/login/pin', right), await browsing.page('/login')]
    spy.mockRestore()
    for (const { text } of answers) expect(text).not.toMatch(/447400|246810|To=/)
    expect(warned.join()).not.toMatch(/447400|246810|To=/)
    expect(answers[0]!.status).toBe(503)
  })

  it('forwarded headers open no other ledger, no other origin and no other address to go to (R-62 at router)', async () => {
    const { app } = twoSteps({ options: { ...policy, lockout: { after: 3 } } })
    const statuses: number[] = []
    for (let guess = 0; guess < 4; guess += 1) {
      const address = `198.51.100.${guess}`
      const forged = { 'X-Forwarded-For': address, 'X-Real-IP': address, Forwarded: `for=${address}`, 'X-Forwarded-User': 'ada' }
      statuses.push((await browser(app).agent.post('/login/local').set(forged).send({ ...ada, password: 'wrong' })).status)
    }
    expect(statuses).toEqual([401, 401, 401, 429])
    const hosts = { 'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Prefix': '//evil.example' }
    expect((await browser(app).agent.post('/login/local').set({ ...hosts, Origin: 'https://evil.example' }).type('form').send(ada)).status).toBe(403)
    expect((await browser(app).agent.get('/account').set({ ...hosts, Accept: 'text/html' })).headers.location).toBe('/login')
  })

  describe('recovery codes made anew', () => {
    async function remaking() {
      const strategy = new RecoveryCodeStrategy({ store: new MemoryRecoveryCodeStore() })
      let now = Date.UTC(2026, 0, 1)
      const built = hosted<'local' | 'pin' | 'recovery-code'>(backend, {
        strategies: [pin(), strategy as never],
        options: { steps: ['local', anyOf('pin', 'recovery-code')], factors: { pin: device, 'recovery-code': { enrolled: () => true } }, store: backend.flowsAt(() => now) },
        routes: (host, login) => {
          host.post('/recovery-codes', login.require({ factors: 'pin', maxAge: '5m' }) as any, (req, res, next) => {
            strategy.generate(req.user as never).then((codes) => res.json({ codes }), next)
          })
        },
      })
      const codes = await strategy.generate({ id: 'u1' })
      return { ...built, strategy, codes, pass: (milliseconds: number) => { now += milliseconds } }
    }

    it('new recovery codes need another factor proven just now: a password alone, an old proof or a recovery code is refused (D-13, R-52)', async () => {
      const { app, strategy, codes, browsing, pass } = await remaking()
      await browsing.password()
      expect((await browsing.post('/recovery-codes')).body).toMatchObject({ status: 401, code: 'factor_required' })
      const found = browser(app)
      await found.password()
      await found.post('/login/recovery-code', { code: codes[0] }).expect(200)
      expect((await found.post('/recovery-codes')).body).toMatchObject({ status: 403, code: 'step_up_required' })
      await browsing.post('/login/pin', right).expect(200)
      pass(5 * 60_000 + 1)
      const refused = await browsing.post('/recovery-codes')
      expect(refused.body).toMatchObject({ status: 403, code: 'step_up_required' })
      expect(await strategy.remaining({ id: 'u1' })).toBe(9)
      await browsing.post('/login/pin', { ...right, for: refused.body.requirement.id }).expect(200)
      expect((await browsing.post('/recovery-codes').expect(200)).body.codes).toHaveLength(10)
    })
  })
})
