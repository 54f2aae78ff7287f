import { lenient, onBench, parallel, tag, tally, ttl, type ContractKit } from './kit.js'

export function verifyContract(kit: ContractKit): void {
  kit.describe('one at a time', () => inTurn(kit))
  kit.describe('expiry', () => expiry(kit))
  kit.describe('challenges that are not there', () => unknown(kit))
  kit.describe('many at once', () => concurrentGuesses(kit))
}

function inTurn(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)

  it('verify accepts a match once, and then says that it was used (R-03, O-01, O-03)', async ({ sent, right, now }) => {
    const { id } = await sent()
    expect(await right(id)).toEqual({ status: 'ok', at: now() })
    expect(await right(id)).toEqual({ status: 'used', at: now() })
  })

  it('verify spends an attempt on each mismatch, and then refuses even a match (R-04, O-02)', async ({ sent, right, wrong, now }) => {
    const { id } = await sent({ maxAttempts: 3 })
    for (const attemptsLeft of [2, 1, 0]) expect(await wrong(id)).toEqual({ status: 'wrong', attemptsLeft, at: now() })
    expect(await wrong(id)).toEqual({ status: 'exhausted', at: now() })
    expect(await right(id)).toEqual({ status: 'exhausted', at: now() })
  })

  it('verify accepts a match on the last attempt', async ({ sent, right, wrong }) => {
    const { id } = await sent({ maxAttempts: 2 })
    await wrong(id)
    expect((await right(id)).status).toBe('ok')
  })

  it('verify takes nothing but true for a match (O-10)', async ({ store, subject, sent }) => {
    const { id } = await sent()
    const matched = 'true' as unknown as boolean
    expect((await store.verify({ subject, id, matched, lockout: lenient })).status).toBe('wrong')
  })

  it('verify rejects a lockout that is not made of whole numbers (O-10)', async ({ store, subject, sent }) => {
    const { id } = await sent()
    const outcome = await store.verify({ subject, id, matched: true, lockout: { ...lenient, after: NaN } }).then(() => 'answered', () => 'rejected')
    expect(outcome).toBe('rejected')
  })
}

function expiry(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)

  it('verify accepts a match one millisecond before the expiry (R-02, O-14)', async ({ sent, right, pass }) => {
    const { id } = await sent()
    pass(ttl - 1)
    expect((await right(id)).status).toBe('ok')
  })

  it('verify refuses a match from the instant of the expiry on (R-02, O-14)', async ({ sent, right, pass, now }) => {
    const { id } = await sent()
    pass(ttl)
    expect(await right(id)).toEqual({ status: 'expired', at: now() })
    pass(1)
    expect(await right(id)).toEqual({ status: 'expired', at: now() })
  })

  it('verify counts no failure against an expired challenge', async ({ sent, send, wrong, pass }) => {
    const { id } = await sent()
    pass(ttl)
    await wrong(id, { ...lenient, after: 1 })
    expect((await send()).status).toBe('sent')
  })

  it('verify says that a used or exhausted challenge is so until it expires', async ({ sent, right, wrong, pass }) => {
    const used = await sent({ maxAttempts: 1 })
    const exhausted = await sent({ maxAttempts: 1 })
    await right(used.id)
    await wrong(exhausted.id)
    pass(ttl - 1)
    expect((await right(used.id)).status).toBe('used')
    expect((await right(exhausted.id)).status).toBe('exhausted')
    pass(1)
    expect((await right(used.id)).status).toBe('expired')
    expect((await right(exhausted.id)).status).toBe('expired')
  })
}

function unknown(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)

  it('verify does not know an id that was never begun, and counts nothing (O-20)', async ({ right, wrong, send, now }) => {
    const strict = { ...lenient, after: 1, disableAfter: 1 }
    const id = tag()
    expect(await wrong(id, strict)).toEqual({ status: 'unknown', at: now() })
    expect(await right(id, strict)).toEqual({ status: 'unknown', at: now() })
    expect((await send()).status).toBe('sent')
  })

  it('verify does not know the challenge of another subject, and spends nothing of its owner (R-08, O-11)', async ({ store, sent, wrong, now }) => {
    const { id } = await sent()
    const stranger = tag()
    expect((await store.verify({ subject: stranger, id, matched: true, lockout: lenient })).status).toBe('unknown')
    expect((await store.verify({ subject: stranger, id, matched: false, lockout: lenient })).status).toBe('unknown')
    expect(await wrong(id)).toEqual({ status: 'wrong', attemptsLeft: 4, at: now() })
  })
}

function concurrentGuesses(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)

  it('verify accepts exactly one of 200 parallel matches (R-03, O-05)', async ({ sent, right }) => {
    const { id } = await sent()
    expect(tally(await parallel(200, () => right(id)))).toEqual({ ok: 1, used: 199 })
  })

  it('verify evaluates exactly five of 500 parallel mismatches, and then not even a match (R-04, O-04)', async ({ sent, right, wrong }) => {
    const { id } = await sent({ maxAttempts: 5 })
    const answers = await parallel(500, () => wrong(id))
    expect(tally(answers)).toEqual({ wrong: 5, exhausted: 495 })
    expect(answers.flatMap((answer) => (answer.status === 'wrong' ? [answer.attemptsLeft] : [])).sort()).toEqual([0, 1, 2, 3, 4])
    expect((await right(id)).status).toBe('exhausted')
  })

  it('verify accepts at most one match that comes among many mismatches (R-03, R-04)', async ({ sent, right, wrong }) => {
    const { id } = await sent({ maxAttempts: 5 })
    const counts = tally(await parallel(100, (index) => (index % 2 === 0 ? wrong(id) : right(id))))
    expect(counts.ok).toBe(1)
    expect((counts.wrong ?? 0) <= 4).toBe(true)
  })
}
