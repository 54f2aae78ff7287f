import type { ChallengeStore, KeptNote, NoteRequest, TraceAnswer } from '../stores/challenge-store.js'
import { within } from '#internal/deadline'
import { hasMethods } from '#internal/option-checks'
import { SmsOtpError } from '../lib/errors.js'

/** The numbers that belong to a status, beside `at`. */
const required: Readonly<Record<string, readonly string[]>> = {
  sent: ['expiresAt', 'attemptsLeft'],
  throttled: ['retryAt'],
  locked: ['retryAt'],
  spent: ['retryAt'],
  paused: ['retryAt'],
  wrong: ['attemptsLeft'],
  counted: ['attemptsLeft'],
  standing: ['text', 'attemptsLeft'],
}

const checkSent = checkStatus(['sent', 'throttled', 'exhausted', 'locked', 'disabled', 'expired', 'used', 'unknown', 'unneeded'])
const checkVerified = checkStatus(['ok', 'wrong', 'expired', 'used', 'exhausted', 'unknown', 'disabled', 'locked'])
const checkCounted = checkStatus(['counted', 'unassigned', 'expired', 'used', 'exhausted', 'unknown', 'disabled', 'locked'])
const checkConcluded = checkStatus(['ok', 'used', 'unknown', 'concluded'])
const checkReported = checkStatus(['standing', 'exhausted', 'expired', 'used', 'unknown'])
const checkReserved = checkStatus(['reserved', 'spent', 'paused'])

/**
 * A store whose every call ends within `limit` milliseconds, and whose answers are well-formed. Everything else rejects
 * with `store_unavailable` and is not tried again: a call that came too late may still have had its effect.
 */
export function guardStore(store: ChallengeStore, limit: number): ChallengeStore {
  const ask = async <T>(call: () => Promise<T>, check: (answer: T) => T): Promise<T> => {
    try {
      return check(await within(limit, call()))
    } catch (cause) {
      throw noAnswer(cause)
    }
  }
  return {
    send: (request) => ask(() => store.send(request), checkSent),
    verify: (request) => ask(() => store.verify(request), checkVerified),
    assign: (request) => ask(() => store.assign(request), asItIs),
    count: (request) => ask(() => store.count(request), checkCounted),
    conclude: (request) => ask(() => store.conclude(request), checkConcluded),
    reserve: (budgets) => ask(() => store.reserve(budgets), checkReserved),
    report: (request) => ask(() => store.report(request), checkReported),
    undo: (request) => ask(() => store.undo(request), asItIs),
    release: (request) => ask(() => store.release(request), asItIs),
    settle: (keys, outcome) => ask(() => store.settle(keys, outcome), asItIs),
    enable: (subject) => ask(() => store.enable(subject), asItIs),
    remember: (values) => ask(() => store.remember(values), checkTexts),
    retire: (challenge) => ask(() => store.retire(challenge), asItIs),
    ...hasTrace(store) && {
      note: (request: NoteRequest) => ask(() => store.note(request), asItIs),
      trace: (subject: string) => ask(() => store.trace(subject), checkTrace),
    },
  }
}

/** Whether a store keeps traces. */
export const hasTrace = (store: ChallengeStore): store is Required<ChallengeStore> => hasMethods(store, ['note', 'trace'])

function checkTrace(answer: TraceAnswer): TraceAnswer {
  const isNote = ({ text, at, lastAt, times, challenge }: KeptNote) =>
    typeof text === 'string' && [at, lastAt, times, challenge?.expiresAt ?? 0].every(Number.isFinite)
  if (Number.isFinite(answer.at) && answer.notes.every(isNote)) return answer
  throw new TypeError('The store gave an answer that is not of the ChallengeStore contract: a trace is { at, notes }.')
}

const asItIs = (): void => undefined

function checkTexts<T>(answer: T): T {
  const isTable = typeof answer === 'object' && answer !== null
  if (isTable && Object.values(answer).every((value) => typeof value === 'string')) return answer
  throw new TypeError('The store gave an answer that is not of the ChallengeStore contract: it remembers texts.')
}

const noAnswer = (cause: unknown): SmsOtpError =>
  new SmsOtpError('store_unavailable', 'The store of the codes does not answer. Try again in a moment.', { cause })

/**
 * Checks that an answer has one of these statuses, with the numbers that belong to it. A counter that arrives as a
 * string or not at all would be compared as something else: no answer is better than a guess.
 */
function checkStatus(statuses: readonly string[]) {
  const numbers = new Map(statuses.map((status) => [status, ['at', ...required[status] ?? []]]))
  return <T>(answer: T): T => {
    const fields = answer as Readonly<Record<string, unknown>> | null | undefined
    const status = typeof fields?.status === 'string' ? fields.status : ''
    if (numbers.get(status)?.every((name) => Number.isFinite(fields?.[name])) === true) return answer
    throw new TypeError(`The store gave an answer that is not of the ChallengeStore contract, with the status ${JSON.stringify(status)}.`)
  }
}
