import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import twilio from 'twilio'
import { startSimulator, type CamaraEndpoint, type CamaraFault, type Simulator } from 'mobileconnect-simulator'
import { camara, type CreateProvider } from 'passport-number-verification'
import { twilioSilent } from 'passport-number-verification/twilio'
import { camaraSwaps, twilioSwaps } from 'passport-sms-otp/checks'
import { camaraOtp, twilioVerify } from 'passport-sms-otp/providers'
import { twilioSender, twilioVerifySender, type SmsMessage } from 'passport-sms-otp/senders'
import { fixtures } from '../packages/mobileconnect-simulator/test/support/published-api.js'
import { startApp } from '../packages/passport-number-verification/test/support/app.js'
import { reply, startGateway, type Gateway, type GatewayRequest } from '../packages/passport-sms-otp/test/support/gateway.js'
import { operationsOf, startPrism, withoutUnknownMembers, type Prism, type PublishedOperation } from './support/prism.js'

const ada = '+447700900001'
const { signal } = new AbortController()

/** Published strictness, and the strictness of CAMARA's next versions. */
const strictnesses = [
  ['as published', (operations: PublishedOperation[]) => operations],
  ['with unknown members refused', withoutUnknownMembers],
] as const

describe.each(strictnesses)('Prism\'s validating proxy with CAMARA\'s documents, %s,', (_, strict) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  let sim: Simulator
  let prism: Prism
  beforeAll(async () => {
    sim = await startSimulator({ clients: [{ jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'client', alg: 'ES256' } as never] } }] })
    sim.handset(ada).network('mobile')
    prism = await startPrism(strict(await documents), sim.camara.apiRoot)
  })
  afterAll(async () => {
    await prism.close()
    await sim.close()
  })
  afterEach(() => {
    sim.camara.restore()
    prism.violations.length = prism.passed.length = 0
  })

  const client = () => ({ apiRoot: prism.url, clientId: sim.camara.clientId, tokenUrl: `${sim.camara.issuer}/token`, clientKey: privateKey, keyId: 'client' })

  /** A login by the network: the strategy makes the request. */
  const logIn = async (mode: 'verify' | 'read', hashed = false): Promise<unknown> => {
    const { issuer, clientId } = sim.camara
    const provider = camara({ issuer, apiRoot: prism.url, clientId, clientKey: { key: privateKey, kid: 'client' }, hashed })
    const app = await startApp({ provider, mode })
    const tab = app.tab()
    await tab.as('ada')
    const { status, body } = await tab.logIn()
    await app.close()
    if (status === 200) return body.user.id
    throw new Error(body.info?.code ?? body.error.code)
  }
  const swapped = (kind: 'sim' | 'device', grant?: 'jwt-bearer') => camaraSwaps({ ...client(), grant }).swapped({ kind, phone: ada, maxAge: 240 }, { signal })
  const otp = () => camaraOtp(client())
  const send = () => otp().start({ to: ada, purpose: 'login', details: {}, message: '{{code}} is your code', channel: 'sms', validFor: 300, repeated: false }, { signal })
  const check = async (sent: ReturnType<typeof send>) => {
    const { id } = await sent
    const code = /\d{6}/.exec(sim.handset(ada).texts().at(-1)!.text)![0]
    return otp().check({ id, to: ada, code, purpose: 'login', details: {} }, { signal })
  }

  it.each<[string, () => Promise<unknown>, unknown, string[]]>([
    ['the number of an account', () => logIn('verify'), 'ada', ['POST /number-verification/v2/verify']],
    ['the digest of the number', () => logIn('verify', true), 'ada', ['POST /number-verification/v2/verify']],
    ['the number of the device', () => logIn('read'), 'ada', ['GET /number-verification/v2/device-phone-number']],
    ['a new SIM', () => swapped('sim'), false, ['POST /sim-swap/v2/check']],
    ['a new SIM, with the number in the token', () => swapped('sim', 'jwt-bearer'), false, ['POST /sim-swap/v2/check']],
    ['a new device', () => swapped('device'), false, ['POST /device-swap/v1/check']],
    ['a new device, with the number in the token', () => swapped('device', 'jwt-bearer'), false, ['POST /device-swap/v1/check']],
    ['a text and its code', () => check(send()), 'right', ['POST /one-time-password-sms/v1/send-code', 'POST /one-time-password-sms/v1/validate-code']],
  ])('passes our question for %s and its answer', async (__, ask, answer, passed) => {
    expect(await ask()).toBe(answer)
    expect(prism.passed).toEqual(passed)
    expect(prism.violations).toEqual([])
  })

  const asking: Readonly<Record<string, [CamaraEndpoint, () => Promise<unknown>]>> = {
    phoneNumberVerify: ['verify', () => logIn('verify')],
    phoneNumberShare: ['device-phone-number', () => logIn('read')],
    checkSimSwap: ['sim-swap-check', () => swapped('sim')],
    checkDeviceSwap: ['device-swap-check', () => swapped('device')],
    sendCode: ['send-code', send],
    validateCode: ['validate-code', () => otp().check({ id: 'ea0840f3', to: ada, code: '012345', purpose: 'login', details: {} }, { signal })],
  }

  it.each(Object.keys(asking))('passes each error that the document lists for %s, and no error lets anybody in', async (operationId) => {
    const [endpoint, ask] = asking[operationId]!
    const listed = errorsOf((await documents).find(({ iid }) => iid === operationId)!)
    expect(listed.length).toBeGreaterThanOrEqual(4)
    for (const code of listed) {
      sim.camara.fail(endpoint, { code: code as NonNullable<CamaraFault['code']> })
      const outcome = await ask().catch(() => 'refused')
      expect([code, outcome]).toEqual([code, expect.stringMatching(/^(refused|wrong|expired|exhausted)$/)])
      sim.camara.restore()
    }
    expect(prism.passed).toHaveLength(listed.length)
    expect(prism.violations).toEqual([])
  })

  it('refuses a member that has another form, and an answer that has another form', async () => {
    const post = (path: string, body: object) => fetch(prism.url + path, { method: 'POST', headers: { 'content-type': 'application/json', authorization: 'Bearer x' }, body: JSON.stringify(body) })
    expect((await post('/sim-swap/v2/check', { phoneNumber: '07700 900001' })).status).toBe(422)
    expect((await post('/sim-swap/v2/checks', {})).status).toBe(404)
    sim.camara.fail('sim-swap-check', { status: 200, body: { swapped: 'no' } })
    expect((await post('/sim-swap/v2/check', { phoneNumber: ada })).status).toBe(500)
    sim.camara.fail('sim-swap-check', { status: 200, body: { swapped: false } })
    const [status, violations] = strict === withoutUnknownMembers ? [422, 4] : [200, 3]
    expect((await post('/sim-swap/v2/check', { phoneNumber: ada, reason: 'login' })).status).toBe(status)
    expect(prism.violations).toHaveLength(violations)
  })
})

const documents = operationsOf(['number-verification', 'sim-swap', 'device-swap', 'one-time-password-sms'].map((name) => join(fixtures, `${name}.yaml`)))

/** The codes of the errors that a document lists. */
function errorsOf({ responses }: PublishedOperation): string[] {
  const listed = responses.filter(({ code }) => code.startsWith('4')).flatMap(({ contents }) => JSON.stringify(contents))
  return [...new Set(listed.flatMap((text) => [...text.matchAll(/"code":\{"enum":(\[[^\]]*\])/g)]
    .flatMap(([, codes]) => JSON.parse(codes!) as string[])))]
}

describe.each(strictnesses)('Prism\'s validating proxy with Twilio\'s documents, %s,', (_, strict) => {
  const sid = `AC${'0123456789abcdef'.repeat(2)}`
  const token = 'token-of-the-account-0123456789ab'
  const id = (kind: string) => kind + 'ab'.repeat(16)
  const service = id('VA')
  let operations: PublishedOperation[]
  let gateway: Gateway
  let prism: Prism
  beforeAll(async () => {
    gateway = await startGateway()
    const folder = join(__dirname, 'fixtures/twilio')
    operations = await operationsOf(['twilio_verify_v2', 'twilio_lookups_v2', 'twilio_api_v2010'].map((name) => join(folder, `${name}.json`)))
    prism = await startPrism(strict(operations), gateway.url)
  })
  afterAll(async () => {
    await prism.close()
    await gateway.close()
  })
  afterEach(() => { prism.violations.length = prism.passed.length = gateway.requests.length = 0 })

  function sdk() {
    const client = twilio(sid, token)
    for (const product of [client.verify, client.lookups, client.api]) product.baseUrl = prism.url
    return client
  }
  const answers = (status: number, body: object) => gateway.answer(reply(status, body, { 'content-type': 'application/json' }))
  const verification = { sid: id('VE'), service_sid: service, account_sid: sid, to: ada, channel: 'sms', status: 'pending', valid: false, amount: null, payee: null }
  const details = { amount: '39.99 EUR', payee: 'Acme Inc.' }
  const psd2 = id('VA').replace('ab', 'cd')
  const codes = () => twilioVerify({ client: sdk(), serviceSid: service, psd2ServiceSid: psd2 })
  const start = (channel: 'sms' | 'whatsapp' | 'voice' | 'rcs', shown: Readonly<Record<string, string>> = {}) => {
    answers(201, { ...verification, ...shown })
    return codes().start({ to: ada, purpose: 'login', details: shown, message: '', channel, validFor: 300, repeated: false, locale: 'de' }, { signal })
  }
  const check = (shown: Readonly<Record<string, string>> = {}) => {
    answers(201, { ...verification, status: 'approved', valid: true, ...shown })
    return codes().check({ id: id('VE'), to: ada, code: '012345', purpose: 'login', details: shown }, { signal })
  }
  const silent = () => {
    const make: CreateProvider = twilioSilent({ client: sdk(), serviceSid: service })
    return make({ fetch, now: Date.now }).app!
  }
  const text: SmsMessage = { to: ada, body: '012345 is your code.', code: '012345', validFor: 300, reference: 'r1' }
  const addresses = {
    from: '+15005550006', statusCallback: 'https://acme.example/sms/status', voice: { from: '+15005550006' }, rcs: { from: 'rcs:acme_agent' },
    whatsapp: { from: '+15005550006', contentSid: id('HX') },
  }
  const sends = (channel: NonNullable<SmsMessage['channel']>, origin: 'sdk' | 'fetch' = 'sdk') => {
    answers(201, { sid: id(channel === 'voice' ? 'CA' : 'SM'), account_sid: sid, to: ada, status: 'queued' })
    const by = origin === 'sdk' ? { client: sdk() } : { accountSid: sid, authToken: token, baseUrl: prism.url }
    return twilioSender({ ...addresses, ...by }).send({ ...text, channel }, { signal })
  }

  /** Prism reads of a form and of a query what the document names, and leaves out the rest. */
  function unknownFields({ path, body }: GatewayRequest): string[] {
    const url = new URL(path, gateway.url)
    const named = operations.find((one) => new RegExp(`^${one.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(url.pathname))!.request!
    const fields = Object.keys((named.body?.contents?.[0]?.schema as { properties?: object } | undefined)?.properties ?? {})
    const parameters = named.query?.map(({ name }) => name) ?? []
    return [...new URLSearchParams(body).keys()].filter((name) => !fields.includes(name))
      .concat([...url.searchParams.keys()].filter((name) => !parameters.includes(name)))
  }

  it.each<[string, () => Promise<unknown>]>([
    ['a verification by a text', () => start('sms')], ['a verification by WhatsApp', () => start('whatsapp')],
    ['a verification by a call', () => start('voice')], ['a verification by RCS', () => start('rcs')],
    ['a verification that shows amount and payee', () => start('sms', details)],
    ['a check of a code', () => check()], ['a check of a code for amount and payee', () => check(details)],
    ['a verification with our own code', () => {
      answers(201, verification)
      return twilioVerifySender({ client: sdk(), serviceSid: service }).send(text, { signal })
    }],
    ['a silent verification', () => {
      answers(201, { ...verification, channel: 'sna', sna: { url: 'https://mi.dnlsrv.com/m/id/ANItNzhM' } })
      return silent().begin({ phone: ada, signal } as never)
    }],
    ['a check of a silent verification', () => {
      answers(201, { ...verification, channel: 'sna', status: 'approved', valid: true, sna_attempts_error_codes: [] })
      return silent().end({ phone: ada, signal } as never, { proof: 'token-of-the-phone', keep: id('VE'), once: async () => true })
    }],
    ['a look-up of the SIM', () => {
      const lastSwap = { last_sim_swap: { swapped_period: 'PT240H', swapped_in_period: false } }
      answers(200, { phone_number: ada, valid: true, validation_errors: [], sim_swap: lastSwap })
      return twilioSwaps({ client: sdk() }).swapped({ kind: 'sim', phone: ada, maxAge: 240 }, { signal })
    }],
    ['a text', () => sends('sms')], ['a message in WhatsApp', () => sends('whatsapp')], ['a message by RCS', () => sends('rcs')],
    ['a call', () => sends('voice')], ['a text without the SDK', () => sends('sms', 'fetch')], ['a call without the SDK', () => sends('voice', 'fetch')],
  ])('passes our request for %s and its answer', async (__, ask) => {
    expect(await ask()).toBeDefined()
    expect(prism.violations).toEqual([])
    expect(gateway.requests).toHaveLength(1)
    expect(unknownFields(gateway.last)).toEqual([])
  })

  it('refuses a request without the account\'s token, and a service of another form', async () => {
    const form = { method: 'POST', body: new URLSearchParams({ To: ada, Channel: 'sms' }) }
    const of = (kind: string) => `${prism.url}/v2/Services/${kind}/Verifications`
    expect((await fetch(of(service), form)).status).toBe(401)
    const headers = { authorization: `Basic ${btoa(`${sid}:${token}`)}` }
    expect((await fetch(of('VA1'), { ...form, headers })).status).toBe(422)
    expect(prism.violations).toHaveLength(2)
    expect(gateway.requests).toEqual([])
    const more = new URLSearchParams({ To: ada, Subject: 'ada' }).toString()
    expect(unknownFields({ method: 'POST', path: `/v2/Services/${service}/Verifications`, headers, body: more })).toEqual(['Subject'])
  })
})
