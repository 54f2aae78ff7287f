import fc from 'fast-check'
import { setTimeout as sleep } from 'node:timers/promises'
import { SmsOtp, SmsOtpError, type SmsDelivery, type SmsMessage, type SmsOtpOptions } from '../src/index.js'
import { simSwapCheck } from '../src/checks/index.js'
import { ADA, BOB, clock, minutes, SECRET, seconds, wrong, type Clock } from './support/kit.js'
import { describeOnEveryStore, inMemory } from './support/stores.js'

const lifted = { phone: {}, ip: {}, prefix: {}, country: {} }
const ada = { to: ADA, purpose: 'login', subject: 'user-7', known: true }
const codeOf = ({ code }: SmsMessage) => code

/** A sender of which everything can be said: how it answers, and what it reports. */
function postbox() {
  const messages: SmsMessage[] = []
  const box = {
    messages, name: 'postbox', development: true, channels: ['sms', 'whatsapp', 'voice'] as const,
    answer: async (message: SmsMessage): Promise<object> => ({ id: `SM${messages.indexOf(message)}`, status: 'queued' }),
    async send(message: SmsMessage) {
      const { reference = '' } = message
      const kept = { ...message, reference }
      messages.push(kept)
      return box.answer(kept)
    },
  }
  return box
}

type Options = Partial<SmsOtpOptions>

function kitWith(options: Options = {}, time: Clock = clock()) {
  const box = postbox()
  const otp = new SmsOtp({ sender: box, secret: SECRET, now: time.now, trace: true, delays: ['30s'], ...options } as SmsOtpOptions)
  const report = (index: number, delivery: SmsDelivery, more = {}) => otp.reported({ reference: box.messages[index]!.reference!, delivery, ...more })
  const begin = async (request = {}) => {
    const sent = await otp.issue({ ...ada, ...request })
    if (sent.status !== 'sent') throw new Error(JSON.stringify(sent))
    return sent.challenge
  }
  const guess = (challenge: string, code: string, request = {}) => otp.verify({ challenge, code, purpose: 'login', subject: 'user-7', ...request })
  return { otp, box, time, report, begin, guess }
}

/** Without what stands in every entry of one challenge. */
async function storyOf(otp: SmsOtp, subject = 'user-7', entries = 0) {
  await until(async () => (await otp.trace(subject)).length >= entries)
  return (await otp.trace(subject)).map(({ at: _at, lastAt: _last, known: _known, challenge: _challenge, purpose: _purpose, to: _to, ...entry }) => entry)
}

/** Until what goes on behind an answer has come to this. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400 && !await holds(); tries += 1) await sleep(5)
  expect(await holds()).toBe(true)
}

describeOnEveryStore('A trace', (shelf) => {
  const onShelf = (options: Options = {}) => {
    const time = clock()
    return { ...kitWith({ store: shelf(time.now).store, ...options }, time) }
  }

  it('a trace tells the life of a code, masked, from the request to the login (J-02)', async () => {
    const { otp, box, time, report, begin, guess } = onShelf({ expectDelivery: '20s' })
    const started = time.now()
    const challenge = await begin()
    time.pass(seconds(1))
    report(0, 'sent')
    await storyOf(otp, 'user-7', 3)
    time.pass(seconds(1))
    report(0, 'delivered', { id: 'SM0' })
    await storyOf(otp, 'user-7', 4)
    time.pass(seconds(1))
    await guess(challenge, wrong(codeOf(box.messages[0]!)))
    await guess(challenge, codeOf(box.messages[0]!))
    await storyOf(otp, 'user-7', 6)
    const trace = await otp.trace('user-7')
    const of = { challenge: trace[0]!.challenge, known: true, purpose: 'login', to: '+44 •••• •••456' }
    expect(of.challenge).toMatch(/^[\w-]{8}$/)
    expect(trace).toEqual([
      { at: new Date(started), type: 'asked', ...of, channel: 'sms', text: 1 },
      { at: new Date(started), type: 'sent', ...of, channel: 'sms', text: 1, provider: 'postbox', messageId: 'SM0', messageStatus: 'queued' },
      { at: new Date(started + 1000), type: 'reported', ...of, channel: 'sms', text: 1, delivery: 'sent' },
      { at: new Date(started + 2000), type: 'reported', ...of, channel: 'sms', text: 1, delivery: 'delivered', messageId: 'SM0', counted: true },
      { at: new Date(started + 3000), type: 'guessed', ...of, reason: 'wrong', attemptsLeft: 4 },
      { at: new Date(started + 3000), type: 'verified', ...of },
    ])
  })

  it('a trace shows each text of a challenge that was sent again, and moved on to the next channel by itself (J-02)', async () => {
    const { otp, time, report, begin } = onShelf({ channels: ['sms', 'whatsapp', 'voice'], expectDelivery: '20s', channelFailover: true })
    const challenge = await begin()
    report(0, 'undelivered', { providerCode: '30003' })
    await storyOf(otp, 'user-7', 5)
    time.pass(minutes(1))
    await otp.resend({ challenge, channel: 'voice' })
    expect(await storyOf(otp, 'user-7', 7)).toEqual([
      { type: 'asked', channel: 'sms', text: 1 },
      { type: 'sent', channel: 'sms', text: 1, provider: 'postbox', messageId: 'SM0', messageStatus: 'queued' },
      { type: 'reported', channel: 'sms', text: 1, delivery: 'undelivered', providerCode: '30003', counted: true },
      { type: 'asked', channel: 'whatsapp', text: 2, failover: true },
      { type: 'sent', channel: 'whatsapp', text: 2, provider: 'postbox', messageId: 'SM1', messageStatus: 'queued' },
      { type: 'asked', channel: 'voice', text: 3 },
      { type: 'sent', channel: 'voice', text: 3, provider: 'postbox', messageId: 'SM2', messageStatus: 'queued' },
    ])
    expect(new Set((await otp.trace('user-7')).map(({ challenge: one }) => one)).size).toBe(1)
  })

  it('a trace says that a code expired that nobody entered, and not of one that was entered (J-02)', async () => {
    const { otp, box, time, begin, guess } = onShelf()
    const started = time.now()
    await begin()
    time.pass(minutes(2))
    const challenge = await begin()
    await guess(challenge, codeOf(box.messages[1]!))
    time.pass(minutes(10))
    const trace = await otp.trace('user-7')
    const expired = trace.filter(({ type }) => type === 'expired')
    expect(expired).toEqual([{ at: new Date(started + minutes(5)), type: 'expired', challenge: trace[0]!.challenge, known: true, purpose: 'login', to: '+44 •••• •••456' }])
  })

  it('a trace names what refused a text, and counts what was refused again and again (J-02, J-03)', async () => {
    const { otp, time, begin } = onShelf({ sendLimits: { ...lifted, phone: { '1h': 2 } } })
    const challenge = await begin()
    for (let times = 0; times < 30; times += 1) {
      await otp.issue(ada)
      time.pass(100)
    }
    await otp.resend({ challenge })
    time.pass(minutes(1))
    await begin()
    time.pass(minutes(5))
    await otp.issue(ada)
    await otp.resend({ challenge })
    const story = await storyOf(otp, 'user-7', 10)
    const refused = (await otp.trace('user-7')).filter(({ type }) => type === 'refused')
    expect(refused).toMatchObject([
      { reason: 'delay', times: 30, at: new Date(time.now() - minutes(6) - 3000), lastAt: new Date(time.now() - minutes(6) - 100), channel: 'sms' },
      { reason: 'delay', challenge: expect.any(String) },
      { reason: 'phone' },
      { reason: 'expired', challenge: expect.any(String) },
    ])
    expect('challenge' in refused[0]!).toBe(false)
    expect(story.filter(({ type }) => type === 'sent')).toHaveLength(2)
  })

  it('a trace tells a refusal of a check, of the app and of a provider, and a text of which nobody knows (J-02)', async () => {
    let swapped = true
    const refusals: string[] = ['risk']
    const { otp, box, time, begin } = onShelf({
      checks: { simSwap: simSwapCheck({ provider: { name: 'op', kinds: ['sim'], swapped: async () => swapped }, cache: '0s' }) },
      beforeSend: () => { const refuse = refusals.pop(); return refuse === undefined ? undefined : { refuse } },
    })
    await otp.issue(ada)
    swapped = false
    await otp.issue(ada)
    box.answer = async () => { throw new SmsOtpError('undeliverable', 'No.', { providerCode: '21610', temporary: false }) }
    await otp.issue(ada)
    time.pass(seconds(1))
    box.answer = async () => { throw new Error('socket hang up') }
    await begin()
    expect(await storyOf(otp, 'user-7', 7)).toEqual(expect.arrayContaining([
      { type: 'asked', channel: 'sms', times: 2 },
      { type: 'refused', channel: 'sms', reason: 'sim-swap', detail: 'It changed within 240 hours.' },
      { type: 'refused', channel: 'sms', reason: 'hook', detail: 'risk' },
      { type: 'undeliverable', channel: 'sms', text: 1, provider: 'postbox', providerCode: '21610', temporary: false, left: 'no' },
      { type: 'undeliverable', channel: 'sms', text: 1, provider: 'postbox', temporary: true, left: 'unknown' },
    ]))
  })

  it('a trace tells locks, disablements, and that the app enabled again (J-02)', async () => {
    const { otp, box, time, begin, guess } = onShelf({ lockout: { after: 2, for: '1m', disableAfter: 3 } })
    const challenge = await begin()
    const code = codeOf(box.messages[0]!)
    await guess(challenge, wrong(code))
    await guess(challenge, wrong(code))
    await guess(challenge, code)
    await otp.issue(ada)
    await storyOf(otp, 'user-7', 8)
    time.pass(minutes(2))
    await guess(challenge, wrong(code))
    await guess(challenge, code)
    await storyOf(otp, 'user-7', 11)
    time.pass(seconds(1))
    await otp.enable('user-7')
    const story = await storyOf(otp, 'user-7', 12)
    expect(story).toEqual(expect.arrayContaining([
      { type: 'locked', until: new Date(time.now() - minutes(1) - 1000) },
      { type: 'guessed', reason: 'locked' },
      { type: 'refused', channel: 'sms', reason: 'locked' },
      { type: 'guessed', reason: 'wrong', attemptsLeft: 2 },
      { type: 'disabled' },
      { type: 'guessed', reason: 'disabled' },
    ]))
    expect(story.at(-1)).toEqual({ type: 'enabled' })
  })

  it('a trace of a number tells what strangers asked for, in any spelling, apart from the account\'s holder (J-02)', async () => {
    const { otp, box, begin, guess } = onShelf({ expectDelivery: '20s' })
    const challenge = await begin({ subject: undefined, known: undefined, ip: '192.0.2.1' })
    expect(otp.reported({ reference: box.messages[0]!.reference!, delivery: 'delivered' })).toBe(true)
    await guess(challenge, wrong(codeOf(box.messages[0]!)), { subject: undefined })
    await storyOf(otp, '+44 7400 123456', 4)
    const trace = await otp.trace('+44 (7400) 123-456')
    expect(trace.map(({ type, known }) => [type, known])).toEqual([['asked', false], ['sent', false], ['reported', false], ['guessed', false]])
    // Whether a stranger's text arrived changes nothing, and is read by the help desk alone.
    expect(trace[2]).not.toHaveProperty('counted')
    expect(await otp.trace('user-7')).toEqual([])
  })

  it('a report in a trace may be early, late or twice, and a forged one is not noted (J-02, J-07)', async () => {
    const { otp, box, time, report, begin } = onShelf({ expectDelivery: '20s' })
    box.answer = async ({ reference = '' }) => {
      otp.reported({ reference, delivery: 'delivered' })
      await until(async () => (await otp.trace('user-7')).length > 0)
      return {}
    }
    const challenge = await begin()
    const early = await storyOf(otp, 'user-7', 3)
    expect(early.map(({ type }) => type).sort()).toEqual(['asked', 'reported', 'sent'])
    for (let times = 0; times < 10; times += 1) report(0, 'delivered')
    const { reference = '' } = box.messages[0]!
    for (const forged of [`${reference.slice(0, 60)}${reference[60] === 'A' ? 'B' : 'A'}${reference.slice(61)}`, challenge, '', 'x'.repeat(5000)]) {
      expect(otp.reported({ reference: forged, delivery: 'failed' })).toBe(false)
    }
    time.pass(minutes(7))
    report(0, 'failed')
    await until(async () => (await otp.trace('user-7')).some((entry) => entry.type === 'reported' && entry.delivery === 'failed'))
    const reports = (await storyOf(otp)).filter(({ type }) => type === 'reported')
    // The one that counted is told apart from those that came again.
    expect(reports).toEqual([
      { type: 'reported', channel: 'sms', text: 1, delivery: 'delivered', counted: true },
      { type: 'reported', channel: 'sms', text: 1, delivery: 'delivered', times: 10 },
      { type: 'reported', channel: 'sms', text: 1, delivery: 'failed' },
    ])
  })

  it('a trace keeps the last challenges, and stale handles and reports push none of them out (J-03)', async () => {
    const time = clock()
    const { store } = shelf(time.now)
    const note = jest.spyOn(store as Required<typeof store>, 'note')
    const noted = async (calls: number) => {
      await until(async () => note.mock.calls.length >= calls)
      await Promise.all(note.mock.results.map(({ value }) => value as Promise<void>))
      expect(note).toHaveBeenCalledTimes(calls)
    }
    const { otp, box, begin, guess } = kitWith({ store, trace: { last: 2 }, delays: [], sendLimits: lifted }, time)
    const handles: string[] = []
    for (let count = 0; count < 5; count += 1) {
      handles.push(await begin())
      time.pass(minutes(1))
    }
    await noted(5)
    const kept = [...new Set((await otp.trace('user-7')).map(({ challenge }) => challenge))]
    expect(kept).toHaveLength(2)
    for (const handle of handles.slice(0, 3)) await guess(handle, '123456')
    for (const { reference = '' } of box.messages.slice(0, 3)) otp.reported({ reference, delivery: 'failed' })
    await noted(5 + 3 + 3)
    expect([...new Set((await otp.trace('user-7')).map(({ challenge }) => challenge))]).toEqual(kept)
  })

  it('a new code names the one that it takes the place of, whose guesses are worth nothing (J-02)', async () => {
    const { otp, time, begin } = onShelf({ delays: [] })
    const first = await begin()
    await storyOf(otp, 'user-7', 2)
    time.pass(seconds(40))
    await otp.start({ ...ada, to: BOB, previous: first })
    await storyOf(otp, 'user-7', 4)
    const [asked, , again] = await otp.trace('user-7')
    expect(again).toMatchObject({ type: 'asked', replaces: asked!.challenge, to: '+44 •••• •••457' })
  })

  it('a trace is gone with its ledger, and ends at some time where failures are counted (J-04)', async () => {
    const { otp, time, begin, guess } = onShelf({ trace: { atMost: '3d' } })
    await begin()
    await storyOf(otp, 'user-7', 2)
    time.pass(24 * minutes(60))
    expect(await otp.trace('user-7')).toEqual([])
    const challenge = await begin()
    await guess(challenge, '000000')
    await storyOf(otp, 'user-7', 3)
    time.pass(3 * 24 * minutes(60) - 1)
    expect(await storyOf(otp)).toHaveLength(4)
    time.pass(1)
    expect(await otp.trace('user-7')).toEqual([])
    // What is noted then brings nothing back.
    await begin()
    await storyOf(otp, 'user-7', 2)
    expect((await otp.trace('user-7')).map(({ type, at }) => [type, at])).toEqual([['asked', new Date(time.now())], ['sent', new Date(time.now())]])
  })
})

describe('A service that keeps traces', () => {
  /** A store of which each call is counted. */
  function counted(time: Clock) {
    const calls: string[] = []
    const { store } = inMemory(time.now)
    const watched = new Proxy(store, {
      get: (target, name: keyof typeof store) => {
        const value = target[name]
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => { calls.push(name); return (value as (...given: unknown[]) => unknown).apply(target, args) }
      },
    })
    return { calls, store: watched }
  }

  async function life(trace: boolean | undefined): Promise<{ calls: string[], reference: string }> {
    const time = clock()
    const { calls, store } = counted(time)
    const { otp, box, begin, guess, report } = kitWith({ store, trace, expectDelivery: '20s' }, time)
    const challenge = await begin()
    await otp.issue(ada)
    await otp.issue({ ...ada, to: '+1 900' })
    await otp.issue({ ...ada, subject: undefined, known: false, ip: '192.0.2.1' })
    report(0, 'sent')
    report(0, 'delivered')
    report(1, 'delivered')
    await guess(challenge, wrong(codeOf(box.messages[0]!)))
    await guess(challenge, codeOf(box.messages[0]!))
    await otp.enable('user-7')
    await sleep(20)
    return { calls, reference: box.messages[1]!.reference! }
  }

  it('without `trace` no call of the store is added, and with it one for each text, refusal, report and guess (J-01)', async () => {
    const [off, none, on] = [await life(false), await life(undefined), await life(true)]
    expect(off.calls).not.toContain('note')
    expect(none.calls).toEqual(off.calls)
    expect(on.calls.filter((call) => call !== 'note').sort()).toEqual([...off.calls].sort())
    expect(on.calls.filter((call) => call === 'note')).toHaveLength(2 + 2 + 3 + 2 + 1)
    // Nor does a report of a stranger's text bring more with it.
    expect(off.reference.length).toBeLessThan(on.reference.length)
  })

  it('without `trace` nothing is told, but what to write (J-01)', async () => {
    await expect(kitWith({ trace: false }).otp.trace('user-7')).rejects.toThrow('give the option trace')
    await expect(kitWith().otp.trace('')).rejects.toThrow('subject is a string')
  })

  it.each<[unknown, RegExp]>([
    [7, /trace is true, false or \{ last: 20 \}/], [null, /trace is true/], [{ first: 1 }, /first/], [{ last: 0 }, /trace\.last is a whole number from 1 to 100/],
    [{ last: 101 }, /from 1 to 100/], [{ atMost: 5 }, /trace\.atMost/], [{ atMost: '0s' }, /longer than nothing/],
  ])('trace: %j is refused at start-up (J-01)', (trace, message) => {
    expect(() => kitWith({ trace } as Options)).toThrow(TypeError)
    expect(() => kitWith({ trace } as Options)).toThrow(message)
  })

  it('a store that cannot keep traces is refused at start-up where they are asked for, and works without (J-01)', async () => {
    const { store } = inMemory(clock().now)
    const plain = new Proxy(store, { get: (target, name: keyof typeof store) => {
      if (name === 'note' || name === 'trace') return undefined
      const value = target[name]
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value
    } })
    expect(() => kitWith({ store: plain })).toThrow('trace needs a store that keeps traces')
    expect(await kitWith({ store: plain, trace: false }).otp.issue(ada)).toMatchObject({ status: 'sent' })
  })

  it('a trace that cannot be written, or that no answer comes to, fails and delays nothing, and is told once (J-06)', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    for (const note of [
      () => { throw new Error('at once') },
      () => Promise.reject(new Error('later')),
      () => new Promise<void>(() => undefined),
    ]) {
      const { store } = inMemory(clock().now)
      const broken = Object.assign(store, { note })
      const { otp, box, begin, guess, report } = kitWith({ store: broken, storeTimeout: '200ms', expectDelivery: '20s' })
      const before = performance.now()
      const challenge = await begin()
      expect(await otp.issue(ada)).toMatchObject({ status: 'throttled' })
      expect(report(0, 'delivered')).toBe(true)
      expect(await guess(challenge, wrong(codeOf(box.messages[0]!)))).toMatchObject({ status: 'wrong' })
      expect(await guess(challenge, codeOf(box.messages[0]!))).toMatchObject({ status: 'ok' })
      await otp.enable('user-7')
      expect(performance.now() - before).toBeLessThan(190)
    }
    await sleep(250)
    expect(warn.mock.calls).toEqual([[expect.stringContaining('otp.trace() does not show everything'), { code: 'SMS_OTP_TRACE' }]])
    warn.mockRestore()
  })

  it('a trace that a store answers in another form is an outage, and no story (J-06)', async () => {
    for (const answer of [undefined, { at: 1 }, { at: 1, notes: [{ text: 7 }] }, { at: 1, notes: [{ text: 'x', at: 'now', lastAt: 1, times: 1 }] }]) {
      const { store } = inMemory(clock().now)
      const { otp } = kitWith({ store: Object.assign(store, { trace: async () => answer as never }) })
      await expect(otp.trace('user-7')).rejects.toMatchObject({ code: 'store_unavailable' })
    }
  })

  it('the longest names and details make a reference that comes back, and names beyond that are refused in words (H-05)', async () => {
    const longest = '\u20ac'.repeat(200)
    const { otp, box, report } = kitWith({ channels: ['sms', 'voice'], expectDelivery: '20s' })
    const details = { amount: '1000000.00 EUR', payee: 'Z\u00fcrcher Bj\u00f6rk'.padEnd(40, '\u00e9'), reason: '\u00fc'.repeat(30) }
    const sent = await otp.issue({ ...ada, purpose: longest, subject: longest, details, locale: 'de-'.padEnd(35, 'x'), channel: 'voice' })
    expect(sent).toMatchObject({ status: 'sent' })
    expect(box.messages[0]!.reference!.length).toBeLessThanOrEqual(4096)
    expect(report(0, 'delivered')).toBe(true)
    for (const unreadable of ['\u0000'.repeat(200), '\ud800'.repeat(101)]) {
      await expect(otp.issue({ ...ada, subject: unreadable })).rejects.toThrow('at most 600 bytes as JSON')
      await expect(otp.issue({ ...ada, purpose: unreadable })).rejects.toThrow(TypeError)
    }
  })

  it('what the app and its providers write is left out of a trace where it holds the number or the code (J-05)', async () => {
    const { otp, box, begin, time } = kitWith({ beforeSend: ({ phone }) => (box.messages.length === 2 ? { refuse: `no texts to 07400 123-456 (${phone.length})` } : undefined) })
    box.answer = async ({ code, to }) => ({ id: `id-${code}`, status: to.slice(1) })
    await begin()
    time.pass(minutes(1))
    box.answer = async ({ code }) => { throw new SmsOtpError('undeliverable', code, { providerCode: code, temporary: false }) }
    await otp.issue(ada)
    await otp.issue({ ...ada, ip: '192.0.2.7', details: {} })
    const story = await storyOf(otp, 'user-7', 6)
    expect(story).toEqual(expect.arrayContaining([
      { type: 'sent', channel: 'sms', text: 1, provider: 'postbox' },
      { type: 'undeliverable', channel: 'sms', text: 1, provider: 'postbox', temporary: false, left: 'no' },
      { type: 'refused', channel: 'sms', reason: 'hook' },
    ]))
  })
})

describe('A trace of any schedule', () => {
  const step = fc.constantFrom('issue', 'resend', 'wrong', 'right', 'delivered', 'undelivered', 'sent', 'forged', 'wait', 'wait', 'fail', 'work again')

  it('a trace of any schedule holds neither the code nor the number, is bounded, and tells what happened (J-03, J-05, J-07)', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      const { otp, box, time, report, guess } = kitWith({ trace: { last: 3 }, sendLimits: lifted, unsentLimits: { phone: {}, ip: {} }, expectDelivery: '20s' })
      const answered = box.answer
      const happened = { sent: 0, verified: 0 }
      otp.on('sent', () => { happened.sent += 1 }).on('resent', () => { happened.sent += 1 }).on('verified', () => { happened.verified += 1 })
      let [challenge, code, begun] = ['', '000000', 0]
      for (const one of steps) {
        if (one === 'issue') {
          const sent = await otp.issue(ada)
          if (sent.status === 'sent') { challenge = sent.challenge; code = codeOf(box.messages.at(-1)!); begun += 1 }
        } else if (one === 'resend') await otp.resend({ challenge })
        else if (one === 'wrong' || one === 'right') await guess(challenge, one === 'right' ? code : wrong(code))
        else if (one === 'wait') time.pass(minutes(1))
        else if (one === 'fail') box.answer = async () => { throw new SmsOtpError('undeliverable', code, { temporary: true }) }
        else if (one === 'work again') box.answer = answered
        else if (one === 'forged') expect(otp.reported({ reference: challenge, delivery: 'failed' })).toBe(false)
        else if (box.messages.length > 0) report(box.messages.length - 1, one)
      }
      for (let turns = 0; turns < 10; turns += 1) await new Promise(setImmediate)
      const trace = await otp.trace('user-7')
      const text = JSON.stringify(trace)
      for (const message of box.messages) expect(text).not.toContain(`"${message.code}"`)
      expect(text).not.toContain(ADA.slice(-7))
      const names = new Set(trace.flatMap((entry) => (entry.challenge === undefined ? [] : [entry.challenge])))
      expect(names.size).toBeLessThanOrEqual(3)
      const count = (type: string) => trace.filter((entry) => entry.type === type).reduce((sum, { times = 1 }) => sum + times, 0)
      expect(count('sent')).toBeLessThanOrEqual(happened.sent)
      expect(count('verified')).toBeLessThanOrEqual(happened.verified)
      // Refused texts make challenges of their own: where none can have been pushed out, nothing is missing.
      if (box.messages.length <= 3 && begun <= 3) expect([count('sent'), count('verified')]).toEqual([happened.sent, happened.verified])
    }), { numRuns: 150 })
  })
})
