import type { Response } from 'express'
import { Passport } from 'passport'
import { SmsOtp, Strategy } from '../src/index.js'
import { deriveCode } from '../src/codes/code.js'
import { open } from '../src/codes/handle.js'
import { deriveKeys } from '../src/codes/keys.js'
import { createApp } from './support/app.js'
import { run } from './support/run.js'
import { ADA, BOB, codeIn, issued, minutes, rejects, SECRET, seconds, service, wrong } from './support/kit.js'

const ada = { id: 'user-7', phone: ADA }
const turn = () => new Promise((resolve) => { setImmediate(resolve) })
const noLimits = { delays: [], sendLimits: { phone: {}, ip: {}, prefix: {}, country: {} } }

describe('send, by a person without an account', () => {
  it('send texts a person without an account at the number in the body, and says when the code ends', async () => {
    const { agent, inbox, time } = createApp()
    const { status, body } = await agent().post('/send').send({ phone: ADA }).expect(200)
    expect(status).toBe(200)
    expect(body).toEqual({
      to: '+44 •••• •••456',
      expiresAt: new Date(time.now() + minutes(5)).toISOString(),
      resendAt: new Date(time.now() + seconds(30)).toISOString(),
      attemptsLeft: 5,
    })
    expect(inbox.messages.map(({ to }) => to)).toEqual([ADA])
  })

  it('send never runs the verify callback', async () => {
    const verify = jest.fn(async () => ({ id: 'x' }))
    const { agent } = createApp({ verify })
    await agent().post('/send').send({ phone: ADA }).expect(200)
    expect(verify).not.toHaveBeenCalled()
  })

  it.each([
    [{}, 'phone_missing'], [{ phone: '' }, 'phone_missing'], [{ phone: 'nonsense' }, 'phone_invalid'], [{ phone: 447400123456 }, 'phone_invalid'],
    [{ phone: [ADA] }, 'phone_invalid'], [{ phone: { $ne: null } }, 'phone_invalid'],
  ])('send is refused with 400 for %j', async (body, code) => {
    const { agent, inbox } = createApp()
    expect((await agent().post('/send').send(body).expect(400)).body).toMatchObject({ code, message: expect.any(String) })
    expect(inbox.messages).toEqual([])
  })

  it.each(['+15005550006', '+442079460123'])('send is refused with 403 for a number that is not texted: %s', async (phone) => {
    const { agent } = createApp({ strategy: { countries: ['GB'] } })
    expect((await agent().post('/send').send({ phone }).expect(403)).body).toMatchObject({ code: 'send_refused' })
  })

  it('send repeats without the number, so that a page that asks for the text again need not ask for the number', async () => {
    const { agent, inbox, time } = createApp()
    const stranger = agent()
    await stranger.post('/send').send({ phone: ADA }).expect(200)
    time.pass(seconds(30))
    await stranger.post('/send').send({}).expect(200)
    expect(inbox.messages.map(({ body }) => body)).toEqual([inbox.messages[0]?.body, inbox.messages[0]?.body])
    await agent().post('/send').send({}).expect(400)
  })

  it('send begins anew for the number of a challenge that is over, and asks for a number where there is none', async () => {
    const { agent, inbox, time, strategy } = createApp({ strategy: noLimits })
    const stranger = agent()
    await stranger.post('/send').send({ phone: ADA }).expect(200)
    time.pass(minutes(5))
    const { body } = await stranger.post('/send').send({}).expect(200)
    expect(body.expiresAt).toBe(new Date(time.now() + minutes(5)).toISOString())
    await stranger.post('/verify').send({ code: codeIn(inbox) }).expect(200)
    expect(await run(strategy, {}, { action: 'send', challenge: 'of nobody' })).toMatchObject({ end: 'fail', info: { code: 'phone_missing' } })
  })

  it('send does not read the number in a challenge of an account', async () => {
    const { strategy, inbox } = createApp({ strategy: noLimits })
    const { info } = await run(strategy, { user: ada }, { action: 'send', challenge: null }) as never as { info: { challenge: string } }
    for (const user of [undefined, { id: ada.id }, { id: 'user-8' }]) {
      expect(await run(strategy, { user }, { action: 'send', challenge: info.challenge })).toMatchObject({ end: 'fail', info: { code: 'phone_missing' } })
    }
    expect(inbox.messages).toHaveLength(1)
  })

  it('send reads the field that it is told to read', async () => {
    const { agent } = createApp({ strategy: { phoneField: 'tel' } })
    await agent().post('/send').send({ phone: ADA }).expect(400)
    await agent().post('/send').type('form').send({ tel: ADA }).expect(200)
  })

  it('send counts the address of req.ip, and no header (R-62, S-10, S-11)', async () => {
    const { agent } = createApp({ strategy: { ...noLimits, sendLimits: { ...noLimits.sendLimits, ip: { '1h': 1 } } } })
    await agent().post('/send').set('X-Forwarded-For', '192.0.2.1').send({ phone: ADA, ip: '192.0.2.1' }).expect(200)
    const { body } = await agent().post('/send').set('X-Forwarded-For', '192.0.2.2').send({ phone: BOB, ip: '192.0.2.2', key: 'x' }).expect(429)
    expect(body).toMatchObject({ code: 'send_throttled' })
  })
})

describe('send, while a challenge of this session lives', () => {
  it('send repeats the challenge of this session for the same number: the same code, expiry and attempts (R-07)', async () => {
    const { agent, inbox, time } = createApp()
    const browser = agent()
    const first = (await browser.post('/send').send({ phone: ADA })).body
    const code = codeIn(inbox)
    await browser.post('/verify').send({ code: wrong(code) }).expect(401)
    time.pass(seconds(30))
    expect((await browser.post('/send').send({ phone: '+44 7400 123 456' }).expect(200)).body).toMatchObject({ expiresAt: first.expiresAt, attemptsLeft: 4 })
    expect(codeIn(inbox)).toBe(code)
    await browser.post('/verify').send({ code }).expect(200)
  })

  it('send is throttled by the delays, with Retry-After, and the code stays good (S-02)', async () => {
    const { agent, inbox } = createApp()
    const browser = agent()
    await browser.post('/send').send({ phone: ADA })
    const { headers, body } = await browser.post('/send').send({ phone: ADA }).expect(429)
    expect(headers['retry-after']).toBe('30')
    expect(body).toEqual({ code: 'send_throttled', message: expect.any(String), retryAfter: 30 })
    expect(inbox.messages).toHaveLength(1)
    await browser.post('/verify').send({ code: codeIn(inbox) }).expect(200)
  })

  it('send begins anew for another number, and the earlier code is dead', async () => {
    const { agent, inbox, strategy } = createApp()
    const retired = jest.spyOn(strategy.otp, 'verify')
    const browser = agent()
    await browser.post('/send').send({ phone: ADA })
    await browser.post('/send').send({ phone: BOB }).expect(200)
    if (codeIn(inbox, ADA) !== codeIn(inbox, BOB)) await browser.post('/verify').send({ code: codeIn(inbox, ADA) }).expect(401)
    const { body } = await browser.post('/verify').send({ code: codeIn(inbox, BOB) }).expect(200)
    expect(body.user.phone).toBe(BOB)
    retired.mockRestore()
  })

  it('send leaves the challenges of other sessions alone (S-06)', async () => {
    const { agent, inbox } = createApp({ strategy: noLimits })
    const [mine, theirs] = [agent(), agent()]
    await mine.post('/send').send({ phone: ADA })
    const code = codeIn(inbox)
    await theirs.post('/send').send({ phone: ADA }).expect(200)
    await theirs.post('/send').send({ phone: BOB }).expect(200)
    await mine.post('/verify').send({ code }).expect(200)
  })

  it('send tells that the guesses of a challenge are spent, and when it ends', async () => {
    const { agent, inbox, time } = createApp({ strategy: { ...noLimits, maxAttempts: 1 } })
    const browser = agent()
    await browser.post('/send').send({ phone: ADA })
    await browser.post('/verify').send({ code: wrong(codeIn(inbox)) })
    time.pass(minutes(1))
    const { body, headers } = await browser.post('/send').send({ phone: ADA }).expect(429)
    expect(body).toMatchObject({ code: 'too_many_attempts', retryAfter: 240 })
    expect(headers['retry-after']).toBe('240')
  })

  it('send begins anew when the challenge is used or expired', async () => {
    const { agent, inbox, time } = createApp({ strategy: noLimits, user: ada })
    const browser = agent()
    await browser.post('/send').expect(200)
    const code = codeIn(inbox)
    time.pass(minutes(5))
    expect((await browser.post('/send').expect(200)).body.expiresAt).toBe(new Date(time.now() + minutes(5)).toISOString())
    if (codeIn(inbox) !== code) await browser.post('/verify').send({ code }).expect(401)
    await browser.post('/verify').send({ code: codeIn(inbox) }).expect(200)
  })
})

describe('resend', () => {
  it('resend repeats the code, without a number', async () => {
    const { agent, inbox, time } = createApp()
    const browser = agent()
    await browser.post('/send').send({ phone: ADA })
    const code = codeIn(inbox)
    time.pass(seconds(30))
    await browser.post('/resend').expect(200)
    expect(inbox.messages).toHaveLength(2)
    expect(codeIn(inbox)).toBe(code)
  })

  it('resend has nothing to repeat without a challenge, and texts nobody', async () => {
    const { agent, inbox } = createApp()
    expect((await agent().post('/resend').send({ phone: ADA }).expect(401)).body).toMatchObject({ code: 'challenge_unknown' })
    expect(inbox.messages).toEqual([])
  })

  it('resend has nothing to repeat when the account got another number', async () => {
    const user = { ...ada }
    const { agent, inbox } = createApp({ user, strategy: noLimits })
    const browser = agent()
    await browser.post('/send').expect(200)
    user.phone = BOB
    expect((await browser.post('/resend').expect(401)).body).toMatchObject({ code: 'challenge_unknown' })
    expect(inbox.messages).toHaveLength(1)
  })
})

describe('send, for a known user', () => {
  it('send texts a known user at the number of the account, whatever the body says (R-23)', async () => {
    const { agent, inbox } = createApp({ user: ada })
    await agent().post('/send').send({ phone: BOB }).expect(200)
    expect(inbox.messages.map(({ to }) => to)).toEqual([ADA])
  })

  it('send finds number and id of a known user where it is told to, promises included', async () => {
    const user = { id: 'unused', mobile: ADA, key: 9 }
    const lookUp = { phone: async (who: object) => (who as typeof user).mobile, userId: async (who: object) => (who as typeof user).key }
    const { agent, inbox } = createApp({ user, strategy: lookUp })
    await agent().post('/send').expect(200)
    expect(inbox.messages).toHaveLength(1)
  })

  it('send counts an ObjectId in _id as its text, the same for each copy of the account (F-35)', async () => {
    const copy = () => ({ _id: { toString: () => '65a1f0c2e4b0a1b2c3d4e5f6' }, phone: ADA })
    const { agent, inbox } = createApp({ user: copy() as never, strategy: { delays: ['1h'] } })
    const browser = agent()
    await browser.post('/send').expect(200)
    expect((await browser.post('/send')).body.code).not.toBe('phone_missing')
    const other = createApp({ user: copy() as never, strategy: { userId: (user: object) => (user as ReturnType<typeof copy>)._id as never } })
    await other.agent().post('/send').expect(200)
    expect([inbox.messages.length, other.inbox.messages.length]).toEqual([1, 1])
  })

  it.each([undefined, null, '', {}, [], NaN, true])('send breaks with 500 when the user id is %j: two people are never one (F-35)', async (id) => {
    const { agent, errors, inbox } = createApp({ user: { id: id as string, phone: ADA } })
    await agent().post('/send').expect(500)
    expect(errors).toEqual([expect.objectContaining({ name: 'TypeError', message: expect.stringContaining('userId') })])
    expect(inbox.messages).toEqual([])
  })

  it('send is phone_missing for a known user when the account has no number', async () => {
    const { agent } = createApp({ user: { id: 'user-7' } })
    expect((await agent().post('/send').send({ phone: BOB }).expect(400)).body).toMatchObject({ code: 'phone_missing' })
  })

  it('send to a known user does not count the address or the prefix, but to a captured number it does', async () => {
    const limits = { ...noLimits, sendLimits: { phone: {}, country: {}, prefix: {}, ip: { '1h': 1 } } }
    const known = createApp({ user: ada, strategy: limits })
    for (const browser of [known.agent(), known.agent(), known.agent()]) await browser.post('/send').expect(200)
    const captured = createApp({ user: { id: 'user-8' }, strategy: { ...limits, capture: { save: async () => undefined } } })
    await captured.agent().post('/send').send({ phone: ADA }).expect(200)
    await captured.agent().post('/send').send({ phone: BOB }).expect(429)
  })

  it('send does not take another user for the one under the property that Passport was told to use', async () => {
    const { strategy, inbox } = createApp()
    const outcome = await run(strategy, { body: { phone: BOB }, _userProperty: 'account', user: ada })
    expect(outcome).toMatchObject({ end: 'pass' })
    await turn()
    expect(inbox.messages.map(({ to }) => to)).toEqual([BOB])
  })

  it('send finds the user under the property that Passport was told to use', async () => {
    const strategy = new Strategy({ sender: service().inbox, secret: SECRET })
    const info = await run(strategy, { body: { phone: BOB }, _userProperty: 'account', account: ada })
    expect(info).toMatchObject({ end: 'pass', info: { public: { to: '+44 •••• •••456' } } })
  })
})

describe('mayText', () => {
  const accounts = new Set([ADA])
  const options = { mayText: async (phone: string) => accounts.has(phone) }

  it('mayText that answers false sends nothing, and every answer is the same as for a number with an account (R-57, S-02, W-13)', async () => {
    const story = async (phone: string) => {
      const kit = createApp({ strategy: { ...options, lockout: { after: 6 } } })
      const browser = kit.agent()
      const answers: object[] = []
      const post = async (path: string, body: object) => {
        const { status, headers, body: answer } = await browser.post(path).send(body)
        answers.push({ path, status, retryAfter: headers['retry-after'], length: headers['content-length'], answer: { ...answer, to: undefined } })
      }
      await post('/send', { phone })
      await post('/send', { phone })
      kit.time.pass(seconds(30))
      await post('/resend', {})
      for (let times = 0; times < 6; times += 1) await post('/verify', { code: '000000' })
      kit.time.pass(minutes(2))
      await post('/send', { phone })
      await post('/verify', { code: '000000' })
      kit.time.pass(minutes(20))
      await post('/resend', {})
      return { answers, texts: kit.inbox.messages.length }
    }
    const [known, unknown] = [await story(ADA), await story(BOB)]
    expect(unknown.answers).toEqual(known.answers)
    expect(known.texts).toBe(2)
    expect(unknown.texts).toBe(0)
  })

  it('mayText makes no answer wait for what a sender or a listener does, not even before its first await (R-57, S-02)', async () => {
    const seen: [string, boolean | undefined][] = []
    let response: Response | undefined
    const heard = (what: string) => { seen.push([what, response?.writableFinished]) }
    const sender = { name: 'slow', development: true, send: async () => { heard('send'); return {} } }
    const kit = createApp({ strategy: { sender, mayText: (phone, req) => { response = req.res; return phone === ADA } } })
    kit.strategy.otp.on('send-denied', () => { heard('send-denied') })
    for (const phone of [ADA, BOB]) await kit.agent().post('/send').send({ phone }).expect(200)
    expect(seen).toEqual([['send', true], ['send-denied', true]])
  })

  it('mayText that answers false lets no code in, not even the one that would have been texted (R-57)', async () => {
    const kit = createApp({ strategy: { ...options, challengeIn: 'client' } })
    const { body: { challenge } } = await kit.agent().post('/send').send({ phone: BOB })
    const keys = deriveKeys([SECRET])
    const code = deriveCode(keys.current, open(keys, challenge)!, { alphabet: 'digits', length: 6 })
    expect((await kit.agent().post('/verify').send({ challenge, code }).expect(401)).body).toMatchObject({ code: 'code_wrong', attemptsLeft: 4 })
  })

  it('mayText is asked with the one spelling of the number, and the request', async () => {
    const mayText = jest.fn(() => true)
    const { agent } = createApp({ strategy: { mayText } })
    await agent().post('/send').send({ phone: '+44 7400 123-456' }).expect(200)
    expect(mayText).toHaveBeenCalledWith(ADA, expect.objectContaining({ path: '/send' }))
  })

  it('mayText is not asked for a known user', async () => {
    const mayText = jest.fn(() => false)
    const { agent, inbox } = createApp({ strategy: { mayText }, user: ada })
    await agent().post('/send').expect(200)
    expect(mayText).not.toHaveBeenCalled()
    expect(inbox.messages).toHaveLength(1)
  })

  it('mayText that fails reaches next(err), once, and texts nobody (P-15)', async () => {
    const { agent, errors, inbox } = createApp({ strategy: { mayText: async () => { throw new Error('database') } } })
    await agent().post('/send').send({ phone: ADA }).expect(500)
    expect(errors).toHaveLength(1)
    expect(inbox.messages).toEqual([])
  })
})

describe('Details', () => {
  it('details stand in the text, and another value makes the code unknown (R-08)', async () => {
    const { agent, inbox } = createApp({ user: ada, strategy: { details: async (req) => ({ payee: String(req.body.payee) }) } })
    const browser = agent()
    await browser.post('/send').send({ payee: 'Bob' }).expect(200)
    expect(inbox.messages[0]!.body).toContain('payee: "Bob"')
    const code = codeIn(inbox)
    expect((await browser.post('/verify').send({ payee: 'Eve', code }).expect(401)).body).toMatchObject({ code: 'challenge_unknown' })
    await browser.post('/verify').send({ payee: 'Bob', code }).expect(200)
  })
})

describe('challengeIn: client', () => {
  it('challengeIn: client gives the handle to the client and reads it back, without a session', async () => {
    const { agent, inbox } = createApp({ strategy: { challengeIn: 'client' }, session: false })
    const { body: { challenge, to } } = await agent().post('/send').send({ phone: ADA }).expect(200)
    expect(challenge).toMatch(/^[\w-]+$/)
    expect(to).toBe('+44 •••• •••456')
    const { body } = await agent().post('/verify').send({ challenge, code: codeIn(inbox) }).expect(200)
    expect(body).toMatchObject({ user: { phone: ADA } })
  })

  it('challengeIn: client is not inferred, and the handle is never given away otherwise', async () => {
    const { agent } = createApp()
    expect((await agent().post('/send').send({ phone: ADA })).body).not.toHaveProperty('challenge')
  })

  it('challengeIn: client knows no challenge in a malformed handle', async () => {
    const { agent } = createApp({ strategy: { challengeIn: 'client' } })
    for (const challenge of [undefined, '', 'x', ['x'], { length: 3 }, 7]) {
      expect((await agent().post('/verify').send({ challenge, code: '123456' }).expect(401)).body).toMatchObject({ code: 'challenge_unknown' })
    }
  })
})

describe('Without a session', () => {
  it('the strategy without a session breaks with 500, in words (P-09)', async () => {
    const { agent, errors, inbox } = createApp({ session: false })
    for (const path of ['/send', '/resend', '/verify']) {
      expect((await agent().post(path).send({ phone: ADA, code: '123456' }).expect(500)).body).toMatchObject({ code: 'misconfigured' })
    }
    expect(errors[0]).toMatchObject({ code: 'misconfigured', message: expect.stringContaining('express-session') })
    expect(inbox.messages).toEqual([])
  })
})

describe('With options.challenge, the caller keeps the handle', () => {
  it('a caller with options.challenge gets the handle in the info of pass, gives it back, and the session is left alone', async () => {
    const { inbox } = service()
    const strategy = new Strategy({ sender: inbox, secret: SECRET, delays: [] })
    const session = {}
    const began = await run(strategy, { user: ada, session }, { action: 'send', challenge: null })
    expect(began).toEqual({
      end: 'pass',
      info: {
        challenge: expect.any(String),
        public: { to: '+44 •••• •••456', expiresAt: expect.stringMatching(/Z$/), resendAt: expect.stringMatching(/Z$/), attemptsLeft: 5 },
      },
    })
    const { challenge } = began.info as { challenge: string }
    const again = await run(strategy, { user: ada, session }, { action: 'send', challenge })
    expect(again.end).toBe('pass')
    expect(new Set(inbox.messages.map(({ body }) => body)).size).toBe(1)
    const ended = await run(strategy, { user: ada, session, body: { code: codeIn(inbox) } }, { challenge })
    expect(ended).toEqual({ end: 'success', user: ada, info: { amr: ['sms'] } })
    expect(session).toEqual({})
  })

  it.each([
    ['for another number', { user: undefined, body: { phone: ADA } }, { user: undefined, body: { phone: BOB } }, {}],
    ['for other details', { user: ada }, { user: ada }, { details: { payee: 'Eve' } }],
  ])('a new challenge %s retires the one that is given back (R-07)', async (_, before, after, options) => {
    const { inbox } = service()
    const strategy = new Strategy({ sender: inbox, secret: SECRET, ...noLimits }, async () => ada)
    const first = await run(strategy, before, { action: 'send', challenge: null }) as never as { info: { challenge: string } }
    await turn()
    const code = codeIn(inbox)
    expect(await run(strategy, after, { action: 'send', challenge: first.info.challenge, ...options })).toMatchObject({ end: 'pass' })
    const ended = await run(strategy, { ...before, body: { code } }, { challenge: first.info.challenge })
    expect(ended).toMatchObject({ end: 'fail', info: { code: 'challenge_unknown' } })
  })

  it.each([
    ['another number', { user: undefined, body: { phone: ADA } }, { user: undefined, body: { phone: BOB } }, {}],
    ['other details', { user: ada }, { user: ada }, { details: { payee: 'Eve' } }],
  ])('a text for %s that a limit refuses leaves the code that was sent good (S-13)', async (_, before, after, options) => {
    const { inbox } = service()
    const limits = { ...noLimits, sendLimits: { ...noLimits.sendLimits, total: { '1h': 1 } } }
    const strategy = new Strategy({ sender: inbox, secret: SECRET, ...limits }, async () => ada)
    const first = await run(strategy, before, { action: 'send', challenge: null }) as never as { info: { challenge: string } }
    await turn()
    const code = codeIn(inbox)
    expect(await run(strategy, after, { action: 'send', challenge: first.info.challenge, ...options })).toMatchObject({ info: { code: 'send_throttled' } })
    expect(await run(strategy, { ...before, body: { code } }, { challenge: first.info.challenge })).toMatchObject({ end: 'success' })
  })

  it('the session keeps one challenge for each purpose', async () => {
    const { inbox } = service()
    const strategy = new Strategy({ sender: inbox, secret: SECRET, ...noLimits })
    const session = {}
    const code = async (purpose: string) => {
      await run(strategy, { user: ada, session }, { action: 'send', purpose })
      return codeIn(inbox)
    }
    const codes = { login: await code('login'), transfer: await code('transfer') }
    for (const purpose of ['login', 'transfer'] as const) {
      expect(await run(strategy, { user: ada, session, body: { code: codes[purpose] } }, { purpose })).toMatchObject({ end: 'success' })
    }
  })

  it('options.challenge of null is no challenge, even when the session holds one', async () => {
    const { inbox } = service()
    const strategy = new Strategy({ sender: inbox, secret: SECRET })
    const session = {}
    await run(strategy, { user: ada, session }, { action: 'send' })
    const ended = await run(strategy, { user: ada, session, body: { code: codeIn(inbox) } }, { challenge: null })
    expect(ended).toMatchObject({ end: 'fail', info: { code: 'challenge_unknown' }, status: 401 })
  })

  it('a purpose and details may come with options.challenge', async () => {
    const { inbox } = service()
    const strategy = new Strategy({ sender: inbox, secret: SECRET })
    const asked = { challenge: null, details: { payee: 'Bob' }, purpose: 'step-up' }
    const { info } = await run(strategy, { user: ada }, { action: 'send', ...asked }) as never as { info: { challenge: string } }
    expect(inbox.messages[0]!.body).toContain('payee: "Bob"')
    const body = { code: codeIn(inbox) }
    for (const other of [{ purpose: undefined }, { details: undefined }, { details: { payee: 'Eve' } }]) {
      expect(await run(strategy, { user: ada, body }, { ...asked, challenge: info.challenge, ...other })).toMatchObject({ info: { code: 'challenge_unknown' } })
    }
    expect(await run(strategy, { user: ada, body }, { ...asked, challenge: info.challenge })).toMatchObject({ end: 'success' })
  })
})

describe('A service', () => {
  it('a service may be shared: what it knows, all strategies know', async () => {
    const kit = service({ delays: [] })
    const strategy = new Strategy({ otp: kit.otp })
    const { challenge, code } = await issued(kit, { subject: ada.id })
    expect(await run(strategy, { user: ada, body: { code } }, { challenge })).toMatchObject({ end: 'success' })
    expect(strategy.otp).toBe(kit.otp)
    expect(new Strategy({ sender: kit.inbox, secret: SECRET }).otp).toBeInstanceOf(SmsOtp)
  })

  it('a service of another copy of the package says what went wrong just as well', async () => {
    const kit = service()
    const error = Object.assign(new Error('The store does not answer.'), { name: 'SmsOtpError', code: 'store_unavailable', status: 503 })
    const otp = Object.assign(Object.create(kit.otp) as SmsOtp, { start: () => rejects(error) })
    const { agent, errors } = createApp({ strategy: { otp } })
    expect((await agent().post('/send').send({ phone: ADA }).expect(503)).body).toMatchObject({ code: 'store_unavailable' })
    expect(errors).toEqual([error])
  })

  it('an unknown action is an error, not a verification', async () => {
    const strategy = new Strategy({ otp: service().otp })
    expect(await run(strategy, { user: ada }, { action: 'sendd' })).toMatchObject({ end: 'error', error: expect.any(TypeError) })
    expect(new Passport().use(strategy)).toBeInstanceOf(Passport)
  })
})
