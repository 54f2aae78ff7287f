import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { createClient as createClient5 } from 'redis5'
import { RedisTransactionStore, type ScriptClient, type TransactionStore } from 'passport-mobileconnect'
import { transactionStoreContract } from 'passport-mobileconnect/testing'
import { describeWithRedisCluster, startRedisCluster } from '../../../test/support/redis-cluster.js'
import { describeWithRedis, describeWithRedisServer, sharedRedisUrl, startRedisServer, type RedisServer } from '../../../test/support/redis.js'

const operations: Record<string, (store: TransactionStore) => Promise<unknown>> = {
  put: (store) => store.put('a', 'sealed', 60_000),
  claim: (store) => store.claim('a', 1000),
  'a claim that is early': (store) => store.claim('a', 1000),
  postpone: (store) => store.postpone('a', 1000, 5000),
  take: (store) => store.take('a'),
  'a take of what is gone': (store) => store.take('a'),
  count: (store) => store.count('a', 1, 60_000),
  'a count that is spent': (store) => store.count('a', 1, 60_000),
}

describeWithRedis('the contract of a transaction store, kept in Redis', () => {
  const client = createClient({ url: sharedRedisUrl()! })
  beforeAll(async () => { await client.connect() })
  afterAll(() => client.close())

  transactionStoreContract({ describe, it, expect, createStore: ({ now }) => new RedisTransactionStore({ client, now, prefix: `${randomUUID()}:` }) })
})

describeWithRedis('the contract of a transaction store, kept in Redis by the client of version 5', () => {
  const client = createClient5({ url: sharedRedisUrl()! })
  beforeAll(async () => { await client.connect() })
  afterAll(() => client.close())

  transactionStoreContract({ describe, it, expect, createStore: ({ now }) => new RedisTransactionStore({ client, now, prefix: `${randomUUID()}:` }) })
})

describeWithRedis('RedisTransactionStore with ioredis', () => {
  const redis = new Redis(sharedRedisUrl()!, { lazyConnect: true })
  afterAll(() => redis.quit())

  describe('as it is', () => {
    transactionStoreContract({ describe, it, expect, createStore: ({ now }) => new RedisTransactionStore({ client: redis, now, prefix: `${randomUUID()}:` }) })
  })

  describe('wrapped', () => {
    const client: ScriptClient = { eval: (script, keys, args) => redis.eval(script, keys.length, ...keys, ...args) }
    transactionStoreContract({ describe, it, expect, createStore: ({ now }) => new RedisTransactionStore({ client, now, prefix: `${randomUUID()}:` }) })
  })

  describe('that gives texts as Buffers', () => {
    const client: ScriptClient = { eval: (script, keys, args) => redis.callBuffer('eval', script, keys.length, ...keys, ...args) }
    transactionStoreContract({ describe, it, expect, createStore: ({ now }) => new RedisTransactionStore({ client, now, prefix: `${randomUUID()}:` }) })
  })
})

describeWithRedisCluster('the contract of a transaction store, kept in a Redis Cluster of three primaries', () => {
  let started: Awaited<ReturnType<typeof startRedisCluster>>
  beforeAll(async () => { started = await startRedisCluster() })
  afterAll(() => started.close())

  transactionStoreContract({ describe, it, expect, createStore: ({ now }) => new RedisTransactionStore({ client: started.cluster, now, prefix: `${randomUUID()}:` }) })
})

describeWithRedis('RedisTransactionStore', () => {
  const client = createClient({ url: sharedRedisUrl()! })
  beforeAll(async () => { await client.connect() })
  afterAll(() => client.close())

  it('RedisTransactionStore works with a client that only has eval', async () => {
    const generic: ScriptClient = { eval: (script, keys, args) => client.eval(script, { keys, arguments: args }) }
    const store = new RedisTransactionStore({ client: generic, prefix: `${randomUUID()}:` })
    for (const operate of Object.values(operations)) await operate(store)
    expect(await store.count('a', 1, 60_000)).toMatchObject({ status: 'spent' })
  })

  it('RedisTransactionStore reads the time of the server where it is given none, and leaves nothing behind', async () => {
    const prefix = `${randomUUID()}:`
    const store = new RedisTransactionStore({ client, prefix })
    await store.put('a', 'sealed', 60_000)
    await store.count('a', 1, 60_000)
    const ttls = await Promise.all((await client.keys(`${prefix}*`)).map((key) => client.pTTL(key)))
    expect(ttls).toHaveLength(2)
    expect(ttls.every((ttl) => ttl > 0 && ttl <= 60_000)).toBe(true)
    expect(await store.take('a')).toBe('sealed')
  })

  it('RedisTransactionStore refuses a value that is no client, in words', () => {
    expect(() => new RedisTransactionStore({ client: undefined as never })).toThrow('RedisTransactionStore needs a client')
  })

  it.each<[string, unknown]>([['nothing', undefined], ['another status', ['maybe']], ['a number', ['claimed', 5]], ['no list', 'done']])('RedisTransactionStore rejects when a script is answered by %s', async (_, reply) => {
    const store = new RedisTransactionStore({ client: { eval: async () => reply } })
    for (const operate of Object.values(operations)) await expect(operate(store)).rejects.toMatchObject({ code: 'store_unavailable', status: 503 })
  })
})

describeWithRedisServer('RedisTransactionStore on a server of its own', () => {
  let server: RedisServer
  beforeAll(async () => { server = await startRedisServer() })
  afterAll(() => server.close())

  it.each(Object.keys(operations))('RedisTransactionStore makes one call for %s, also when the server has forgotten its scripts, and rejects when the server is gone', async (name) => {
    const client = createClient({ url: server.url, disableOfflineQueue: true, socket: { reconnectStrategy: false } })
    client.on('error', () => undefined)
    await client.connect()
    const store = new RedisTransactionStore({ client })
    await client.scriptFlush()
    await operations[name]!(store)
    const calls = async () => Number(/cmdstat_evalsha:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? 0)
    const before = await calls()
    await operations[name]!(store)
    expect(await calls() - before).toBe(1)
    client.destroy()
    await expect(operations[name]!(store)).rejects.toMatchObject({ code: 'store_unavailable', status: 503 })
  })

  it('an error of RedisTransactionStore holds nothing that was sent, even if the client puts it into its own error', async () => {
    const store = new RedisTransactionStore({ client: { eval: () => Promise.reject(new Error('READONLY, with args beginning with: sealed-text')) } })
    const error: any = await store.put('a', 'sealed-text', 1000).catch((thrown: unknown) => thrown)
    expect(error.cause.message).toBe('READONLY')
  })
})
