import {
  aFlow, aLogin, aRequirement, bench, count, malformedIds, minute, newRequirement, parallel, rejects, type Bench,
  type ContractKit,
} from './kit.js'
import { mostBegun, mostGrants, mostRequirements, mostRetired } from '../step-up-store.js'

const login = 'partition.login'
const proof = (factor: string, at: number) => ({ factor, amr: ['otp'], at, via: 'fresh' as const })

export function stepUpContract(kit: ContractKit): void {
  const { it, expect } = kit
  const start = 1_700_000_000_000

  const loggedIn = async (ttl = 60 * minute): Promise<Bench> => {
    const made = await bench(kit)
    await made.store.createLogin(aLogin(login, ttl))
    return made
  }
  const ids = async ({ store }: Bench): Promise<string[]> =>
    (await store.readRequirements(login)).requirements.map(({ id }) => id)
  const granted = async ({ store }: Bench, name: string, ttl = minute): Promise<boolean> => {
    await store.openRequirement(login, newRequirement(name))
    return store.meetRequirement(login, name, 1, { proofs: [], retires: 'sid', grant: { key: name, ttl } })
  }

  it('keeps a requirement as it was given, for its ttl', async () => {
    const { store, now, pass } = await loggedIn()
    const kept = { ...aRequirement, id: 'one', version: 1, expiresAt: now() + 10 * minute }
    expect(await store.openRequirement(login, newRequirement('one'))).toEqual({ at: now(), requirement: kept })
    expect(await store.readRequirements(login)).toEqual({ at: now(), requirements: [kept] })
    pass(10 * minute - 1)
    expect((await store.readRequirements(login)).requirements.length).toBe(1)
    pass(1)
    expect(await store.readRequirements(login)).toEqual({ at: now(), requirements: [] })
  })

  it('answers an equal one that is open as it stands, and lets it live anew', async () => {
    const made = await loggedIn()
    const { store, now, pass } = made
    await store.openRequirement(login, newRequirement('one'))
    await store.openRequirement(login, newRequirement('two'))
    const changed = { ...aRequirement, challenges: { sms: { challenge: 'sealed' } } }
    await store.advanceRequirement(login, 'one', 1, changed)
    pass(9 * minute)
    const again = { ...newRequirement('three'), key: 'key-one' }
    expect(await store.openRequirement(login, again)).toEqual({
      at: now(), requirement: { ...changed, id: 'one', version: 2, expiresAt: now() + 10 * minute },
    })
    expect(await ids(made)).toEqual(['two', 'one'])
  })

  it('takes an equal one that has expired for none', async () => {
    const made = await loggedIn()
    await made.store.openRequirement(login, newRequirement('one'))
    made.pass(10 * minute)
    const opened = await made.store.openRequirement(login, { ...newRequirement('two'), key: 'key-one' })
    expect(opened.requirement?.id).toBe('two')
    expect(await ids(made)).toEqual(['two'])
  })

  it(`holds ${mostRequirements}: for a further one that goes which was asked for longest ago, ` +
    'and no other changes', async () => {
    const made = await loggedIn()
    for (let index = 0; index < mostRequirements; index += 1) {
      await made.store.openRequirement(login, newRequirement(`r${index}`))
    }
    await made.store.openRequirement(login, newRequirement('r0'))
    await made.store.openRequirement(login, newRequirement('new'))
    expect(await ids(made)).toEqual(['r2', 'r3', 'r4', 'r0', 'new'])
  })

  it('never lets one go on which something has begun, for however many are opened', async () => {
    const made = await loggedIn()
    await made.store.openRequirement(login, newRequirement('begun'))
    await made.store.advanceRequirement(login, 'begun', 1, aRequirement)
    await parallel(20, (index) => made.store.openRequirement(login, newRequirement(`r${index}`)))
    const open = await ids(made)
    expect([open[0], open.length]).toEqual(['begun', mostRequirements + 1])
  })

  it(`holds ${mostBegun} on which something has begun: of more, that one goes which was asked for ` +
    'longest ago', async () => {
    const made = await loggedIn()
    for (let index = 0; index <= mostBegun; index += 1) {
      await made.store.openRequirement(login, newRequirement(`b${index}`))
      await made.store.advanceRequirement(login, `b${index}`, 1, aRequirement)
    }
    const open = await ids(made)
    expect([open.length, open[0]]).toEqual([mostBegun, 'b1'])
  })

  it(`holds ${mostRequirements} of twenty that are opened at once, and one of twenty equal ones`, async () => {
    const made = await loggedIn()
    await parallel(20, (index) => made.store.openRequirement(login, { ...newRequirement(`same${index}`), key: 'same' }))
    expect((await ids(made)).length).toBe(1)
    await parallel(20, (index) => made.store.openRequirement(login, newRequirement(`r${index}`)))
    expect((await ids(made)).length).toBe(mostRequirements)
  })

  it('moves a requirement that is at the version, and only for one of many', async () => {
    const { store } = await loggedIn()
    await store.openRequirement(login, newRequirement('one'))
    const moved = await parallel(
      20, (index) => store.advanceRequirement(login, 'one', 1, { ...aRequirement, page: `/${index}` }),
    )
    expect(count(moved, Boolean)).toBe(1)
    const [one] = (await store.readRequirements(login)).requirements
    expect([one?.version, one?.page]).toEqual([2, `/${moved.indexOf(true)}`])
    expect(one?.expiresAt).toBe(start + 10 * minute)
  })

  it('drops one requirement, and no other', async () => {
    const made = await loggedIn()
    for (const id of ['one', 'two']) await made.store.openRequirement(login, newRequirement(id))
    await made.store.dropRequirement(login, 'one')
    expect(await ids(made)).toEqual(['two'])
    expect(await made.store.advanceRequirement(login, 'one', 1, aRequirement)).toBe(false)
  })

  it('is met for exactly one of twenty, and the login holds the proofs from then on', async () => {
    const { store, now } = await loggedIn()
    await store.openRequirement(login, newRequirement('one'))
    const met = await parallel(
      20,
      () => store.meetRequirement(
        login, 'one', 1, { proofs: [proof('sms', now()), proof('totp', now())], retires: 'sid' },
      ),
    )
    expect(count(met, Boolean)).toBe(1)
    expect((await store.readLogin(login)).login).toEqual({
      userId: '7', policy: '/login', createdAt: start, retired: ['sid'],
      proofs: [...aFlow.proofs, proof('sms', now()), proof('totp', now())],
    })
  })

  it('is not met at another version, after its end, or twice', async () => {
    const { store, pass } = await loggedIn()
    await store.openRequirement(login, newRequirement('one'))
    expect(await store.meetRequirement(login, 'one', 2, { proofs: [], retires: 'sid' })).toBe(false)
    pass(10 * minute)
    expect(await store.meetRequirement(login, 'one', 1, { proofs: [proof('sms', start)], retires: 'sid' })).toBe(false)
    expect((await store.readLogin(login)).login?.proofs).toEqual(aFlow.proofs)
  })

  it('keeps of each factor the newest proof, in the order of their instants', async () => {
    const { store } = await loggedIn()
    const given: readonly [string, number][] = [['sms', 5], ['totp', 7], ['sms', 9], ['sms', 6]]
    for (const [index, [factor, at]] of given.entries()) {
      await store.openRequirement(login, newRequirement(`r${index}`))
      await store.meetRequirement(login, `r${index}`, 1, { proofs: [proof(factor, at)], retires: 'sid' })
    }
    const kept = (await store.readLogin(login)).login
    expect(kept?.proofs).toEqual([...aFlow.proofs, proof('totp', 7), proof('sms', 9)])
    expect(kept?.retired).toEqual(['sid'])
  })

  it(`tells the ${mostRetired} sessions that were retired last, each once, the latest first`, async () => {
    const { store } = await loggedIn()
    const sessions = ['again', ...Array.from({ length: mostRetired }, (_, index) => `s${index}`), 'again']
    for (const [index, retires] of sessions.entries()) {
      await store.openRequirement(login, newRequirement(`r${index}`))
      await store.meetRequirement(login, `r${index}`, 1, { proofs: [], retires })
    }
    expect((await store.readLogin(login)).login?.retired).toEqual(['again', ...sessions.slice(2, -1).reverse()])
  })

  it('retires a session without a requirement too, and none of a login that is not there', async () => {
    const { store } = await loggedIn()
    await store.retireSession(login, 'first')
    await store.retireSession(login, 'second')
    await store.retireSession('partition.other', 'third')
    expect((await store.readLogin(login)).login?.retired).toEqual(['second', 'first'])
    expect((await store.readLogin('partition.other')).login).toBe(undefined)
  })

  it('gives a grant to exactly one of twenty, within its ttl', async () => {
    const made = await loggedIn()
    const { store, pass } = made
    expect(await granted(made, 'one')).toBe(true)
    expect(await store.takeGrant(login, 'two')).toBe(false)
    pass(minute - 1)
    expect(count(await parallel(20, () => store.takeGrant(login, 'one')), Boolean)).toBe(1)
    expect(await granted(made, 'late')).toBe(true)
    pass(minute)
    expect(await store.takeGrant(login, 'late')).toBe(false)
  })

  it(`holds ${mostGrants} grants: for a further one that goes which would end first`, async () => {
    const made = await loggedIn()
    for (let index = 0; index <= mostGrants; index += 1) {
      await granted(made, `g${index}`, (mostGrants + 1 - index) * minute)
    }
    expect(await made.store.takeGrant(login, `g${mostGrants}`)).toBe(false)
    expect(await made.store.takeGrant(login, 'g0')).toBe(true)
  })

  it('steps down: what step-ups brought is gone, the login and its count stay', async () => {
    const made = await loggedIn()
    const { store, now } = made
    await granted(made, 'one')
    await store.openRequirement(login, newRequirement('two'))
    await store.meetRequirement(login, 'two', 1, { proofs: [proof('sms', now())], retires: 'sid' })
    await store.openRequirement(login, newRequirement('three'))
    await store.stepDown(login)
    expect((await store.readLogin(login)).login).toEqual({
      userId: '7', policy: '/login', createdAt: start, retired: ['sid'], proofs: aFlow.proofs,
    })
    expect([await ids(made), await store.takeGrant(login, 'one')]).toEqual([[], false])
  })

  it('ends with its login', async () => {
    const made = await loggedIn()
    const { store, now } = made
    await granted(made, 'one')
    await store.openRequirement(login, newRequirement('two'))
    await store.endLogin(login)
    expect(await store.takeGrant(login, 'one')).toBe(false)
    expect(await store.openRequirement(login, newRequirement('three'))).toEqual({ at: now() })
    const late = { proofs: [proof('sms', now())], retires: 'sid', grant: { key: 'two', ttl: minute } }
    expect(await store.meetRequirement(login, 'two', 1, late)).toBe(false)
    expect(await store.readLogin(login)).toEqual({ at: now() })
    await store.createLogin(aLogin(login))
    const left = [await ids(made), await store.takeGrant(login, 'one'), await store.takeGrant(login, 'two')]
    expect(left).toEqual([[], false, false])
  })

  it('ends when its login has outlived its ttl', async () => {
    const made = await loggedIn(minute)
    await granted(made, 'one', 5 * minute)
    made.pass(minute)
    expect(await made.store.takeGrant(login, 'one')).toBe(false)
    expect((await made.store.openRequirement(login, newRequirement('two'))).requirement).toBe(undefined)
  })

  it('ends when all logins of its partition are ended', async () => {
    const made = await loggedIn()
    await granted(made, 'one')
    await made.store.openRequirement(login, newRequirement('two'))
    await made.store.endAll('partition', 60 * minute)
    expect(await made.store.takeGrant(login, 'one')).toBe(false)
    expect(await ids(made)).toEqual([])
    expect(await made.store.meetRequirement(login, 'two', 1, { proofs: [], retires: 'sid' })).toBe(false)
  })

  it('is another for every login of one person', async () => {
    const made = await loggedIn()
    await made.store.createLogin(aLogin('partition.other'))
    await granted(made, 'one')
    await made.store.openRequirement(login, newRequirement('two'))
    expect(await made.store.takeGrant('partition.other', 'one')).toBe(false)
    expect(await made.store.meetRequirement('partition.other', 'two', 1, { proofs: [], retires: 'sid' })).toBe(false)
    expect((await made.store.readRequirements('partition.other')).requirements).toEqual([])
    expect(await made.store.takeGrant(login, 'one')).toBe(true)
  })

  it('is absent, and changes nothing, under ids that name none', async () => {
    const made = await loggedIn()
    const { store, now } = made
    await store.openRequirement(login, newRequirement('one'))
    for (const unknownId of ['partition.none', ...malformedIds]) {
      expect(await store.openRequirement(unknownId, newRequirement('two'))).toEqual({ at: now() })
      expect(await store.readRequirements(unknownId)).toEqual({ at: now(), requirements: [] })
      expect(await store.takeGrant(unknownId, 'one')).toBe(false)
      await store.stepDown(unknownId)
    }
    for (const unknownId of ['none', ...malformedIds]) {
      expect(await store.advanceRequirement(login, unknownId, 1, aRequirement)).toBe(false)
      expect(await store.meetRequirement(login, unknownId, 1, { proofs: [], retires: 'sid' })).toBe(false)
      await store.dropRequirement(login, unknownId)
    }
    expect(await ids(made)).toEqual(['one'])
  })

  it('is not opened under an id or key that is malformed', async () => {
    const { store } = await loggedIn()
    for (const malformed of malformedIds.filter((one) => one !== 'partition' && one !== '__proto__')) {
      expect(await rejects(store.openRequirement(login, newRequirement(malformed)))).toBe(true)
      expect(await rejects(store.openRequirement(login, { ...newRequirement('one'), key: malformed }))).toBe(true)
    }
  })
}
