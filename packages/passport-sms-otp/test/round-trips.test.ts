import { createClient } from 'redis'
import { describeWithRedisServer, startRedisServer, type RedisServer } from '../../../test/support/redis.js'
import { RedisChallengeStore, type SmsOtpOptions } from '../src/index.js'
import { createApp } from './support/app.js'
import { ADA, BOB, codeIn, issued, service, wrong } from './support/kit.js'
import { commandsDuring } from './support/monitor.js'

const unlimited = { phone: {}, ip: {}, prefix: {}, country: {} }
const user = { id: 'user-7', phone: ADA }
const known = { subject: user.id, known: true }

describeWithRedisServer('Round trips, as the Redis server counts them', () => {
  let server: RedisServer
  let client: ReturnType<typeof createClient>

  beforeAll(async () => {
    server = await startRedisServer()
    client = createClient({ url: server.url })
    await client.connect()
    // The server knows the scripts from here on: sending one the first time takes a second command.
    const { otp, inbox } = over({ delays: [], sendLimits: { total: { '1h': 1 } }, lockout: { after: 100 } })
    const sent = await otp.issue({ to: BOB, purpose: 'login' })
    const challenge = sent.status === 'sent' ? sent.challenge : ''
    await otp.resend({ challenge })
    await otp.verify({ challenge, code: codeIn(inbox, BOB), purpose: 'login' })
    await otp.enable('nobody')
    await new RedisChallengeStore({ client }).retire({ subject: 'nobody', id: 'none' })
    await new RedisChallengeStore({ client }).release({ budgets: [{ key: 'none', limits: [{ limit: 1, window: 1000 }] }], at: 1 })
  })
  beforeEach(() => client.flushAll())
  afterAll(async () => {
    client.destroy()
    await server.close()
  })

  const over = (options: Partial<SmsOtpOptions> = {}) => service({ store: new RedisChallengeStore({ client }), ...options })
  /** One that has asked the store already by which key its ledgers are named. */
  const running = async (options: Partial<SmsOtpOptions> = {}) => {
    const kit = over(options)
    await kit.otp.enable('nobody')
    return kit
  }
  const runningApp = async () => {
    const kit = createApp({ strategy: { store: new RedisChallengeStore({ client }) }, user, verify: null })
    await kit.strategy.otp.enable('nobody')
    return kit
  }
  const during = (work: () => Promise<unknown>) => commandsDuring(server.url, client, work)
  const calls = (count: number) => Array<string>(count).fill('EVALSHA')

  it.each<[string, Partial<SmsOtpOptions>, object, number]>([
    ['one where no shared limit applies', { sendLimits: unlimited, conversion: false }, {}, 1],
    ['one for an account where its number has no limit', { sendLimits: unlimited }, known, 1],
    ['two for an account: the limit of its number is shared', {}, known, 2],
    ['two for a stranger, however many limits there are', { sendLimits: { total: { '1h': 100, '1d': 1000 } } }, { ip: '192.0.2.1' }, 2],
  ])('a text takes %s, and so does a text sent again', async (_, options, asked, count) => {
    const kit = await running({ delays: [], ...options })
    let challenge = ''
    expect(await during(async () => { ({ challenge } = await issued(kit, asked)) })).toEqual(calls(count))
    expect(await during(async () => expect(await kit.otp.resend({ challenge })).toMatchObject({ status: 'sent' }))).toEqual(calls(count))
  })

  it('the first text of a process takes one round trip more, and the first text of the first process two more: for the key that ledgers are named by', async () => {
    expect(await during(() => issued(over(), known))).toEqual(calls(4))
    expect(await during(() => issued(over({ delays: [] }), known))).toEqual(calls(3))
  })

  it.each<[string, object]>([['of an account', known], ['of a stranger', {}]])('a guess takes one round trip: the wrong code %s, and one for a challenge that is over', async (_, asked) => {
    const kit = await running({ maxAttempts: 1 })
    const { challenge, code } = await issued(kit, asked)
    const guess = (status: string) => async () => { expect(await kit.otp.verify({ challenge, code: wrong(code), purpose: 'login', ...asked })).toMatchObject({ status }) }
    expect(await during(guess('wrong'))).toEqual(calls(1))
    expect(await during(guess('exhausted'))).toEqual(calls(1))
  })

  it('the right code of an account takes one round trip', async () => {
    const kit = await running()
    const { challenge, code } = await issued(kit, known)
    expect(await during(async () => { expect(await kit.otp.verify({ challenge, code, purpose: 'login', ...known })).toMatchObject({ status: 'ok' }) })).toEqual(calls(1))
  })

  it('the right code of a stranger takes one round trip, and one more for the statistics of its prefix, for which nobody waits', async () => {
    const kit = await running()
    const { challenge, code } = await issued(kit)
    expect(await during(() => kit.otp.verify({ challenge, code, purpose: 'login' }))).toEqual(calls(2))

    let asked = -1000
    let settle: (reply: string[]) => void = () => undefined
    const held = new Promise<string[]>((resolve) => { settle = resolve })
    const evalSha = (...args: Parameters<typeof client.evalSha>) => (++asked === 2 ? held : client.evalSha(...args))
    const slow = await running({ store: new RedisChallengeStore({ client: { evalSha, eval: client.eval.bind(client) } }) })
    asked = 0
    const other = await issued(over({ delays: [] }))
    expect(await slow.otp.verify({ ...other, purpose: 'login' })).toMatchObject({ status: 'ok' })
    settle(['done'])
    expect(asked).toBe(2)
  })

  it('a request that costs no guess takes no round trip: malformed, unknown, for something else, of a number that is not texted', async () => {
    const kit = await running({ countries: ['GB'] })
    const { challenge, code } = await issued(kit)
    expect(await during(async () => {
      await kit.otp.verify({ challenge, code: '12345', purpose: 'login' })
      await kit.otp.verify({ challenge: 'none', code, purpose: 'login' })
      await kit.otp.verify({ challenge, code, purpose: 'transfer' })
      await kit.otp.resend({ challenge: 'none' })
      await kit.otp.issue({ to: '+15005550006', purpose: 'login' })
    })).toEqual([])
  })

  it('a refusal takes no more round trips than what it refuses', async () => {
    const kit = await running()
    await issued(kit)
    expect(await during(async () => { expect(await kit.otp.issue({ to: ADA, purpose: 'login' })).toMatchObject({ scope: 'delay' }) })).toEqual(calls(1))
  })

  it('over HTTP, send, wrong and right code of a second factor take two, one and one round trips', async () => {
    const kit = await runningApp()
    const browser = kit.agent()
    expect(await during(() => browser.post('/send').expect(200))).toEqual(calls(2))
    expect(await during(() => browser.post('/verify').send({ code: wrong(codeIn(kit.inbox)) }).expect(401))).toEqual(calls(1))
    expect(await during(() => browser.post('/verify').send({ code: codeIn(kit.inbox) }).expect(200))).toEqual(calls(1))
  })

  it('over HTTP, a text to another number of the same session takes one round trip more, for the challenge it takes the place of', async () => {
    const kit = createApp({ strategy: { store: new RedisChallengeStore({ client }) } })
    await kit.strategy.otp.enable('nobody')
    const browser = kit.agent()
    expect(await during(() => browser.post('/send').send({ phone: ADA }).expect(200))).toEqual(calls(2))
    expect(await during(() => browser.post('/send').send({ phone: BOB }).expect(200))).toEqual(calls(3))
  })
})
