import type { FlowStore, LedgerKey } from '../flow-store.js'
import { aFlow, aLogin, bench, count, malformedIds, minute, newRequirement, otherFlow, parallel, rejects, type ContractKit } from './kit.js'

const person: LedgerKey = { partition: 'person', factor: 'local' }
const name: LedgerKey = { ...person, of: 'name' }
const policy = { after: 10, for: 15 * minute, max: 24 * 60 * minute }
const once = { token: 'token', ttl: 2 * minute }

export function ledgerContract(kit: ContractKit): void {
  for (const [whose, ledger] of [['a person', person], ['a name', name]] as const) {
    kit.describe(`attempt, of ${whose}`, () => attempting(kit, ledger))
    kit.describe(`the length of a lock, of ${whose}`, () => doubling(kit, ledger))
    kit.describe(`a token presented once, of ${whose}`, () => presenting(kit, ledger))
    kit.describe(`settle, of ${whose}`, () => settling(kit, ledger))
    kit.describe(`whose ledger it is, of ${whose}`, () => separating(kit, ledger))
  }
  kit.describe('a name that has passed', () => knowing(kit))
  kit.describe('a ledger cleared with what it lies beside', () => clearing(kit))
}

/** Makes attempts that all fail. @returns whether each one locked. */
async function fail(store: FlowStore, times: number, key: LedgerKey): Promise<boolean[]> {
  const locks = []
  for (let time = 0; time < times; time += 1) {
    const answer = await store.attempt(key, policy)
    if (answer.status !== 'allowed') throw new Error(`Failure ${time + 1} of ${times} was not even allowed: ${answer.status}.`)
    locks.push(answer.locks)
  }
  return locks
}

const never = (times: number): boolean[] => Array.from({ length: times }, () => false)
const atLast = (times: number): boolean[] => [...never(times - 1), true]

function attempting(kit: ContractKit, ledger: LedgerKey): void {
  const { it, expect } = kit

  it('allows as many failures as the policy says, tells which one locks, and then allows nothing (O-04)', async () => {
    const { store, now } = await bench(kit)
    expect(await store.attempt(ledger, policy)).toEqual({ status: 'allowed', locks: false, at: now() })
    expect(await fail(store, 9, ledger)).toEqual(atLast(9))
    expect(await store.attempt(ledger, policy)).toEqual({ status: 'locked', retryAt: now() + policy.for, at: now() })
  })

  it('counts before the attempt is made: of 500 in parallel exactly 10 are allowed (O-04)', async () => {
    const { store, now } = await bench(kit)
    const answers = await parallel(500, () => store.attempt(ledger, policy))
    expect(count(answers, ({ status }) => status === 'allowed')).toBe(10)
    expect(count(answers, (answer) => answer.status === 'allowed' && answer.locks)).toBe(1)
    expect(answers.filter(({ status }) => status !== 'allowed')).toEqual(Array.from({ length: 490 }, () => ({ status: 'locked', retryAt: now() + policy.for, at: now() })))
  })

  it('counts nothing while it is locked, and opens at the instant that it told', async () => {
    const { store, now, pass } = await bench(kit)
    await fail(store, 10, ledger)
    const retryAt = now() + policy.for
    pass(policy.for - 1)
    for (let time = 0; time < 15; time += 1) expect(await store.attempt(ledger, policy)).toEqual({ status: 'locked', retryAt, at: now() })
    pass(1)
    expect(await fail(store, 10, ledger)).toEqual(atLast(10))
  })

  it('forgets the failures `max` after the last of them, and not a millisecond sooner', async () => {
    const { store, pass } = await bench(kit)
    await fail(store, 8, ledger)
    pass(policy.max - 1)
    expect(await fail(store, 1, ledger)).toEqual([false])
    pass(policy.max - 1)
    expect(await fail(store, 1, ledger)).toEqual([true])
    pass(policy.max)
    expect(await fail(store, 10, ledger)).toEqual(atLast(10))
  })
}

function doubling(kit: ContractKit, ledger: LedgerKey): void {
  const { it, expect } = kit

  it('doubles with each further multiple, and stops at `max`', async () => {
    const { store, now, pass } = await bench(kit)
    for (const hours of [0.25, 0.5, 1, 2, 4, 8, 16, 24, 24]) {
      await fail(store, 10, ledger)
      expect(await store.attempt(ledger, policy)).toEqual({ status: 'locked', retryAt: now() + hours * 60 * minute, at: now() })
      pass(hours * 60 * minute)
    }
  })

  it('is never longer than `max`, not even the first time', async () => {
    const { store, now } = await bench(kit)
    await store.attempt(ledger, { after: 1, for: 10 * minute, max: minute })
    expect(await store.attempt(ledger, policy)).toEqual({ status: 'locked', retryAt: now() + minute, at: now() })
  })

  it('begins anew once the failures are forgotten', async () => {
    const { store, now, pass } = await bench(kit)
    await fail(store, 10, ledger)
    pass(policy.for + policy.max)
    await fail(store, 10, ledger)
    expect(await store.attempt(ledger, policy)).toEqual({ status: 'locked', retryAt: now() + policy.for, at: now() })
  })
}

function presenting(kit: ContractKit, ledger: LedgerKey): void {
  const { it, expect } = kit

  it('is allowed the first time and replayed from then on, which counts as a failure', async () => {
    const { store, now } = await bench(kit)
    const strict = { ...policy, after: 2 }
    expect(await store.attempt(ledger, strict, once)).toEqual({ status: 'allowed', locks: false, at: now() })
    expect(await store.attempt(ledger, strict, once)).toEqual({ status: 'replayed', locks: true, at: now() })
    expect(await store.attempt(ledger, strict, once)).toEqual({ status: 'locked', retryAt: now() + policy.for, at: now() })
  })

  it('is allowed to exactly one of 20 parallel callers', async () => {
    const { store } = await bench(kit)
    const answers = await parallel(20, () => store.attempt(ledger, { ...policy, after: 100 }, once))
    expect(count(answers, ({ status }) => status === 'allowed')).toBe(1)
    expect(count(answers, ({ status }) => status === 'replayed')).toBe(19)
  })

  it('is remembered for its ttl, counted from the first time', async () => {
    const { store, pass } = await bench(kit)
    await store.attempt(ledger, policy, once)
    pass(once.ttl - 1)
    expect((await store.attempt(ledger, policy, once)).status).toBe('replayed')
    pass(1)
    expect((await store.attempt(ledger, policy, once)).status).toBe('allowed')
  })

  it('stays presented whatever the attempt came to', async () => {
    const { store } = await bench(kit)
    for (const outcome of ['passed', 'uncounted'] as const) {
      await store.attempt(ledger, policy, { ...once, token: outcome })
      await store.settle(ledger, outcome)
      expect((await store.attempt(ledger, policy, { ...once, token: outcome })).status).toBe('replayed')
    }
  })

  it('is not taken by a locked ledger', async () => {
    const { store, pass } = await bench(kit)
    await fail(store, 10, ledger)
    const long = { ...once, ttl: policy.max }
    expect((await store.attempt(ledger, policy, long)).status).toBe('locked')
    pass(policy.for)
    expect((await store.attempt(ledger, policy, long)).status).toBe('allowed')
  })

  it('is another one for another token, factor or person', async () => {
    const { store } = await bench(kit)
    await store.attempt(ledger, policy, once)
    expect((await store.attempt(ledger, policy, { ...once, token: 'token-2' })).status).toBe('allowed')
    expect((await store.attempt({ ...ledger, factor: 'totp' }, policy, once)).status).toBe('allowed')
    expect((await store.attempt({ ...ledger, partition: 'person-2' }, policy, once)).status).toBe('allowed')
  })
}

function settling(kit: ContractKit, ledger: LedgerKey): void {
  const { it, expect } = kit

  it('`passed` forgets the failures, and the locks before them (O-19)', async () => {
    const { store, now, pass } = await bench(kit)
    await fail(store, 10, ledger)
    pass(policy.for)
    await fail(store, 1, ledger)
    await store.settle(ledger, 'passed')
    expect(await fail(store, 10, ledger)).toEqual(atLast(10))
    expect(await store.attempt(ledger, policy)).toEqual({ status: 'locked', retryAt: now() + policy.for, at: now() })
  })

  it('`passed` opens the lock of the attempt that passed', async () => {
    const { store } = await bench(kit)
    await fail(store, 10, ledger)
    await store.settle(ledger, 'passed')
    expect(await fail(store, 10, ledger)).toEqual(atLast(10))
  })

  it('`uncounted` takes one attempt back', async () => {
    const { store } = await bench(kit)
    await fail(store, 9, ledger)
    await store.settle(ledger, 'uncounted')
    expect(await fail(store, 2, ledger)).toEqual(atLast(2))
  })

  it('`uncounted` opens the lock of the attempt that is taken back, and the next failure locks for as long', async () => {
    const { store, now } = await bench(kit)
    await fail(store, 10, ledger)
    await store.settle(ledger, 'uncounted')
    expect(await fail(store, 1, ledger)).toEqual([true])
    expect(await store.attempt(ledger, policy)).toEqual({ status: 'locked', retryAt: now() + policy.for, at: now() })
  })

  it('`uncounted` does not put off the forgetting of earlier failures', async () => {
    const { store, pass } = await bench(kit)
    await fail(store, 9, ledger)
    pass(policy.max - 1)
    await fail(store, 1, ledger)
    await store.settle(ledger, 'uncounted')
    pass(1)
    expect(await fail(store, 10, ledger)).toEqual(atLast(10))
  })

  it('finds nothing to do, and saves up nothing, where no failure is', async () => {
    const { store, pass } = await bench(kit)
    for (const outcome of ['passed', 'uncounted'] as const) await store.settle(ledger, outcome)
    await fail(store, 1, ledger)
    for (let time = 0; time < 3; time += 1) await store.settle(ledger, 'uncounted')
    expect(await fail(store, 10, ledger)).toEqual(atLast(10))
    pass(policy.max)
    await store.settle(ledger, 'uncounted')
    expect(await fail(store, 10, ledger)).toEqual(atLast(10))
  })
}

function separating(kit: ContractKit, ledger: LedgerKey): void {
  const { it, expect } = kit
  const strange = ['local', 'Local', 'local:', 'a:b', 'a/b', '{person}', '%7Bperson%7D', 'zwölf', '*', '__proto__']

  it('one person\'s failures at one factor are nobody else\'s and no other factor\'s (O-18)', async () => {
    const { store } = await bench(kit)
    for (const partition of ['person', 'person-2']) {
      for (const factor of strange) expect(await fail(store, 10, { ...ledger, partition, factor })).toEqual(atLast(10))
    }
  })

  it('success at one factor leaves every other ledger alone (O-18)', async () => {
    const { store } = await bench(kit)
    await fail(store, 9, ledger)
    await store.settle({ ...ledger, factor: 'totp' }, 'passed')
    await store.settle({ ...ledger, partition: 'person-2' }, 'passed')
    expect(await fail(store, 1, ledger)).toEqual([true])
  })

  it('rejects a partition or a token that is malformed', async () => {
    const { store } = await bench(kit)
    for (const malformed of ['', 'a b', 'a}b', 'a.b', 'a:b', 'a\n']) {
      expect(await rejects(store.attempt({ ...ledger, partition: malformed }, policy))).toBe(true)
      expect(await rejects(store.settle({ ...ledger, partition: malformed }, 'passed'))).toBe(true)
      expect(await rejects(store.attempt(ledger, policy, { ...once, token: malformed }))).toBe(true)
    }
    expect(await fail(store, 10, ledger)).toEqual(atLast(10))
  })
}

function knowing(kit: ContractKit): void {
  const { it, expect } = kit

  it('is counted, locked and forgotten as any other', async () => {
    const { store, now, pass } = await bench(kit)
    await store.attempt(name, policy)
    await store.settle(name, 'passed')
    await fail(store, 9, name)
    pass(policy.max - 1)
    expect(await fail(store, 1, name)).toEqual([true])
    expect(await store.attempt(name, policy)).toEqual({ status: 'locked', retryAt: now() + policy.for, at: now() })
    await store.settle(name, 'cleared')
    expect(await fail(store, 10, name)).toEqual(atLast(10))
    pass(policy.for + policy.max)
    expect(await fail(store, 10, name)).toEqual(atLast(10))
  })

  it('takes a token once, too, and one from before it passed', async () => {
    const { store } = await bench(kit)
    await store.attempt(name, policy, once)
    await store.settle(name, 'passed')
    expect((await store.attempt(name, policy, once)).status).toBe('replayed')
    for (const status of ['allowed', 'replayed']) expect((await store.attempt(name, policy, { ...once, token: 'other' })).status).toBe(status)
  })

  it('is not the person of the same partition', async () => {
    const { store } = await bench(kit)
    await fail(store, 10, name)
    expect((await store.attempt(person, policy)).status).toBe('allowed')
    await store.settle(person, 'passed')
    expect((await store.attempt(name, policy)).status).toBe('locked')
  })
}

function clearing(kit: ContractKit): void {
  const { it, expect } = kit
  const [flow, login] = ['person.flow', 'person.login']

  const begun = async () => {
    const made = await bench(kit)
    await made.store.createFlow(flow, aFlow, 10 * minute)
    await made.store.createLogin(aLogin(login))
    await made.store.openRequirement(login, newRequirement('one'))
    return made
  }

  const moves: readonly [string, (store: FlowStore, version: number, passed: LedgerKey, id?: string) => Promise<boolean>][] = [
    ['advanceFlow', (store, version, passed, id = flow) => store.advanceFlow(id, version, otherFlow, passed)],
    ['finishFlow', (store, version, passed, id = flow) => store.finishFlow(id, version, aLogin('person.next'), passed)],
    ['finishFlow into another partition', (store, version, passed, id = flow) => store.finishFlow(id, version, aLogin('other.next'), passed)],
    ['meetRequirement', (store, version, passed, id = login) => store.meetRequirement(id, 'one', version, { proofs: [], retires: 'sid', passed })],
  ]

  for (const [title, move] of moves) {
    it(`${title} clears the failures, and the lock of the attempt that passed (O-19)`, async () => {
      const { store } = await begun()
      await fail(store, 10, person)
      await fail(store, 9, { ...person, factor: 'totp' })
      await fail(store, 9, { ...person, partition: 'person-2' })
      expect(await move(store, 1, person)).toBe(true)
      expect(await fail(store, 10, person)).toEqual(atLast(10))
      expect(await fail(store, 1, { ...person, factor: 'totp' })).toEqual([true])
      expect(await fail(store, 1, { ...person, partition: 'person-2' })).toEqual([true])
    })

    it(`${title} clears them for one that comes second, too: its attempt has passed as well`, async () => {
      const { store } = await begun()
      for (const id of [undefined, 'person.none', ...malformedIds]) {
        await fail(store, 9, person)
        expect(await move(store, 7, person, id)).toBe(false)
        expect(await fail(store, 10, person)).toEqual(atLast(10))
        await store.settle(person, 'passed')
      }
    })

    it(`${title} rejects a ledger of a name or of another partition, and moves nothing`, async () => {
      const { store } = await begun()
      await fail(store, 10, name)
      await fail(store, 10, { ...person, partition: 'person-2' })
      for (const foreign of [name, { ...person, partition: 'person-2' }, { ...person, partition: 'a b' }]) {
        expect(await rejects(move(store, 1, foreign))).toBe(true)
      }
      expect(await move(store, 1, person)).toBe(true)
      expect((await store.attempt(name, policy)).status).toBe('locked')
      expect((await store.attempt({ ...person, partition: 'person-2' }, policy)).status).toBe('locked')
    })
  }
}
