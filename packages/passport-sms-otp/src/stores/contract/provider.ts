import type { ConcludeRequest, LockoutPolicy } from '../challenge-store.js'
import { lenient, minute, onBench, parallel, tag, tally, ttl, type Bench, type ContractKit } from './kit.js'

export function providerContract(kit: ContractKit): void {
  kit.describe('assign', () => assigning(kit))
  kit.describe('count', () => counting(kit))
  kit.describe('what is right', () => rights(kit))
  kit.describe('what was not checked', () => unchecked(kit))
  kit.describe('what ends at the provider', () => ends(kit))
  kit.describe('many at once', () => manyAtOnce(kit))
}

const verification = 'VE0123456789abcdef0123456789abcdef'

/** A challenge whose code a provider made, and what may happen to it. */
function assigned({ store, subject, sent }: Bench) {
  const count = (id: string, lockout: LockoutPolicy = lenient) => store.count({ subject, id, lockout })
  const conclude = (id: string, outcome: ConcludeRequest['outcome'], more: Partial<ConcludeRequest> = {}) =>
    store.conclude({ subject, id, outcome, verification, ...more })
  const begun = async (options: Parameters<typeof sent>[0] = {}) => {
    const { id } = await sent(options)
    await store.assign({ subject, id, verification })
    return id
  }
  return { count, conclude, begun }
}

function assigning(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)

  it('assign keeps the newest name of a code, as long as its challenge lives (V-02)', async (bench) => {
    const { store, subject, pass, repeat } = bench
    const { count, begun } = assigned(bench)
    const id = await begun()
    expect((await count(id))).toEqual({ status: 'counted', verification, attemptsLeft: 4, at: bench.now() })
    await repeat(id)
    await store.assign({ subject, id, verification: 'another/name' })
    pass(ttl - 1)
    expect((await count(id))).toEqual({ status: 'counted', verification: 'another/name', attemptsLeft: 3, at: bench.now() })
  })

  it('assign leaves other challenges, and what is not known, alone', async (bench) => {
    const { store, subject, sent, right } = bench
    const { count, begun } = assigned(bench)
    const other = await sent()
    const id = await begun()
    await store.assign({ subject, id: tag(), verification })
    await store.assign({ subject: tag(), id, verification })
    expect((await count(id)).status).toBe('counted')
    expect((await count(other.id)).status).toBe('unassigned')
    expect((await right(other.id)).status).toBe('ok')
  })

  it('assign rejects a malformed name (O-10)', async ({ store, subject, sent }) => {
    const { id } = await sent()
    for (const name of ['', 'a b', 'a\n', 'é', 'x'.repeat(201), 5 as unknown as string]) {
      const outcome = await store.assign({ subject, id, verification: name }).then(() => 'answered', () => 'rejected')
      expect(outcome).toBe('rejected')
    }
    await store.assign({ subject, id, verification: 'x'.repeat(200) })
    expect((await store.count({ subject, id, lockout: lenient })).status).toBe('counted')
  })

  it('an assigned name is forgotten with a challenge that was taken back or retired', async (bench) => {
    const { store, subject } = bench
    const { count, begun } = assigned(bench)
    const id = await begun()
    await store.retire({ subject, id })
    expect((await count(id)).status).toBe('unknown')
    const { id: next, at, repeated } = await bench.sent()
    await store.assign({ subject, id: next, verification })
    await store.undo({ subject, id: next, at, repeated, unsent: false })
    expect((await count(next)).status).toBe('unknown')
  })
}

function counting(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)

  it('count spends an attempt before the provider is asked, and then refuses (V-01, R-04)', async (bench) => {
    const { count, begun } = assigned(bench)
    const id = await begun({ maxAttempts: 2 })
    expect((await count(id))).toEqual({ status: 'counted', verification, attemptsLeft: 1, at: bench.now() })
    expect((await count(id))).toEqual({ status: 'counted', verification, attemptsLeft: 0, at: bench.now() })
    expect((await count(id))).toEqual({ status: 'exhausted', at: bench.now() })
  })

  it('count spends nothing of a challenge without a name (V-02)', async (bench) => {
    const { count } = assigned(bench)
    const { id } = await bench.sent({ maxAttempts: 1 })
    expect(await count(id, { ...lenient, after: 1 })).toEqual({ status: 'unassigned', at: bench.now() })
    expect((await bench.right(id)).status).toBe('ok')
  })

  it('count counts a failure that locks, and one that disables, until it is concluded (V-01, R-05)', async (bench) => {
    const { count, begun } = assigned(bench)
    const id = await begun()
    const strict = { ...lenient, after: 2, for: minute, disableAfter: 3 }
    await count(id, strict)
    const lockedUntil = bench.now() + minute
    expect(await count(id, strict)).toEqual({ status: 'counted', verification, attemptsLeft: 3, lockedUntil, at: bench.now() })
    expect(await count(id, strict)).toEqual({ status: 'locked', retryAt: lockedUntil, at: bench.now() })
    bench.pass(minute)
    expect(await count(id, strict)).toEqual({ status: 'counted', verification, attemptsLeft: 2, disabled: true, at: bench.now() })
    expect(await count(id, strict)).toEqual({ status: 'disabled', at: bench.now() })
    expect((await bench.send()).status).toBe('disabled')
  })

  it('count refuses what has expired, was used, or was never begun (R-02)', async (bench) => {
    const { count, conclude, begun } = assigned(bench)
    const id = await begun()
    await count(id)
    await conclude(id, 'right')
    expect((await count(id)).status).toBe('used')
    bench.pass(ttl)
    expect((await count(id)).status).toBe('expired')
    expect((await count(tag())).status).toBe('unknown')
  })

  it('count rejects a lockout that is not made of whole numbers (O-10)', async (bench) => {
    const { count, begun } = assigned(bench)
    const outcome = await count(await begun(), { ...lenient, after: NaN }).then(() => 'answered', () => 'rejected')
    expect(outcome).toBe('rejected')
  })
}

function rights(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)

  it('a right answer is accepted once, and clears failures, locks and delays (V-03, R-03)', async (bench) => {
    const { count, conclude, begun } = assigned(bench)
    const id = await begun({ delays: [minute, minute] })
    const strict = { ...lenient, after: 1, disableAfter: 2 }
    await count(id, strict)
    expect(await conclude(id, 'right')).toEqual({ status: 'ok', at: bench.now() })
    expect(await conclude(id, 'right')).toEqual({ status: 'used', at: bench.now() })
    // The next failure is the first one again, and the next text waits for none.
    const next = await begun({ delays: [minute, minute] })
    expect((await count(next, { ...strict, after: 2 })).status).toBe('counted')
    expect((await bench.send()).status).toBe('sent')
  })

  it('a right answer opens again what its own attempt has locked or disabled (V-03)', async (bench) => {
    const { count, conclude, begun } = assigned(bench)
    const id = await begun()
    const { disabled } = await count(id, { ...lenient, after: 1, disableAfter: 1 }) as { disabled?: boolean }
    expect(disabled).toBe(true)
    expect((await conclude(id, 'right')).status).toBe('ok')
    expect((await bench.send()).status).toBe('sent')
  })

  it('a right answer counts as of when it was counted: after the expiry, or after the last attempt, it is in time (V-03)', async (bench) => {
    const { count, conclude, begun } = assigned(bench)
    const id = await begun({ maxAttempts: 2 })
    await count(id)
    await count(id)
    bench.pass(ttl)
    expect((await conclude(id, 'right')).status).toBe('ok')
    expect((await conclude(tag(), 'right')).status).toBe('unknown')
  })
}

function unchecked(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)

  it('an answer that was not checked gives the attempt back, its failure, and the lock that it brought about (V-04)', async (bench) => {
    const { count, conclude, begun } = assigned(bench)
    const id = await begun({ maxAttempts: 1 })
    const strict = { ...lenient, after: 1 }
    for (let tried = 0; tried < 3; tried += 1) {
      const counted = await count(id, strict) as { lockedUntil: number }
      expect(counted).toEqual({ status: 'counted', verification, attemptsLeft: 0, lockedUntil: bench.now() + minute, at: bench.now() })
      expect(await conclude(id, 'unchecked', { lockedUntil: counted.lockedUntil })).toEqual({ status: 'concluded', at: bench.now() })
    }
    expect((await bench.right(id)).status).toBe('ok')
  })

  it('an answer that was not checked leaves earlier failures and the lock of another attempt alone (V-04)', async (bench) => {
    const { count, conclude, begun } = assigned(bench)
    const id = await begun()
    const strict = { ...lenient, after: 3 }
    await count(id, strict)
    await count(id, strict)
    const { lockedUntil } = await count(id, strict) as { lockedUntil: number }
    await conclude(id, 'unchecked')
    expect(await bench.send()).toEqual({ status: 'locked', retryAt: lockedUntil, at: bench.now() })
    bench.pass(minute)
    expect((await count(id, strict) as { lockedUntil?: number }).lockedUntil).toBe(bench.now() + minute)
  })

  it('an answer that was not checked opens what it alone has disabled (V-04)', async (bench) => {
    const { count, conclude, begun } = assigned(bench)
    const id = await begun()
    await count(id, { ...lenient, disableAfter: 1 })
    await conclude(id, 'unchecked', { disabled: true })
    expect((await count(id)).status).toBe('counted')
  })
}

function ends(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)

  it('a code that ended at the provider is expired, or exhausted until it expires, and no repeat brings it back (V-05)', async (bench) => {
    const { count, conclude, begun } = assigned(bench)
    const id = await begun()
    await count(id)
    expect(await conclude(id, 'exhausted')).toEqual({ status: 'concluded', at: bench.now() })
    expect((await count(id)).status).toBe('exhausted')
    expect((await bench.repeat(id)).status).toBe('exhausted')
    const other = await begun()
    await count(other)
    expect(await conclude(other, 'expired')).toEqual({ status: 'concluded', at: bench.now() })
    expect((await count(other)).status).toBe('expired')
    expect((await bench.repeat(other)).status).toBe('expired')
    bench.pass(ttl)
    expect((await count(id)).status).toBe('expired')
  })

  it('a code that is exhausted at the provider is not asked about again, whatever an earlier attempt comes to (V-05)', async (bench) => {
    const { count, conclude, begun } = assigned(bench)
    const id = await begun()
    await count(id)
    await count(id)
    await conclude(id, 'exhausted')
    await conclude(id, 'unchecked')
    expect((await count(id)).status).toBe('unassigned')
  })

  it('a code that had expired at the provider counts no failure, because it was not looked at (V-04)', async (bench) => {
    const { count, conclude, begun } = assigned(bench)
    const id = await begun()
    const strict = { ...lenient, after: 1 }
    const { lockedUntil } = await count(id, strict) as { lockedUntil: number }
    await conclude(id, 'expired', { lockedUntil })
    const other = await begun()
    await count(other, strict)
    await conclude(other, 'exhausted', { lockedUntil })
    expect((await bench.send()).status).toBe('locked')
  })

  it('a code that ended at the provider leaves a newer code of the same challenge alone, and one that was used (V-05)', async (bench) => {
    const { count, conclude, begun } = assigned(bench)
    const id = await begun()
    await conclude(id, 'expired', { verification: 'an older one' })
    await conclude(id, 'exhausted', { verification: 'an older one' })
    expect((await count(id)).status).toBe('counted')
    await conclude(id, 'right')
    await conclude(id, 'expired')
    await conclude(id, 'exhausted')
    expect((await count(id)).status).toBe('used')
    expect((await conclude(tag(), 'expired')).status).toBe('concluded')
  })

  it('a code that ended at the provider yields to an attempt that was right before it ended (V-03)', async (bench) => {
    const { count, conclude, begun } = assigned(bench)
    for (const outcome of ['expired', 'exhausted'] as const) {
      const id = await begun()
      await count(id)
      await count(id)
      await conclude(id, outcome)
      expect((await conclude(id, 'right')).status).toBe('ok')
    }
  })
}

function manyAtOnce(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)

  it('count lets the provider be asked about exactly five of 500 parallel attempts (V-01, R-04)', async (bench) => {
    const { count, begun } = assigned(bench)
    const id = await begun()
    expect(tally(await parallel(500, () => count(id)))).toEqual({ counted: 5, exhausted: 495 })
  })

  it('conclude accepts exactly one of 50 parallel answers that an attempt was right (V-03, R-03)', async (bench) => {
    const { conclude, begun } = assigned(bench)
    const id = await begun()
    expect(tally(await parallel(50, () => conclude(id, 'right')))).toEqual({ ok: 1, used: 49 })
  })
}
