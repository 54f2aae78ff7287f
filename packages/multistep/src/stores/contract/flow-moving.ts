import {
  aFlow, aLogin, bench, count, flowId, flowTtl, malformedIds, minute, otherFlow, parallel, rejects, type ContractKit,
} from './kit.js'

export function advancing(kit: ContractKit): void {
  const { it, expect } = kit

  it('replaces the flow, counts its version up, and keeps its expiry', async () => {
    const { store, now, pass } = await bench(kit)
    const expiresAt = now() + flowTtl
    await store.createFlow(flowId, aFlow, flowTtl)
    pass(minute)
    expect(await store.advanceFlow(flowId, 1, otherFlow)).toBe(true)
    expect(await store.readFlow(flowId)).toEqual({ at: now(), flow: { ...otherFlow, version: 2, expiresAt } })
    expect(await store.advanceFlow(flowId, 2, aFlow)).toBe(true)
    expect((await store.readFlow(flowId)).flow).toEqual({ ...aFlow, version: 3, expiresAt })
  })

  it('refuses every version but the present one and changes nothing', async () => {
    const { store } = await bench(kit)
    await store.createFlow(flowId, aFlow, flowTtl)
    await store.advanceFlow(flowId, 1, aFlow)
    const before = await store.readFlow(flowId)
    for (const version of [0, 1, 3]) expect(await store.advanceFlow(flowId, version, otherFlow)).toBe(false)
    expect(await store.readFlow(flowId)).toEqual(before)
  })

  it('lets exactly one of 200 parallel callers move a version', async () => {
    const { store } = await bench(kit)
    await store.createFlow(flowId, aFlow, flowTtl)
    const moved = await parallel(
      200, (index) => store.advanceFlow(flowId, 1, { ...otherFlow, session: `digest-${index}` }),
    )
    expect(count(moved, Boolean)).toBe(1)
    const { flow } = await store.readFlow(flowId)
    expect([flow?.version, flow?.session]).toEqual([2, `digest-${moved.indexOf(true)}`])
  })
}

export function finishing(kit: ContractKit): void {
  const { it, expect } = kit

  const targets = [['the same partition', 'partition'], ['another partition', 'person']] as const
  for (const [partitions, loginPartition] of targets) {
    it(`takes the flow away and keeps the login, dated now, in ${partitions}`, async () => {
      const { store, now, pass } = await bench(kit)
      const login = aLogin(`${loginPartition}.login`)
      await store.createFlow(flowId, aFlow, flowTtl)
      pass(minute)
      expect(await store.finishFlow(flowId, 1, login)).toBe(true)
      expect(await store.readFlow(flowId)).toEqual({ at: now() })
      expect(await store.readLogin(login.id)).toEqual({ at: now(), login: { ...login.login, createdAt: now() } })
    })

    it(`gives true to exactly one of 200 parallel callers, and keeps its login alone, in ${partitions}`, async () => {
      const { store } = await bench(kit)
      await store.createFlow(flowId, aFlow, flowTtl)
      const finished = await parallel(
        200, (index) => store.finishFlow(flowId, 1, aLogin(`${loginPartition}.login-${index}`)),
      )
      const kept = await parallel(
        200, async (index) => (await store.readLogin(`${loginPartition}.login-${index}`)).login !== undefined,
      )
      expect(count(finished, Boolean)).toBe(1)
      expect(kept).toEqual(finished)
    })

    it(`refuses every version but the present one, and keeps the flow and no login, in ${partitions}`, async () => {
      const { store } = await bench(kit)
      const login = aLogin(`${loginPartition}.login`)
      await store.createFlow(flowId, aFlow, flowTtl)
      await store.advanceFlow(flowId, 1, aFlow)
      for (const version of [0, 1, 3]) expect(await store.finishFlow(flowId, version, login)).toBe(false)
      expect((await store.readFlow(flowId)).flow?.version).toBe(2)
      expect((await store.readLogin(login.id)).login).toBe(undefined)
    })
  }

  it('leaves a tombstone with the login, where there is none', async () => {
    const { store, pass } = await bench(kit)
    for (const [index, to] of ['partition.login', 'person.login'].entries()) {
      const session = `session-${index}`
      await store.createFlow(flowId, aFlow, flowTtl)
      const left = { session, to: '/a?b=é "', ttl: minute }
      expect(await store.finishFlow(flowId, 1, aLogin(to), undefined, left)).toBe(true)
      expect(await store.readTombstone(session)).toBe('/a?b=é "')
      expect((await store.readLogin(to)).login?.userId).toBe('7')
      await store.createFlow(flowId, aFlow, flowTtl)
      const second = { session, to: '/other', ttl: minute }
      expect(await store.finishFlow(flowId, 1, aLogin(to), undefined, second)).toBe(true)
      expect(await store.readTombstone(session)).toBe('/a?b=é "')
      pass(minute)
      expect(await store.readTombstone(session)).toBe(undefined)
    }
  })

  it('leaves a tombstone of exactly one of 20 parallel callers, and none of one that ' +
    'finds the flow moved', async () => {
    const { store } = await bench(kit)
    await store.createFlow(flowId, aFlow, flowTtl)
    const late = { session: 'late', to: '/late', ttl: minute }
    expect(await store.finishFlow(flowId, 2, aLogin('partition.login'), undefined, late)).toBe(false)
    expect(await store.readTombstone('late')).toBe(undefined)
    const finished = await parallel(
      20,
      (index) => store.finishFlow(
        flowId,
        1,
        aLogin('partition.login'),
        undefined,
        { session: `session-${index}`, to: '/', ttl: minute },
      ),
    )
    const left = await parallel(20, async (index) => (await store.readTombstone(`session-${index}`)) === '/')
    expect(left).toEqual(finished)
    expect(count(left, Boolean)).toBe(1)
  })

  it('of 50 finishing and 50 advancing at once, exactly one gets its way', async () => {
    const { store } = await bench(kit)
    await store.createFlow(flowId, aFlow, flowTtl)
    const won = await parallel(100, (index) =>
      index % 2 === 0
        ? store.advanceFlow(flowId, 1, otherFlow)
        : store.finishFlow(flowId, 1, aLogin(`partition.login-${index}`)))
    expect(count(won, Boolean)).toBe(1)
  })

  it('rejects a login\'s id that is malformed before it takes the flow', async () => {
    const { store } = await bench(kit)
    await store.createFlow(flowId, aFlow, flowTtl)
    for (const malformed of malformedIds) {
      expect(await rejects(store.finishFlow(flowId, 1, aLogin(malformed)))).toBe(true)
    }
    expect((await store.readFlow(flowId)).flow?.version).toBe(1)
  })
}
