import { smsChannels, type SmsChannel } from '../../lib/channels.js'
import type {
  ConcludeAnswer, CountAnswer, ReportAnswer, ReserveAnswer, SendAnswer, SendRequest, TraceAnswer, VerifyAnswer,
} from '../challenge-store.js'
import type { Counter, Judged } from '../store-request.js'
import { readReply, splitNamed, type Answers } from './redis-reply.js'

// What the replies of the scripts mean.

export const done: Answers<void> = { done: () => undefined }

type SentAnswer = Extract<SendAnswer, { status: 'sent' }>

/** `-1` stands for none. */
const instantOf = (told: number): number | undefined => (told === -1 ? undefined : told)

export const sendAnswers = ({ begin, repeat }: SendRequest): Answers<SendAnswer> => {
  const sent = (
    id: string,
    repeated: boolean,
  ) => (at: number, expiresAt: number, resendAt: number, attemptsLeft: number): SentAnswer =>
    ({ status: 'sent', id, repeated, at, expiresAt, resendAt: instantOf(resendAt), attemptsLeft })
  const sentAgain = (id: string) =>
    (at: number, expiresAt: number, resendAt: number, attemptsLeft: number, text: number, isNew: number): SendAnswer =>
      ({ ...sent(id, true)(at, expiresAt, resendAt, attemptsLeft), text, ...isNew === 1 && { isNewChannel: true } })
  const throttled = (scope: 'delay' | 'subject' | 'resends') => (at: number, retryAt: number): SendAnswer =>
    ({ status: 'throttled', scope, retryAt, at })
  const nothingToRepeat = (status: 'expired' | 'used' | 'unknown') => (at: number): SendAnswer => ({ status, at })
  return {
    ...begin !== undefined && { begun: sent(begin.id, false) },
    ...repeat !== undefined && { repeated: sentAgain(repeat) },
    delay: throttled('delay'),
    subject: throttled('subject'),
    resends: throttled('resends'),
    exhausted: (at, retryAt) => ({ status: 'exhausted', retryAt, at }),
    locked: (at, retryAt) => ({ status: 'locked', retryAt, at }),
    disabled: (at) => ({ status: 'disabled', at }),
    expired: nothingToRepeat('expired'),
    used: nothingToRepeat('used'),
    unknown: nothingToRepeat('unknown'),
    unneeded: (at) => ({ status: 'unneeded', at }),
  }
}

const refusal = <Status extends string>(status: Status) => (at: number) => ({ status, at })

const refusals: Answers<Exclude<VerifyAnswer, { status: 'ok' | 'wrong' }>> = {
  locked: (at, retryAt) => ({ status: 'locked', retryAt, at }),
  expired: refusal('expired'),
  used: refusal('used'),
  exhausted: refusal('exhausted'),
  unknown: refusal('unknown'),
  disabled: refusal('disabled'),
}

const channelsIn = (wentBy: number): readonly SmsChannel[] =>
  smsChannels.filter((_, place) => Math.floor(wentBy / 2 ** place) % 2 === 1)

const proven: Answers<Extract<VerifyAnswer, { status: 'ok' }>> = {
  ok: (at) => ({ status: 'ok', at }),
  'ok-by': (at, wentBy) => ({ status: 'ok', at, channels: channelsIn(wentBy) }),
}

export const verifyAnswers: Answers<VerifyAnswer> = {
  ...proven,
  wrong: (at, attemptsLeft) => ({ status: 'wrong', attemptsLeft, at }),
  'wrong-and-locked': (at, attemptsLeft, lockedUntil) => ({ status: 'wrong', attemptsLeft, lockedUntil, at }),
  'wrong-and-disabled': (at, attemptsLeft) => ({ status: 'wrong', attemptsLeft, disabled: true, at }),
  ...refusals,
}

type Counted = Omit<Extract<CountAnswer, { status: 'counted' }>, 'verification'>

const countAnswers: Answers<Counted | Exclude<CountAnswer, { status: 'counted' }>> = {
  wrong: (at, attemptsLeft) => ({ status: 'counted', attemptsLeft, at }),
  'wrong-and-locked': (at, attemptsLeft, lockedUntil) => ({ status: 'counted', attemptsLeft, lockedUntil, at }),
  'wrong-and-disabled': (at, attemptsLeft) => ({ status: 'counted', attemptsLeft, disabled: true, at }),
  unassigned: refusal('unassigned'),
  ...refusals,
}

/** The name follows the numbers. */
export function readCounted(reply: unknown): CountAnswer {
  const { numbers, name } = splitNamed(reply)
  const answer = readReply(numbers, countAnswers)
  if (answer.status !== 'counted') return answer
  if (name === undefined) throw new RangeError('Redis names no code.')
  return { ...answer, verification: name }
}

export const concludeAnswers: Answers<ConcludeAnswer> = {
  ...proven,
  used: refusal('used'),
  unknown: refusal('unknown'),
  concluded: refusal('concluded'),
}

export const reportAnswers: Answers<ReportAnswer> = {
  standing: (at, text, delivery, changed, attemptsLeft, last, wentBy, textedAt, resendAt) => ({
    status: 'standing', at, text, changed: changed === 1, attemptsLeft,
    ...delivery > 0 && { delivery: delivery === 1 ? 'delivered' : 'failed' },
    channel: smsChannels[last] ?? 'sms',
    channels: channelsIn(wentBy),
    textedAt: instantOf(textedAt),
    resendAt: instantOf(resendAt),
  }),
  exhausted: refusal('exhausted'),
  expired: refusal('expired'),
  used: refusal('used'),
  unknown: refusal('unknown'),
}

export const reserveAnswers = (counters: readonly Counter[], judged: readonly Judged[]): Answers<ReserveAnswer> => ({
  reserved: (at) => ({ status: 'reserved', at }),
  spent: (at, retryAt, index) => ({ status: 'spent', key: budgetAt(counters, index), retryAt, at }),
  paused: (at, retryAt, index) => ({ status: 'paused', key: budgetAt(judged, index), retryAt, at }),
  'paused-now': (at, retryAt, index, sent, verified) => ({ status: 'paused', key: budgetAt(judged, index), retryAt, at, began: { sent, verified } }),
})

function budgetAt(asked: readonly { readonly budget: string }[], index: number): string {
  const found = asked[index - 1]
  if (!found) throw new RangeError('Redis names a budget that was not asked for.')
  return found.budget
}

type HeldNote = readonly [text: string, at: number, lastAt: number, times: number]

type HeldTrace = readonly [
  expiresAt: number, chapters: readonly (readonly [name: string, expiresAt: number, notes: readonly HeldNote[]])[],
]

/** Redis drops a trace by its own clock, and a store may have another. */
export function readTrace(reply: unknown): TraceAnswer {
  const [time, json] = reply as [string, string]
  const at = Number(time)
  const [expiresAt, chapters] = (json === '' ? [0, []] : JSON.parse(json)) as HeldTrace
  if (at >= expiresAt) return { at, notes: [] }
  const notes = chapters.flatMap(([name, ends, held]) => held.map(([text, first, lastAt, times]) => (
    { ...name === '' ? {} : { challenge: { name, expiresAt: ends } }, text, at: first, lastAt, times }
  )))
  return { at, notes }
}
