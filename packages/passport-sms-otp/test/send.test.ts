import { MemoryChallengeStore, type MessageParts } from '../src/index.js'
import { addressKey } from '../src/limits/send-limits.js'
import { ADA, BOB, codeIn, issued, minutes, seconds, service, wrong } from './support/kit.js'
import { inMemory } from './support/stores.js'

const unlimited = { phone: {}, ip: {}, prefix: {}, country: {} }
const numbers = (count: number) => Array.from({ length: count }, (_, index) => `+4474001${String(23_000 + index).padStart(5, '0')}`)
const spread = (count: number) => Array.from({ length: count }, (_, index) => `+447400${String(100_000 + index * 10_000)}`)

describe('issue', () => {
  it('issue texts a code, and says until when it is good and when another may be asked for', async () => {
    const { otp, inbox, time } = service({ appName: 'Acme', origin: 'acme.example' })
    expect(await otp.issue({ to: '+44 7400 123-456', purpose: 'login' })).toEqual({
      status: 'sent',
      challenge: expect.stringMatching(/^[\w-]+$/),
      to: '+44 •••• •••456',
      expiresAt: new Date(time.now() + minutes(5)),
      resendAt: new Date(time.now() + seconds(30)),
      attemptsLeft: 5,
    })
    expect(inbox.messages).toEqual([{ to: ADA, at: new Date(time.now()), body: expect.stringMatching(/^(\d{6}) is your Acme code\. Do not share it\.\n\n@acme\.example #\1$/) }])
  })

  it('issue gives the sender the code apart, the locale, and the message what it is made of', async () => {
    const send = jest.fn(async () => ({}))
    const message = jest.fn(({ code, minutes: valid, confirms = '' }: MessageParts) => `${code} ${valid} ${confirms}`)
    const { otp } = service({ sender: { name: 'x', development: true, send }, message, ttl: '150s', appName: 'Acme', origin: 'acme.example' })
    await otp.issue({ to: ADA, purpose: 'transfer', locale: 'de-AT', details: { payee: 'Bob & Co', amount: '5' } })
    const code = expect.stringMatching(/^\d{6}$/)
    expect(message).toHaveBeenCalledWith({ code, appName: 'Acme', origin: 'acme.example', minutes: 2, locale: 'de-AT', channel: 'sms', details: { amount: '5', payee: 'Bob & Co' }, confirms: 'amount: "5", payee: "Bob & Co"' })
    expect(send).toHaveBeenCalledWith({ to: ADA, channel: 'sms', confirms: 'amount: "5", payee: "Bob & Co"', body: expect.stringMatching(/@acme\.example #\d{6}$/), code, locale: 'de-AT', validFor: 150, reference: expect.stringMatching(/^[\w-]+$/) }, { signal: expect.any(AbortSignal) })
  })

  it.each([
    ['phone', 'nonsense', {}], ['phone', undefined, {}], ['phone', ['+447400123456'], {}], ['country', '+4915112345678', { countries: ['GB'] }],
    ['country', ADA, { countries: [] }], ['number-type', '+442079460123', {}],
  ])('issue is refused because of the %s: %j, and no store is asked (R-21, R-22)', async (reason, to, options) => {
    const store = new MemoryChallengeStore()
    const asked = jest.spyOn(store, 'send')
    const { otp, inbox } = service({ store, ...options })
    expect(await otp.issue({ to: to as string, purpose: 'login' })).toEqual({ status: 'refused', reason })
    expect(asked).not.toHaveBeenCalled()
    expect(inbox.messages).toEqual([])
  })

  it('issue sends one text for 50 calls at a time (S-01)', async () => {
    const { otp, inbox } = service()
    const results = await Promise.all(Array.from({ length: 50 }, () => otp.issue({ to: ADA, purpose: 'login' })))
    expect(results.filter(({ status }) => status === 'sent')).toHaveLength(1)
    expect(inbox.messages).toHaveLength(1)
  })

  it('issue needs one store call, and one more only for shared limits', async () => {
    const store = new MemoryChallengeStore()
    const calls = (['send', 'reserve', 'undo', 'release', 'retire', 'verify'] as const).map((name) => jest.spyOn(store, name))
    const { otp, inbox } = service({ store })
    const count = () => calls.reduce((sum, { mock }) => sum + mock.calls.length, 0)
    const known = await otp.issue({ to: ADA, purpose: 'login', known: true, ip: '192.0.2.1' })
    expect(count()).toBe(1)
    await otp.verify({ challenge: known.status === 'sent' ? known.challenge : '', code: codeIn(inbox), purpose: 'login' })
    expect(count()).toBe(2)
    await otp.issue({ to: BOB, purpose: 'login', ip: '192.0.2.1' })
    expect(count()).toBe(4)
  })
})

describe('Delays', () => {
  it('delays grow from text to text, no matter who asks for what, until a code was right (R-12, S-02)', async () => {
    const kit = service({ sendLimits: unlimited })
    for (const delay of [30, 60, 120, 120]) {
      expect(await kit.otp.issue({ to: ADA, purpose: `for ${delay}` })).toMatchObject({ status: 'sent' })
      kit.time.pass(seconds(delay) - 1)
      expect(await kit.otp.issue({ to: ADA, purpose: 'other' })).toEqual({ status: 'throttled', scope: 'delay', retryAfter: 1 })
      kit.time.pass(1)
    }
    const { challenge, code } = await issued(kit)
    await kit.otp.verify({ challenge, code, purpose: 'login' })
    expect(await kit.otp.issue({ to: ADA, purpose: 'login' })).toMatchObject({ status: 'sent' })
  })
})

describe('resend', () => {
  it('resend repeats the same code, and neither extends nor refills anything (R-06, R-07, O-15)', async () => {
    const kit = service()
    const { challenge, code } = await issued(kit)
    const end = kit.time.now() + minutes(5)
    await kit.otp.verify({ challenge, code: wrong(code), purpose: 'login' })
    kit.time.pass(minutes(1))
    const again = await kit.otp.resend({ challenge })
    expect(again).toMatchObject({ status: 'sent', attemptsLeft: 4, expiresAt: new Date(end) })
    expect(kit.inbox.messages.map(({ body }) => body)).toEqual([expect.stringContaining(code), expect.stringContaining(code)])
    const handle = again.status === 'sent' ? again.challenge : ''
    expect(await kit.otp.verify({ challenge: handle, code, purpose: 'login' })).toMatchObject({ status: 'ok' })
    expect(await kit.otp.verify({ challenge, code, purpose: 'login' })).toEqual({ status: 'used' })
  })

  it('resend ends after maxResends', async () => {
    const kit = service({ maxResends: 1, delays: [] })
    const { challenge } = await issued(kit)
    const last = await kit.otp.resend({ challenge })
    expect(last).toMatchObject({ status: 'sent' })
    expect(last).not.toHaveProperty('resendAt')
    expect(await kit.otp.resend({ challenge })).toEqual({ status: 'throttled', scope: 'resends', retryAfter: 300 })
  })

  it('resend tells what became of a challenge that is over', async () => {
    const kit = service({ delays: [], maxAttempts: 1, sendLimits: unlimited })
    const used = await issued(kit)
    await kit.otp.verify({ ...used, purpose: 'login' })
    expect(await kit.otp.resend({ challenge: used.challenge })).toEqual({ status: 'used' })
    const exhausted = await issued(kit)
    await kit.otp.verify({ challenge: exhausted.challenge, code: wrong(exhausted.code), purpose: 'login' })
    expect(await kit.otp.resend({ challenge: exhausted.challenge })).toEqual({ status: 'exhausted', retryAfter: 300 })
    kit.time.pass(minutes(5))
    expect(await kit.otp.resend({ challenge: used.challenge })).toEqual({ status: 'expired' })
    kit.time.pass(minutes(600))
    expect(await kit.otp.resend({ challenge: used.challenge })).toEqual({ status: 'expired' })
    expect(await kit.otp.resend({ challenge: 'nonsense' })).toEqual({ status: 'unknown' })
  })

  it('resend needs the details that the code was issued with, and names them again', async () => {
    const kit = service({ delays: [] })
    const { challenge } = await issued(kit, { details: { payee: 'Bob' } })
    expect(await kit.otp.resend({ challenge })).toEqual({ status: 'unknown' })
    expect(await kit.otp.resend({ challenge, details: { payee: 'Eve' } })).toEqual({ status: 'unknown' })
    expect(await kit.otp.resend({ challenge, details: { payee: 'Bob' } })).toMatchObject({ status: 'sent' })
    expect(kit.inbox.messages.at(-1)!.body).toContain('payee: "Bob"')
  })

  it('resend keeps the language of the first text', async () => {
    const send = jest.fn(async () => ({}))
    const { otp } = service({ sender: { name: 'x', development: true, send }, delays: [] })
    const sent = await otp.issue({ to: ADA, purpose: 'login', locale: 'de' })
    await otp.resend({ challenge: sent.status === 'sent' ? sent.challenge : '' })
    expect(send).toHaveBeenLastCalledWith(expect.objectContaining({ locale: 'de' }), expect.anything())
  })

  it('resend sends nothing while locked or disabled (S-04)', async () => {
    const kit = service({ delays: [], lockout: { after: 1, disableAfter: 2, for: '1m' } })
    const { challenge, code } = await issued(kit, { known: true })
    await kit.otp.verify({ challenge, code: wrong(code), purpose: 'login' })
    expect(await kit.otp.resend({ challenge })).toEqual({ status: 'locked', retryAfter: 60 })
    kit.time.pass(minutes(1))
    await kit.otp.verify({ challenge, code: wrong(code), purpose: 'login' })
    expect(await kit.otp.resend({ challenge })).toEqual({ status: 'disabled' })
    expect(kit.inbox.messages).toHaveLength(1)
  })

  it('resend is as known as its challenge, and counts no address or prefix then', async () => {
    const kit = service({ delays: [], sendLimits: { ...unlimited, ip: { '1h': 1 }, prefix: { '1h': 1 } } })
    const asked: boolean[] = []
    const known = service({ delays: [], sendLimits: { ...unlimited, ip: { '1h': 1 } }, beforeSend: (context) => { asked.push(context.known) } })
    for (const { otp } of [kit, known]) {
      const sent = await otp.issue({ to: ADA, purpose: 'login', known: true, ip: '192.0.2.1' })
      const challenge = sent.status === 'sent' ? sent.challenge : ''
      for (let times = 0; times < 3; times += 1) expect(await otp.resend({ challenge, ip: '192.0.2.1' })).toMatchObject({ status: 'sent' })
    }
    expect(asked).toEqual([true, true, true, true])
  })

  it('resend counts against the same limits as a first text', async () => {
    const kit = service({ delays: [], sendLimits: { ...unlimited, ip: { '1h': 2 } } })
    const { challenge } = await issued(kit, { ip: '192.0.2.1' })
    expect(await kit.otp.resend({ challenge, ip: '192.0.2.1' })).toMatchObject({ status: 'sent' })
    expect(await kit.otp.resend({ challenge, ip: '192.0.2.1' })).toMatchObject({ status: 'throttled', scope: 'ip' })
  })
})

describe('Limits (R-20)', () => {
  it('limits of a number hold by the hour and by the day (S-03)', async () => {
    const kit = service({ delays: ['1s'] })
    let sent = 0
    for (let minute = 0; minute < 60; minute += 1) {
      if ((await kit.otp.issue({ to: ADA, purpose: 'login' })).status === 'sent') sent += 1
      kit.time.pass(minutes(1))
    }
    expect(sent).toBe(5)
    for (let hour = 0; hour < 22; hour += 1) {
      for (let times = 0; times < 4; times += 1) {
        if ((await kit.otp.issue({ to: ADA, purpose: 'login' })).status === 'sent') sent += 1
        kit.time.pass(minutes(15))
      }
    }
    expect(sent).toBe(10)
  })

  it('limits of a number hold however many accounts it stands in', async () => {
    const { otp } = service({ delays: [] })
    const ask = (subject: string) => otp.issue({ to: ADA, purpose: 'login', subject, known: true })
    const results = await Promise.all(Array.from({ length: 9 }, (_, index) => ask(`user-${index}`)))
    expect(results.filter(({ status }) => status === 'sent')).toHaveLength(5)
    expect(results.at(-1)).toMatchObject({ status: 'throttled', scope: 'phone', retryAfter: 3600 })
  })

  it.each([
    ['ip', 10, spread(30)],
    ['prefix', 20, numbers(30)],
  ])('limits by %s let exactly %i texts to strangers through, also at once (S-07)', async (scope, limit, to) => {
    const { otp, inbox } = service({ sendLimits: { phone: {}, ...scope === 'ip' ? { prefix: {}, country: {} } : { ip: {}, country: {} } } })
    const results = await Promise.all(to.map((number) => otp.issue({ to: number, purpose: 'login', ip: '192.0.2.7' })))
    expect(inbox.messages).toHaveLength(limit)
    expect(results.filter(({ status }) => status === 'throttled')).toHaveLength(30 - limit)
    expect(results.find(({ status }) => status === 'throttled')).toEqual({ status: 'throttled', scope, retryAfter: 3600 })
  })

  it('limits hold by country and in total', async () => {
    const { otp } = service({ sendLimits: { ...unlimited, country: { '1h': 3 }, total: { '1d': 5 } } })
    const results = []
    for (const to of [...spread(4), '+4915112345678', '+4915112345679', '+4915112345670']) results.push(await otp.issue({ to, purpose: 'login' }))
    expect(results.map((result) => (result.status === 'throttled' ? result.scope : result.status))).toEqual(['sent', 'sent', 'sent', 'country', 'sent', 'sent', 'total'])
  })

  it('limits by address, prefix and country are not for numbers that stand in an account, and limits in total are', async () => {
    const { otp } = service({ sendLimits: { ip: { '1h': 1 }, prefix: { '1h': 1 }, country: { '1h': 1 }, total: { '1h': 3 } } })
    const results = []
    for (const to of numbers(4)) results.push(await otp.issue({ to, purpose: 'login', known: true, ip: '192.0.2.7', subject: `user ${to}` }))
    expect(results.map((result) => (result.status === 'throttled' ? result.scope : result.status))).toEqual(['sent', 'sent', 'sent', 'total'])
  })

  it('limits are not taken from by a text that is refused (S-14)', async () => {
    const kit = service({ delays: ['1h'], sendLimits: { ...unlimited, ip: { '1h': 1 }, total: { '1h': 3 } } })
    await kit.otp.issue({ to: ADA, purpose: 'login', ip: '192.0.2.7' })
    for (let times = 0; times < 50; times += 1) {
      await kit.otp.issue({ to: ADA, purpose: 'login', ip: '192.0.2.8' })
      await kit.otp.issue({ to: BOB, purpose: 'login', ip: '192.0.2.7' })
      await kit.otp.issue({ to: '+442079460123', purpose: 'login', ip: '192.0.2.8' })
    }
    expect(await kit.otp.issue({ to: BOB, purpose: 'login', ip: '192.0.2.8' })).toMatchObject({ status: 'sent' })
    expect(await kit.otp.issue({ to: '+447400123458', purpose: 'login', ip: '192.0.2.9' })).toMatchObject({ status: 'sent' })
    expect(await kit.otp.issue({ to: '+447400123459', purpose: 'login', ip: '192.0.2.10' })).toMatchObject({ status: 'throttled', scope: 'total' })
  })

  it('limits leave the code that was sent good when they are spent (S-13)', async () => {
    const kit = service({ sendLimits: { total: { '1h': 1 } } })
    const { challenge, code } = await issued(kit)
    expect(await kit.otp.issue({ to: BOB, purpose: 'login' })).toMatchObject({ scope: 'total' })
    expect(await kit.otp.verify({ challenge, code, purpose: 'login' })).toMatchObject({ status: 'ok' })
  })

  it('limits leave a challenge that may not be repeated as it was', async () => {
    const kit = service({ delays: [], maxResends: 1, sendLimits: { ...unlimited, total: { '1h': 1 } } })
    const { challenge, code } = await issued(kit)
    for (let times = 0; times < 3; times += 1) expect(await kit.otp.resend({ challenge })).toMatchObject({ scope: 'total' })
    kit.time.pass(minutes(4))
    expect(await kit.otp.verify({ challenge, code, purpose: 'login' })).toMatchObject({ status: 'ok' })
  })

  it.each(['yes', 1, {}])('limits are not lifted by known: %j', async (known) => {
    const { otp } = service({ sendLimits: { ...unlimited, ip: { '1h': 1 } } })
    await otp.issue({ to: ADA, purpose: 'login', ip: '192.0.2.1' })
    expect(await otp.issue({ to: BOB, purpose: 'login', ip: '192.0.2.1', known: known as boolean })).toMatchObject({ scope: 'ip' })
  })

  it.each([null, 7, ['192.0.2.1'], {}])('an address of %j is a TypeError, before anything is written', async (ip) => {
    const store = new MemoryChallengeStore()
    const asked = jest.spyOn(store, 'send')
    const { otp } = service({ store })
    await expect(otp.issue({ to: ADA, purpose: 'login', ip: ip as never })).rejects.toThrow(TypeError)
    expect(asked).not.toHaveBeenCalled()
  })

  it.each([
    ['192.0.2.1', '192.0.2.1'], ['::ffff:192.0.2.1', '192.0.2.1'], ['::ffff:c000:201', '192.0.2.1'], ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['2001:db8:0:1::1', '2001:db8:0:1'], ['2001:0DB8:0000:0001:ffff:ffff:ffff:ffff', '2001:db8:0:1'], ['2001:db8:0:1:2::', '2001:db8:0:1'],
    ['::1', '0:0:0:0'], ['fe80::1%eth0', 'fe80:0:0:0'], ['2001:db8::', '2001:db8:0:0'],
    ['64:ff9b::c000:201', '192.0.2.1'], ['192.0.2.1:49152', '192.0.2.1'], [' 192.0.2.1 ', '192.0.2.1'], ['[2001:db8:0:1::1]:443', '2001:db8:0:1'], ['[2001:db8:0:1::1]', '2001:db8:0:1'],
    ['', 'unknown'], ['unknown', 'unknown'], ['_hidden', 'unknown'], ['192.0.2.001', 'unknown'], ['2001:db8::1::2', 'unknown'], ['/run/app.sock', 'unknown'], [undefined, 'unknown'],
  ])('limits count the address %s as %s', (ip, key) => { expect(addressKey(ip)).toBe(key) })
})

describe('beforeSend', () => {
  const reasons = (beforeSend: () => unknown, options = {}) => {
    const kit = service({ beforeSend: beforeSend as () => undefined, ...options })
    return { ...kit, result: kit.otp.issue({ to: ADA, purpose: 'login' }) }
  }

  it('beforeSend is told what it may judge by (R-25)', async () => {
    const beforeSend = jest.fn()
    const { otp } = service({ beforeSend })
    expect(await otp.issue({ to: ADA, purpose: 'transfer', subject: 'user-7', details: { payee: 'Bob' }, ip: '192.0.2.1', known: true })).toMatchObject({ status: 'sent' })
    expect(beforeSend).toHaveBeenCalledWith({
      phone: ADA, country: 'GB', type: 'MOBILE', subject: 'user-7', purpose: 'transfer', channel: 'sms', details: { payee: 'Bob' }, ip: '192.0.2.1', known: true,
    })
  })

  it.each<[string, () => unknown, string]>([
    ['refuses', () => ({ refuse: 'SIM swapped' }), 'SIM swapped'],
    ['refuses later', async () => ({ refuse: 'SIM swapped' }), 'SIM swapped'],
    ['returns false', () => false, 'beforeSend must return nothing or { refuse: reason }.'],
    ['throws (X-13)', () => { throw new RangeError(ADA) }, 'beforeSend failed: RangeError'],
    ['rejects (X-13)', () => Promise.reject(new RangeError(ADA)), 'beforeSend failed: RangeError'],
  ])('a service whose beforeSend %s sends nothing, and leaves no challenge (R-25)', async (_, beforeSend, detail) => {
    const { store, dump } = inMemory(Date.now)
    const { result, inbox } = reasons(beforeSend, { store })
    expect(await result).toEqual({ status: 'refused', reason: 'hook', detail })
    expect(await dump()).toContain('"challenges":[]')
    expect(await dump()).not.toContain('"challenges":[{')
    expect(inbox.messages).toEqual([])
  })

  it('a service whose beforeSend never answers sends nothing (X-13)', async () => {
    const { result, inbox } = reasons(() => new Promise(() => undefined), { senderTimeout: '20ms' })
    expect(await result).toEqual({ status: 'refused', reason: 'hook', detail: 'beforeSend did not answer in time.' })
    expect(inbox.messages).toEqual([])
  })
})

describe('How the number is shown', () => {
  const shownBy = async (mask: (phone: string) => string) => {
    const kit = service({ mask })
    const heard = jest.fn()
    kit.otp.on('sent', heard)
    const sent = await kit.otp.issue({ to: ADA, purpose: 'login' })
    expect(heard).toHaveBeenCalledWith(expect.objectContaining({ phone: '+44 •••• •••456' }))
    return sent.status === 'sent' ? sent.to : sent
  }

  it('the app says how the number is shown to the person, and not how it is shown in events (R-15)', async () => {
    expect(await shownBy((phone) => phone.replace(/\d(?=\d{2})/g, '*'))).toBe('+**********56')
  })

  it.each<[string, (phone: string) => unknown]>([
    ['throws', () => { throw new RangeError('too short') }], ['shows nothing', () => ''], ['shows all of it', (phone) => phone], ['shows it as at home', () => '07400 123-456'], ['is a promise', async () => 'x'],
  ])('the number is shown as ever where the app\'s function %s', async (_, mask) => {
    expect(await shownBy(mask as (phone: string) => string)).toBe('+44 •••• •••456')
  })
})

describe('maxResends: 0', () => {
  it('with maxResends: 0 each challenge has one text, and its code stays good', async () => {
    const kit = service({ maxResends: 0, delays: [] })
    const sent = await kit.otp.issue({ to: ADA, purpose: 'login' })
    const challenge = sent.status === 'sent' ? sent.challenge : ''
    expect(sent).not.toHaveProperty('resendAt')
    expect(await kit.otp.resend({ challenge })).toEqual({ status: 'throttled', scope: 'resends', retryAfter: 300 })
    expect(kit.inbox.messages).toHaveLength(1)
    expect(await kit.otp.verify({ challenge, code: codeIn(kit.inbox), purpose: 'login' })).toMatchObject({ status: 'ok' })
  })
})
