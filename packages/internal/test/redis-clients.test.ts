import { randomUUID } from 'node:crypto'
import * as ioredis6 from 'ioredis'
import * as ioredis5 from 'ioredis5'
import * as iovalkey from 'iovalkey'
import * as redis6 from 'redis'
import * as redis4 from 'redis4'
import * as redis5 from 'redis5'
import { script, scriptRunner, type RedisClient } from '#internal/redis-script'
import { describeWithRedisCluster, startRedisCluster } from '../../../test/support/redis-cluster.js'
import { startRedisSentinel } from '../../../test/support/redis-sentinel.js'
import { describeWithRedisServer, startRedisServer, type RedisServer } from '../../../test/support/redis.js'

const unavailable = (cause: Error) => Object.assign(new Error('unavailable', { cause }), { code: 'store_unavailable' })

/** A client, ready to be used, and how it ends. */
interface Opened {
  readonly client: RedisClient
  readonly close: () => unknown
}

/** Writes and reads a key of the name that Redis gives the script. */
const keep = () => script(`
redis.call('SET', KEYS[1], ARGV[1])
return { KEYS[1], redis.call('GET', KEYS[1]), 7, 'as ${randomUUID()}' }
`)

const nodeRedis = { 'redis 4': redis4, 'redis 5': redis5, 'redis 6': redis6 } as unknown as Record<string, typeof redis6>
const withPools = { 'redis 5': redis5, 'redis 6': redis6 } as unknown as Record<string, typeof redis6>
const ioredis = { 'ioredis 5': ioredis5, 'ioredis 6': ioredis6, iovalkey } as unknown as Record<string, typeof ioredis6>

/** Loses no connection at the end of a test that never opened one. */
const ended = (client: { destroy?: () => unknown, disconnect?: () => unknown }) => () =>
  (client.destroy ?? client.disconnect)?.call(client)

type Row = [name: string, open: (url: string) => Promise<Opened>]

const clients: Row[] = [
  ...Object.entries(nodeRedis).flatMap<Row>(([name, { createClient }]) => [
    [`a client of ${name}`, async (url) => {
      const client = createClient({ url })
      await client.connect()
      return { client, close: ended(client) }
    }],
  ]),
  ['a client of redis 4 in its legacy mode', async (url) => {
    const client = redis4.createClient({ url, legacyMode: true })
    await client.connect()
    return { client: client as unknown as RedisClient, close: () => client.disconnect() }
  }],
  ...Object.entries(withPools).map<Row>(([name, { createClientPool }]) => [`a pool of ${name}`, async (url) => {
    const client = createClientPool({ url })
    await client.connect()
    return { client, close: ended(client) }
  }]),
  ...Object.entries(ioredis).map<Row>(([name, { Redis }]) => [`a client of ${name}`, async (url) => {
    const client = new Redis(url)
    return { client, close: ended(client) }
  }]),
]

describeWithRedisServer('A script', () => {
  let server: RedisServer
  let admin: ReturnType<typeof redis6.createClient>
  beforeAll(async () => {
    server = await startRedisServer()
    admin = redis6.createClient({ url: server.url })
    await admin.connect()
  })
  afterAll(async () => {
    admin.destroy()
    await server.close()
  })

  /** How often the text of a script was sent. */
  const textsSent = async () => Number(/cmdstat_eval:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1] ?? 0)

  describe.each(clients)('by %s', (_, open) => {
    let opened: Opened
    beforeAll(async () => { opened = await open(server.url) })
    afterAll(() => opened.close())

    it('a script runs, is sent once, and once more where Redis has forgotten it', async () => {
      const run = scriptRunner('Store', opened.client, unavailable)
      const one = keep()
      const before = await textsSent()
      for (const text of ['a', 'b', 'c']) expect(await run(one, ['key'], [text])).toEqual(['key', text, 7, expect.any(String)])
      expect(await textsSent() - before).toBe(1)
      await admin.scriptFlush()
      for (const text of ['d', 'e']) expect(await run(one, ['key'], [text])).toEqual(['key', text, 7, expect.any(String)])
      expect(await textsSent() - before).toBe(2)
    })

    it('a script takes as many keys and arguments as it is given, in their order', async () => {
      const all = script('return { #KEYS, #ARGV, KEYS[2], ARGV[3] }')
      const run = scriptRunner('Store', opened.client, unavailable)
      expect(await run(all, ['{a}1', '{a}2', '{a}3'], ['x', '', 'ü\n'])).toEqual([3, 3, '{a}2', 'ü\n'])
      expect(await run(all, [], [])).toEqual([0, 0])
    })

    it('a script shows no key and no argument in its error', async () => {
      const run = scriptRunner('Store', opened.client, unavailable)
      const failure = await run(script('return redis.call(\'HSET\', KEYS[1], ARGV[1])'), ['phone-of-ada'], ['+447400123456'])
        .catch((error: unknown) => error as Error & { cause: Error })
      const { cause } = failure as { cause: Error }
      expect(cause).toBeInstanceOf(Error)
      const fields = cause as unknown as Readonly<Record<string, unknown>>
      const told = Object.getOwnPropertyNames(cause).map((name) => String(fields[name]))
      expect(told.join('\n')).not.toMatch(/phone-of-ada|447400123456/)
    })
  })

  describe.each(Object.entries(ioredis))('by %s with a keyPrefix', (_, { Redis }) => {
    it('a script by a client with a keyPrefix has keys that begin with it', async () => {
      const client = new Redis(server.url, { keyPrefix: 'app:' })
      const key = randomUUID()
      expect(await scriptRunner('Store', client, unavailable)(keep(), [key], ['kept'])).toEqual([`app:${key}`, 'kept', 7, expect.any(String)])
      expect(await admin.get(`app:${key}`)).toBe('kept')
      client.disconnect()
    })

    it('a script runs beside other commands that the client sends in one go', async () => {
      const client = new Redis(server.url, { keyPrefix: 'app:', enableAutoPipelining: true })
      const run = scriptRunner('Store', client, unavailable)
      const one = keep()
      const answers = await Promise.all(['a', 'b', 'c'].map(async (text) => run(one, [text], [text])))
      expect(answers.map((answer) => (answer as string[])[1])).toEqual(['a', 'b', 'c'])
      client.disconnect()
    })

    it('a script gives whole numbers as texts where the client was told to, and texts as strings', async () => {
      const client = new Redis(server.url, { stringNumbers: true })
      expect(await scriptRunner('Store', client, unavailable)(keep(), ['key'], ['kept'])).toEqual(['key', 'kept', '7', expect.any(String)])
      client.disconnect()
    })
  })

  it('a script runs by a client of redis 6 with a keyPrefix, which its keys begin with', async () => {
    const client = redis6.createClient({ url: server.url, keyPrefix: 'app:' })
    await client.connect()
    const [key] = await scriptRunner('Store', client, unavailable)(keep(), ['key'], ['kept']) as string[]
    expect(key).toBe('app:key')
    client.destroy()
  })
})

describeWithRedisServer('A script by a sentinel\'s clients', () => {
  let sentinel: Awaited<ReturnType<typeof startRedisSentinel>>
  beforeAll(async () => { sentinel = await startRedisSentinel() })
  afterAll(() => sentinel.close())

  it.each(Object.entries(withPools))('a script by a sentinel\'s client runs on the primary by %s', async (_, { createSentinel }) => {
    const client = createSentinel({ name: 'main', sentinelRootNodes: [{ host: '127.0.0.1', port: sentinel.port }] })
    await client.connect()
    const run = scriptRunner('Store', client, unavailable)
    const one = keep()
    for (const text of ['a', 'b']) expect(await run(one, ['key'], [text])).toEqual(['key', text, 7, expect.any(String)])
    await client.close()
  })

  it.each(Object.entries(ioredis))('a script by a sentinel\'s client runs on the primary by %s', async (_, { Redis }) => {
    const client = new Redis({ name: 'main', sentinels: [{ host: '127.0.0.1', port: sentinel.port }] })
    expect(await scriptRunner('Store', client, unavailable)(keep(), ['key'], ['a'])).toEqual(['key', 'a', 7, expect.any(String)])
    client.disconnect()
  })
})

describeWithRedisCluster('A script on a cluster', () => {
  let started: Awaited<ReturnType<typeof startRedisCluster>>
  beforeAll(async () => { started = await startRedisCluster() })
  afterAll(() => started.close())

  const addresses = () => started.cluster.masters.map(({ address }) => address)
  const keys = Array.from({ length: 12 }, (_, index) => `{subject ${index}}:record`)

  /** Runs a script on keys of all nodes. */
  async function onAllNodes(client: RedisClient, prefix = ''): Promise<void> {
    const run = scriptRunner('Store', client, unavailable)
    const one = keep()
    for (const key of [...keys, ...keys]) {
      expect(await run(one, [key], [key])).toEqual([prefix + key, key, 7, expect.any(String)])
    }
  }

  it.each(Object.entries(nodeRedis))('a script on a cluster runs where its key is, by %s', async (_, { createCluster }) => {
    const client = createCluster({ rootNodes: addresses().map((address) => ({ url: `redis://${address}` })) })
    // The nodes end before it does, and an error without a listener would end the test.
    client.on('error', () => undefined)
    await client.connect()
    await onAllNodes(client)
    ended(client)()
  })

  describe.each(Object.entries(ioredis))('by %s', (_, { Cluster }) => {
    const nodes = () => addresses().map((address) => ({ host: address.split(':')[0]!, port: Number(address.split(':')[1]) }))

    it.each(['', 'app:', '{app}:', 'odd{:'])('a script on a cluster runs where its key is, with the keyPrefix \'%s\'', async (keyPrefix) => {
      const client = new Cluster(nodes(), { keyPrefix })
      await onAllNodes(client, keyPrefix)
      client.disconnect()
    })
  })
})

describe('A client of another shape', () => {
  const refused = (client: unknown) => () => scriptRunner('Store', client as RedisClient, unavailable)
  const line = 'write new Store({ client: { eval: (script, keys, args) => client.eval(script, keys.length, ...keys, ...args) } })'

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'Store needs a client of redis, ioredis or iovalkey: write new Store({ client }).'],
    ['null', null, line],
    ['a text', 'redis://localhost', line],
    ['an object without commands', {}, line],
    ['a class with a command for each name, whose eval is called in its own way', { eval: () => 1, evalsha: () => 1, get: () => 1 }, line],
    ['one that sends any command', { sendCommand: () => 1, eval: () => 1 }, line],
    ['one that only sends any command', { send: () => 1, get: () => 1 }, line],
    ['a client of redis 3', { eval: () => 1, evalsha: () => 1, send_command: () => 1 }, 'Store cannot use a client of redis 3, which answers by callback: update redis to 4'],
    ['legacy() of redis 5', redis5.createClient().legacy(), 'Store needs the client itself, not its legacy() or multi(): write new Store({ client }).'],
    ['legacy() of redis 6', redis6.createClient().legacy(), 'not its legacy() or multi()'],
    ['multi() of redis 6', redis6.createClient().multi(), 'not its legacy() or multi()'],
    ['a pipeline of ioredis', new ioredis6.Redis({ lazyConnect: true }).pipeline(), 'Store needs the client itself, not its pipeline(): write new Store({ client }).'],
  ])('a client of another shape is refused when the store is made, with what to write: %s', (_, client, message) => {
    expect(refused(client)).toThrow(TypeError)
    expect(refused(client)).toThrow(message)
  })
})
