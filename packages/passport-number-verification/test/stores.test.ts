import { randomUUID } from 'node:crypto'
import { createClient } from 'redis'
import { MapDocuments } from '#internal/documents/map-documents'
import { MemoryTransactionStore, RedisTransactionStore } from 'passport-number-verification'
import { DocumentTransactionStore } from 'passport-number-verification/documents'
import { transactionStoreContract } from 'passport-number-verification/testing'
import { describeWithRedis, sharedRedisUrl } from '../../../test/support/redis.js'

describe('MemoryTransactionStore', () => {
  transactionStoreContract({ describe, it, expect, createStore: ({ now }) => new MemoryTransactionStore({ now }) })
})

describe('DocumentTransactionStore', () => {
  const kinds = { transaction: { capacity: 100 }, count: { capacity: 100 } }
  transactionStoreContract({
    describe,
    it,
    expect,
    createStore: ({ now }) => new DocumentTransactionStore({ documents: new MapDocuments({ kinds, now }) }),
  })

  it('a DocumentTransactionStore fails with the error of this package', async () => {
    const fail = () => Promise.reject(new Error('down'))
    const store = new DocumentTransactionStore({ documents: { change: fail, read: fail, sweep: fail } })
    const error = { name: 'NumberVerificationError', code: 'store_unavailable', status: 503 }
    await expect(store.take('one')).rejects.toMatchObject(error)
  })
})

describeWithRedis('RedisTransactionStore', () => {
  transactionStoreContract({
    describe, it, expect, createStore: async ({ now }) => {
      const client = createClient({ url: sharedRedisUrl()!, disableOfflineQueue: true })
      await client.on('error', () => undefined).connect()
      const store = new RedisTransactionStore({ client, prefix: `test:${randomUUID()}:`, now })
      return { store, close: () => client.close() }
    },
  })
})
