import { bench, count, parallel, rejects, type ContractKit } from './kit.js'

const session = 'session'
const life = 10_000

export function tombstoneContract(kit: ContractKit): void {
  const { it, expect } = kit

  it('keeps where a request went for its ttl, by the store\'s clock', async () => {
    const { store, pass } = await bench(kit)
    expect(await store.readTombstone(session)).toBe(undefined)
    expect(await store.leaveTombstone(session, '/a?b=é "', life)).toBe(true)
    pass(life - 1)
    expect(await store.readTombstone(session)).toBe('/a?b=é "')
    pass(1)
    expect(await store.readTombstone(session)).toBe(undefined)
    expect(await store.leaveTombstone(session, '/c', life)).toBe(true)
  })

  it('is left by exactly one of twenty, and says where that one went', async () => {
    const { store } = await bench(kit)
    const left = await parallel(20, (index) => store.leaveTombstone(session, `/${index}`, life))
    expect(count(left, Boolean)).toBe(1)
    expect(await store.readTombstone(session)).toBe(`/${left.indexOf(true)}`)
  })

  it('can say that it is not decided yet, and be decided later, which changes nothing of its end', async () => {
    const { store, pass } = await bench(kit)
    await store.leaveTombstone(session, '', life)
    expect(await store.readTombstone(session)).toBe('')
    pass(life - 1)
    await store.changeTombstone(session, '/home')
    expect(await store.readTombstone(session)).toBe('/home')
    pass(1)
    expect(await store.readTombstone(session)).toBe(undefined)
  })

  it('is removed where the request went nowhere, and is not made by a change', async () => {
    const { store } = await bench(kit)
    await store.changeTombstone(session, '/a')
    expect(await store.readTombstone(session)).toBe(undefined)
    await store.leaveTombstone(session, '/a', life)
    await store.changeTombstone(session, undefined)
    expect(await store.readTombstone(session)).toBe(undefined)
    expect(await store.leaveTombstone('other', '/b', life)).toBe(true)
  })

  it('is named by a word', async () => {
    const { store } = await bench(kit)
    expect(await rejects(store.leaveTombstone('a session', '/a', life))).toBe(true)
  })
}
