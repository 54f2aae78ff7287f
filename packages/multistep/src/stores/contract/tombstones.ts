import { bench, count, parallel, rejects, type ContractKit } from './kit.js'

const renewed = 'session'
const tombstoneTtl = 10_000

export function tombstoneContract(kit: ContractKit): void {
  const { it, expect } = kit

  it('keeps where a request went for its ttl, by the store\'s clock', async () => {
    const { store, pass } = await bench(kit)
    expect(await store.readTombstone(renewed)).toBe(undefined)
    expect(await store.leaveTombstone(renewed, '/a?b=é "', tombstoneTtl)).toBe(true)
    pass(tombstoneTtl - 1)
    expect(await store.readTombstone(renewed)).toBe('/a?b=é "')
    pass(1)
    expect(await store.readTombstone(renewed)).toBe(undefined)
    expect(await store.leaveTombstone(renewed, '/c', tombstoneTtl)).toBe(true)
  })

  it('is left by exactly one of twenty, and says where that one went', async () => {
    const { store } = await bench(kit)
    const left = await parallel(20, (index) => store.leaveTombstone(renewed, `/${index}`, tombstoneTtl))
    expect(count(left, Boolean)).toBe(1)
    expect(await store.readTombstone(renewed)).toBe(`/${left.indexOf(true)}`)
  })

  it('can say that it is not decided yet, and be decided later, which changes nothing of its end', async () => {
    const { store, pass } = await bench(kit)
    await store.leaveTombstone(renewed, '', tombstoneTtl)
    expect(await store.readTombstone(renewed)).toBe('')
    pass(tombstoneTtl - 1)
    await store.changeTombstone(renewed, '/home')
    expect(await store.readTombstone(renewed)).toBe('/home')
    pass(1)
    expect(await store.readTombstone(renewed)).toBe(undefined)
  })

  it('is removed where the request went nowhere, and is not made by a change', async () => {
    const { store } = await bench(kit)
    await store.changeTombstone(renewed, '/a')
    expect(await store.readTombstone(renewed)).toBe(undefined)
    await store.leaveTombstone(renewed, '/a', tombstoneTtl)
    await store.changeTombstone(renewed, undefined)
    expect(await store.readTombstone(renewed)).toBe(undefined)
    expect(await store.leaveTombstone('other', '/b', tombstoneTtl)).toBe(true)
  })

  it('is named by a word', async () => {
    const { store } = await bench(kit)
    expect(await rejects(store.leaveTombstone('a session', '/a', tombstoneTtl))).toBe(true)
  })
}
