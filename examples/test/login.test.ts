import { adaPhone, gracePhone, reader, visitor, wrong } from './support/visitor.js'
import { describeOnEveryStore } from './support/stores.js'

describeOnEveryStore('a login', (start) => {
  describe('with password and text, in JSON', () => {
    it('a login by password and text is complete after the last step, and not before', async () => {
      const ada = visitor(await start())
      const pending = await ada.pending('ada')
      expect(pending.status).toBe(200)
      expect(pending.body).toMatchObject({ status: 'pending', step: 2, steps: 2, completed: [{ factor: 'local' }] })
      const phone = '+44 •••• •••456'
      expect(pending.body.factors).toMatchObject([{ factor: 'sms-otp', hint: phone }, { factor: 'mobileconnect', hint: phone }, { factor: 'recovery-code' }])
      const sent = await ada.post('/login/sms-otp/challenge')
      expect(sent.body.factors[0]).toMatchObject({ factor: 'sms-otp', challenge: { to: phone }, fields: ['code'] })
      expect(await ada.who()).toEqual({ authenticated: false, user: null })
      expect((await ada.get('/account')).body).toMatchObject({ code: 'factor_required', status: 401 })

      const complete = await ada.post('/login/sms-otp', { code: await ada.texted(adaPhone) })
      expect(complete.body).toMatchObject({ status: 'complete', amr: ['pwd', 'sms', 'mfa'] })
      expect(await ada.who()).toEqual({ authenticated: true, user: 'ada' })
      const account = await ada.get('/account')
      expect(account.body).toEqual({
        user: { id: 'ada' },
        amr: ['pwd', 'sms', 'mfa'],
        evidence: [
          { factor: 'local', kind: 'knowledge', amr: ['pwd'], at: expect.any(String), via: 'fresh' },
          { factor: 'sms-otp', kind: 'possession', channel: 'phone', amr: ['sms'], at: expect.any(String), via: 'fresh' },
        ],
      })
    })

    it('a wrong password and an unknown name are refused in the same words (R-57)', async () => {
      const app = await start()
      const known = await visitor(app).post('/login/local', { username: 'ada', password: 'wrong' })
      const unknown = await visitor(app).post('/login/local', { username: 'nobody', password: 'wrong' })
      expect(known.status).toBe(401)
      expect([unknown.status, unknown.body]).toEqual([known.status, known.body])
    })

    it('a wrong code is refused, and the right one passes after it', async () => {
      const ada = visitor(await start())
      await ada.begin()
      const code = await ada.texted(adaPhone)
      const refused = await ada.post('/login/sms-otp', { code: wrong(code) })
      expect(refused.status).toBe(401)
      expect(refused.headers['content-type']).toMatch('application/problem+json')
      expect(refused.body).toMatchObject({ code: 'code_wrong', attemptsLeft: 4 })
      expect((await ada.post('/login/sms-otp', { code })).body.status).toBe('complete')
    })

    it('a login ends with POST /logout, and not with a link', async () => {
      const ada = visitor(await start())
      await ada.begin()
      await ada.post('/login/sms-otp', { code: await ada.texted(adaPhone) })
      expect((await ada.get('/logout')).status).toBe(405)
      expect(await ada.who()).toEqual({ authenticated: true, user: 'ada' })
      expect((await ada.post('/logout')).body).toMatchObject({ status: 'anonymous' })
      expect(await ada.who()).toEqual({ authenticated: false, user: null })
    })
  })

  it('a login by a text alone takes one step', async () => {
    const ada = visitor(await start())
    expect((await ada.post('/login/sms-otp/challenge', { phone: '+44 7400 123456' })).body).toMatchObject({ status: 'anonymous', steps: 1 })
    const complete = await ada.post('/login/sms-otp', { code: await ada.texted(adaPhone) })
    expect(complete.body).toMatchObject({ status: 'complete', amr: ['sms'] })
    expect(await ada.who()).toEqual({ authenticated: true, user: 'ada' })
  })

  it('POST of an unknown number is answered like one of a known number, and sends no text (R-57)', async () => {
    const app = await start()
    const shapeOf = async (phone: string) => {
      const { status, body } = await visitor(app).post('/login/sms-otp/challenge', { phone })
      const { challenge } = body.factors.find(({ factor }: { factor: string }) => factor === 'sms-otp')
      return { status, keys: Object.keys(challenge), left: challenge.attemptsLeft }
    }
    expect(await shapeOf('+447400123777')).toEqual(await shapeOf(adaPhone))
    await visitor(app).texted(adaPhone)
    expect((await visitor(app).get('/handset/messages')).body).toHaveLength(1)
  })

  describe('of grace, who has no second factor', () => {
    it('grace, who has no second factor, gives a number, which stands in her account once its code was entered', async () => {
      const app = await start()
      const grace = visitor(app)
      const pending = await grace.password('grace')
      expect(pending.body.factors).toMatchObject([{ factor: 'sms-otp', fields: ['phone'] }])
      expect((await grace.post('/login/sms-otp/challenge', { phone: gracePhone })).body.factors).toMatchObject([{ fields: ['code'], challenge: { to: '+44 •••• •••499' } }])
      expect((await grace.post('/login/sms-otp', { code: await grace.texted(gracePhone) })).body).toMatchObject({ status: 'complete', amr: ['pwd', 'sms', 'mfa'] })
      expect((await grace.get('/settings')).body).toMatchObject({ phone: '+44 •••• •••499' })

      const again = visitor(app)
      expect((await again.pending('grace')).body.factors).toMatchObject([{ factor: 'sms-otp', fields: ['code'] }, { factor: 'mobileconnect' }])
    })

    it('the login knows grace\'s number when she asks for the text again, which is too early', async () => {
      const grace = visitor(await start())
      await grace.password('grace')
      await grace.post('/login/sms-otp/challenge', { phone: gracePhone })
      expect((await grace.post('/login/sms-otp/challenge')).body).toMatchObject({ status: 429, code: 'send_throttled' })
    })

    it('the login refuses a number of another account from grace, and saves nothing', async () => {
      const app = await start()
      const grace = visitor(app)
      await grace.password('grace')
      await grace.post('/login/sms-otp/challenge', { phone: adaPhone })
      const refused = await grace.post('/login/sms-otp', { code: await grace.texted(adaPhone) })
      expect(refused.body).toMatchObject({ status: 409, code: 'phone_rejected', detail: 'This number cannot be used for your account.' })
      expect(await grace.who()).toEqual({ authenticated: false, user: null })
    })
  })

  describe('of alan, with an unmodified passport-totp', () => {
    it('alan\'s authenticator code passes once', async () => {
      const app = await start()
      const alan = visitor(app)
      expect((await alan.password('alan')).body.factors).toMatchObject([{ factor: 'totp', fields: ['code'] }])
      const code = await alan.authenticator()
      expect((await alan.post('/login/totp', { code })).body).toMatchObject({ status: 'complete', amr: ['pwd', 'otp', 'mfa'] })

      const thief = visitor(app)
      await thief.password('alan')
      expect((await thief.post('/login/totp', { code })).body).toMatchObject({ status: 401, code: 'factor_failed' })
    })

    it('alan\'s step refuses a text in the place of his authenticator code', async () => {
      const alan = visitor(await start())
      await alan.password('alan')
      const refused = await alan.post('/login/sms-otp', { code: '123456' })
      expect(refused.status).toBeGreaterThanOrEqual(400)
      expect(await alan.who()).toEqual({ authenticated: false, user: null })
    })
  })

  describe('in forms, without JavaScript', () => {
    it('a login in forms, without JavaScript, goes back to the page that was asked for first', async () => {
      const app = await start()
      const ada = reader(app)
      expect(await ada.open('/settings')).toContain('<h1>Log in</h1>')
      expect(await ada.submit({ username: 'ada', password: 'wrong' })).toContain('role="alert"')
      await ada.submit({ username: 'ada', password: 'lovelace-1815' })
      expect(await ada.submit('/login/sms-otp/challenge')).toContain('We sent a code to')
      const code = await visitor(app).texted(adaPhone)
      const settings = await ada.submit({ code })
      expect(settings).toContain('<h1>Settings</h1>')
      expect(settings).toContain('+44 •••• •••456')
      expect(await ada.submit('/logout')).toContain('<h1>Log in</h1>')
    })

    it('a login in forms captures a number', async () => {
      const app = await start()
      const grace = reader(app)
      await grace.open('/account')
      expect(await grace.submit({ username: 'grace', password: 'hopper-1906' })).toContain('name="phone"')
      await grace.submit({ phone: gracePhone })
      expect(await grace.submit({ code: await visitor(app).texted(gracePhone) })).toContain('<h1>Hello, grace</h1>')
    })

    it('a login in forms takes a code from an authenticator', async () => {
      const app = await start()
      const alan = reader(app)
      await alan.open('/account')
      await alan.submit({ username: 'alan', password: 'turing-1912' })
      expect(await alan.submit({ code: await visitor(app).authenticator() })).toContain('<h1>Hello, alan</h1>')
    })
  })

  describe('and old routes, unedited', () => {
    it('an old route, unedited, finds no user until the last step has passed', async () => {
      const ada = visitor(await start())
      const guarded = async () => {
        const { status, headers } = await ada.agent.get('/legacy/report')
        return [status, headers.location]
      }
      expect(await guarded()).toEqual([302, '/login'])
      await ada.begin()
      expect(await guarded()).toEqual([302, '/login'])
      expect(await ada.who()).toEqual({ authenticated: false, user: null })
      await ada.post('/login/sms-otp', { code: await ada.texted(adaPhone) })
      expect(await guarded()).toEqual([200, undefined])
      expect(await ada.who()).toEqual({ authenticated: true, user: 'ada' })
    })
  })
})
