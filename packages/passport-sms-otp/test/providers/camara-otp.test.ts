import { generateKeyPairSync } from 'node:crypto'
import { startSimulator, type Simulator } from 'mobileconnect-simulator'
import type { SmsOtpOptions } from '../../src/index.js'
import { camaraOtp, type CamaraOtpOptions } from '../../src/providers/index.js'
import { deadUrl, failureOf, hangUp, reply, startGateway, told, type Gateway } from '../support/gateway.js'
import { ADA, service, wrong } from '../support/kit.js'

const NUMBER = '+447700900001'
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const account = { to: NUMBER, purpose: 'login', subject: 'ada', known: true }

describe('camaraOtp with the simulated operator', () => {
  let sim: Simulator
  beforeEach(async () => {
    sim = await startSimulator({ clients: [{ jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'client', alg: 'ES256' } as never] } }] })
  })
  afterEach(() => sim.close())

  function operator(options: Partial<SmsOtpOptions> = {}) {
    const { issuer, apiRoot, clientId } = sim.camara
    const tokenUrl = `${issuer}/token`
    const provider = camaraOtp({ apiRoot, tokenUrl, clientId, clientKey: privateKey, keyId: 'client' })
    const { otp } = service({ provider, countries: ['GB'], acceptNumber: () => true, delays: [], appName: 'Acme', now: Date.now, ...options } as Partial<SmsOtpOptions>)
    const issued = async (more: object = {}) => {
      const sent = await otp.issue({ ...account, ...more })
      if (sent.status !== 'sent') throw new Error(JSON.stringify(sent))
      return sent.challenge
    }
    const text = () => sim.handset(NUMBER).texts().at(-1)!.text
    const code = () => /\d{6}/.exec(text())![0]
    const verify = (challenge: string, typed: string, more: object = {}) => otp.verify({ challenge, code: typed, purpose: 'login', subject: 'ada', ...more })
    return { otp, issued, text, code, verify }
  }

  it('logs in by a text of ours with a code of theirs, once (V-09, V-03)', async () => {
    const { issued, text, code, verify } = operator()
    const challenge = await issued()
    expect(text()).toMatch(/^\d{6} is your Acme code\. Do not share it\.$/)
    expect(await verify(challenge, wrong(code()))).toEqual({ status: 'wrong', attemptsLeft: 4 })
    const answers = await Promise.all([1, 2].map(() => verify(challenge, code())))
    expect(answers.filter(({ status }) => status === 'ok')).toHaveLength(1)
    expect(await verify(challenge, code())).toEqual({ status: 'used' })
  })

  it('shows details in the text, and the code is for them alone (V-07)', async () => {
    const { issued, text, code, verify } = operator()
    const details = { amount: '100.00 EUR', payee: 'Bob' }
    const challenge = await issued({ details })
    expect(text()).toContain('for amount: "100.00 EUR", payee: "Bob"')
    expect(await verify(challenge, code(), { details: { ...details, payee: 'Eve' } })).toEqual({ status: 'unknown' })
    expect(await verify(challenge, code(), { details })).toMatchObject({ status: 'ok' })
  })

  it('is told by the operator that three wrong codes are enough (V-05)', async () => {
    const { issued, code, verify } = operator()
    const challenge = await issued()
    expect((await verify(challenge, wrong(code()))).status).toBe('wrong')
    expect((await verify(challenge, wrong(code()))).status).toBe('wrong')
    expect((await verify(challenge, wrong(code()))).status).toBe('exhausted')
    expect((await verify(challenge, code())).status).toBe('exhausted')
  })

  it('has another code after a resend, and the first one is wrong (V-02)', async () => {
    const { otp, issued, code, verify } = operator()
    const challenge = await issued()
    const first = code()
    await otp.resend({ challenge })
    if (first !== code()) expect((await verify(challenge, first)).status).toBe('wrong')
    expect((await verify(challenge, code())).status).toBe('ok')
  })

  it('tells the operator\'s own limit as ours (V-06)', async () => {
    const { otp, issued } = operator()
    for (let text = 0; text < 4; text += 1) await issued()
    expect(await otp.issue(account)).toEqual({ status: 'throttled', scope: 'provider', retryAfter: 300 })
  })
})

describe('camaraOtp', () => {
  let gateway: Gateway
  beforeEach(async () => { gateway = await startGateway() })
  afterEach(() => gateway.close())

  const token = { access_token: 'token-0', token_type: 'Bearer', expires_in: 300 }
  const answers = (status: number, body: unknown) => gateway.answer((response, request) =>
    (request.path === '/token' ? reply(200, token) : reply(status, body))(response, request))
  const problem = (status: number, code: string) => answers(status, { status, code, message: `About ${ADA} and 012345` })
  const provider = (more: Partial<CamaraOtpOptions> = {}) => camaraOtp({ apiRoot: gateway.url, tokenUrl: `${gateway.url}/token`, clientId: 'acme', clientSecret: 's:cret', ...more })
  const signal = new AbortController().signal
  const start = (more: Partial<CamaraOtpOptions> = {}) => provider(more).start(
    { to: ADA, purpose: 'login', details: {}, message: '{{code}} is your code', channel: 'sms', validFor: 300, repeated: false }, { signal })
  const check = (more: Partial<CamaraOtpOptions> = {}) => provider(more).check({ id: 'ea0840f3', to: ADA, code: '012345', purpose: 'login', details: {} }, { signal })

  it('asks as the published document says, with a token for each call (V-09)', async () => {
    answers(200, { authenticationId: 'ea0840f3' })
    expect(await start()).toEqual({ id: 'ea0840f3' })
    expect(JSON.parse(gateway.last.body)).toEqual({ phoneNumber: ADA, message: '{{code}} is your code' })
    answers(204, '')
    expect(await check()).toBe('right')
    expect(JSON.parse(gateway.last.body)).toEqual({ authenticationId: 'ea0840f3', code: '012345' })
    expect(gateway.requests.map(({ path }) => path)).toEqual(['/token', '/one-time-password-sms/v1/send-code', '/token', '/one-time-password-sms/v1/validate-code'])
    expect(new URLSearchParams(gateway.requests[0]!.body).get('scope')).toBe('dpv:FraudPreventionAndDetection one-time-password-sms:send-validate')
  })

  // OTPValidation r3.2 (4633c6e3), one-time-password-sms.yaml: every error of send-code.
  it.each([
    [400, 'INVALID_ARGUMENT', 'undeliverable'], [401, 'UNAUTHENTICATED', 'undeliverable'], [403, 'PERMISSION_DENIED', 'undeliverable'],
    [403, 'ONE_TIME_PASSWORD_SMS.MAX_OTP_CODES_EXCEEDED', 'send_throttled'], [403, 'ONE_TIME_PASSWORD_SMS.PHONE_NUMBER_NOT_ALLOWED', 'send_refused'],
    [403, 'ONE_TIME_PASSWORD_SMS.PHONE_NUMBER_BLOCKED', 'send_refused'], [404, 'NOT_FOUND', 'send_refused'],
    [429, 'QUOTA_EXCEEDED', 'send_throttled'], [429, 'TOO_MANY_REQUESTS', 'send_throttled'], [500, 'INTERNAL', undefined], [503, 'UNAVAILABLE', undefined],
  ])('tells %i %s of send-code as ours: %s (V-06)', async (status, code, told_) => {
    problem(status, code)
    const failure = await failureOf(start())
    expect(failure.code).toBe(told_)
    expect(failure.providerCode).toBe(code.replace('ONE_TIME_PASSWORD_SMS.', ''))
    for (const secret of [ADA, 's:cret', 'token-0']) expect(told(failure)).not.toContain(secret)
  })

  // The same document: every error of validate-code. Without a word: nobody knows, and the attempt stays spent.
  it.each([
    [400, 'ONE_TIME_PASSWORD_SMS.INVALID_OTP', 'wrong'], [400, 'ONE_TIME_PASSWORD_SMS.VERIFICATION_EXPIRED', 'expired'],
    [400, 'ONE_TIME_PASSWORD_SMS.VERIFICATION_FAILED', 'exhausted'], [404, 'NOT_FOUND', 'expired'],
    [401, 'UNAUTHENTICATED', 'provider_unavailable'], [403, 'PERMISSION_DENIED', 'provider_unavailable'],
    [429, 'QUOTA_EXCEEDED', 'provider_unavailable'], [429, 'TOO_MANY_REQUESTS', 'provider_unavailable'],
    [400, 'INVALID_ARGUMENT', 'undeliverable'], [400, 'OUT_OF_RANGE', 'undeliverable'], [500, 'INTERNAL', 'unknown'], [200, 'none', 'unknown'],
  ])('knows what %i %s of validate-code is worth: %s (V-09, V-04)', async (status, code, worth) => {
    problem(status, code)
    const verdict = await check().catch((error: unknown) => (error as { code?: string }).code ?? 'unknown')
    expect(verdict).toBe(worth)
  })

  it('has not looked at a code without an access token, or without a connection (V-04)', async () => {
    gateway.answer(reply(400, { error: 'invalid_client' }))
    expect(await failureOf(check())).toMatchObject({ code: 'provider_unavailable' })
    expect(await failureOf(check({ tokenUrl: `${await deadUrl()}/token` }))).toMatchObject({ code: 'provider_unavailable' })
    gateway.answer(hangUp)
    expect((await failureOf(check())).code).toBeUndefined()
  })

  it.each<[string, object, RegExp]>([
    ['no credentials', { clientSecret: undefined }, /^camaraOtp takes either/], ['a clear line', { apiRoot: 'http://api.operator.example' }, /^apiRoot/],
    ['another alphabet', { alphabet: 'runes' }, /^alphabet/], ['codes of three digits', { codeLength: 3 }, /^codeLength/], ['a misspelt option', { scope: 'x' }, /no option scope/],
  ])('refuses %s at start-up (V-08)', (_, wrongly, message) => {
    expect(() => provider(wrongly)).toThrow(message)
  })
})
