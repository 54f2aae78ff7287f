import { mostFlows, type Flow } from '../flow-store.js'
import type { Proof } from '../../factors/proof.js'
import {
  aFlow, aLogin, bench, count, flowId, flowTtl, minute, otherFlow, parallel, rejects, tamper, type ContractKit,
} from './kit.js'

export function creating(kit: ContractKit): void {
  const { it, expect } = kit

  it('keeps a flow as it was given, as version 1, and says when it expires', async () => {
    const { store, now } = await bench(kit)
    expect(await store.createFlow(flowId, aFlow, flowTtl)).toBe(true)
    expect(await store.readFlow(flowId)).toEqual({
      at: now(), flow: { ...aFlow, version: 1, expiresAt: now() + flowTtl },
    })
    expect(await store.time()).toBe(now())
  })

  it('refuses an id that is taken and leaves its flow alone', async () => {
    const { store, now, pass } = await bench(kit)
    await store.createFlow(flowId, aFlow, flowTtl)
    const before = await store.readFlow(flowId)
    pass(minute)
    expect(await store.createFlow(flowId, otherFlow, flowTtl)).toBe(false)
    expect(await store.readFlow(flowId)).toEqual({ ...before, at: now() })
  })

  it('lets exactly one of 50 parallel callers have an id', async () => {
    const { store } = await bench(kit)
    expect(count(await parallel(50, () => store.createFlow(flowId, aFlow, flowTtl)), Boolean)).toBe(1)
  })

  it('shares nothing with its callers: what they change later is not kept', async () => {
    const { store } = await bench(kit)
    const given = structuredClone(aFlow) as { -readonly [Key in keyof Flow]: Flow[Key] }
    await store.createFlow(flowId, given, flowTtl)
    given.session = 'another'
    ;(given.proofs as Proof[]).pop()
    ;(given.user as { tags: string[] }).tags.push('another')
    ;(given.challenges as { 'sms-otp': { public: { list: unknown[] } } })['sms-otp'].public.list.push('another')
    const read = (await store.readFlow(flowId)).flow as unknown as {
      proofs: unknown[]
      challenges: Record<string, unknown>
      user: { tags: string[], nested: { text: string } }
    }
    tamper(() => { read.proofs.pop() })
    tamper(() => { Reflect.deleteProperty(read.challenges, 'sms-otp') })
    tamper(() => { read.user.tags.push('another') })
    tamper(() => { read.user.nested.text = 'another' })
    expect((await store.readFlow(flowId)).flow).toEqual({
      ...aFlow, version: 1, expiresAt: (await store.time()) + flowTtl,
    })
  })
}

export function together(kit: ContractKit): void {
  const { it, expect } = kit
  const idle: Flow = { ...aFlow, challenges: {} }
  const waiting = (until?: number): Flow =>
    ({
      ...aFlow,
      challenges: { pin: { public: until === undefined ? {} : { expiresAt: new Date(until).toISOString() } } },
    })

  const made = async () => {
    const { store, now, pass } = await bench(kit)
    const ids = async () => (await store.readFlows('partition')).flows.map(({ id: one }) => one)
    const make = async (name: string, flow = idle, life = flowTtl) => {
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
    await store.createFlow('other.c', aFlow, flowTtl)
    await store.advanceFlow('partition.a', 1, otherFlow)
    expect(await store.readFlows('partition')).toEqual({ at: now(), flows: [
      { ...aFlow, id: 'partition.b', version: 1, expiresAt: now() + flowTtl },
      { ...otherFlow, id: 'partition.a', version: 2, expiresAt: now() - 1 + flowTtl },
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
    await store.endAll('partition', flowTtl)
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
    expect((await ids()).slice(-4)).toEqual([
      'partition.new', 'partition.later', 'partition.waits', 'partition.endless',
    ])
    await make('one-more', waiting(now() + minute))
    expect((await ids()).slice(-3)).toEqual(['partition.later', 'partition.waits', 'partition.endless'])
    await make('and-another', waiting(now() + minute))
    expect((await ids()).slice(-2)).toEqual(['partition.later', 'partition.waits'])
  })

  it('make room for one of a partition in parallel, and of no other partition', async () => {
    const { store, ids } = await made()
    await store.createFlow('other.a', idle, flowTtl)
    await parallel(30, (index) => store.createFlow(`partition.f${index}`, idle, flowTtl))
    expect((await ids()).length).toBe(mostFlows)
    expect((await store.readFlows('other')).flows.length).toBe(1)
  })

  it('are refused where the partition is no word', async () => {
    const { store } = await bench(kit)
    expect(await rejects(store.readFlows('a.b'))).toBe(true)
  })
}
