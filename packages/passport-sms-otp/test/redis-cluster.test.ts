import { randomUUID } from 'node:crypto'
import { createCluster as createCluster5 } from 'redis5'
import { describeWithRedisCluster, startRedisCluster } from '../../../test/support/redis-cluster.js'
import { RedisChallengeStore } from '../src/stores/redis/redis-challenge-store.js'
import { challengeStoreContract } from '../src/testing.js'

describeWithRedisCluster('the contract of a challenge store, kept in a Redis Cluster of three primaries', () => {
  let started: Awaited<ReturnType<typeof startRedisCluster>>

  beforeAll(async () => {
    started = await startRedisCluster()
  })
  afterAll(async () => {
    await started.close()
  })

  challengeStoreContract({ describe, it, expect, createStore: ({ now }) => new RedisChallengeStore({ client: started.cluster, now, prefix: `${randomUUID()}:` }) })

  describe('by version 5 of the package redis', () => {
    const rootNodes = () => started.cluster.masters.map(({ address }) => ({ url: `redis://${address}` }))
    let cluster: ReturnType<typeof createCluster5>

    beforeAll(async () => { cluster = await createCluster5({ rootNodes: rootNodes() }).connect() })
    afterAll(() => { cluster.destroy() })

    challengeStoreContract({ describe, it, expect, createStore: ({ now }) => new RedisChallengeStore({ client: cluster, now, prefix: `${randomUUID()}:` }) })
  })

  it('RedisChallengeStore spreads subjects over the primaries of a cluster', async () => {
    const { cluster } = started
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
