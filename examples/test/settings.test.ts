import { describeOnEveryStore } from './support/stores.js'
import { adaPhone, codeOf, gracePhone, reader, visitor, wrong } from './support/visitor.js'

const newPhone = '+447400123498'

type Visitor = ReturnType<typeof visitor>

const textsTo = async (person: Visitor, phone: string): Promise<string[]> =>
  (await person.get('/handset/messages').query({ to: phone })).body.map(({ body }: { body: string }) => body)

const sheetOf = async (person: Visitor): Promise<string[]> => (await person.get('/handset')).body.recoveryCodes[0]?.codes ?? []

describeOnEveryStore('the settings', (start) => {
  type App = Awaited<ReturnType<typeof start>>
  const byText = async (app: App) => {
    const ada = visitor(app)
    await ada.begin()
    expect((await ada.post('/login/sms-otp', { code: await ada.texted(adaPhone) })).body).toMatchObject({ status: 'complete' })
    return ada
  }
  const byRecoveryCode = async (app: App) => {
    const ada = visitor(app)
    await ada.password('ada')
    return { ada, answer: await ada.post('/login/recovery-code', { code: (await sheetOf(ada))[0]! }) }
  }

  describe('the number', () => {
    it('the number in the settings changes when the new one has proven itself, and the old one is told (R-24)', async () => {
      const ada = await byText(await start())
      const sent = await ada.post('/settings/number', { phone: '+44 7400 123498' })
      expect([sent.status, sent.body]).toEqual([200, { to: '+44 •••• •••498' }])
      expect((await ada.get('/settings')).body.phone).toBe('+44 •••• •••456')
      const [text] = await textsTo(ada, newPhone)

      expect((await ada.post('/settings/number/code', { code: wrong(codeOf(text!)) })).body).toMatchObject({ status: 401, code: 'code_wrong' })
      expect((await ada.post('/settings/number/code', { code: codeOf(text!) })).body).toEqual({ phone: '+44 •••• •••498' })
      expect((await ada.get('/settings')).body.phone).toBe('+44 •••• •••498')
      expect((await textsTo(ada, adaPhone)).at(-1)).toMatch(/^The number of your Acme account was changed to \+44 •••• •••498\./)
      expect((await ada.post('/settings/number/code', { code: codeOf(text!) })).body).toMatchObject({ status: 409, code: 'challenge_unknown' })
    })

    it('the next login asks for the new number, and the old one is nobody\'s', async () => {
      const app = await start()
      const ada = await byText(app)
      await ada.post('/settings/number', { phone: newPhone })
      await ada.post('/settings/number/code', { code: codeOf((await textsTo(ada, newPhone))[0]!) })
      const again = visitor(app)
      expect((await again.pending('ada')).body.factors[0]).toMatchObject({ hint: '+44 •••• •••498' })
      const before = (await textsTo(again, adaPhone)).length
      await visitor(app).post('/login/sms-otp/challenge', { phone: adaPhone })
      expect(await textsTo(again, adaPhone)).toHaveLength(before)
    })

    it('the number in the settings does not change for a user who has not freshly proven both factors (R-52)', async () => {
      const app = await start()
      const { ada } = await byRecoveryCode(app)
      const refused = await ada.post('/settings/number', { phone: newPhone })
      expect(refused.body).toMatchObject({ status: 403, code: 'step_up_required' })
      expect(await textsTo(ada, newPhone)).toEqual([])
      const textAlone = visitor(app)
      await textAlone.post('/login/sms-otp/challenge', { phone: adaPhone })
      await textAlone.post('/login/sms-otp', { code: await textAlone.texted(adaPhone) })
      expect((await textAlone.post('/settings/number', { phone: newPhone })).body).toMatchObject({ status: 403, code: 'step_up_required' })
    })

    it('a new number proves itself by a code that logs nobody in', async () => {
      const app = await start()
      const ada = await byText(app)
      await ada.post('/settings/number', { phone: newPhone })
      const code = codeOf((await textsTo(ada, newPhone))[0]!)
      const thief = visitor(app)
      await thief.password('ada')
      expect((await thief.post('/login/sms-otp', { code })).status).toBe(401)
      expect(await thief.who()).toEqual({ authenticated: false, user: null })
    })

    it.each([
      ['no number', {}, 400, 'phone_missing'], ['what is no number', { phone: 'call me' }, 400, 'phone_invalid'], ['a landline', { phone: '+44 20 7946 0018' }, 400, 'phone_invalid'],
    ])('the number in the settings stays when %s is given instead', async (_, body, status, code) => {
      const ada = await byText(await start())
      expect((await ada.post('/settings/number', body)).body).toMatchObject({ status, code })
    })

    it('another user\'s number is refused only once it is proven, so that nobody can ask whose it is', async () => {
      const app = await start()
      const grace = visitor(app)
      await grace.password('grace')
      await grace.post('/login/sms-otp/challenge', { phone: gracePhone })
      await grace.post('/login/sms-otp', { code: await grace.texted(gracePhone) })
      const ada = await byText(app)
      await ada.post('/settings/number', { phone: gracePhone }).expect(200)
      const code = codeOf((await textsTo(ada, gracePhone)).at(-1)!)
      expect((await ada.post('/settings/number/code', { code })).body).toMatchObject({ status: 409, code: 'phone_rejected' })
      expect((await ada.get('/settings')).body.phone).toBe('+44 •••• •••456')
    })

    it('the number in the settings stays when the user thinks better of it', async () => {
      const ada = await byText(await start())
      await ada.post('/settings/number', { phone: newPhone })
      await ada.post('/settings/number/cancel').expect(200)
      expect((await ada.post('/settings/number/code', { code: codeOf((await textsTo(ada, newPhone))[0]!) })).body).toMatchObject({ code: 'challenge_unknown' })
    })
  })

  describe('recovery codes', () => {
    it('recovery codes log ada in, each once', async () => {
      const app = await start()
      const { answer } = await byRecoveryCode(app)
      expect(answer.body).toMatchObject({ status: 'complete' })
      expect(answer.body.amr).not.toContain('mfa')
      expect((await byRecoveryCode(app)).answer.body).toMatchObject({ status: 401, code: 'code_wrong' })
    })

    it('recovery codes are made anew, shown once, and take the place of the sheet in the drawer (R-52)', async () => {
      const app = await start()
      const ada = await byText(app)
      const [old] = await sheetOf(ada)
      const { body: { codes } } = await ada.post('/settings/recovery-codes')
      expect(codes).toHaveLength(10)
      expect(await sheetOf(ada)).toEqual([])
      const again = visitor(app)
      await again.password('ada')
      expect((await again.post('/login/recovery-code', { code: old })).body).toMatchObject({ code: 'code_wrong' })
      expect((await again.post('/login/recovery-code', { code: codes[3] })).body).toMatchObject({ status: 'complete' })
      expect((await again.get('/settings')).body.recoveryCodes).toBe(9)
      expect((await again.post('/settings/recovery-codes')).body).toMatchObject({ status: 403, code: 'step_up_required' })
    })

    it('recovery codes are offered to alan as soon as he has some', async () => {
      const app = await start()
      const alan = visitor(app)
      await alan.password('alan')
      await alan.post('/login/totp', { code: await alan.authenticator() })
      const { body: { codes } } = await alan.post('/settings/recovery-codes')
      const again = visitor(app)
      expect((await again.password('alan')).body.factors).toMatchObject([{ factor: 'totp' }, { factor: 'recovery-code' }])
      expect((await again.post('/login/recovery-code', { code: codes[0] })).body).toMatchObject({ status: 'complete' })
    })
  })

  describe('browsers', () => {
    const deviceIn = (headers: Record<string, unknown>): string =>
      (headers['set-cookie'] as string[]).find((line) => line.startsWith('__Host-multistep-device='))!.split(';')[0]!
    /** What ada's browser keeps once she has asked to be remembered. Supertest would keep no secure cookie. */
    const remembered = async (app: App): Promise<string> => {
      const ada = visitor(app)
      await ada.begin()
      const { headers } = await ada.post('/login/sms-otp', { code: await ada.texted(adaPhone), remember: true })
      expect((await ada.get('/settings')).body.devices).toBe(1)
      await ada.post('/logout')
      return deviceIn(headers)
    }
    const passwordAt = async (app: App, device: string) => {
      const ada = visitor(app)
      return { ada, answer: await ada.password('ada').set('Cookie', device) }
    }

    it('a remembered browser needs the password alone, but for what must be fresh', async () => {
      const app = await start()
      const { ada, answer } = await passwordAt(app, await remembered(app))
      expect(answer.body).toMatchObject({ status: 'complete', amr: ['pwd'] })
      expect((await ada.get('/account')).body.evidence).toMatchObject([{ factor: 'local', via: 'fresh' }, { factor: 'sms-otp', via: 'remembered' }])
      expect((await ada.post('/transfer', { payee: 'Bob', amount: 1 })).body).toMatchObject({ code: 'step_up_required' })
      expect((await ada.post('/settings/number', { phone: newPhone })).body).toMatchObject({ code: 'step_up_required' })
    })

    it('remembered browsers are forgotten when the number changes', async () => {
      const app = await start()
      const ada = visitor(app)
      await ada.begin()
      const { headers } = await ada.post('/login/sms-otp', { code: await ada.texted(adaPhone), remember: true })
      const device = deviceIn(headers)
      const used = await passwordAt(app, device)
      expect(used.answer.body).toMatchObject({ status: 'complete' })
      await ada.post('/settings/number', { phone: newPhone })
      await ada.post('/settings/number/code', { code: codeOf((await textsTo(ada, newPhone))[0]!) }).expect(200)
      expect((await ada.get('/settings')).body.phone).toBe('+44 •••• •••498')
      expect((await passwordAt(app, deviceIn(used.answer.headers))).answer.body).toMatchObject({ status: 'redirect' })
    })

    it('browsers are all logged out and forgotten at once', async () => {
      const app = await start()
      const device = await remembered(app)
      const { ada, answer } = await passwordAt(app, device)
      expect(answer.body).toMatchObject({ status: 'complete' })
      const { ada: elsewhere } = await passwordAt(app, 'none=none')
      await elsewhere.post('/login/recovery-code', { code: (await sheetOf(elsewhere))[0]! })
      expect(await elsewhere.who()).toEqual({ authenticated: true, user: 'ada' })

      expect((await ada.post('/settings/log-out-everywhere')).body).toEqual({ status: 'anonymous' })
      for (const one of [ada, elsewhere]) expect(await one.who()).toEqual({ authenticated: false, user: null })
      expect((await passwordAt(app, deviceIn(answer.headers))).answer.body).toMatchObject({ status: 'redirect' })
    })
  })

  it('the settings take no post from a page of another site', async () => {
    const ada = await byText(await start())
    for (const path of ['number', 'number/code', 'number/cancel', 'recovery-codes', 'log-out-everywhere']) {
      const foreign = await ada.post(`/settings/${path}`).set('Origin', 'https://evil.example')
      expect([path, foreign.status, foreign.body.code]).toEqual([path, 403, 'cross_site'])
    }
    expect(await ada.who()).toEqual({ authenticated: true, user: 'ada' })
  })

  it('the settings work in forms, without JavaScript', async () => {
    const app = await start()
    const ada = reader(app)
    await ada.open('/settings')
    await ada.submit({ username: 'ada', password: 'lovelace-1815' })
    await ada.submit('/login/sms-otp/challenge')
    await ada.submit({ code: await visitor(app).texted(adaPhone) })
    expect(await ada.submit({ phone: 'call me' })).toMatch(/role="alert">This is no mobile number/)
    expect(await ada.submit({ phone: newPhone })).toContain('We sent a code to +44 •••• •••498.')
    const code = codeOf((await textsTo(visitor(app), newPhone))[0]!)
    expect(await ada.submit({ code: wrong(code) })).toMatch(/role="alert">That is not the code/)
    expect(await ada.submit({ code })).toContain('Your number is +44 •••• •••498 now.')
    expect((await ada.submit('/settings/recovery-codes')).match(/<li><code>/g)).toHaveLength(10)
    await ada.open('/settings')
    expect(await ada.submit('/settings/log-out-everywhere')).toContain('<h1>Log in</h1>')
  })
})
