import { createRequire } from 'node:module'
import { flowStoreContract } from 'multistep/testing'
import { transactionStoreContract } from 'passport-mobileconnect/testing'
import { challengeStoreContract } from 'passport-sms-otp/testing'
import { storesOver } from 'passport-sql-stores'
import { MapDocuments } from '#internal/documents/map-documents'
import { onEveryDatabase } from './support/databases.js'

onEveryDatabase('the contracts of all stores', (backend) => {
  const databaseOf = async (now: () => number) => (await backend.open({ now, timeout: 20_000 })).database

  describe('challenges', () => {
    challengeStoreContract({ describe, it, expect, createStore: async ({ now }) => (await databaseOf(now)).challenges() })
  })
  describe('flows', () => {
    flowStoreContract({ describe, it, expect, createStore: async ({ now }) => (await databaseOf(now)).flows() })
  })
  describe('transactions', () => {
    transactionStoreContract({ describe, it, expect, createStore: async ({ now }) => (await databaseOf(now)).transactions() })
  })

  describe('recovery codes', () => {
    it('recovery codes in a database are replaced all at once, listed, and each taken once', async () => {
      const { database, other } = await backend.open()
      const [store, elsewhere] = [database.recoveryCodes(), other.recoveryCodes()]
      expect(await store.list('ada')).toEqual([])
      await store.replace('ada', ['one', 'two'])
      await store.replace('älter@x.example', ['other'])
      await store.replace('ada', ['three', 'four'])
      expect(await elsewhere.list('ada')).toEqual(['three', 'four'])
      const taken = await Promise.all(Array.from({ length: 50 }, (_, index) => Promise.resolve((index % 2 ? store : elsewhere).remove('ada', 'three'))))
      expect(taken.filter(Boolean)).toHaveLength(1)
      expect([await store.remove('ada', 'one'), await store.remove('nobody', 'one')]).toEqual([false, false])
      expect(await store.list('ada')).toEqual(['four'])
      await store.replace('ada', [])
      expect(await store.list('ada')).toEqual([])
      expect(await store.list('älter@x.example')).toEqual(['other'])
    })
  })

  it('stores of all kinds keep apart in one table', async () => {
    const { database } = await backend.open()
    await database.transactions().put('same', 'sealed', 60_000)
    await database.recoveryCodes().replace('same', ['hash'])
    expect(await database.transactions().take('same')).toBe('sealed')
    expect(await database.recoveryCodes().list('same')).toEqual(['hash'])
  })
})

describe('a package whose store is asked for and that is not installed', () => {
  it('an error names a package that is not installed and whose store is asked for, with the line to write', () => {
    const stores = storesOver(new MapDocuments({ kinds: {} }))
    const { resolve } = createRequire(__filename)
    expect(() => resolve('passport-sms-otp/documents')).not.toThrow()
    jest.resetModules()
    jest.doMock('passport-sms-otp/documents', () => { throw Object.assign(new Error('Cannot find it.'), { code: 'MODULE_NOT_FOUND' }) })
    expect(() => stores.challenges()).toThrow('challenges() needs passport-sms-otp with its DocumentChallengeStore: npm install passport-sms-otp')
    jest.dontMock('passport-sms-otp/documents')
  })
})
