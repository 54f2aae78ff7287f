import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { Redis as Valkey } from 'iovalkey'
import { createClient } from 'redis'
import { createClient as createClient4 } from 'redis4'
import { createClient as createClient5 } from 'redis5'
import {
  describeWithRedis, describeWithRedisServer, sharedRedisUrl, startRedisServer, type RedisServer,
} from '../../../test/support/redis.js'
import type { ChallengeStore, LockoutPolicy } from '../src/stores/challenge-store.js'
import { RedisChallengeStore } from '../src/stores/redis/redis-challenge-store.js'
import type { RedisClient, ScriptClient } from '#internal/redis-script'
import { challengeStoreContract } from '../src/testing.js'
import { commandsDuring } from './support/monitor.js'
import { readRecord, writeRecord } from './support/record.js'

const lockout: LockoutPolicy = { after: 10, for: 900_000, max: 86_400_000, disableAfter: 100 }
const hour = 3_600_000
const begin = (id: string) => ({ id, ttl: 300_000, maxAttempts: 5, maxResends: 3 })
const text = (id: string) => ({ subject: 'ada', begin: begin(id), delays: [], limits: [{ limit: 100, window: hour }] })
const budgets = [{ key: 'ip', limits: [{ limit: 10, window: hour }] }, { key: 'country', limits: [{ limit: 100, window: hour }, { limit: 1000, window: 24 * hour }] }]

/** Every operation of the port once, each with something to do. */
const operations: Record<string, (store: ChallengeStore) => Promise<unknown>> = {
  'a send that begins': (store) => store.send(text('first')),
  'a send that repeats': (store) => store.send({ ...text('unused'), repeat: 'first' }),
  'a send that retires': (store) => store.send({ ...text('second'), retire: 'first' }),
  assign: (store) => store.assign({ subject: 'ada', id: 'second', verification: 'VE1' }),
  count: (store) => store.count({ subject: 'ada', id: 'second', lockout }),
  conclude: (store) => store.conclude({ subject: 'ada', id: 'second', outcome: 'unchecked', verification: 'VE1' }),
  'a verify that fails': (store) => store.verify({ subject: 'ada', id: 'second', matched: false, lockout }),
  'a verify that succeeds': (store) => store.verify({ subject: 'ada', id: 'second', matched: true, lockout }),
  undo: (store) => store.undo({ subject: 'ada', id: 'second', repeated: false, at: 1, unsent: false }),
  reserve: (store) => store.reserve(budgets),
  release: (store) => store.release({ budgets, at: Date.now() }),
  remember: (store) => store.remember({ name: 'value' }),
  settle: (store) => store.settle(['ip'], 'verified'),
  enable: (store) => store.enable('ada'),
  retire: (store) => store.retire({ subject: 'ada', id: 'second' }),
}

describeWithRedis('The contract of a challenge store, kept in Redis', () => {
  const url = sharedRedisUrl()!
  const nodeRedis = { 'redis 4': createClient4({ url }), 'redis 5': createClient5({ url }), 'redis 6': createClient({ url }) }
  const ioredis: Record<string, Redis> = {
    'ioredis 6': new Redis(url, { lazyConnect: true }),
    'ioredis 6 with a keyPrefix': new Redis(url, { lazyConnect: true, keyPrefix: 'app:' }),
    'ioredis 6 that gives numbers as texts (N-09)': new Redis(url, { lazyConnect: true, stringNumbers: true }),
    'ioredis 5': new Redis5(url, { lazyConnect: true }) as never,
    iovalkey: new Valkey(url, { lazyConnect: true }) as never,
  }
  const wrapped: ScriptClient = { eval: (script, keys, args) => ioredis['ioredis 6']!.eval(script, keys.length, ...keys, ...args) }
  beforeAll(async () => { for (const client of Object.values(nodeRedis)) await client.connect() })
  afterAll(() => {
    const clients: { disconnect(): unknown }[] = [...Object.values(nodeRedis), ...Object.values(ioredis)]
    for (const client of clients) client.disconnect()
  })

  describe.each<[string, RedisClient]>([...Object.entries(nodeRedis), ...Object.entries(ioredis), ['ioredis that is wrapped', wrapped]])('by %s', (_, client) => {
    challengeStoreContract({ describe, it, expect, createStore: ({ now }) => new RedisChallengeStore({ client, now, prefix: `${randomUUID()}:` }) })
  })
})

describeWithRedis('RedisChallengeStore with ioredis', () => {
  const client = new Redis(sharedRedisUrl()!, { lazyConnect: true })
  afterAll(() => client.quit())

  it('RedisChallengeStore with a wrapped ioredis does every operation when it gives Buffers (N-09)', async () => {
    const buffers: ScriptClient = { eval: (script, keys, args) => client.callBuffer('eval', script, keys.length, ...keys, ...args) }
    const store = new RedisChallengeStore({ client: buffers, prefix: `${randomUUID()}:` })
    for (const operate of Object.values(operations)) await operate(store)
    expect(await store.verify({ subject: 'ada', id: 'second', matched: true, lockout })).toMatchObject({ status: 'unknown' })
  })
})

describeWithRedis('RedisChallengeStore with a client that only has eval', () => {
  const client = createClient({ url: sharedRedisUrl()! })
  const generic: ScriptClient = { eval: (script, keys, args) => client.eval(script, { keys, arguments: args }) }
  beforeAll(async () => { await client.connect() })
  afterAll(() => client.close())

  it('RedisChallengeStore does every operation with a client that only has eval', async () => {
    const store = new RedisChallengeStore({ client: generic, prefix: `${randomUUID()}:` })
    expect(await store.send(text('first'))).toMatchObject({ status: 'sent', repeated: false })
    expect(await store.verify({ subject: 'ada', id: 'first', matched: true, lockout })).toMatchObject({ status: 'ok' })
    for (const operate of Object.values(operations)) await operate(store)
  })
})

describeWithRedisServer('RedisChallengeStore on a server of its own', () => {
  let server: RedisServer
  let client: ReturnType<typeof createClient>
  let store: RedisChallengeStore

  beforeAll(async () => {
    server = await startRedisServer()
    client = createClient({ url: server.url, disableOfflineQueue: true, socket: { reconnectStrategy: false } })
    client.on('error', () => undefined)
    await client.connect()
  })
  beforeEach(async () => {
    await client.flushAll()
    store = new RedisChallengeStore({ client })
  })
  afterAll(async () => {
    client.destroy()
    await server.close()
  })

  const keys = async () => (await client.keys('*')).sort()
  const withoutEnd = async () => {
    const found = await keys()
    const left = await Promise.all(found.map((key) => client.pTTL(key)))
    return found.filter((_, index) => left[index] === -1)
  }

  describe('round trips', () => {
    const sentBy = (operate: () => Promise<unknown>) => commandsDuring(server.url, client, operate)

    it('RedisChallengeStore makes exactly one round trip for each operation', async () => {
      for (const operate of Object.values(operations)) await operate(store)
      await client.flushAll()
      for (const [name, operate] of Object.entries(operations)) {
        expect({ name, commands: await sentBy(() => operate(store)) }).toEqual({ name, commands: ['EVALSHA'] })
      }
    })

    it('RedisChallengeStore makes a second round trip where Redis has forgotten the script, and goes on (X-05)', async () => {
      for (const [name, operate] of Object.entries(operations)) {
        await client.scriptFlush()
        expect({ name, commands: await sentBy(() => operate(store)) }).toEqual({ name, commands: ['EVALSHA', 'EVAL'] })
      }
    })

    it('RedisChallengeStore makes no round trip for budgets that count nothing', async () => {
      expect(await sentBy(() => store.reserve([]))).toEqual([])
      expect(await sentBy(() => store.release({ budgets: [], at: 1 }))).toEqual([])
      expect(await sentBy(() => store.settle([], 'verified'))).toEqual([])
    })
  })

  describe('keys', () => {
    it('RedisChallengeStore keeps all that it knows of a subject under one key, which ends', async () => {
      await store.send(text('first'))
      await store.send(text('second'))
      expect(await keys()).toEqual(['sms-otp:{ada}:record'])
      expect(await withoutEnd()).toEqual([])
    })

    it('RedisChallengeStore keeps budgets under one tag, and they end', async () => {
      await store.reserve(budgets)
      expect(await keys()).toEqual([
        'sms-otp:{budgets}:country:3600000', 'sms-otp:{budgets}:country:86400000', 'sms-otp:{budgets}:ip:3600000',
      ])
      expect(await withoutEnd()).toEqual([])
      await store.release({ budgets, at: Date.now() })
      expect(await keys()).toEqual([])
    })

    it('RedisChallengeStore keeps the count of a conversion under the tag of the budgets, and it ends; none is begun by what came of a text', async () => {
      const conversion = { below: 0.2, over: 1, pauseFor: 48 * hour, patience: 0 }
      const watched = [{ key: 'prefix', limits: [], conversion }]
      await store.settle(['prefix'], 'verified')
      await store.settle(['prefix'], 'lost')
      await store.release({ budgets: watched, at: Date.now() })
      expect(await keys()).toEqual([])
      for (let asked = 0; asked < 2; asked += 1) await store.reserve(watched)
      expect(await keys()).toEqual(['sms-otp:{budgets}:prefix:conversion'])
      expect(await withoutEnd()).toEqual([])
      expect(await client.pTTL('sms-otp:{budgets}:prefix:conversion')).toBeGreaterThan(47 * hour)
    })

    it('RedisChallengeStore keeps a ledger with failures for ever, until a success or enable (R-05)', async () => {
      await store.send(text('first'))
      await store.verify({ subject: 'ada', id: 'first', matched: false, lockout })
      expect(await withoutEnd()).toEqual(['sms-otp:{ada}:record'])
      await store.send({ ...text('second'), retire: 'first' })
      expect(await withoutEnd()).toEqual(['sms-otp:{ada}:record'])
      await store.verify({ subject: 'ada', id: 'second', matched: true, lockout })
      expect(await withoutEnd()).toEqual([])
      await store.send(text('third'))
      await store.verify({ subject: 'ada', id: 'third', matched: false, lockout: { ...lockout, disableAfter: 1 } })
      expect(await withoutEnd()).toEqual(['sms-otp:{ada}:record'])
      await store.enable('ada')
      expect(await withoutEnd()).toEqual([])
    })

    it('RedisChallengeStore keeps a challenge a while longer than it is valid, so that expired can be told from unknown', async () => {
      await store.send({ ...text('first'), limits: [] })
      const left = await client.pTTL('sms-otp:{ada}:record')
      expect(left).toBeGreaterThan(300_000)
      expect(left).toBeLessThanOrEqual(600_000)
    })

    it('RedisChallengeStore writes nothing for what does not exist (O-20)', async () => {
      await store.verify({ subject: 'ada', id: 'none', matched: false, lockout })
      await store.verify({ subject: 'ada', id: 'none', matched: true, lockout })
      await store.send({ subject: 'ada', repeat: 'none', delays: [], limits: [] })
      await store.undo({ subject: 'ada', id: 'none', repeated: true, at: 1, unsent: false })
      await store.undo({ subject: 'ada', id: 'none', repeated: false, at: 1, unsent: false })
      await store.release({ budgets, at: Date.now() })
      await store.enable('ada')
      await store.retire({ subject: 'ada', id: 'none' })
      expect(await keys()).toEqual([])
    })

    it('RedisChallengeStore leaves nothing behind of a text that was undone', async () => {
      const sent = await store.send(text('first'))
      await store.undo({ subject: 'ada', id: 'first', repeated: false, at: sent.at, unsent: false })
      expect(await keys()).toEqual([])
    })

    it('RedisChallengeStore writes nothing when it refuses (S-14)', async () => {
      const delayed = { ...text('first'), delays: [hour], limits: [] }
      await store.send(delayed)
      for (let failed = 0; failed < 5; failed += 1) await store.verify({ subject: 'ada', id: 'first', matched: false, lockout })
      await store.reserve([{ key: 'one', limits: [{ limit: 1, window: hour }] }])
      const snapshot = async () => Promise.all((await keys()).map(async (key) => [key, key.endsWith(':record') ? await readRecord(client, key) : await client.hGetAll(key)]))
      const before = await snapshot()
      await store.send({ ...delayed, begin: begin('second'), retire: 'first' })
      await store.send({ ...delayed, repeat: 'first' })
      await store.verify({ subject: 'ada', id: 'first', matched: true, lockout })
      await store.reserve([{ key: 'one', limits: [{ limit: 1, window: hour }] }, ...budgets])
      expect(await snapshot()).toEqual(before)
    })
  })

  describe('time', () => {
    it('the time is the clock of the Redis server where no clock is given (R-02)', async () => {
      const [seconds] = await client.sendCommand(['TIME']) as unknown as [string]
      const { at } = await store.send(text('first'))
      expect(at).toBeGreaterThanOrEqual(Number(seconds) * 1000)
      expect(at).toBeLessThan((Number(seconds) + 60) * 1000)
      expect(Number.isInteger(at)).toBe(true)
    })

    it('the time of RedisChallengeStore may lie in a far future without losing digits', async () => {
      let now = 4_102_444_800_123_456
      const late = new RedisChallengeStore({ client, now: () => now })
      expect(await late.send(text('first'))).toMatchObject({ at: now, expiresAt: 4_102_444_800_423_456 })
      now = 4_102_444_800_423_455
      expect(await late.verify({ subject: 'ada', id: 'first', matched: false, lockout })).toMatchObject({ status: 'wrong', at: now })
      now += 1
      expect(await late.verify({ subject: 'ada', id: 'first', matched: true, lockout })).toEqual({ status: 'expired', at: now })
    })
  })

  describe('the form of a record', () => {
    it('a record in Redis keeps its former form where codes go as texts alone, has one byte more for a code by another channel, and both are read (H-02)', async () => {
      const key = 'sms-otp:{ada}:record'
      const held = async () => ({ format: (await readRecord(client, key))!.head[0], bytes: await client.strLen(key) })
      await writeRecord(client, key, [1, 0, 0, 0, 0, 0, 0, 9_999_999_999_999, 0, 0], ['first', 9_999_999_999_999, 0, 5, 0, 3, 0])
      await store.send({ subject: 'ada', repeat: 'first', delays: [], limits: [], channel: 'sms' })
      const before = await held()
      expect(before.format).toBe(1)
      await store.send({ subject: 'ada', repeat: 'first', delays: [], limits: [], channel: 'voice' })
      expect(await held()).toEqual({ format: 2, bytes: before.bytes + 1 })
      await store.verify({ subject: 'ada', id: 'first', matched: false, lockout })
      expect(await store.verify({ subject: 'ada', id: 'first', matched: true, lockout })).toMatchObject({ status: 'ok', channels: ['sms', 'voice'] })
    })
  })

  describe('a record of before', () => {
    const far = 9_999_999_999_999
    const numbers = (...all: number[]) => {
      const bytes = Buffer.alloc(8 * all.length)
      all.forEach((number, place) => bytes.writeDoubleLE(number, 8 * place))
      return bytes
    }
    const challenge = (id: string, [expiresAt, attempts, maxAttempts, resends, maxResends]: readonly [number, number, number, number, number], marks: number) =>
      Buffer.concat([
        Buffer.from([id.length]), Buffer.from(id), numbers(expiresAt, attempts, maxAttempts, resends, maxResends), Buffer.from([marks % 256, marks >> 8]),
      ])

    it('a record of format 2, as it was before channels were passed over, is read, goes on and opens (H-02, H-05, H-06)', async () => {
      const key = 'sms-otp:{ada}:record'
      const now = Date.now()
      const texts = [now - 2000, now - 1000]
      // A text and a call, the call last, which failed; and a code that was used.
      const wentBySmsAndVoice = (1 + 4) * 2 + 2 * 32 + 2 * 128
      const bytes = Buffer.concat([
        Buffer.from([2, 0]), numbers(1, 0, 2, 3_600_000, now + 3_600_000, far, 8 * texts.length, 0), numbers(...texts),
        challenge('former', [far - 1, 1, 5, 0, 3], 1), challenge('first', [far, 1, 5, 1, 3], wentBySmsAndVoice),
      ])
      // Commands of this client are texts: Redis makes the bytes of their hexadecimal form.
      const write = 'redis.call(\'SET\', KEYS[1], (ARGV[1]:gsub(\'..\', function (two) return string.char(tonumber(two, 16)) end)))'
      await client.eval(write, { keys: [key], arguments: [bytes.toString('hex')] })
      const ask = { subject: 'ada', id: 'first', delays: [] }
      expect(await store.report(ask)).toMatchObject({ status: 'standing', text: 1, delivery: 'failed', attemptsLeft: 4, channel: 'voice', channels: ['sms', 'voice'], textedAt: texts[1] })
      expect(await store.verify({ subject: 'ada', id: 'former', matched: true, lockout })).toMatchObject({ status: 'used' })
      expect(await store.send({ subject: 'ada', repeat: 'first', delays: [], limits: [], channel: 'whatsapp', inPlaceOf: 1 }))
        .toMatchObject({ status: 'sent', repeated: true, text: 2, isNewChannel: true, attemptsLeft: 4 })
      expect(await store.report(ask)).not.toHaveProperty('delivery')
      const { challenges, head } = (await readRecord(client, key))!
      expect([head[0], challenges.map(([id]) => id)]).toEqual([2, ['former', 'first']])
      expect(await store.verify({ subject: 'ada', id: 'first', matched: false, lockout })).toMatchObject({ status: 'wrong', attemptsLeft: 3 })
      expect(await store.verify({ subject: 'ada', id: 'first', matched: true, lockout })).toMatchObject({ status: 'ok', channels: ['sms', 'whatsapp', 'voice'] })
    })
  })

  describe('failing closed', () => {
    it('RedisChallengeStore rejects when the data has another shape than it wrote (R-59)', async () => {
      const key = 'sms-otp:{ada}:record'
      const verifies = async () => store.verify({ subject: 'ada', id: 'first', matched: true, lockout })
      const sends = async () => store.send(text('second'))
      const write = (head: number[]) => writeRecord(client, key, head, ['first', 9_999_999_999_999, 0, 5, 0, 3, 0])
      await write([1, 0, 0, 0, 0, 0, 0, 9_999_999_999_999, 0, 0])
      expect(await verifies()).toMatchObject({ status: 'ok' })
      const broken: (() => Promise<unknown>)[] = [
        () => write([2, 0, 0, 0, 0, 0, 0, 9_999_999_999_999, 0, 0]),
        () => client.set(key, 'no packed value'),
        () => client.set(key, '\u0001'),
        async () => {
          await write([1, 0, 0, 0, 0, 0, 0, 9_999_999_999_999, 0, 0])
          await client.eval('return redis.call(\'SET\', KEYS[1], string.sub(redis.call(\'GET\', KEYS[1]), 1, -3))', { keys: [key], arguments: [] })
        },
      ]
      for (const spoil of broken) {
        await spoil()
        await expect(verifies()).rejects.toMatchObject({ code: 'store_unavailable', status: 503, expose: false })
        await expect(sends()).rejects.toMatchObject({ code: 'store_unavailable' })
      }
      await client.del('sms-otp:{ada}:record')
      await client.hSet('sms-otp:{ada}:record', { failures: '0' })
      await expect(verifies()).rejects.toMatchObject({ code: 'store_unavailable' })
      await client.hSet('sms-otp:{budgets}:ip:3600000', { taken: 'few', endsAt: '9999999999999' })
      await expect(store.reserve(budgets)).rejects.toMatchObject({ code: 'store_unavailable' })
    })

    it('RedisChallengeStore rejects when Redis may not write (X-05)', async () => {
      await store.send(text('first'))
      await client.configSet('maxmemory', '1')
      try {
        await expect(store.verify({ subject: 'ada', id: 'first', matched: true, lockout })).rejects.toMatchObject({ code: 'store_unavailable' })
      } finally {
        await client.configSet('maxmemory', '0')
      }
    })

    it('RedisChallengeStore rejects every operation once the server is gone, with the reason as cause (X-01)', async () => {
      await server.stop()
      for (const operate of Object.values(operations)) {
        await expect(operate(store)).rejects.toMatchObject({ name: 'SmsOtpError', code: 'store_unavailable', cause: expect.any(Error) })
      }
      await server.restart()
    })
  })
})

describe('RedisChallengeStore reading replies', () => {
  const answering = (reply: unknown) => new RedisChallengeStore({ client: { eval: async () => reply } })
  const verifying = (reply: unknown) => answering(reply).verify({ subject: 'ada', id: 'first', matched: true, lockout })
  const refused = { code: 'store_unavailable', status: 503 }

  it('RedisChallengeStore accepts ok exactly as the script says it', async () => {
    expect(await verifying(['ok', 5])).toEqual({ status: 'ok', at: 5 })
  })

  it('RedisChallengeStore reads texts that a client gives as Buffers, and whole numbers that it gives as texts (O-10, N-09)', async () => {
    for (const reply of [[Buffer.from('ok'), 5], ['ok', '5'], [Buffer.from('ok'), Buffer.from('5')]]) expect(await verifying(reply)).toEqual({ status: 'ok', at: 5 })
    expect(await verifying(['wrong', '5', '4'])).toEqual({ status: 'wrong', at: 5, attemptsLeft: 4 })
  })

  it.each([
    ['nothing', null], ['undefined', undefined], ['a word', 'ok'], ['true', true], ['a number', 1], ['an object', { status: 'ok', at: 5 }],
    ['an empty list', []], ['no instant', ['ok']], ['an instant that is no whole number in words', ['ok', '5.0']], ['an instant as a hexadecimal', ['ok', '0x5']], ['an instant with a space', ['ok', ' 5']], ['an instant that no number can hold', ['ok', '99999999999999999']], ['an empty instant', ['ok', '']], ['an instant as a bigint', ['ok', 5n]],
    ['no whole instant', ['ok', 5.5]], ['null for an instant', ['ok', null]], ['too much', ['ok', 5, 5]], ['a Buffer for the list', Buffer.from('ok')],
    ['an unknown status', ['OK', 5]], ['the status of another operation', ['done']], ['the name of an inherited property', ['toString']],
    ['the name of the prototype', ['__proto__', 5]], ['an error as a value', new Error('OOM')],
  ])('RedisChallengeStore rejects the reply %s (O-10)', async (_, reply) => {
    await expect(verifying(reply)).rejects.toMatchObject(refused)
  })

  it('RedisChallengeStore rejects a begun challenge where none was to begin', async () => {
    const store = answering(['begun', 1, 2, 3, 4])
    await expect(store.send({ subject: 'ada', repeat: 'first', delays: [], limits: [] })).rejects.toMatchObject(refused)
  })

  it('RedisChallengeStore rejects a spent budget that was not asked for', async () => {
    await expect(answering(['spent', 1, 2, 9]).reserve(budgets)).rejects.toMatchObject(refused)
  })

  it('RedisChallengeStore rejects any reply but done where there is nothing to say', async () => {
    for (const reply of [null, 'OK', ['ok'], ['done', 1]]) await expect(answering(reply).enable('ada')).rejects.toMatchObject(refused)
  })

  it('RedisChallengeStore rejects when the client throws instead of rejecting (X-04)', async () => {
    const store = new RedisChallengeStore({ client: { eval: () => { throw new Error('closed') } } })
    await expect(store.retire({ subject: 'ada', id: 'first' })).rejects.toMatchObject(refused)
  })

  it('RedisChallengeStore does not ask a second time after any error but a forgotten script', async () => {
    const asked: string[] = []
    const client = {
      evalSha: async (sha1: string) => { asked.push(sha1); throw new Error('READONLY You can\'t write against a read only replica.') },
      eval: async () => { asked.push('by its text') },
    }
    await expect(new RedisChallengeStore({ client }).enable('ada')).rejects.toMatchObject(refused)
    // One to find out about eviction, and one to enable.
    expect([...new Set(asked)]).toEqual(asked)
    expect(asked).toHaveLength(2)
    expect(asked).not.toContain('by its text')
  })

  it('RedisChallengeStore refuses to be made without a client', () => {
    expect(() => new RedisChallengeStore({ client: undefined as any })).toThrow(TypeError)
    expect(() => new RedisChallengeStore({ client: {} as any })).toThrow(/needs a client/)
    expect(() => new RedisChallengeStore({ client: { eval: () => false, send_command: () => false } as any })).toThrow(/update redis/)
  })
})
