import { aFlow, aLogin, bench, flowId, flowTtl, malformedIds, otherFlow, rejects, type ContractKit } from './kit.js'
import { creating, together } from './flow-making.js'
import { advancing, finishing } from './flow-moving.js'

export function flowContract(kit: ContractKit): void {
  kit.describe('createFlow and readFlow', () => creating(kit))
  kit.describe('the flows of one partition', () => together(kit))
  kit.describe('advanceFlow', () => advancing(kit))
  kit.describe('finishFlow', () => finishing(kit))
  kit.describe('the end of a flow', () => ending(kit))
  kit.describe('ids that name no flow', () => unknown(kit))
}

function ending(kit: ContractKit): void {
  const { it, expect } = kit

  it('lasts until the instant of its expiry, at which it is gone for every operation (R-02)', async () => {
    const { store, now, pass } = await bench(kit)
    await store.createFlow(flowId, aFlow, flowTtl)
    pass(flowTtl - 1)
    expect((await store.readFlow(flowId)).flow?.version).toBe(1)
    pass(1)
    expect(await store.readFlow(flowId)).toEqual({ at: now() })
    expect(await store.advanceFlow(flowId, 1, aFlow)).toBe(false)
    expect(await store.finishFlow(flowId, 1, aLogin('partition.login'))).toBe(false)
    expect(await store.readLogin('partition.login')).toEqual({ at: now() })
  })

  it('is not put off by reading or advancing', async () => {
    const { store, pass } = await bench(kit)
    await store.createFlow(flowId, aFlow, flowTtl)
    pass(flowTtl - 1)
    await store.readFlow(flowId)
    expect(await store.advanceFlow(flowId, 1, aFlow)).toBe(true)
    pass(1)
    expect((await store.readFlow(flowId)).flow).toBe(undefined)
  })

  it('frees the id: the next flow begins as version 1', async () => {
    const { store, now, pass } = await bench(kit)
    await store.createFlow(flowId, aFlow, flowTtl)
    await store.advanceFlow(flowId, 1, aFlow)
    pass(flowTtl)
    expect(await store.createFlow(flowId, otherFlow, flowTtl)).toBe(true)
    expect((await store.readFlow(flowId)).flow).toEqual({ ...otherFlow, version: 1, expiresAt: now() + flowTtl })
  })

  it('comes at once when it is dropped', async () => {
    const { store, now } = await bench(kit)
    await store.createFlow(flowId, aFlow, flowTtl)
    await store.createFlow('partition.neighbour', aFlow, flowTtl)
    await store.dropFlow(flowId)
    expect(await store.readFlow(flowId)).toEqual({ at: now() })
    expect(await store.advanceFlow(flowId, 1, aFlow)).toBe(false)
    expect(await store.finishFlow(flowId, 1, aLogin('partition.login'))).toBe(false)
    expect((await store.readFlow('partition.neighbour')).flow?.version).toBe(1)
  })
}

function unknown(kit: ContractKit): void {
  const { it, expect } = kit

  for (const [what, ids] of [['never given', [flowId]], ['malformed', malformedIds]] as const) {
    it(`reads as absent, cannot be moved, and nothing comes of it, when it was ${what} (O-20)`, async () => {
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
      expect(await rejects(store.createFlow(malformed, aFlow, flowTtl))).toBe(true)
      expect(await store.readFlow(malformed)).toEqual({ at: now() })
    }
  })

  it('tells the flows of one partition apart, and a flow from a login of the same id', async () => {
    const { store, now } = await bench(kit)
    await store.createFlow('partition.a', aFlow, flowTtl)
    await store.createFlow('partition.b', otherFlow, flowTtl)
    expect((await store.readFlow('partition.a')).flow?.user).toEqual(aFlow.user)
    expect((await store.readFlow('partition.b')).flow?.user).toBe(undefined)
    expect(await store.readLogin('partition.a')).toEqual({ at: now() })
  })
}
