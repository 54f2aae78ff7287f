import { day, hour, minute, onBench, parallel, second, tag, tally, ttl, type ContractKit } from './kit.js'

const delays = [30 * second, minute, 2 * minute]

export function delayContract(kit: ContractKit): void {
  kit.describe('delays', () => growing(kit))
  kit.describe('windows', () => windows(kit))
  kit.describe('many at once', () => concurrentSends(kit))
}

function growing(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)

  it('a subject waits longer after each text, then always as long as the last delay (R-12)', async ({ send, sent, pass, now }) => {
    await sent({ delays })
    for (const delay of [...delays, 2 * minute, 2 * minute]) {
      const retryAt = now() + delay
      pass(delay - 1)
      expect(await send({ delays })).toEqual({ status: 'throttled', scope: 'delay', retryAt, at: now() })
      pass(1)
      expect((await send({ delays })).status).toBe('sent')
    }
  })

  it('send says with each text when the next one is allowed', async ({ sent, pass, now }) => {
    for (const delay of [...delays, 2 * minute]) {
      expect((await sent({ delays })).resendAt).toBe(now() + delay)
      pass(delay)
    }
  })

  it('a delay counts begun and repeated challenges alike (S-04)', async ({ sent, repeat, pass, now }) => {
    const { id } = await sent({ delays })
    expect((await repeat(id, { delays })).status).toBe('throttled')
    pass(30 * second)
    await repeat(id, { delays })
    expect((await sent({ delays: [0, minute] }).catch(String))).toBe(
      `Error: A text was refused: ${JSON.stringify({ status: 'throttled', scope: 'delay', retryAt: now() + minute, at: now() })}`)
  })

  it('a delay is not put off by texts that were refused (S-02)', async ({ send, pass }) => {
    await send({ delays })
    for (let asked = 0; asked < 29; asked += 1) {
      pass(second)
      expect((await send({ delays })).status).toBe('throttled')
    }
    pass(second)
    expect((await send({ delays })).status).toBe('sent')
  })

  it('delays keep each subject apart', async ({ store, send }) => {
    await send({ delays })
    const other = await store.send(
      { subject: tag(), begin: { id: tag(), ttl, maxAttempts: 5, maxResends: 3 }, delays, limits: [] },
    )
    expect(other.status).toBe('sent')
  })

  it('delays start anew after a success', async ({ sent, right, pass, now }) => {
    await sent({ delays })
    pass(30 * second)
    const { id } = await sent({ delays })
    await right(id)
    expect((await sent({ delays })).resendAt).toBe(now() + 30 * second)
  })

  it('delays do not start anew after a failure', async ({ sent, wrong, pass, now }) => {
    const { id } = await sent({ delays })
    await wrong(id)
    pass(30 * second)
    expect((await sent({ delays })).resendAt).toBe(now() + minute)
  })
}

function windows(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)
  const limits = [{ limit: 3, window: hour }]

  it('a window holds its cap exactly, however it is placed (R-20, S-03)', async ({ send, pass, now }) => {
    const start = now()
    for (const wait of [0, 20 * minute, 20 * minute]) {
      pass(wait)
      expect((await send({ limits })).status).toBe('sent')
    }
    pass(20 * minute - 1)
    expect(await send({ limits })).toEqual({ status: 'throttled', scope: 'subject', retryAt: start + hour, at: now() })
    pass(1)
    expect((await send({ limits })).status).toBe('sent')
    expect(await send({ limits })).toEqual({ status: 'throttled', scope: 'subject', retryAt: start + hour + 20 * minute, at: now() })
  })

  it('a window allows exactly the cap to a user who asks all day long (S-03)', async ({ send, pass }) => {
    const caps = [{ limit: 5, window: hour }, { limit: 10, window: day }]
    let allowed = 0
    for (let asked = 0; asked < 24 * 6; asked += 1) {
      if ((await send({ limits: caps })).status === 'sent') allowed += 1
      pass(10 * minute)
    }
    expect(allowed).toBe(10)
    expect((await send({ limits: caps })).status).toBe('sent')
  })

  it('send says when the last of several spent windows opens again', async ({ send, now }) => {
    const caps = [{ limit: 1, window: day }, { limit: 1, window: hour }]
    await send({ limits: caps })
    expect(await send({ limits: caps })).toEqual({ status: 'throttled', scope: 'subject', retryAt: now() + day, at: now() })
  })

  it('a window counts repeated texts too', async ({ sent, repeat }) => {
    const { id } = await sent({ limits })
    expect((await repeat(id, { limits })).status).toBe('sent')
    expect((await repeat(id, { limits })).status).toBe('sent')
    expect((await repeat(id, { limits })).status).toBe('throttled')
  })

  it('a window counts texts that were sent under shorter windows, and is not shortened by them', async ({ send, sent, pass, now }) => {
    const [hourly, daily] = [[{ limit: 1, window: hour }], [{ limit: 3, window: day }]]
    const first = await sent({ limits: daily })
    for (let texts = 0; texts < 2; texts += 1) {
      pass(hour)
      await sent({ limits: hourly })
    }
    pass(hour)
    expect(await send({ limits: daily })).toEqual({ status: 'throttled', scope: 'subject', retryAt: first.at + day, at: now() })
  })

  it('a window stays as it is after a success', async ({ sent, send, right }) => {
    for (let texts = 0; texts < 3; texts += 1) await right((await sent({ limits })).id)
    expect((await send({ limits })).status).toBe('throttled')
  })

  it('a window never opens when its limit is none', async ({ send, now }) => {
    expect(await send({ limits: [{ limit: 0, window: hour }] })).toEqual({ status: 'throttled', scope: 'subject', retryAt: now() + hour, at: now() })
  })

  it('a window begins nothing when it refuses', async ({ store, subject, sent, right }) => {
    await sent({ limits: [{ limit: 1, window: hour }] })
    const id = tag()
    await store.send(
      { subject, begin: { id, ttl, maxAttempts: 5, maxResends: 3 }, delays: [], limits: [{ limit: 1, window: hour }] },
    )
    expect((await right(id)).status).toBe('unknown')
  })
}

function concurrentSends(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)

  it('send allows exactly one of 50 parallel texts under a delay (S-01)', async ({ send }) => {
    expect(tally(await parallel(50, () => send({ delays })))).toEqual({ sent: 1, throttled: 49 })
  })

  it('send allows exactly the cap of 50 parallel texts (S-03)', async ({ send }) => {
    expect(
      tally(await parallel(50, () => send({ limits: [{ limit: 5, window: hour }] }))),
    ).toEqual({ sent: 5, throttled: 45 })
  })

  it('send repeats one challenge exactly as often as it may be, of 50 parallel asks', async ({ sent, repeat }) => {
    const { id } = await sent({ maxResends: 3 })
    expect(tally(await parallel(50, () => repeat(id)))).toEqual({ sent: 3, throttled: 47 })
  })
}
