import twilio from 'twilio'
import { getExpectedTwilioSignature, validateRequest } from 'twilio/lib/webhooks/webhooks.js'
import {
  twilioCode, twilioSender, twilioStatusCallback, type TwilioClient, type TwilioSenderOptions,
} from '../../src/senders/index.js'
import { createApp } from '../support/app.js'
import {
  deadUrl, failureOf, hangUp, reply, secretsOfMessage, sendBy, silence, startGateway, TEXT, told, type Gateway,
} from '../support/gateway.js'
import { ADA, codeIn, service } from '../support/kit.js'

const SID = `AC${'0123456789abcdef'.repeat(2)}`
const TOKEN = 'token-of-the-account-0123456789ab'
const FROM = '+15005550006'
const SM = `SM${'ab'.repeat(16)}`
const CALLBACK = 'https://acme.example/sms/status'

let gateway: Gateway
beforeEach(async () => {
  gateway = await startGateway()
  gateway.answer(reply(201, { sid: SM, status: 'queued', error_code: null }))
})
afterEach(() => gateway.close())

function sdk(url = gateway.url) {
  const client = twilio(SID, TOKEN)
  client.api.baseUrl = url
  return client
}

type Origin = Omit<TwilioSenderOptions, 'client'>
const ways = {
  'the official SDK': (origin: Origin = { from: FROM }, url = gateway.url) => twilioSender({ client: sdk(url), ...origin }),
  'no SDK': (origin: Origin = { from: FROM }, url = gateway.url) => twilioSender({ accountSid: SID, authToken: TOKEN, baseUrl: url, ...origin }),
}

describe.each(Object.entries(ways))('twilioSender with %s', (_, sender) => {
  const refusal = (status: number, code: number, message = 'The To number +447400123456 is not good.') =>
    reply(status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status })

  it('twilioSender makes one request: POST, path, Basic credentials, a form with To, From and Body', async () => {
    await expect(sendBy(sender())).resolves.toEqual({ id: SM, status: 'queued' })
    expect(gateway.requests).toHaveLength(1)
    expect(gateway.last).toMatchObject({ method: 'POST', path: `/2010-04-01/Accounts/${SID}/Messages.json` })
    expect(gateway.last.headers.authorization).toBe(`Basic ${btoa(`${SID}:${TOKEN}`)}`)
    expect(gateway.last.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/)
    expect(Object.fromEntries(new URLSearchParams(gateway.last.body))).toEqual({ To: ADA, From: FROM, Body: TEXT })
  })

  it('twilioSender says for how many seconds the text is worth sending', async () => {
    for (const validFor of [300, 0, 90_000]) await sendBy(sender(), { validFor })
    expect(gateway.requests.map(({ body }) => new URLSearchParams(body).get('ValidityPeriod'))).toEqual(['300', '1', '36000'])
  })

  it.each([[21614, false], [21610, false], [60410, false], [20003, true], [21608, true], [20429, true]])('twilioSender says of %i whether another sender may take the text: %s', async (code, tryNext) => {
    gateway.answer(refusal(400, code))
    expect(await failureOf(sendBy(sender()))).toMatchObject({ tryNext })
  })

  it('twilioSender names a messaging service and a callback when told to', async () => {
    await sendBy(sender({ messagingServiceSid: 'MG1', statusCallback: `${CALLBACK}?a=b` }))
    expect(Object.fromEntries(new URLSearchParams(gateway.last.body))).toEqual({ To: ADA, MessagingServiceSid: 'MG1', Body: TEXT, StatusCallback: `${CALLBACK}?a=b` })
  })

  it.each([
    ['a number in the usual spelling', '+44 (7400) 123-456', '+447400123456'],
    ['a short code', '80080', '80080'],
    ['a name', 'Acme Pay-1', 'Acme Pay-1'],
    ['an address of another channel', 'rcs:acme_agent', 'rcs:acme_agent'],
  ])('twilioSender takes %s for the sender', async (_, given, from) => {
    await sendBy(sender({ from: given }))
    expect(new URLSearchParams(gateway.last.body).get('From')).toBe(from)
  })

  it.each([
    // definite, for good: the number, or its owner's wish
    [21211, false], [21268, false], [21612, false], [21614, false], [30006, false], [60200, false], [60205, false], [21610, false],
    // definite: fraud and countries, some for a while
    [21408, false], [60605, false], [60238, false], [60412, false], [60410, true], [30450, true], [30453, true],
    // definite: the operator's to mend (X-07)
    [20003, false], [20404, false], [21606, false], [21608, false], [30002, false], [30032, false], [30034, false],
    // definite: too many, later
    [20429, true], [21611, true], [30001, true], [60202, true], [60203, true], [60212, true],
    // definite: the handset, later
    [30003, true], [30004, true], [30005, true], [30007, true], [30008, true],
    // one that is not in the table
    [21999, false],
  ])('twilioSender refuses definitely at %i, temporary: %s, refused at once or inside an accepted message', async (code, temporary) => {
    gateway.answer(refusal(400, code))
    expect(await failureOf(sendBy(sender()))).toMatchObject({ name: 'SmsOtpError', code: 'undeliverable', expose: false, providerCode: String(code), temporary })
    gateway.answer(reply(201, { sid: SM, status: 'queued', error_code: code }))
    expect(await failureOf(sendBy(sender()))).toMatchObject({ name: 'SmsOtpError', code: 'undeliverable', providerCode: String(code), temporary })
    expect(gateway.requests).toHaveLength(2)
  })

  it.each(['failed', 'undelivered', 'canceled'])('twilioSender refuses when the message that came back is %s without saying why', async (status) => {
    gateway.answer(reply(201, { sid: SM, status, error_code: null }))
    expect(await failureOf(sendBy(sender()))).toMatchObject({ code: 'undeliverable', providerCode: status, temporary: false })
  })

  it('twilioSender refuses, for now, at 429, and at other 4xx that are not of Twilio', async () => {
    gateway.answer(reply(429, 'slow down'))
    expect(await failureOf(sendBy(sender()))).toMatchObject({ code: 'undeliverable', providerCode: 'http_429', temporary: true })
    gateway.answer(reply(403, '<html>'))
    expect(await failureOf(sendBy(sender()))).toMatchObject({ code: 'undeliverable', providerCode: 'http_403', temporary: false })
  })

  it.each([
    ['5xx', reply(500)], ['5xx with a code of Twilio', reply(503, { code: 20503, message: 'Service Unavailable' })], ['408', reply(408)],
    ['a malformed body', reply(201, '<html>')], ['an empty body', reply(201, '')], ['an answer without a sid', reply(201, { status: 'queued' })], ['null', reply(201, 'null')],
    ['hanging up', hangUp],
  ])('twilioSender does not know what happened at %s, and does not try again', async (_, answer) => {
    gateway.answer(answer)
    const error = await failureOf(sendBy(sender()))
    expect(error.name).toBe('Error')
    expect(error.code).toBeUndefined()
    expect(gateway.requests).toHaveLength(1)
  })

  it('twilioSender does not follow a redirect, which would hand the credentials on', async () => {
    gateway.answer(reply(307, '', { location: `${gateway.url}/else` }))
    await failureOf(sendBy(sender()))
    expect(gateway.requests.filter(({ path }) => path === '/else')).toEqual([])
  })

  it('twilioSender refuses, for now, when nobody listens: nothing was sent', async () => {
    const error = await failureOf(sendBy(sender(undefined, await deadUrl())))
    expect(error).toMatchObject({ code: 'undeliverable', providerCode: 'unreachable', temporary: true, tryNext: true })
    expect(told(error)).toContain('ECONNREFUSED')
  })

  it.each([[400, 21211], [401, 20003], [500, 20500]])('twilioSender tells no number, code, text or token in an error after %i (W-16, R-14)', async (status, code) => {
    for (const part of [...secretsOfMessage, TEXT, encodeURIComponent(TEXT), `To=%2B447400123456&Body=${TEXT}`]) {
      gateway.answer(refusal(status, code, `kept ${part}`))
      const text = told(await failureOf(sendBy(sender())))
      expect(text).toContain('kept')
      for (const secret of [...secretsOfMessage, '7400', '123456', 'Do not share', TOKEN, btoa(`${SID}:${TOKEN}`)]) expect(text).not.toContain(secret)
    }
  })

  it('twilioSender in a service makes a definite refusal undeliverable, and an unknown outcome leaves the code good and texts once (R-31, S-20)', async () => {
    gateway.answer(refusal(400, 21610))
    const { otp } = service({ sender: sender(), countries: ['GB'], delays: [], senderTimeout: '2s' })
    expect(await otp.issue({ to: ADA, purpose: 'login' })).toEqual({ status: 'undeliverable', provider: 'twilio', providerCode: '21610', temporary: false })
    for (const answer of [reply(503), hangUp, silence]) {
      gateway.answer(answer)
      const before = gateway.requests.length
      const sent = await otp.issue({ to: ADA, purpose: 'login' })
      const code = /^\d{6}/.exec(new URLSearchParams(gateway.last.body).get('Body')!)![0]
      expect(gateway.requests).toHaveLength(before + 1)
      expect(await otp.verify({ challenge: (sent as { challenge: string }).challenge, code, purpose: 'login' })).toMatchObject({ status: 'ok' })
    }
  })

  it('twilioSender in an app makes our own trouble a 502 with no code in it, never a pretended text (X-07, R-31)', async () => {
    gateway.answer(refusal(400, 21608, 'The number is unverified.'))
    const kit = createApp({ strategy: { sender: sender(), countries: ['GB'] }, user: { id: 'user-7', phone: ADA } })
    const heard = jest.fn()
    kit.strategy.otp.on('undeliverable', heard)
    const { body } = await kit.agent().post('/send').expect(502)
    const code = /^\d{6}/.exec(new URLSearchParams(gateway.last.body).get('Body')!)![0]
    expect(heard).toHaveBeenCalledWith(expect.objectContaining({ provider: 'twilio', providerCode: '21608', temporary: false }))
    expect(told([body, kit.errors, heard.mock.calls])).not.toContain(code)
    expect(told(body)).not.toMatch(/21608|trial/)
  })
})

describe('twilioSender', () => {
  it('twilioSender gives up its own request when nobody waits any more', async () => {
    const controller = new AbortController()
    const closed = new Promise<string>((resolve) => { gateway.answer((response) => { response.on('close', () => resolve('closed')); controller.abort() }) })
    expect(await failureOf(sendBy(ways['no SDK'](), {}, controller.signal))).toMatchObject({ name: 'Error', cause: { name: 'AbortError' } })
    expect(await closed).toBe('closed')
  })

  it('twilioSender tells no token that fetch put into its error (W-16)', async () => {
    const sender = twilioSender({ accountSid: SID, authToken: TOKEN, from: FROM, fetch: () => Promise.reject(new TypeError(`no to ${btoa(`${SID}:${TOKEN}`)}, ${TOKEN}`)) })
    expect(await failureOf(sendBy(sender))).toMatchObject({ cause: { message: 'no to •••, •••' } })
  })

  it('twilioSender rejects when a client throws at once, as the SDK does about parameters', async () => {
    expect(() => sdk().messages.create({} as never)).toThrow(/Required parameter/)
    const client: TwilioClient = { messages: { create: () => { throw new Error(`Required parameter "params['to']" missing. ${TEXT}`) } } }
    expect(told(await failureOf(sendBy(twilioSender({ client, from: FROM }))))).not.toContain(TEXT)
  })

  it('twilioSender tells what a code means, and who has to do something', () => {
    expect(twilioCode('21610')).toEqual({ kind: 'destination', temporary: false, meaning: 'the owner opted out (STOP)' })
    expect(['20003', '21608', 30034].map((code) => twilioCode(code)?.kind)).toEqual(['account', 'account', 'account'])
    expect(['21999', undefined, 'constructor'].map(twilioCode)).toEqual([undefined, undefined, undefined])
  })

  const credentials = { accountSid: SID, authToken: TOKEN }
  it.each<[string, object, RegExp]>([
    ['no account', { ...credentials, accountSid: undefined, from: FROM }, /accountSid/],
    ['no token', { ...credentials, authToken: '', from: FROM }, /authToken/],
    ['nothing at all', { from: FROM }, /accountSid/],
    ['a client that is none', { client: {}, from: FROM }, /client/],
    ['both a client and a token', { client: { messages: { create: () => undefined } }, authToken: TOKEN, from: FROM }, /either a client/],
    ['no sender number', credentials, /either from or/],
    ['two sender numbers', { ...credentials, from: FROM, messagingServiceSid: 'MG1' }, /either from or/],
    ['an empty sender number', { ...credentials, from: '' }, /from/],
    ['a sender number without its country code', { ...credentials, from: '07400 123456' }, /^from is a number with its country code/],
    ['a sender name of twelve letters', { ...credentials, from: 'Acme Example' }, /^from is .* 11 letters/],
    ['a sender name with a letter that texts do not take', { ...credentials, from: 'Café' }, /^from is .* 11 letters/],
    ['a name that calls', { ...credentials, voice: { from: 'Acme' } }, /^voice.from is a number with its country code/],
    ['a name in WhatsApp', { ...credentials, whatsapp: { from: 'Acme' } }, /^whatsapp.from is a number with its country code/],
    ['a clear line to another machine', { ...credentials, from: FROM, baseUrl: 'http://api.twilio.com' }, /https/],
    ['no address', { ...credentials, from: FROM, baseUrl: 'api.twilio.com' }, /https/],
    ['a clear callback', { ...credentials, from: FROM, statusCallback: 'http://acme.example' }, /statusCallback/],
    ['a fetch that is no function', { ...credentials, from: FROM, fetch: {} }, /^fetch is a function/],
    ['a misspelt option', { ...credentials, from: FROM, statuscallback: CALLBACK }, /no option statuscallback/],
  ])('twilioSender throws for %s (X-07)', (_, options, says) => {
    expect(() => twilioSender(options as TwilioSenderOptions)).toThrow(TypeError)
    expect(() => twilioSender(options as TwilioSenderOptions)).toThrow(says)
  })
})

describe('twilioStatusCallback', () => {
  const body = (more: Record<string, string | string[]> = {}) => ({ MessageSid: SM, MessageStatus: 'delivered', To: ADA, AccountSid: SID, ...more })
  const signed = (fields: object, url = CALLBACK, token = TOKEN) => ({ headers: { 'x-twilio-signature': getExpectedTwilioSignature(token, url, fields as never) }, body: fields })
  const reader = (options: Partial<Parameters<typeof twilioStatusCallback>[0]> = {}) => twilioStatusCallback({ authToken: TOKEN, url: CALLBACK, ...options })

  it('twilioStatusCallback reads a report that Twilio signed', () => {
    expect(reader()(signed(body()))).toEqual({ status: 'reported', id: SM, delivery: 'delivered' })
    expect(reader()(signed(body({ MessageStatus: 'undelivered', ErrorCode: '30003' })))).toEqual({ status: 'reported', id: SM, delivery: 'undelivered', providerCode: '30003', temporary: true })
  })

  it('twilioStatusCallback reports the same state of the same text once (R-30)', () => {
    const read = reader()
    const states = ['sent', 'sent', 'delivered', 'sent'].map((MessageStatus) => read(signed(body({ MessageStatus }))).status)
    expect(states).toEqual(['reported', 'repeated', 'reported', 'repeated'])
    expect(read(signed(body({ MessageSid: `SM${'cd'.repeat(16)}` }))).status).toBe('reported')
  })

  it('twilioStatusCallback forgets the oldest states beyond ten thousand', () => {
    const read = reader()
    const state = (index: number) => read(signed(body({ MessageSid: `SM${index.toString(16).padStart(32, '0')}` }))).status
    for (let index = 0; index <= 10_000; index += 1) state(index)
    expect([state(10_000), state(0)]).toEqual(['repeated', 'reported'])
  })

  it.each([
    ['https://acme.example/sms/status', 'https://acme.example/sms/status'],
    ['https://acme.example:443/sms/status', 'https://acme.example/sms/status'],
    ['https://acme.example/sms/status', 'https://acme.example:443/sms/status'],
    ['https://acme.example:8443/sms/status?a=b&c=%20d', 'https://acme.example:8443/sms/status?a=b&c=%20d'],
    ['https://acme.example', 'https://acme.example'],
    ['http://acme.example:80/x', 'http://acme.example/x'],
    ['https://[2001:db8::1]/x', 'https://[2001:db8::1]:443/x'],
    ['https://user:pass@acme.example/x', 'https://user:pass@acme.example/x'],
    ['https://acme.example/it\'s', 'https://acme.example/it\'s'],
    ['https://acme.example/other', 'https://acme.example/sms/status'],
    ['https://acme.example/sms/status?a=b', 'https://acme.example/sms/status'],
    ['http://acme.example/sms/status', 'https://acme.example/sms/status'],
    ['https://acme.example/sms/status/', 'https://acme.example/sms/status'],
    ['https://evil.example/sms/status', 'https://acme.example/sms/status'],
  ])('twilioStatusCallback agrees with the SDK about %s, signed for %s', (url, signedUrl) => {
    for (const fields of [body(), body({ Twice: ['b', 'a', 'b'], Empty: '', ä: '€😀' })]) {
      const request = signed(fields, signedUrl)
      const official = validateRequest(TOKEN, request.headers['x-twilio-signature'], url, fields)
      expect(reader({ url })(request).status).toBe(official ? 'reported' : 'refused')
    }
  })

  it('twilioStatusCallback takes both tokens while they change', () => {
    const read = reader({ authToken: ['new-token', TOKEN] })
    expect([read(signed(body(), CALLBACK, 'new-token')).status, read(signed(body({ MessageStatus: 'sent' }))).status, read(signed(body(), CALLBACK, 'other')).status])
      .toEqual(['reported', 'reported', 'refused'])
  })

  const good = () => signed(body())
  it.each<[string, () => Parameters<ReturnType<typeof twilioStatusCallback>>[0]]>([
    ['without a signature', () => ({ ...good(), headers: {} })],
    ['with an empty signature', () => ({ ...good(), headers: { 'x-twilio-signature': '' } })],
    ['with two signatures', () => ({ ...good(), headers: { 'x-twilio-signature': [good().headers['x-twilio-signature']] } })],
    ['with the signature of another token', () => signed(body(), CALLBACK, 'another token')],
    ['with another spelling of the signature', () => ({ ...good(), headers: { 'x-twilio-signature': `${good().headers['x-twilio-signature']} ` } })],
    ['changed after it was signed', () => ({ ...good(), body: body({ MessageStatus: 'failed' }) })],
    ['with a field more', () => ({ ...good(), body: body({ ErrorCode: '30003' }) })],
    ['with no body', () => ({ headers: good().headers })],
    ['with a body that is no form', () => ({ ...good(), body: 'MessageSid' })],
    ['with nested fields', () => ({ ...good(), body: { ...body(), MessageSid: { $ne: '' } } })],
    ['about no text', () => signed({ MessageStatus: 'delivered' })],
    ['about something else', () => signed(body({ MessageSid: `CA${'ab'.repeat(16)}` }))],
    ['about a text with a longer id', () => signed(body({ MessageSid: `${SM}0` }))],
    ['of a state that there is not', () => signed(body({ MessageStatus: 'verified' }))],
    ['of two states', () => signed(body({ MessageStatus: ['sent', 'delivered'] }))],
    ['with the same letters cut elsewhere (S-18)', () => ({ headers: signed(body({ ErrorCode: '30003' })).headers, body: { AccountSid: SID, ErrorCode: '30003', MessageSid: `${SM}MessageStatusdelivered`, To: ADA } })],
  ])('twilioStatusCallback refuses a report %s (R-30)', (_, request) => {
    expect(reader()(request())).toEqual({ status: 'refused' })
  })

  it('twilioStatusCallback behind Express, in the very session that waits for a code, changes no login: neither a delivered nor a failed text (R-30)', async () => {
    const kit = createApp()
    const browser = kit.agent()
    const reports: unknown[] = []
    const read = reader()
    kit.app.post('/sms/status', (req, res) => {
      const report = read(req)
      reports.push(report, req.user)
      res.sendStatus(report.status === 'refused' ? 403 : 204)
    })
    await browser.post('/send').send({ phone: ADA }).expect(200)
    for (const MessageStatus of ['delivered', 'failed']) {
      const request = signed(body({ MessageStatus }))
      await browser.post('/sms/status').type('form').set(request.headers).send(request.body).expect(204)
    }
    await browser.post('/sms/status').type('form').send(body()).expect(403)
    expect(reports).toEqual([{ status: 'reported', id: SM, delivery: 'delivered' }, undefined, { status: 'reported', id: SM, delivery: 'failed' }, undefined, { status: 'refused' }, undefined])
    expect((await browser.get('/me')).body.authenticated).toBe(false)
    await browser.post('/verify').send({ code: codeIn(kit.inbox) }).expect(200)
  })

  it.each<[string, object, RegExp]>([
    ['no token', { authToken: undefined }, /authToken/], ['an empty token', { authToken: '' }, /authToken/], ['no tokens', { authToken: [] }, /authToken/],
    ['no url', { url: undefined }, /url/], ['half a url', { url: '/sms/status' }, /url/], ['a misspelt option', { URL: CALLBACK }, /no option URL/],
  ])('twilioStatusCallback throws for %s (X-07)', (_, options, says) => {
    expect(() => reader(options)).toThrow(TypeError)
    expect(() => reader(options)).toThrow(says)
  })
})
