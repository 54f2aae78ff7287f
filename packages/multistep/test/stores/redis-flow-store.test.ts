import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { describeWithRedis, describeWithRedisServer, sharedRedisUrl, startRedisServer, type RedisServer } from '../../../../test/support/redis.js'
import { aFlow, aLogin } from '../../src/stores/contract/kit.js'
import { RedisFlowStore } from '../../src/stores/redis/redis-flow-store.js'
import { flowStoreContract } from '../../src/testing.js'
import { ledger, once, operations, policy, refusal, ttl } from '../support/flow-store-operations.js'
import { describeWithRedisCluster, startRedisCluster } from '../../../../test/support/redis-cluster.js'

type Client = ReturnType<typeof connecting>

const connecting = (url: string) => createClient({ url, disableOfflineQueue: true, socket: { reconnectStrategy: false } }).on('error', () => {})
const prefix = () => `test:${randomUUID()}:`
describeWithRedis('RedisFlowStore', () => {
  let client: Client
  beforeAll(async () => { client = await connecting(sharedRedisUrl()!).connect() })
  afterAll(() => client.close())

  describe('with a client of the redis package', () => {
    flowStoreContract({ describe, it, expect, createStore: ({ now }) => new RedisFlowStore({ client, prefix: prefix(), now }) })
  })

  describe('with any other client, as an eval function', () => {
    const wrapped = { eval: (script: string, keys: string[], args: string[]) => client.eval(script, { keys, arguments: args }) }
    flowStoreContract({ describe, it, expect, createStore: ({ now }) => new RedisFlowStore({ client: wrapped, prefix: prefix(), now }) })
  })

  describe('with ioredis', () => {
    const redis = new Redis(sharedRedisUrl()!, { lazyConnect: true })
    afterAll(() => redis.quit())

    describe('as it is', () => {
      flowStoreContract({ describe, it, expect, createStore: ({ now }) => new RedisFlowStore({ client: redis, prefix: prefix(), now }) })
    })

    describe('wrapped', () => {
      const client = { eval: (script: string, keys: string[], args: string[]) => redis.eval(script, keys.length, ...keys, ...args) }
      flowStoreContract({ describe, it, expect, createStore: ({ now }) => new RedisFlowStore({ client, prefix: prefix(), now }) })
    })

    describe('that gives texts as Buffers', () => {
      const client = { eval: (script: string, keys: string[], args: string[]) => redis.callBuffer('eval', script, keys.length, ...keys, ...args) }
      flowStoreContract({ describe, it, expect, createStore: ({ now }) => new RedisFlowStore({ client, prefix: prefix(), now }) })
    })
  })

  it('RedisFlowStore goes by the clock of Redis unless it was given one', async () => {
    const store = new RedisFlowStore({ client, prefix: prefix() })
    const clock = async () => {
      const [seconds, microseconds] = await client.time()
      return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000)
    }
    const before = await clock()
    const { at } = await store.readFlow('partition.flow')
    const later = await store.time()
    await store.createLogin(aLogin('partition.login'))
    const { login } = await store.readLogin('partition.login')
    const after = await clock()
    const instants = [before, at, later, login!.createdAt, after]
    expect(instants).toEqual([...instants].sort((one, other) => one - other))
  })

  it('RedisFlowStore begins every key with its prefix and shares nothing with a store of another prefix', async () => {
    const [one, other] = [prefix(), prefix()]
    const store = new RedisFlowStore({ client, prefix: one })
    await store.createFlow('partition.flow', aFlow, ttl)
    await store.createLogin(aLogin('partition.login'))
    await store.attempt({ partition: 'partition', factor: 'sms:{otp}' }, policy, once)
    expect((await client.keys(`${one}*`)).sort()).toEqual([
      `${one}flows:{partition}`, `${one}ledger:{partition}:sms%3A%7Botp%7D`, `${one}login:{partition}:login`, `${one}once:{partition}:sms%3A%7Botp%7D:token`,
    ])
    expect((await new RedisFlowStore({ client, prefix: other }).readFlow('partition.flow')).flow).toBe(undefined)
  })

  it.each(['expiresAt', 'failures', 'lockedUntil'])('RedisFlowStore rejects a ledger whose %s is no number, and does not take it for unlocked (O-10)', async (field) => {
    const mine = prefix()
    const store = new RedisFlowStore({ client, prefix: mine })
    await store.attempt(ledger, policy)
    await client.hSet(`${mine}ledger:{person}:local`, field, 'none')
    expect((await refusal(store.attempt(ledger, policy))).code).toBe('store_unavailable')
    if (field === 'expiresAt') return
    await client.hDel(`${mine}ledger:{person}:local`, field)
    expect((await refusal(store.attempt(ledger, policy))).code).toBe('store_unavailable')
  })

  it.each(Object.entries(operations).filter(([name]) => !/time|drop|endLogin|createLogin|passed/.test(name)))('RedisFlowStore rejects %s where a key holds something else (O-10)', async (_, operation) => {
    const mine = prefix()
    for (const key of ['flows:{partition}', 'login:{partition}:login', 'step-ups:{partition}:login', 'ledger:{person}:local', 'once:{person}:local:token', 'devices:{person}', 'generation:{partition}', 'tombstone:{session}']) await client.set(mine + key, 'else', { PX: ttl })
    expect((await refusal(operation(new RedisFlowStore({ client, prefix: mine })))).code).toBe('store_unavailable')
  })

  it('RedisFlowStore reads no flows that an earlier version has kept in another form, and keeps new ones beside them', async () => {
    const mine = prefix()
    const store = new RedisFlowStore({ client, prefix: mine })
    const end = Date.now() + ttl
    const old = `redis.call('SET', KEYS[1], cmsgpack.pack({ { 'flow', 1, tonumber(ARGV[1]), 5, 0, '{"session":"digest"}' } }), 'PX', ARGV[2])`
    await client.eval(old, { keys: [`${mine}flows:{partition}`], arguments: [String(end), String(ttl)] })
    expect((await store.readFlow('partition.flow')).flow).toBe(undefined)
    expect((await store.readFlows('partition')).flows).toEqual([])
    expect(await store.advanceFlow('partition.flow', 1, aFlow)).toBe(false)
    expect(await store.finishFlow('partition.flow', 1, aLogin('partition.login'))).toBe(false)
    expect(await store.createFlow('partition.flow', aFlow, ttl)).toBe(true)
    expect((await store.readFlow('partition.flow')).flow).toMatchObject({ ...aFlow, version: 1 })
  })

  it('RedisFlowStore ends a flow without a login, and says so, when the login of another partition cannot be kept (X-04)', async () => {
    const mine = prefix()
    const store = new RedisFlowStore({ client, prefix: mine })
    await store.createFlow('partition.flow', aFlow, ttl)
    await client.set(`${mine}login:{person}:login`, 'something else', { PX: ttl })
    expect((await refusal(store.finishFlow('partition.flow', 1, aLogin('person.login')))).code).toBe('store_unavailable')
    expect((await store.readFlow('partition.flow')).flow).toBe(undefined)
  })
})

describeWithRedisServer('RedisFlowStore on a server of its own', () => {
  let server: RedisServer
  let client: Client
  beforeAll(async () => {
    server = await startRedisServer()
    client = await connecting(server.url).connect()
  })
  beforeEach(() => client.flushAll())
  afterAll(async () => {
    client.destroy()
    await server.close()
  })

  it('RedisFlowStore makes one command of every operation, and two of a finish that spans two partitions', async () => {
    const store = new RedisFlowStore({ client })
    const counted: Record<string, number> = {}
    // The scripts are loaded first: what is counted is what it takes from then on.
    for (const operation of Object.values(operations)) await operation(store)
    const commands = await monitored(server, client)
    for (const [name, operation] of Object.entries(operations)) {
      await operation(store)
      counted[name] = (await commands.since()).length
    }
    await store.createFlow('partition.flow', aFlow, ttl)
    await commands.since()
    expect(await store.finishFlow('partition.flow', 1, aLogin('person.login'))).toBe(true)
    expect(await commands.since()).toEqual(['EVALSHA', 'EVALSHA'])
    expect(counted).toEqual(Object.fromEntries(Object.keys(operations).map((name) => [name, 1])))
    commands.close()
  })

  it('RedisFlowStore survives SCRIPT FLUSH before any operation', async () => {
    const store = new RedisFlowStore({ client })
    for (const [name, operation] of Object.entries(operations)) {
      await client.scriptFlush()
      expect([name, await refusal(operation(store))]).toEqual([name, { code: 'it did not reject' }])
    }
  })

  it('RedisFlowStore leaves no key without an end', async () => {
    const store = new RedisFlowStore({ client })
    const kinds = new Set<string>()
    for (const operation of Object.values(operations)) {
      await operation(store)
      for (const key of await client.keys('*')) {
        expect([key, await client.pTTL(key) > 0]).toEqual([key, true])
        kinds.add(key.split(':')[1]!)
      }
    }
    expect([...kinds].sort()).toEqual(['devices', 'flows', 'generation', 'ledger', 'login', 'once', 'step-ups', 'tombstone'])
  })

  it('RedisFlowStore makes no key for what is unknown, malformed or refused (O-20)', async () => {
    const store = new RedisFlowStore({ client })
    for (const id of ['partition.flow', 'partition', 'partition.a}b', '']) {
      await store.readFlow(id)
      await store.advanceFlow(id, 1, aFlow)
      await store.finishFlow(id, 1, aLogin('partition.login'))
      await store.finishFlow(id, 1, aLogin('person.login'))
      await store.dropFlow(id)
      await store.readLogin(id)
      await store.endLogin(id)
    }
    await store.settle(ledger, 'passed')
    await store.settle(ledger, 'uncounted')
    for (const id of ['sl ot', 'partition.a}b', '']) {
      await refusal(store.createFlow(id, aFlow, ttl))
      await refusal(store.createLogin(aLogin(id)))
      await refusal(store.attempt({ ...ledger, partition: id }, policy))
    }
    expect(await client.keys('*')).toEqual([])
  })

  it('RedisFlowStore rejects every operation once the server is gone (R-59)', async () => {
    const lost = await startRedisServer()
    const store = new RedisFlowStore({ client: await connecting(lost.url).connect() })
    await store.createFlow('partition.flow', aFlow, ttl)
    await lost.close()
    for (const [name, operation] of Object.entries(operations)) {
      expect([name, await refusal(operation(store))]).toMatchObject([name, { code: 'store_unavailable', status: 503, cause: expect.any(Error) }])
    }
  })
})

describeWithRedisCluster('RedisFlowStore on a cluster of three primaries', () => {
  let redis: Awaited<ReturnType<typeof startRedisCluster>>
  beforeAll(async () => { redis = await startRedisCluster() })
  afterAll(() => redis.close())

  flowStoreContract({ describe, it, expect, createStore: ({ now }) => new RedisFlowStore({ client: redis.cluster, prefix: prefix(), now }) })

  it('RedisFlowStore keeps what shares a partition on one node of a cluster, and spreads the partitions', async () => {
    const store = new RedisFlowStore({ client: redis.cluster, prefix: 'spread:' })
    for (let person = 0; person < 30; person += 1) {
      await store.createFlow(`person-${person}.flow`, aFlow, ttl)
      await store.createLogin(aLogin(`person-${person}.login`))
      await store.attempt({ partition: `person-${person}`, factor: 'local' }, policy, once)
      await store.endAll(`person-${person}`, ttl)
      await store.createFlow(`person-${person}.flow`, aFlow, ttl)
      await store.rememberDevice(`person-${person}`, { id: 'id', token: 'token', purpose: 'purpose', fingerprint: 'fingerprint', ttl, factors: [] }, 10)
    }
    const keys = await Promise.all(redis.clients.map(async (node) => (await node.keys('spread:*')).map((key) => /\{(.*)\}/.exec(key)![1]!)))
    for (const partitions of keys) expect(partitions.length).toBe(new Set(partitions).size * 6)
    expect(keys.flat().length).toBe(180)
    expect(keys.every((partitions) => partitions.length > 0)).toBe(true)
  })
})

describe('new RedisFlowStore', () => {
  it('new RedisFlowStore asks for a client', () => {
    expect(() => new RedisFlowStore({ client: undefined as never })).toThrow(/needs a client/)
    expect(() => new RedisFlowStore({ client: {} as never })).toThrow(/needs a client/)
  })

  it.each(['{app}:', 'app{', '}'])('new RedisFlowStore refuses the prefix %s, which would name another hash slot', (braces) => {
    expect(() => new RedisFlowStore({ client: { eval: async () => 1 }, prefix: braces })).toThrow(/braces/)
  })

  it('new RedisFlowStore refuses an unknown option, and says which there are', () => {
    expect(() => new RedisFlowStore({ client: { eval: async () => 1 }, prefx: 'app:' } as never)).toThrow(new TypeError('multistep: there is no option \'RedisFlowStore prefx\'. Did you mean prefix?'))
    expect(() => new RedisFlowStore({ client: { eval: async () => 1 }, prefix: 5 } as never)).toThrow(TypeError)
    expect(() => new RedisFlowStore({ client: { eval: async () => 1 }, prefix: '' })).not.toThrow()
  })
})

/** The names of the commands that clients sent, without those that scripts made. */
async function monitored(server: RedisServer, client: Client) {
  const monitor = await connecting(server.url).connect()
  const lines: string[] = []
  let heard = () => {}
  await monitor.monitor((line) => {
    lines.push(line)
    heard()
  })
  const since = async () => {
    const end = randomUUID()
    await client.echo(end)
    while (!lines.some((line) => line.includes(end))) await new Promise<void>((resolve) => { heard = resolve })
    const names = lines.splice(0).filter((line) => !line.includes(' lua]')).map((line) => /\] "(\w+)"/.exec(line)![1]!)
    return names.slice(0, -1)
  }
  return { since, close: () => monitor.destroy() }
}
