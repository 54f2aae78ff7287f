import { randomUUID } from 'node:crypto'
import { createClient } from 'redis'
import { describeWithRedis, sharedRedisUrl } from '../../../test/support/redis.js'
import { WorstDocuments } from '../../../test/support/worst-documents.js'
import { DocumentChallengeStore } from '../src/stores/documents/document-challenge-store.js'
import { RedisChallengeStore } from '../src/stores/redis/redis-challenge-store.js'
import { agreesWithMemory, challengeStatuses } from './support/agrees-with-memory.js'

describe('The store over documents that decide twice, and the store in memory', () => {
  it('the store over documents that decide twice and the store in memory answer any sequence of calls alike, at any instant', async () => {
    const inDocuments = (now: () => number) => new DocumentChallengeStore({ documents: new WorstDocuments({ now }) })
    expect(await agreesWithMemory(inDocuments, 1000)).toEqual(challengeStatuses)
  })
})

describeWithRedis('The store in Redis, and the store in memory', () => {
  const client = createClient({ url: sharedRedisUrl()! })
  beforeAll(async () => { await client.connect() })
  afterAll(() => client.close())

  it('the store in Redis and the store in memory answer any sequence of calls alike, at any instant', async () => {
    const inRedis = (now: () => number) => new RedisChallengeStore({ client, now, prefix: `${randomUUID()}:` })
    expect(await agreesWithMemory(inRedis, 400)).toEqual(challengeStatuses)
  })
})
