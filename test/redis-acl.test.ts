import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RedisStore } from 'connect-redis'
import { Cluster, Redis } from 'ioredis'
import { RedisFlowStore } from 'multistep'
import { flowStoreContract } from 'multistep/testing'
import { RedisTransactionStore } from 'passport-mobileconnect'
import { transactionStoreContract } from 'passport-mobileconnect/testing'
import { RedisChallengeStore } from 'passport-sms-otp'
import { RedisTransactionStore as NumberVerificationStore } from 'passport-number-verification'
import { challengeStoreContract } from 'passport-sms-otp/testing'
import { createClient, createCluster } from 'redis'
import { describeWithRedisCluster, startRedisCluster } from './support/redis-cluster.js'
import { describeWithRedisServer, startRedisServer, type RedisServer } from './support/redis.js'

const root = join(__dirname, '..')
const page = readFileSync(join(root, 'docs/operations.md'), 'utf8')
const line = /^ACL SETUSER .+$/m.exec(page)![0]
const user = { username: 'app', password: 'password' }

type Client = ReturnType<typeof createClient>
type Asked = Readonly<{ keys: string[], arguments: string[] }>

describe('The commands of Redis that docs/operations.md names', () => {
  /** The commands in the table, by the keys that they are for. */
  const rows = new Map([...page.matchAll(/^\| `([\w-]+:\*)` \| `([a-z ]+)` \|/gm)].map(([, keys, commands]) => [keys!, commands!.split(' ')]))

  const folders = {
    'sms-otp:*': 'packages/passport-sms-otp/src/stores/redis',
    'multistep:*': 'packages/multistep/src/stores/redis',
    'mobileconnect:*': 'packages/internal/src/transactions',
    'number-verification:*': 'packages/internal/src/transactions',
  }

  it.each(Object.entries(folders))('docs/operations.md names the commands that the scripts of %s call, and no others', (keys, folder) => {
    const sources = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
    const called = sources.flatMap((file) => [...readFileSync(join(root, folder, file), 'utf8').matchAll(/\bp?call\('([A-Z]+)'/g)])
    const names = new Set(called.map(([, command]) => command!.toLowerCase()))
    expect([...rows.get(keys)!].sort()).toEqual(['eval', 'evalsha', ...names].sort())
  })

  it('docs/operations.md gives the Redis user the rights for the commands that it names, and no others', () => {
    const clients = ['ping', 'hello', 'cluster|slots', 'cluster|info', 'readonly']
    const rights = [...line.matchAll(/\+(\S+)/g)].map(([, right]) => right!)
    expect(rights.sort()).toEqual([...new Set([...rows.values()].flat().concat(clients))].sort())
    expect([...line.matchAll(/~(\S+)/g)].map(([, keys]) => keys)).toEqual([...rows.keys()])
  })
})

describeWithRedisServer('A user of Redis with the rights that docs/operations.md names', () => {
  let server: RedisServer
  let connected: Client
  // The contracts make their stores before there is a server.
  const client = {
    eval: (script: string, asked: Asked) => connected.eval(script, asked),
    evalSha: (sha: string, asked: Asked) => connected.evalSha(sha, asked),
  }
  beforeAll(async () => {
    server = await startRedisServer()
    const admin = await createClient({ url: server.url }).connect()
    await admin.sendCommand(line.split(' '))
    await admin.close()
    connected = await createClient({ url: server.url, ...user }).connect() as Client
  })
  afterAll(async () => {
    await connected.close()
    await server.close()
  })

  challengeStoreContract({ describe, it, expect, createStore: ({ now }) => new RedisChallengeStore({ client, now, prefix: `sms-otp:${randomUUID()}:` }) })
  flowStoreContract({ describe, it, expect, createStore: ({ now }) => new RedisFlowStore({ client, now, prefix: `multistep:${randomUUID()}:` }) })
  transactionStoreContract({ describe, it, expect, createStore: ({ now }) => new RedisTransactionStore({ client, now, prefix: `mobileconnect:${randomUUID()}:` }) })

  it('a Redis user with the rights of docs/operations.md keeps the transactions of passport-number-verification', async () => {
    const store = new NumberVerificationStore({ client })
    const id = randomUUID()
    await store.put(id, 'sealed', 60_000)
    expect([await store.take(id), await store.count(id, 1, 60_000)]).toEqual(['sealed', { status: 'counted' }])
  })

  it('a store of a Redis user with the rights of docs/operations.md reads the clock of the server', async () => {
    const store = new RedisFlowStore({ client })
    expect(Math.abs(await store.time() - Date.now())).toBeLessThan(60_000)
  })

  it('a Redis user with the rights of docs/operations.md connects with ioredis without a warning, too', async () => {
    const warn = jest.spyOn(console, 'warn')
    const redis = new Redis(server.port, { ...user })
    expect(await new RedisChallengeStore({ client: redis }).verify({
      subject: 'ada', id: 'none', matched: true, lockout: { after: 10, for: 1, max: 1, disableAfter: 100 },
    })).toMatchObject({ status: 'unknown' })
    expect(warn).not.toHaveBeenCalled()
    warn.mockRestore()
    redis.disconnect()
  })

  it('a Redis user with the rights of docs/operations.md keeps sessions', async () => {
    const store = new RedisStore({ client: connected })
    const session = { cookie: { originalMaxAge: 60_000 }, user: 'ada' } as never
    const done = (work: (callback: (error?: unknown, found?: unknown) => void) => unknown) => new Promise((resolve, reject) => {
      work((error, found) => (error instanceof Error ? reject(error) : resolve(found)))
    })
    await done((callback) => store.set('id', session, callback))
    await done((callback) => store.touch('id', session, callback))
    expect(await done((callback) => store.get('id', callback))).toMatchObject({ user: 'ada' })
    await done((callback) => store.destroy('id', callback))
  })

  it.each([['FLUSHALL'], ['KEYS', '*'], ['CONFIG', 'GET', '*'], ['GET', 'other'], ['ACL', 'LIST'], ['SHUTDOWN'], ['LPUSH', 'sess:1', 'a']])('a Redis user with the rights of docs/operations.md may not do more: %s', async (...command) => {
    await expect(connected.sendCommand(command)).rejects.toThrow(/NOPERM/)
  })
})

describeWithRedisCluster('A user of a cluster with the rights that docs/operations.md names', () => {
  it('a user of a Redis Cluster with the rights of docs/operations.md connects with redis and with ioredis, and uses keys of all nodes', async () => {
    const started = await startRedisCluster()
    for (const node of started.clients) await node.sendCommand(line.split(' '))
    const addresses = started.cluster.masters.map(({ address }) => address)
    const cluster = createCluster({ rootNodes: addresses.map((address) => ({ url: `redis://${address}` })), defaults: user })
    await cluster.connect()
    const nodes = addresses.map((address) => ({ host: '127.0.0.1', port: Number(address.split(':')[1]) }))
    const ioredis = new Cluster(nodes, { redisOptions: user })
    try {
      for (const client of [cluster, ioredis]) {
        const store = new RedisChallengeStore({ client: client })
        for (let index = 0; index < 12; index += 1) await store.enable(`subject-${index}`)
      }
    } finally {
      cluster.destroy()
      ioredis.disconnect()
      await started.close()
    }
  })
})
