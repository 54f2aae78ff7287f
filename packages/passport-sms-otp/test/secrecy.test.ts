import { inspect } from 'node:util'
import { createClient } from 'redis'
import { describeWithRedis, sharedRedisUrl } from '../../../test/support/redis.js'
import {
  MemoryChallengeStore, RedisChallengeStore, SmsOtp, SmsOtpError, type ChallengeStore, type SmsOtpOptions,
} from '../src/index.js'
import { deriveKeys } from '../src/codes/keys.js'
import { inboxSender } from '../src/testing.js'
import { createApp } from './support/app.js'
import { ADA, BOB, codeIn, randomId, SECRET, wrong } from './support/kit.js'
import { readRecord } from './support/record.js'

const USER = 'user-4711-of-accounts'
const eventNames = ['sent', 'resent', 'send-denied', 'undeliverable', 'verified', 'failed', 'locked', 'disabled'] as const

/** Everything a service does, with all it says and all it keeps as text. */
async function story(store: ChallengeStore, dump: () => Promise<string>, options: Partial<SmsOtpOptions> = {}) {
  const inbox = inboxSender()
  const otp = new SmsOtp({ sender: inbox, secret: SECRET, store, delays: [], lockout: { after: 3 }, ...options } as SmsOtpOptions)
  const said: unknown[] = []
  for (const name of eventNames) otp.on(name, (event) => said.push(name, event))
  const dumps: string[] = []
  const asked = { to: ADA, purpose: 'transfer', subject: USER, details: { payee: 'Robert' }, ip: '192.0.2.77' }
  const sent = await otp.issue(asked)
  if (sent.status !== 'sent') throw new Error(sent.status)
  const { challenge } = sent
  const code = codeIn(inbox)
  dumps.push(await dump())
  const { to: _, ...bound } = asked
  said.push(sent, await otp.resend({ challenge, details: asked.details, ip: asked.ip }))
  said.push(await otp.verify({ ...bound, challenge, code: wrong(code) }))
  dumps.push(await dump())
  const { phone, subject, ...ok } = await otp.verify({ ...bound, challenge, code }) as { phone: string, subject: string }
  said.push(ok, await otp.verify({ ...bound, challenge, code }), await otp.issue({ to: BOB, purpose: 'login', ip: '192.0.2.77' }))
  dumps.push(await dump())
  expect([phone, subject]).toEqual([ADA, USER])
  return { code, said: inspect(said, { depth: 9 }), kept: dumps.join('\n'), otp: inspect(otp, { depth: 12, showHidden: true }) }
}

const secrets = [ADA, ADA.slice(1), ADA.slice(3), USER, '4711', BOB.slice(1), 'Robert', '192.0.2.77']

describe('A dump of what the store holds', () => {
  it('a dump of the store in memory has no code, number, user, address or detail in it (R-09)', async () => {
    const store = new MemoryChallengeStore()
    const { code, kept } = await story(store, async () => inspect(store, { depth: 9, showHidden: true, maxArrayLength: null }))
    expect(kept).toMatch(/subject:[\w-]{22}/)
    for (const secret of [code, ...secrets]) expect(kept).not.toContain(secret)
  })

  describeWithRedis('on Redis', () => {
    it('a dump of every key in Redis has no code, number, user, address or detail in it (R-09)', async () => {
      const client = createClient({ url: sharedRedisUrl()! })
      await client.connect()
      const prefix = `secrecy:${randomId()}:`
      const dump = async () => {
        const keys = await client.keys(`${prefix}*`)
        const valueOf = async (key: string) => (key.endsWith(':record') ? JSON.stringify(await readRecord(client, key)) : readable(client, key))
        const values = await Promise.all(keys.map(async (key) => `${key} ${await client.dump(key)} ${await valueOf(key)}`))
        return values.join('\n')
      }
      try {
        const { code, kept } = await story(new RedisChallengeStore({ client, prefix }), dump)
        expect(kept).toContain(prefix)
        const text = kept.replaceAll(/\b1[0-9]{12}\b/g, 'INSTANT')
        for (const secret of [code, ...secrets]) expect(text.replaceAll(prefix, '')).not.toContain(secret)
      } finally {
        await client.close()
      }
    })
  })
})

/** A key's value as text, whatever its type. */
async function readable(client: { type(key: string): Promise<string>, sendCommand(args: string[]): Promise<unknown> }, key: string): Promise<string> {
  const commands: Record<string, string[]> = {
    string: ['GET', key], hash: ['HGETALL', key], list: ['LRANGE', key, '0', '-1'], set: ['SMEMBERS', key], zset: ['ZRANGE', key, '0', '-1', 'WITHSCORES'],
  }
  return JSON.stringify(await client.sendCommand(commands[await client.type(key)]!))
}

describe('Results, events and the service itself', () => {
  it('results, events and the service itself have no code, and no whole number or user in them (R-14, R-15, X-09)', async () => {
    const { code, said } = await story(new MemoryChallengeStore(), async () => '')
    expect(said).toContain('+44 •••• •••456')
    for (const secret of [code, ...secrets]) expect(said).not.toContain(secret)
  })

  it('results, events and the service itself show no secret when inspected (R-14)', async () => {
    const { otp } = await story(new MemoryChallengeStore(), async () => '')
    const { firstTag, current } = deriveKeys([SECRET])
    const derived = [firstTag, current.code, current.handle, current.copy].map((key) => key.export())
    for (const secret of [Buffer.from(SECRET), ...derived]) {
      for (const shown of [secret.toString(), secret.toString('hex'), secret.toString('hex').slice(0, 20).replace(/..(?=.)/g, '$& ')]) expect(otp).not.toContain(shown)
    }
  })
})

describe('Over HTTP', () => {
  it('over HTTP, no answer, header, cookie or error has the code or the whole number in it (R-14, R-15, W-15)', async () => {
    const kit = createApp({ strategy: { delays: [], lockout: { after: 2 } }, verify: async () => ({ id: 'user-7' }) })
    const logged = (['log', 'info', 'warn', 'error', 'debug'] as const).map((level) => jest.spyOn(console, level))
    const browser = kit.agent()
    const answers: unknown[] = []
    const post = async (path: string, body: object) => {
      const { status, headers, body: answer } = await browser.post(path).send(body)
      answers.push(status, headers, answer)
    }
    await post('/send', { phone: ADA })
    const code = codeIn(kit.inbox)
    await post('/resend', {})
    await post('/verify', { code: 'abcdef' })
    await post('/verify', { code: wrong(code) })
    await post('/verify', { code })
    await post('/verify', { code })
    const said = inspect([answers, kit.errors, logged.map(({ mock }) => mock.calls)], { depth: 9, showHidden: true })
    for (const secret of [code, wrong(code), ADA, ADA.slice(3)]) expect(said).not.toContain(secret)
    for (const spy of logged) spy.mockRestore()
  })

  it('an error of ours says nothing of a provider that quotes the text (W-16)', async () => {
    const sender = {
      name: 'gateway',
      development: true,
      send: async ({ to, body }: { to: string, body: string }) => { throw new SmsOtpError('undeliverable', `To=${to}&Body=${body}`, { cause: new Error(`To=${to}&Body=${body}`) }) },
    }
    const kit = createApp({ strategy: { sender }, user: { id: 'user-7', phone: ADA } })
    const { body } = await kit.agent().post('/send').expect(502)
    const said = inspect([body, kit.errors], { depth: 9, showHidden: true })
    expect(said).toContain('undeliverable')
    expect(said).not.toContain(ADA)
    expect(said).not.toMatch(/Body=/)
  })
})
