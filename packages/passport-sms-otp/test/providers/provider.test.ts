import { createClient } from 'redis'
import { describeWithRedisServer, startRedisServer, type RedisServer } from '../../../../test/support/redis.js'
import { RedisChallengeStore, SmsOtpError, Strategy, type SmsOtpOptions } from '../../src/index.js'
import type { CodeProvider, CodeVerdict } from '../../src/providers/provider.js'
import { createApp } from '../support/app.js'
import { codeProvider } from '../support/code-provider.js'
import { failureOf, told } from '../support/gateway.js'
import { ADA, clock, minutes, SECRET, seconds, service, wrong } from '../support/kit.js'
import { commandsDuring } from '../support/monitor.js'
import { describeOnEveryStore, inMemory, type MakeShelf } from '../support/stores.js'

const account = { subject: 'user-7', known: true }

function kitOver(makeShelf: MakeShelf, { traits, ...options }: Partial<SmsOtpOptions> & { traits?: Parameters<typeof codeProvider>[0] } = {}) {
  const time = clock()
  const acme = codeProvider(traits)
  const { otp } = service({ provider: acme.provider, store: makeShelf(time.now).store, delays: [], ...options } as Partial<SmsOtpOptions>)
  const issued = async (more: object = {}) => {
    const sent = await otp.issue({ to: ADA, purpose: 'login', ...account, ...more })
    if (sent.status !== 'sent') throw new Error(JSON.stringify(sent))
    return sent.challenge
  }
  const verify = (challenge: string, code: string, more: object = {}) => otp.verify({ challenge, code, purpose: 'login', ...account, ...more })
  return { time, acme, otp, issued, verify }
}

describeOnEveryStore('A provider that makes its own codes', (makeShelf) => {
  it('a provider starts a code, and a right code is good once (V-03, R-03)', async () => {
    const { acme, issued, verify, time } = kitOver(makeShelf)
    const challenge = await issued({ locale: 'de-AT' })
    expect(acme.starts).toEqual([{
      to: ADA, purpose: 'login', details: {}, locale: 'de-AT', validFor: 300, repeated: false, channel: 'sms',
      message: '{{code}} ist Ihr Code. Bitte nicht weitergeben.',
    }])
    const { code } = acme
    expect(await verify(challenge, wrong(code))).toEqual({ status: 'wrong', attemptsLeft: 4 })
    expect(await verify(challenge, code)).toEqual({ status: 'ok', phone: ADA, subject: 'user-7', purpose: 'login', at: new Date(time.now()) })
    expect(await verify(challenge, code)).toEqual({ status: 'used' })
    expect(acme.guesses).toHaveLength(2)
    expect(acme.guesses[1]).toEqual({ id: acme.id, to: ADA, code, purpose: 'login', details: {} })
  })

  it('a provider lets one of two racing right codes in, even if it says of both that they are right (V-03)', async () => {
    const { acme, issued, verify } = kitOver(makeShelf)
    const challenge = await issued()
    acme.does({ check: async () => { await new Promise(setImmediate); return 'right' as const } })
    const answers = await Promise.all(Array.from({ length: 5 }, () => verify(challenge, '123456')))
    expect(answers.map(({ status }) => status).sort()).toEqual(['ok', 'used', 'used', 'used', 'used'])
  })

  it('a provider is asked about no more guesses than a challenge has, and after a lockout about none (V-01, R-04, R-05)', async () => {
    const { acme, issued, verify, time } = kitOver(makeShelf, { maxAttempts: 3, lockout: { after: 3, for: '15m' }, traits: { tries: 100 } })
    const challenge = await issued()
    const answers = await Promise.all(Array.from({ length: 50 }, () => verify(challenge, wrong(acme.code))))
    expect(answers.filter(({ status }) => status === 'wrong')).toHaveLength(3)
    expect(acme.guesses).toHaveLength(3)
    expect(await verify(challenge, acme.code)).toEqual({ status: 'locked', retryAfter: 900 })
    time.pass(minutes(15))
    expect(await verify(challenge, acme.code)).toEqual({ status: 'expired' })
    expect(acme.guesses).toHaveLength(3)
  })

  it('a provider that is down costs the attempt, unless it says that it did not look (V-04)', async () => {
    const { acme, issued, verify } = kitOver(makeShelf, { maxAttempts: 2, lockout: { after: 1, for: '1m' } })
    const challenge = await issued()
    acme.does({ check: () => 'unchecked' })
    for (let tried = 0; tried < 20; tried += 1) {
      expect(await failureOf(verify(challenge, acme.code))).toMatchObject({ code: 'provider_unavailable', status: 503, expose: false })
    }
    acme.does({ check: () => { throw new Error('ECONNRESET') } })
    expect(await failureOf(verify(challenge, acme.code))).toMatchObject({ code: 'provider_unavailable' })
    acme.does({})
    expect(await verify(challenge, acme.code)).toEqual({ status: 'locked', retryAfter: 60 })
  })

  it.each<[string, CodeVerdict, string]>([
    ['has forgotten the code', 'expired', 'expired'], ['takes no more guesses', 'exhausted', 'exhausted'],
  ])('a provider that %s ends the challenge (V-05)', async (_, verdict, status) => {
    const { acme, otp, issued, verify } = kitOver(makeShelf)
    const challenge = await issued()
    acme.does({ check: () => verdict })
    expect(await verify(challenge, acme.code)).toEqual({ status })
    acme.does({})
    expect(await verify(challenge, acme.code)).toEqual({ status })
    expect(await otp.resend({ challenge })).toMatchObject({ status })
    expect(acme.guesses).toHaveLength(1)
  })

  it('a provider repeats a code, or makes another one for the same challenge, whose attempts stay as they are (R-07, V-02)', async () => {
    const { acme, otp, issued, verify, time } = kitOver(makeShelf)
    const challenge = await issued()
    const [first, { code }] = [acme.id, acme]
    await verify(challenge, wrong(code))
    time.pass(seconds(30))
    expect(await otp.resend({ challenge })).toMatchObject({ status: 'sent', attemptsLeft: 4 })
    expect(acme.starts[1]).toMatchObject({ repeated: true, validFor: 300 - 30 })
    expect(acme.id).not.toBe(first)
    expect(await verify(challenge, acme.code)).toMatchObject({ status: 'ok' })
    expect(acme.guesses.map(({ id }) => id)).toEqual([first, acme.id])
  })

  it('a provider is not asked about a code for something else (R-08, V-07)', async () => {
    const { acme, issued, verify } = kitOver(makeShelf, { traits: { details: ['amount', 'payee'] } })
    const details = { amount: '100.00 EUR', payee: 'Bob' }
    const challenge = await issued({ details })
    expect(acme.starts[0]).toMatchObject({ details })
    for (const other of [{}, { details: { ...details, amount: '200.00 EUR' } }, { details, purpose: 'transfer' }, { details, subject: 'user-8' }, { details, to: '+447400123457' }]) {
      expect(await verify(challenge, acme.code, other)).toEqual({ status: 'unknown' })
    }
    expect(acme.guesses).toEqual([])
    expect(await verify(challenge, acme.code, { details })).toMatchObject({ status: 'ok' })
    expect(acme.guesses[0]).toMatchObject({ details })
  })

  it.each<[string, SmsOtpError, object]>([
    ['its own limit, until when it is known', new SmsOtpError('send_throttled', 'x', { retryAfter: 42, providerCode: '60203' }), { status: 'throttled', scope: 'provider', retryAfter: 42 }],
    ['its own limit, at most as long as a code lives', new SmsOtpError('send_throttled', 'x'), { status: 'throttled', scope: 'provider', retryAfter: 300 }],
    ['a number that it does not text', new SmsOtpError('send_refused', 'x', { providerCode: 'BLOCKED' }), { status: 'refused', reason: 'blocked', detail: 'BLOCKED' }],
    ['its refusal', new SmsOtpError('undeliverable', 'x', { providerCode: '20003', temporary: false }), { status: 'undeliverable', provider: 'acme', providerCode: '20003', temporary: false }],
  ])('a provider that sent nothing delays nobody: %s (V-06, L-04)', async (_, error, result) => {
    const { acme, otp, issued } = kitOver(makeShelf, { delays: ['30s'] })
    acme.does({ start: () => { throw error } })
    expect(await otp.issue({ to: ADA, purpose: 'login', ...account })).toEqual(result)
    acme.does({})
    expect(await issued()).toEqual(expect.any(String))
  })

  it.each<[string, () => { id: string }]>([
    ['gives no name', () => ({}) as never], ['gives a name that no store keeps', () => ({ id: 'a b' })], ['breaks off', () => { throw new Error('reset') }],
  ])('a provider that %s may have sent a code that nobody can check, so the person is told to try again (V-06)', async (_, start) => {
    const { acme, otp } = kitOver(makeShelf, { delays: ['30s'] })
    acme.does({ start })
    expect(await otp.issue({ to: ADA, purpose: 'login', ...account })).toEqual({ status: 'undeliverable', provider: 'acme', temporary: true })
    expect(await otp.issue({ to: ADA, purpose: 'login', ...account })).toMatchObject({ status: 'throttled', scope: 'delay' })
  })

  it('a code that left without a name is a wrong one to a stranger, and costs an attempt (V-02)', async () => {
    const { acme, otp, verify } = kitOver(makeShelf)
    acme.does({ start: () => { throw new Error('reset') } })
    let challenge = ''
    const strangers = { to: ADA, purpose: 'login', ip: '192.0.2.1', background: async (work: () => Promise<unknown>) => { await work() } }
    const sent = await otp.start(strangers)
    if (sent.status === 'sent') challenge = sent.challenge
    expect(await verify(challenge, '123456', { subject: undefined, known: false })).toEqual({ status: 'wrong', attemptsLeft: 4 })
  })
})

describe('A provider that makes its own codes', () => {
  it('a provider may not answer at all, or anything: only its word makes a code right (V-04, R-31)', async () => {
    for (const verdict of [true, 'RIGHT', { right: true }, undefined, null, 1]) {
      const { acme, issued, verify } = kitOver(inMemory)
      const challenge = await issued()
      acme.does({ check: () => verdict as never })
      expect(await failureOf(verify(challenge, acme.code))).toMatchObject({ code: 'provider_unavailable' })
    }
    const { acme, issued, verify } = kitOver(inMemory, { senderTimeout: '1s' })
    const challenge = await issued()
    acme.does({ check: () => new Promise<never>(() => undefined) })
    expect(await failureOf(verify(challenge, acme.code))).toMatchObject({ code: 'provider_unavailable' })
  })

  it('a provider leaves no code, number or name in errors and events (R-14, R-15)', async () => {
    const { acme, otp, issued, verify } = kitOver(inMemory)
    const events: unknown[] = []
    for (const name of ['sent', 'failed', 'verified', 'undeliverable'] as const) otp.on(name, (event) => events.push(event))
    const challenge = await issued()
    const { code, id } = acme
    acme.does({ check: () => { throw Object.assign(new Error(`${code} of ${ADA} at ${id}`), { providerCode: 'E1' }) } })
    const error = await failureOf(verify(challenge, code))
    expect(error).toMatchObject({ providerCode: 'E1' })
    for (const secret of [code, ADA, id]) expect(told(error)).not.toContain(secret)
    for (const secret of [code, ADA]) expect(told(events)).not.toContain(secret)
    expect(events.at(-1)).toMatchObject({ reason: 'unavailable', purpose: 'login' })
  })

  it('a provider is of no use where the store does not keep its name of a code: that is our fault', async () => {
    const { store } = inMemory(Date.now)
    const { otp } = kitOver(() => ({ store: Object.assign(Object.create(store), { assign: async () => { throw new Error('down') } }) }) as never)
    expect(await failureOf(otp.issue({ to: ADA, purpose: 'login', ...account }))).toMatchObject({ code: 'store_unavailable' })
  })

  it('a lock that a guess of unknown worth has brought about is told', async () => {
    const { acme, otp, issued, verify } = kitOver(inMemory, { lockout: { after: 1 } })
    const events: string[] = []
    for (const name of ['failed', 'locked'] as const) otp.on(name, () => events.push(name))
    const challenge = await issued()
    acme.does({ check: () => 'exhausted' })
    await verify(challenge, acme.code)
    expect(events).toEqual(['failed', 'locked'])
  })

  it('a provider has codes of its own look: of another length, and with letters as they are typed', async () => {
    const { acme, otp, issued, verify } = kitOver(inMemory, { traits: { code: { length: 4, alphabet: 'any' } } })
    const challenge = await issued()
    expect(await verify(challenge, '123456')).toEqual({ status: 'malformed' })
    await verify(challenge, 'Aj-Y3')
    expect(acme.guesses.map(({ code }) => code)).toEqual(['AjY3'])
    expect((await otp.inputs()).code).toEqual({})
  })

  it('a provider writes our text, with the place of its code, if it says so, and a text that is too long is refused (V-07)', async () => {
    const traits = { details: 'all' as const, message: { longest: 70 } }
    const { acme, otp, issued } = kitOver(inMemory, { traits, appName: 'Acme' })
    const details = { amount: '5 EUR' }
    await issued({ details })
    expect(acme.starts[0]!.message).toBe('{{code}} is your Acme code for amount: "5 EUR". Do not share it.')
    const long = { amount: '5 EUR', payee: 'Bob the Builder of Burnley' }
    expect(await failureOf(otp.issue({ to: ADA, purpose: 'login', ...account, details: long }))).toMatchObject({ code: 'details_invalid' })
    expect(acme.starts).toHaveLength(1)
    expect(() => kitOver(inMemory, { traits: { message: { longest: 160 } }, message: () => 'no code' })).toThrow(/m\.code/)
    expect(() => kitOver(inMemory, { traits: { message: { longest: 160 } }, message: ({ code }) => code.padEnd(161) })).toThrow(/161 characters, and the provider takes 160/)
  })

  it.each<[string, object, RegExp]>([
    ['both', { sender: { name: 'x', send: async () => ({}) }, provider: codeProvider().provider }, /either sender.*or provider/],
    ['none', {}, /^sender is required, or provider/],
    ['no provider', { provider: { name: 'x' } }, /^provider is what twilioVerify/],
    ['a length of ours', { provider: codeProvider().provider, codeLength: 8 }, /^codeLength is of codes and texts of ours/],
    ['reports of texts, for it makes another code for the next one', { provider: codeProvider().provider, expectDelivery: '20s' }, /^expectDelivery is of codes and texts of ours/],
    ['a message that it does not send', { provider: codeProvider().provider, message: () => '' }, /^message is of codes/],
    ['codes of three digits', { provider: codeProvider({ code: { length: 3 } }).provider }, /length of the provider's codes is a whole number from 4/],
    ['details that no text shows', { provider: codeProvider().provider, details: () => ({}) }, /^details cannot be confirmed/],
    ['numbers that are not texted', { provider: codeProvider().provider, mayText: () => true }, /^mayText cannot hide/],
  ])('a service with a provider is set up with what the provider can keep, and with nothing else: %s (V-08)', (_, options, message) => {
    expect(() => new Strategy({ secret: SECRET, ...options } as never)).toThrow(message)
  })

  it.each<[string, CodeProvider['details'], string | undefined]>([
    ['none', undefined, 'amount'], ['some', ['amount'], 'payee'], ['all', 'all', undefined],
  ])('a provider shows %s of the details, and the others are refused by name (V-07, N-01)', async (_, shown, fault) => {
    const details = { amount: '5 EUR', payee: 'Bob' }
    const { otp, acme } = kitOver(inMemory, { traits: shown === undefined ? {} : { details: shown } })
    expect(otp.checkDetails(details)).toBe(fault)
    const outcome = await otp.issue({ to: ADA, purpose: 'login', ...account, details }).then(({ status }) => status, (error: unknown) => (error as SmsOtpError).code)
    expect(outcome).toBe(fault === undefined ? 'sent' : 'details_invalid')
    expect(acme.starts).toHaveLength(fault === undefined ? 1 : 0)
  })
})

describe('The strategy with a provider', () => {
  const user = { id: 'user-7', phone: ADA }
  const setUp = (options: object = {}) => {
    const acme = codeProvider()
    return { acme, ...createApp({ strategy: { provider: acme.provider, delays: [], ...options }, user, verify: null }) }
  }

  it('the strategy with a provider logs in by a right code, and refuses a wrong one', async () => {
    const { acme, agent } = setUp()
    const browser = agent()
    expect((await browser.post('/send').expect(200)).body).toMatchObject({ to: '+44 •••• •••456', attemptsLeft: 5 })
    expect((await browser.post('/verify').send({ code: wrong(acme.code) }).expect(401)).body).toMatchObject({ code: 'code_wrong', attemptsLeft: 4 })
    await browser.post('/verify').send({ code: acme.code }).expect(200)
  })

  it('the strategy answers 503 while the provider does not check, and lets the person in afterwards (V-04, R-31)', async () => {
    const { acme, agent, errors } = setUp()
    const browser = agent()
    await browser.post('/send').expect(200)
    acme.does({ check: () => 'unchecked' })
    expect((await browser.post('/verify').send({ code: acme.code }).expect(503)).body).toMatchObject({ code: 'provider_unavailable' })
    expect(errors).toMatchObject([{ code: 'provider_unavailable' }])
    acme.does({})
    await browser.post('/verify').send({ code: acme.code }).expect(200)
  })

  it('the strategy tells limits of the provider as ours, and offers another factor for a number that the provider does not text (V-06)', async () => {
    const { acme, agent } = setUp()
    const browser = agent()
    acme.does({ start: () => { throw new SmsOtpError('send_throttled', 'x', { retryAfter: 42 }) } })
    const throttled = await browser.post('/send').expect(429)
    expect([throttled.body.code, throttled.headers['retry-after']]).toEqual(['send_throttled', '42'])
    acme.does({ start: () => { throw new SmsOtpError('send_refused', 'x') } })
    expect((await browser.post('/send').expect(403)).body).toMatchObject({ code: 'send_refused', reason: 'blocked', withdrawn: true })
  })
})

describeWithRedisServer('Round trips with a provider, as the Redis server counts them', () => {
  let server: RedisServer
  let client: ReturnType<typeof createClient>
  beforeAll(async () => {
    server = await startRedisServer()
    client = createClient({ url: server.url })
    await client.connect()
  })
  afterAll(async () => {
    client.destroy()
    await server.close()
  })

  it('a text by a provider takes one round trip more than by a sender; a wrong code takes one, and a right code two', async () => {
    const store = new RedisChallengeStore({ client })
    const { acme, issued, verify } = kitOver(() => ({ store }) as never)
    await verify(await issued(), acme.code)
    const count = async (work: () => Promise<unknown>) => (await commandsDuring(server.url, client, work)).length
    let challenge = ''
    expect(await count(async () => { challenge = await issued() })).toBe(3)
    expect(await count(() => verify(challenge, wrong(acme.code)))).toBe(1)
    expect(await count(() => verify(challenge, acme.code))).toBe(2)
  })
})
