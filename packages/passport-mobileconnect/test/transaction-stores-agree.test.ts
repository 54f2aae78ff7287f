import { randomUUID } from 'node:crypto'
import { createClient } from 'redis'
import { RedisTransactionStore } from 'passport-mobileconnect'
import { DocumentTransactionStore } from 'passport-mobileconnect/documents'
import { describeWithRedis, sharedRedisUrl } from '../../../test/support/redis.js'
import { strictDocuments } from '../../../test/support/strict-documents.js'
import { transactionAnswers, transactionStoresAgree } from './support/transaction-stores-agree.js'

describeWithRedis('transactions in memory, in documents and in Redis', () => {
  it('transaction stores in memory, in documents and in Redis give the same answers to any sequence of operations under one clock', async () => {
    const client = await createClient({ url: sharedRedisUrl()! }).connect()
    const seen = await transactionStoresAgree((now) => [
      new DocumentTransactionStore({ documents: strictDocuments(['transaction', 'count'], now) }),
      new RedisTransactionStore({ client, prefix: `test:${randomUUID()}:`, now }),
    ], 150)
    expect(seen).toEqual(transactionAnswers)
    await client.close()
  })
})
