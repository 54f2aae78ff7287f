import type { LockoutPolicy } from '../challenge-store.js'
import { day, hour, minute, onBench, parallel, tag, tally, ttl, type Bench, type ContractKit } from './kit.js'

const lockout: LockoutPolicy = { after: 3, for: 2 * minute, max: 10 * minute, disableAfter: 100 }

/** Fails `times` times, once a challenge. */
async function fail({ sent, wrong }: Bench, times: number, policy = lockout): Promise<unknown> {
  let last: unknown
  for (let failed = 0; failed < times; failed += 1) last = await wrong((await sent()).id, policy)
  return last
}

export function lockoutContract(kit: ContractKit): void {
  kit.describe('locking', () => locking(kit))
  kit.describe('what clears failures', () => clearing(kit))
  kit.describe('disabling', () => disabling(kit))
}

function locking(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)

  it('failures lock a subject after so many over all its challenges (R-05, O-06)', async (bench) => {
    const { now, send } = bench
    await fail(bench, 2)
    const lockedUntil = now() + 2 * minute
    expect(await fail(bench, 1)).toEqual({ status: 'wrong', attemptsLeft: 4, lockedUntil, at: now() })
    expect(await send()).toEqual({ status: 'locked', retryAt: lockedUntil, at: now() })
  })

  it('a lock refuses a match without spending it, and the match is accepted afterwards (O-16, S-04)', async (bench) => {
    const { sent, right, repeat, pass, now } = bench
    const { id } = await sent()
    await fail(bench, 3)
    const retryAt = now() + 2 * minute
    pass(2 * minute - 1)
    expect(await right(id, lockout)).toEqual({ status: 'locked', retryAt, at: now() })
    expect(await repeat(id)).toEqual({ status: 'locked', retryAt, at: now() })
    pass(1)
    expect(await right(id, lockout)).toEqual({ status: 'ok', at: now() })
  })

  it('a lock lasts twice as long each time, up to the longest', async (bench) => {
    for (const minutes of [2, 4, 8, 10, 10]) {
      const lockedUntil = bench.now() + minutes * minute
      expect(await fail(bench, 3)).toEqual({ status: 'wrong', attemptsLeft: 4, lockedUntil, at: bench.now() })
      bench.pass(minutes * minute)
    }
  })

  it('a lock of one subject locks nobody else', async (bench) => {
    await fail(bench, 3)
    const other = await bench.store.send(
      { subject: tag(), begin: { id: tag(), ttl, maxAttempts: 5, maxResends: 3 }, delays: [], limits: [] },
    )
    expect(other.status).toBe('sent')
  })

  it('verify evaluates exactly as many parallel guesses as it takes to lock, over all challenges (R-05, O-06, O-08)', async ({ sent, wrong }) => {
    const challenges = await parallel(20, () => sent({ maxAttempts: 5 }))
    const policy = { ...lockout, after: 10 }
    const answers = await parallel(200, (index) => wrong(challenges[index % 20]?.id ?? '', policy))
    expect(tally(answers)).toEqual({ wrong: 10, locked: 190 })
  })
}

function clearing(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)
  const locks = { ...lockout, after: 3 }

  it('a success clears failures, so that only consecutive failures count (O-19)', async (bench) => {
    await fail(bench, 2)
    await bench.right((await bench.sent()).id, locks)
    expect(await fail(bench, 2)).toEqual({ status: 'wrong', attemptsLeft: 4, at: bench.now() })
  })

  it('a new challenge or another text does not clear failures (R-06, O-07)', async (bench) => {
    const { sent, repeat, wrong, now } = bench
    await fail(bench, 2)
    const { id } = await sent()
    await repeat(id)
    expect(await wrong(id, locks)).toEqual({ status: 'wrong', attemptsLeft: 4, lockedUntil: now() + 2 * minute, at: now() })
  })

  it('time does not clear failures (R-05)', async (bench) => {
    await fail(bench, 2)
    bench.pass(365 * day)
    expect(await fail(bench, 1)).toEqual({ status: 'wrong', attemptsLeft: 4, lockedUntil: bench.now() + 2 * minute, at: bench.now() })
  })

  it('undoing a text or retiring a challenge does not clear failures', async (bench) => {
    const { store, subject, sent, now } = bench
    await fail(bench, 2)
    const { id, at } = await sent()
    await store.undo({ subject, id, repeated: false, at, unsent: false })
    await store.retire({ subject, id: (await sent()).id })
    expect(await fail(bench, 1)).toEqual({ status: 'wrong', attemptsLeft: 4, lockedUntil: now() + 2 * minute, at: now() })
  })

  it('a challenge that is unknown, used, expired or exhausted adds no failure', async (bench) => {
    const { sent, wrong, right, pass, now } = bench
    const strict = { ...lockout, after: 2 }
    const [expired, used, exhausted] = [
      await sent(), await sent({ ttl: 8 * minute }), await sent({ ttl: 8 * minute, maxAttempts: 1 }),
    ]
    await right(used.id, strict)
    await wrong(exhausted.id, strict)
    pass(ttl)
    const answers = await Promise.all([expired.id, used.id, exhausted.id, tag()].map((id) => wrong(id, strict)))
    expect(answers.map(({ status }) => status)).toEqual(['expired', 'used', 'exhausted', 'unknown'])
    expect(await fail(bench, 1, strict)).toEqual({ status: 'wrong', attemptsLeft: 4, lockedUntil: now() + 2 * minute, at: now() })
  })
}

function disabling(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)

  it('disabling that is for a time locks instead, with every failure', async (bench) => {
    const policy = { ...lockout, disableAfter: 4, disableFor: day }
    await fail(bench, 3, policy)
    bench.pass(hour)
    for (let failed = 0; failed < 3; failed += 1) {
      expect(await fail(bench, 1, policy)).toEqual({ status: 'wrong', attemptsLeft: 4, lockedUntil: bench.now() + day, at: bench.now() })
      expect(await bench.send()).toEqual({ status: 'locked', retryAt: bench.now() + day, at: bench.now() })
      bench.pass(day)
    }
    expect(await bench.right((await bench.sent()).id, policy)).toEqual({ status: 'ok', at: bench.now() })
  })
  const policy = { ...lockout, after: 100, disableAfter: 4 }

  it('failures disable a subject after so many, for good (R-05, O-17)', async (bench) => {
    const { sent, send, right, repeat, pass, now } = bench
    const { id } = await sent()
    expect(await fail(bench, 4, policy)).toEqual({ status: 'wrong', attemptsLeft: 4, disabled: true, at: now() })
    expect(await right(id, policy)).toEqual({ status: 'disabled', at: now() })
    expect(await repeat(id)).toEqual({ status: 'disabled', at: now() })
    pass(365 * day)
    expect(await send()).toEqual({ status: 'disabled', at: now() })
  })

  it('failures disable rather than lock when both are due', async (bench) => {
    const both = { ...lockout, after: 4, disableAfter: 4 }
    expect(await fail(bench, 4, both)).toEqual({ status: 'wrong', attemptsLeft: 4, disabled: true, at: bench.now() })
    expect((await bench.send()).status).toBe('disabled')
  })

  it('enable clears failures, lock and disablement, and leaves challenges (O-17)', async (bench) => {
    const { store, subject, sent, right, now } = bench
    const { id } = await sent({ limits: [{ limit: 100, window: hour }] })
    await fail(bench, 4, policy)
    await store.enable(subject)
    expect(await right(id, policy)).toEqual({ status: 'ok', at: now() })
    await fail(bench, 3)
    await store.enable(subject)
    expect(await fail(bench, 2)).toEqual({ status: 'wrong', attemptsLeft: 4, at: now() })
  })

  it('enable leaves windows and delays', async (bench) => {
    const { store, subject, send, now } = bench
    const { id } = await bench.sent({ limits: [{ limit: 1, window: hour }] })
    await bench.wrong(id, { ...policy, disableAfter: 1 })
    await store.enable(subject)
    expect(await send({ limits: [{ limit: 1, window: hour }] })).toEqual({ status: 'throttled', scope: 'subject', retryAt: now() + hour, at: now() })
    expect(await send({ delays: [minute] })).toEqual({ status: 'throttled', scope: 'delay', retryAt: now() + minute, at: now() })
  })

  it('enable of a subject that nobody knows does nothing', async ({ store, send }) => {
    await store.enable(tag())
    expect((await send()).status).toBe('sent')
  })
}
