import twilio from 'twilio'
import { twilioVerify, type TwilioVerifyOptions } from '../../src/providers/index.js'
import { twilioVerifySender } from '../../src/senders/index.js'
import { deadUrl, failureOf, hangUp, reply, startGateway, told, type Answer, type Gateway } from '../support/gateway.js'
import { ADA, service } from '../support/kit.js'

const SID = `AC${'0123456789abcdef'.repeat(2)}`
const TOKEN = 'token-of-the-account-0123456789ab'
const LOGIN = `VA${'01'.repeat(16)}`
const PSD2 = `VA${'02'.repeat(16)}`
const VE = `VE${'ab'.repeat(16)}`
const CODE = '012345'

let gateway: Gateway
beforeEach(async () => {
  gateway = await startGateway()
  gateway.answer(started())
})
afterEach(() => gateway.close())

// The members of twilio-oai @d50069b44ea8, spec/json/twilio_verify_v2.json: verification and verification_check.
const verification = { sid: VE, service_sid: LOGIN, account_sid: SID, to: ADA, channel: 'sms', valid: false, amount: null, payee: null }
const started = (more: object = {}) => reply(201, { ...verification, status: 'pending', send_code_attempts: [], ...more })
const checked = (status: string, more: object = {}) => reply(200, { ...verification, status, valid: status === 'approved', ...more })
const error = (status: number, code: number) => reply(status, { code, status, message: `About ${ADA} and ${CODE}`, more_info: '' })

function client(url = gateway.url) {
  const made = twilio(SID, TOKEN)
  made.verify.baseUrl = url
  return made
}
const provider = (more: Partial<TwilioVerifyOptions> = {}) => twilioVerify({ client: client(), serviceSid: LOGIN, ...more })
const signal = new AbortController().signal
const start = (more: object = {}, options: Partial<TwilioVerifyOptions> = {}) => provider(options).start(
  { to: ADA, purpose: 'login', details: {}, message: '', channel: 'sms', validFor: 300, repeated: false, ...more }, { signal })
const check = (more: object = {}, options: Partial<TwilioVerifyOptions> = {}) =>
  provider(options).check({ id: VE, to: ADA, code: CODE, purpose: 'login', details: {}, ...more }, { signal })
const form = () => Object.fromEntries(new URLSearchParams(gateway.last.body))

describe('twilioVerify with the official SDK', () => {
  it.each([['sms', 'sms'], ['whatsapp', 'whatsapp'], ['voice', 'call'], ['rcs', 'rcs']])('starts a verification by %s as the published document says (V-09)', async (channel, named) => {
    expect(await start({ channel, locale: 'de-AT' })).toEqual({ id: VE, status: 'pending' })
    expect(gateway.last).toMatchObject({ method: 'POST', path: `/v2/Services/${LOGIN}/Verifications` })
    expect(form()).toEqual({ To: ADA, Channel: named, Locale: 'de' })
  })

  it('checks a code by the name of the verification, never by the number alone (V-09)', async () => {
    gateway.answer(checked('approved'))
    expect(await check()).toBe('right')
    expect(gateway.last.path).toBe(`/v2/Services/${LOGIN}/VerificationCheck`)
    expect(form()).toEqual({ VerificationSid: VE, Code: CODE })
  })

  it('shows amount and payee by a Service of their own, and checks the code for them (V-07)', async () => {
    const details = { amount: '€39.99', payee: 'Acme Inc.' }
    gateway.answer(started(details))
    expect(await start({ details }, { psd2ServiceSid: PSD2 })).toMatchObject({ id: VE })
    expect(gateway.last.path).toBe(`/v2/Services/${PSD2}/Verifications`)
    expect(form()).toMatchObject({ Amount: '€39.99', Payee: 'Acme Inc.' })
    gateway.answer(checked('approved', details))
    expect(await check({ details }, { psd2ServiceSid: PSD2 })).toBe('right')
    expect(form()).toEqual({ VerificationSid: VE, Code: CODE, Amount: '€39.99', Payee: 'Acme Inc.' })
    // A Service without PSD2 leaves both out: then no text has shown them.
    gateway.answer(started())
    expect(await failureOf(start({ details }, { psd2ServiceSid: PSD2 }))).toMatchObject({ code: 'misconfigured' })
    gateway.answer(checked('approved', { ...details, amount: '€3999' }))
    await expect(check({ details }, { psd2ServiceSid: PSD2 })).rejects.toThrow()
  })

  it('has a Service for each purpose, because a number has one code in a Service (R-08)', async () => {
    expect(await failureOf(start({ purpose: 'transfer' }))).toMatchObject({ code: 'misconfigured' })
    await start({ purpose: 'transfer' }, { serviceSid: { login: LOGIN, transfer: PSD2 } })
    expect(gateway.requests.map(({ path }) => path)).toEqual([`/v2/Services/${PSD2}/Verifications`])
    expect(await failureOf(start({ details: { amount: '5' } }, { psd2ServiceSid: PSD2 }))).toMatchObject({ code: 'misconfigured' })
  })

  it.each<[string, Answer, object]>([
    ['60203 max send attempts', error(429, 60203), { code: 'send_throttled', retryAfter: 600, providerCode: '60203' }],
    ['60202 max check attempts', error(429, 60202), { code: 'send_throttled', retryAfter: 600 }],
    ['20429 too many requests', error(429, 20429), { code: 'send_throttled' }],
    ['60212 too many at once', error(429, 60212), { code: 'send_throttled' }],
    ['60200 no number', error(400, 60200), { code: 'send_refused' }],
    ['60205 a landline', error(403, 60205), { code: 'send_refused' }],
    ['60410 blocked for a while', error(403, 60410), { code: 'send_refused' }],
    ['60605 a country that is not enabled', error(403, 60605), { code: 'send_refused' }],
    ['20003 credentials', error(401, 20003), { code: 'undeliverable', temporary: false }],
    ['60206 amount and payee wanted', error(400, 60206), { code: 'undeliverable', temporary: false, providerCode: '60206' }],
  ])('tells a start that was refused as ours: %s (V-06)', async (_, answer, outcome) => {
    gateway.answer(answer)
    const failure = await failureOf(start())
    expect(failure).toMatchObject(outcome)
    for (const secret of [ADA, TOKEN]) expect(told(failure)).not.toContain(secret)
  })

  it.each<[string, Answer, string]>([
    ['approved', checked('approved'), 'right'], ['pending', checked('pending'), 'wrong'], ['canceled', checked('canceled'), 'expired'],
    ['expired', checked('expired'), 'expired'], ['deleted', checked('deleted'), 'expired'], ['failed', checked('failed'), 'expired'],
    ['max_attempts_reached', checked('max_attempts_reached'), 'exhausted'],
    ['20404 not found: approved or expired', error(404, 20404), 'expired'], ['60202 max check attempts', error(429, 60202), 'exhausted'],
  ])('knows what each status and error of a check is worth: %s (V-09)', async (_, answer, verdict) => {
    gateway.answer(answer)
    expect(await check()).toBe(verdict)
  })

  it.each<[string, Answer, string]>([
    ['20429', error(429, 20429), 'provider_unavailable'], ['20003', error(401, 20003), 'provider_unavailable'], ['60212', error(429, 60212), 'provider_unavailable'],
    ['HTTP 503', reply(503, 'down'), ''], ['HTTP 408', error(408, 1), ''], ['nonsense', checked('who knows'), ''], ['no status', reply(200, {}), ''], ['hanging up', hangUp, ''],
    ['an error that nobody knows', error(400, 99999), 'undeliverable'],
  ])('knows of %s in a check whether it was looked at: %s (V-04)', async (_, answer, code) => {
    gateway.answer(answer)
    const failure = await failureOf(check())
    expect(failure.code ?? '').toBe(code)
    for (const secret of [ADA, CODE, TOKEN, VE]) expect(told(failure)).not.toContain(secret)
  })

  it('was not looked at where there is no connection (V-04)', async () => {
    expect(await failureOf(check({}, { client: client(await deadUrl()) }))).toMatchObject({ code: 'provider_unavailable', providerCode: 'unreachable' })
  })

  it.each<[string, object, RegExp]>([
    ['no client', { client: {} }, /^client is what the Twilio SDK/], ['no Service', { serviceSid: 'MG1' }, /^serviceSid is a Verify Service/], ['no purpose', { serviceSid: {} }, /^serviceSid/],
    ['one Service for two purposes', { serviceSid: { login: LOGIN, transfer: LOGIN } }, /needs a Service of its own/], ['one Service for logins and payments', { psd2ServiceSid: LOGIN }, /needs a Service of its own/],
    ['codes of four digits', { codeLength: 4 }, /^codeLength is a whole number from 6 to 10/], ['a misspelt option', { service: LOGIN }, /no option service/],
  ])('refuses %s at start-up (V-08)', (_, wrong, message) => {
    expect(() => provider(wrong)).toThrow(message)
  })

  it('logs in: a wrong code, the right one, and that no second time (V-03)', async () => {
    const { otp } = service({ provider: provider(), countries: ['GB'] })
    const sent = await otp.issue({ to: ADA, purpose: 'login', known: true })
    const challenge = sent.status === 'sent' ? sent.challenge : ''
    gateway.answer(checked('pending'))
    expect(await otp.verify({ challenge, code: '999999', purpose: 'login' })).toEqual({ status: 'wrong', attemptsLeft: 4 })
    gateway.answer(checked('approved'))
    const answers = await Promise.all([1, 2].map(() => otp.verify({ challenge, code: CODE, purpose: 'login' })))
    expect(answers.map(({ status }) => status).sort()).toEqual(['ok', 'used'])
  })
})

describe('twilioVerifySender', () => {
  const sender = () => twilioVerifySender({ client: client(), serviceSid: LOGIN })

  it('sends our code as the custom code, and asks nobody about a guess (V-09)', async () => {
    const { otp } = service({ sender: sender(), countries: ['GB'] })
    const sent = await otp.issue({ to: ADA, purpose: 'login', known: true, locale: 'pt-BR' })
    const { CustomCode: code, ...others } = form()
    expect(others).toEqual({ To: ADA, Channel: 'sms', Locale: 'pt-BR' })
    expect(await otp.verify({ challenge: sent.status === 'sent' ? sent.challenge : '', code: code!, purpose: 'login' })).toMatchObject({ status: 'ok' })
    expect(gateway.requests).toHaveLength(1)
  })

  it('refuses details, which its texts do not show (V-07)', async () => {
    const { otp } = service({ sender: sender(), countries: ['GB'] })
    expect(otp.checkDetails({ amount: '5 EUR' })).toBe('amount')
    expect(await failureOf(otp.issue({ to: ADA, purpose: 'login', known: true, details: { amount: '5 EUR' } }))).toMatchObject({ code: 'details_invalid' })
    expect(await failureOf(sender().send({ to: ADA, body: '', code: CODE, confirms: 'amount: "5 EUR"' }, { signal }))).toMatchObject({ code: 'undeliverable' })
    expect(gateway.requests).toEqual([])
  })

  it.each<[string, object, RegExp]>([['no client', { client: {} }, /^client is/], ['no Service', { serviceSid: 'x' }, /^serviceSid is/]])('refuses %s at start-up', (_, wrong, message) => {
    expect(() => twilioVerifySender({ client: client(), serviceSid: LOGIN, ...wrong })).toThrow(message)
  })
})
