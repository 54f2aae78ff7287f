import { createConnection } from 'node:net'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { Passport } from 'passport'
import { SmsOtp, SmsOtpError, Strategy, type SmsOtpOptions, type SmsSender } from '../src/index.js'
import { inboxSender } from '../src/senders/inbox.js'
import { createApp } from './support/app.js'
import { ADA, BOB, clock, codeIn, minutes, OTHER_SECRET, SECRET, seconds, wrong } from './support/kit.js'
import { describeOnEveryStore, inMemory, type MakeShelf } from './support/stores.js'

const DAY = minutes(24 * 60)
const open = { phone: {}, ip: {}, prefix: {}, country: {} }
const numberOf = (index: number) => `+447400${String(200_000 + index * 10_007).slice(-6)}`

/** A service over a store, and others over the same one. */
function kitOver(shelf: MakeShelf, options: Partial<SmsOtpOptions> = {}) {
  const time = clock()
  const shared = shelf(time.now)
  const inbox = inboxSender(time)
  const make = (more: Partial<SmsOtpOptions> = {}) =>
    new SmsOtp({ sender: inbox, secret: SECRET, now: time.now, store: shared.again(), countries: ['GB'], ...options, ...more } as SmsOtpOptions)
  return { time, inbox, make, otp: make(), store: shared.store, now: time.now }
}

async function fail(otp: SmsOtp, inbox: ReturnType<typeof inboxSender>, { times, ...asked }: { times: number, subject?: string, known?: boolean }) {
  const sent = await otp.issue({ to: ADA, purpose: 'login', ip: '192.0.2.1', ...asked })
  if (sent.status !== 'sent') throw new Error(`Not sent: ${JSON.stringify(sent)}`)
  const guess = { challenge: sent.challenge, code: wrong(codeIn(inbox)), purpose: 'login', subject: asked.subject }
  const results = []
  for (let guessed = 0; guessed < times; guessed += 1) results.push(await otp.verify(guess))
  return results
}

const outcomes: Record<string, () => Error | undefined> = {
  taken: () => undefined,
  refused: () => new SmsOtpError('undeliverable', 'No.', { temporary: true }),
  'refused for good': () => new SmsOtpError('undeliverable', 'No.', { temporary: false }),
  lost: () => new Error('ECONNRESET'),
}

/** A gateway that does as it is told. */
function gateway() {
  const state = { outcome: 'taken', texts: 0 }
  const sender: SmsSender = {
    name: 'gateway',
    development: true,
    async send() {
      state.texts += 1
      const error = outcomes[state.outcome]!()
      if (error) throw error
      return {}
    },
  }
  return Object.assign(state, { sender })
}

describeOnEveryStore('A limit', (shelf) => {
  describe('that numbers share', () => {
    it.each([['conversion', { conversion: undefined }, 20], ['country', { conversion: false as const, sendLimits: { ...open, country: { '1h': 20 } } }, 20]])(
      'a limit that numbers share is not taken from by numbers that are not texted: %s (L-02)', async (_, options, most) => {
        const kit = kitOver(shelf, { sendLimits: open, ...options })
        const ask = (otp: SmsOtp, to: string, mayText: boolean) => otp.start({ to, purpose: 'login', ip: '192.0.2.1', mayText: () => mayText })
        for (let asked = 0; asked < 3 * most; asked += 1) expect((await ask(kit.otp, numberOf(asked), false)).status).toBe('sent')
        kit.time.pass(minutes(5))
        for (let asked = 0; asked < most; asked += 1) expect((await ask(kit.otp, numberOf(100 + asked), true)).status).toBe('sent')
        kit.time.pass(minutes(5))
        // And where it is spent by others, both kinds of numbers are told so.
        for (const mayText of [true, false]) expect(await ask(kit.otp, numberOf(mayText ? 300 : 301), mayText)).toMatchObject({ status: 'throttled', scope: 'country' })
      })

    it('a number that is not texted is told apart from one that is in nothing but the text (L-02)', async () => {
      const story = async (mayText: boolean) => {
        const kit = kitOver(shelf)
        const answers = []
        for (const wait of [0, 10, 20, 30, 60, 60, 600]) {
          kit.time.pass(seconds(wait))
          const answer = await kit.otp.start({ to: ADA, purpose: 'login', ip: '192.0.2.1', mayText: () => mayText })
          answers.push({ ...answer, challenge: undefined })
        }
        return { answers, texts: kit.inbox.messages.length }
      }
      const [told, untold] = [await story(true), await story(false)]
      expect(untold.answers).toEqual(told.answers)
      expect([told.texts, untold.texts]).toEqual([4, 0])
    })
  })

  describe('of failures', () => {
    const lockout = { after: 5, for: '1m', max: '10m', disableAfter: 20 } as const

    it.each<[string, object]>([['of a number', {}], ['of an account that a stranger names', { subject: 'user-7' }]])(
      'a limit of failures %s that strangers reach does not disable, and leaves one guess a day (L-03)', async (_, asked) => {
        const kit = kitOver(shelf, { sendLimits: open, delays: [], lockout, maxAttempts: 5 })
        const disabled = jest.fn()
        kit.otp.on('disabled', disabled)
        for (let flow = 0; flow < 3; flow += 1) {
          await fail(kit.otp, kit.inbox, { times: 5, ...asked })
          kit.time.pass(minutes(10))
        }
        for (let day = 0; day < 5; day += 1) {
          const results = await fail(kit.otp, kit.inbox, { times: 5, ...asked })
          if (day > 0) expect(results.map(({ status }) => status)).toEqual(['wrong', 'locked', 'locked', 'locked', 'locked'])
          kit.time.pass(DAY)
        }
        expect(disabled).not.toHaveBeenCalled()
        const sent = await kit.otp.issue({ to: ADA, purpose: 'login', ip: '192.0.2.1', ...asked })
        const challenge = sent.status === 'sent' ? sent.challenge : ''
        expect(await kit.otp.verify({ challenge, code: codeIn(kit.inbox), purpose: 'login', ...asked })).toMatchObject({ status: 'ok' })
      })

    it.each<[string, { subject?: string }]>([['by an account', { subject: 'user-7' }], ['by the number alone', {}]])(
      'failures that strangers cause leave the holder, %s, neither locked nor delayed nor limited (L-03)', async (_, whose) => {
        const kit = kitOver(shelf, { lockout, sendLimits: { phone: { '1h': 2 } } })
        for (const asked of [{}, { subject: 'user-7' }]) await fail(kit.otp, kit.inbox, { times: 5, ...asked })
        for (const subject of ['user-8', 'user-9']) await kit.otp.issue({ to: ADA, purpose: 'login', subject, ip: '192.0.2.1' })
        expect(await kit.otp.issue({ to: ADA, purpose: 'login', ip: '192.0.2.1' })).toMatchObject({ status: 'locked' })
        const sent = await kit.otp.issue({ to: ADA, purpose: 'login', known: true, ...whose })
        const challenge = sent.status === 'sent' ? sent.challenge : JSON.stringify(sent)
        expect(await kit.otp.verify({ challenge, code: codeIn(kit.inbox), purpose: 'login', ...whose })).toMatchObject({ status: 'ok' })
      })

    it('a lock of strangers is not opened by what the holder enters, and enabling opens both locks (L-03)', async () => {
      const kit = kitOver(shelf, { lockout, delays: [], sendLimits: open })
      const asked = { to: ADA, purpose: 'login', subject: 'user-7' }
      await fail(kit.otp, kit.inbox, { times: 5, subject: 'user-7' })
      const sent = await kit.otp.issue({ ...asked, known: true })
      await kit.otp.verify({ ...asked, challenge: sent.status === 'sent' ? sent.challenge : '', code: codeIn(kit.inbox) })
      expect(await kit.otp.issue(asked)).toMatchObject({ status: 'locked' })
      await kit.otp.enable('user-7')
      expect(await kit.otp.issue(asked)).toMatchObject({ status: 'sent' })
    })
  })

  describe('of texts', () => {
    it.each(['refused', 'refused for good'])('a limit of texts counts no text that the gateway %s, and such a text delays nobody (L-04)', async (outcome) => {
      const line = gateway()
      const kit = kitOver(shelf, { sender: line.sender, sendLimits: { phone: { '1h': 1 }, ip: { '1h': 1 }, prefix: { '1h': 1 }, country: { '1h': 1 }, total: { '1h': 1 } }, unsentLimits: { phone: { '1h': 3 }, ip: { '1h': 3 } } })
      line.outcome = outcome
      for (let tried = 0; tried < 3; tried += 1) {
        expect(await kit.otp.issue({ to: ADA, purpose: 'login', ip: '192.0.2.1' })).toMatchObject({ status: 'undeliverable' })
      }
      // By now tries have come to nothing too often.
      expect(await kit.otp.issue({ to: ADA, purpose: 'login', ip: '192.0.2.2' })).toEqual({ status: 'throttled', scope: 'phone', retryAfter: 3600 })
      expect(await kit.otp.issue({ to: BOB, purpose: 'login', ip: '192.0.2.1' })).toEqual({ status: 'throttled', scope: 'ip', retryAfter: 3600 })
      line.outcome = 'taken'
      expect(await kit.otp.issue({ to: BOB, purpose: 'login', ip: '192.0.2.2' })).toMatchObject({ status: 'sent' })
      expect(line.texts).toBe(4)
    })

    it('a limit of texts lets a user try again at once whose text sent again was refused (L-04)', async () => {
      const line = gateway()
      const kit = kitOver(shelf, { sender: line.sender, maxResends: 1 })
      const sent = await kit.otp.issue({ to: ADA, purpose: 'login', known: true })
      const challenge = sent.status === 'sent' ? sent.challenge : ''
      kit.time.pass(seconds(30))
      line.outcome = 'refused'
      expect(await kit.otp.resend({ challenge })).toMatchObject({ status: 'undeliverable' })
      line.outcome = 'taken'
      expect(await kit.otp.resend({ challenge })).toMatchObject({ status: 'sent', attemptsLeft: 5 })
      expect(await kit.otp.resend({ challenge })).toMatchObject({ status: 'throttled', scope: 'resends' })
    })

    it('a limit of texts counts a text of which nobody knows whether it left (L-04)', async () => {
      const line = gateway()
      const kit = kitOver(shelf, { sender: line.sender })
      line.outcome = 'lost'
      expect(await kit.otp.issue({ to: ADA, purpose: 'login', ip: '192.0.2.1' })).toMatchObject({ status: 'sent' })
      expect(await kit.otp.issue({ to: ADA, purpose: 'login', ip: '192.0.2.1' })).toEqual({ status: 'throttled', scope: 'delay', retryAfter: 30 })
    })

    it('a limit of texts gets a text back once, also where the store fails in between (L-04)', async () => {
      const kit = kitOver(shelf)
      const undo = jest.spyOn(kit.store, 'undo')
      jest.spyOn(kit.store, 'release').mockRejectedValue(new Error('down'))
      const otp = kit.make({ store: kit.store, beforeSend: () => ({ refuse: 'no' }) })
      await expect(otp.issue({ to: ADA, purpose: 'login', ip: '192.0.2.1' })).rejects.toMatchObject({ code: 'store_unavailable' })
      await new Promise((resolve) => { setImmediate(resolve) })
      expect(undo).toHaveBeenCalledTimes(1)
    })

    it('a limit of texts comes before the hook of the app, which may cost money (L-05)', async () => {
      const beforeSend = jest.fn()
      const kit = kitOver(shelf, { beforeSend })
      for (let asked = 0; asked < 50; asked += 1) await kit.otp.issue({ to: ADA, purpose: 'login', ip: '192.0.2.7' })
      for (let asked = 0; asked < 50; asked += 1) await kit.otp.issue({ to: numberOf(asked), purpose: 'login', ip: '192.0.2.7' })
      expect([beforeSend.mock.calls.length, kit.inbox.messages.length]).toEqual([10, 10])
    })

    it('a limit of texts has back what the hook refused, and the hook is asked as often as tries may come to nothing (L-05)', async () => {
      const beforeSend = jest.fn((): { refuse: string } | undefined => ({ refuse: 'SIM swapped' }))
      const limits = { phone: { '1h': 1 }, ip: { '1h': 1 }, prefix: { '1h': 1 }, country: { '1h': 1 }, total: { '1h': 1 } }
      const kit = kitOver(shelf, { beforeSend, sendLimits: limits, unsentLimits: { phone: { '1h': 2 }, ip: { '1h': 4 } } })
      const ask = async (to: string, ip = '192.0.2.7') => (await kit.otp.issue({ to, purpose: 'login', ip })).status
      const answers = []
      for (let asked = 0; asked < 5; asked += 1) answers.push(await ask(ADA))
      for (let asked = 0; asked < 5; asked += 1) answers.push(await ask(numberOf(asked)))
      expect(answers).toEqual(['refused', 'refused', 'throttled', 'throttled', 'throttled', 'refused', 'refused', 'throttled', 'throttled', 'throttled'])
      expect(beforeSend).toHaveBeenCalledTimes(4)
      beforeSend.mockReturnValue(undefined)
      expect(await ask(BOB, '192.0.2.8')).toBe('sent')
      expect(await ask(numberOf(9), '192.0.2.9')).toBe('throttled')
    })

    it.each<[string, () => unknown]>([['fails', () => Promise.reject(new Error('down'))], ['never answers', () => new Promise(() => undefined)]])(
      'a limit of texts has back what a hook stopped that %s (L-05)', async (_, hook) => {
        let asked = 0
        const kit = kitOver(shelf, { beforeSend: () => (++asked === 1 ? hook() as never : undefined), senderTimeout: '20ms', sendLimits: { total: { '1h': 1 } } })
        expect(await kit.otp.issue({ to: ADA, purpose: 'login', ip: '192.0.2.7' })).toMatchObject({ status: 'refused', reason: 'hook' })
        expect(await kit.otp.issue({ to: ADA, purpose: 'login', ip: '192.0.2.7' })).toMatchObject({ status: 'sent' })
      })
  })

  describe('that outlives its secret', () => {
    const lockout = { after: 5, disableAfter: 10, for: '1h' } as const
    const known = { to: ADA, purpose: 'login', subject: 'user-7', known: true }
    const quiet = () => jest.spyOn(process, 'emitWarning').mockImplementation()
    afterEach(() => jest.restoreAllMocks())
    const codes = (warned: jest.SpyInstance) => warned.mock.calls.map(([, options]) => (options as { code?: string } | undefined)?.code).filter((code) => code?.startsWith('SMS_OTP_SECRET'))

    it.each<[string, readonly string[][]]>([
      ['was removed in turn', [[SECRET], [OTHER_SECRET, SECRET], [OTHER_SECRET]]],
      ['was removed and came back', [[SECRET], [OTHER_SECRET, SECRET], [OTHER_SECRET], [SECRET, OTHER_SECRET], [SECRET]]],
    ])('a limit that outlives its secret is found again where the secret %s (L-06)', async (_, lists) => {
      const warned = quiet()
      const kit = kitOver(shelf, { lockout, delays: ['10m'], sendLimits: open })
      const first = kit.make({ secret: lists[0]! })
      await fail(first, kit.inbox, { times: 5, ...known })
      await first.issue({ to: BOB, purpose: 'login', known: true })
      for (const secret of lists) {
        const otp = kit.make({ secret })
        expect(await otp.issue(known)).toMatchObject({ status: 'locked' })
        expect(await otp.issue({ to: BOB, purpose: 'login', known: true })).toMatchObject({ status: 'throttled', scope: 'delay' })
      }
      kit.time.pass(minutes(60))
      await fail(kit.make({ secret: lists.at(-1)! }), kit.inbox, { times: 5, ...known })
      for (const secret of lists) expect(await kit.make({ secret }).issue(known)).toEqual({ status: 'disabled' })
      expect(codes(warned)).toEqual([])
    })

    it('a limit is forgotten where all secrets were exchanged at once, which a warning says, and found again when the old secret is back (L-06)', async () => {
      const warned = quiet()
      const kit = kitOver(shelf, { lockout, delays: [] })
      await fail(kit.make({ secret: SECRET }), kit.inbox, { times: 5, ...known })
      expect(await kit.make({ secret: OTHER_SECRET }).issue(known)).toMatchObject({ status: 'sent' })
      expect(codes(warned)).toEqual(['SMS_OTP_SECRETS_REPLACED'])
      expect(await kit.make({ secret: [OTHER_SECRET, SECRET] }).issue(known)).toMatchObject({ status: 'locked' })
      expect(await kit.make({ secret: OTHER_SECRET }).issue(known)).toMatchObject({ status: 'locked' })
    })

    it('a limit is found also where the new secret stands behind the old one, which a warning says (L-06)', async () => {
      const warned = quiet()
      const kit = kitOver(shelf, { lockout, delays: [] })
      await fail(kit.make({ secret: SECRET }), kit.inbox, { times: 5, ...known })
      for (const secret of [[SECRET, OTHER_SECRET], [OTHER_SECRET]]) expect(await kit.make({ secret }).issue(known)).toMatchObject({ status: 'locked' })
      expect(codes(warned)).toEqual(['SMS_OTP_SECRET_ORDER'])
    })
  })
})

describe('The answers of beforeSend', () => {
  it('answers of beforeSend are kept for a number as long as beforeSendFor says, and failures are not', async () => {
    const beforeSend = jest.fn<Promise<{ refuse: string } | undefined>, []>(() => Promise.reject(new Error('down')))
    const kit = kitOver(inMemory, { beforeSend, beforeSendFor: '10m', delays: [], sendLimits: open })
    const ask = async (to: string) => (await kit.otp.issue({ to, purpose: 'login' })).status
    expect(await ask(ADA)).toBe('refused')
    beforeSend.mockImplementation(async () => undefined)
    expect([await ask(ADA), await ask(ADA)]).toEqual(['sent', 'sent'])
    expect(beforeSend).toHaveBeenCalledTimes(2)
    beforeSend.mockImplementation(async () => ({ refuse: 'SIM swapped' }))
    expect([await ask(BOB), await ask(BOB), await ask(ADA)]).toEqual(['refused', 'refused', 'sent'])
    expect(beforeSend).toHaveBeenCalledTimes(3)
    kit.time.pass(minutes(10))
    expect(await ask(ADA)).toBe('refused')
  })

  it.each<[object, RegExp]>([
    [{ beforeSendFor: '10m' }, /beforeSend, and there is none/], [{ beforeSend: () => undefined, beforeSendFor: 600 }, /'30s'/],
    [{ unsentLimits: { prefix: { '1h': 1 } } }, /There are phone, ip/], [{ unsentLimits: { phone: { '1h': 0 } } }, /unsentLimits\.phone/], [{ waitUntil: true }, /function/],
  ])('the service refuses %j in words', (options, words) => {
    expect(() => kitOver(inMemory, options)).toThrow(words)
  })
})

describe('The address of a request', () => {
  it('the address of a request is known although its client has hung up before the strategy is asked (L-01)', async () => {
    const inbox = inboxSender()
    const passport = new Passport()
    const strategy = new Strategy({ sender: inbox, secret: SECRET, countries: ['GB'], challengeIn: 'client', sendLimits: { ip: { '1h': 2 }, prefix: {}, country: {} }, conversion: false }, async (phone) => ({ id: phone }))
    passport.use(strategy)
    const gone: Promise<void>[] = []
    const app = express()
    app.use(express.json())
    // As a session store that takes a while: the client is gone by the time it answers.
    app.use((req, _, next) => { gone.push(new Promise((resolve) => { req.socket.once('close', () => { next(); resolve() }) })) })
    app.post('/send', passport.authenticate('sms-otp', { action: 'send', session: false }), (_, res) => { res.end() })
    const denied: string[] = []
    strategy.otp.on('send-denied', ({ reason }) => denied.push(reason))
    const server = app.listen(0, '127.0.0.1')
    await new Promise((resolve) => { server.once('listening', resolve) })
    for (let asked = 0; asked < 5; asked += 1) {
      const body = JSON.stringify({ phone: numberOf(asked) })
      const socket = createConnection((server.address() as AddressInfo).port, '127.0.0.1')
      socket.on('error', () => undefined)
      socket.write(`POST /send HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
      while (gone.length <= asked) await new Promise((resolve) => { setImmediate(resolve) })
      socket.resetAndDestroy()
      await gone[asked]
    }
    while (denied.length < 3) await new Promise((resolve) => { setImmediate(resolve) })
    await new Promise((resolve) => { server.close(resolve) })
    expect(denied).toEqual(['ip', 'ip', 'ip'])
    expect(inbox.messages.length).toBeLessThanOrEqual(2)
  })

  it.each([undefined, '', 'unknown', '_proxy', '/run/app.sock', '203.0.113.1, 203.0.113.2'])('an address that nobody can read, such as %j, shares one budget with all such addresses (L-01)', async (ip) => {
    const kit = kitOver(inMemory, { sendLimits: { ip: { '1h': 2 } } })
    const ask = async (index: number, from: string | undefined) => (await kit.otp.issue({ to: numberOf(index), purpose: 'login', ip: from })).status
    expect([await ask(1, ip), await ask(2, 'nonsense'), await ask(3, ip), await ask(4, '192.0.2.1')]).toEqual(['sent', 'sent', 'throttled', 'sent'])
  })

  it('an address that the app leaves out is one that the app limits by itself, and a warning says so once (L-01)', async () => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const kit = kitOver(inMemory, { sendLimits: { ip: { '1h': 2 } } })
    for (let index = 0; index < 4; index += 1) expect((await kit.otp.issue({ to: numberOf(index), purpose: 'login' })).status).toBe('sent')
    expect(warnings.mock.calls.filter(([, options]) => (options as { code?: string } | undefined)?.code === 'SMS_OTP_NO_IP').length).toBeLessThanOrEqual(1)
    warnings.mockRestore()
  })
})

describe('A text that was refused', () => {
  const user = { id: 'user-7', phone: ADA }

  it('a text that was refused is told as such each time, and not as too many (L-04)', async () => {
    const line = gateway()
    const kit = createApp({ strategy: { sender: line.sender }, user, verify: null })
    const browser = kit.agent()
    line.outcome = 'refused'
    for (let tried = 0; tried < 3; tried += 1) expect((await browser.post('/send').expect(502)).body.code).toBe('undeliverable')
    line.outcome = 'taken'
    await browser.post('/send').expect(200)
  })

  it('a stranger who was told that a refused text left has a code to guess at and another try, unless numbers must not be told apart (L-02, L-04)', async () => {
    const story = async (mayText: (() => boolean) | undefined) => {
      const line = gateway()
      const kit = createApp({ strategy: { sender: line.sender, sendLimits: { ...open, total: { '1h': 1 } }, ...mayText ? { mayText } : {} } })
      line.outcome = 'refused for good'
      const browser = kit.agent()
      const answers = [(await browser.post('/send').send({ phone: ADA })).status, (await browser.post('/verify').send({ code: '000000' })).body.code]
      line.outcome = 'taken'
      return [...answers, (await browser.post('/send').send({ phone: ADA })).status, (await kit.agent().post('/send').send({ phone: BOB })).status]
    }
    expect(await story(undefined)).toEqual([200, 'code_wrong', 200, 429])
    expect(await story(() => true)).toEqual([200, 'code_wrong', 429, 200])
    expect(await story(() => false)).toEqual([200, 'code_wrong', 429, 200])
  })
})
