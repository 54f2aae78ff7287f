import { createHmac } from 'node:crypto'
import { ServerResponse } from 'node:http'
import { ensureLoggedIn } from 'connect-ensure-login'
import session from 'express-session'
import { Strategy as TotpStrategy } from 'passport-totp'
import { anyOf, optional, type Step } from '../../src/index.js'
import { browser, people, pin, Scripted, type Person } from '../support/app.js'
import { device, texting, texts } from '../support/factors.js'
import { hosted, nobody, onlySession, right } from '../support/hosted.js'
import { cookiesOf, listening, upgradeStatus } from '../support/network.js'
import { describeWithBackends, type Backend } from '../support/stores.js'

const policy = { steps: ['local', 'pin'], factors: { pin: device } } as const
const ada = { username: 'ada', password: people().ada!.password }

/** Of a person's second factor, by the key of the account. */
const enrolled = (user: Express.User) => Boolean((user as unknown as Person).key)

describeWithBackends('abuse of a flow', (create) => {
  let backend: Backend
  beforeEach(async () => { backend = await create() })
  afterEach(() => backend.close())

  const twoSteps = (more: object = {}) => hosted<'local' | 'pin'>(backend, { strategies: [pin()], options: policy, ...more })

  describe('between the steps', () => {
    it('guards of an app without multistep take the user for a stranger between the steps, and let them in after the last step (F-01, R-41)', async () => {
      const { browsing } = twoSteps({ routes: (app: any) => app.get('/old', ensureLoggedIn('/login'), (_req: any, res: any) => res.send('inside')) })
      await browsing.password()
      expect(await browsing.who()).toEqual(nobody)
      expect((await browsing.get('/old')).status).toBe(302)
      expect((await browsing.get('/account')).body).toMatchObject({ status: 401, code: 'factor_required' })
      await browsing.post('/login/pin', right).expect(200)
      expect((await browsing.get('/old')).text).toBe('inside')
    })

    it('the cookie opens no socket between the steps, and opens one after the last step (F-02, R-41)', async () => {
      const { app, login, browsing } = twoSteps()
      const parser = session({ secret: 'a secret of the tests', resave: false, saveUninitialized: false, store: backend.sessions })
      const server = await listening(app, (req: any, socket) => {
        const res = new ServerResponse(req) as never
        parser(req, res, () => login.session()(req, res, () => {
          socket.end(req.isAuthenticated() ? 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n' : 'HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
        }))
      })
      expect(await upgradeStatus(server.port, cookiesOf(await browsing.password()))).toBe(401)
      expect(await upgradeStatus(server.port, cookiesOf(await browsing.post('/login/pin', right)))).toBe(101)
      await server.close()
    })

    it('nothing that the browser got between the steps is a bearer token of the API: not the cookie\'s value, nor any text of the answer (F-03 at steps)', async () => {
      const { app, browsing } = twoSteps()
      const answer = await browsing.password()
      const texts = JSON.stringify(answer.body).match(/[\w.-]{8,}/g) ?? []
      const { id, multistep } = await onlySession(backend)
      const tokens = [...texts, id, multistep.flow, ...String(answer.headers['set-cookie']).match(/[\w.%-]{20,}/g)!]
      expect(tokens.length).toBeGreaterThan(5)
      for (const token of tokens) {
        const asked = await browser(app).get('/account').set('Authorization', `Bearer ${token}`)
        expect([asked.status, asked.body.code]).toEqual([401, 'login_required'])
      }
    })

    it('the second step tells nothing to a browser that has not taken the first, and sends nothing (F-04, R-40)', async () => {
      const { strategy, sent } = texts()
      const { app } = hosted(backend, { strategies: [strategy], options: { steps: ['local', 'text'], factors: { text: texting } } })
      const answers = await Promise.all(['/login/text', '/login/text/challenge', '/login/text'].map((path, index) => browser(app).post(path, { code: `code of ${index}` })))
      for (const { status, body } of answers) expect([status, body.code]).toEqual([401, 'login_required'])
      expect(sent).toEqual([])
      expect(strategy.runs).toBe(0)
    })

    it('neither answer nor session holds a secret, the number or the user between the steps (F-05 at router)', async () => {
      const { strategy } = texts()
      const { browsing } = hosted(backend, { strategies: [strategy], options: { steps: ['local', 'text'], factors: { text: texting } } })
      const { body } = await browsing.password()
      const { multistep, passport } = await onlySession(backend)
      expect([multistep, passport]).toEqual([{ flow: expect.stringMatching(/^[\w-]{22}\.[\w-]{22}$/) }, undefined])
      const { id, ...secret } = people().ada!
      for (const value of [`"${id}"`, ...Object.values(secret), 'code of']) expect(JSON.stringify([body, multistep])).not.toContain(value)
    })

    it('what a client says of its own progress changes nothing (F-08, R-40)', async () => {
      const { browsing } = twoSteps()
      const claims = { step: 3, steps: [], next: 'done', otpVerified: true, amr: 'mfa', status: 'complete', completed: ['pin'], flow: 'x' }
      expect((await browsing.post('/login/local?step=3&otpVerified=true', { ...ada, ...claims })).body).toMatchObject({ status: 'pending', step: 2, steps: 2 })
      await browsing.post('/login/pin', { ...claims, code: 'wrong' }).expect(401)
      expect(await browsing.who()).toEqual(nobody)
    })

    it('three steps are taken in their order, and none is skipped (R-40)', async () => {
      const strategies = [pin('one'), pin('two')]
      const sees = { sees: 'pending' } as const
      const { browsing } = hosted(backend, { strategies, options: { steps: ['local', 'one', 'two'], factors: { one: sees, two: sees } } })
      await browsing.password()
      expect((await browsing.post('/login/two', right)).body).toMatchObject({ status: 409, code: 'factor_unexpected' })
      expect((await browsing.post('/login/one', right)).body).toMatchObject({ status: 'pending', step: 3 })
      expect(await browsing.who()).toEqual(nobody)
      expect((await browsing.post('/login/two', right)).body).toMatchObject({ status: 'complete' })
    })
  })

  describe('several tabs', () => {
    it('several tabs of one browser share one login: the tab that was left behind cannot end it, repeat it, or crash (F-06 at steps)', async () => {
      const { browsing } = twoSteps()
      await browsing.password()
      await browsing.password()
      expect((await browsing.post('/login/pin', right)).body).toMatchObject({ status: 'complete' })
      expect((await browsing.page('/login')).status).toBe(200)
      const stale = await browsing.post('/login/pin', right)
      expect([stale.status, stale.body.code]).toEqual([409, 'factor_unexpected'])
      expect(await browsing.who()).toMatchObject({ user: 'u1' })
      expect(await backend.keptLogins()).toBe(1)
    })

    it('two tabs with two cookies are two logins: completing one completes nothing of the other (F-06)', async () => {
      const { app } = twoSteps()
      const [one, other] = [browser(app), browser(app)]
      await one.password()
      await other.password()
      await one.post('/login/pin', right).expect(200)
      expect(await other.who()).toEqual(nobody)
      expect((await other.get('/login')).body).toMatchObject({ status: 'pending', step: 2 })
    })
  })

  it('a login that is given up is gone, and the policy is what it was (F-11 at router)', async () => {
    const { browsing } = twoSteps()
    await browsing.password()
    await browsing.post('/login/cancel').expect(200)
    expect((await browsing.post('/login/pin', right)).status).toBe(401)
    expect((await browsing.password()).body).toMatchObject({ status: 'pending', step: 2, steps: 2 })
    expect(await browsing.who()).toEqual(nobody)
  })

  it('a user with a factor of the step cannot enrol another one inside it, and a user without any can (F-12, R-51)', async () => {
    const users = people()
    const capture = new Scripted('text', function (req) {
      req.user.phone = req.body.phone
      this.success(req.user)
    })
    delete users.ada!.phone
    const { app } = hosted<'local' | 'pin' | 'text'>(backend, { users, strategies: [pin(), capture], options: {
      steps: ['local', anyOf('pin', 'text')],
      factors: { pin: { ...device, enrolled }, text: { sees: 'pending', enroll: 'first', enrolled: (user) => Boolean((user as unknown as Person).phone) } },
    } })
    const thief = browser(app)
    await thief.password()
    expect((await thief.post('/login/text', { phone: '+447400999999' })).body).toMatchObject({ status: 403, code: 'factor_not_enrolled' })
    expect([await thief.who(), users.ada!.phone]).toEqual([nobody, undefined])
    const grace = browser(app)
    await grace.password('grace')
    expect((await grace.post('/login/text', { phone: '+447400999999' })).body).toMatchObject({ status: 'complete' })
  })

  it('a second factor on the phone that is already proven takes no step (F-13, F-14, R-50)', async () => {
    const phone = { sees: 'pending', kind: 'possession', channel: 'phone', fields: ['code'] } as const
    const { browsing } = hosted<'local' | 'text' | 'call' | 'pin'>(backend, {
      strategies: [pin('text'), pin('call'), pin()],
      options: { steps: ['local', anyOf('text', 'call', 'pin'), anyOf('text', 'call', 'pin')], factors: { text: { ...phone, amr: 'sms' }, call: { ...phone, amr: 'tel' }, pin: device } },
    })
    await browsing.password()
    expect((await browsing.post('/login/text', right)).body).toMatchObject({ status: 'pending', step: 3, factors: [{ factor: 'pin' }] })
    for (const factor of ['text', 'call']) expect((await browsing.post(`/login/${factor}`, right)).body).toMatchObject({ status: 409, code: 'factor_unexpected' })
    expect(await browsing.who()).toEqual(nobody)
    expect((await browsing.post('/login/pin', right)).body).toMatchObject({ status: 'complete' })
  })

  describe('account data that changes between the steps', () => {
    it('a factor that was removed between the steps takes no step, and the login still asks for one (F-15)', async () => {
      const { browsing, users } = hosted(backend, { strategies: [pin()], options: { ...policy, factors: { pin: { ...device, enrolled } } } })
      await browsing.password()
      delete users.ada!.key
      expect((await browsing.post('/login/pin', right)).body).toMatchObject({ status: 403, code: 'factor_not_enrolled' })
      expect(await browsing.who()).toEqual(nobody)
    })

    it('a stricter policy counts at once, for logins that are under way too (F-16)', async () => {
      let steps: Step<'local' | 'pin' | 'two'>[] = ['local', 'pin']
      const { browsing } = hosted<'local' | 'pin' | 'two'>(backend, { strategies: [pin(), pin('two')], options: { steps: (() => steps) as never, factors: { local: {}, pin: device, two: { sees: 'pending' } } } })
      await browsing.password()
      steps = ['local', 'pin', 'two']
      expect((await browsing.post('/login/pin', right)).body).toMatchObject({ status: 'pending', step: 3 })
      expect(await browsing.who()).toEqual(nobody)
      expect((await browsing.post('/login/two', right)).body).toMatchObject({ status: 'complete' })
    })

    it('a policy that is met without a new proof logs no user in (F-34 at steps)', async () => {
      let steps: Step<'local' | 'pin'>[] = ['local', 'pin']
      const { browsing } = hosted<'local' | 'pin'>(backend, { strategies: [pin()], options: { steps: (() => steps) as never, factors: { local: {}, pin: device } } })
      await browsing.password()
      steps = ['local']
      expect((await browsing.post('/login/pin', right)).body).toMatchObject({ status: 409, code: 'plan_changed' })
      expect(await browsing.who()).toEqual(nobody)
    })
  })

  it('a pending login is over at its end by the store\'s clock, and not a millisecond before (F-17, R-46)', async () => {
    let now = Date.UTC(2026, 0, 1)
    const { app } = twoSteps({ options: { ...policy, store: backend.flowsAt(() => now), ttl: '10m' } })
    const [early, late] = [browser(app), browser(app)]
    await early.password()
    await late.password()
    now += 10 * 60_000 - 1
    expect((await early.post('/login/pin', right)).body).toMatchObject({ status: 'complete' })
    now += 1
    expect((await late.post('/login/pin', right)).body).toMatchObject({ status: 401, code: 'flow_expired' })
    expect(await late.who()).toEqual(nobody)
  })

  it('the flow of one session is of no use in another (F-19 at steps)', async () => {
    const { app, browsing } = twoSteps({ routes: (host: any) => host.post('/plant', (req: any, res: any) => {
      req.session.multistep = req.body
      res.end()
    }) })
    await browsing.password()
    const { multistep } = await onlySession(backend)
    const thief = browser(app)
    await thief.post('/plant', multistep)
    expect((await thief.post('/login/pin', right)).body).toMatchObject({ status: 401, code: 'flow_expired' })
    expect(await thief.who()).toEqual(nobody)
    expect((await browsing.post('/login/pin', right)).body).toMatchObject({ status: 'complete' })
  })

  it.each<[string, Scripted['run']]>([
    ['pass()', function () { this.pass() }],
    ['success() with nobody', function () { this.success(undefined) }],
    ['success(false)', function () { this.success(false) }],
    ['nothing at all', () => {}],
  ])('a strategy that answers %s has proven nothing (F-20)', async (_, run) => {
    const { browsing } = hosted(backend, { strategies: [new Scripted('pin', run)], options: { ...policy, stepTimeout: '40ms' } })
    await browsing.password()
    expect((await browsing.post('/login/pin', right)).status).toBeGreaterThanOrEqual(401)
    expect(await browsing.who()).toEqual(nobody)
    expect(await backend.keptLogins()).toBe(0)
  })

  it('a second step by another user ends the login, and the app is told (F-22)', async () => {
    const users = people()
    const strategy = new Scripted('pin', function () { this.success(users.grace) })
    const { browsing, login } = hosted(backend, { users, strategies: [strategy], options: policy })
    const told: unknown[] = []
    login.on('person.mismatch', (event) => told.push(event))
    await browsing.password()
    expect((await browsing.post('/login/pin', right)).body).toMatchObject({ status: 403, code: 'person_mismatch' })
    expect((await browsing.post('/login/pin', right)).status).toBe(401)
    expect(told).toHaveLength(1)
    expect(await browsing.who()).toEqual(nobody)
  })

  it('a user who cannot be serialized at the end is a 500: no user is logged in, and the login is over (F-23)', async () => {
    let broken = false
    const { browsing } = twoSteps({ serialize: (user: Person, done: any) => (broken ? done(new Error('too large')) : done(null, user.id)) })
    await browsing.password()
    broken = true
    expect((await browsing.post('/login/pin', right)).status).toBe(500)
    broken = false
    expect(await browsing.who()).toEqual(nobody)
    expect((await browsing.post('/login/pin', right)).body.code).toBe('flow_expired')
    expect(await backend.keptLogins()).toBe(0)
  })

  it('a user without the optional factor logs in by password alone, amr says so, and a guard for mfa refuses (F-24 at steps and require, R-49 at steps)', async () => {
    const { app } = hosted<'local' | 'pin'>(backend, {
      strategies: [pin()], options: { steps: ['local', optional('pin')], factors: { pin: { ...device, enrolled } } },
      routes: (host, login) => { host.get('/admin', login.require({ mfa: true }) as any, (_req, res) => { res.json({}) }) },
    })
    const [grace, withKey] = [browser(app), browser(app)]
    expect((await grace.password('grace')).body).toMatchObject({ status: 'complete', amr: ['pwd'] })
    expect((await grace.get('/admin')).status).toBe(403)
    await withKey.password()
    expect((await withKey.post('/login/pin', right)).body.amr).toEqual(['pwd', 'otp', 'mfa'])
    expect((await withKey.get('/admin')).status).toBe(200)
  })

  it('a strategy that links accounts to req.user finds no user there between the steps (F-31)', async () => {
    const users = people()
    const linked: unknown[] = []
    const social = new Scripted('social', function (req) {
      if (req.user) linked.push(req.user)
      this.success(users.grace)
    })
    const { browsing } = hosted<'local' | 'social'>(backend, { users, strategies: [social], options: { steps: ['local', 'social'] } })
    await browsing.password()
    expect((await browsing.post('/login/social')).body).toMatchObject({ code: 'person_mismatch' })
    expect([linked, await browsing.who()]).toEqual([[], nobody])
  })

  it('one right code of passport-totp in ten browsers at once makes one login (F-32)', async () => {
    const users = people()
    const strategy = new TotpStrategy({}, (user, done) => done(null, Buffer.from((user as unknown as Person).key ?? ''), 30))
    const { app } = hosted(backend, { users, strategies: [strategy as never], options: { steps: ['local', 'totp'], factors: { totp: { enrolled } }, lockout: { after: 50 } } })
    const browsers = await Promise.all(Array.from({ length: 10 }, async () => {
      const one = browser(app)
      await one.password().expect(200)
      return one
    }))
    const statuses = await Promise.all(browsers.map((one) => one.post('/login/totp', { code: codeOf('key-of-ada-1815') }).then(({ status }) => status)))
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(await backend.keptLogins()).toBe(1)
    const grace = browser(app)
    await grace.password('grace')
    expect((await grace.post('/login/totp', { code: codeOf('') })).body).toMatchObject({ code: 'factor_not_enrolled' })
  })

  it('a user without a usable id cannot log in (F-35 at steps)', async () => {
    const { browsing } = twoSteps({ options: { ...policy, userId: () => ({}) as never } })
    expect((await browsing.password()).status).toBe(500)
    expect(await browsing.who()).toEqual(nobody)
  })
})

/** RFC 6238: SHA-1, 6 digits, 30 s. */
function codeOf(key: string): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)))
  const digest = createHmac('sha1', key).update(counter).digest()
  return String((digest.readUInt32BE(digest[19]! & 0xf) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}
