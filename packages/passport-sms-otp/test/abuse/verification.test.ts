import { Strategy as LocalStrategy } from 'passport-local'
import { attacked, DAY, free, tally, times } from '../support/attack.js'
import { ADA, BOB, minutes, OTHER_SECRET, SECRET, wrong } from '../support/kit.js'
import { describeOnEveryStore } from '../support/stores.js'

const ada = { id: 'user-7', phone: ADA }

describeOnEveryStore('A code over HTTP', (shelf) => {
  it('a code lets its person in once, and not again: not in this session, not in another, not with a new challenge (R-03, O-01, O-03)', async () => {
    const kit = attacked(shelf, { strategy: { ...free, challengeIn: 'client' } })
    const { body: { challenge } } = await kit.agent().post('/send').send({ phone: ADA })
    const used = { challenge, code: kit.code() }
    const browser = kit.agent()
    await browser.post('/verify').send(used).expect(200)
    expect((await browser.get('/me')).body.authenticated).toBe(true)
    expect((await browser.post('/verify').send(used).expect(401)).body.code).toBe('challenge_unknown')
    expect((await kit.agent().post('/verify').send(used).expect(401)).body.code).toBe('code_used')
    const { body: later } = await kit.agent().post('/send').send({ phone: ADA })
    const answer = await kit.agent().post('/verify').send({ challenge: later.challenge, code: used.code })
    expect(answer.body.code).toBe(kit.code() === used.code ? undefined : 'code_wrong')
  })

  it('a code that is wrong costs one attempt and one failure (R-04, O-02)', async () => {
    const kit = attacked(shelf, { strategy: { ...free, lockout: { after: 6 } } })
    const browser = await kit.texted({ phone: ADA })
    for (const attemptsLeft of [4, 3, 2, 1, 0]) {
      expect((await browser.post('/verify').send({ code: wrong(kit.code()) }).expect(401)).body).toMatchObject({ code: 'code_wrong', attemptsLeft })
    }
    expect((await browser.post('/verify').send({ code: kit.code() }).expect(429)).body).toMatchObject({ code: 'too_many_attempts', retryAfter: 300 })
    const again = await kit.texted({ phone: ADA })
    await again.post('/verify').send({ code: wrong(kit.code()) }).expect(401)
    expect((await again.post('/verify').send({ code: kit.code() }).expect(429)).body.code).toBe('locked')
  })

  it('a code guessed 500 times at once is evaluated exactly 5 times, and then even the right code fails (R-04, O-04)', async () => {
    const kit = attacked(shelf)
    const browser = await kit.texted({ phone: ADA })
    const answers = await times(500, () => browser.post('/verify').send({ code: wrong(kit.code()) }))
    expect(tally(answers)).toEqual({ code_wrong: 5, too_many_attempts: 495 })
    await browser.post('/verify').send({ code: kit.code() }).expect(429)
    expect((await browser.get('/me')).body.authenticated).toBe(false)
  })

  it('a code entered 200 times at once makes exactly one login and one session (R-03, O-05)', async () => {
    const kit = attacked(shelf, { strategy: { challengeIn: 'client' } })
    const { body: { challenge } } = await kit.agent().post('/send').send({ phone: ADA })
    const answers = await times(200, () => kit.agent().post('/verify').send({ challenge, code: kit.code() }))
    expect(tally(answers)).toEqual({ 200: 1, code_used: 199 })
    expect(answers.filter(({ headers }) => headers['set-cookie'])).toHaveLength(1)
    const held = await new Promise<object>((resolve) => { kit.sessions.all((_, all) => { resolve(all ?? {}) }) })
    expect(Object.values(held)).toEqual([expect.objectContaining({ passport: { user: expect.any(String) } })])
  })

  it('a code guessed in 50 flows, 5 times each and with every lock waited out, is evaluated 100 times and never again (R-05, O-06)', async () => {
    const kit = attacked(shelf, { strategy: free, user: ada, verify: null })
    const guesses = []
    for (let flow = 0; flow < 50; flow += 1) {
      const browser = kit.agent()
      const { status } = await browser.post('/send')
      if (status === 200) for (let times = 0; times < 5; times += 1) guesses.push(await browser.post('/verify').send({ code: wrong(kit.code()) }))
      kit.time.pass(DAY)
    }
    expect(tally(guesses)).toEqual({ code_wrong: 100 })
    expect((await kit.agent().post('/send').expect(403)).body.code).toBe('disabled')
  })

  it('a code that is sent again refills nothing, and its challenge ends (R-06, R-07, O-07, O-15)', async () => {
    const kit = attacked(shelf)
    const browser = kit.agent()
    const { body: first } = await browser.post('/send').send({ phone: ADA })
    const code = kit.code()
    for (let guess = 0; guess < 3; guess += 1) await browser.post('/verify').send({ code: wrong(code) }).expect(401)
    kit.time.pass(minutes(1))
    const { body: again } = await browser.post('/resend').expect(200)
    expect(again).toMatchObject({ attemptsLeft: 2, expiresAt: first.expiresAt })
    expect(kit.code()).toBe(code)
    expect((await browser.post('/verify').send({ code: wrong(code) })).body.attemptsLeft).toBe(1)
    expect((await browser.post('/verify').send({ code: wrong(code) })).body.attemptsLeft).toBe(0)
    for (const path of ['/resend', '/send']) expect((await browser.post(path).send({ phone: ADA }).expect(429)).body.code).toBe('too_many_attempts')
    expect(kit.inbox.messages).toHaveLength(2)
  })

  it('a code guessed from a thousand addresses has the same limit as a code guessed from one (R-05, O-08)', async () => {
    const kit = attacked(shelf, { strategy: { challengeIn: 'client' } })
    kit.app.set('trust proxy', true)
    const { body: { challenge } } = await kit.agent().post('/send').send({ phone: ADA })
    const guess = (index: number) => kit.agent().post('/verify').set('X-Forwarded-For', `198.51.${index >> 8}.${index & 255}`).send({ challenge, code: wrong(kit.code()) })
    expect(tally(await times(1000, guess))).toEqual({ code_wrong: 5, too_many_attempts: 995 })
  })

  it('a wrong code stays counted when the request breaks afterwards, or nobody waits for its answer (O-09)', async () => {
    const kit = attacked(shelf)
    const browser = await kit.texted({ phone: ADA })
    kit.errors.push = () => { throw Object.assign(new Error('rolled back'), { status: 500 }) }
    await browser.post('/verify').send({ code: wrong(kit.code()) }).expect(500)
    kit.errors.push = Array.prototype.push
    const heard = new Promise((resolve) => { kit.strategy.otp.on('failed', resolve) })
    const leaving = browser.post('/verify').send({ code: wrong(kit.code()) })
    kit.strategy.otp.on('failed', () => { leaving.abort() })
    leaving.end(() => undefined)
    await heard
    expect((await kit.restarted().strategy.otp.verify({ challenge: await handleIn(kit), code: wrong(kit.code()), purpose: 'login' }))).toEqual({ status: 'wrong', attemptsLeft: 2 })
  })

  it('a code of one person is no code in the flow of another person, whose own code is untouched by it (R-08, O-11)', async () => {
    const kit = attacked(shelf)
    const [hers, his] = [await kit.texted({ phone: ADA }), await kit.texted({ phone: BOB })]
    const [code, other] = [kit.code(ADA), kit.code(BOB)]
    if (code !== other) expect((await his.post('/verify').send({ code })).body).toMatchObject({ code: 'code_wrong', attemptsLeft: 4 })
    expect((await hers.post('/verify').send({ code: wrong(code) })).body).toMatchObject({ code: 'code_wrong', attemptsLeft: 4 })
    await hers.post('/verify').send({ code }).expect(200)
  })

  it.each(['reset', 'bind'])('a code for the purpose %s logs nobody in, nor does the code of a login serve that purpose (R-24, O-13)', async (purpose) => {
    const kit = attacked(shelf, { strategy: { ...free, challengeIn: 'client' } })
    const { otp } = kit.strategy
    const other = await otp.issue({ to: ADA, purpose })
    if (other.status !== 'sent') throw new Error(other.status)
    const code = kit.code()
    expect((await kit.agent().post('/verify').send({ challenge: other.challenge, code }).expect(401)).body.code).toBe('challenge_unknown')
    const { body: { challenge } } = await kit.agent().post('/send').send({ phone: ADA })
    expect(await otp.verify({ challenge, code: kit.code(), purpose })).toEqual({ status: 'unknown' })
    expect(await otp.verify({ challenge: other.challenge, code, purpose })).toMatchObject({ status: 'ok' })
    await kit.agent().post('/verify').send({ challenge, code: kit.code() }).expect(200)
  })

  it('a code is good a millisecond before its end, and not at its end (R-02, O-14)', async () => {
    const kit = attacked(shelf, { strategy: free })
    const early = await kit.texted({ phone: ADA })
    kit.time.pass(minutes(5) - 1)
    await early.post('/verify').send({ code: kit.code() }).expect(200)
    const late = await kit.texted({ phone: ADA })
    kit.time.pass(minutes(5))
    expect((await late.post('/verify').send({ code: kit.code() }).expect(401)).body.code).toBe('code_expired')
  })

  it('a right code is refused while locked, not consumed, and good after the lock (O-16)', async () => {
    const kit = attacked(shelf, { strategy: { lockout: { after: 2, for: '1m' } } })
    const browser = await kit.texted({ phone: ADA })
    for (let guess = 0; guess < 2; guess += 1) await browser.post('/verify').send({ code: wrong(kit.code()) }).expect(401)
    const { body, headers } = await browser.post('/verify').send({ code: kit.code() }).expect(429)
    expect([body.code, headers['retry-after']]).toEqual(['locked', '60'])
    kit.time.pass(minutes(1))
    await browser.post('/verify').send({ code: kit.code() }).expect(200)
  })

  it('a right code is refused while disabled, however long, until the subject is enabled (R-05, O-17)', async () => {
    const kit = attacked(shelf, { strategy: { lockout: { after: 3, disableAfter: 2 } }, user: ada, verify: null })
    const browser = await kit.texted()
    for (let guess = 0; guess < 2; guess += 1) await browser.post('/verify').send({ code: wrong(kit.code()) }).expect(401)
    expect((await browser.post('/verify').send({ code: kit.code() }).expect(403)).body.code).toBe('disabled')
    kit.time.pass(365 * DAY)
    await browser.post('/send').expect(403)
    await kit.strategy.otp.enable(ada.id)
    const again = await kit.texted()
    await again.post('/verify').send({ code: kit.code() }).expect(200)
  })

  it('a wrong code stays counted after a right password (O-18)', async () => {
    const kit = attacked(shelf, { strategy: { ...free, lockout: { after: 2 } }, user: ada, verify: null })
    kit.passport.use(new LocalStrategy((username, password, done) => { done(null, password === 'right' ? { ...ada, username } : false) }))
    kit.app.post('/password', kit.passport.authenticate('local'), (_, res) => { res.sendStatus(204) })
    const browser = await kit.texted()
    await browser.post('/verify').send({ code: wrong(kit.code()) }).expect(401)
    await browser.post('/password').send({ username: 'ada', password: 'right' }).expect(204)
    await browser.post('/send').expect(200)
    await browser.post('/verify').send({ code: wrong(kit.code()) }).expect(401)
    expect((await browser.post('/verify').send({ code: kit.code() }).expect(429)).body.code).toBe('locked')
  })

  it('a right code clears the failures of its subject, and of nobody else (O-19)', async () => {
    const kit = attacked(shelf, { strategy: { ...free, lockout: { after: 2 } } })
    const fail = async (phone: string) => {
      const browser = await kit.texted({ phone })
      await browser.post('/verify').send({ code: wrong(kit.code(phone)) }).expect(401)
      return browser
    }
    const [hers] = [await fail(ADA), await fail(BOB)]
    await hers.post('/verify').send({ code: kit.code(ADA) }).expect(200)
    await (await fail(ADA)).post('/verify').send({ code: kit.code(ADA) }).expect(200)
    expect((await (await fail(BOB)).post('/verify').send({ code: kit.code(BOB) }).expect(429)).body.code).toBe('locked')
  })

  it('a code for which there is no challenge leaves no trace in the store (O-20)', async () => {
    const kit = attacked(shelf)
    for (const path of ['/verify', '/resend']) await kit.agent().post(path).send({ code: '123456' }).expect(401)
    // But for the key that names ledgers, which the service reads at start.
    expect((await kit.shelf.dump()).replace(/^remembered\b.*$/m, '')).toBe('')
  })

  it('a code goes on under a new secret in front of its own, and is unknown when its own was removed (R-09, O-21)', async () => {
    const kit = attacked(shelf, { strategy: { challengeIn: 'client', secret: SECRET } })
    const { body: { challenge } } = await kit.agent().post('/send').send({ phone: ADA })
    const entered = { challenge, code: kit.code() }
    const without = kit.restarted({ strategy: { secret: OTHER_SECRET } })
    expect((await without.agent().post('/verify').send(entered).expect(401)).body.code).toBe('challenge_unknown')
    await kit.restarted({ strategy: { secret: [OTHER_SECRET, SECRET] } }).agent().post('/verify').send(entered).expect(200)
  })

  it('a code is not kept, nor anything that tells it, nor number or user (R-09)', async () => {
    const kit = attacked(shelf, { user: { id: 'user-4711', phone: ADA }, verify: null })
    const browser = await kit.texted()
    await browser.post('/verify').send({ code: wrong(kit.code()) }).expect(401)
    const dump = (await kit.shelf.dump()).replace(/\b1[67]\d{11}\b/g, 'INSTANT')
    expect(dump).toContain('INSTANT')
    for (const secret of [kit.code(), wrong(kit.code()), ADA.slice(3), '4711']) expect(dump).not.toContain(secret)
  })

  it.each([BOB, undefined])('a code is none when the number of the account has become %s (R-08, O-23)', async (phone) => {
    const user: { id: string, phone?: string } = { ...ada }
    const kit = attacked(shelf, { user, verify: null })
    const browser = await kit.texted()
    Object.assign(user, { phone })
    expect((await browser.post('/verify').send({ code: kit.code() }).expect(401)).body.code).toBe('challenge_unknown')
    Object.assign(user, { phone: ADA })
    await browser.post('/verify').send({ code: kit.code() }).expect(200)
  })

  it('a code lets nobody in whose account is gone by then, and is spent (O-24)', async () => {
    const accounts = new Map([[ADA, ada]])
    const kit = attacked(shelf, { strategy: { challengeIn: 'client' }, verify: async (phone) => accounts.get(phone) })
    const { body: { challenge } } = await kit.agent().post('/send').send({ phone: ADA })
    accounts.clear()
    const browser = kit.agent()
    expect((await browser.post('/verify').send({ challenge, code: kit.code() }).expect(403)).body.code).toBe('user_unknown')
    expect((await browser.get('/me')).body.authenticated).toBe(false)
    accounts.set(ADA, ada)
    expect((await browser.post('/verify').send({ challenge, code: kit.code() }).expect(401)).body.code).toBe('code_used')
  })

  it('a code is spent when the process ends before the login, and the person begins again on another server (X-14)', async () => {
    const ended = new Promise<never>(() => undefined)
    const verify = jest.fn(() => ended)
    const kit = attacked(shelf, { strategy: { ...free, challengeIn: 'client' }, verify })
    const { body: { challenge } } = await kit.agent().post('/send').send({ phone: ADA })
    const lost = kit.agent().post('/verify').send({ challenge, code: kit.code() }).then(() => 'answered', () => 'gone')
    while (verify.mock.calls.length === 0) await new Promise((resolve) => { setImmediate(resolve) })
    kit.server.closeAllConnections()
    expect(await lost).toBe('gone')
    const other = kit.restarted({ verify: async () => ada })
    expect((await other.agent().post('/verify').send({ challenge, code: kit.code() }).expect(401)).body.code).toBe('code_used')
    const { body: again } = await other.agent().post('/send').send({ phone: ADA })
    await other.agent().post('/verify').send({ challenge: again.challenge, code: other.code() }).expect(200)
  })

  it('a challenge that the client made up, or that is none, is unknown and asks no store (O-12)', async () => {
    const kit = attacked(shelf, { strategy: { challengeIn: 'client' } })
    const { body: { challenge } } = await kit.agent().post('/send').send({ phone: ADA })
    const before = await kit.shelf.dump()
    const flipped = `${challenge.slice(0, 40)}${challenge[40] === 'A' ? 'B' : 'A'}${challenge.slice(41)}`
    for (const forged of [flipped, challenge.slice(0, -4), 'x', '', null, { $ne: '' }, [challenge]]) {
      expect((await kit.agent().post('/verify').send({ challenge: forged, code: kit.code() }).expect(401)).body.code).toBe('challenge_unknown')
    }
    expect(await kit.shelf.dump()).toBe(before)
  })
})

/** The handle in the only session there is. */
async function handleIn(kit: ReturnType<typeof attacked>): Promise<string> {
  const held = await new Promise<Record<string, any>>((resolve) => { kit.sessions.all((_, all) => { resolve(all as never) }) })
  return Object.values(held)[0]['sms-otp']['sms-otp/login']
}
