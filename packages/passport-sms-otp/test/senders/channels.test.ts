import twilio from 'twilio'
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js'
import { consoleSender, failover, httpSender, twilioCode, twilioSender, twilioStatusCallback, type SmsMessage, type TwilioSenderOptions } from '../../src/senders/index.js'
import { spokenMessage } from '../../src/texts/spoken.js'
import { failureOf, reply, sendBy, startGateway, TEXT, told, type Gateway } from '../support/gateway.js'
import { ADA } from '../support/kit.js'

const SID = `AC${'0123456789abcdef'.repeat(2)}`
const TOKEN = 'token-of-the-account-0123456789ab'
const CA = `CA${'ab'.repeat(16)}`
const SM = `SM${'ab'.repeat(16)}`
const CALLBACK = 'https://acme.example/sms/status'

let gateway: Gateway
beforeEach(async () => {
  gateway = await startGateway()
  gateway.answer((response, request) => reply(201, { sid: request.path.endsWith('Calls.json') ? CA : SM, status: 'queued', error_code: null })(response, request))
})
afterEach(() => gateway.close())

const sdk = () => {
  const client = twilio(SID, TOKEN)
  client.api.baseUrl = gateway.url
  return client
}
type Origin = Omit<TwilioSenderOptions, 'client'>
const ways = {
  'the official SDK': (origin: Origin) => twilioSender({ client: sdk(), ...origin }),
  'no SDK': (origin: Origin) => twilioSender({ accountSid: SID, authToken: TOKEN, baseUrl: gateway.url, ...origin }),
}
const form = () => Object.fromEntries(new URLSearchParams(gateway.last.body))
const spoken = (parts: Partial<Parameters<typeof spokenMessage>[0]> = {}): Partial<SmsMessage> =>
  ({ channel: 'voice', body: spokenMessage({ code: '012345', appName: 'Acme', confirms: undefined, locale: 'en', ...parts }), reference: 'ref' })
const all: Origin = {
  from: '+15005550006', whatsapp: { from: '+14155238886' }, rcs: { messagingServiceSid: 'MG1' }, voice: { from: '+15005550007' }, statusCallback: CALLBACK,
}

describe.each(Object.entries(ways))('twilioSender with %s', (_, sender) => {
  it('twilioSender can do what it is set up for, and refuses the rest for good (H-01)', async () => {
    expect(sender(all).channels).toEqual(['sms', 'whatsapp', 'rcs', 'voice'])
    const calls = sender({ voice: { from: '+15005550007' } })
    expect(calls.channels).toEqual(['voice'])
    expect(await failureOf(sendBy(calls))).toMatchObject({ code: 'undeliverable', temporary: false })
    expect(gateway.requests).toEqual([])
  })

  it('twilioSender sends in WhatsApp from one address to another (H-01)', async () => {
    await sendBy(sender(all), { channel: 'whatsapp', reference: 'ref' })
    expect(gateway.last.path).toBe(`/2010-04-01/Accounts/${SID}/Messages.json`)
    expect(form()).toEqual({ From: 'whatsapp:+14155238886', To: `whatsapp:${ADA}`, Body: TEXT, StatusCallback: `${CALLBACK}?text=ref` })
  })

  it('twilioSender fills in an approved template, with the code alone by default (H-01)', async () => {
    await sendBy(sender({ whatsapp: { from: 'whatsapp:+14155238886', contentSid: 'HX1' } }), { channel: 'whatsapp' })
    expect(form()).toEqual({ From: 'whatsapp:+14155238886', To: `whatsapp:${ADA}`, ContentSid: 'HX1', ContentVariables: '{"1":"012345"}' })
  })

  it('twilioSender sends no template that leaves out what the code confirms, or the code (H-04)', async () => {
    const confirms = 'amount: "5.00 EUR", payee: "Bob"'
    const template = (contentVariables?: (message: SmsMessage) => Record<string, string>) =>
      sender({ whatsapp: { from: '+14155238886', contentSid: 'HX1', ...contentVariables ? { contentVariables } : {} } })
    const wrongOnes = [undefined, () => ({ 1: confirms }), ({ code }: SmsMessage) => ({ 1: code, 2: 'amount: "5.00 EUR"' }), () => ({})]
    for (const variables of wrongOnes) {
      expect(await failureOf(sendBy(template(variables), { channel: 'whatsapp', confirms }))).toMatchObject({ code: 'undeliverable', providerCode: 'details_not_shown' })
    }
    expect(gateway.requests).toEqual([])
    await sendBy(template(({ code, confirms: what = '' }) => ({ 1: code, 2: what })), { channel: 'whatsapp', confirms })
    expect(JSON.parse(form().ContentVariables!)).toEqual({ 1: '012345', 2: confirms })
  })

  it('twilioSender sends by RCS alone, from a service or a sender (H-01)', async () => {
    await sendBy(sender(all), { channel: 'rcs' })
    expect(form()).toEqual({ MessagingServiceSid: 'MG1', To: `rcs:${ADA}`, Body: TEXT, StatusCallback: CALLBACK })
    await sendBy(sender({ rcs: { from: 'rcs:acme' } }), { channel: 'rcs' })
    expect(form()).toEqual({ From: 'rcs:acme', To: `rcs:${ADA}`, Body: TEXT })
  })

  it('twilioSender calls, says the digits with a second between them, twice, and rings for a while only (H-01)', async () => {
    await expect(sendBy(sender(all), spoken())).resolves.toEqual({ id: CA, status: 'queued' })
    expect(gateway.last.path).toBe(`/2010-04-01/Accounts/${SID}/Calls.json`)
    const { Twiml, ...rest } = form()
    expect(rest).toEqual({ From: '+15005550007', To: ADA, Timeout: '20', TimeLimit: '120', StatusCallback: `${CALLBACK}?text=ref` })
    const digits = Array.from('012345', (digit) => `<Say language="en-GB">${digit}</Say>`).join('<Pause length="1"/>')
    expect(Twiml!.split(digits)).toHaveLength(3)
    expect(Twiml).toMatch(/^<Response><Pause length="1"\/><Say language="en-GB">Hello\. /)
  })

  it.each([['de-CH', 'de-DE'], ['fr', 'fr-FR'], ['es-MX', 'es-ES'], ['ja', 'en-GB']])('twilioSender says a text in %s by a voice of %s (H-04)', async (locale, language) => {
    await sendBy(sender(all), { ...spoken({ locale }), locale })
    expect(form().Twiml!.match(/language="[^"]*"/g)!.every((found) => found === `language="${language}"`)).toBe(true)
  })

  it('twilioSender reads nothing that stands in a message as an element of the call (H-04)', async () => {
    const evil = '"</Say><Dial>+15005550009</Dial><Say x="&\u0007'
    await sendBy(sender(all), spoken({ appName: evil, confirms: evil }))
    expect(form().Twiml).not.toMatch(/<(?!\/?(Response|Say|Pause)\b)/)
    expect(form().Twiml!.match(/<Say /g)).toHaveLength(15)
  })

  it('twilioSender has neither code nor number in an error of a call (H-04)', async () => {
    gateway.answer((response, request) => reply(400, { code: 21215, message: `${new URLSearchParams(request.body).get('Twiml')} 0, 1, 2, 3, 4, 5 ${ADA}` })(response, request))
    const error = await failureOf(sendBy(sender(all), spoken()))
    expect(error).toMatchObject({ code: 'undeliverable', providerCode: '21215', temporary: false })
    expect(told(error)).not.toMatch(/0, 1, 2|012345|447400123456|<Say/)
  })

  it.each(['busy', 'no-answer', 'failed', 'canceled'])('twilioSender refuses a call that came back %s (H-01)', async (status) => {
    gateway.answer(reply(201, { sid: CA, status }))
    expect(await failureOf(sendBy(sender(all), spoken()))).toMatchObject({ code: 'undeliverable', providerCode: status })
  })
})

describe('twilioSender throws', () => {
  it.each<[object, RegExp]>([
    [{}, /either from or messagingServiceSid/], [{ from: '+15005550006', messagingServiceSid: 'MG1' }, /either/], [{ whatsapp: {} }, /whatsapp\.from/], [{ whatsapp: { from: '+15005550006', contentVariables: () => ({}) } }, /contentSid/],
    [{ whatsapp: { from: '+15005550006', template: 'HX' } }, /template/], [{ rcs: {} }, /rcs takes either/], [{ rcs: { from: 'a', messagingServiceSid: 'b' } }, /rcs takes either/],
    [{ voice: {} }, /voice\.from/], [{ voice: { from: '+15005550006', ring: '1h' } }, /voice\.ring/], [{ voice: { from: '+15005550006', ring: 20 } }, /voice\.ring/],
  ])('twilioSender throws at start-up for %j (H-01)', (origin, message) => {
    expect(() => ways['no SDK'](origin as Origin)).toThrow(TypeError)
    expect(() => ways['no SDK'](origin as Origin)).toThrow(message)
  })

  it('twilioSender throws for calls by a client that cannot call (H-01)', () => {
    const client = { messages: sdk().messages } as never
    expect(() => twilioSender({ client, voice: { from: '+15005550006' } })).toThrow(/calls\.create/)
    expect(() => twilioSender({ client, from: '+15005550006' })).not.toThrow()
  })

  it('twilioSender knows the codes of channels (H-01)', () => {
    expect(['63003', '63016', '21215'].map((code) => twilioCode(code)?.kind)).toEqual(['destination', 'account', 'blocked'])
  })
})

describe('A report of Twilio about a call', () => {
  const read = twilioStatusCallback({ authToken: TOKEN, url: CALLBACK })
  const reported = (body: Record<string, string>) => read({ body, headers: { 'x-twilio-signature': getExpectedTwilioSignature(TOKEN, CALLBACK, body) } })

  it.each([
    ['completed', { delivery: 'delivered' }], ['ringing', { delivery: 'sending' }],
    ['busy', { delivery: 'undelivered', providerCode: 'busy', temporary: true }], ['failed', { delivery: 'failed', providerCode: 'failed', temporary: false }],
  ])('a report of Twilio that a call is %s is read as %j (N-10)', (CallStatus, told) => {
    expect(reported({ CallSid: CA, CallStatus })).toEqual({ status: 'reported', id: CA, ...told })
  })

  it.each([{ CallSid: CA, CallStatus: 'constructor' }, { CallSid: SM, CallStatus: 'busy' }, { CallSid: CA }, { CallStatus: 'busy' }, { CallSid: CA, MessageSid: 'x', CallStatus: 'busy' }])('a malformed report of Twilio about a call is refused: %j (N-10)', (body) => {
    expect(reported(body as never)).toEqual({ status: 'refused' })
  })
})

describe('httpSender', () => {
  const gatewayWith = (options: object = {}) => httpSender({ url: `${gateway.url}/send`, payload: 'to=$ctx.num&text=$ctx.msg&by=$ctx.channel&ref=$ctx.ref', ...options })

  it('httpSender tells the gateway the channel, and what names the text in a report (H-01)', async () => {
    const sender = gatewayWith({ channels: ['sms', 'voice'] })
    expect(sender.channels).toEqual(['sms', 'voice'])
    await sendBy(sender, { channel: 'voice', reference: 'a-b_c' })
    expect(form()).toMatchObject({ by: 'voice', ref: 'a-b_c' })
    await sendBy(sender)
    expect(form()).toMatchObject({ by: 'sms', ref: '' })
  })

  it('httpSender asks for the place of the channel where there are several (H-01)', () => {
    expect(() => gatewayWith({ channels: ['sms', 'voice'], payload: 'to=$ctx.num&text=$ctx.msg' })).toThrow(/\$ctx\.channel/)
    expect(() => gatewayWith({ channels: ['voice'], payload: 'to=$ctx.num&text=$ctx.msg' })).not.toThrow()
    expect(() => gatewayWith({ channels: ['fax'] })).toThrow(/There are sms/)
  })

  it('httpSender sends no code alone to confirm what the gateway would not show (H-04)', async () => {
    const sender = gatewayWith({ payload: 'to=$ctx.num&code=$ctx.otp' })
    expect(await failureOf(sendBy(sender, { confirms: 'amount: "5.00 EUR"' }))).toMatchObject({ code: 'undeliverable', providerCode: 'details_not_shown' })
    expect(gateway.requests).toEqual([])
    await sendBy(sender)
    expect(gateway.requests).toHaveLength(1)
  })
})

describe('failover', () => {
  const sender = (name: string, channels?: readonly ('sms' | 'voice' | 'rcs')[]) => {
    const send = jest.fn(async () => ({}))
    return { name, send, ...channels ? { channels } : {} }
  }

  it('failover can do what one of its senders can, and asks those alone (H-01)', async () => {
    const [texts, calls] = [sender('texts'), sender('calls', ['voice', 'sms'])]
    const both = failover([texts, calls])
    expect(both.channels).toEqual(['sms', 'voice'])
    expect(await sendBy(both, { channel: 'voice' })).toEqual({ sender: 'calls' })
    expect(await sendBy(both)).toEqual({ sender: 'texts' })
    expect([texts.send.mock.calls.length, calls.send.mock.calls.length]).toEqual([1, 1])
    expect(await failureOf(sendBy(both, { channel: 'rcs' }))).toMatchObject({ code: 'undeliverable', temporary: false })
  })
})

describe('consoleSender', () => {
  it('consoleSender says how a code travels (H-01)', async () => {
    const write = jest.fn()
    await sendBy(consoleSender({ write }), { channel: 'voice', body: 'Hello' })
    expect(write.mock.calls).toEqual([[`Call to ${ADA}\n  Hello`]])
  })
})
