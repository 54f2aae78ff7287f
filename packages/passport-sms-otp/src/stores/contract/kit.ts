import { randomBytes } from 'node:crypto'
import type { ChallengeStore, LockoutPolicy, SendAnswer, SendRequest, VerifyAnswer } from '../challenge-store.js'

interface Closable {
  readonly store: ChallengeStore
  readonly close?: () => unknown
}

/** What the contract needs of a test runner (Jest, Vitest or their like), and of the store under test. */
export interface ContractKit {
  readonly describe: (title: string, body: () => void) => unknown
  readonly it: (title: string, body: () => Promise<void>) => unknown
  readonly expect: (actual: unknown) => { toBe(expected: unknown): unknown, toEqual(expected: unknown): unknown }
  /** A store that reads this clock, empty or with keys of its own. `close` is called when its test has ended. */
  readonly createStore: (
    options: { readonly now: () => number },
  ) => ChallengeStore | Closable | Promise<ChallengeStore | Closable>
}

type SentText = Extract<SendAnswer, { status: 'sent' }>
type Options = Partial<Omit<SendRequest, 'begin' | 'subject'>> & { readonly ttl?: number, readonly maxAttempts?: number, readonly maxResends?: number }

/** A store, its clock, and one subject nobody else uses. */
export interface Bench {
  readonly store: ChallengeStore
  readonly subject: string
  readonly now: () => number
  /** Sets the clock ahead. */
  readonly pass: (milliseconds: number) => void
  /** Asks for a text that begins a challenge, unless `repeat` names a live one. */
  readonly send: (options?: Options) => Promise<SendAnswer>
  /** The same, where anything but `sent` ends the test. */
  readonly sent: (options?: Options) => Promise<SentText>
  /** Asks for a text that only repeats. */
  readonly repeat: (id: string, options?: Options) => Promise<SendAnswer>
  readonly right: (id: string, lockout?: LockoutPolicy) => Promise<VerifyAnswer>
  readonly wrong: (id: string, lockout?: LockoutPolicy) => Promise<VerifyAnswer>
}

export const second = 1000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour
export const ttl = 5 * minute

export const tag = (): string => randomBytes(16).toString('base64url')

export const lenient: LockoutPolicy = { after: 10_000, for: minute, max: hour, disableAfter: 100_000 }

/** `it`, with a bench that is closed afterwards. */
export const onBench = (kit: ContractKit) => (title: string, body: (bench: Bench) => Promise<void>): void => {
  kit.it(title, async () => {
    const clock = { at: 1_700_000_000_000 }
    const made = await kit.createStore({ now: () => clock.at })
    const { store, close } = 'store' in made ? made : { store: made }
    try {
      await body(bench(store, clock))
    } finally {
      await close?.()
    }
  })
}

function bench(store: ChallengeStore, clock: { at: number }): Bench {
  const subject = tag()
  const send = ({ ttl: life = ttl, maxAttempts = 5, maxResends = 3, ...options }: Options = {}) =>
    store.send(
      { subject, begin: { id: tag(), ttl: life, maxAttempts, maxResends }, delays: [], limits: [], ...options },
    )
  return {
    store,
    subject,
    now: () => clock.at,
    pass: (milliseconds) => { clock.at += milliseconds },
    send,
    sent: async (options) => {
      const answer = await send(options)
      if (answer.status !== 'sent') throw new Error(`A text was refused: ${JSON.stringify(answer)}`)
      return answer
    },
    repeat: (id, { delays = [], limits = [] } = {}) => store.send({ subject, repeat: id, delays, limits }),
    right: (id, lockout = lenient) => store.verify({ subject, id, matched: true, lockout }),
    wrong: (id, lockout = lenient) => store.verify({ subject, id, matched: false, lockout }),
  }
}

export const parallel = <T>(times: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: times }, (_, index) => work(index)))

/** How often each status was answered. */
export function tally(answers: readonly { readonly status: string }[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

export const rejects = (work: Promise<unknown>): Promise<boolean> => work.then(() => false, () => true)
