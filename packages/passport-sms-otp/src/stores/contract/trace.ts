import type { ChallengeStore, NoteRequest } from '../challenge-store.js'
import { day, hour, minute, onBench, parallel, tag, type Bench, type ContractKit } from './kit.js'

type Traced = Required<Pick<ChallengeStore, 'note' | 'trace'>>

const texts = (count: number, from = 0): { text: string }[] =>
  Array.from({ length: count }, (_, index) => ({ text: `note ${from + index}` }))

/** A store need not keep traces: of one without `note` nothing is asked. */
export function traceContract(kit: ContractKit): void {
  const { expect } = kit
  const it = (title: string, body: (bench: Bench, traced: Traced, keep: Keep) => Promise<void>) => {
    onBench(kit)(title, async (bench) => {
      const { store, subject } = bench
      if (!store.note || !store.trace) return
      const traced = { note: store.note.bind(store), trace: store.trace.bind(store) }
      await body(bench, traced, (request) =>
        traced.note({ subject, notes: [], last: 3, keptFor: hour, keptForFailures: day, ...request }))
    })
  }
  const challenge = (name: string, expiresAt: number) => ({ name, expiresAt })

  it('trace answers with what was noted, when it was and of which challenge (J-02)', async ({ subject, now, pass }, { trace }, keep) => {
    const one = challenge('one', now() + minute)
    await keep({ challenge: one, notes: [{ text: 'asked', at: now() - 1 }, { text: 'sent' }] })
    pass(1000)
    await keep({ notes: [{ text: 'refused – „nein“ 🙂 \\ " \'' }] })
    expect(await trace(subject)).toEqual({
      at: now(),
      notes: [
        { text: 'refused – „nein“ 🙂 \\ " \'', at: now(), lastAt: now(), times: 1 },
        { challenge: one, text: 'asked', at: now() - 1001, lastAt: now() - 1001, times: 1 },
        { challenge: one, text: 'sent', at: now() - 1000, lastAt: now() - 1000, times: 1 },
      ],
    })
    expect(await trace(tag())).toEqual({ at: now(), notes: [] })
  })

  it('note counts what happens again to a challenge, and keeps it apart from another one (J-02)', async ({ subject, now, pass }, { trace }, keep) => {
    const started = now()
    for (const name of ['one', 'two', 'one']) {
      await keep({ challenge: challenge(name, started + minute), notes: [{ text: 'refused' }] })
      pass(1000)
    }
    await keep({ challenge: challenge('two', started + minute), notes: [{ text: 'refused', at: started - 5 }] })
    const { notes } = await trace(subject)
    expect(notes.map(({ challenge: of, at, lastAt, times }) => [of?.name, at - started, lastAt - started, times]))
      .toEqual([['one', 0, 2000, 2], ['two', 1000, 1000, 2]])
  })

  it('note keeps the challenges that end last, so that nobody pushes them out by an old one (J-03)', async ({ subject, now }, { trace }, keep) => {
    const names = async () => [...new Set((await trace(subject)).notes.map(({ challenge: of }) => of?.name))]
    await keep({ notes: [{ text: 'refused' }] })
    for (const [name, end] of [['b', 2], ['d', 4], ['c', 3], ['e', 5]] as const) {
      await keep({ challenge: challenge(name, now() + end * minute), notes: [{ text: 'sent' }] })
    }
    expect(await names()).toEqual([undefined, 'c', 'd', 'e'])
    await parallel(20, (index) => keep({ challenge: challenge(`old${index}`, now() + minute), notes: [{ text: 'guessed' }] }))
    expect(await names()).toEqual([undefined, 'c', 'd', 'e'])
  })

  it('note keeps 64 notes of a challenge, and as many of none: the first ones, and the newest (J-03)', async ({ subject, now }, { trace }, keep) => {
    const one = challenge('one', now() + minute)
    for (let from = 0; from < 100; from += 10) {
      await keep({ challenge: one, notes: texts(10, from) })
      await keep({ notes: texts(10, from) })
    }
    const { notes } = await trace(subject)
    expect(notes.length).toBe(128)
    for (const name of [undefined, 'one']) {
      const kept = notes.filter((note) => note.challenge?.name === name)
      expect(kept.map(({ text }) => ({ text }))).toEqual([...texts(63), ...texts(1, 99)])
    }
  })

  it('many notes at once are all kept, and counted (J-02)', async ({ subject, now }, { trace }, keep) => {
    const one = challenge('one', now() + minute)
    await parallel(30, (index) => keep({ challenge: one, notes: [{ text: 'same' }, { text: `note ${index}` }] }))
    const { notes } = await trace(subject)
    expect(notes.length).toBe(31)
    expect(notes.find(({ text }) => text === 'same')?.times).toBe(30)
  })

  it('a trace is kept for its time after its last note (J-04)', async ({ subject, now, pass }, { trace }, keep) => {
    const count = async () => (await trace(subject)).notes.length
    await keep({ notes: texts(1) })
    pass(hour - 1)
    await keep({ notes: texts(1, 1) })
    pass(hour - 1)
    expect(await count()).toBe(2)
    pass(1)
    expect(await count()).toBe(0)
    await keep({ challenge: challenge('one', now() + minute), notes: texts(1, 2) })
    expect(await count()).toBe(1)
  })

  it('a note that comes again and again keeps itself, and no other note, beyond its time (J-04)', async ({ subject, now, pass }, { trace }, keep) => {
    const one = challenge('one', now() + minute)
    await keep({ challenge: one, notes: [{ text: 'sent' }] })
    await keep({ notes: [{ text: 'refused' }] })
    const begun = now()
    const texted = async () => (await trace(subject)).notes.map(({ text, times }) => [text, times])
    for (let times = 1; times <= 25; times += 1) {
      pass(hour - 1)
      await keep({ challenge: one, notes: [{ text: 'reported' }] })
      if (now() < begun + day) expect(await texted()).toEqual([['refused', 1], ['sent', 1], ['reported', times]])
    }
    expect(now() > begun + day).toBe(true)
    expect(await texted()).toEqual([['reported', 25]])
  })

  it('a note is over its time after it last happened, to the millisecond, once another is added (J-04)', async ({ subject, now, pass }, { trace }, keep) => {
    const told = async () => (await trace(subject)).notes.map(({ text }) => text)
    const add = (request: Partial<NoteRequest>) => keep({ keptForFailures: hour, ...request })
    const one = challenge('one', now() + minute)
    await add({ challenge: one, notes: texts(64) })
    pass(1)
    await add({ challenge: one, notes: texts(1, 7) })
    await add({ challenge: challenge('two', now() + 2 * minute), notes: [{ text: 'of two' }, { text: 'early', at: now() - hour }] })
    pass(hour - 2)
    await add({ notes: [{ text: 'of none' }] })
    expect((await told()).length).toBe(66)
    pass(1)
    await add({ challenge: one, notes: texts(2, 100) })
    expect(await told()).toEqual(['of none', 'note 7', 'note 100', 'note 101', 'of two'])
    pass(1)
    await add({ notes: [{ text: 'of none' }] })
    expect(await told()).toEqual(['of none', 'note 100', 'note 101'])
    // Until another is added, it stays beside newer ones, at the longest as long again.
    pass(hour - 1)
    expect((await told()).length).toBe(3)
    pass(1)
    expect(await told()).toEqual([])
  })

  it('a trace is kept longer as long as failures are counted, and no longer once they are cleared (J-04)', async ({ subject, sent, wrong, right, pass }, { trace }, keep) => {
    const count = async () => (await trace(subject)).notes.length
    await wrong((await sent()).id)
    await keep({ notes: texts(1) })
    pass(day - 1)
    expect(await count()).toBe(1)
    await right((await sent()).id)
    await keep({ notes: texts(1, 1) })
    expect(await count()).toBe(2)
    pass(hour)
    expect(await count()).toBe(0)
  })

  it('a trace decides nothing: the subject, its texts and its guesses stand as without it (J-02)', async ({ sent, wrong, right, now }, _, keep) => {
    const { id } = await sent({ maxAttempts: 2 })
    await keep({ notes: texts(3) })
    expect(await wrong(id)).toEqual({ status: 'wrong', attemptsLeft: 1, at: now() })
    await keep({ challenge: challenge('one', now()), notes: texts(3) })
    expect(await right(id)).toEqual({ status: 'ok', at: now() })
  })

  it('note rejects what is no note, and keeps none of it (J-03)', async ({ subject, now }, { trace }, keep) => {
    const wrongs: Partial<NoteRequest>[] = [
      { last: 0 }, { keptFor: Number.NaN }, { keptForFailures: 0.5 }, { notes: [] }, { notes: [{ text: '' }] }, { notes: [{ text: 'x'.repeat(1001) }] },
      { notes: [{ text: 'x', at: Number.NaN }] }, { challenge: challenge('', 1) }, { challenge: challenge('a b', 1) },
      { challenge: challenge('one', Number.POSITIVE_INFINITY) },
    ]
    for (const wrong of wrongs) {
      const outcome = await keep({ notes: texts(1), ...wrong }).then(() => 'kept', () => 'rejected')
      expect(outcome).toBe('rejected')
    }
    expect(await trace(subject)).toEqual({ at: now(), notes: [] })
  })
}

type Keep = (request: Partial<NoteRequest>) => Promise<void>
