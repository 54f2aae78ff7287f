import { Strategy } from '../src/index.js'
import { createApp, type AppOptions } from './support/app.js'
import { ADA, BOB, codeIn, minutes, rejects, SECRET, service, wrong } from './support/kit.js'
import { run } from './support/run.js'

const ada = { id: 'user-7', phone: ADA }

/** An app, and a browser to which a code was sent. */
async function texted(options: AppOptions = {}, phone = ADA) {
  const kit = createApp(options)
  const browser = kit.agent()
  await browser.post('/send').send({ phone }).expect(200)
  return { ...kit, browser, code: codeIn(kit.inbox, phone) }
}

describe('The right code', () => {
  it('the right code logs in the user whom verify finds, once (O-01, O-03)', async () => {
    const verify = jest.fn(async (phone: string) => ({ id: 'user-7', phone }))
    const { browser, code, agent } = await texted({ verify })
    const { body } = await browser.post('/verify').send({ code }).expect(200)
    expect(body).toEqual({ verified: true, user: ada })
    expect((await browser.get('/me')).body).toEqual({ user: ada, authenticated: true })
    expect(verify.mock.calls).toEqual([[ADA, expect.any(Function)]])
    await agent().post('/verify').send({ code }).expect(401)
  })

  it('the right code logs in exactly one of 30 at a time (R-03, O-05)', async () => {
    const verify = jest.fn(async () => ({ id: 'x' }))
    const { agent, inbox } = createApp({ strategy: { challengeIn: 'client' }, verify })
    const { body: { challenge } } = await agent().post('/send').send({ phone: ADA })
    const answers = await Promise.all(Array.from({ length: 30 }, () => agent().post('/verify').send({ challenge, code: codeIn(inbox) })))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ body }) => body.code === 'code_used')).toHaveLength(29)
    expect(verify).toHaveBeenCalledTimes(1)
  })

  it('the right code leaves nothing of the challenge in the session', async () => {
    const { inbox } = service()
    const strategy = new Strategy({ sender: inbox, secret: SECRET })
    const session = { cart: 1, 'sms-otp': { other: 'handle' } }
    await run(strategy, { user: ada, session })
    expect(session).toEqual({ cart: 1, 'sms-otp': { other: 'handle', 'sms-otp/login': expect.any(String) } })
    expect(await run(strategy, { user: ada, session, body: { code: codeIn(inbox) } }, {})).toMatchObject({ end: 'success' })
    expect(session).toEqual({ cart: 1, 'sms-otp': { other: 'handle' } })
  })

  it('the right code is success with req.user where there is no verify callback', async () => {
    const { browser, code } = await texted({ user: ada, verify: null })
    expect((await browser.post('/verify').send({ code }).expect(200)).body).toMatchObject({ user: ada })
  })

  it('the right code of one user is no code of another user (O-11)', async () => {
    const user = { ...ada }
    const { browser, code } = await texted({ user, verify: null })
    user.id = 'user-8'
    expect((await browser.post('/verify').send({ code }).expect(401)).body).toMatchObject({ code: 'challenge_unknown' })
    user.id = 'user-7'
    await browser.post('/verify').send({ code }).expect(200)
  })

  it.each([BOB, undefined])('the right code is none when the number of the account has become %s (O-23)', async (phone) => {
    const user: { id: string, phone?: string | undefined } = { ...ada }
    const { browser, code } = await texted({ user: user as typeof ada, verify: null })
    user.phone = phone
    expect((await browser.post('/verify').send({ code }).expect(401)).body).toMatchObject({ code: 'challenge_unknown' })
  })

  it('the right code of a login is no code of a known user, and the reverse', async () => {
    const stranger = createApp({ strategy: { challengeIn: 'client' } })
    const { body: { challenge } } = await stranger.agent().post('/send').send({ phone: ADA })
    const code = codeIn(stranger.inbox)
    const known = createApp({ user: ada, strategy: { otp: stranger.strategy.otp, challengeIn: 'client' } })
    expect((await known.agent().post('/verify').send({ challenge, code }).expect(401)).body).toMatchObject({ code: 'challenge_unknown' })
    await stranger.agent().post('/verify').send({ challenge, code }).expect(200)
  })
})

describe('A code that is not right', () => {
  it.each([[{}, 'code_missing'], [{ code: '' }, 'code_missing'], [{ code: '12345' }, 'code_malformed'], [{ code: 'abcdef' }, 'code_malformed']])(
    'a code is refused with 400 and costs nothing: %j', async (body, code) => {
      const kit = await texted()
      for (let times = 0; times < 9; times += 1) expect((await kit.browser.post('/verify').send(body).expect(400)).body).toMatchObject({ code })
      await kit.browser.post('/verify').send({ code: kit.code }).expect(200)
    })

  it('a wrong code is wrong until the guesses are spent, and then no code is right (O-02, R-04)', async () => {
    const { browser, code } = await texted()
    for (const attemptsLeft of [4, 3, 2, 1, 0]) {
      expect((await browser.post('/verify').send({ code: wrong(code) }).expect(401)).body).toEqual({ code: 'code_wrong', message: expect.any(String), attemptsLeft })
    }
    const { body, headers } = await browser.post('/verify').send({ code }).expect(429)
    expect(body).toMatchObject({ code: 'too_many_attempts', retryAfter: 300 })
    expect(headers['retry-after']).toBe('300')
  })

  it('a code has expired after the ttl (R-02)', async () => {
    const { browser, code, time } = await texted()
    time.pass(minutes(5))
    expect((await browser.post('/verify').send({ code }).expect(401)).body).toMatchObject({ code: 'code_expired' })
  })

  it('a wrong code locks in the end, with Retry-After, and disables (R-05)', async () => {
    const { browser, code, time } = await texted({ strategy: { lockout: { after: 2, disableAfter: 3, for: '1m' } }, user: { id: 'user-7', phone: ADA }, verify: null })
    await browser.post('/verify').send({ code: wrong(code) }).expect(401)
    await browser.post('/verify').send({ code: wrong(code) }).expect(401)
    const { body, headers } = await browser.post('/verify').send({ code }).expect(429)
    expect(body).toMatchObject({ code: 'locked', retryAfter: 60 })
    expect(headers['retry-after']).toBe('60')
    time.pass(minutes(1))
    await browser.post('/verify').send({ code: wrong(code) }).expect(401)
    expect((await browser.post('/verify').send({ code }).expect(403)).body).toMatchObject({ code: 'disabled' })
    expect((await browser.post('/send').send({ phone: ADA }).expect(403)).body).toMatchObject({ code: 'disabled' })
  })

  it('a code has no challenge in a session that asked for none (O-20)', async () => {
    const { agent } = createApp()
    expect((await agent().post('/verify').send({ code: '123456' }).expect(401)).body).toMatchObject({ code: 'challenge_unknown' })
  })

  it('a wrong code never runs the verify callback', async () => {
    const verify = jest.fn(async () => ({ id: 'x' }))
    const { browser, code } = await texted({ verify })
    for (const guess of [wrong(code), '', 'x', wrong(code)]) await browser.post('/verify').send({ code: guess })
    expect(verify).not.toHaveBeenCalled()
  })
})

describe('The verify callback', () => {
  it.each<[string, (phone: string, done: (error: unknown, user?: false | Express.User | null) => void) => unknown]>([
    ['resolves to undefined', async () => undefined],
    ['resolves to null', async () => null],
    ['resolves to false', async () => false],
    ['returns nobody and takes no done', () => undefined],
    ['calls done with false', (_phone, done) => { done(null, false) }],
    ['calls done with nothing', (_phone, done) => { done(null) }],
  ])('a verify callback that %s finds nobody: 403', async (_, verify) => {
    const { browser, code } = await texted({ verify: verify.length === 0 ? (_phone) => verify(_phone, () => undefined) : verify })
    expect((await browser.post('/verify').send({ code }).expect(403)).body).toMatchObject({ code: 'user_unknown' })
    expect((await browser.get('/me')).body).toEqual({ user: null, authenticated: false })
  })

  it.each<[string, (phone: string, done: (error: unknown, user?: Express.User) => void) => unknown]>([
    ['resolves', async () => ada],
    ['calls done', (_phone, done) => { done(null, ada) }],
    ['calls done later', (_phone, done) => { setImmediate(() => { done(null, ada) }) }],
    ['calls done, then resolves to nobody', async (_phone, done) => { done(null, ada) }],
    ['calls done twice', (_phone, done) => { done(null, ada); done(new Error('late')) }],
    ['resolves, and calls done with an error later', async (_phone, done) => { setImmediate(() => { done(new Error('late')) }); return ada }],
    ['returns the result of done', (_phone, done) => done(undefined, ada)],
  ])('a verify callback that %s logs in', async (_, verify) => {
    const { browser, code, errors } = await texted({ verify })
    expect((await browser.post('/verify').send({ code }).expect(200)).body).toMatchObject({ user: ada })
    expect(errors).toEqual([])
  })

  it('a verify callback that returns a user and takes no done logs in', async () => {
    const { browser, code } = await texted({ verify: (phone) => ({ id: 'user-7', phone }) })
    expect((await browser.post('/verify').send({ code }).expect(200)).body).toMatchObject({ user: ada })
  })

  it.each<[string, (phone: string, done: (error: unknown) => void) => unknown]>([
    ['throws', () => { throw new RangeError('database') }],
    ['rejects', () => Promise.reject(new RangeError('database'))],
    ['calls done with an error', (_phone, done) => { done(new RangeError('database')) }],
    ['calls done with an error and rejects', async (_phone, done) => { done(new RangeError('database')); throw new Error('late') }],
  ])('a verify callback that %s reaches next(err), once (P-15)', async (_, verify) => {
    const { browser, code, errors } = await texted({ verify })
    await browser.post('/verify').send({ code }).expect(500)
    expect(errors).toEqual([expect.objectContaining({ name: 'RangeError', message: 'database' })])
    expect((await browser.get('/me')).body).toEqual({ user: null, authenticated: false })
  })

  it.each<[string, unknown]>([['nothing', undefined], ['null', null], ['a text', 'database'], ['the direction of Express', 'route']])(
    'a verify callback that rejects with %s lets nobody pass (P-15)', async (_, reason) => {
      const { browser, code, errors } = await texted({ verify: () => rejects(reason) })
      await browser.post('/verify').send({ code }).expect(500)
      expect(errors).toEqual([expect.objectContaining({ message: expect.any(String), cause: reason })])
      expect((await browser.get('/me')).body.authenticated).toBe(false)
    })

  it.each([['one', 200, () => ada], ['nobody', 403, () => undefined]])('a verify callback that takes nothing and returns %s ends the request', async (_, status, verify) => {
    const { browser, code } = await texted({ verify })
    await browser.post('/verify').send({ code }).expect(status)
    const withRequest = await texted({ strategy: { passReqToCallback: true } as never, verify: (req) => (req ? verify() : undefined) })
    await withRequest.browser.post('/verify').send({ code: withRequest.code }).expect(status)
  })

  it('a verify callback may say why it finds nobody', async () => {
    const { browser, code } = await texted({ verify: (_phone, done) => { done(null, false, { message: 'Ask for an invitation.' }) } })
    expect((await browser.post('/verify').send({ code }).expect(403)).body).toEqual({ code: 'user_unknown', message: 'Ask for an invitation.' })
  })

  it('a verify callback gets the request when it asks for it', async () => {
    const verify = jest.fn(async () => ada)
    const { browser, code } = await texted({ strategy: { passReqToCallback: true } as never, verify })
    await browser.post('/verify').send({ code }).expect(200)
    expect(verify).toHaveBeenCalledWith(expect.objectContaining({ path: '/verify' }), ADA, expect.any(Function))
  })

  it('a missing verify callback is told before anything is sent or spent when nobody is known', async () => {
    const { agent, errors, inbox } = createApp({ verify: null })
    await agent().post('/send').send({ phone: ADA }).expect(500)
    await agent().post('/verify').send({ code: '123456' }).expect(500)
    expect(errors).toEqual(Array(2).fill(expect.objectContaining({ code: 'misconfigured', message: expect.stringContaining('verify callback') })))
    expect(inbox.messages).toEqual([])
  })
})

describe('capture', () => {
  const newcomer = { id: 'user-9' }

  it('capture saves a number only after its code was entered, and then the login goes on', async () => {
    const order: string[] = []
    const save = jest.fn(async () => { order.push('save') })
    const { browser, code } = await texted({ user: newcomer, strategy: { capture: { save } }, verify: async () => { order.push('verify'); return newcomer } })
    expect(save).not.toHaveBeenCalled()
    await browser.post('/verify').send({ code: wrong(code) }).expect(401)
    expect(save).not.toHaveBeenCalled()
    expect((await browser.post('/verify').send({ code }).expect(200)).body).toMatchObject({ user: newcomer })
    expect(save.mock.calls).toEqual([[newcomer, ADA]])
    expect(order).toEqual(['save', 'verify'])
  })

  it('capture is for users without a number only (R-23)', async () => {
    const save = jest.fn()
    const { inbox, agent } = createApp({ user: ada, strategy: { capture: { save } }, verify: null })
    const other = agent()
    await other.post('/send').send({ phone: BOB }).expect(200)
    expect(inbox.messages.map(({ to }) => to)).toEqual([ADA])
    await other.post('/verify').send({ code: codeIn(inbox) }).expect(200)
    expect(save).not.toHaveBeenCalled()
  })

  it('capture needs a number in the body', async () => {
    const { agent } = createApp({ user: newcomer, strategy: { capture: { save: async () => undefined } } })
    expect((await agent().post('/send').expect(400)).body).toMatchObject({ code: 'phone_missing' })
  })

  it.each(['/verify', '/resend'])('capture does not save back a number that was removed after its code was sent: %s (O-23, R-23)', async (path) => {
    const user: { id: string, phone?: string } = { ...ada }
    const save = jest.fn()
    const { browser, code, inbox } = await texted({ user, strategy: { capture: { save }, delays: [] }, verify: null })
    delete user.phone
    expect((await browser.post(path).send({ code, phone: ADA }).expect(401)).body).toMatchObject({ code: 'challenge_unknown' })
    expect(save).not.toHaveBeenCalled()
    expect(inbox.messages).toHaveLength(1)
  })

  it('capture lets a newcomer ask again, and saves the number all the same', async () => {
    const save = jest.fn()
    const { browser, code } = await texted({ user: newcomer, strategy: { capture: { save }, delays: [] }, verify: null })
    await browser.post('/resend').expect(200)
    await browser.post('/send').expect(200)
    await browser.post('/verify').send({ code }).expect(200)
    expect(save.mock.calls).toEqual([[newcomer, ADA]])
  })

  it.each<[string, unknown, string]>([
    ['a text', 'That number belongs to another account.', 'That number belongs to another account.'],
    ['nothing', undefined, 'This phone number cannot be used.'],
    ['null', null, 'This phone number cannot be used.'],
    ['an Error without words', new Error(), 'This phone number cannot be used.'],
  ])('capture that rejects with %s is phone_rejected 409, in words', async (_, reason, message) => {
    const save = () => rejects(reason)
    const { browser, code, errors } = await texted({ user: newcomer, strategy: { capture: { save } }, verify: null })
    expect((await browser.post('/verify').send({ code }).expect(409)).body).toEqual({ code: 'phone_rejected', message })
    expect(errors).toHaveLength(1)
  })

  it.each([
    ['an Error', new Error('That number belongs to another account.')],
    ['an error to be shown', Object.assign(new RangeError('That number belongs to another account.'), { expose: true })],
  ])('capture that rejects with %s is phone_rejected 409, with the reason', async (_, reason) => {
    const { browser, code } = await texted({ user: newcomer, strategy: { capture: { save: async () => { throw reason } } }, verify: null })
    expect((await browser.post('/verify').send({ code }).expect(409)).body).toEqual({ code: 'phone_rejected', message: 'That number belongs to another account.' })
  })

  it.each([
    ['a mistake', new TypeError('x is not a function')],
    ['a database', Object.assign(new Error('duplicate key value'), { code: '23505' })],
    ['an error not to be shown', Object.assign(new Error('down'), { expose: false })],
  ])('capture that fails because of %s reaches next(err), and nobody reads why', async (_, reason) => {
    const { browser, code, errors } = await texted({ user: newcomer, strategy: { capture: { save: async () => { throw reason } } }, verify: null })
    expect((await browser.post('/verify').send({ code }).expect(500)).body).not.toHaveProperty('message')
    expect(errors).toEqual([reason])
  })
})

describe('Passport', () => {
  it.each(['get', 'head', 'put', 'delete', 'patch', 'options'] as const)('Passport never gets further with %s: 405 (R-13, S-15, W-18)', async (method) => {
    const { browser, code, inbox } = await texted()
    for (const path of ['/send', '/resend', '/verify']) {
      const { headers } = await browser[method](`${path}?phone=${encodeURIComponent(BOB)}&code=${code}`).expect(405)
      expect(headers.allow).toBe('POST')
    }
    expect(inbox.messages).toHaveLength(1)
    await browser.post('/verify').send({ code }).expect(200)
  })

  it('Passport never gets further by prefetch (S-15)', async () => {
    const { browser, inbox } = await texted()
    await browser.get('/send').set('Sec-Purpose', 'prefetch').expect(405)
    expect(inbox.messages).toHaveLength(1)
  })
})
