import fc from 'fast-check'
import { once } from 'node:events'
import express from 'express'
import supertest from 'supertest'
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js'
import { smppSender } from 'passport-sms-otp/smpp'
import { SmsOtp, type Sent, type SmsChannel, type SmsDelivery, type SmsMessage, type SmsOtpOptions } from '../src/index.js'
import { byChannel, httpSender, reportWebhook, twilioSender, twilioStatusCallback } from '../src/senders/index.js'
import { inboxSender } from '../src/testing.js'
import { createApp } from './support/app.js'
import { reply, startGateway } from './support/gateway.js'
import { ADA, BOB, clock, minutes, OTHER_SECRET, SECRET, seconds, service, wrong } from './support/kit.js'
import { startSmsc } from './support/smsc.js'
import { describeOnEveryStore, inMemory } from './support/stores.js'

const channels: readonly SmsChannel[] = ['sms', 'whatsapp', 'voice']
const lifted = { phone: {}, ip: {}, prefix: {}, country: {} }
const known = { subject: 'user-7', known: true }
const codeOf = (body: string) => /\b\d{6}\b|\d(?:, \d){5}/.exec(body)![0].replaceAll(', ', '')
/** With one bit of what is sealed turned. */
const forged = ({ reference = '' }: SmsMessage) => `${reference.slice(0, 60)}${reference[60] === 'A' ? 'B' : 'A'}${reference.slice(61)}`
const settled = () => new Promise((resolve) => { setTimeout(resolve, 30) })

/** Until what goes on behind an answer has come to this. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400 && !await holds(); tries += 1) await new Promise((resolve) => { setTimeout(resolve, 5) })
  expect(await holds()).toBe(true)
}

type Options = Partial<SmsOtpOptions>
/** A sender whose every message is at hand, so that reports of it can be made. */
function postbox() {
  const messages: SmsMessage[] = []
  return {
    messages, name: 'postbox', development: true, channels: ['sms', 'whatsapp', 'voice', 'rcs'] as const,
    async send(message: SmsMessage) { messages.push({ ...message, reference: message.reference! }); return {} },
  }
}

function kitWith(options: Options = {}, time = clock()) {
  const box = postbox()
  const otp = new SmsOtp({ sender: box, secret: SECRET, now: time.now, channels, expectDelivery: '20s', ...options } as SmsOtpOptions)
  const report = (index: number, delivery: SmsDelivery, by = otp) => by.reported({ reference: box.messages[index]!.reference!, delivery })
  return { otp, box, time, report }
}
const begin = async (otp: SmsOtp, request: object = {}) => {
  const sent = await otp.issue({ to: ADA, purpose: 'login', ...known, ...request })
  if (sent.status !== 'sent') throw new Error(JSON.stringify(sent))
  return sent
}
const deliveryOf = async (otp: SmsOtp, challenge: string) => {
  const standing = await otp.delivery({ challenge })
  return standing.status === 'sent' ? standing.delivery : standing.status
}

describeOnEveryStore('What is reported of a text', (shelf) => {
  const onShelf = (options: Options = {}) => {
    const time = clock()
    const held = shelf(time.now)
    return { ...kitWith({ store: held.store, ...options }, time), held, time }
  }

  it('the delivery of a text stands with its challenge: waiting, late, failed, delivered (H-05)', async () => {
    const { otp, report, time } = onShelf()
    const sent = await begin(otp)
    expect(sent).toMatchObject({ channel: 'sms', delivery: 'waiting', expectedBy: new Date(time.now() + seconds(20)) })
    expect(await otp.delivery(sent)).toEqual(sent)
    time.pass(seconds(20) - 1)
    expect(await deliveryOf(otp, sent.challenge)).toBe('waiting')
    time.pass(1)
    expect(await deliveryOf(otp, sent.challenge)).toBe('late')
    report(0, 'undelivered')
    await until(async () => await deliveryOf(otp, sent.challenge) === 'failed')
    report(0, 'delivered')
    await until(async () => await deliveryOf(otp, sent.challenge) === 'delivered')
    report(0, 'failed')
    await settled()
    expect(await deliveryOf(otp, sent.challenge)).toBe('delivered')
  })

  it.each<[SmsDelivery[], string]>([
    [['delivered', 'sent', 'queued'], 'delivered'], [['sent', 'delivered'], 'delivered'], [['undelivered', 'delivered'], 'delivered'],
    [['failed', 'failed'], 'failed'], [['read'], 'delivered'], [['canceled', 'sending'], 'failed'], [['partially_delivered', 'accepted'], 'waiting'],
  ])('reports in the order %j come to %s (H-05)', async (reports, delivery) => {
    const { otp, report } = onShelf()
    const { challenge } = await begin(otp)
    for (const one of reports) {
      expect(report(0, one)).toBe(true)
      await settled()
    }
    expect(await deliveryOf(otp, challenge)).toBe(delivery)
  })

  it('a report to another server, after a restart and a rotation of secrets, counts as well (H-05)', async () => {
    const { otp, report, held, time } = onShelf()
    const { challenge } = await begin(otp)
    const other = new SmsOtp({ sender: postbox(), secret: [OTHER_SECRET, SECRET], now: time.now, channels, expectDelivery: '20s', store: held.again() })
    expect(report(0, 'failed', other)).toBe(true)
    await until(async () => await deliveryOf(otp, challenge) === 'failed')
  })

  it('a report that an earlier text failed says nothing of the later one, and a report that it arrived says all (H-05)', async () => {
    const { otp, report, time } = onShelf()
    const { challenge } = await begin(otp)
    time.pass(minutes(1))
    expect(await otp.resend({ challenge, channel: 'voice' })).toMatchObject({ status: 'sent', channel: 'voice', delivery: 'waiting' })
    report(0, 'failed')
    await settled()
    expect(await deliveryOf(otp, challenge)).toBe('waiting')
    report(0, 'delivered')
    await until(async () => await deliveryOf(otp, challenge) === 'delivered')
  })

  it('a report spends no guess, opens nothing, and is over with its challenge (H-05)', async () => {
    const { otp, report, box } = onShelf()
    const { challenge } = await begin(otp)
    const code = codeOf(box.messages[0]!.body)
    report(0, 'delivered')
    await settled()
    expect(await otp.verify({ challenge, code: wrong(code), purpose: 'login', subject: 'user-7' })).toEqual({ status: 'wrong', attemptsLeft: 4 })
    expect(await otp.verify({ challenge, code, purpose: 'login', subject: 'user-7' })).toMatchObject({ status: 'ok' })
    report(0, 'failed')
    await settled()
    expect(await otp.delivery({ challenge })).toEqual({ status: 'used' })
    expect(await otp.verify({ challenge, code, purpose: 'login', subject: 'user-7' })).toEqual({ status: 'used' })
  })

  it('a report that an attacker made up, or that is about another person\'s text, changes nothing of this one (H-05)', async () => {
    const { otp, report, box } = onShelf()
    const { challenge } = await begin(otp)
    await begin(otp, { to: BOB, subject: 'user-8' })
    const [mine] = box.messages
    for (const reference of [forged(mine!), mine!.reference!.slice(1), challenge, 'x', '']) {
      expect(otp.reported({ reference, delivery: 'failed' })).toBe(false)
    }
    report(1, 'failed')
    await settled()
    expect(await deliveryOf(otp, challenge)).toBe('waiting')
  })

  it('a report of a failed text moves the code on to the next channel, by itself, with the same code and what it confirms (H-06)', async () => {
    const { otp, report, box, time } = onShelf({ channelFailover: true })
    const events: unknown[] = []
    otp.on('resent', ({ channel }) => events.push(channel))
    const details = { amount: '5.00 EUR' }
    const { challenge } = await begin(otp, { details, locale: 'de' })
    report(0, 'failed')
    await until(() => box.messages.length === 2)
    report(1, 'undelivered')
    await until(() => box.messages.length === 3)
    report(2, 'failed')
    await settled()
    expect(box.messages.map(({ channel }) => channel)).toEqual(channels)
    expect(new Set(box.messages.map(({ body }) => codeOf(body))).size).toBe(1)
    expect(box.messages.every(({ body, confirms }) => body.includes(confirms!) && confirms === 'amount: "5.00 EUR"')).toBe(true)
    expect(box.messages[2]!.body).toContain('Noch einmal')
    expect(events).toEqual(['whatsapp', 'voice'])
    expect(await otp.delivery({ challenge })).toMatchObject({ channel: 'voice', delivery: 'failed', resendAt: new Date(time.now() + minutes(2)) })
    expect(await otp.verify({ challenge, code: codeOf(box.messages[0]!.body), purpose: 'login', subject: 'user-7', details }))
      .toMatchObject({ status: 'ok', channels })
  })

  it('of many reports at once on two servers, one moves the code on (H-06)', async () => {
    const { otp, report, box, held, time } = onShelf({ channelFailover: true })
    const other = new SmsOtp({ sender: box, secret: SECRET, now: time.now, channels, expectDelivery: '20s', channelFailover: true, store: held.again() })
    await begin(otp)
    for (let count = 0; count < 20; count += 1) report(0, count % 2 === 0 ? 'failed' : 'undelivered', count % 3 === 0 ? other : otp)
    await until(() => box.messages.length === 2)
    await settled()
    expect(box.messages).toHaveLength(2)
  })

  it('a late text is followed by the next channel once, no matter who waits, and not before it is late (H-06)', async () => {
    const { otp, box, time } = onShelf({ channelFailover: true })
    const sent = await begin(otp)
    expect(await otp.nextChannel(sent)).toEqual({ ...sent, next: 'whatsapp' })
    time.pass(seconds(20))
    const results = await Promise.all(Array.from({ length: 10 }, () => otp.nextChannel(sent)))
    expect(results.every((result) => result.status === 'sent' && result.channel === 'whatsapp')).toBe(true)
    expect(box.messages.map(({ channel }) => channel)).toEqual(['sms', 'whatsapp'])
  })

  it('a code that moves on never goes beyond the texts of a challenge, of a number or of a channel (H-06)', async () => {
    const { otp, report, box } = onShelf({ channelFailover: true, maxResends: 1, sendLimits: lifted })
    const { challenge } = await begin(otp)
    report(0, 'failed')
    await until(() => box.messages.length === 2)
    report(1, 'failed')
    await settled()
    expect(await otp.nextChannel({ challenge })).toMatchObject({ status: 'throttled', scope: 'resends' })
    const limited = onShelf({ channelFailover: true, sendLimits: { ...lifted, phone: { '1h': 1 } } })
    await begin(limited.otp)
    limited.report(0, 'failed')
    await settled()
    expect([box.messages.length, limited.box.messages.length]).toEqual([2, 1])
  })

  it('a code that moves on passes over a channel whose limit is spent or whose sender refuses, and asks the checks again (H-06)', async () => {
    const box = postbox()
    const sender = { ...box, send: async (message: SmsMessage) => {
      if (message.channel === 'whatsapp') throw Object.assign(new Error('no account'), { code: 'undeliverable', temporary: false })
      return box.send(message)
    } }
    const asked: unknown[] = []
    const beforeSend = ({ channel }: { channel: SmsChannel }) => { asked.push(channel); return channel === 'rcs' ? { refuse: 'no' } : undefined }
    const { otp } = onShelf({ channelFailover: true, sender, channels: ['sms', 'whatsapp', 'rcs', 'voice'], beforeSend })
    await begin(otp)
    otp.reported({ reference: box.messages[0]!.reference!, delivery: 'failed' })
    await until(() => box.messages.length === 2)
    expect(box.messages[1]).toMatchObject({ channel: 'voice' })
    expect(asked).toEqual(['sms', 'whatsapp', 'rcs', 'voice'])
  })

  it('a report moves no code on where it is not asked to, where the code was entered, or where a new one took its place (H-06)', async () => {
    const plain = onShelf()
    await begin(plain.otp)
    plain.report(0, 'failed')
    await settled()
    expect(plain.box.messages).toHaveLength(1)
    const { otp, report, box } = onShelf({ channelFailover: true, delays: [] })
    const { challenge } = await begin(otp)
    await otp.verify({ challenge, code: codeOf(box.messages[0]!.body), purpose: 'login', subject: 'user-7' })
    report(0, 'failed')
    await settled()
    expect(box.messages).toHaveLength(1)
  })
})

describe('Construction throws, and says what to write,', () => {
  const provider = { name: 'p', development: true, channels: ['sms', 'voice'], start: async () => ({ id: 'x' }), check: async () => 'right' }
  const ownCodes = { sender: undefined, provider }

  it.each<[object, RegExp]>([
    [{ ...ownCodes, channels: ['sms', 'voice'], expectDelivery: '20s', channelFailover: true }, /texts of ours/],
    [{ channelFailover: true }, /give expectDelivery/], [{ channelFailover: true, expectDelivery: '20s', channels: ['sms'] }, /name two/], [{ channelFailover: 'yes' }, /true or false/],
    [{ expectDelivery: 20 }, /expectDelivery/], [{ expectDelivery: '11m' }, /expectDelivery/], [{ expectDelivery: '0s' }, /expectDelivery/],
  ])('the service refuses at start-up %j, and says what to write (H-06)', (options, message) => {
    expect(() => new SmsOtp({ sender: inboxSender(), secret: SECRET, ...options })).toThrow(message)
  })
})

describe('Where the app does not ask for it', () => {
  it('a report is an event and no more where the app does not ask for deliveries, and a challenge says nothing (H-05)', async () => {
    const box = postbox()
    const { store } = inMemory(Date.now)
    const asked = jest.spyOn(store, 'report')
    const otp = new SmsOtp({ sender: box, secret: SECRET, store })
    const sent = await begin(otp)
    expect(sent).not.toHaveProperty('delivery')
    expect(otp.reported({ reference: box.messages[0]!.reference!, delivery: 'failed' })).toBe(true)
    await settled()
    expect(await otp.delivery(sent)).toEqual({ status: 'unknown' })
    expect(await otp.nextChannel(sent)).toEqual({ status: 'unknown' })
    expect(asked).not.toHaveBeenCalled()
  })

  it('a report costs one call of the store where it does, and none where a text is on its way (H-05)', async () => {
    const { store } = inMemory(Date.now)
    const asked = jest.spyOn(store, 'report')
    const { otp, report } = kitWith({ store, now: undefined })
    await begin(otp)
    for (const delivery of ['queued', 'sending', 'sent', 'accepted'] as const) report(0, delivery)
    expect(asked).not.toHaveBeenCalled()
    report(0, 'delivered')
    await settled()
    expect(asked).toHaveBeenCalledTimes(1)
  })
})

describe('A stranger', () => {
  it('a stranger is told nothing of whether a text arrived, and no report moves their code on (H-07)', async () => {
    const box = postbox()
    const { agent, strategy, time } = createApp({ strategy: { sender: box, channels, expectDelivery: '20s', channelFailover: true, mayText: (phone) => phone === ADA } })
    const told = async (phone: string) => {
      const browser = agent()
      const { body } = await browser.post('/send').send({ phone }).expect(200)
      await settled()
      time.pass(seconds(25))
      return { first: { ...body, to: '' }, next: (await browser.post('/send').send({ channel: 'next' })).body, again: (await browser.post('/resend').send({ channel: 'next' })).body }
    }
    const [ada, bob] = [await told(ADA), await told(BOB)]
    strategy.otp.reported({ reference: box.messages[0]!.reference!, delivery: 'failed' })
    await settled()
    expect(ada.first).not.toHaveProperty('delivery')
    expect(ada.next).toEqual(bob.next)
    expect(ada.again).toEqual(bob.again)
    expect(ada.next).toMatchObject({ code: 'challenge_unknown' })
    expect(box.messages).toHaveLength(1)
  })

  it('a user who gives a number that is not of their account is told nothing of its texts, and no report moves the code on (H-07)', async () => {
    const box = postbox()
    const strategyOptions = { sender: box, channels, expectDelivery: '20s', channelFailover: true, capture: { save: async () => undefined } }
    const { agent, strategy } = createApp({ user: { id: 'mallory' }, verify: null, strategy: strategyOptions })
    const browser = agent()
    const { body } = await browser.post('/send').send({ phone: BOB }).expect(200)
    expect(body).not.toHaveProperty('delivery')
    strategy.otp.reported({ reference: box.messages[0]!.reference!, delivery: 'failed' })
    await settled()
    expect((await browser.post('/send').send({ channel: 'next' })).body).toMatchObject({ code: 'challenge_unknown' })
    expect(box.messages).toHaveLength(1)
  })

  it('a service tells of no text, and moves none on, whose number is not said to be an account\'s own (H-07)', async () => {
    const { otp, box, report } = kitWith({ channelFailover: true, sendLimits: { ...lifted, ip: { '1h': 1 } } })
    const sent = await otp.issue({ to: ADA, purpose: 'login', ip: '192.0.2.1' })
    expect(sent).not.toHaveProperty('delivery')
    report(0, 'failed')
    await settled()
    expect(box.messages).toHaveLength(1)
  })

  it('an event of a report has no number and no sentence of the provider (R-15)', async () => {
    const { otp, box } = kitWith()
    await begin(otp)
    const events: unknown[] = []
    otp.on('delivery', (event) => events.push(event))
    const { reference } = box.messages[0]!
    otp.reported({ reference: reference!, delivery: 'failed', id: `${ADA}-1`, providerCode: `No route to ${ADA}` } as never)
    otp.reported({ reference: reference!, delivery: 'failed', id: 'SM12', providerCode: '30003' } as never)
    expect(JSON.stringify(events)).not.toContain(ADA.slice(1))
    expect(events).toMatchObject([{ delivery: 'failed' }, { messageId: 'SM12', providerCode: '30003' }])
  })
})

describe('The strategy', () => {
  const user = { id: 'user-7', phone: ADA }
  const appWith = (options: object = {}) => {
    const box = postbox()
    return { box, ...createApp({ user, verify: null, strategy: { sender: box, channels, expectDelivery: '20s', channelFailover: true, ...options } }) }
  }

  it('the strategy goes on with the next channel by the field `next`, only once the last text failed or is late (H-06)', async () => {
    const { agent, box, time } = appWith()
    const browser = agent()
    const { body } = await browser.post('/send').send({}).expect(200)
    expect(body).toMatchObject({ channel: 'sms', delivery: 'waiting', expectedBy: new Date(time.now() + seconds(20)).toJSON() })
    expect((await browser.post('/send').send({ channel: 'next' }).expect(200)).body).toEqual({ ...body, next: 'whatsapp' })
    expect(box.messages).toHaveLength(1)
    time.pass(seconds(20))
    expect((await browser.post('/send').send({ channel: 'next' }).expect(200)).body).toMatchObject({ channel: 'whatsapp', delivery: 'waiting', attemptsLeft: 5 })
    time.pass(seconds(20))
    expect((await browser.post('/resend').send({ channel: 'next' }).expect(200)).body).toMatchObject({ channel: 'voice' })
    time.pass(seconds(20))
    expect((await browser.post('/send').send({ channel: 'next' }).expect(200)).body).toMatchObject({ channel: 'voice', delivery: 'late' })
    expect(box.messages).toHaveLength(3)
  })

  it('the strategy says how a text stands by its handle, for pages (H-05)', async () => {
    const { strategy, box } = appWith()
    const { challenge } = await begin(strategy.otp)
    expect(await strategy.delivery(challenge)).toMatchObject({ channel: 'sms', delivery: 'waiting', expectedBy: expect.stringMatching(/Z$/) })
    strategy.otp.reported({ reference: box.messages[0]!.reference!, delivery: 'delivered' })
    await until(async () => (await strategy.delivery(challenge))?.delivery === 'delivered')
    expect(await strategy.delivery('nonsense')).toBeUndefined()
  })
})

describe('Reports of providers', () => {
  const TOKEN = 'token-of-the-account-0123456789ab'
  const url = 'https://acme.example/sms/status'
  const ends: (() => Promise<unknown>)[] = []
  afterEach(async () => { for (const end of ends.splice(0).reverse()) await end() })

  it('reports of Twilio move a text on to a call, and are read once signed (H-05, H-06)', async () => {
    const gateway = await startGateway()
    ends.push(gateway.close)
    gateway.answer((response, request) => reply(201, { sid: request.path.endsWith('Calls.json') ? `CA${'ab'.repeat(16)}` : `SM${'ab'.repeat(16)}`, status: 'queued' })(response, request))
    const sender = twilioSender({ accountSid: 'AC1', authToken: TOKEN, baseUrl: gateway.url, from: '+15005550006', voice: { from: '+15005550006' }, statusCallback: url })
    const { otp } = service({ sender, countries: ['GB'], channels: ['sms', 'voice'], expectDelivery: '20s', channelFailover: true })
    const { challenge } = await begin(otp, { details: { payee: 'Bob '.repeat(8).trim(), reason: 'Rent '.repeat(7).trim() } })
    const read = twilioStatusCallback({ authToken: TOKEN, url })
    const post = async (address: string, fields: Record<string, string>, token = TOKEN) => {
      const told = read({ url: new URL(address).pathname + new URL(address).search, body: fields, headers: { 'x-twilio-signature': getExpectedTwilioSignature(token, address, fields) } })
      if (told.status === 'reported') otp.reported(told)
      return told.status
    }
    const callback = () => new URLSearchParams(gateway.last.body).get('StatusCallback')!
    const failure = { MessageSid: `SM${'ab'.repeat(16)}`, MessageStatus: 'undelivered', ErrorCode: '30003' }
    expect(await post(callback(), failure, 'another-token')).toBe('refused')
    await settled()
    expect(gateway.requests).toHaveLength(1)
    expect(await post(callback(), failure)).toBe('reported')
    await until(() => gateway.requests.length === 2)
    expect(gateway.last.path).toMatch(/Calls\.json$/)
    expect(await post(callback(), { CallSid: `CA${'ab'.repeat(16)}`, CallStatus: 'completed' })).toBe('reported')
    await until(async () => await deliveryOf(otp, challenge) === 'delivered')
    expect(gateway.requests).toHaveLength(2)
  })

  it('reports of an SMSC move a text on, also where they are earlier than its answer (H-05, H-06)', async () => {
    const receipt = (id: string, stat: string) =>
      ({ esm_class: 4, source_addr: ADA.slice(1), destination_addr: 'Acme', short_message: `id:${id} sub:001 dlvrd:000 submit date:2601010000 done date:2601010001 stat:${stat} err:021 text:` })
    const smsc = await startSmsc({ submit: (_index, _text, session) => { session.deliver_sm(receipt('sms-1', 'UNDELIV')); return 0 } })
    ends.push(smsc.stop)
    const smpp = smppSender({ url: smsc.url, systemId: 'acme', password: 'pw', source: 'Acme', receipts: true })
    ends.push(smpp.close)
    const calls = inboxSender()
    const { otp } = service({ sender: byChannel({ sms: smpp, voice: calls }), countries: ['GB'], channels: ['sms', 'voice'], expectDelivery: '20s', channelFailover: true })
    const { challenge } = await begin(otp)
    await until(() => calls.messages.length === 1)
    const session = smsc.session()
    const answered = once(session, 'pdu')
    session.deliver_sm(receipt('sms-1', 'DELIVRD'))
    await answered
    await until(async () => await deliveryOf(otp, challenge) === 'delivered')
    expect(calls.messages[0]).toMatchObject({ channel: 'voice' })
  })

  it('reports of any gateway are read by a webhook, under a router (H-05)', async () => {
    const gateway = await startGateway()
    ends.push(gateway.close)
    const sender = httpSender({ url: `${gateway.url}/send`, contentType: 'application/json', payload: '{"to": "$ctx.num", "text": "$ctx.msg", "ref": "$ctx.ref"}' })
    const { otp } = service({ sender, countries: ['GB'], expectDelivery: '20s' })
    const { challenge } = await begin(otp)
    const { ref } = JSON.parse(gateway.last.body) as { ref: string }
    const read = reportWebhook({ secret: 'a-secret-of-the-gateway', read: (body) => ({ reference: String(body.ref), delivery: body.state === 'DLV' ? 'delivered' : 'failed' }) })
    const app = express().post('/reports', express.json(), (req, res) => {
      const told = read(req)
      if (told.status === 'reported') otp.reported(told)
      res.sendStatus(told.status === 'refused' ? 403 : 204)
    })
    await supertest(app).post('/reports').send({ ref, state: 'DLV' }).expect(403)
    await supertest(app).post('/reports').set('authorization', 'Bearer a-secret-of-the-gatewax').send({ ref, state: 'DLV' }).expect(403)
    expect(await deliveryOf(otp, challenge)).toBe('waiting')
    await supertest(app).post('/reports').set('authorization', 'Bearer a-secret-of-the-gateway').send({ ref, state: 'DLV' }).expect(204)
    await until(async () => await deliveryOf(otp, challenge) === 'delivered')
  })
})

describe('A schedule of lost, late, doubled and made-up reports on three channels', () => {
  type Step =
    | { readonly do: 'report', readonly text: number, readonly delivery: SmsDelivery, readonly forged: boolean }
    | { readonly do: 'wait', readonly seconds: number }
    | { readonly do: 'resend', readonly channel: SmsChannel | undefined }
    | { readonly do: 'next' }
    | { readonly do: 'guess' }

  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('report' as const), text: fc.nat(4), delivery: fc.constantFrom<SmsDelivery[]>('sent', 'failed', 'undelivered', 'delivered'), forged: fc.nat(5).map((chance) => chance === 0) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.constantFrom(1, 19, 20, 30, 60) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('resend' as const), channel: fc.constantFrom(...channels, undefined) }) },
    { weight: 3, arbitrary: fc.constant({ do: 'next' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'guess' as const }) },
  )

  it('a schedule of lost, late, doubled and made-up reports never brings a second code, a text beyond a budget or an attempt more, and the code that was sent opens (H-05, H-06)', async () => {
    const seen = { moved: 0, most: 0 }
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const { otp, box, report, time } = kitWith({ channelFailover: true, maxResends: 2 })
      const first: Sent = await begin(otp)
      let [resent, guesses, asked] = [0, 0, 0]
      otp.on('resent', () => { resent += 1 })
      for (const one of steps) {
        if (one.do === 'wait') time.pass(seconds(one.seconds))
        else if (one.do === 'resend') asked += (await otp.resend({ challenge: first.challenge, ...one.channel && { channel: one.channel } })).status === 'sent' ? 1 : 0
        else if (one.do === 'next') await otp.nextChannel(first)
        else if (one.do === 'guess') {
          const { status } = await otp.verify({ challenge: first.challenge, code: wrong(codeOf(box.messages[0]!.body)), purpose: 'login', subject: 'user-7' })
          guesses += status === 'wrong' ? 1 : 0
        } else if (one.forged) expect(otp.reported({ reference: forged(box.messages[0]!), delivery: one.delivery })).toBe(false)
        else if (one.text < box.messages.length) report(one.text, one.delivery)
        await new Promise((resolve) => { setImmediate(resolve) })
      }
      await new Promise((resolve) => { setTimeout(resolve, 2) })
      expect(new Set(box.messages.map(({ body }) => codeOf(body))).size).toBe(1)
      expect(box.messages.length).toBeLessThanOrEqual(3)
      const byThemselves = resent - asked
      expect(byThemselves).toBeLessThanOrEqual(2)
      seen.moved += byThemselves
      seen.most = Math.max(seen.most, box.messages.length)
      const standing = await otp.delivery(first)
      if (standing.status === 'sent') expect(standing.attemptsLeft).toBe(5 - guesses)
      const outcome = await otp.verify({ challenge: first.challenge, code: codeOf(box.messages[0]!.body), purpose: 'login', subject: 'user-7' })
      const wentBy = channels.filter((channel) => box.messages.some((message) => message.channel === channel))
      if (time.now() < first.expiresAt.getTime() && guesses < 5) expect(outcome).toMatchObject({ status: 'ok', channels: wentBy })
    }), { numRuns: 300 })
    expect(seen.most).toBe(3)
    expect(seen.moved).toBeGreaterThan(50)
  })
})
