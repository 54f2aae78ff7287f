import { MemoryChallengeStore, SmsOtpError } from '../src/index.js'
import { ADA, BOB, issued, minutes, OTHER_SECRET, SECRET, service, wrong } from './support/kit.js'

describe('verify', () => {
  it('verify is ok with the right code, once (O-01, O-03, R-03)', async () => {
    const kit = service()
    const { challenge, code } = await issued(kit)
    expect(await kit.otp.verify({ challenge, code, purpose: 'login' }))
      .toEqual({ status: 'ok', phone: ADA, subject: ADA, purpose: 'login', at: new Date(kit.time.now()) })
    expect(await kit.otp.verify({ challenge, code, purpose: 'login' })).toEqual({ status: 'used' })
  })

  it('verify spends an attempt on a wrong code, and no code is right after the last attempt (O-02, R-04)', async () => {
    const kit = service()
    const { challenge, code } = await issued(kit)
    for (const attemptsLeft of [4, 3, 2, 1, 0]) {
      expect(await kit.otp.verify({ challenge, code: wrong(code), purpose: 'login' })).toEqual({ status: 'wrong', attemptsLeft })
    }
    expect(await kit.otp.verify({ challenge, code, purpose: 'login' })).toEqual({ status: 'exhausted' })
  })

  it('verify is ok for exactly one of 200 at a time (R-03, O-05)', async () => {
    const kit = service()
    const { challenge, code } = await issued(kit)
    const results = await Promise.all(Array.from({ length: 200 }, () => kit.otp.verify({ challenge, code, purpose: 'login' })))
    expect(results.filter(({ status }) => status === 'ok')).toHaveLength(1)
    expect(results.filter(({ status }) => status === 'used')).toHaveLength(199)
  })

  it('verify evaluates exactly as many of 500 wrong codes at a time as there are attempts (R-04, O-04)', async () => {
    const kit = service()
    const { challenge, code } = await issued(kit)
    const results = await Promise.all(Array.from({ length: 500 }, () => kit.otp.verify({ challenge, code: wrong(code), purpose: 'login' })))
    expect(results.filter(({ status }) => status === 'wrong')).toHaveLength(5)
    expect(await kit.otp.verify({ challenge, code, purpose: 'login' })).toEqual({ status: 'exhausted' })
  })

  it('verify is ok a millisecond before the end, and expired at the end (O-14, R-02)', async () => {
    const kit = service({ ttl: '5m' })
    const first = await issued(kit)
    kit.time.pass(minutes(5) - 1)
    expect(await kit.otp.verify({ ...first, purpose: 'login' })).toMatchObject({ status: 'ok' })
    const second = await issued(kit)
    kit.time.pass(minutes(5))
    expect(await kit.otp.verify({ ...second, purpose: 'login' })).toEqual({ status: 'expired' })
  })

  it('verify says expired also when the store has long forgotten the challenge', async () => {
    const kit = service()
    const { challenge, code } = await issued(kit)
    kit.time.pass(minutes(60 * 48))
    expect(await kit.otp.verify({ challenge, code, purpose: 'login' })).toEqual({ status: 'expired' })
  })

  it('verify answers malformed without asking the store, and spends nothing (R-11)', async () => {
    const store = new MemoryChallengeStore()
    const asked = jest.spyOn(store, 'verify')
    const kit = service({ store })
    const { challenge } = await issued(kit)
    for (const code of ['12345', '', 'abcdef', 123456, null, ['123456'], { length: 6 }]) {
      expect(await kit.otp.verify({ challenge, code: code as string, purpose: 'login' })).toEqual({ status: 'malformed' })
    }
    expect(asked).not.toHaveBeenCalled()
  })

  it.each<[string, object]>([
    ['another purpose (O-13)', { purpose: 'reset' }],
    ['another subject (O-11)', { subject: 'user-8' }],
    ['no subject, where it was for one', { subject: undefined }],
    ['other details', { details: { payee: 'Bob', amount: '9000' } }],
    ['no details', { details: undefined }],
    ['a number changed in between (O-23)', { to: BOB }],
    ['a number removed in between', { to: undefined }],
    ['a number that is none', { to: 'none' }],
  ])('verify knows no challenge for %s, and spends nothing of it (R-08)', async (_, change) => {
    const store = new MemoryChallengeStore()
    const asked = jest.spyOn(store, 'verify')
    const kit = service({ store })
    const bound = { purpose: 'transfer', subject: 'user-7', details: { payee: 'Bob', amount: '9' } }
    const { challenge, code } = await issued(kit, bound)
    expect(await kit.otp.verify({ challenge, code, ...bound, ...change })).toEqual({ status: 'unknown' })
    expect(asked).not.toHaveBeenCalled()
    expect(await kit.otp.verify({ challenge, code, ...bound, to: '+44 7400 123-456' })).toMatchObject({ status: 'ok', subject: 'user-7' })
  })

  it('verify finds the same details in another order', async () => {
    const kit = service()
    const { challenge, code } = await issued(kit, { details: { payee: 'Bob', amount: '9' } })
    expect(await kit.otp.verify({ challenge, code, purpose: 'login', details: { amount: '9', payee: 'Bob' } })).toMatchObject({ status: 'ok' })
  })

  it('verify tells apart details that differ in one sign', async () => {
    const kit = service()
    const { challenge, code } = await issued(kit, { details: { payee: 'A&B' } })
    expect(await kit.otp.verify({ challenge, code, purpose: 'login', details: { payee: 'AB' } })).toEqual({ status: 'unknown' })
  })

  it.each(['', 'x', 'A'.repeat(216), 42, null, undefined, {}])('verify knows no challenge in %j, and touches no store (O-12, O-20)', async (challenge) => {
    const store = new MemoryChallengeStore()
    const asked = jest.spyOn(store, 'verify')
    expect(await service({ store }).otp.verify({ challenge: challenge as string, code: '123456', purpose: 'login' })).toEqual({ status: 'unknown' })
    expect(asked).not.toHaveBeenCalled()
  })

  it('verify refuses a malformed purpose or subject: nobody is undefined', async () => {
    const kit = service()
    const { challenge, code } = await issued(kit)
    await expect(kit.otp.verify({ challenge, code, purpose: '' })).rejects.toThrow(/purpose/)
    await expect(kit.otp.verify({ challenge, code, purpose: 'login', subject: '' })).rejects.toThrow(/subject/)
    await expect(kit.otp.issue({ to: ADA, purpose: 'login', subject: 7 as never })).rejects.toThrow(/subject/)
  })
})

describe('A challenge', () => {
  it('a challenge has a code of its own, and an earlier one stays what it was (R-07, S-06)', async () => {
    const kit = service({ delays: [] })
    const first = await issued(kit)
    const second = await issued(kit)
    expect(await kit.otp.verify({ ...first, code: second.code === first.code ? wrong(first.code) : second.code, purpose: 'login' })).toMatchObject({ status: 'wrong' })
    expect(await kit.otp.verify({ ...first, purpose: 'login' })).toMatchObject({ status: 'ok' })
    expect(await kit.otp.verify({ ...second, purpose: 'login' })).toMatchObject({ status: 'ok' })
  })

  it('a challenge is still good when a new secret was put in front, and not when its own was removed (O-21)', async () => {
    const store = new MemoryChallengeStore()
    const before = service({ store, secret: SECRET, delays: [] })
    const { challenge, code } = await issued(before)
    const removed = service({ store, secret: OTHER_SECRET })
    expect(await removed.otp.verify({ challenge, code, purpose: 'login' })).toEqual({ status: 'unknown' })
    const rotated = service({ store, secret: [OTHER_SECRET, SECRET] })
    expect(await rotated.otp.verify({ challenge, code, purpose: 'login' })).toMatchObject({ status: 'ok' })
  })

  it('a challenge may have a code of letters and digits, typed in either case', async () => {
    const kit = service({ alphabet: 'alphanumeric', codeLength: 8 })
    const { challenge, code } = await issued(kit)
    expect(code).toMatch(/^[A-Z0-9]{8}$/)
    expect(await kit.otp.verify({ challenge, code: code.toLowerCase(), purpose: 'login' })).toMatchObject({ status: 'ok' })
  })
})

describe('Failures', () => {
  const guess = async (kit: ReturnType<typeof service>, times: number, request = {}) => {
    const { challenge, code } = await issued(kit, request)
    for (let index = 0; index < times; index += 1) await kit.otp.verify({ challenge, code: wrong(code), purpose: 'login', ...request })
    return { challenge, code }
  }
  const patient = { delays: [], sendLimits: { phone: {}, ip: {}, prefix: {}, country: {} } }

  it('failures add up over challenges and purposes, and lock (R-05, R-06, O-06, O-07)', async () => {
    const kit = service(patient)
    await guess(kit, 5)
    await guess(kit, 4, { purpose: 'transfer' })
    const { challenge, code } = await guess(kit, 1)
    expect(await kit.otp.verify({ challenge, code, purpose: 'login' })).toEqual({ status: 'locked', retryAfter: 900 })
    expect(await kit.otp.issue({ to: ADA, purpose: 'other' })).toEqual({ status: 'locked', retryAfter: 900 })
  })

  it('failures leave the code good for when the lock is over (O-16)', async () => {
    const kit = service({ ...patient, lockout: { after: 2, for: '1m' } })
    const { challenge, code } = await guess(kit, 2)
    expect(await kit.otp.verify({ challenge, code, purpose: 'login' })).toEqual({ status: 'locked', retryAfter: 60 })
    kit.time.pass(minutes(1))
    expect(await kit.otp.verify({ challenge, code, purpose: 'login' })).toMatchObject({ status: 'ok' })
  })

  it('failures are cleared by a success (O-19)', async () => {
    const kit = service({ ...patient, lockout: { after: 3 } })
    const { challenge, code } = await guess(kit, 2)
    await kit.otp.verify({ challenge, code, purpose: 'login' })
    await guess(kit, 2)
    expect(await kit.otp.issue({ to: ADA, purpose: 'login' })).toMatchObject({ status: 'sent' })
  })

  it('failures disable in the end, until the subject is enabled (R-05, O-17)', async () => {
    const kit = service({ ...patient, lockout: { after: 3, disableAfter: 4, for: '1m' } })
    const { challenge, code } = await guess(kit, 3, { subject: 'user-7', known: true })
    kit.time.pass(minutes(1))
    const bound = { challenge, purpose: 'login', subject: 'user-7' }
    await kit.otp.verify({ ...bound, code: wrong(code) })
    expect(await kit.otp.verify({ ...bound, code })).toEqual({ status: 'disabled' })
    expect(await kit.otp.issue({ to: ADA, purpose: 'login', subject: 'user-7', known: true })).toEqual({ status: 'disabled' })
    await kit.otp.enable('user-7')
    expect(await kit.otp.verify({ ...bound, code })).toMatchObject({ status: 'ok' })
  })

  it('failures of a user whose id reads like a number do not count for that number (R-05)', async () => {
    const kit = service({ ...patient, lockout: { after: 2 } })
    await guess(kit, 2, { subject: BOB })
    expect(await kit.otp.issue({ to: BOB, purpose: 'login' })).toMatchObject({ status: 'sent' })
    expect(await kit.otp.issue({ to: ADA, purpose: 'login', subject: BOB })).toMatchObject({ status: 'locked' })
    const { challenge, code } = await issued(kit, { to: BOB })
    expect(await kit.otp.verify({ challenge, code, purpose: 'login', subject: BOB })).toEqual({ status: 'unknown' })
  })

  it.each([ADA, '+44 7400 123456'])('failures of a number and of a user of that id are cleared by enabling %s', async (spelling) => {
    const kit = service({ ...patient, lockout: { after: 2 } })
    await guess(kit, 2)
    await guess(kit, 2, { subject: spelling })
    await kit.otp.enable(spelling)
    expect(await kit.otp.issue({ to: ADA, purpose: 'login' })).toMatchObject({ status: 'sent' })
    expect(await kit.otp.issue({ to: ADA, purpose: 'login', subject: spelling })).toMatchObject({ status: 'sent' })
  })

  it('failures of one subject do not count for another subject', async () => {
    const kit = service({ ...patient, lockout: { after: 2 } })
    await guess(kit, 2, { subject: 'user-7' })
    expect(await kit.otp.issue({ to: ADA, purpose: 'login', subject: 'user-8' })).toMatchObject({ status: 'sent' })
  })
})

describe('Events', () => {
  it('events tell what happened, with a masked number', async () => {
    const kit = service({ lockout: { after: 2, disableAfter: 3, for: '1s' } })
    const heard: [string, object][] = []
    for (const name of ['sent', 'resent', 'send-denied', 'undeliverable', 'verified', 'failed', 'locked', 'disabled'] as const) {
      kit.otp.on(name, (event) => heard.push([name, event]))
    }
    const { challenge, code } = await issued(kit, { known: true })
    await kit.otp.resend({ challenge })
    await kit.otp.verify({ challenge, code: wrong(code), purpose: 'login' })
    await kit.otp.verify({ challenge, code: wrong(code), purpose: 'login' })
    kit.time.pass(1000)
    await kit.otp.verify({ challenge, code: wrong(code), purpose: 'login' })
    await kit.otp.enable(ADA)
    await kit.otp.verify({ challenge, code, purpose: 'login' })
    await kit.otp.issue({ to: '+442079460123', purpose: 'login' })
    await kit.otp.issue({ to: 'nonsense', purpose: 'login' })
    const about = { phone: '+44 •••• •••456', purpose: 'login', subject: expect.stringMatching(/^[\w-]{22}$/) }
    expect(heard).toEqual([
      ['sent', { ...about, provider: 'inbox', messageId: '1', expiresAt: expect.any(Date) }],
      ['send-denied', { ...about, reason: 'delay' }],
      ['failed', { ...about, reason: 'wrong', attemptsLeft: 4 }],
      ['failed', { ...about, reason: 'wrong', attemptsLeft: 3 }],
      ['locked', { ...about, until: expect.any(Date) }],
      ['failed', { ...about, reason: 'wrong', attemptsLeft: 2 }],
      ['disabled', about],
      ['verified', { ...about, at: expect.any(Date) }],
      ['send-denied', { ...about, phone: '+44 •••• •••123', reason: 'number-type' }],
      ['send-denied', { purpose: 'login', reason: 'number' }],
    ])
  })

  it('an event cannot break a login: what a listener throws becomes a warning (R-58)', async () => {
    const kit = service()
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation()
    kit.otp.on('verified', () => { throw new RangeError('of a listener') })
    kit.otp.on('verified', async () => { throw new RangeError('of a listener') })
    const { challenge, code } = await issued(kit)
    expect(await kit.otp.verify({ challenge, code, purpose: 'login' })).toMatchObject({ status: 'ok' })
    expect(warned.mock.calls).toEqual(Array(2).fill(['A listener of \'verified\' failed: RangeError', 'SmsOtpWarning']))
    warned.mockRestore()
  })

  it('an event of a text that did not leave is a warning, once, where nobody listens: to a stranger it was answered as sent (R-31)', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation()
    const send = async () => { throw new TypeError(`no gateway for ${ADA}`) }
    const { otp } = service({ sender: { name: 'acme', development: true, send }, delays: [] })
    for (let times = 0; times < 2; times += 1) expect(await otp.issue({ to: ADA, purpose: 'login' })).toMatchObject({ status: 'sent' })
    expect(warned.mock.calls).toEqual([['The sender \'acme\' failed (TypeError), and nothing listens: otp.on(\'undeliverable\', listener) tells of each time.', { code: 'SMS_OTP_UNHEARD' }]])
    warned.mockRestore()
  })

  it('a refusal of a provider is a warning with its code, once for each code, where nobody listens', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation()
    const codes = ['21212', '21212', '21606']
    const send = async () => { throw new SmsOtpError('undeliverable', 'No.', { providerCode: codes.shift(), temporary: false }) }
    const { otp } = service({ sender: { name: 'gate', development: true, send }, delays: [] })
    for (let times = 0; times < 3; times += 1) expect(await otp.issue({ to: ADA, purpose: 'login', subject: 'user-7', known: true })).toMatchObject({ status: 'undeliverable' })
    const warning = (code: string) => [`The sender 'gate' refused a text (${code}), and nothing listens: otp.on('undeliverable', listener) tells of each time.`, { code: 'SMS_OTP_UNHEARD' }]
    expect(warned.mock.calls).toEqual([warning('21212'), warning('21606')])
    warned.mockRestore()
  })

  it('the service knows its events, refuses other names, and lets a listener leave again', async () => {
    const kit = service()
    expect(() => kit.otp.on('send' as never, () => undefined)).toThrow(/no event 'send'/)
    const listener = jest.fn()
    kit.otp.on('sent', listener).off('sent', listener)
    await issued(kit)
    expect(listener).not.toHaveBeenCalled()
  })
})

describe('The provider\'s id of a text', () => {
  const eventsWith = async (answer: unknown) => {
    const kit = service({ sender: { name: 'gateway', development: true, send: async () => answer as object }, delays: [] })
    const heard: object[] = []
    kit.otp.on('sent', (event) => heard.push(event))
    kit.otp.on('resent', (event) => heard.push(event))
    const sent = await kit.otp.issue({ to: ADA, purpose: 'login' })
    await kit.otp.resend({ challenge: sent.status === 'sent' ? sent.challenge : '' })
    return heard
  }

  it('the provider\'s id of a text is in the events, so that a later report finds its text', async () => {
    const receipt = { id: 'SM0123456789abcdef0123456789abcdef', status: 'queued' }
    const told = { provider: 'gateway', messageId: receipt.id, messageStatus: 'queued' }
    expect(await eventsWith(receipt)).toEqual([expect.objectContaining(told), expect.objectContaining(told)])
  })

  it.each<[string, unknown]>([
    ['nothing', undefined], ['null', null], ['an id that is none', { id: 5, status: {} }], ['a sentence', { id: 'Text to Ada sent' }], ['the number', { id: `out-${ADA.slice(1)}` }],
  ])('the provider\'s id of a text is left out where the sender answers %s', async (_, answer) => {
    for (const event of await eventsWith(answer)) {
      expect(event).not.toHaveProperty('messageId')
      expect(event).not.toHaveProperty('messageStatus')
    }
  })
})

it.each(['issue', 'resend', 'verify'] as const)('the method %s without a request rejects with how it is called', async (call) => {
  await expect(service().otp[call](undefined as never)).rejects.toThrow(new RegExp(`It is called as ${call}\\(\\{ .* \\}\\), with an object, not undefined`))
})
