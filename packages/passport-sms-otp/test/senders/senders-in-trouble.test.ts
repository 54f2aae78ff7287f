import { smppSender } from 'passport-sms-otp/smpp'
import twilio from 'twilio'
import { failover, httpSender, twilioSender } from '../../src/senders/index.js'
import { inboxSender } from '../../src/testing.js'
import { MemoryChallengeStore, SmsOtp, type SmsSender, type UndeliverableEvent } from '../../src/index.js'
import { createApp } from '../support/app.js'
import { deadUrl, hangUp, reply, silence, startGateway, type Answer } from '../support/gateway.js'
import { ADA, SECRET, service } from '../support/kit.js'
import { startSmsc } from '../support/smsc.js'

const SID = `AC${'0123456789abcdef'.repeat(2)}`
const TOKEN = 'token-of-the-account-0123456789ab'
const FROM = '+15005550006'

/** What a provider may do to a text, and what then is known about it. */
const troubles = {
  'is silent until the time is over': 'unknown',
  'answers after the time is over': 'unknown',
  'breaks off': 'unknown',
  'refuses the connection': 'undeliverable',
  'fails on its side': 'unknown',
  'answers nonsense': 'unknown',
  'refuses the text': 'undeliverable',
  'takes it, with an error inside': 'undeliverable',
} as const
type Trouble = keyof typeof troubles

/** A sender, and the provider behind it. */
interface Rig {
  readonly sender: SmsSender
  /** How many texts reached the provider. */
  texts(): number
  /** Lets it answer what it held back. */
  answerLate(): void
  /** From now on it works. */
  heal(): void
  close(): Promise<unknown>
}

type Make = (trouble: Trouble) => Promise<Rig>

async function overHttp(trouble: Trouble, good: Answer, inside: Answer, make: (url: string) => SmsSender): Promise<Rig> {
  const gateway = await startGateway()
  const held: (() => void)[] = []
  const answers: Partial<Record<Trouble, Answer>> = {
    'is silent until the time is over': silence,
    'answers after the time is over': (response, request) => { held.push(() => { good(response, request) }) },
    'breaks off': hangUp,
    'fails on its side': reply(503),
    'answers nonsense': reply(201, '<html>'),
    'refuses the text': reply(400, { code: 21614, message: 'not a mobile number', status: 400 }),
    'takes it, with an error inside': inside,
  }
  gateway.answer(answers[trouble] ?? good)
  let url = trouble === 'refuses the connection' ? await deadUrl() : gateway.url
  let sender = make(url)
  return {
    sender: { name: sender.name, send: (message, options) => sender.send(message, options) },
    texts: () => gateway.requests.length,
    answerLate: () => { for (const answer of held.splice(0)) answer() },
    heal: () => {
      gateway.answer(good)
      url = gateway.url
      sender = make(url)
    },
    close: gateway.close,
  }
}

const SM = `SM${'ab'.repeat(16)}`
const queued = reply(201, { sid: SM, status: 'queued', error_code: null })
const failed = reply(201, { sid: SM, status: 'failed', error_code: 21614 })

const byTwilio = (make: (url: string) => SmsSender): Make => (trouble) => overHttp(trouble, queued, failed, make)

const bySdk = byTwilio((url) => {
  const client = twilio(SID, TOKEN)
  client.api.baseUrl = url
  return twilioSender({ client, from: FROM })
})
const byCredentials = byTwilio((baseUrl) => twilioSender({ accountSid: SID, authToken: TOKEN, baseUrl, from: FROM }))

const byHttp: Make = (trouble) => overHttp(trouble, reply(200, { ok: true }), reply(200, { ok: false }), (url) => httpSender({
  url, payload: 'to=$ctx.num&text=$ctx.msg', expectBody: (body) => (JSON.parse(body) as { ok: boolean }).ok,
}))

const overSmpp: Make = async (trouble) => {
  let healed = false
  const held: (() => void)[] = []
  const statuses: Partial<Record<Trouble, number>> = { 'fails on its side': 0x08, 'refuses the text': 0x0b, 'takes it, with an error inside': 0x45 }
  const smsc = await startSmsc({
    submit: (_, __, session) => {
      if (healed) return 0
      if (trouble === 'breaks off') session.socket.destroy()
      if (trouble === 'answers nonsense') session.socket.write(Buffer.from([0, 0, 0, 4, 1, 2, 3, 4]))
      if (trouble === 'answers after the time is over') return new Promise((resolve) => { held.push(() => { resolve(0) }) })
      return statuses[trouble]
    },
  })
  const make = (url: string, timeout: `${number}s` = '1s') => smppSender({ url, systemId: 'acme', password: 'fg8-Wq2x', source: 'Acme', timeout })
  const senders = [make(trouble === 'refuses the connection' ? (await deadUrl()).replace('http:', 'smpp:') : smsc.url)]
  return {
    sender: { name: 'smpp', send: (message, options) => senders.at(-1)!.send(message, options) },
    texts: () => smsc.texts.length,
    answerLate: () => { for (const answer of held.splice(0)) answer() },
    heal: () => {
      healed = true
      senders.push(make(smsc.url, '20s'))
    },
    close: async () => {
      await Promise.all(senders.map((sender) => sender.close()))
      await smsc.stop()
    },
  }
}

const rigs: Record<string, Make> = { 'twilioSender with the official SDK': bySdk, 'twilioSender without it': byCredentials, httpSender: byHttp, smppSender: overSmpp }

const reached = (trouble: Trouble) => (trouble === 'refuses the connection' ? 0 : 1)

const open: { close(): Promise<unknown> }[] = []
afterEach(async () => { for (const rig of open.splice(0)) await rig.close() })

const patient = { delays: [], sendLimits: { phone: {}, ip: {}, prefix: {}, country: {} }, countries: ['GB'] }

/**
 * The provider must have the text before the time is over, also on a slow machine. Only where the answer is missing the
 * test waits for its end.
 */
const timeFor = (trouble: Trouble) => (troubles[trouble] === 'unknown' ? '700ms' : '20s')

const settled = () => new Promise((resolve) => { setImmediate(() => setImmediate(resolve)) })

/** A sender of which the codes are known. */
async function rigged(make: Make, trouble: Trouble) {
  const rig = await make(trouble)
  open.push(rig)
  const codes: string[] = []
  const sender: SmsSender = { name: rig.sender.name, send: (message, options) => { codes.push(message.code); return rig.sender.send(message, options) } }
  return { rig, codes, sender }
}

/** About the person, and not about this moment or this way: another provider would only bypass it. */
const isForGood = (name: string, trouble: Trouble) =>
  trouble === 'refuses the text' || (trouble === 'takes it, with an error inside' && name !== 'smppSender')

describe.each(Object.entries(rigs))('%s, when the provider', (name, make) => {
  it.each(Object.keys(troubles) as Trouble[])('a provider that %s sends one text at most, and what is told is what is known (R-31, S-20)', async (trouble) => {
    const outcome = troubles[trouble]
    const { rig, codes, sender } = await rigged(make, trouble)
    const store = new MemoryChallengeStore()
    const { otp, time } = service({ ...patient, sender, store, senderTimeout: timeFor(trouble) })
    const events: [string, UndeliverableEvent | object][] = []
    for (const event of ['sent', 'resent', 'undeliverable'] as const) otp.on(event, (about) => events.push([event, about]))
    const result = await otp.issue({ to: ADA, purpose: 'login' })
    rig.answerLate()
    await settled()
    const status = outcome === 'unknown' ? 'sent' : 'undeliverable'
    expect([result.status, rig.texts(), codes.length]).toEqual([status, reached(trouble), 1])
    expect(events).toEqual([['undeliverable', expect.objectContaining(outcome === 'unknown' ? { temporary: true } : { provider: sender.name })]])
    expect(JSON.stringify([result, events])).not.toMatch(new RegExp(`${codes[0]}|7400123456`))
    if (result.status !== 'sent') return
    rig.heal()
    const healed = new SmsOtp({ ...patient, sender, store, secret: SECRET, now: time.now })
    expect(await healed.resend({ challenge: result.challenge })).toMatchObject({ status: 'sent' })
    expect([codes[1], rig.texts()]).toEqual([codes[0], reached(trouble) + 1])
    expect(await otp.verify({ challenge: result.challenge, code: codes[0]!, purpose: 'login' })).toMatchObject({ status: 'ok' })
  })

  it.each(Object.keys(troubles) as Trouble[])('a provider that %s gives a known user 502 or a code that works, and a stranger always the same (R-31, X-07)', async (trouble) => {
    const outcome = troubles[trouble]
    const { rig, codes, sender } = await rigged(make, trouble)
    const known = createApp({ strategy: { ...patient, sender, senderTimeout: timeFor(trouble) }, user: { id: 'user-7', phone: ADA }, verify: null })
    const browser = known.agent()
    const answer = await browser.post('/send')
    expect([answer.status, answer.body.code]).toEqual(outcome === 'unknown' ? [200, undefined] : [502, 'undeliverable'])
    expect(rig.texts()).toBe(reached(trouble))
    expect((await browser.post('/verify').send({ code: codes[0] })).status).toBe(outcome === 'unknown' ? 200 : 401)

    const { otp } = service({ ...patient, sender, senderTimeout: timeFor(trouble) })
    const told = new Promise((resolve) => { otp.on('undeliverable', resolve) })
    const unknown = createApp({ strategy: { otp } })
    const { body } = await unknown.agent().post('/send').send({ phone: ADA }).expect(200)
    expect(Object.keys(body).sort()).toEqual(['attemptsLeft', 'expiresAt', 'resendAt', 'to'])
    await told
    rig.answerLate()
    await settled()
    expect([rig.texts(), codes.length]).toEqual([2 * reached(trouble), 2])
  })

  it.each(Object.keys(troubles) as Trouble[])('failover hands the same text on from a provider that %s, unless it was refused for good (R-31)', async (trouble) => {
    const { rig, codes, sender } = await rigged(make, trouble)
    const backup = inboxSender()
    const { otp } = service({ ...patient, senderTimeout: '30s', sender: failover([sender, backup], { timeout: timeFor(trouble) }) })
    const result = await otp.issue({ to: ADA, purpose: 'login' })
    rig.answerLate()
    await settled()
    const final = isForGood(name, trouble)
    expect([result.status, backup.messages.length]).toEqual(final ? ['undeliverable', 0] : ['sent', 1])
    expect([rig.texts(), codes.length]).toEqual([reached(trouble), 1])
    if (result.status !== 'sent') return
    expect(backup.messages[0]!.body).toContain(codes[0])
    expect(await otp.verify({ challenge: result.challenge, code: codes[0]!, purpose: 'login' })).toMatchObject({ status: 'ok' })
  })
})
