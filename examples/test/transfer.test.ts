import { byPhone } from './support/operator.js'
import { describeOnEveryStore } from './support/stores.js'
import { adaPhone, codeOf, gracePhone, reader, visitor, wrong } from './support/visitor.js'

type Visitor = ReturnType<typeof visitor>

const transfer = { payee: 'Bob', amount: 25.5 }

/** The last text to a number that is about a transfer. */
const textAbout = async (person: Visitor, phone: string): Promise<string> => {
  const { body } = await person.get('/handset/messages').query({ to: phone })
  return body.map((text: { body: string }) => text.body).filter((text: string) => text.includes('Bob')).at(-1)
}

describeOnEveryStore('a transfer', (start) => {
  /** Ada, logged in by a recovery code, so that no text has gone to her yet. */
  const logIn = async (app?: Awaited<ReturnType<typeof start>>) => {
    const ada = visitor(app ?? await start())
    await ada.password('ada')
    const { body: { recoveryCodes: [{ codes }] } } = await ada.get('/handset')
    expect((await ada.post('/login/recovery-code', { code: codes[0] })).body).toMatchObject({ status: 'complete' })
    return ada
  }
  const refused = async (person: Visitor, body: object = transfer) => {
    const { status, body: problem } = await person.post('/transfer', body)
    expect([status, problem.code]).toEqual([403, 'step_up_required'])
    return problem.requirement as { id: string, details: object }
  }

  it('a transfer is confirmed by a text that names amount and payee, and made once', async () => {
    const ada = await logIn()
    const { id, details } = await refused(ada)
    expect(details).toEqual({ payee: 'Bob', amount: '25.50 EUR' })
    await ada.post('/login/sms-otp/challenge', { for: id })
    const text = await textAbout(ada, adaPhone)
    expect(text).toContain('25.50 EUR')
    expect((await ada.post('/login/sms-otp', { for: id, code: wrong(codeOf(text)) })).body).toMatchObject({ code: 'code_wrong' })
    expect((await ada.post('/login/sms-otp', { for: id, code: codeOf(text) })).body).toMatchObject({ status: 'complete' })
    const made = await ada.post('/transfer', transfer)
    expect([made.status, made.body]).toEqual([200, { transfer: { id: expect.any(String), ...transfer } }])
    await refused(ada)
  })

  it('a transfer is not made for another amount than the confirmed one, however it is written', async () => {
    const ada = await logIn()
    const { id } = await refused(ada)
    await ada.post('/login/sms-otp/challenge', { for: id })
    await ada.post('/login/sms-otp', { for: id, code: codeOf(await textAbout(ada, adaPhone)) })
    await refused(ada, { ...transfer, amount: 255 })
    await refused(ada, { ...transfer, payee: 'Eve' })
    expect((await ada.post('/transfer', { payee: ' Bob ', amount: '25.50' })).status).toBe(200)
  })

  it('a transfer may be confirmed by Mobile Connect, whose request leaves nothing in the browser that could be changed to say something else', async () => {
    const ada = await logIn()
    const { id } = await refused(ada)
    expect((await ada.get(`/login?for=${id}`)).body.factors.map(({ factor }: { factor: string }) => factor)).toEqual(['sms-otp', 'mobileconnect'])
    const { url } = (await ada.post('/login/mobileconnect', { for: id })).body as { url: string }
    expect([...new URL(url).searchParams.keys()].sort()).toEqual(['client_id', 'request_uri', 'state'])
    await refused(ada)
  })

  it('a transfer is confirmed by Mobile Connect, whose request no browser can change, and whose prompt shows amount and payee', async () => {
    const ada = await logIn()
    const { id } = await refused(ada)
    const { body } = await ada.post('/login/mobileconnect', { for: id })
    const { prompt, answer } = await byPhone(ada, body.url, adaPhone, 'approve')
    expect(prompt.bindingMessage).toMatch(/Bob/)
    expect(prompt.bindingMessage).toMatch(/25\.50/)
    expect(answer.body).toMatchObject({ status: 'complete' })
    expect((await ada.post('/transfer', transfer)).status).toBe(200)
  })

  it('a transfer is not made when the user denies on the phone', async () => {
    const ada = await logIn()
    const { id } = await refused(ada)
    const { body } = await ada.post('/login/mobileconnect', { for: id })
    expect((await byPhone(ada, body.url, adaPhone, 'deny')).answer.body).toMatchObject({ code: 'user_refused' })
    await refused(ada)
    expect(await ada.who()).toEqual({ authenticated: true, user: 'ada' })
  })

  it('a transfer is confirmed by alan with his authenticator', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'queueMicrotask', 'performance', 'hrtime'] })
    try {
      const alan = visitor(await start())
      await alan.password('alan')
      await alan.post('/login/totp', { code: await alan.authenticator() })
      const { id } = await refused(alan)
      // A code is taken once.
      jest.setSystemTime(Date.now() + 30_000)
      expect((await alan.post('/login/totp', { for: id, code: await alan.authenticator() })).body).toMatchObject({ status: 'complete' })
      expect((await alan.post('/transfer', transfer)).status).toBe(200)
    } finally {
      jest.useRealTimers()
    }
  })

  it('a transfer is confirmed by grace at the number that she has just given', async () => {
    const grace = visitor(await start())
    await grace.password('grace')
    await grace.post('/login/sms-otp/challenge', { phone: gracePhone })
    await grace.post('/login/sms-otp', { code: await grace.texted(gracePhone) })
    const { id } = await refused(grace)
    await grace.post('/login/sms-otp/challenge', { for: id })
    await grace.post('/login/sms-otp', { for: id, code: codeOf(await textAbout(grace, gracePhone)) })
    expect((await grace.post('/transfer', transfer)).status).toBe(200)
  })

  it.each([
    ['no payee', { amount: 25 }, 'payee_invalid'], ['a payee that no text can show', { payee: '<b>Bob</b>', amount: 25 }, 'payee_invalid'],
    ['two payees', { payee: ['Bob', 'Eve'], amount: 25 }, 'payee_invalid'], ['a payee of two lines', { payee: 'Bob\namount: 1', amount: 25 }, 'payee_invalid'],
    ['no amount', { payee: 'Bob' }, 'amount_invalid'], ['nothing', { payee: 'Bob', amount: 0 }, 'amount_invalid'],
    ['less than nothing', { payee: 'Bob', amount: -1 }, 'amount_invalid'], ['a part of a cent', { payee: 'Bob', amount: '1.005' }, 'amount_invalid'],
    ['a power', { payee: 'Bob', amount: '1e3' }, 'amount_invalid'],
  ])('a transfer of %s is refused before a user is asked to confirm it', async (_, body, code) => {
    const ada = await logIn()
    expect((await ada.post('/transfer', body)).body).toMatchObject({ status: 400, code, detail: expect.any(String) })
  })

  it('a transfer is only for users who are logged in', async () => {
    const stranger = visitor(await start())
    expect((await stranger.post('/transfer', transfer)).body).toMatchObject({ status: 401, code: 'login_required' })
  })

  it('a transfer in forms ends on a page whose one button makes it, once', async () => {
    const app = await start()
    const ada = reader(app)
    await ada.open('/transfer')
    await ada.submit({ username: 'ada', password: 'lovelace-1815' })
    await ada.open('/login?factor=recovery-code')
    const { body: { recoveryCodes: [{ codes }] } } = await visitor(app).get('/handset')
    expect(await ada.submit({ code: codes[0] })).toContain('New transfer')
    const invalid = await ada.submit({ payee: 'Bob', amount: 'much' })
    expect(invalid).toMatch(/role="alert">Give an amount/)
    expect(invalid).toContain('value="much"')

    const asked = await ada.submit({ payee: 'Bob', amount: '25.50' })
    expect(asked).toContain('Bob')
    await ada.submit('/login/sms-otp/challenge')
    const back = await ada.submit({ code: codeOf(await textAbout(visitor(app), adaPhone)) })
    expect(back.replace(/<\/?bdi[^>]*>/g, '')).toContain('Pay 25.50 EUR to Bob')
    expect((await visitor(app).get('/transfer')).status).toBe(401)
    const made = await ada.submit('/transfer')
    expect(made).toMatch(/<strong>25\.50 EUR<\/strong> to <strong>Bob<\/strong>/)
    const again = await ada.open('/transfer')
    expect(again).not.toContain('25.50')
    expect(again).toContain('New transfer')
  })

  it('a transfer that the user cancels is not made, and its form is still filled in', async () => {
    const app = await start()
    const ada = reader(app)
    await ada.open('/transfer')
    await ada.submit({ username: 'ada', password: 'lovelace-1815' })
    await ada.open('/login?factor=recovery-code')
    const { body: { recoveryCodes: [{ codes }] } } = await visitor(app).get('/handset')
    await ada.submit({ code: codes[0] })
    await ada.submit({ payee: 'Bob', amount: '25.50' })
    const back = await ada.submit('/login/cancel')
    expect(back).toMatch(/value="Bob"[\s\S]*value="25.50"/)
    expect(back).not.toContain('The transfer is made')
  })
})
