import { createClient } from 'redis'
import { createClient as createClient5 } from 'redis5'
import { describeWithRedisCluster, startRedisCluster } from '../../../test/support/redis-cluster.js'
import { describeWithRedisServer, startRedisServer, type RedisServer } from '../../../test/support/redis.js'
import { RedisChallengeStore, type RedisChallengeStoreOptions } from '../src/stores/redis/redis-challenge-store.js'

type Client = RedisChallengeStoreOptions['client']

const connectTo = (url: string) => createClient({ url }).connect()
type Connected = Awaited<ReturnType<typeof connectTo>>

const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
beforeEach(() => { warnings.mockClear() })

/** What is warned of until an operation has been answered, which a connection answers in order. */
async function warned(client: Client): Promise<unknown[]> {
  await new RedisChallengeStore({ client }).enable('ada')
  await new Promise((resolve) => { setTimeout(resolve, 50) })
  return warnings.mock.calls.filter(([, options]) => (options as { code?: string } | undefined)?.code === 'SMS_OTP_REDIS_EVICTION').map(([text]) => text)
}

describeWithRedisServer('A Redis that may forget failures', () => {
  let server: RedisServer
  let client: Connected
  const opened: { destroy(): void }[] = []
  const track = <T extends { destroy(): void }>(one: T): T => { opened.push(one); return one }
  const policy = (name: string) => client.configSet('maxmemory-policy', name)
  const connected = async () => track(await connectTo(server.url))

  beforeAll(async () => {
    server = await startRedisServer()
    client = await connected()
  })
  afterEach(async () => { await policy('noeviction') })
  afterAll(async () => {
    for (const one of opened) one.destroy()
    await server.close()
  })

  it.each(['allkeys-lru', 'volatile-ttl'])('a Redis that may forget failures is warned of at start, once, with what to set: %s', async (name) => {
    await policy(name)
    const mine = await connected()
    const said = `Redis runs with maxmemory-policy ${name}: when its memory is full it forgets failures, locks and codes. Set maxmemory-policy noeviction.`
    expect(await warned(mine)).toEqual([said])
    expect(await warned(mine)).toEqual([said])
  })

  it('a Redis that forgets nothing is not warned of', async () => {
    expect(await warned(await connected())).toEqual([])
  })

  it.each<[string, (one: Connected) => Promise<Client>]>([
    ['a client that only has eval', async (one) => ({ eval: (script, keys, args) => one.eval(script, { keys, arguments: args }) })],
    ['a client of redis 5', async () => track(await createClient5({ url: server.url }).connect())],
    ['a client with RESP 2', async () => track(await createClient({ url: server.url, RESP: 2 }).connect())],
  ])('a Redis that may forget failures is found by %s', async (_, make) => {
    await policy('allkeys-lru')
    expect(await warned(await make(await connected()))).toHaveLength(1)
  })

  it('a Redis that may forget failures is found once there is a connection, where there was none yet', async () => {
    await policy('allkeys-lru')
    const late = track(createClient({ url: server.url }))
    const store = new RedisChallengeStore({ client: late })
    await late.connect()
    await store.enable('ada')
    await new Promise((resolve) => { setTimeout(resolve, 50) })
    expect(warnings).toHaveBeenCalledTimes(1)
  })

  it('a Redis that may forget failures is not looked for where that is forbidden', async () => {
    await policy('allkeys-lru')
    await client.sendCommand(['ACL', 'SETUSER', 'app', 'on', '>pass', '~*', '+@all', '-info'])
    const mine = track(await createClient({ url: server.url, username: 'app', password: 'pass' }).connect())
    expect(await warned(mine)).toEqual([])
    expect(await new RedisChallengeStore({ client: mine }).verify({
      subject: 'ada', id: 'none', matched: true, lockout: { after: 10, for: 1, max: 1, disableAfter: 100 },
    })).toMatchObject({ status: 'unknown' })
  })

  it.each<[string, () => unknown]>([['nothing', () => null], ['an error', () => { throw new Error('ERR') }], ['a rejection', () => Promise.reject(new Error('ERR'))]])('the look for a Redis that may forget failures does no harm where the client answers %s', async (_, answer) => {
    const odd: Client = { eval: (async (script: string) => (script.includes('INFO') ? answer() : ['done'])) as never }
    expect(await warned(odd)).toEqual([])
  })
})

describeWithRedisCluster('A Redis Cluster that may forget failures', () => {
  it('a Redis Cluster that may forget failures is warned of', async () => {
    const started = await startRedisCluster()
    try {
      for (const node of started.clients) await node.configSet('maxmemory-policy', 'allkeys-lfu')
      expect(await warned(started.cluster)).toHaveLength(1)
    } finally {
      await started.close()
    }
  })
})
