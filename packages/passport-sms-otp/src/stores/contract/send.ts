import { hour, minute, onBench, second, tag, ttl, type ContractKit } from './kit.js'

export function sendContract(kit: ContractKit): void {
  kit.describe('beginning', () => beginning(kit))
  kit.describe('repeating', () => repeating(kit))
  kit.describe('nothing to repeat', () => nothingToRepeat(kit))
}

function beginning(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)

  it('send begins a challenge and says until when it is valid and when the next text is allowed', async ({ store, subject, now }) => {
    const id = tag()
    const answer = await store.send(
      { subject, begin: { id, ttl, maxAttempts: 5, maxResends: 3 }, delays: [30 * second], limits: [] },
    )
    expect(answer).toEqual({ status: 'sent', id, repeated: false, at: now(), expiresAt: now() + ttl, resendAt: now() + 30 * second, attemptsLeft: 5 })
  })

  it('send says that there is no next text when a challenge has no resends', async ({ sent }) => {
    expect((await sent({ maxResends: 0 })).resendAt).toBe(undefined)
  })

  it('send allows the next text at once where there are no delays', async ({ sent, now }) => {
    expect((await sent()).resendAt).toBe(now())
  })

  it('send leaves other challenges of the subject alone (S-06)', async ({ sent, right }) => {
    const mine = await sent()
    await sent()
    expect((await right(mine.id)).status).toBe('ok')
  })

  it('send retires the earlier challenge that it is told to replace (R-07)', async ({ sent, right }) => {
    const earlier = await sent()
    const later = await sent({ retire: earlier.id })
    expect((await right(earlier.id)).status).toBe('unknown')
    expect((await right(later.id)).status).toBe('ok')
  })

  it('send retires nothing when it is refused', async ({ sent, send, right }) => {
    const limits = [{ limit: 1, window: hour }]
    const earlier = await sent({ limits })
    expect((await send({ retire: earlier.id, limits })).status).toBe('throttled')
    expect((await right(earlier.id)).status).toBe('ok')
  })

  it('send rejects numbers that are not whole, instead of letting everything through (O-10)', async ({ send }) => {
    const wrong = [
      { ttl: NaN },
      { maxAttempts: 1.5 },
      { delays: [NaN] },
      { limits: [{ limit: NaN, window: hour }] },
      { limits: [{ limit: 1, window: -1 }] },
    ]
    const outcomes = await Promise.all(wrong.map((options) => send(options).then(() => 'answered', () => 'rejected')))
    expect(outcomes).toEqual(wrong.map(() => 'rejected'))
  })
}

function repeating(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)

  it('send repeats a live challenge instead of beginning one, and changes neither expiry nor attempts (R-06, R-07, O-15)', async ({ sent, send, wrong, pass, now }) => {
    const { id, expiresAt } = await sent()
    for (const left of [4, 3, 2]) expect(await wrong(id)).toEqual({ status: 'wrong', attemptsLeft: left, at: now() })
    pass(minute)
    expect(await send({ repeat: id })).toEqual({ status: 'sent', id, repeated: true, at: now(), expiresAt, resendAt: now(), attemptsLeft: 2, text: 1 })
    expect(await wrong(id)).toEqual({ status: 'wrong', attemptsLeft: 1, at: now() })
  })

  it('send repeats a challenge without anything to begin', async ({ sent, repeat, now }) => {
    const { id, expiresAt } = await sent()
    expect(await repeat(id)).toEqual({ status: 'sent', id, repeated: true, at: now(), expiresAt, resendAt: now(), attemptsLeft: 5, text: 1 })
  })

  it('send retires nothing when it repeats', async ({ sent, right }) => {
    const other = await sent()
    const { id } = await sent()
    expect((await sent({ repeat: id, retire: other.id })).repeated).toBe(true)
    expect((await right(other.id)).status).toBe('ok')
  })

  it('send repeats as often as the challenge allows, then not until it expires (O-07)', async ({ sent, send, repeat, now }) => {
    const { id, expiresAt } = await sent({ maxResends: 2 })
    expect((await sent({ repeat: id })).resendAt).toBe(now())
    expect((await sent({ repeat: id })).resendAt).toBe(undefined)
    const refused = { status: 'throttled', scope: 'resends', retryAt: expiresAt, at: now() }
    expect(await repeat(id)).toEqual(refused)
    expect(await send({ repeat: id })).toEqual(refused)
  })

  it('send refuses to repeat a challenge whose attempts are spent, or to begin another in its place (R-04, O-07)', async ({ sent, send, repeat, wrong, now }) => {
    const { id, expiresAt } = await sent({ maxAttempts: 1 })
    await wrong(id)
    const refused = { status: 'exhausted', retryAt: expiresAt, at: now() }
    expect(await send({ repeat: id })).toEqual(refused)
    expect(await repeat(id)).toEqual(refused)
  })

  it('send repeats until the last millisecond before the expiry (R-02)', async ({ sent, repeat, pass }) => {
    const { id } = await sent()
    pass(ttl - 1)
    expect((await repeat(id)).status).toBe('sent')
    pass(1)
    expect((await repeat(id)).status).toBe('expired')
  })
}

function nothingToRepeat(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)

  it('send answers why a challenge cannot be repeated: unknown, used or expired', async ({ sent, repeat, right, pass, now }) => {
    expect(await repeat(tag())).toEqual({ status: 'unknown', at: now() })
    const used = await sent()
    await right(used.id)
    expect(await repeat(used.id)).toEqual({ status: 'used', at: now() })
    const late = await sent()
    pass(ttl)
    expect(await repeat(late.id)).toEqual({ status: 'expired', at: now() })
  })

  it('send begins a challenge where there is none to repeat, when it is given one to begin', async ({ sent, right, pass }) => {
    expect((await sent({ repeat: tag() })).repeated).toBe(false)
    const used = await sent()
    await right(used.id)
    expect((await sent({ repeat: used.id })).repeated).toBe(false)
    const late = await sent()
    pass(ttl)
    expect((await sent({ repeat: late.id })).repeated).toBe(false)
  })

  it('send does not know the challenge of another subject (R-08, O-11)', async ({ store, sent, right }) => {
    const { id } = await sent()
    const answer = await store.send({ subject: tag(), repeat: id, delays: [], limits: [] })
    expect(answer.status).toBe('unknown')
    expect((await right(id)).status).toBe('ok')
  })
}
