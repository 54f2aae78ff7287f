import { once } from 'node:events'
import express from 'express'
import supertest from 'supertest'
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js'
import { smppSender, type SmppSenderOptions } from 'passport-sms-otp/smpp'
import { failover, twilioSender, twilioStatusCallback } from '../../src/senders/index.js'
import { createReceipts } from '../../src/senders/smpp/receipts.js'
import { reply, startGateway, type Gateway } from '../support/gateway.js'
import { ADA, OTHER_SECRET, service } from '../support/kit.js'
import { startSmsc, type Smsc, type SmscOptions } from '../support/smsc.js'

const TOKEN = 'token-of-the-account-0123456789ab'
const SM = `SM${'ab'.repeat(16)}`
const url = 'https://acme.example/sms/status'
const about = { phone: '+44 •••• •••456', subject: expect.stringMatching(/^[\w-]{22}$/), purpose: 'login' }

const heard = (otp: ReturnType<typeof service>['otp']) => {
  const events: unknown[] = []
  otp.on('delivery', (event) => events.push(event))
  return events
}

describe('A report of Twilio', () => {
  let gateway: Gateway
  beforeEach(async () => { gateway = await startGateway() })
  afterEach(() => gateway.close())

  const otpWith = (statusCallback = url) => service({
    sender: twilioSender({ accountSid: 'AC1', authToken: TOKEN, baseUrl: gateway.url, from: '+15005550006', statusCallback }), countries: ['GB'],
  }).otp
  const called = () => new URLSearchParams(gateway.last.body).get('StatusCallback')!
  const report = (address: string, MessageStatus: string, more: Record<string, string> = {}) => {
    const body = { MessageSid: SM, MessageStatus, ...more }
    return { url: address.replace('https://acme.example', ''), body, headers: { 'x-twilio-signature': getExpectedTwilioSignature(TOKEN, address, body) } }
  }

  it('a report of Twilio is assigned to its person, also before the answer to the text, on another server, and by its own address (N-10)', async () => {
    const read = twilioStatusCallback({ authToken: TOKEN, url: `${url}?a=b` })
    const [otp, other] = [otpWith(`${url}?a=b`), otpWith()]
    const events = heard(other)
    gateway.answer((response, request) => {
      const early = read(report(new URLSearchParams(request.body).get('StatusCallback')!, 'sent'))
      expect(early.status === 'reported' && other.reported(early)).toBe(true)
      reply(201, { sid: SM, status: 'queued' })(response, request)
    })
    expect(await otp.issue({ to: ADA, purpose: 'login' })).toMatchObject({ status: 'sent' })
    expect(called()).toMatch(/^https:\/\/acme\.example\/sms\/status\?a=b&text=[\w-]+$/)
    const late = read(report(called(), 'undelivered', { ErrorCode: '30003' }))
    expect(late.status === 'reported' && other.reported(late)).toBe(true)
    expect(events).toEqual([{ ...about, messageId: SM, delivery: 'sent' }, { ...about, messageId: SM, delivery: 'undelivered', providerCode: '30003', temporary: true }])
  })

  it('a report of Twilio says nothing of the person in its address, and names no text of another service (N-10)', async () => {
    gateway.answer(reply(201, { sid: SM, status: 'queued' }))
    await otpWith().issue({ to: ADA, purpose: 'login' })
    const reference = new URL(called()).searchParams.get('text')!
    expect(Buffer.from(reference, 'base64url').toString('latin1')).not.toMatch(/447400|login|456/)
    const stranger = service({ secret: OTHER_SECRET }).otp
    const events = heard(stranger)
    for (const wrong of [reference, `${reference}x`, reference.slice(2), '', undefined, 'x'.repeat(200)]) {
      expect(stranger.reported({ delivery: 'sent', ...wrong === undefined ? {} : { reference: wrong } })).toBe(false)
    }
    expect(events).toEqual([])
  })

  it.each([{ subject: 'user-7', known: true }, { subject: 'user-7' }, { known: true }, {}])('a report of Twilio names its person as all events do: %j (N-10)', async (whose) => {
    gateway.answer(reply(201, { sid: SM, status: 'queued' }))
    const otp = otpWith()
    const subjects: unknown[] = []
    for (const name of ['sent', 'delivery'] as const) otp.on(name, ({ subject }) => subjects.push(subject))
    await otp.issue({ to: ADA, purpose: 'login', ip: '192.0.2.1', ...whose })
    otp.reported({ reference: new URL(called()).searchParams.get('text')!, delivery: 'sent' })
    expect(subjects).toEqual([expect.any(String), subjects[0]])
  })

  it('a report of Twilio whose text was put into its address by another person is refused, and a report without a text is read as before (N-10, R-30)', () => {
    const read = twilioStatusCallback({ authToken: TOKEN, url })
    const plain = report(url, 'sent')
    expect(read({ ...plain, url: '/sms/status?text=forged' })).toEqual({ status: 'reported', id: SM, delivery: 'sent' })
    const signed = report(`${url}?text=abc`, 'delivered')
    expect(read({ ...signed, url: '/sms/status?text=other' })).toEqual({ status: 'refused' })
    expect(read(signed)).toMatchObject({ status: 'reported', reference: 'abc' })
  })

  it('a report of Twilio is read from a request of Express, under a router (N-10)', async () => {
    gateway.answer(reply(201, { sid: SM, status: 'queued' }))
    const otp = otpWith()
    const events = heard(otp)
    await otp.issue({ to: ADA, purpose: 'login' })
    const read = twilioStatusCallback({ authToken: TOKEN, url })
    const router = express.Router().post('/status', express.urlencoded({ extended: false }), (req, res) => {
      const told = read(req)
      if (told.status === 'reported') otp.reported(told)
      res.sendStatus(told.status === 'refused' ? 403 : 204)
    })
    const { body, headers, url: path } = report(called(), 'delivered')
    await supertest(express().use('/sms', router)).post(path).set(headers).type('form').send(body).expect(204)
    expect(events).toEqual([{ ...about, messageId: SM, delivery: 'delivered' }])
  })
})

describe('A delivery receipt by SMPP', () => {
  const ends: (() => Promise<unknown>)[] = []
  afterEach(async () => { for (const end of ends.splice(0).reverse()) await end() })

  async function pair(options: Partial<SmppSenderOptions> = {}, submit?: SmscOptions['submit']) {
    const smsc = await startSmsc(submit ? { submit } : {})
    ends.push(smsc.stop)
    const sender = smppSender({ url: smsc.url, systemId: 'acme', password: 'pw', source: 'Acme', receipts: true, ...options })
    ends.push(sender.close)
    return { smsc, sender }
  }
  const receipt = (id: string, stat: string, err = '000') =>
    ({ esm_class: 4, source_addr: ADA.slice(1), destination_addr: 'Acme', short_message: `id:${id} sub:001 dlvrd:001 submit date:2601010000 done date:2601010001 stat:${stat} err:${err} text:` })
  const deliver = async (smsc: Smsc, fields: object) => {
    const session = smsc.session()
    const answered = once(session, 'pdu')
    session.deliver_sm(fields)
    await answered
  }

  it('a delivery receipt by SMPP is asked for where the option says so, once for each text, and told as the event delivery (N-10)', async () => {
    const { smsc, sender } = await pair()
    const { otp } = service({ sender: failover([sender]), countries: ['GB'] })
    const events = heard(otp)
    await otp.issue({ to: ADA, purpose: 'login' })
    await deliver(smsc, receipt('sms-1', 'ENROUTE'))
    await deliver(smsc, receipt('SMS-1', 'UNDELIV', '021'))
    await deliver(smsc, { esm_class: 4, receipted_message_id: 'sms-1', message_state: 2, short_message: '' })
    await deliver(smsc, receipt('unknown', 'DELIVRD'))
    await deliver(smsc, { esm_class: 0, short_message: 'STOP id:sms-1 stat:DELIVRD' })
    expect(smsc.texts.map((text) => text.registered_delivery)).toEqual([1])
    expect(events).toEqual([
      { ...about, messageId: 'sms-1', delivery: 'sending' },
      { ...about, messageId: 'sms-1', delivery: 'undelivered', providerCode: 'UNDELIV_021', temporary: false },
      { ...about, messageId: 'sms-1', delivery: 'delivered' },
    ])
  })

  it('a delivery receipt that is earlier than the answer to its text waits for it (N-10)', async () => {
    const { sender } = await pair({}, (_index, _text, session) => { session.deliver_sm(receipt('sms-1', 'DELIVRD')); return 0 })
    const { otp } = service({ sender, countries: ['GB'] })
    const events = heard(otp)
    await otp.issue({ to: ADA, purpose: 'login' })
    expect(events).toEqual([{ ...about, messageId: 'sms-1', delivery: 'delivered' }])
  })

  it('a delivery receipt by SMPP is not asked for by default, and cannot come to a transmitter (N-10)', async () => {
    const { smsc, sender } = await pair({ receipts: false })
    await sender.send({ to: ADA, body: 'x', code: '123456' }, { signal: new AbortController().signal })
    expect(smsc.texts[0]!.registered_delivery).toBe(0)
    expect(() => smppSender({ url: 'smpp://127.0.0.1', systemId: 'a', password: 'b', source: 'Acme', receipts: true, bind: 'transmitter' })).toThrow(/receipts come to a session that receives/)
  })

  it('a delivery receipt names in decimal a text that was answered in hexadecimal, where that can be no other text (N-10)', () => {
    const receipts = createReceipts()
    const told: unknown[] = []
    receipts.listen(({ reference, delivery }) => told.push([reference, delivery]))
    receipts.sent('00BEEF01', 'a')
    receipts.sent('16', 'b')
    const came = (id: string) => { receipts.came({ command: 'deliver_sm', command_status: 0, ...receipt(id, 'DELIVRD') } as never) }
    for (const id of [String(0xbeef01), 'beef01', '22', '16']) came(id)
    expect(told).toEqual([['a', 'delivered'], ['a', 'delivered'], ['b', 'delivered']])
  })
})
