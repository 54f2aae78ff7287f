import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createCluster } from 'redis'
import { hasRedisServer, startRedisServer, type RedisServer } from '../../../test/support/redis.js'
import { RedisChallengeStore } from '../src/redis-challenge-store.js'
import { challengeStoreContract } from '../src/testing.js'

const describeWithServers = hasRedisServer() ? describe : describe.skip

describeWithServers('the contract of a challenge store, kept in a Redis Cluster of three primaries', () => {
  let servers: RedisServer[] = []
  let cluster: ReturnType<typeof createCluster>

  beforeAll(async () => {
    servers = await Promise.all([1, 2, 3].map(() => startRedisServer('--cluster-enabled', 'yes')))
    const addresses = servers.map(({ port }) => `127.0.0.1:${port}`)
    execFileSync('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes'])
    cluster = createCluster({ rootNodes: servers.map(({ url }) => ({ url })) })
    await cluster.connect()
  }, 60_000)
  afterAll(async () => {
    cluster.destroy()
    await Promise.all(servers.map((server) => server.close()))
  })

  challengeStoreContract({ describe, it, expect, createStore: ({ now }) => new RedisChallengeStore({ client: cluster, now, prefix: `${randomUUID()}:` }) })

  it('spreads subjects over the primaries', async () => {
    const store = new RedisChallengeStore({ client: cluster })
    for (let index = 0; index < 30; index += 1) await store.enable(`subject-${index}`)
    const limits = [{ limit: 1, window: 60_000 }]
    const sends = Array.from({ length: 30 }, (_, index) =>
      store.send({ subject: `subject-${index}`, begin: { id: 'first', ttl: 60_000, maxAttempts: 1, maxResends: 0 }, delays: [], limits }))
    expect((await Promise.all(sends)).map(({ status }) => status)).toEqual(Array(30).fill('sent'))
    const held = await Promise.all(cluster.masters.map(async (node) => (await cluster.nodeClient(node)).dbSize()))
    expect(held.every((keys) => keys > 0)).toBe(true)
  })
})
