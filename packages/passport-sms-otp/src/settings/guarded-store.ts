import type { ChallengeStore } from '../stores/challenge-store.js'
import { within } from '#internal/deadline'
import { SmsOtpError } from '../lib/errors.js'

/** The statuses that an operation may answer, each with the numbers that belong to it. */
type Shapes = ReadonlyMap<string, readonly string[]>

const shapes = (statuses: readonly string[]): Shapes =>
  new Map(statuses.map((status) => [status, ['at', ...required[status] ?? []]]))

const required: Readonly<Record<string, readonly string[]>> = {
  sent: ['expiresAt', 'attemptsLeft'],
  throttled: ['retryAt'],
  locked: ['retryAt'],
  spent: ['retryAt'],
  paused: ['retryAt'],
  wrong: ['attemptsLeft'],
}

const sends = shapes(['sent', 'throttled', 'exhausted', 'locked', 'disabled', 'expired', 'used', 'unknown'])
const verifies = shapes(['ok', 'wrong', 'expired', 'used', 'exhausted', 'unknown', 'disabled', 'locked'])
const reserves = shapes(['reserved', 'spent', 'paused'])

/**
 * A store whose every call ends within `limit` milliseconds, and whose answers are well-formed. Everything else rejects
 * with `store_unavailable` and is not tried again: a call that came too late may still have had its effect.
 */
export function guardStore(store: ChallengeStore, limit: number): ChallengeStore {
  const ask = async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      return await within(limit, call())
    } catch (cause) {
      throw noAnswer(cause)
    }
  }
  return {
    send: async (request) => checked(await ask(() => store.send(request)), sends),
    verify: async (request) => checked(await ask(() => store.verify(request)), verifies),
    reserve: async (budgets) => checked(await ask(() => store.reserve(budgets)), reserves),
    undo: (request) => ask(() => store.undo(request)),
    release: (request) => ask(() => store.release(request)),
    settle: (keys, outcome) => ask(() => store.settle(keys, outcome)),
    enable: (subject) => ask(() => store.enable(subject)),
    remember: async (values) => checkedTexts(await ask(() => store.remember(values))),
    retire: (challenge) => ask(() => store.retire(challenge)),
  }
}

function checkedTexts<T>(answer: T): T {
  const isTable = typeof answer === 'object' && answer !== null
  if (isTable && Object.values(answer).every((value) => typeof value === 'string')) return answer
  throw noAnswer(new TypeError('The store gave an answer that is not of the ChallengeStore contract: it remembers texts.'))
}

const noAnswer = (cause: unknown): SmsOtpError =>
  new SmsOtpError('store_unavailable', 'The store of the codes does not answer. Try again in a moment.', { cause })

// A counter that arrives as a string or not at all would be compared as something else: no answer is better than a
// guess.
function checked<T>(answer: T, known: Shapes): T {
  const fields = answer as Readonly<Record<string, unknown>> | null | undefined
  const status = typeof fields?.status === 'string' ? fields.status : ''
  if (known.get(status)?.every((name) => Number.isFinite(fields?.[name])) === true) return answer
  throw noAnswer(new TypeError(`The store gave an answer that is not of the ChallengeStore contract, with the status ${JSON.stringify(status)}.`))
}
