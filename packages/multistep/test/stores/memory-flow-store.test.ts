import { aFlow, aLogin, otherFlow } from '../../src/stores/contract/kit.js'
import { MemoryFlowStore } from '../../src/stores/memory/memory-flow-store.js'

const ledger = { partition: 'person', factor: 'local' }
const policy = { after: 2, for: 100, max: 1000 }
const full = { code: 'store_unavailable', status: 503 }

describe('new MemoryFlowStore', () => {
  it('new MemoryFlowStore refuses an unknown option, and an impossible value', () => {
    expect(() => new MemoryFlowStore({ clock: Date.now } as never)).toThrow(new TypeError('multistep: there is no option \'MemoryFlowStore clock\'. There are now, capacity.'))
    expect(() => new MemoryFlowStore({ now: Date.now() } as never)).toThrow(/now is a function/)
    expect(() => new MemoryFlowStore({ capacity: 0 })).toThrow(/capacity is a whole number/)
  })
})

describe('MemoryFlowStore at capacity', () => {
  const filled = async () => {
    const clock = { now: 1000 }
    const store = new MemoryFlowStore({ now: () => clock.now, capacity: 3 })
    for (const id of ['a.flow', 'b.flow', 'c.flow']) expect(await store.createFlow(id, aFlow, 100)).toBe(true)
    return { store, clock }
  }

  it('a store at capacity refuses the flow of another user and keeps those it has, which go on (X-11)', async () => {
    const { store } = await filled()
    await expect(store.createFlow('d.flow', aFlow, 100)).rejects.toMatchObject(full)
    expect(await store.createFlow('a.flow', aFlow, 100)).toBe(false)
    expect(await store.advanceFlow('a.flow', 1, aFlow)).toBe(true)
    expect(await store.finishFlow('a.flow', 2, aLogin('a.login'))).toBe(true)
    expect((await store.readFlow('c.flow')).flow?.version).toBe(1)
  })

  it('a store at capacity has room again when a flow was finished, was dropped or has expired', async () => {
    const { store, clock } = await filled()
    await store.finishFlow('a.flow', 1, aLogin('a.login'))
    expect(await store.createFlow('d.flow', aFlow, 200)).toBe(true)
    await store.dropFlow('b.flow')
    expect(await store.createFlow('e.flow', aFlow, 200)).toBe(true)
    await expect(store.createFlow('f.flow', aFlow, 200)).rejects.toMatchObject(full)
    clock.now += 100
    expect(await store.createFlow('f.flow', aFlow, 200)).toBe(true)
    await expect(store.createFlow('g.flow', aFlow, 200)).rejects.toMatchObject(full)
  })

  it('a store at capacity leaves a tombstone where there are many, and forgets the oldest, so that no user is kept from a login (K-02)', async () => {
    const { store } = await filled()
    for (const session of ['a', 'b', 'c', 'd']) expect(await store.leaveTombstone(session, `/${session}`, 100)).toBe(true)
    expect(await Promise.all(['a', 'b', 'd'].map((session) => store.readTombstone(session)))).toEqual([undefined, '/b', '/d'])
  })

  it('a store at capacity refuses a login without taking its flow', async () => {
    const { store } = await filled()
    for (const id of ['a.1', 'a.2', 'a.3']) await store.createLogin(aLogin(id))
    await expect(store.finishFlow('a.flow', 1, aLogin('a.4'))).rejects.toMatchObject(full)
    expect((await store.readFlow('a.flow')).flow?.version).toBe(1)
    expect((await store.readLogin('a.4')).login).toBe(undefined)
  })

  it('a store at capacity refuses new ledgers with their tokens, counts nothing for them, and keeps the locks it has (X-11)', async () => {
    const { store, clock } = await filled()
    const once = { token: 'one', ttl: 1000 }
    const of = (partition: string) => ({ ...ledger, partition })
    for (const locks of [false, true]) expect(await store.attempt(of('a'), policy)).toMatchObject({ status: 'allowed', locks })
    await expect(store.attempt(of('d'), policy)).rejects.toMatchObject(full)
    await expect(store.attempt(of('d'), policy, once)).rejects.toMatchObject(full)
    expect(await store.attempt(of('a'), policy)).toEqual({ status: 'locked', retryAt: clock.now + 100, at: clock.now })
    expect((await store.attempt(of('b'), policy, once)).status).toBe('allowed')
    expect(await store.attempt(of('b'), policy, once)).toMatchObject({ status: 'replayed', locks: true })
    await store.dropFlow('c.flow')
    expect(await store.attempt(of('d'), policy, once)).toEqual({ status: 'allowed', locks: false, at: clock.now })
  })
})

describe('MemoryFlowStore at capacity, of devices', () => {
  it('a store at capacity refuses another user\'s devices, and keeps those it has (X-11)', async () => {
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
  ])('MemoryFlowStore keeps %s as JSON does, so that it is the same as in Redis', async (_, user) => {
    const found = await kept(user)
    expect(JSON.stringify(found)).toBe(JSON.stringify(user))
    expect(JSON.stringify(Object.getOwnPropertyDescriptor(found, '__proto__'))).toBe(JSON.stringify(Object.getOwnPropertyDescriptor(JSON.parse(JSON.stringify(user)), '__proto__')))
    expect((found as { admin?: unknown }).admin).toBe(undefined)
  })

  it('MemoryFlowStore rejects what JSON cannot hold', async () => {
    const circle: Record<string, unknown> = {}
    circle.self = circle
    await expect(kept({ id: 7n })).rejects.toThrow(TypeError)
    await expect(kept(circle)).rejects.toThrow()
  })

  it('MemoryFlowStore gives deserializeUser a user that it may change', async () => {
    const user = await kept({ id: 7, tags: ['a'] }) as { seen?: boolean, tags: string[] }
    user.seen = true
    user.tags.push('b')
    expect(user).toEqual({ id: 7, seen: true, tags: ['a', 'b'] })
  })
})

describe('MemoryFlowStore and what it was given', () => {
  it('keeps a flow, a device and a login as they were, whatever becomes of the objects of its caller', async () => {
    const store = new MemoryFlowStore()
    const flow = structuredClone({ ...aFlow, user: { tags: ['a'] } })
    const device = { id: 'a', token: 'one', purpose: 'p', fingerprint: 'f', ttl: 1000, factors: ['sms-otp'] }
    const login = structuredClone(aLogin('a.login'))
    await store.createFlow('a.flow', flow, 1000)
    await store.rememberDevice('a', device, 10)
    await store.createLogin(login)
    flow.user.tags.push('b')
    ;(flow.proofs as unknown[]).pop()
    device.factors.push('totp')
    ;(login.login.proofs as unknown[]).pop()
    expect((await store.readFlow('a.flow')).flow).toMatchObject({ user: { tags: ['a'] }, proofs: aFlow.proofs })
    expect((await store.listDevices('a'))[0]?.factors).toEqual(['sms-otp'])
    expect((await store.readLogin('a.login')).login?.proofs).toEqual(aFlow.proofs)
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
      const fresh = await import('../../src/stores/memory/memory-flow-store.js')
      for (let times = 0; times < 2; times += 1) new fresh.MemoryFlowStore()
    })
    return warn.mock.calls
  }

  it('MemoryFlowStore warns in production, once, that it forgets and shares nothing', async () => {
    expect(await warnings('production')).toEqual([[expect.stringMatching(/forgets.*RedisFlowStore/), { code: 'MULTISTEP_MEMORY_STORE' }]])
  })

  it('MemoryFlowStore does not warn anywhere else', async () => {
    expect(await warnings('development')).toEqual([])
  })
})
