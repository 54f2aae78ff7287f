import { minute, onBench, parallel, second, tag, ttl, type ContractKit } from './kit.js'

export function reportContract(kit: ContractKit): void {
  kit.describe('what the code went by', () => channels(kit))
  kit.describe('news of a text', () => news(kit))
  kit.describe('a text in the place of another', () => instead(kit))
}

function channels(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)

  it('a challenge says nothing of channels where its code went as a text alone (H-02)', async ({ store, subject, sent, right, now }) => {
    const { id } = await sent({ channel: 'sms' })
    await store.send({ subject, repeat: id, delays: [], limits: [], channel: 'sms' })
    expect(await right(id)).toEqual({ status: 'ok', at: now() })
  })

  it('a challenge keeps every channel that its code went by, once (H-02)', async ({ store, subject, sent, right, now }) => {
    const { id } = await sent()
    for (const channel of ['voice', 'voice', 'whatsapp'] as const) {
      const answer = await store.send({ subject, repeat: id, delays: [], limits: [], channel })
      expect(answer.status).toBe('sent')
    }
    expect(await right(id)).toEqual({ status: 'ok', at: now(), channels: ['sms', 'whatsapp', 'voice'] })
  })

  it('a challenge keeps the channel of a first text, and through a wrong guess (H-02)', async ({ sent, right, wrong, now }) => {
    const { id } = await sent({ channel: 'rcs' })
    await wrong(id)
    expect(await right(id)).toEqual({ status: 'ok', at: now(), channels: ['rcs'] })
  })

  it('a challenge does not name a channel whose only text did not leave (H-02)', async ({ store, subject, sent, right, now }) => {
    const { id } = await sent()
    const voice = await store.send({ subject, repeat: id, delays: [], limits: [], channel: 'voice' })
    expect(voice.status === 'sent' && voice.isNewChannel).toBe(true)
    if (voice.status !== 'sent') return
    const { at, repeated, isNewChannel } = voice
    await store.undo({ subject, id, at, repeated, unsent: true, channel: 'voice', isNewChannel })
    const stands = await store.report({ subject, id, delays: [] })
    expect(stands.status === 'standing' && [stands.channel, stands.channels]).toEqual(['sms', ['sms']])
    expect(await right(id)).toEqual({ status: 'ok', at: now() })
  })

  it('a challenge goes on naming a channel of which one text left and a later one did not (H-02)', async ({ store, subject, sent, right, now }) => {
    const { id } = await sent()
    const byVoice = { subject, repeat: id, delays: [], limits: [], channel: 'voice' as const }
    await store.send(byVoice)
    const again = await store.send(byVoice)
    if (again.status !== 'sent') throw new Error(again.status)
    expect(again.isNewChannel).toBe(undefined)
    const { at, repeated, isNewChannel } = again
    await store.undo({ subject, id, at, repeated, unsent: true, channel: 'voice', isNewChannel })
    expect(await right(id)).toEqual({ status: 'ok', at: now(), channels: ['sms', 'voice'] })
  })

  it('a challenge is not tried once more by a channel that it was passed over by, and still does not name it (H-02, H-07)', async ({ store, subject, sent, right, now }) => {
    const { id } = await sent()
    await store.report({ subject, id, news: { text: 0, delivery: 'failed' }, delays: [] })
    const instead = { subject, repeat: id, delays: [], limits: [], channel: 'whatsapp' as const, inPlaceOf: 0 }
    const tried = await store.send(instead)
    if (tried.status !== 'sent') throw new Error(tried.status)
    const { at, repeated, isNewChannel } = tried
    await store.undo({ subject, id, at, repeated, unsent: true, failed: true, channel: 'whatsapp', isNewChannel })
    expect((await store.send(instead)).status).toBe('unneeded')
    const stands = await store.report({ subject, id, delays: [] })
    expect(stands.status === 'standing' && [stands.delivery, stands.channel, stands.channels]).toEqual(['failed', 'sms', ['sms', 'whatsapp']])
    expect(await right(id)).toEqual({ status: 'ok', at: now() })
  })

  it('a text that arrived is not forgotten by a later one, whether that leaves or not (H-05)', async ({ store, subject, sent }) => {
    const { id } = await sent()
    await store.report({ subject, id, news: { text: 0, delivery: 'delivered' }, delays: [] })
    const next = await store.send({ subject, repeat: id, delays: [], limits: [], channel: 'voice' })
    if (next.status !== 'sent') throw new Error(next.status)
    const { at, repeated, isNewChannel } = next
    for (const failed of [undefined, true]) {
      await store.undo({ subject, id, at, repeated, unsent: true, failed, channel: 'voice', isNewChannel })
      const stands = await store.report({ subject, id, delays: [] })
      expect(stands.status === 'standing' && stands.delivery).toBe('delivered')
    }
  })

  it('send numbers the texts of a challenge (H-05)', async ({ sent, repeat }) => {
    const { id } = await sent()
    for (const text of [1, 2, 3]) {
      const answer = await repeat(id)
      expect(answer.status === 'sent' && answer.text).toBe(text)
    }
  })

  it('send counts a text against the same delays and resends, whatever it goes by (H-01)', async ({ store, subject, sent, pass }) => {
    const delays = [30 * second]
    const { id } = await sent({ delays, maxResends: 1 })
    const again = (channel: 'voice' | 'sms') => store.send({ subject, repeat: id, delays, limits: [], channel })
    expect((await again('voice')).status).toBe('throttled')
    pass(30 * second)
    expect((await again('voice')).status).toBe('sent')
    pass(minute)
    const spent = await again('sms')
    expect(spent.status === 'throttled' && spent.scope).toBe('resends')
  })

  it('send rejects a channel that it does not know (H-01)', async ({ send }) => {
    const outcome = await send({ channel: 'pigeon' as never }).then(() => 'answered', () => 'rejected')
    expect(outcome).toBe('rejected')
  })
}

function news(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)
  const delays = [30 * second]

  it('report says how a challenge stands, and changes nothing (H-05)', async ({ store, subject, sent, right, now }) => {
    const { id, at } = await sent({ delays, limits: [{ limit: 9, window: minute }], channel: 'voice' })
    const standing = {
      status: 'standing', at: now(), text: 0, changed: false, attemptsLeft: 5, channel: 'voice', channels: ['voice'], textedAt: at,
      resendAt: at + 30 * second,
    }
    expect(await store.report({ subject, id, delays })).toEqual(standing)
    expect(await store.report({ subject, id, delays })).toEqual(standing)
    expect((await right(id)).status).toBe('ok')
  })

  it('report keeps that the last text failed or arrived, and says once that this is new (H-05)', async ({ store, subject, sent }) => {
    const { id } = await sent()
    const told = async (text: number, delivery: 'delivered' | 'failed') => {
      const answer = await store.report({ subject, id, news: { text, delivery }, delays })
      return answer.status === 'standing' ? [answer.delivery, answer.changed] : answer.status
    }
    expect(await told(1, 'failed')).toEqual([undefined, false])
    expect(await told(1, 'delivered')).toEqual([undefined, false])
    expect(await told(0, 'failed')).toEqual(['failed', true])
    expect(await told(0, 'failed')).toEqual(['failed', false])
    expect(await told(0, 'delivered')).toEqual(['delivered', true])
    expect(await told(0, 'failed')).toEqual(['delivered', false])
    expect(await told(0, 'delivered')).toEqual(['delivered', false])
  })

  it('news of a text are forgotten with the next text, of which an earlier text says only that it arrived (H-05)', async ({ store, subject, sent, repeat }) => {
    const { id } = await sent()
    await store.report({ subject, id, news: { text: 0, delivery: 'failed' }, delays })
    await repeat(id)
    const told = async (text: number, delivery: 'delivered' | 'failed') => {
      const answer = await store.report({ subject, id, news: { text, delivery }, delays })
      return answer.status === 'standing' ? [answer.text, answer.delivery, answer.changed] : answer.status
    }
    expect(await told(0, 'failed')).toEqual([1, undefined, false])
    expect(await told(1, 'failed')).toEqual([1, 'failed', true])
    expect(await told(0, 'delivered')).toEqual([1, 'delivered', true])
  })

  it('report settles no attempt, and says of a challenge that is over only that (H-05)', async ({ store, subject, sent, right, wrong, pass, now }) => {
    const report = (id: string) => store.report({ subject, id, news: { text: 0, delivery: 'delivered' }, delays })
    const { id } = await sent({ maxAttempts: 2 })
    await report(id)
    expect(await wrong(id)).toEqual({ status: 'wrong', attemptsLeft: 1, at: now() })
    expect((await right(id)).status).toBe('ok')
    expect(await report(id)).toEqual({ status: 'used', at: now() })
    const spent = await sent({ maxAttempts: 1 })
    await wrong(spent.id)
    expect(await report(spent.id)).toEqual({ status: 'exhausted', at: now() })
    const old = await sent()
    pass(ttl)
    expect(await report(old.id)).toEqual({ status: 'expired', at: now() })
    expect(await report(tag())).toEqual({ status: 'unknown', at: now() })
  })

  it('report says to one of many at once that the news are new (H-06)', async ({ store, subject, sent }) => {
    const { id } = await sent()
    const answers = await parallel(50, () =>
      store.report({ subject, id, news: { text: 0, delivery: 'failed' }, delays }))
    expect(answers.filter((answer) => answer.status === 'standing' && answer.changed).length).toBe(1)
  })

  it('report rejects a malformed number of a text (H-05)', async ({ store, subject, sent }) => {
    const { id } = await sent()
    const outcome = await store.report({ subject, id, news: { text: NaN, delivery: 'failed' }, delays })
      .then(() => 'answered', () => 'rejected')
    expect(outcome).toBe('rejected')
  })
}

function instead(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)
  const delays = [30 * second]
  const expected = 20 * second
  type Store = Parameters<Parameters<typeof it>[1]>[0]['store']

  const limits = [{ limit: 3, window: minute }]
  const ask = (
    store: Store, subject: string, id: string, inPlaceOf = 0, channel: 'voice' | 'whatsapp' | 'sms' = 'voice',
  ) => store.send({ subject, repeat: id, delays, limits, channel, inPlaceOf, expect: expected })

  it('a text in the place of another leaves once the one before has failed, without a delay (H-06)', async ({ store, subject, sent }) => {
    const { id } = await sent({ delays, expect: expected })
    expect((await ask(store, subject, id)).status).toBe('unneeded')
    await store.report({ subject, id, news: { text: 0, delivery: 'failed' }, delays })
    const answer = await ask(store, subject, id)
    expect(answer.status === 'sent' && [answer.repeated, answer.text]).toEqual([true, 1])
  })

  it('a text in the place of another leaves once news of the one before are late, from that instant on (H-06)', async ({ store, subject, sent, pass }) => {
    const { id } = await sent({ delays, expect: expected })
    pass(expected - 1)
    expect((await ask(store, subject, id)).status).toBe('unneeded')
    pass(1)
    expect((await ask(store, subject, id)).status).toBe('sent')
  })

  it('a text in the place of another does not leave where one has arrived, where another has left, or twice by one channel (H-06)', async ({ store, subject, sent, pass, repeat }) => {
    const arrived = await sent({ delays, expect: expected })
    await store.report({ subject, id: arrived.id, news: { text: 0, delivery: 'delivered' }, delays })
    pass(minute)
    expect((await ask(store, subject, arrived.id)).status).toBe('unneeded')
    const { id } = await sent({ delays, expect: expected })
    pass(minute)
    expect((await ask(store, subject, id, 0, 'sms')).status).toBe('unneeded')
    expect((await repeat(id)).status).toBe('sent')
    pass(minute)
    expect((await ask(store, subject, id, 0)).status).toBe('unneeded')
    expect((await ask(store, subject, id, 1)).status).toBe('sent')
    await store.report({ subject, id, news: { text: 2, delivery: 'failed' }, delays })
    expect((await ask(store, subject, id, 2)).status).toBe('unneeded')
  })

  it('a text in the place of another leaves once, of many that are asked for at once (H-06)', async ({ store, subject, sent }) => {
    const { id } = await sent({ delays, expect: expected })
    await store.report({ subject, id, news: { text: 0, delivery: 'failed' }, delays })
    const answers = await parallel(50, (index) => ask(store, subject, id, 0, index % 2 === 0 ? 'voice' : 'whatsapp'))
    expect(answers.filter(({ status }) => status === 'sent').length).toBe(1)
  })

  it('a text in the place of another goes beyond neither the resends nor a window (H-06)', async ({ store, subject, sent }) => {
    const fail = (id: string) => store.report({ subject, id, news: { text: 0, delivery: 'failed' }, delays })
    const none = await sent({ maxResends: 0, expect: expected })
    await fail(none.id)
    const refused = await ask(store, subject, none.id)
    expect(refused.status === 'throttled' && refused.scope).toBe('resends')
    const limits = [{ limit: 9, window: minute }]
    await sent({ limits })
    const { id } = await sent({ limits })
    await fail(id)
    const spent = await ask(store, subject, id)
    expect(spent.status === 'throttled' && spent.scope).toBe('subject')
  })

  it('a text in the place of another leaves the one before as failed, where it is taken back (H-06)', async ({ store, subject, sent, right }) => {
    const { id } = await sent({ delays, expect: expected })
    await store.report({ subject, id, news: { text: 0, delivery: 'failed' }, delays })
    const answer = await ask(store, subject, id)
    if (answer.status === 'sent') await store.undo({ ...answer, subject, unsent: true, failed: true })
    const standing = await store.report({ subject, id, delays })
    expect(standing.status === 'standing' && [standing.text, standing.delivery]).toEqual([0, 'failed'])
    expect((await ask(store, subject, id, 0, 'whatsapp')).status).toBe('sent')
    expect((await right(id)).status).toBe('ok')
  })

  it('a text in the place of another does not leave for a challenge that is over (H-06)', async ({ store, subject, sent, right, now }) => {
    const { id } = await sent({ expect: expected })
    await store.report({ subject, id, news: { text: 0, delivery: 'failed' }, delays })
    await right(id)
    expect(await ask(store, subject, id)).toEqual({ status: 'used', at: now() })
  })
}
