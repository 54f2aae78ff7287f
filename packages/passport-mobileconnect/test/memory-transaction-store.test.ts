import type { MapDocuments } from '#internal/documents/map-documents'
import { MemoryTransactionStore } from 'passport-mobileconnect'
import { transactionStoreContract } from 'passport-mobileconnect/testing'

describe('the contract of a transaction store, kept in memory', () => {
  transactionStoreContract({ describe, it, expect, createStore: ({ now }) => new MemoryTransactionStore({ now }) })
})

describe('MemoryTransactionStore', () => {
  it('a full MemoryTransactionStore forgets the oldest transaction, so that nobody can fill the memory', async () => {
    const store = new MemoryTransactionStore({ capacity: 2 })
    for (const id of ['a', 'b', 'c']) await store.put(id, id, 60_000)
    expect(await store.take('a')).toBeUndefined()
    expect([await store.take('b'), await store.take('c')]).toEqual(['b', 'c'])
  })

  it('a full MemoryTransactionStore forgets no count, because that would lift a limit', async () => {
    const store = new MemoryTransactionStore({ capacity: 1 })
    await store.count('a', 1, 60_000)
    await expect(store.count('b', 1, 60_000)).rejects.toMatchObject({ code: 'store_unavailable', status: 503 })
    expect((await store.count('a', 1, 60_000)).status).toBe('spent')
  })

  it('MemoryTransactionStore holds nothing of what is over', async () => {
    let now = 1_000_000
    const store = new MemoryTransactionStore({ now: () => now, capacity: 3 })
    for (let round = 0; round < 100; round += 1) {
      await store.put(`t${round}`, 'x', 1000)
      await store.count(`c${round}`, 1, 1000)
      now += 1000
    }
    await store.put('last', 'x', 1000)
    const { documents } = store as unknown as { documents: MapDocuments }
    expect(documents.sizeOf('transaction')).toBeLessThan(3)
    expect(documents.sizeOf('count')).toBeLessThan(3)
  })

  it('MemoryTransactionStore refuses a clock that gives no time, and malformed numbers', async () => {
    await expect(new MemoryTransactionStore({ now: () => NaN }).put('a', 'x', 1)).rejects.toMatchObject({ code: 'store_unavailable' })
    const store = new MemoryTransactionStore()
    await expect(store.put('a', 'x', NaN)).rejects.toThrow(TypeError)
    await expect(store.count('a', NaN, 1000)).rejects.toThrow(TypeError)
    await expect(store.count('a', 1, 0.5)).rejects.toThrow(TypeError)
    expect(() => new MemoryTransactionStore({ capacity: 0 })).toThrow('capacity is a whole number of transactions, not 0.')
    expect(() => new MemoryTransactionStore({ now: 5 as never })).toThrow('now is a function')
  })

  it('MemoryTransactionStore says once, in production, that it serves one process alone', () => {
    const before = process.env.NODE_ENV
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    process.env.NODE_ENV = 'production'
    try {
      new MemoryTransactionStore()
      new MemoryTransactionStore()
    } finally {
      process.env.NODE_ENV = before
    }
    expect(warn).toHaveBeenCalledTimes(1)
    expect(warn.mock.calls[0]![0]).toContain('use RedisTransactionStore in production')
    warn.mockRestore()
  })
})
