import { jest } from '@jest/globals'
import type { LockoutPolicy } from '../src/stores/challenge-store.js'
import { MemoryChallengeStore } from '../src/stores/memory/memory-challenge-store.js'
import { ShardedMap } from '../src/stores/memory/sharded-map.js'

const minute = 60_000
const lockout: LockoutPolicy = { after: 3, for: minute, max: minute, disableAfter: 100 }

function bench(capacity?: number) {
  const clock = { at: 1_700_000_000_000 }
  const store = new MemoryChallengeStore({ now: () => clock.at, capacity })
  const send = (subject: string, id = subject) =>
    store.send({ subject, begin: { id, ttl: 5 * minute, maxAttempts: 5, maxResends: 3 }, delays: [], limits: [{ limit: 1000, window: 60 * minute }] })
  const held = () => {
    const { challenges, ledgers, budgets } = store as any
    return { challenges: challenges.size as number, ledgers: ledgers.size as number, counts: budgets.counts.size as number }
  }
  return { store, send, held, pass: (milliseconds: number) => { clock.at += milliseconds } }
}

const full = { code: 'store_unavailable', status: 503 }

describe('MemoryChallengeStore at capacity (X-11)', () => {
  it('refuses new challenges, and keeps those it has', async () => {
    const { store, send } = bench(3)
    for (const subject of ['ada', 'alan', 'grace']) await send(subject)
    await expect(send('mallory')).rejects.toMatchObject(full)
    expect(await store.verify({ subject: 'ada', id: 'ada', matched: true, lockout })).toMatchObject({ status: 'ok' })
  })

  it('goes on repeating challenges', async () => {
    const { store, send } = bench(1)
    await send('ada')
    expect(await store.send({ subject: 'ada', repeat: 'ada', delays: [], limits: [] })).toMatchObject({ status: 'sent', repeated: true })
  })

  it('goes on counting failures, and forgets none', async () => {
    const { store, send } = bench(2)
    await send('ada')
    await send('alan')
    for (let failed = 0; failed < 2; failed += 1) await store.verify({ subject: 'ada', id: 'ada', matched: false, lockout })
    for (let asked = 0; asked < 100; asked += 1) await expect(send(`mallory-${asked}`)).rejects.toMatchObject(full)
    expect(await store.verify({ subject: 'ada', id: 'ada', matched: false, lockout })).toMatchObject({ status: 'wrong', lockedUntil: expect.any(Number) })
  })

  it('begins challenges again as soon as others have expired', async () => {
    const { send, pass } = bench(50)
    for (let index = 0; index < 50; index += 1) await send('ada', `old-${index}`)
    await expect(send('ada', 'early')).rejects.toMatchObject(full)
    pass(5 * minute)
    for (let index = 0; index < 50; index += 1) expect(await send('ada', `new-${index}`)).toMatchObject({ status: 'sent' })
    await expect(send('ada', 'late')).rejects.toMatchObject(full)
  })

  it('refuses new subjects when it holds as many ledgers, even if their challenges are gone', async () => {
    const { store, send } = bench(1)
    await send('ada')
    await store.retire({ subject: 'ada', id: 'ada' })
    await expect(send('mallory')).rejects.toMatchObject(full)
    expect(await send('ada')).toMatchObject({ status: 'sent' })
  })

  it('refuses to count new budgets, and takes from none', async () => {
    const { store, held } = bench(2)
    const budget = (key: string) => ({ key, limits: [{ limit: 2, window: minute }] })
    await store.reserve([budget('a'), budget('b')])
    await expect(store.reserve([budget('a'), budget('c')])).rejects.toMatchObject(full)
    expect(await store.reserve([budget('a')])).toMatchObject({ status: 'reserved' })
    expect(await store.reserve([budget('a')])).toMatchObject({ status: 'spent' })
    expect(held().counts).toBe(2)
  })

  it('holds 200 000 challenges unless told otherwise, and refuses a capacity that is none', () => {
    expect(() => new MemoryChallengeStore({ capacity: 0 })).toThrow(TypeError)
    expect(() => new MemoryChallengeStore({ capacity: NaN })).toThrow(TypeError)
  })
})

describe('MemoryChallengeStore forgetting', () => {
  it('does not pile up what has expired', async () => {
    const { store, send, held, pass } = bench()
    for (let index = 0; index < 2000; index += 1) {
      await send(`subject-${index}`)
      await store.reserve([{ key: `ip-${index}`, limits: [{ limit: 1, window: 10 * minute }] }])
      pass(minute)
    }
    expect(held().challenges).toBeLessThan(2 * 11 + 2)
    expect(held().ledgers).toBeLessThan(2 * 61 + 2)
    expect(held().counts).toBeLessThan(2 * 11 + 2)
  })

  it('keeps ledgers with failures however long (R-05)', async () => {
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

  it('holds nothing for what never existed (O-20)', async () => {
    const { store, held } = bench()
    await store.verify({ subject: 'ada', id: 'none', matched: false, lockout })
    await store.verify({ subject: 'ada', id: 'none', matched: true, lockout })
    await store.undo({ subject: 'ada', id: 'none', repeated: false, at: 1, unsent: false })
    await store.enable('ada')
    await store.release({ budgets: [{ key: 'ip', limits: [{ limit: 1, window: minute }] }], at: 1 })
    expect(held()).toEqual({ challenges: 0, ledgers: 0, counts: 0 })
  })

  it('holds nothing of a text that was undone (S-14)', async () => {
    const { store, send, held } = bench()
    const { at } = await send('ada')
    await store.undo({ subject: 'ada', id: 'ada', repeated: false, at, unsent: false })
    expect(held()).toEqual({ challenges: 0, ledgers: 0, counts: 0 })
  })
})

describe('A map in parts', () => {
  it('does what a Map does, whatever comes in which order', () => {
    const keys = Array.from({ length: 300 }, (_, index) => (index * 7919 % 300).toString(36))
    const [map, plain] = [new ShardedMap<number>(), new Map<string, number>()]
    for (const [index, key] of keys.entries()) {
      map.set(key, index)
      plain.set(key, index)
      if (index % 3 === 0) for (const one of [map, plain]) one.delete(keys[index >> 1]!)
      expect({ size: map.size, has: map.has(key), value: map.get(key) }).toEqual({ size: plain.size, has: plain.has(key), value: plain.get(key) })
    }
    expect(new Map(map)).toEqual(plain)
    map.delete('none')
    expect(map.size).toBe(plain.size)
  })

  it('loses nothing, and ends, where entries are deleted during a walk', () => {
    const map = new ShardedMap<number>()
    for (let index = 0; index < 1000; index += 1) map.set(`key ${index}`, index)
    for (const [key, value] of map) if (value % 2 === 0) map.delete(key)
    expect(map.size).toBe(500)
  })
})

describe('MemoryChallengeStore in production', () => {
  const { NODE_ENV } = process.env
  afterEach(() => {
    process.env.NODE_ENV = NODE_ENV
    jest.restoreAllMocks()
  })

  it('warns once that it serves one process', () => {
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
