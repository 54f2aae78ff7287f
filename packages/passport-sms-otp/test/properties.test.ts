import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { createClient } from 'redis'
import { describeWithRedis, sharedRedisUrl } from '../../../test/support/redis.js'
import {
  MemoryChallengeStore, RedisChallengeStore, SmsOtp, SmsOtpError, type ChallengeStore, type Details, type SmsMessage,
} from '../src/index.js'
import { ADA, BOB, OTHER_SECRET, SECRET, wrong } from './support/kit.js'
import { Model, options, withoutSharedLimits, type Answer, type Fate, type Person } from './support/model.js'

const people: readonly Person[] = [{ to: ADA }, { to: BOB }, { to: ADA, subject: 'user-7' }, { to: ADA, subject: 'user-8' }]
const purposes = ['login', 'transfer']
const details: readonly Details[] = [{}, { payee: 'Bob', amount: '9' }]
const malformed = ['', '12345', '1234567', 'abcdef', ' 12345', '①②③④⑤⑥', 123456, null, ['123456'], { length: 6 }]

type Guess = 'right' | 'wrong' | 'malformed' | 'stale'
type Change = 'nothing' | 'purpose' | 'subject' | 'details' | 'to'

/** `back` counts challenges from the last one. */
type Step =
  | { do: 'issue', person: number, purpose: number, details: number, fate: Fate }
  | { do: 'resend', back: number, same: boolean, handle: number, fate: Fate }
  | { do: 'verify', back: number, guess: Guess, other: number, change: Change, handle: number }
  | { do: 'enable', person: number }
  | { do: 'restart' }

const often = <T>(usual: T, ...rare: T[]) =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(usual) }, ...rare.map((value) => ({ weight: 1, arbitrary: fc.constant(value) })))
const person = fc.constantFrom(0, 0, 0, 1, 2, 2, 3)
const back = fc.constantFrom(0, 0, 0, 0, 1, 1, 2, 5)
const handle = fc.nat(3)
const other = fc.nat(9)
const fate = often<Fate>('taken', 'refused', 'unknown')
const guess = fc.constantFrom<Guess>('right', 'wrong', 'wrong', 'wrong', 'wrong', 'wrong', 'wrong', 'malformed', 'stale')

const issue = fc.record({ do: fc.constant('issue' as const), person, purpose: fc.nat(1), details: fc.nat(1), fate })
const resend = fc.record({ do: fc.constant('resend' as const), back, same: often(true, false), handle, fate })
const change = often<Change>('nothing', 'purpose', 'subject', 'details', 'to')
const verify = fc.record({ do: fc.constant('verify' as const), back, guess, other, change, handle })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: issue }, { weight: 5, arbitrary: resend }, { weight: 14, arbitrary: verify },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('enable' as const), person }) }, { weight: 2, arbitrary: fc.constant({ do: 'restart' as const }) },
)
/** Mostly about a delay, now and then just until something ends, seldom very long. */
const pass = fc.oneof(
  { weight: 20, arbitrary: fc.nat(15_000) },
  { weight: 5, arbitrary: fc.constantFrom(19_999, 20_000, 20_000, 59_999, 60_000, 60_000, 299_999, 300_000) },
  { weight: 1, arbitrary: fc.constantFrom(599_999, 600_000, 3_599_999, 3_600_000, 86_400_000) },
)

interface Issued {
  readonly id: string
  readonly person: Person
  readonly purpose: string
  readonly details: Details
  readonly code: string
  readonly handles: string[]
}

/** Each text of a challenge gives a handle, and all are good. */
const handleOf = ({ handles }: Issued, { handle }: { handle: number }): string => handles[handle % handles.length]!

type MakeStore = () => ChallengeStore | Promise<ChallengeStore>

/**
 * Of each call: what becomes of its texts, and which they were. It is one for all services, because Node asks each
 * storage about each promise.
 */
const calls = new AsyncLocalStorage<{ fate: Fate, texts: SmsMessage[] }>()

/** The service under test: started again as often as told, over one store, on a clock of the test. */
class Real {
  readonly issued: Issued[] = []
  private otps: SmsOtp[]
  private secret: string[] = [SECRET]

  private readonly makeStore: MakeStore
  private readonly settings: object

  private constructor(makeStore: MakeStore, settings: object, stores: readonly ChallengeStore[]) {
    this.makeStore = makeStore
    this.settings = settings
    this.otps = stores.map((store) => this.serve(store))
  }

  static async start(makeStore: MakeStore, settings: object): Promise<Real> {
    return new Real(makeStore, settings, [await makeStore(), await makeStore()])
  }

  private serve(store: ChallengeStore): SmsOtp {
    const send = async (message: SmsMessage) => {
      const { fate, texts } = calls.getStore()!
      texts.push(message)
      if (fate === 'refused') throw new SmsOtpError('undeliverable', 'Not a mobile number.', { providerCode: '21614' })
      if (fate === 'unknown') throw new Error('socket hang up')
      return {}
    }
    return new SmsOtp({ sender: { name: 'gateway', development: true, send }, secret: this.secret, store, ...this.settings })
  }

  /** Another process with another connection. From the first time on it has a new secret in front. */
  async restart(): Promise<void> {
    this.secret = [OTHER_SECRET, SECRET]
    this.otps = [this.serve(await this.makeStore()), this.serve(await this.makeStore())]
  }

  /** By one of two servers. */
  private otp(server: number): SmsOtp {
    return this.otps[server % this.otps.length]!
  }

  async issue(id: string, step: Step & { do: 'issue' }, server = 0): Promise<Answer> {
    const asked = { ...people[step.person]!, purpose: purposes[step.purpose]!, details: details[step.details]! }
    const { result, texts } = await this.texting(step.fate, () => this.otp(server).issue(asked))
    if (result.status !== 'sent') return { ...result }
    const { challenge, ...answer } = result
    const { code } = texts[0]!
    this.issued.push({ id, person: people[step.person]!, purpose: asked.purpose, details: asked.details, code, handles: [challenge] })
    return answer
  }

  async resend(known: Issued, step: Step & { do: 'resend' }, server = 0): Promise<Answer> {
    const asked = { challenge: handleOf(known, step), details: step.same ? known.details : { payee: 'Eve' } }
    const { result, texts } = await this.texting(step.fate, () => this.otp(server).resend(asked))
    if (result.status !== 'sent') return { ...result }
    const { challenge, ...answer } = result
    known.handles.push(challenge)
    expect(texts.map(({ to, code }) => ({ to, code }))).toEqual([{ to: known.person.to, code: known.code }])
    return answer
  }

  /** A text leaves once where one is allowed, and otherwise not at all. */
  private async texting<Result extends { status: string }>(fate: Fate, work: () => Promise<Result>) {
    const texts: SmsMessage[] = []
    const result = await calls.run({ fate, texts }, work)
    expect({ status: result.status, texts: texts.length }).toEqual({ status: result.status, texts: ['sent', 'undeliverable'].includes(result.status) ? 1 : 0 })
    return { result, texts }
  }

  async verify(known: Issued, step: Step & { do: 'verify' }, code: unknown, server = 0): Promise<Answer> {
    const bound = { purpose: known.purpose, details: known.details, ...known.person }
    const changes: Record<Change, object> = {
      nothing: { to: step.other % 2 === 0 ? known.person.to : known.person.to.replace('+447400', '+44 7400 ') },
      purpose: { purpose: 'reset' }, subject: { subject: 'user-9' }, details: { details: { payee: 'Eve' } }, to: { to: '+447400123999' },
    }
    return { ...await this.otp(server).verify({ ...bound, challenge: handleOf(known, step), code: code as string, ...changes[step.change] }) }
  }

  async enable({ to, subject = to }: Person): Promise<void> {
    await this.otps[0]!.enable(subject)
  }

  codeFor(known: Issued, { guess, other }: Step & { do: 'verify' }): unknown {
    if (guess === 'right') return known.code
    if (guess === 'malformed') return malformed[other % malformed.length]
    return guess === 'stale' ? this.issued[other % this.issued.length]!.code : wrong(known.code)
  }
}

const kindOf = (known: Issued, guess: Guess, code: unknown) => {
  if (guess === 'malformed') return 'malformed'
  return code === known.code ? 'right' : 'wrong'
}

const counted: Record<string, number> = {}
const count = (answer: Answer) => { counted[answer.status] = (counted[answer.status] ?? 0) + 1 }

interface Kit {
  readonly makeStore: MakeStore
  readonly close?: () => void
}

type MakeKit = (now: () => number) => Kit

/** One call of each kind after the other: every answer is the model's. */
async function inTurn(makeKit: MakeKit, script: readonly (Step & { pass: number })[]): Promise<void> {
  const model = new Model()
  const kit = makeKit(() => model.now)
  try {
    const real = await Real.start(kit.makeStore, options)
    for (const [index, { pass, ...step }] of script.entries()) {
      model.now += pass
      const answers = await play(real, model, `challenge ${index}`, step)
      if (!answers) continue
      count(answers[0])
      expect({ step, answer: answers[0] }).toEqual({ step, answer: answers[1] })
    }
  } finally {
    kit.close?.()
  }
}

async function play(real: Real, model: Model, id: string, step: Step): Promise<[real: Answer, model: Answer] | undefined> {
  if (step.do === 'issue') return [await real.issue(id, step), model.issue(id, people[step.person]!, purposes[step.purpose]!, step.fate)]
  if (step.do === 'restart') {
    await real.restart()
    return undefined
  }
  if (step.do === 'enable') {
    model.clear(people[step.person]!)
    await real.enable(people[step.person]!)
    return undefined
  }
  const known = real.issued.at(-1 - step.back)
  if (!known) return undefined
  if (step.do === 'resend') return [await real.resend(known, step), model.resend(known.id, step.same, step.fate)]
  const code = real.codeFor(known, step)
  return [await real.verify(known, step, code), model.verify(known.id, kindOf(known, step.guess, code), step.change === 'nothing')]
}

type Call = { readonly real: (server: number) => Promise<Answer>, readonly model: (model: Model) => Answer }

/** Some calls at once, through two servers: there is an order in which the model gives exactly these answers. */
async function atOnce(makeKit: MakeKit, script: readonly { pass: number, steps: readonly Step[] }[]): Promise<void> {
  let models = [new Model({})]
  const kit = makeKit(() => models[0]!.now)
  try {
    const real = await Real.start(kit.makeStore, withoutSharedLimits)
    for (const [index, { pass, steps }] of script.entries()) {
      for (const model of models) model.now += pass
      const made = steps.flatMap((step, place) => callOf(real, `challenge ${index}/${place}`, step))
      const answers = await Promise.all(made.map((call, server) => call.real(server)))
      answers.forEach(count)
      models = explanations(models, made, answers)
      if (models.length === 0) throw new Error(`No order of these calls explains their answers: ${JSON.stringify({ steps, answers })}`)
    }
  } finally {
    kit.close?.()
  }
}

function callOf(real: Real, id: string, step: Step): Call[] {
  if (step.do === 'issue') {
    return [{ real: (server) => real.issue(id, step, server), model: (model) => model.issue(id, people[step.person]!, purposes[step.purpose]!, 'taken') }]
  }
  const known = step.do === 'resend' || step.do === 'verify' ? real.issued.at(-1 - step.back) : undefined
  if (!known) return []
  if (step.do === 'resend') return [{ real: (server) => real.resend(known, step, server), model: (model) => model.resend(known.id, step.same, 'taken') }]
  if (step.do !== 'verify') return []
  const code = real.codeFor(known, step)
  return [{
    real: (server) => real.verify(known, step, code, server),
    model: (model) => model.verify(known.id, kindOf(known, step.guess, code), step.change === 'nothing'),
  }]
}

/** Every state in which a model may be after some order of the calls that gives these answers. */
function explanations(models: readonly Model[], calls: readonly Call[], answers: readonly Answer[]): Model[] {
  const found = new Map<string, Model>()
  const search = (model: Model, left: readonly number[]): void => {
    if (left.length === 0) found.set(JSON.stringify(model), model)
    for (const next of left) {
      const after = model.clone()
      if (isDeepStrictEqual(calls[next]!.model(after), answers[next])) search(after, left.filter((index) => index !== next))
    }
  }
  for (const model of models) search(model, calls.map((_, index) => index))
  return [...found.values()]
}

const script = fc.array(fc.tuple(step, pass).map(([made, passed]) => ({ ...made, pass: passed })), { minLength: 40, maxLength: 100, size: 'max' })
const strangers = fc.constantFrom(0, 0, 0, 1)
const together = fc.oneof(
  { weight: 3, arbitrary: issue.map((made) => ({ ...made, fate: 'taken' as const })) },
  { weight: 3, arbitrary: resend.map((made) => ({ ...made, fate: 'taken' as const })) },
  { weight: 6, arbitrary: verify },
)
const batches = fc.array(fc.record({
  pass,
  steps: fc.array(fc.tuple(together, strangers).map(([made, who]) => (made.do === 'issue' ? { ...made, person: who } : made)), { minLength: 1, maxLength: 5 }),
}), { minLength: 8, maxLength: 20, size: 'max' }) as fc.Arbitrary<{ pass: number, steps: Step[] }[]>

/** What scripts cannot do without, or the property shows little. */
const everyAnswer = ['exhausted', 'expired', 'locked', 'malformed', 'ok', 'sent', 'throttled', 'undeliverable', 'unknown', 'used', 'wrong']

/**
 * The scripts of one seed, which reach all of it however slow the machine is; then others, as many as the time allows.
 */
async function holdsFor<Script>(scripts: fc.Arbitrary<Script>, runs: number, holds: (script: Script) => Promise<void>, reached: readonly string[]) {
  for (const script of fc.sample(scripts, { seed: 6, numRuns: 4 })) await holds(script)
  expect(Object.keys(counted)).toEqual(expect.arrayContaining([...reached]))
  // A build repeats; a programmer explores.
  const seed = process.env.CI === 'true' ? { seed: 20 } : {}
  await fc.assert(fc.asyncProperty(scripts, holds), { numRuns: runs, interruptAfterTimeLimit: 30_000, ...seed })
}

function properties(makeKit: MakeKit, runs: number): void {
  beforeEach(() => { for (const name of Object.keys(counted)) Reflect.deleteProperty(counted, name) })

  it('the service answers any calls, over any time and any restarts, as the model does (R-02 to R-08)', async () => {
    await holdsFor(script, runs, (steps) => inTurn(makeKit, steps), everyAnswer)
    expect(everyAnswer).toEqual(expect.arrayContaining(Object.keys(counted)))
  }, 180_000)

  it('the service answers calls that come at once as the model does in some order of them (R-03, R-04, R-12)', async () => {
    await holdsFor(batches, runs, (steps) => atOnce(makeKit, steps), ['ok', 'wrong', 'throttled', 'used'])
  }, 180_000)
}

describe('The service over the memory store', () => {
  properties((now) => {
    const store = new MemoryChallengeStore({ now })
    return { makeStore: () => store }
  }, 60)
})

describeWithRedis('The service over Redis', () => {
  properties((now) => {
    const prefix = `${randomUUID()}:`
    const clients: { destroy(): void }[] = []
    return {
      makeStore: async () => {
        const client = createClient({ url: sharedRedisUrl()! })
        clients.push(client)
        await client.connect()
        return new RedisChallengeStore({ client, prefix, now })
      },
      close: () => { for (const client of clients) client.destroy() },
    }
  }, 25)
})
