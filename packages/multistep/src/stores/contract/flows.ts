import { mostFlows, type Flow } from '../flow-store.js'
import type { Proof } from '../../factors/proof.js'
import { aFlow, aLogin, bench, count, malformedIds, minute, otherFlow, parallel, rejects, tamper, type ContractKit } from './kit.js'

const id = 'partition.flow'
const ttl = 10 * minute

export function flowContract(kit: ContractKit): void {
  kit.describe('createFlow and readFlow', () => creating(kit))
  kit.describe('the flows of one partition', () => together(kit))
  kit.describe('advanceFlow', () => advancing(kit))
  kit.describe('finishFlow', () => finishing(kit))
  kit.describe('the end of a flow', () => ending(kit))
  kit.describe('ids that name no flow', () => unknown(kit))
}

function creating(kit: ContractKit): void {
  const { it, expect } = kit

  it('keeps a flow as it was given, as version 1, and says when it expires', async () => {
    const { store, now } = await bench(kit)
    expect(await store.createFlow(id, aFlow, ttl)).toBe(true)
    expect(await store.readFlow(id)).toEqual({ at: now(), flow: { ...aFlow, version: 1, expiresAt: now() + ttl } })
    expect(await store.time()).toBe(now())
  })

  it('refuses an id that is taken and leaves its flow alone', async () => {
    const { store, now, pass } = await bench(kit)
    await store.createFlow(id, aFlow, ttl)
    const before = await store.readFlow(id)
    pass(minute)
    expect(await store.createFlow(id, otherFlow, ttl)).toBe(false)
    expect(await store.readFlow(id)).toEqual({ ...before, at: now() })
  })

  it('lets exactly one of 50 parallel callers have an id', async () => {
    const { store } = await bench(kit)
    expect(count(await parallel(50, () => store.createFlow(id, aFlow, ttl)), Boolean)).toBe(1)
  })

  it('shares nothing with its callers: what they change later is not kept', async () => {
    const { store } = await bench(kit)
    const given = structuredClone(aFlow) as { -readonly [Key in keyof Flow]: Flow[Key] }
    await store.createFlow(id, given, ttl)
    given.session = 'another'
    ;(given.proofs as Proof[]).pop()
    ;(given.user as { tags: string[] }).tags.push('another')
    ;(given.challenges as { 'sms-otp': { public: { list: unknown[] } } })['sms-otp'].public.list.push('another')
    const read = (await store.readFlow(id)).flow as unknown as {
      proofs: unknown[]
      challenges: Record<string, unknown>
      user: { tags: string[], nested: { text: string } }
    }
    tamper(() => { read.proofs.pop() })
    tamper(() => { Reflect.deleteProperty(read.challenges, 'sms-otp') })
    tamper(() => { read.user.tags.push('another') })
    tamper(() => { read.user.nested.text = 'another' })
    expect((await store.readFlow(id)).flow).toEqual({ ...aFlow, version: 1, expiresAt: (await store.time()) + ttl })
  })
}

function together(kit: ContractKit): void {
  const { it, expect } = kit
  const idle: Flow = { ...aFlow, challenges: {} }
  const waiting = (until?: number): Flow =>
    ({ ...aFlow, challenges: { pin: { public: until === undefined ? {} : { expiresAt: new Date(until).toISOString() } } } })

  const made = async () => {
    const { store, now, pass } = await bench(kit)
    const ids = async () => (await store.readFlows('partition')).flows.map(({ id: one }) => one)
    const make = async (name: string, flow = idle, life = ttl) => {
      pass(1)
      return store.createFlow(`partition.${name}`, flow, life)
    }
    return { store, now, pass, ids, make }
  }

  it('are read together, as they are now, the latest first', async () => {
    const { store, now, ids, make } = await made()
    expect(await store.readFlows('partition')).toEqual({ at: now(), flows: [] })
    await make('a')
    await make('b', aFlow)
    await store.createFlow('other.c', aFlow, ttl)
    await store.advanceFlow('partition.a', 1, otherFlow)
    expect(await store.readFlows('partition')).toEqual({ at: now(), flows: [
      { ...aFlow, id: 'partition.b', version: 1, expiresAt: now() + ttl }, { ...otherFlow, id: 'partition.a', version: 2, expiresAt: now() - 1 + ttl },
    ] })
    await make('c', idle, 5)
    expect(await ids()).toEqual(['partition.c', 'partition.b', 'partition.a'])
  })

  it('are no more once they are finished, dropped, expired or ended with all of the person', async () => {
    const { store, pass, ids, make } = await made()
    for (const name of ['a', 'b', 'c']) await make(name)
    await make('d', idle, 5)
    await store.finishFlow('partition.a', 1, aLogin('partition.login'))
    await store.dropFlow('partition.b')
    pass(5)
    expect(await ids()).toEqual(['partition.c'])
    await store.endAll('partition', ttl)
    expect(await ids()).toEqual([])
    pass(1)
    await make('e')
    expect(await ids()).toEqual(['partition.e'])
  })

  it(`are ${mostFlows} at most: another one takes the place of the oldest (K-07)`, async () => {
    const { store, ids, make } = await made()
    const names = Array.from({ length: mostFlows + 2 }, (_, index) => `f${index}`)
    for (const name of names) expect(await make(name)).toBe(true)
    expect(await ids()).toEqual(names.slice(2).reverse().map((name) => `partition.${name}`))
    expect((await store.readFlow('partition.f1')).flow).toBe(undefined)
    expect(await store.advanceFlow('partition.f1', 1, otherFlow)).toBe(false)
  })

  it('yield last while they wait for the answer to a challenge (K-07)', async () => {
    const { store, now, pass, ids, make } = await made()
    await make('ended', waiting(now() + 100))
    await make('endless', waiting())
    await make('waits', waiting(now() + minute))
    await make('later')
    await store.advanceFlow('partition.later', 1, waiting(now() + minute))
    for (let index = 4; index < mostFlows; index += 1) await make(`f${index}`)
    pass(100)
    await make('new')
    expect((await ids()).includes('partition.ended')).toBe(false)
    for (let index = 4; index < mostFlows; index += 1) await make(`g${index}`, waiting(now() + minute))
    expect((await ids()).slice(-4)).toEqual(['partition.new', 'partition.later', 'partition.waits', 'partition.endless'])
    await make('one-more', waiting(now() + minute))
    expect((await ids()).slice(-3)).toEqual(['partition.later', 'partition.waits', 'partition.endless'])
    await make('and-another', waiting(now() + minute))
    expect((await ids()).slice(-2)).toEqual(['partition.later', 'partition.waits'])
  })

  it('make room for one of a partition in parallel, and of no other partition', async () => {
    const { store, ids } = await made()
    await store.createFlow('other.a', idle, ttl)
    await parallel(30, (index) => store.createFlow(`partition.f${index}`, idle, ttl))
    expect((await ids()).length).toBe(mostFlows)
    expect((await store.readFlows('other')).flows.length).toBe(1)
  })

  it('are refused where the partition is no word', async () => {
    const { store } = await bench(kit)
    expect(await rejects(store.readFlows('a.b'))).toBe(true)
  })
}

function advancing(kit: ContractKit): void {
  const { it, expect } = kit

  it('replaces the flow, counts its version up, and keeps its expiry', async () => {
    const { store, now, pass } = await bench(kit)
    const expiresAt = now() + ttl
    await store.createFlow(id, aFlow, ttl)
    pass(minute)
    expect(await store.advanceFlow(id, 1, otherFlow)).toBe(true)
    expect(await store.readFlow(id)).toEqual({ at: now(), flow: { ...otherFlow, version: 2, expiresAt } })
    expect(await store.advanceFlow(id, 2, aFlow)).toBe(true)
    expect((await store.readFlow(id)).flow).toEqual({ ...aFlow, version: 3, expiresAt })
  })

  it('refuses every version but the present one and changes nothing', async () => {
    const { store } = await bench(kit)
    await store.createFlow(id, aFlow, ttl)
    await store.advanceFlow(id, 1, aFlow)
    const before = await store.readFlow(id)
    for (const version of [0, 1, 3]) expect(await store.advanceFlow(id, version, otherFlow)).toBe(false)
    expect(await store.readFlow(id)).toEqual(before)
  })

  it('lets exactly one of 200 parallel callers move a version', async () => {
    const { store } = await bench(kit)
    await store.createFlow(id, aFlow, ttl)
    const moved = await parallel(200, (index) => store.advanceFlow(id, 1, { ...otherFlow, session: `digest-${index}` }))
    expect(count(moved, Boolean)).toBe(1)
    const { flow } = await store.readFlow(id)
    expect([flow?.version, flow?.session]).toEqual([2, `digest-${moved.indexOf(true)}`])
  })
}

function finishing(kit: ContractKit): void {
  const { it, expect } = kit

  for (const [partitions, loginPartition] of [['the same partition', 'partition'], ['another partition', 'person']] as const) {
    it(`takes the flow away and keeps the login, dated now, in ${partitions}`, async () => {
      const { store, now, pass } = await bench(kit)
      const login = aLogin(`${loginPartition}.login`)
      await store.createFlow(id, aFlow, ttl)
      pass(minute)
      expect(await store.finishFlow(id, 1, login)).toBe(true)
      expect(await store.readFlow(id)).toEqual({ at: now() })
      expect(await store.readLogin(login.id)).toEqual({ at: now(), login: { ...login.login, createdAt: now() } })
    })

    it(`gives true to exactly one of 200 parallel callers, and keeps its login alone, in ${partitions}`, async () => {
      const { store } = await bench(kit)
      await store.createFlow(id, aFlow, ttl)
      const finished = await parallel(200, (index) => store.finishFlow(id, 1, aLogin(`${loginPartition}.login-${index}`)))
      const kept = await parallel(200, async (index) => (await store.readLogin(`${loginPartition}.login-${index}`)).login !== undefined)
      expect(count(finished, Boolean)).toBe(1)
      expect(kept).toEqual(finished)
    })

    it(`refuses every version but the present one, and keeps the flow and no login, in ${partitions}`, async () => {
      const { store } = await bench(kit)
      const login = aLogin(`${loginPartition}.login`)
      await store.createFlow(id, aFlow, ttl)
      await store.advanceFlow(id, 1, aFlow)
      for (const version of [0, 1, 3]) expect(await store.finishFlow(id, version, login)).toBe(false)
      expect((await store.readFlow(id)).flow?.version).toBe(2)
      expect((await store.readLogin(login.id)).login).toBe(undefined)
    })
  }

  it('leaves a tombstone with the login, where there is none', async () => {
    const { store, pass } = await bench(kit)
    for (const [index, to] of ['partition.login', 'person.login'].entries()) {
      const session = `session-${index}`
      await store.createFlow(id, aFlow, ttl)
      expect(await store.finishFlow(id, 1, aLogin(to), undefined, { session, to: '/a?b=é "', ttl: minute })).toBe(true)
      expect(await store.readTombstone(session)).toBe('/a?b=é "')
      expect((await store.readLogin(to)).login?.userId).toBe('7')
      await store.createFlow(id, aFlow, ttl)
      expect(await store.finishFlow(id, 1, aLogin(to), undefined, { session, to: '/other', ttl: minute })).toBe(true)
      expect(await store.readTombstone(session)).toBe('/a?b=é "')
      pass(minute)
      expect(await store.readTombstone(session)).toBe(undefined)
    }
  })

  it('leaves a tombstone of exactly one of 20 parallel callers, and none of one that finds the flow moved', async () => {
    const { store } = await bench(kit)
    await store.createFlow(id, aFlow, ttl)
    expect(await store.finishFlow(id, 2, aLogin('partition.login'), undefined, { session: 'late', to: '/late', ttl: minute })).toBe(false)
    expect(await store.readTombstone('late')).toBe(undefined)
    const finished = await parallel(20, (index) => store.finishFlow(id, 1, aLogin('partition.login'), undefined, { session: `session-${index}`, to: '/', ttl: minute }))
    const left = await parallel(20, async (index) => (await store.readTombstone(`session-${index}`)) === '/')
    expect(left).toEqual(finished)
    expect(count(left, Boolean)).toBe(1)
  })

  it('of 50 finishing and 50 advancing at once, exactly one gets its way', async () => {
    const { store } = await bench(kit)
    await store.createFlow(id, aFlow, ttl)
    const won = await parallel(100, (index) =>
      index % 2 === 0 ? store.advanceFlow(id, 1, otherFlow) : store.finishFlow(id, 1, aLogin(`partition.login-${index}`)))
    expect(count(won, Boolean)).toBe(1)
  })

  it('rejects a login\'s id that is malformed before it takes the flow', async () => {
    const { store } = await bench(kit)
    await store.createFlow(id, aFlow, ttl)
    for (const malformed of malformedIds) expect(await rejects(store.finishFlow(id, 1, aLogin(malformed)))).toBe(true)
    expect((await store.readFlow(id)).flow?.version).toBe(1)
  })
}

function ending(kit: ContractKit): void {
  const { it, expect } = kit

  it('lasts until the instant of its expiry, at which it is gone for every operation (R-02)', async () => {
    const { store, now, pass } = await bench(kit)
    await store.createFlow(id, aFlow, ttl)
    pass(ttl - 1)
    expect((await store.readFlow(id)).flow?.version).toBe(1)
    pass(1)
    expect(await store.readFlow(id)).toEqual({ at: now() })
    expect(await store.advanceFlow(id, 1, aFlow)).toBe(false)
    expect(await store.finishFlow(id, 1, aLogin('partition.login'))).toBe(false)
    expect(await store.readLogin('partition.login')).toEqual({ at: now() })
  })

  it('is not put off by reading or advancing', async () => {
    const { store, pass } = await bench(kit)
    await store.createFlow(id, aFlow, ttl)
    pass(ttl - 1)
    await store.readFlow(id)
    expect(await store.advanceFlow(id, 1, aFlow)).toBe(true)
    pass(1)
    expect((await store.readFlow(id)).flow).toBe(undefined)
  })

  it('frees the id: the next flow begins as version 1', async () => {
    const { store, now, pass } = await bench(kit)
    await store.createFlow(id, aFlow, ttl)
    await store.advanceFlow(id, 1, aFlow)
    pass(ttl)
    expect(await store.createFlow(id, otherFlow, ttl)).toBe(true)
    expect((await store.readFlow(id)).flow).toEqual({ ...otherFlow, version: 1, expiresAt: now() + ttl })
  })

  it('comes at once when it is dropped', async () => {
    const { store, now } = await bench(kit)
    await store.createFlow(id, aFlow, ttl)
    await store.createFlow('partition.neighbour', aFlow, ttl)
    await store.dropFlow(id)
    expect(await store.readFlow(id)).toEqual({ at: now() })
    expect(await store.advanceFlow(id, 1, aFlow)).toBe(false)
    expect(await store.finishFlow(id, 1, aLogin('partition.login'))).toBe(false)
    expect((await store.readFlow('partition.neighbour')).flow?.version).toBe(1)
  })
}

function unknown(kit: ContractKit): void {
  const { it, expect } = kit

  for (const [what, ids] of [['never given', [id]], ['malformed', malformedIds]] as const) {
    it(`reads as absent, can not be moved, and nothing comes of it, when it was ${what} (O-20)`, async () => {
      const { store, now } = await bench(kit)
      for (const unknownId of ids) {
        expect(await store.advanceFlow(unknownId, 1, aFlow)).toBe(false)
        expect(await store.advanceFlow(unknownId, 0, aFlow)).toBe(false)
        expect(await store.finishFlow(unknownId, 1, aLogin('partition.login'))).toBe(false)
        expect(await store.finishFlow(unknownId, 1, aLogin('person.login'))).toBe(false)
        await store.dropFlow(unknownId)
        expect(await store.readFlow(unknownId)).toEqual({ at: now() })
      }
      expect(await store.readLogin('partition.login')).toEqual({ at: now() })
      expect(await store.readLogin('person.login')).toEqual({ at: now() })
    })
  }

  it('rejects the making of a flow whose id is malformed', async () => {
    const { store, now } = await bench(kit)
    for (const malformed of malformedIds) {
      expect(await rejects(store.createFlow(malformed, aFlow, ttl))).toBe(true)
      expect(await store.readFlow(malformed)).toEqual({ at: now() })
    }
  })

  it('tells the flows of one partition apart, and a flow from a login of the same id', async () => {
    const { store, now } = await bench(kit)
    await store.createFlow('partition.a', aFlow, ttl)
    await store.createFlow('partition.b', otherFlow, ttl)
    expect((await store.readFlow('partition.a')).flow?.user).toEqual(aFlow.user)
    expect((await store.readFlow('partition.b')).flow?.user).toBe(undefined)
    expect(await store.readLogin('partition.a')).toEqual({ at: now() })
  })
}
