import { aFlow, aLogin, bench, malformedIds, minute, rejects, tamper, type ContractKit } from './kit.js'

const loginId = 'partition.login'
const loginTtl = 60 * minute

export function loginContract(kit: ContractKit): void {
  const { it, expect } = kit

  it('keeps a login as it was given, dated by the store', async () => {
    const { store, now, pass } = await bench(kit)
    const createdAt = now()
    await store.createLogin(aLogin(loginId, loginTtl))
    pass(minute)
    expect(await store.readLogin(loginId)).toEqual({
      at: now(), login: { userId: '7', policy: '/login', proofs: aFlow.proofs, createdAt },
    })
  })

  it('keeps the proofs of a login even when there are none', async () => {
    const { store } = await bench(kit)
    await store.createLogin({ id: loginId, ttl: loginTtl, login: { userId: '7', policy: '/login', proofs: [] } })
    expect((await store.readLogin(loginId)).login?.proofs).toEqual([])
  })

  it('lasts for its loginTtl, counted from its making, and reading extends nothing', async () => {
    const { store, now, pass } = await bench(kit)
    await store.createLogin(aLogin(loginId, loginTtl))
    pass(loginTtl - 1)
    expect((await store.readLogin(loginId)).login?.userId).toBe('7')
    pass(1)
    expect(await store.readLogin(loginId)).toEqual({ at: now() })
  })

  it('lasts for its loginTtl, counted from the end of its flow', async () => {
    const { store, now, pass } = await bench(kit)
    await store.createFlow('partition.flow', aFlow, 10 * minute)
    pass(minute)
    await store.finishFlow('partition.flow', 1, aLogin(loginId, loginTtl))
    pass(loginTtl - 1)
    expect((await store.readLogin(loginId)).login?.userId).toBe('7')
    pass(1)
    expect(await store.readLogin(loginId)).toEqual({ at: now() })
  })

  it('is gone once it was ended, and no other is', async () => {
    const { store, now } = await bench(kit)
    await store.createLogin(aLogin(loginId))
    await store.createLogin(aLogin('partition.neighbour'))
    await store.endLogin(loginId)
    expect(await store.readLogin(loginId)).toEqual({ at: now() })
    expect((await store.readLogin('partition.neighbour')).login?.userId).toBe('7')
  })

  it('shares nothing with its makers and readers', async () => {
    const { store } = await bench(kit)
    const given = structuredClone(aLogin(loginId))
    await store.createLogin(given)
    ;(given.login.proofs as unknown[]).pop()
    const read = (await store.readLogin(loginId)).login as unknown as { proofs: unknown[] }
    tamper(() => { read.proofs.pop() })
    expect((await store.readLogin(loginId)).login?.proofs).toEqual(aFlow.proofs)
  })

  it('is absent, and can be ended, under an loginId that names none', async () => {
    const { store, now } = await bench(kit)
    for (const unknownId of [loginId, ...malformedIds]) {
      await store.endLogin(unknownId)
      expect(await store.readLogin(unknownId)).toEqual({ at: now() })
    }
  })

  it('is not made under an loginId that is malformed', async () => {
    const { store, now } = await bench(kit)
    for (const malformed of malformedIds) {
      expect(await rejects(store.createLogin(aLogin(malformed)))).toBe(true)
      expect(await store.readLogin(malformed)).toEqual({ at: now() })
    }
  })
}
