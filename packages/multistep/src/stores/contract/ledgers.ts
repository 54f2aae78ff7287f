import type { LedgerKey } from '../ledger-store.js'
import { bench, count, minute, parallel, rejects, type ContractKit } from './kit.js'
import { atLast, fail, nameLedger, once, personLedger, policy } from './ledger-kit.js'
import { clearing } from './ledgers-cleared.js'

export function ledgerContract(kit: ContractKit): void {
  for (const [whose, ledger] of [['a person', personLedger], ['a name', nameLedger]] as const) {
    kit.describe(`attempt, of ${whose}`, () => attempting(kit, ledger))
    kit.describe(`the length of a lock, of ${whose}`, () => doubling(kit, ledger))
    kit.describe(`a token presented once, of ${whose}`, () => presenting(kit, ledger))
    kit.describe(`settle, of ${whose}`, () => settling(kit, ledger))
    kit.describe(`whose ledger it is, of ${whose}`, () => separating(kit, ledger))
  }
  kit.describe('a name that has passed', () => knowing(kit))
  kit.describe('a ledger cleared with what it lies beside', () => clearing(kit))
}

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
    expect(answers.filter(({ status }) => status !== 'allowed')).toEqual(
      Array.from({ length: 490 }, () => ({ status: 'locked', retryAt: now() + policy.for, at: now() })),
    )
  })

  it('counts nothing while it is locked, and opens at the instant that it told', async () => {
    const { store, now, pass } = await bench(kit)
    await fail(store, 10, ledger)
    const retryAt = now() + policy.for
    pass(policy.for - 1)
    for (let time = 0; time < 15; time += 1) {
      expect(await store.attempt(ledger, policy)).toEqual({ status: 'locked', retryAt, at: now() })
    }
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
      expect(await store.attempt(ledger, policy)).toEqual({
        status: 'locked', retryAt: now() + hours * 60 * minute, at: now(),
      })
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
    expect(await store.attempt(ledger, strict, once)).toEqual({
      status: 'locked', retryAt: now() + policy.for, at: now(),
    })
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

  it('`uncounted` opens the lock of the attempt that is taken back, and the next failure ' +
    'locks for as long', async () => {
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
    await store.attempt(nameLedger, policy)
    await store.settle(nameLedger, 'passed')
    await fail(store, 9, nameLedger)
    pass(policy.max - 1)
    expect(await fail(store, 1, nameLedger)).toEqual([true])
    expect(await store.attempt(nameLedger, policy)).toEqual({
      status: 'locked', retryAt: now() + policy.for, at: now(),
    })
    await store.settle(nameLedger, 'cleared')
    expect(await fail(store, 10, nameLedger)).toEqual(atLast(10))
    pass(policy.for + policy.max)
    expect(await fail(store, 10, nameLedger)).toEqual(atLast(10))
  })

  it('takes a token once, too, and one from before it passed', async () => {
    const { store } = await bench(kit)
    await store.attempt(nameLedger, policy, once)
    await store.settle(nameLedger, 'passed')
    expect((await store.attempt(nameLedger, policy, once)).status).toBe('replayed')
    for (const status of ['allowed', 'replayed']) {
      expect((await store.attempt(nameLedger, policy, { ...once, token: 'other' })).status).toBe(status)
    }
  })

  it('is not the person of the same partition', async () => {
    const { store } = await bench(kit)
    await fail(store, 10, nameLedger)
    expect((await store.attempt(personLedger, policy)).status).toBe('allowed')
    await store.settle(personLedger, 'passed')
    expect((await store.attempt(nameLedger, policy)).status).toBe('locked')
  })
}
