import fc from 'fast-check'
import type {
  Budget, ChallengeKey, ChallengeStore, ConcludeRequest, CountAnswer, NoteRequest, ReportRequest, SendAnswer,
  SendRequest, VerifyRequest,
} from '../../src/stores/challenge-store.js'
import type { SmsChannel } from '../../src/lib/channels.js'
import { MemoryChallengeStore } from '../../src/stores/memory/memory-challenge-store.js'

const minute = 60_000

/** A guess at one of the last challenges, counted back, or at one that was never sent. */
interface Guess extends Pick<VerifyRequest, 'matched' | 'lockout'> { readonly back: number | undefined }

type Sent = { readonly subject: string, readonly channel: SmsChannel | undefined } & Extract<SendAnswer, { status: 'sent' }>

type Call =
  | { readonly call: 'send', readonly with: SendRequest }
  | { readonly call: 'verify', readonly with: Guess }
  | { readonly call: 'assign', readonly with: { readonly back: number, readonly verification: string } }
  | { readonly call: 'count', readonly with: Omit<Guess, 'matched'> }
  | { readonly call: 'conclude', readonly with: { readonly back: number, readonly outcome: ConcludeRequest['outcome'] } }
  | { readonly call: 'undoLast', readonly with: { readonly unsent: boolean, readonly keepChallenge: boolean, readonly failed: boolean } }
  | { readonly call: 'reserve', readonly with: Budget[] }
  | { readonly call: 'release', readonly with: { readonly budgets: Budget[], readonly charge: Budget[], readonly ago: number } }
  | { readonly call: 'settle', readonly with: { readonly keys: string[], readonly outcome: 'verified' | 'lost' } }
  | { readonly call: 'report', readonly with: { readonly back: number, readonly news: ReportRequest['news'], readonly delays: number[] } }
  | { readonly call: 'instead', readonly with: { readonly inPlaceOf: number, readonly channel: SmsChannel, readonly expect: number } }
  | { readonly call: 'note', readonly with: Omit<NoteRequest, 'notes' | 'challenge'> & { readonly of: number | undefined, readonly notes: readonly { readonly text: string, readonly ago: number | undefined }[] } }
  | { readonly call: 'trace', readonly with: string }
  | { readonly call: 'enable', readonly with: string }
  | { readonly call: 'retire', readonly with: ChallengeKey }

const rarelyNone = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 9, nil: undefined })

const between = (min: number, max: number) => fc.integer({ min, max })

const subject = fc.constantFrom('ada', 'ada', 'ada', 'alan')
const id = fc.constantFrom('one', 'two', 'three', 'four')
const window = fc.constantFrom(minute, 5 * minute, 60 * minute)
const limit = fc.record({ limit: between(0, 6), window })
const limits = fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(limit, { maxLength: 3 }) })
const delays = fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(between(0, 3 * minute), { maxLength: 3 }) })

const channel = fc.constantFrom<(SmsChannel | undefined)[]>(undefined, undefined, 'sms', 'whatsapp', 'voice', 'rcs')
const news = fc.option(fc.record({ text: fc.nat(2), delivery: fc.constantFrom('delivered', 'failed', 'failed') }), { nil: undefined })

const send = fc.record({
  subject,
  begin: rarelyNone(fc.record({ id, ttl: fc.constantFrom(minute, 5 * minute), maxAttempts: between(1, 4), maxResends: between(0, 3) })),
  repeat: fc.option(id, { nil: undefined }),
  retire: fc.option(id, { nil: undefined }),
  delays,
  limits,
  unsentLimits: limits,
  channel,
  expect: fc.constantFrom(0, minute),
}) as fc.Arbitrary<SendRequest>

const guess: fc.Arbitrary<Guess> = fc.record({
  back: rarelyNone(fc.nat(2)),
  matched: fc.nat(5).map((chance) => chance === 0),
  lockout: fc.record({
    after: between(2, 4), for: between(0, minute), max: fc.constant(3 * minute), disableAfter: between(2, 5),
    disableFor: fc.constantFrom(undefined, undefined, undefined, undefined, minute),
  }),
})

const counted = guess.map(({ back, lockout }) => ({ back, lockout }))
const assigned = fc.record({ back: fc.nat(1), verification: fc.constantFrom('VE1', 'VE1', 'VE2') })
const concluded = fc.record({ back: fc.nat(1), outcome: fc.constantFrom('right', 'unchecked', 'expired', 'exhausted') })

const conversion = fc.record({ below: fc.constantFrom(0.2, 0.5, 1), over: between(1, 3), pauseFor: fc.constant(minute), patience: fc.constantFrom(0, minute) })
const key = fc.constantFrom('ip', 'country', 'total')
const budget: fc.Arbitrary<Budget> = fc.record({
  key, limits: fc.array(limit, { maxLength: 2 }), conversion: fc.option(conversion, { nil: undefined }), peek: fc.boolean(),
})
const budgets = fc.array(budget, { maxLength: 3 })

const note = fc.record({
  subject,
  of: fc.option(fc.nat(5), { nil: undefined }),
  notes: fc.array(fc.record({ text: fc.constantFrom('one', 'two', 'drei – „3“', '{"type":"sent"}'), ago: fc.option(fc.nat(150 * minute), { nil: undefined }) }), { minLength: 1, maxLength: 3 }),
  last: between(1, 3),
  keptFor: fc.constantFrom(5 * minute, 60 * minute),
  keptForFailures: fc.constant(120 * minute),
})

/** Mostly a little time passes, now and then just until the end of something, seldom very long. */
const pass = fc.oneof(
  { weight: 12, arbitrary: fc.nat(10_000) },
  { weight: 3, arbitrary: fc.constantFrom(minute - 1, minute, 5 * minute - 1, 5 * minute, 10 * minute) },
  { weight: 1, arbitrary: between(60 * minute, 180 * minute) },
)

const call = <Name extends Call['call']>(weight: number, name: Name, argument: fc.Arbitrary<unknown>) =>
  ({ weight, arbitrary: fc.record({ pass, call: fc.constant(name), with: argument }) })

const calls = fc.array(fc.oneof(
  call(6, 'send', send),
  call(8, 'verify', guess),
  call(3, 'assign', assigned),
  call(4, 'count', counted),
  call(3, 'conclude', concluded),
  call(1, 'undoLast', fc.record({ unsent: fc.boolean(), keepChallenge: fc.boolean(), failed: fc.boolean() })),
  call(4, 'reserve', budgets),
  call(1, 'release', fc.record({ budgets, charge: budgets, ago: fc.constantFrom(0, minute) })),
  call(2, 'settle', fc.record({ keys: fc.uniqueArray(key), outcome: fc.constantFrom('verified', 'lost') })),
  call(4, 'report', fc.record({ back: fc.nat(1), news, delays })),
  call(2, 'instead', fc.record({ inPlaceOf: fc.nat(2), channel: fc.constantFrom('whatsapp', 'voice', 'rcs'), expect: fc.constantFrom(0, minute) })),
  call(3, 'note', note),
  call(3, 'trace', subject),
  call(1, 'enable', subject),
  call(1, 'retire', fc.record({ subject, id })),
), { minLength: 20, maxLength: 60, size: 'max' }) as fc.Arbitrary<(Call & { pass: number })[]>

/** All answers of a store to the same calls. */
async function play(store: ChallengeStore, clock: { at: number }, script: readonly (Call & { pass: number })[]): Promise<unknown[]> {
  const seen: Seen = { texts: [], counts: [] }
  const answers: unknown[] = []
  for (const step of script) {
    clock.at += step.pass
    answers.push(await perform(store, { step, seen, now: clock.at }))
  }
  return answers
}

/** What later calls are about. */
interface Seen {
  readonly texts: Sent[]
  readonly counts: (ChallengeKey & Extract<CountAnswer, { status: 'counted' }>)[]
}

const never = { subject: 'ada', id: 'never', verification: 'VE1' }

async function perform(
  store: ChallengeStore,
  { step, seen: { texts, counts }, now }: { step: Call, seen: Seen, now: number },
): Promise<unknown> {
  switch (step.call) {
    case 'send': {
      const answer = await store.send(step.with)
      if (answer.status === 'sent') texts.push({ subject: step.with.subject, channel: step.with.channel, ...answer })
      return answer
    }
    case 'verify': {
      const { back, ...guess } = step.with
      const { subject, id } = texts.at(-1 - (back ?? texts.length)) ?? never
      return store.verify({ subject, id, ...guess })
    }
    case 'assign': {
      const { subject, id } = texts.at(-1 - step.with.back) ?? never
      return store.assign({ subject, id, verification: step.with.verification })
    }
    case 'count': {
      const { back, lockout } = step.with
      const { subject, id } = texts.at(-1 - (back ?? texts.length)) ?? never
      const answer = await store.count({ subject, id, lockout })
      if (answer.status === 'counted') counts.push({ subject, id, ...answer })
      return answer
    }
    case 'conclude': {
      const { subject, id, verification, lockedUntil, disabled } = counts.at(-1 - step.with.back) ?? { ...never, lockedUntil: undefined, disabled: undefined }
      return store.conclude({ subject, id, verification, lockedUntil, disabled, outcome: step.with.outcome })
    }
    case 'undoLast': {
      const text = texts.at(-1)
      return text && store.undo({ ...text, ...step.with })
    }
    case 'reserve': return store.reserve(step.with)
    case 'release': return store.release({ ...step.with, at: now - step.with.ago })
    case 'settle': return store.settle(step.with.keys, step.with.outcome)
    case 'report': {
      const { back, ...told } = step.with
      const { subject, id } = texts.at(-1 - back) ?? { subject: 'ada', id: 'never' }
      return store.report({ subject, id, ...told })
    }
    case 'instead': {
      const { subject, id } = texts.at(-1) ?? { subject: 'ada', id: 'never' }
      const answer = await store.send({ subject, repeat: id, delays: [minute], limits: [], ...step.with })
      if (answer.status === 'sent') texts.push({ subject, channel: step.with.channel, ...answer })
      return answer
    }
    case 'note': {
      const { of, notes, ...request } = step.with
      const challenge = of === undefined ? undefined : { name: `of-${of}`, expiresAt: 1_000 + of % 3 }
      const told = notes.map(({ text, ago }) => ({ text, at: ago === undefined ? undefined : now - ago }))
      return store.note!({ ...request, challenge, notes: told })
    }
    case 'trace': return store.trace!(step.with)
    case 'enable': return store.enable(step.with)
    case 'retire': return store.retire(step.with)
  }
}

type MakeStore = (now: () => number) => ChallengeStore | Promise<ChallengeStore>

const inMemory: MakeStore = (now) => new MemoryChallengeStore({ now })

/** All answers to the same calls, each at the same instant. */
async function answers(make: MakeStore, script: readonly (Call & { pass: number })[]): Promise<unknown[]> {
  const clock = { at: 1_700_000_000_000 }
  return play(await make(() => clock.at), clock, script)
}

/** Every status that an operation can answer. */
export const challengeStatuses = [
  'concluded', 'counted', 'disabled', 'exhausted', 'expired', 'locked', 'ok', 'paused', 'reserved', 'sent', 'spent', 'standing', 'throttled', 'traced', 'unassigned', 'unknown', 'unneeded', 'used', 'wrong',
]

/**
 * Plays random sequences on a store and in memory, and holds every answer of one against the other's.
 * @returns the statuses that were seen, in the order of the alphabet.
 */
export async function agreesWithMemory(make: MakeStore, numRuns: number): Promise<readonly string[]> {
  const seen = new Set<string>()
  await fc.assert(fc.asyncProperty(calls, async (script) => {
    const expected = await answers(inMemory, script)
    expect(await answers(make, script)).toEqual(expected)
    for (const answer of expected) if (answer) seen.add((answer as { status?: string }).status ?? 'traced')
  }), { numRuns })
  return [...seen].sort()
}
