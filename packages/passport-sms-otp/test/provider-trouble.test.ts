import { inspect } from 'node:util'
import { createClient } from 'redis'
import { describeWithRedisServer, startRedisServer } from '../../../test/support/redis.js'
import {
  MemoryChallengeStore, RedisChallengeStore, SmsOtpError, type ChallengeStore, type SmsSender,
} from '../src/index.js'
import { createApp } from './support/app.js'
import { ADA, BOB, codeIn, issued, rejects, service } from './support/kit.js'

const ada = { id: 'user-7', phone: ADA }
const sender = (send: SmsSender['send']): SmsSender => ({ name: 'gateway', development: true, send })
const refuses = (options = {}) => sender(async () => { throw new SmsOtpError('undeliverable', 'Not a mobile number.', options) })
const never = () => new Promise<never>(() => undefined)
const turn = () => new Promise((resolve) => { setImmediate(resolve) })

/** A store of which some operations are as given. */
const broken = (operations: Partial<ChallengeStore>, store = new MemoryChallengeStore()): ChallengeStore => Object.assign(store, operations)

describe('A provider that definitely refuses', () => {
  it('a text that the gateway definitely refuses is undeliverable, with its code, and the challenge is gone (R-31)', async () => {
    const kit = service({ sender: refuses({ providerCode: '21211', temporary: false }) })
    expect(await kit.otp.issue({ to: ADA, purpose: 'login' })).toEqual({ status: 'undeliverable', provider: 'gateway', providerCode: '21211', temporary: false })
  })

  it('a definite refusal is known by its code, so that an error of another copy of this package will do', async () => {
    const kit = service({ sender: sender(async () => { throw Object.assign(new Error('no'), { code: 'undeliverable', temporary: true }) }) })
    expect(await kit.otp.issue({ to: ADA, purpose: 'login' })).toEqual({ status: 'undeliverable', provider: 'gateway', temporary: true })
  })

  it.each(['No such number: +447400123456', 'x'.repeat(41), '', 21211])('a definite refusal is left without a code that is none: %j', async (providerCode) => {
    const kit = service({ sender: refuses({ providerCode }) })
    const heard = jest.fn()
    kit.otp.on('undeliverable', heard)
    expect(await kit.otp.issue({ to: ADA, purpose: 'login' })).toEqual({ status: 'undeliverable', provider: 'gateway', temporary: false })
    expect(heard.mock.calls[0]).not.toEqual([expect.objectContaining({ providerCode: expect.anything() })])
  })

  it('a definite refusal is an error 502 for a known user, and an event', async () => {
    const kit = createApp({ strategy: { sender: refuses({ providerCode: '21610' }) }, user: ada })
    const heard = jest.fn()
    kit.strategy.otp.on('undeliverable', heard)
    expect((await kit.agent().post('/send').expect(502)).body).toMatchObject({ code: 'undeliverable' })
    expect(kit.errors).toEqual([expect.objectContaining({ code: 'undeliverable', status: 502, providerCode: '21610', cause: new Error('The sender \'gateway\' refused the text (21610).') })])
    expect(heard).toHaveBeenCalledWith({ phone: '+44 •••• •••456', subject: expect.any(String), purpose: 'login', provider: 'gateway', providerCode: '21610', temporary: false })
  })

  it('a provider\'s refusal is an event only for a person without an account: the answer is the same as for a text that left (R-31, R-57)', async () => {
    const kit = createApp({ strategy: { sender: refuses() } })
    const heard = jest.fn()
    kit.strategy.otp.on('undeliverable', heard)
    const { body } = await kit.agent().post('/send').send({ phone: ADA }).expect(200)
    expect(body).toMatchObject({ to: '+44 •••• •••456', attemptsLeft: 5 })
    expect(heard).toHaveBeenCalledTimes(1)
  })

  it('a provider that refuses answers guesses of a person without an account as a number without an account does (R-31, R-57)', async () => {
    const story = async (phone: string) => {
      const browser = createApp({ strategy: { sender: refuses(), mayText: (known) => known === ADA } }).agent()
      await browser.post('/send').send({ phone }).expect(200)
      const answers = []
      for (let times = 0; times < 6; times += 1) answers.push((await browser.post('/verify').send({ code: '000000' })).body)
      return answers
    }
    expect(await story(ADA)).toEqual(await story(BOB))
  })
})

describe('A provider of which nobody knows what it did', () => {
  it.each<[string, SmsSender['send']]>([
    ['throws', () => { throw new TypeError('socket hang up') }],
    ['rejects', () => Promise.reject(new Error('ECONNRESET'))],
    ['rejects with nothing', () => Promise.reject(new Error())],
    ['never answers (S-20)', never],
  ])('a gateway of which nobody knows what it did and that %s leaves the code good', async (_, send) => {
    const bodies: string[] = []
    const kit = service({ sender: sender((message, options) => { bodies.push(message.code); return send(message, options) }), senderTimeout: '20ms' })
    const heard = jest.fn()
    kit.otp.on('undeliverable', heard)
    const sent = await kit.otp.issue({ to: ADA, purpose: 'login' })
    expect(sent).toMatchObject({ status: 'sent' })
    expect(heard).toHaveBeenCalledWith(expect.objectContaining({ provider: 'gateway', temporary: true }))
    const challenge = sent.status === 'sent' ? sent.challenge : ''
    expect(await kit.otp.verify({ challenge, code: bodies[0]!, purpose: 'login' })).toMatchObject({ status: 'ok' })
  })

  it('a gateway is told by its signal that nobody waits any more', async () => {
    let signal: AbortSignal | undefined
    const kit = service({ sender: sender((_, options) => { signal = options.signal; return never() }), senderTimeout: '20ms' })
    await kit.otp.issue({ to: ADA, purpose: 'login' })
    expect(signal?.aborted).toBe(true)
  })

  it('a slow gateway keeps no unknown person waiting (R-57)', async () => {
    let settle: (error: Error) => void = () => undefined
    const kit = createApp({ strategy: { sender: sender(() => new Promise((_, reject) => { settle = reject })) } })
    const heard = new Promise((resolve) => { kit.strategy.otp.on('undeliverable', resolve) })
    const first = await Promise.race([heard.then(() => 'the gateway'), kit.agent().post('/send').send({ phone: ADA }).then(({ status }) => status)])
    expect(first).toBe(200)
    settle(new Error('down'))
    await heard
  })

  it('a gateway that fails late leaves no rejection unhandled (P-15)', async () => {
    const unhandled = jest.fn()
    process.on('unhandledRejection', unhandled)
    const kit = createApp({ strategy: { sender: sender(never), senderTimeout: '20ms' } })
    await kit.agent().post('/send').send({ phone: ADA }).expect(200)
    const failing = createApp({ strategy: { sender: sender(() => Promise.reject(new Error('x'))), store: broken({ undo: () => Promise.reject(new Error('y')) }) } })
    await failing.agent().post('/send').send({ phone: ADA }).expect(200)
    await turn()
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })
})

describe('A message that cannot be made', () => {
  it('a message that cannot be made is an error, gives back what it took, and tells nothing about an account', async () => {
    let works = false
    const kit = createApp({
      strategy: { message: ({ code }) => { if (!works) throw new TypeError('template'); return code }, mayText: (phone) => phone === ADA, sendLimits: { total: { '1h': 1 } } },
    })
    for (const phone of [ADA, BOB]) await kit.agent().post('/send').send({ phone }).expect(500)
    works = true
    await kit.agent().post('/send').send({ phone: ADA }).expect(200)
    expect(kit.inbox.messages).toHaveLength(1)
  })
})

describe('A message that comes later', () => {
  it('a message that comes later is waited for', async () => {
    const { otp, inbox } = service({ message: async ({ code }) => `Later: ${code}` })
    expect(await otp.issue({ to: ADA, purpose: 'login' })).toMatchObject({ status: 'sent' })
    expect(inbox.messages[0]!.body).toMatch(/^Later: \d{6}$/)
  })

  it.each<[string, (code: string) => Promise<string>]>([
    ['rejects', (code) => Promise.reject(new RangeError(`no ${code}`))],
    ['throws', (code) => { throw new RangeError(`no ${code}`) }],
    ['rejects with a text', (code) => rejects(code)],
  ])('a message that comes later and that %s is an error once, without the code, and the number is not delayed for it (R-09)', async (_, fails) => {
    const codes: string[] = []
    const message = async ({ code }: { code: string }) => {
      if (code !== '000000') codes.push(code)
      return codes.length === 1 ? fails(code) : code
    }
    const kit = createApp({ strategy: { message }, user: ada })
    await kit.agent().post('/send').expect(500)
    expect(kit.errors).toEqual([expect.objectContaining({ code: 'misconfigured', message: expect.stringMatching(/^message failed: \w+\.$/) })])
    expect(inspect(kit.errors, { depth: 9 })).not.toContain(codes[0])
    await kit.agent().post('/send').expect(200)
  })
})

describe('A store that fails', () => {
  const failures: [string, () => Promise<never>][] = [
    ['rejects (X-04)', () => Promise.reject(new Error('OOM command not allowed'))],
    ['throws (X-04)', () => { throw new Error('READONLY') }],
    ['never answers (X-01)', never],
    ['answers nothing', () => Promise.resolve(undefined as never)],
    ['answers null', () => Promise.resolve(null as never)],
    ['answers true (X-03)', () => Promise.resolve(true as never)],
    ['answers OK in capitals (X-03)', () => Promise.resolve({ status: 'OK', at: 1 } as never)],
    ['answers ok without a time (X-03)', () => Promise.resolve({ status: 'ok' } as never)],
    ['answers with counters as strings (O-10)', () => Promise.resolve({ status: 'wrong', attemptsLeft: '4', at: 1 } as never)],
    ['answers with a time as a string (O-10)', () => Promise.resolve({ status: 'ok', at: '1' } as never)],
  ]

  it.each(failures)('a store at verify that %s is a 503, and nobody is logged in (R-59)', async (_, verify) => {
    const kit = createApp({ strategy: { store: broken({ verify }), storeTimeout: '20ms' } })
    const browser = kit.agent()
    await browser.post('/send').send({ phone: ADA }).expect(200)
    expect((await browser.post('/verify').send({ code: codeIn(kit.inbox) }).expect(503)).body).toMatchObject({ code: 'store_unavailable' })
    expect(kit.errors).toEqual([expect.objectContaining({ name: 'SmsOtpError', code: 'store_unavailable', status: 503 })])
    expect((await browser.get('/me')).body.authenticated).toBe(false)
  })

  it.each(failures)('a store at send that %s is a 503, and nothing is texted (X-01)', async (_, send) => {
    const kit = createApp({ strategy: { store: broken({ send }), storeTimeout: '20ms' } })
    await kit.agent().post('/send').send({ phone: ADA }).expect(503)
    await turn()
    expect(kit.inbox.messages).toEqual([])
  })

  it('a store that fails at the shared limits is a 503, nothing is texted, and the number is not delayed for it (X-06)', async () => {
    const store = new MemoryChallengeStore()
    const reserve = jest.spyOn(store, 'reserve').mockRejectedValueOnce(new Error('CLUSTERDOWN'))
    const kit = createApp({ strategy: { store } })
    await kit.agent().post('/send').send({ phone: ADA }).expect(503)
    expect(kit.inbox.messages).toEqual([])
    await kit.agent().post('/send').send({ phone: ADA }).expect(200)
    expect(reserve).toHaveBeenCalledTimes(2)
  })

  it('a store that answers too late logs nobody in, and is not asked again (X-02)', async () => {
    let answer: (value: never) => void = () => undefined
    const verify = jest.fn(() => new Promise<never>((resolve) => { answer = resolve }))
    const kit = service({ store: broken({ verify }), storeTimeout: '20ms' })
    const { challenge, code } = await issued(kit)
    const result = kit.otp.verify({ challenge, code, purpose: 'login' })
    await expect(result).rejects.toMatchObject({ code: 'store_unavailable' })
    answer({ status: 'ok', at: 1 } as never)
    await expect(result).rejects.toMatchObject({ code: 'store_unavailable' })
    expect(verify).toHaveBeenCalledTimes(1)
  })

  it('a store that is full is a 503 for what is new, and what is there goes on (X-11)', async () => {
    const kit = service({ store: new MemoryChallengeStore({ capacity: 1 }), sendLimits: { phone: {}, ip: {}, prefix: {}, country: {} } })
    const { challenge, code } = await issued(kit)
    await expect(kit.otp.issue({ to: BOB, purpose: 'login' })).rejects.toMatchObject({ code: 'store_unavailable' })
    expect(await kit.otp.verify({ challenge, code, purpose: 'login' })).toMatchObject({ status: 'ok' })
  })

  describeWithRedisServer('because Redis went away', () => {
    it('a Redis that went away is a 503 within the deadline, and a login works when it is back (X-01)', async () => {
      const server = await startRedisServer()
      const client = createClient({ url: server.url, disableOfflineQueue: true, socket: { reconnectStrategy: 20 } })
      client.on('error', () => undefined)
      await client.connect()
      try {
        const kit = createApp({ strategy: { store: new RedisChallengeStore({ client }) } })
        await server.stop()
        const browser = kit.agent()
        await browser.post('/send').send({ phone: ADA }).expect(503)
        expect(kit.inbox.messages).toEqual([])
        const ready = new Promise((resolve) => client.once('ready', resolve))
        await server.restart()
        await ready
        await browser.post('/send').send({ phone: ADA }).expect(200)
        await browser.post('/verify').send({ code: codeIn(kit.inbox) }).expect(200)
      } finally {
        client.destroy()
        await server.close()
      }
    })
  })
})
