import { hour, minute, onBench, tag, type ContractKit } from './kit.js'

const delays = [minute, hour]
const limits = [{ limit: 2, window: 24 * hour }]

export function undoContract(kit: ContractKit): void {
  kit.describe('undo', () => undoing(kit))
  kit.describe('retire', () => retiring(kit))
}

function undoing(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)

  it('undo removes a challenge that was begun', async ({ store, subject, sent, right }) => {
    const { id, at, repeated } = await sent()
    await store.undo({ subject, id, at, repeated, unsent: false })
    expect((await right(id)).status).toBe('unknown')
  })

  it('undo gives a repeated challenge its resend back, and nothing else', async ({ store, subject, sent, wrong, repeat, now }) => {
    const { id, expiresAt } = await sent({ maxResends: 1 })
    await wrong(id)
    const { at, repeated } = await sent({ repeat: id })
    expect((await repeat(id)).status).toBe('throttled')
    await store.undo({ subject, id, at, repeated, unsent: false })
    expect(await repeat(id)).toEqual({ status: 'sent', id, repeated: true, at: now(), expiresAt, resendAt: undefined, attemptsLeft: 4, text: 1 })
  })

  it('undo forgets the text, in delays and windows', async ({ store, subject, sent, now }) => {
    for (let asked = 0; asked < 5; asked += 1) {
      const { id, at, repeated, resendAt } = await sent({ delays, limits })
      expect(resendAt).toBe(now() + minute)
      await store.undo({ subject, id, at, repeated, unsent: false })
    }
  })

  it('undo goes back to the delay of the text before', async ({ store, subject, sent, send, pass, now }) => {
    const first = await sent({ delays, limits })
    pass(minute)
    const { id, at, repeated } = await sent({ delays, limits })
    await store.undo({ subject, id, at, repeated, unsent: false })
    const again = await sent({ delays, limits })
    expect(again.resendAt).toBe(now() + hour)
    pass(hour)
    expect(await send({ delays, limits })).toEqual({ status: 'throttled', scope: 'subject', retryAt: first.at + 24 * hour, at: now() })
  })

  it('undo leaves no delay behind where all earlier texts were forgotten and a failure was not', async ({ store, subject, sent, wrong, send, pass }) => {
    const short = [{ limit: 2, window: hour }]
    await wrong((await sent({ delays, limits: short })).id)
    pass(2 * hour)
    const { id, at, repeated } = await sent({ delays, limits: short })
    await store.undo({ subject, id, at, repeated, unsent: false })
    pass(minute)
    expect((await send({ delays, limits: short })).status).toBe('sent')
  })

  it('undo with unsent counts the text among those that were tried in vain, and in no other window', async ({ store, subject, sent, send, pass, now }) => {
    const windows = { limits: [{ limit: 1, window: hour }], unsentLimits: [{ limit: 2, window: hour }] }
    const begun = now()
    for (let tried = 0; tried < 2; tried += 1) {
      const { id, at, repeated } = await sent(windows)
      await store.undo({ subject, id, at, repeated, unsent: true })
      pass(minute)
    }
    expect(await send(windows)).toEqual({ status: 'throttled', scope: 'subject', retryAt: begun + hour, at: now() })
    expect((await send({ limits: windows.limits })).status).toBe('sent')
  })

  it('undo with unsent remembers tries for as long as their window counts them', async ({ store, subject, sent, send, pass }) => {
    const windows = { unsentLimits: [{ limit: 1, window: hour }] }
    const { id, at, repeated } = await sent(windows)
    await store.undo({ subject, id, at, repeated, unsent: true })
    pass(hour - 1)
    expect((await send(windows)).status).toBe('throttled')
    pass(1)
    expect((await send(windows)).status).toBe('sent')
  })

  it('undo leaves the challenge that a user was told of, where it is asked to', async ({ store, subject, sent, right }) => {
    const { id, at, repeated } = await sent({ delays })
    await store.undo({ subject, id, at, repeated, unsent: true, keepChallenge: true })
    await sent({ delays })
    expect((await right(id)).status).toBe('ok')
  })

  it('undo takes back the one text that it names', async ({ store, subject, sent, send, pass, now }) => {
    const first = await sent({ limits })
    pass(minute)
    const second = await sent({ limits })
    await store.undo({ subject, id: first.id, at: first.at, repeated: false, unsent: false })
    await sent({ limits })
    expect(await send({ limits })).toEqual({ status: 'throttled', scope: 'subject', retryAt: second.at + 24 * hour, at: now() })
  })

  it('undo ignores what it does not know', async ({ store, subject, sent, right, now }) => {
    const { id } = await sent({ delays, limits })
    await store.undo({ subject, id: tag(), at: now() - 1, repeated: true, unsent: false })
    await store.undo({ subject: tag(), id, at: now(), repeated: false, unsent: false })
    expect((await right(id)).status).toBe('ok')
  })
}

function retiring(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)

  it('retire forgets a challenge (R-07)', async ({ store, subject, sent, right, repeat }) => {
    const { id } = await sent()
    await store.retire({ subject, id })
    expect((await right(id)).status).toBe('unknown')
    expect((await repeat(id)).status).toBe('unknown')
  })

  it('retire keeps the text in delays and windows', async ({ store, subject, sent, send }) => {
    const { id } = await sent({ delays })
    await store.retire({ subject, id })
    expect((await send({ delays })).status).toBe('throttled')
  })

  it('retire ignores unknown challenges and the challenges of other subjects', async ({ store, subject, sent, right }) => {
    const { id } = await sent()
    await store.retire({ subject, id: tag() })
    await store.retire({ subject: tag(), id })
    expect((await right(id)).status).toBe('ok')
  })
}
