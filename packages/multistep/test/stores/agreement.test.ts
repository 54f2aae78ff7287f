import { randomUUID } from 'node:crypto'
import { createClient } from 'redis'
import { describeWithRedis, sharedRedisUrl } from '../../../../test/support/redis.js'
import { describeWithRedisCluster, startRedisCluster } from '../../../../test/support/redis-cluster.js'
import { WorstDocuments } from '../../../../test/support/worst-documents.js'
import { DocumentFlowStore } from '../../src/documents.js'
import { MemoryFlowStore } from '../../src/stores/memory/memory-flow-store.js'
import { RedisFlowStore } from '../../src/stores/redis/redis-flow-store.js'
import { agedFlowStore } from '../support/aged-flow-store.js'
import { flowStoresAgree } from '../support/flow-stores-agree.js'

const inProcess = (now: () => number) => [
  new MemoryFlowStore({ now }), agedFlowStore(now), new DocumentFlowStore({ documents: new WorstDocuments({ now }) }),
]
const prefix = () => `test:${randomUUID()}:`

describeWithRedis('The rules of a flow store, told in functions and in Lua', () => {
  it('the rules in functions and in Lua give the same answers to any sequence of operations under one clock', async () => {
    const client = await createClient({ url: sharedRedisUrl()! }).connect()
    await flowStoresAgree((now) => [...inProcess(now), new RedisFlowStore({ client, prefix: prefix(), now })], 200)
    await client.close()
  })
})

describeWithRedisCluster('The rules of a flow store, in a cluster', () => {
  it('the rules in Lua give the same answers where the keys of one operation lie on several servers of a cluster', async () => {
    const redis = await startRedisCluster()
    await flowStoresAgree((now) => [new MemoryFlowStore({ now }), new RedisFlowStore({ client: redis.cluster, prefix: prefix(), now })], 40)
    await redis.close()
  })
})
