import { aFlow, aLogin, otherFlow } from '../src/stores/contract/kit.js'
import { ExpiringMap } from '../src/stores/memory/expiring-map.js'
import { MemoryFlowStore } from '../src/stores/memory/memory-flow-store.js'

const ledger = { partition: 'person', factor: 'local' }
const policy = { after: 2, for: 100, max: 1000 }
const full = { code: 'store_unavailable', status: 503 }

describe('new MemoryFlowStore', () => {
  it('refuses what is no option of it, and what can not be one', () => {
    expect(() => new MemoryFlowStore({ clock: Date.now } as never)).toThrow(new TypeError('multistep: there is no option \'MemoryFlowStore clock\'. There are now, capacity.'))
    expect(() => new MemoryFlowStore({ now: Date.now() } as never)).toThrow(/now is a function/)
    expect(() => new MemoryFlowStore({ capacity: 0 })).toThrow(/capacity is a whole number/)
  })
})

describe('MemoryFlowStore at capacity', () => {
  const filled = async () => {
    const clock = { now: 1000 }
    const store = new MemoryFlowStore({ now: () => clock.now, capacity: 3 })
    for (const id of ['partition.a', 'partition.b', 'partition.c']) expect(await store.createFlow(id, aFlow, 100)).toBe(true)
    return { store, clock }
  }

  it('refuses a new flow and keeps those it has, which go on (X-11)', async () => {
    const { store } = await filled()
    await expect(store.createFlow('partition.d', aFlow, 100)).rejects.toMatchObject(full)
    expect(await store.createFlow('partition.a', aFlow, 100)).toBe(false)
    expect(await store.advanceFlow('partition.a', 1, aFlow)).toBe(true)
    expect(await store.finishFlow('partition.a', 2, aLogin('partition.login'))).toBe(true)
    expect((await store.readFlow('partition.c')).flow?.version).toBe(1)
  })

  it('has room again when a flow was finished, was dropped or has expired', async () => {
    const { store, clock } = await filled()
    await store.finishFlow('partition.a', 1, aLogin('partition.login'))
    expect(await store.createFlow('partition.d', aFlow, 200)).toBe(true)
    await store.dropFlow('partition.b')
    expect(await store.createFlow('partition.e', aFlow, 200)).toBe(true)
    await expect(store.createFlow('partition.f', aFlow, 200)).rejects.toMatchObject(full)
    clock.now += 100
    expect(await store.createFlow('partition.f', aFlow, 200)).toBe(true)
    await expect(store.createFlow('partition.g', aFlow, 200)).rejects.toMatchObject(full)
  })

  it('leaves a tombstone where there are many, and forgets the oldest, so that nobody is kept from a login (K-02)', async () => {
    const { store } = await filled()
    for (const session of ['a', 'b', 'c', 'd']) expect(await store.leaveTombstone(session, `/${session}`, 100)).toBe(true)
    expect(await Promise.all(['a', 'b', 'd'].map((session) => store.readTombstone(session)))).toEqual([undefined, '/b', '/d'])
  })

  it('refuses a login without taking its flow', async () => {
    const { store } = await filled()
    for (const id of ['partition.1', 'partition.2', 'partition.3']) await store.createLogin(aLogin(id))
    await expect(store.finishFlow('partition.a', 1, aLogin('partition.4'))).rejects.toMatchObject(full)
    expect((await store.readFlow('partition.a')).flow?.version).toBe(1)
    expect((await store.readLogin('partition.4')).login).toBe(undefined)
  })

  it('refuses new ledgers and tokens, counts nothing for them, and keeps the locks it has (X-11)', async () => {
    const { store, clock } = await filled()
    await store.attempt(ledger, policy, { token: 'one', ttl: 1000 })
    await store.attempt(ledger, policy, { token: 'two', ttl: 1000 })
    for (const partition of ['b', 'c']) await store.attempt({ ...ledger, partition }, policy)
    await expect(store.attempt({ ...ledger, partition: 'd' }, policy)).rejects.toMatchObject(full)
    await expect(store.attempt({ ...ledger, partition: 'd' }, policy, { token: 'three', ttl: 1000 })).rejects.toMatchObject(full)
    expect(await store.attempt(ledger, policy)).toEqual({ status: 'locked', retryAt: clock.now + 100, at: clock.now })
    await store.attempt({ ...ledger, partition: 'c' }, { ...policy, after: 100 }, { token: 'three', ttl: 1000 })
    await expect(store.attempt({ ...ledger, partition: 'b' }, policy, { token: 'four', ttl: 1000 })).rejects.toMatchObject(full)
    expect(await store.attempt({ ...ledger, partition: 'b' }, policy)).toMatchObject({ status: 'allowed', locks: true })
  })
})

describe('MemoryFlowStore at capacity, of devices', () => {
  it('refuses another person\'s, and keeps those it has (X-11)', async () => {
    const store = new MemoryFlowStore({ capacity: 1 })
    const device = { id: 'a', token: 'one', purpose: 'p', fingerprint: 'f', ttl: 1000, factors: [] }
    await store.rememberDevice('ada', device, 10)
    await expect(store.rememberDevice('alan', device, 10)).rejects.toMatchObject(full)
    await store.rememberDevice('ada', { ...device, id: 'b' }, 10)
    expect((await store.listDevices('ada')).map(({ id }) => id)).toEqual(['a', 'b'])
    await store.forgetDevices('ada')
    expect(await store.rememberDevice('alan', device, 10)).toEqual([])
  })
})

describe('ExpiringMap', () => {
  it('forgets what has ended as others are written, without being asked for it', () => {
    const map = new ExpiringMap<{ expiresAt: number }>(100_000)
    for (let key = 0; key < 1000; key += 1) map.set(`old-${key}`, { expiresAt: 10 }, 0)
    for (let key = 0; key < 1000; key += 1) map.set(`new-${key}`, { expiresAt: 20 }, 10)
    expect(map.size).toBeLessThanOrEqual(1500)
    for (let key = 0; key < 1000; key += 1) map.set(`new-${key}`, { expiresAt: 20 }, 10)
    expect(map.size).toBe(1000)
  })

  it('looks at no more than a few others in any write, however many it holds', () => {
    let looks = 0
    const map = new ExpiringMap<{ readonly expiresAt: number }>(10_000)
    const entry = (expiresAt: number) => ({
      get expiresAt() {
        looks += 1
        return expiresAt
      },
    })
    const costs = Array.from({ length: 10_000 }, (_, key) => {
      looks = 0
      map.set(String(key), entry(key), key)
      return looks
    })
    expect(Math.max(...costs)).toBeLessThanOrEqual(2)
  })

  it('takes an entry for ended at the instant of its end', () => {
    const map = new ExpiringMap<{ expiresAt: number }>(1)
    map.set('key', { expiresAt: 10 }, 0)
    expect(map.get('key', 9)).toEqual({ expiresAt: 10 })
    expect(map.get('key', 10)).toBe(undefined)
  })
})

describe('MemoryFlowStore', () => {
  const kept = async (user: unknown) => {
    const store = new MemoryFlowStore()
    await store.createFlow('partition.flow', { ...otherFlow, user }, 1000)
    return (await store.readFlow('partition.flow')).flow?.user
  }

  it.each<[string, unknown]>([
    ['a date', { since: new Date(0) }], ['a class with toJSON', new URL('https://app.example/')], ['undefined in an object and in a list', { gone: undefined, list: [undefined, 1] }],
    ['numbers that are none', [Number.NaN, Infinity, -0]], ['functions', { act: () => 1, list: [() => 1] }], ['an object without a prototype', Object.assign(Object.create(null), { id: 7 })],
    ['a key __proto__', JSON.parse('{"__proto__":{"admin":true}}')], ['an instance', new (class Person { id = 7 })()], ['a list with a hole', Object.assign([], { 1: 2 })],
  ])('keeps %s as JSON does, so that it is the same as in Redis', async (_, user) => {
    const found = await kept(user)
    expect(JSON.stringify(found)).toBe(JSON.stringify(user))
    expect(JSON.stringify(Object.getOwnPropertyDescriptor(found, '__proto__'))).toBe(JSON.stringify(Object.getOwnPropertyDescriptor(JSON.parse(JSON.stringify(user)), '__proto__')))
    expect((found as { admin?: unknown }).admin).toBe(undefined)
  })

  it('rejects what JSON cannot hold', async () => {
    const circle: Record<string, unknown> = {}
    circle.self = circle
    await expect(kept({ id: 7n })).rejects.toThrow(TypeError)
    await expect(kept(circle)).rejects.toThrow()
  })

  it('gives deserializeUser a user that it may change', async () => {
    const user = await kept({ id: 7, tags: ['a'] }) as { seen?: boolean, tags: string[] }
    user.seen = true
    user.tags.push('b')
    expect(user).toEqual({ id: 7, seen: true, tags: ['a', 'b'] })
  })
})

describe('MemoryFlowStore in production', () => {
  const environment = process.env.NODE_ENV
  afterEach(() => {
    process.env.NODE_ENV = environment
    jest.restoreAllMocks()
  })

  const warnings = async (env: string) => {
    process.env.NODE_ENV = env
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    await jest.isolateModulesAsync(async () => {
      const fresh = await import('../src/stores/memory/memory-flow-store.js')
      for (let times = 0; times < 2; times += 1) new fresh.MemoryFlowStore()
    })
    return warn.mock.calls
  }

  it('warns, once, that it forgets and shares nothing', async () => {
    expect(await warnings('production')).toEqual([[expect.stringMatching(/forgets.*RedisFlowStore/), { code: 'MULTISTEP_MEMORY_STORE' }]])
  })

  it('says nothing anywhere else', async () => {
    expect(await warnings('development')).toEqual([])
  })
})
