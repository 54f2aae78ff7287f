import { MemoryChallengeStore, SmsOtpError, type SmsOtpOptions, type SmsSender } from '../src/index.js'
import { ADA, BOB, codeIn, minutes, service, wrong } from './support/kit.js'

const unlimited = { phone: {}, ip: {}, prefix: {}, country: {} }
const kitWith = (options: Partial<SmsOtpOptions> = {}) => service({ sendLimits: unlimited, ...options })
type Kit = ReturnType<typeof kitWith>

/** Numbers of one prefix, and of another with each `block`. */
const numberOf = (index: number, block = 0) => `+44740${String(block).padStart(3, '0')}${String(1000 + index)}`

/** Strangers ask for texts; the first `answering` of them enter their code. */
async function strangers({ otp, inbox }: Kit, count: number, { answering = 0, block = 0, from = 0, known = false } = {}) {
  const statuses: string[] = []
  for (let index = 0; index < count; index += 1) {
    const to = numberOf(from + index, block)
    const sent = await otp.issue({ to, purpose: 'login', known })
    statuses.push(sent.status)
    if (sent.status === 'sent' && index < answering) {
      await otp.verify({ challenge: sent.challenge, code: codeIn(inbox, to), purpose: 'login' })
    }
  }
  return statuses
}

const sentOf = (statuses: string[]) => statuses.filter((status) => status === 'sent').length

describe('A prefix whose codes do not come back', () => {
  it('a prefix whose codes do not come back gets no more texts for an hour after twenty of them, and one event says so (S-08)', async () => {
    const kit = kitWith()
    const heard: unknown[] = []
    kit.otp.on('send-paused', (event) => heard.push(event))
    expect(sentOf(await strangers(kit, 25, { answering: 3 }))).toBe(20)
    expect(await kit.otp.issue({ to: numberOf(99), purpose: 'login' })).toEqual({ status: 'throttled', scope: 'prefix', retryAfter: 3600 })
    expect(heard).toEqual([
      { scope: 'prefix', country: 'GB', beginning: '+447400', sent: 20, verified: 3, until: new Date(kit.time.now() + minutes(60)) },
    ])
    kit.time.pass(minutes(60))
    expect(await strangers(kit, 1, { from: 200 })).toEqual(['sent'])
  })

  it('a prefix keeps getting texts while one code in five comes back', async () => {
    const kit = kitWith()
    for (const from of [0, 20, 40, 60]) expect(sentOf(await strangers(kit, 20, { answering: 4, from }))).toBe(20)
  })

  it('a prefix whose codes do not come back does not stop the numbers that stand in an account, and is not judged by them', async () => {
    const kit = kitWith()
    await strangers(kit, 25)
    expect(sentOf(await strangers(kit, 5, { from: 100, known: true }))).toBe(5)
    expect(sentOf(await strangers(kitWith(), 30, { known: true }))).toBe(30)
  })

  it('a prefix whose codes do not come back is told apart from other prefixes', async () => {
    const kit = kitWith()
    await strangers(kit, 25)
    expect(await strangers(kit, 1, { block: 1 })).toEqual(['sent'])
  })

  it('a paused prefix leaves what was sent before good, and costs a refused text nothing (S-14)', async () => {
    const kit = kitWith({ sendLimits: { ...unlimited, total: { '1h': 22 } } })
    const first = await kit.otp.issue({ to: ADA, purpose: 'login' })
    await strangers(kit, 40)
    expect(await kit.otp.verify({ challenge: first.status === 'sent' ? first.challenge : '', code: codeIn(kit.inbox), purpose: 'login' })).toMatchObject({ status: 'ok' })
    expect(await strangers(kit, 2, { block: 1 })).toEqual(['sent', 'throttled'])
  })

  const failing = (error: Error): SmsSender => ({ name: 'gateway', development: true, send: async () => { throw error } })
  const refusal = (options: object) => new SmsOtpError('undeliverable', 'No.', options)

  it.each<[string, Error]>([
    ['is down', new Error('ECONNRESET')], ['is busy', refusal({ temporary: true })], ['does not know its customer', refusal({ temporary: false, tryNext: true })],
    ['refuses its numbers', refusal({ temporary: false })], ['suspects fraud', refusal({ temporary: true, tryNext: false })],
  ])('a prefix is not blamed for a gateway that %s', async (_, error) => {
    expect(await strangers(kitWith({ sender: failing(error) }), 40)).not.toContain('throttled')
  })
})

describe('A country whose codes do not come back', () => {
  const burst = async (kit: Kit, answering: boolean, from = 0) => {
    const statuses: string[] = []
    for (let block = from; block < from + 50; block += 1) statuses.push(...await strangers(kit, 1, { block, answering: answering ? 1 : 0 }))
    return sentOf(statuses)
  }

  it('a country whose codes do not come back is paused once people had two minutes to enter them (S-08)', async () => {
    const kit = kitWith()
    const heard: unknown[] = []
    kit.otp.on('send-paused', (event) => heard.push(event))
    expect(await burst(kit, false)).toBe(50)
    kit.time.pass(minutes(4))
    expect(await kit.otp.issue({ to: numberOf(0, 90), purpose: 'login' })).toEqual({ status: 'throttled', scope: 'country', retryAfter: 3600 })
    expect(heard).toEqual([{ scope: 'country', country: 'GB', sent: 50, verified: 0, until: new Date(kit.time.now() + minutes(60)) }])
    expect(await kit.otp.issue({ to: '+4915112345678', purpose: 'login' })).toMatchObject({ status: 'sent' })
  })

  it('a country whose codes come back goes on', async () => {
    const kit = kitWith()
    for (const from of [0, 50, 100]) {
      expect(await burst(kit, true, from)).toBe(50)
      kit.time.pass(minutes(4))
    }
  })
})

describe('A code that came back', () => {
  it('a code that came back is told to the store once, for strangers only, and nobody waits for it', async () => {
    const store = new MemoryChallengeStore()
    const settle = jest.spyOn(store, 'settle').mockReturnValue(new Promise(() => undefined))
    const kit = service({ store })
    for (const known of [true, false]) {
      const to = known ? ADA : BOB
      const sent = await kit.otp.issue({ to, purpose: 'login', known })
      const request = { challenge: sent.status === 'sent' ? sent.challenge : '', purpose: 'login' }
      await kit.otp.verify({ ...request, code: wrong(codeIn(kit.inbox, to)) })
      expect(settle).not.toHaveBeenCalled()
      expect(await kit.otp.verify({ ...request, code: codeIn(kit.inbox, to) })).toMatchObject({ status: 'ok' })
    }
    expect(settle.mock.calls).toEqual([[[expect.any(String), expect.any(String)], 'verified']])
  })

  it('a code that came back is right even where the store cannot be told', async () => {
    const unhandled = jest.fn()
    process.on('unhandledRejection', unhandled)
    const store = new MemoryChallengeStore()
    jest.spyOn(store, 'settle').mockRejectedValue(new Error('down'))
    const kit = service({ store })
    const sent = await kit.otp.issue({ to: ADA, purpose: 'login' })
    expect(await kit.otp.verify({ challenge: sent.status === 'sent' ? sent.challenge : '', code: codeIn(kit.inbox), purpose: 'login' })).toMatchObject({ status: 'ok' })
    await new Promise((resolve) => { setImmediate(resolve) })
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })
})

describe('The option conversion', () => {
  it('the option conversion switches the brake off, and then costs nothing', async () => {
    const store = new MemoryChallengeStore()
    const asked = [jest.spyOn(store, 'reserve'), jest.spyOn(store, 'settle')]
    const kit = kitWith({ conversion: false, store })
    expect(sentOf(await strangers(kit, 40, { answering: 1 }))).toBe(40)
    for (const calls of asked) expect(calls).not.toHaveBeenCalled()
  })

  it('the option conversion sets share, count and pause', async () => {
    const kit = kitWith({ conversion: { below: 0.5, over: 10, pauseFor: '10m' } })
    expect(sentOf(await strangers(kit, 12, { answering: 4 }))).toBe(10)
    expect(await kit.otp.issue({ to: numberOf(99), purpose: 'login' })).toEqual({ status: 'throttled', scope: 'prefix', retryAfter: 600 })
  })

  it.each<[object, RegExp]>([
    [{ below: 20 }, /share such as 0\.2/], [{ below: 0 }, /share/], [{ below: '0.2' }, /share/], [{ over: 4 }, /at least 5/], [{ over: 20.5 }, /whole number/],
    [{ pauseFor: 3600 }, /'30s'/], [{ pauseFor: '0s' }, /conversion: false/], [{ pause: '1h' }, /pauseFor/],
  ])('the option conversion refuses %j in words', (conversion, words) => {
    expect(() => service({ conversion: conversion as SmsOtpOptions['conversion'] })).toThrow(words)
  })
})
