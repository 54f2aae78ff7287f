import { jest } from '@jest/globals'
import type { LockoutPolicy } from '../src/stores/challenge-store.js'
import { MemoryChallengeStore } from '../src/stores/memory/memory-challenge-store.js'
import type { MapDocuments } from '#internal/documents/map-documents'

const minute = 60_000
const lockout: LockoutPolicy = { after: 3, for: minute, max: minute, disableAfter: 100 }

function bench(capacity?: number) {
  const clock = { at: 1_700_000_000_000 }
  const store = new MemoryChallengeStore({ now: () => clock.at, capacity })
  const send = (subject: string, id = subject) =>
    store.send({ subject, begin: { id, ttl: 5 * minute, maxAttempts: 5, maxResends: 3 }, delays: [], limits: [{ limit: 1000, window: 60 * minute }] })
  const held = () => {
    const { documents } = store as unknown as { documents: MapDocuments }
    return { subjects: documents.sizeOf('subject'), budgets: documents.sizeOf('budget') }
  }
  return { store, send, held, pass: (milliseconds: number) => { clock.at += milliseconds } }
}

const full = { code: 'store_unavailable', status: 503 }

describe('MemoryChallengeStore at capacity (X-11)', () => {
  it('a full MemoryChallengeStore refuses new challenges, and keeps the challenges it has', async () => {
    const { store, send } = bench(3)
    for (const subject of ['ada', 'alan', 'grace']) await send(subject)
    await expect(send('mallory')).rejects.toMatchObject(full)
    expect(await store.verify({ subject: 'ada', id: 'ada', matched: true, lockout })).toMatchObject({ status: 'ok' })
  })

  it('a full MemoryChallengeStore goes on repeating challenges', async () => {
    const { store, send } = bench(1)
    await send('ada')
    expect(await store.send({ subject: 'ada', repeat: 'ada', delays: [], limits: [] })).toMatchObject({ status: 'sent', repeated: true })
  })

  it('a full MemoryChallengeStore goes on counting failures, and forgets none', async () => {
    const { store, send } = bench(2)
    await send('ada')
    await send('alan')
    for (let failed = 0; failed < 2; failed += 1) await store.verify({ subject: 'ada', id: 'ada', matched: false, lockout })
    for (let asked = 0; asked < 100; asked += 1) await expect(send(`mallory-${asked}`)).rejects.toMatchObject(full)
    expect(await store.verify({ subject: 'ada', id: 'ada', matched: false, lockout })).toMatchObject({ status: 'wrong', lockedUntil: expect.any(Number) })
  })

  it('a full MemoryChallengeStore begins challenges again as soon as the challenges of others have expired', async () => {
    const { store, pass } = bench(50)
    const begin = (id: string) => store.send({ subject: id, begin: { id, ttl: 5 * minute, maxAttempts: 5, maxResends: 3 }, delays: [], limits: [] })
    for (let index = 0; index < 50; index += 1) await begin(`old-${index}`)
    pass(10 * minute - 1)
    await expect(begin('early')).rejects.toMatchObject(full)
    pass(1)
    for (let index = 0; index < 50; index += 1) expect(await begin(`new-${index}`)).toMatchObject({ status: 'sent' })
    await expect(begin('late')).rejects.toMatchObject(full)
  })

  it('MemoryChallengeStore holds at most 64 challenges of one subject: of more, the one that ends first is forgotten', async () => {
    const { store, send, held, pass } = bench(1)
    for (let index = 0; index < 65; index += 1) {
      await send('ada', `number-${index}`)
      pass(1)
    }
    expect(held()).toEqual({ subjects: 1, budgets: 0 })
    const statusOf = async (id: string) => (await store.verify({ subject: 'ada', id, matched: true, lockout })).status
    expect(await Promise.all(['number-0', 'number-1', 'number-64'].map(statusOf))).toEqual(['unknown', 'ok', 'ok'])
  })

  it('a full MemoryChallengeStore refuses new subjects when it holds as many ledgers, even if their challenges are gone', async () => {
    const { store, send } = bench(1)
    await send('ada')
    await store.retire({ subject: 'ada', id: 'ada' })
    await expect(send('mallory')).rejects.toMatchObject(full)
    expect(await send('ada')).toMatchObject({ status: 'sent' })
  })

  it('a full MemoryChallengeStore refuses to count new budgets, and takes from none', async () => {
    const { store, held } = bench(1)
    const budget = (key: string) => ({ key, limits: [{ limit: 2, window: minute }] })
    await store.reserve([budget('a'), budget('b')])
    await expect(store.reserve([budget('a'), budget('c')])).rejects.toMatchObject(full)
    expect(await store.reserve([budget('a')])).toMatchObject({ status: 'reserved' })
    expect(await store.reserve([budget('a')])).toMatchObject({ status: 'spent' })
    expect(held().budgets).toBe(2)
  })

  it('a full MemoryChallengeStore gives back what a text took, and counts no try for which there is no room', async () => {
    const { store, held } = bench(1)
    const budget = (key: string) => ({ key, limits: [{ limit: 1, window: minute }] })
    const { at } = await store.reserve([budget('a')])
    await store.release({ budgets: [budget('a')], at, charge: ['b', 'c', 'd'].map(budget) })
    expect(held().budgets).toBe(0)
    expect(await store.reserve([budget('a')])).toMatchObject({ status: 'reserved' })
    await expect(store.release({ budgets: [], at, charge: [budget('b'), { key: 'c', limits: [{ limit: NaN, window: minute }] }] })).rejects.toThrow(TypeError)
  })

  it('MemoryChallengeStore holds 200 000 subjects unless told otherwise, and refuses a malformed capacity', () => {
    expect(() => new MemoryChallengeStore({ capacity: 0 })).toThrow(TypeError)
    expect(() => new MemoryChallengeStore({ capacity: NaN })).toThrow(TypeError)
  })
})

describe('MemoryChallengeStore forgetting', () => {
  it('MemoryChallengeStore does not pile up what has expired', async () => {
    const { store, send, held, pass } = bench(5000)
    for (let index = 0; index < 2000; index += 1) {
      await send(`subject-${index}`)
      await store.reserve([{ key: `ip-${index}`, limits: [{ limit: 1, window: 10 * minute }] }])
      pass(minute)
    }
    expect(held().subjects).toBeLessThan(2 * 61 + 2)
    expect(held().budgets).toBeLessThan(2 * 11 + 2)
  })

  it('MemoryChallengeStore keeps ledgers with failures however long (R-05)', async () => {
    const { store, send, pass } = bench()
    await send('ada')
    for (let failed = 0; failed < 2; failed += 1) await store.verify({ subject: 'ada', id: 'ada', matched: false, lockout })
    for (let index = 0; index < 100; index += 1) {
      pass(24 * 60 * minute)
      await send(`other-${index}`)
    }
    await send('ada', 'again')
    expect(await store.verify({ subject: 'ada', id: 'again', matched: false, lockout })).toMatchObject({ lockedUntil: expect.any(Number) })
  })

  it('MemoryChallengeStore holds nothing for what never existed (O-20)', async () => {
    const { store, held } = bench()
    await store.verify({ subject: 'ada', id: 'none', matched: false, lockout })
    await store.verify({ subject: 'ada', id: 'none', matched: true, lockout })
    await store.undo({ subject: 'ada', id: 'none', repeated: false, at: 1, unsent: false })
    await store.enable('ada')
    await store.release({ budgets: [{ key: 'ip', limits: [{ limit: 1, window: minute }] }], at: 1 })
    expect(held()).toEqual({ subjects: 0, budgets: 0 })
  })

  it('MemoryChallengeStore holds nothing of a text that was undone (S-14)', async () => {
    const { store, send, held } = bench()
    const { at } = await send('ada')
    await store.undo({ subject: 'ada', id: 'ada', repeated: false, at, unsent: false })
    expect(held()).toEqual({ subjects: 0, budgets: 0 })
  })
})

describe('MemoryChallengeStore in production', () => {
  const { NODE_ENV } = process.env
  afterEach(() => {
    process.env.NODE_ENV = NODE_ENV
    jest.restoreAllMocks()
  })

  it('MemoryChallengeStore warns once in production that it serves one process', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    new MemoryChallengeStore()
    expect(warn).not.toHaveBeenCalled()
    process.env.NODE_ENV = 'production'
    new MemoryChallengeStore()
    new MemoryChallengeStore()
    expect(warn).toHaveBeenCalledTimes(1)
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('RedisChallengeStore'), { code: 'SMS_OTP_MEMORY_STORE' })
  })
})
