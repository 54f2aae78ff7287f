import { SmsOtp, type SmsChannel, type SmsOtpOptions } from '../src/index.js'
import { byChannel } from '../src/senders/index.js'
import { inboxSender } from '../src/testing.js'
import { createApp } from './support/app.js'
import { ADA, BOB, minutes, SECRET, service, wrong } from './support/kit.js'
import { describeOnEveryStore } from './support/stores.js'

const channels: readonly SmsChannel[] = ['whatsapp', 'sms', 'voice']
const lifted = { phone: {}, ip: {}, prefix: {}, country: {} }
const known = { subject: 'user-7', known: true }
/** However it is written or said. */
const codeOf = (body: string) => /\b\d{6}\b|\d(?:, \d){5}/.exec(body)![0].replaceAll(', ', '')

const kitWith = (options: Partial<SmsOtpOptions> = {}) => service({ channels, ...options })
type Kit = ReturnType<typeof kitWith>
const begin = async ({ otp }: Kit, request: object = {}) => {
  const sent = await otp.issue({ to: ADA, purpose: 'login', ...known, ...request })
  if (sent.status !== 'sent') throw new Error(JSON.stringify(sent))
  return sent
}

describe('The channel of a code', () => {
  it('the channel of a code is the first one that the app names, and is said in result and event (H-01)', async () => {
    const kit = kitWith()
    const events: unknown[] = []
    kit.otp.on('sent', ({ channel }) => events.push(channel))
    expect(await begin(kit)).toMatchObject({ channel: 'whatsapp' })
    expect(kit.inbox.messages).toMatchObject([{ to: ADA, channel: 'whatsapp' }])
    expect(events).toEqual(['whatsapp'])
  })

  it('the channel of a code is a text where the app names none, and nothing is said of it (H-01)', async () => {
    const kit = service()
    expect(await begin(kit)).not.toHaveProperty('channel')
    expect(kit.inbox.messages[0]).not.toHaveProperty('channel')
  })

  it('the channel of a code is the one that is asked for, and of a resend the one before (H-01)', async () => {
    const kit = kitWith()
    const { challenge } = await begin(kit, { channel: 'voice' })
    kit.time.pass(minutes(1))
    const again = await kit.otp.resend({ challenge })
    expect(again).toMatchObject({ status: 'sent', channel: 'voice' })
    kit.time.pass(minutes(1))
    expect(await kit.otp.resend({ challenge, channel: 'sms' })).toMatchObject({ status: 'sent', channel: 'sms' })
    expect(kit.inbox.messages.map(({ channel = 'sms' }) => channel)).toEqual(['voice', 'voice', 'sms'])
    expect(new Set(kit.inbox.messages.map(({ body }) => codeOf(body))).size).toBe(1)
  })

  it.each(['rcs', 'pigeon', '', null, 7, ['sms'], 'constructor'])('the channel of a code is refused before anything is asked or sent where it is %j (H-01)', async (channel) => {
    const kit = kitWith()
    const reasons: unknown[] = []
    kit.otp.on('send-denied', ({ reason }) => reasons.push(reason))
    expect(await kit.otp.issue({ to: ADA, purpose: 'login', ...known, channel: channel as SmsChannel })).toEqual({ status: 'refused', reason: 'channel' })
    const { challenge } = await begin(kit)
    kit.time.pass(minutes(1))
    expect(await kit.otp.resend({ challenge, channel: channel as SmsChannel })).toEqual({ status: 'refused', reason: 'channel' })
    expect(reasons).toEqual(['channel', 'channel'])
    expect(kit.inbox.messages).toHaveLength(1)
  })

  it('the channel of a code is told to beforeSend, which may refuse a call where it allows a text (H-03)', async () => {
    const kit = kitWith({ beforeSend: ({ channel, country }) => (channel === 'voice' && country === 'GB' ? { refuse: 'no calls' } : undefined) })
    expect(await kit.otp.issue({ to: ADA, purpose: 'login', ...known, channel: 'voice' })).toMatchObject({ status: 'refused', reason: 'hook' })
    expect(await begin(kit)).toMatchObject({ status: 'sent' })
  })
})

describe('Construction throws, and says what to write,', () => {
  const sender = { name: 'texts', send: async () => ({}) }
  const make = (options: object) => () => new SmsOtp({ sender: inboxSender(), secret: SECRET, ...options })

  it.each<[string, object, RegExp]>([
    ['a channel that the sender cannot do', { sender, countries: ['GB'], channels: ['sms', 'voice'] }, /'texts' cannot do voice: its channels are sms\. .*byChannel/],
    ['no channel, and a sender that cannot text', { sender: { ...sender, channels: ['whatsapp'] }, countries: ['GB'] }, /cannot do sms.*channels: \['whatsapp'\]/],
    ['a channel that there is not', { channels: ['sms', 'fax'] }, /There are sms, whatsapp, voice, rcs/],
    ['a channel twice', { channels: ['sms', 'sms'] }, /different channels/],
    ['an empty list', { channels: [] }, /list of different channels/],
    ['a text in place of a list', { channels: 'voice' }, /list of different channels/],
    ['limits of a channel that there is not', { channelLimits: { fax: {} } }, /channelLimits\.fax/],
    ['limits of a scope that there is not', { channelLimits: { voice: { planet: {} } } }, /channelLimits\.voice\.planet/],
    ['limits that are none', { channelLimits: { voice: { phone: { '1h': 0 } } } }, /at least 1/],
  ])('the service refuses at start-up %s, and says what to write (H-01)', (_, options, message) => {
    expect(make(options)).toThrow(TypeError)
    expect(make(options)).toThrow(message)
  })

  it.each<[object, RegExp]>([
    [{}, /senders by their channels/], [{ fax: sender }, /no channel 'fax'/], [{ sms: {} }, /sms is no sender/], [{ voice: sender }, /'texts' cannot do voice/],
  ])('byChannel refuses at start-up %j, and says what to write (H-01)', (senders, message) => {
    expect(() => byChannel(senders)).toThrow(message)
  })
})

describe('byChannel', () => {
  it('byChannel hands each message to the sender of its channel, names that sender in events, and passes reports on (H-01)', async () => {
    const [texts, calls] = [inboxSender(), { ...inboxSender(), name: 'calls' }]
    const both = byChannel({ sms: texts, voice: calls })
    const kit = service({ sender: both, channels: ['sms', 'voice'] })
    const heard: unknown[] = []
    for (const name of ['sent', 'delivery'] as const) kit.otp.on(name, (event) => heard.push([name, event.channel, Reflect.get(event, 'provider') ?? Reflect.get(event, 'delivery')]))
    await kit.otp.issue({ to: ADA, purpose: 'login', ...known })
    await kit.otp.issue({ to: BOB, purpose: 'login', subject: 'user-8', known: true, channel: 'voice' })
    calls.report(calls.messages[0]!)
    expect(texts.messages).toHaveLength(1)
    expect(heard).toEqual([['sent', 'sms', 'inbox'], ['sent', 'voice', 'calls'], ['delivery', 'voice', 'delivered']])
    expect(both).toMatchObject({ development: true, channels: ['sms', 'voice'] })
  })
})

describe('A call', () => {
  it.each([
    ['en', 'Hello. This is your Acme code for amount: "5.00 EUR":'], ['de-AT', 'Guten Tag. Hier ist Ihr Code von Acme für amount: "5.00 EUR":'],
    ['fr', 'Bonjour. Voici votre code Acme pour amount: "5.00 EUR" :'], ['es', 'Hola. Este es su código de Acme para amount: "5.00 EUR":'], ['it', 'Hello. This is your Acme code for amount: "5.00 EUR":'],
  ])('a call says the code twice in %s, character by character, with what it confirms (H-04)', async (locale, beginning) => {
    const message = jest.fn()
    const kit = kitWith({ appName: 'Acme', origin: 'acme.example', message: () => { message(); return '000000 111111' } })
    message.mockClear()
    await begin(kit, { channel: 'voice', locale, details: { amount: '5.00 EUR' } })
    const lines = kit.inbox.messages[0]!.body.split('\n')
    expect(lines[0]).toBe(beginning)
    expect(lines).toHaveLength(5)
    expect(lines[1]).toMatch(/^\d(, \d){5}$/)
    expect(lines[3]).toBe(lines[1])
    expect(message).not.toHaveBeenCalled()
  })

  it('a call has no last line, which is for texts alone, and template and hook learn the channel (H-04)', async () => {
    const seen: unknown[] = []
    const kit = kitWith({ origin: 'acme.example', delays: [], message: ({ code, channel }) => { seen.push(channel); return `${code} is it` } })
    for (const channel of channels) await begin(kit, { channel, subject: `of ${channel}` })
    expect(kit.inbox.messages.map(({ body }) => body.includes('@acme.example'))).toEqual([false, true, false])
    expect(seen.slice(-2)).toEqual(['whatsapp', 'sms'])
  })
})

describe('The limits of a channel', () => {
  it('the limits of a channel stop calls by default, and leave texts to the same number alone (H-03)', async () => {
    const kit = kitWith({ delays: [], sendLimits: lifted })
    const denied: unknown[] = []
    kit.otp.on('send-denied', ({ reason, channel }) => denied.push([reason, channel]))
    for (let count = 0; count < 3; count += 1) await begin(kit, { channel: 'voice' })
    expect(await kit.otp.issue({ to: ADA, purpose: 'login', ...known, channel: 'voice' })).toMatchObject({ status: 'throttled', scope: 'channel', retryAfter: 3600 })
    expect(denied).toEqual([['channel', 'voice']])
    expect(await begin(kit, { channel: 'sms' })).toMatchObject({ status: 'sent' })
  })

  it('the limits of a channel count strangers by country, address and all, and a text that was refused takes nothing (H-03)', async () => {
    const kit = kitWith({ delays: [], sendLimits: lifted, conversion: false, channelLimits: { voice: { country: { '1h': 1 } } } })
    const call = (to: string) => kit.otp.issue({ to, purpose: 'login', ip: '192.0.2.1', channel: 'voice' })
    expect(await call(ADA)).toMatchObject({ status: 'sent' })
    expect(await call(BOB)).toMatchObject({ status: 'throttled', scope: 'channel' })
    expect(await kit.otp.issue({ to: BOB, purpose: 'login', ip: '192.0.2.1' })).toMatchObject({ status: 'sent' })
    expect(await kit.otp.issue({ to: BOB, purpose: 'transfer', ...known, channel: 'voice' })).toMatchObject({ status: 'sent' })
  })

  it('the limits of a channel are lifted by name, and hold for every channel that has some (H-03)', async () => {
    const kit = kitWith({ delays: [], sendLimits: lifted, channelLimits: { voice: {}, whatsapp: { total: { '1h': 1 } } } })
    for (let count = 0; count < 7; count += 1) await begin(kit, { channel: 'voice' })
    await begin(kit)
    expect(await kit.otp.issue({ to: BOB, purpose: 'login', subject: 'user-8', known: true })).toMatchObject({ status: 'throttled', scope: 'channel' })
  })
})

describeOnEveryStore('One code over all channels', (shelf) => {
  const user = { id: 'user-7', phone: ADA }
  const appWith = (makeOptions: object = {}) => {
    const app = createApp({ user, verify: null, strategy: { channels } })
    const { store } = shelf(app.time.now)
    const strategy = { channels, store, now: app.time.now, sender: app.inbox, ...makeOptions }
    return { ...createApp({ user, verify: null, strategy }), inbox: app.inbox, time: app.time }
  }

  it('one code over all channels has one budget of guesses, and one of resends and delays (H-01)', async () => {
    const { agent, inbox, time } = appWith({ ttl: '10m', delays: ['1m'] })
    const browser = agent()
    await browser.post('/send').send({ channel: 'sms' }).expect(200)
    await browser.post('/send').send({ channel: 'voice' }).expect(429)
    for (const channel of ['voice', 'whatsapp', 'sms']) {
      await browser.post('/verify').send({ code: wrong(codeOf(inbox.messages[0]!.body)) }).expect(401)
      time.pass(minutes(1))
      const { body } = await browser.post('/send').send({ channel }).expect(200)
      expect(body).toMatchObject({ channel })
    }
    await browser.post('/verify').send({ code: wrong(codeOf(inbox.messages[0]!.body)) }).expect(401)
    time.pass(minutes(1))
    expect((await browser.post('/send').send({ channel: 'voice' }).expect(429)).body).toMatchObject({ code: 'send_throttled' })
    expect(inbox.messages).toHaveLength(4)
    const { body } = await browser.post('/verify').send({ code: wrong(codeOf(inbox.messages[3]!.body)) }).expect(401)
    expect(body).toMatchObject({ attemptsLeft: 0 })
    await browser.post('/verify').send({ code: codeOf(inbox.messages[3]!.body) }).expect(429)
  })

  it('the evidence of a code names every channel that it went by, and the methods of RFC 8176 (H-02)', async () => {
    const { strategy, inbox, time } = appWith()
    const issue = await strategy.otp.issue({ to: ADA, purpose: 'login', ...known, channel: 'sms' })
    const first = issue.status === 'sent' ? issue.challenge : ''
    time.pass(minutes(1))
    await strategy.otp.resend({ challenge: first, channel: 'voice' })
    // The first handle knows of one channel alone: the store knows better.
    expect(await strategy.otp.verify({ challenge: first, code: codeOf(inbox.messages[1]!.body), purpose: 'login', subject: 'user-7' })).toMatchObject({ status: 'ok', channels: ['sms', 'voice'] })
  })
})

describe('The strategy', () => {
  const user = { id: 'user-7', phone: ADA }

  it.each<[SmsChannel, string[]]>([['sms', ['sms']], ['voice', ['tel']], ['whatsapp', ['otp']]])('the strategy says of a code by %s that it was %j (H-02)', async (channel, amr) => {
    const { strategy, inbox } = createApp({ user, verify: null, strategy: { channels } })
    const run = (body: object, options: object) => new Promise<{ info: any }>((resolve, reject) => {
      const own = Object.assign(Object.create(strategy), {
        success: (_: unknown, info: unknown) => resolve({ info }), pass: (info: unknown) => resolve({ info }), fail: reject, error: reject,
      })
      own.authenticate({ method: 'POST', body, headers: {}, user, socket: {} }, options)
    })
    const { info: { challenge } } = await run({ channel }, { action: 'send', challenge: null })
    const { info } = await run({ code: codeOf(inbox.messages[0]!.body) }, { challenge })
    expect(info).toEqual({ amr, channels: [channel] })
  })

  it('the strategy fails at a channel that the app does not have, with 400 and a code, and texts nothing (H-01)', async () => {
    const { agent, inbox } = createApp({ user, verify: null, strategy: { channels } })
    for (const channel of ['rcs', 'fax', { sms: 1 }, ['voice']]) {
      const { body } = await agent().post('/send').send({ channel }).expect(400)
      expect(body).toMatchObject({ code: 'channel_invalid' })
    }
    expect(inbox.messages).toEqual([])
  })

  it('the strategy reads no field `channel` where the app names no channels, and takes an empty one for none (H-01)', async () => {
    const plain = createApp({ user, verify: null })
    const { body } = await plain.agent().post('/send').send({ channel: 'newsletter' }).expect(200)
    expect(body).not.toHaveProperty('channel')
    const chosen = createApp({ user, verify: null, strategy: { channels, channelField: 'by' } })
    await chosen.agent().post('/send').send({ by: '', channel: 'fax' }).expect(200)
    expect(chosen.strategy.channels).toEqual(channels)
    expect(plain.strategy.channels).toEqual([])
  })

  it('the strategy answers a stranger alike whichever channel is asked for, texted or not (H-01)', async () => {
    const { agent, inbox } = createApp({ strategy: { channels, mayText: (phone) => phone === ADA } })
    const told = async (phone: string) => {
      const { body, status } = await agent().post('/send').send({ phone, channel: 'voice' })
      return { status, ...body, to: undefined }
    }
    expect(await told(ADA)).toEqual(await told(BOB))
    expect(inbox.messages.map(({ to }) => to)).toEqual([ADA])
  })
})

describe('A sender that is asked for what it cannot do', () => {
  it('a sender that is asked for a channel that it cannot do refuses for good (H-01)', async () => {
    await expect(byChannel({ sms: inboxSender() }).send({ to: ADA, body: 'x', code: '1', channel: 'rcs' }, { signal: new AbortController().signal }))
      .rejects.toMatchObject({ code: 'undeliverable', temporary: false })
  })
})
