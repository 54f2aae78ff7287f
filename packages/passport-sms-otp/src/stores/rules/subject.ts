import type { Expiring } from '#internal/documents/documents'
import type { VerifyAnswer } from '../challenge-store.js'
import type { SmsChannel } from '../../lib/channels.js'
import { GRACE, MOST_CHALLENGES } from '../store-request.js'

/** All that is kept of one subject. Instants are milliseconds since 1970. */
export interface SubjectRecord extends Expiring {
  /** In a row, over all challenges. */
  readonly failures: number
  readonly lockedUntil: number
  readonly disabled: boolean
  readonly textsSinceSuccess: number
  /** Instants of the texts that may still decide something, oldest first. */
  readonly texts: readonly number[]
  /** The same of those that were tried in vain. */
  readonly unsent: readonly number[]
  /** Milliseconds for which both are remembered. */
  readonly keptFor: number
  readonly challenges: readonly HeldChallenge[]
}

export interface HeldChallenge {
  readonly id: string
  readonly expiresAt: number
  readonly attemptsLeft: number
  readonly resends: number
  readonly maxResends: number
  readonly used: boolean
  /** How a provider names the code that it made. Absent: the code is ours. */
  readonly verification?: string
  /** That the code went by, the last one last. Absent: `'sms'` alone. */
  readonly channels?: readonly SmsChannel[] | undefined
  /** That did not take the code as it went on by itself. Absent: none. */
  readonly passedOver?: readonly SmsChannel[] | undefined
  /** What is known of its last text; that one has arrived, of all. */
  readonly delivery?: 'delivered' | 'failed' | undefined
}

/**
 * What an operation leaves of a subject's record, and what it answers. The very record that was given costs no writing.
 */
export interface SubjectChange<Answer> {
  readonly record: SubjectRecord | undefined
  readonly answer: Answer
}

const none: readonly never[] = []

const nobody: SubjectRecord = {
  expiresAt: 0, failures: 0, lockedUntil: 0, disabled: false, textsSinceSuccess: 0, texts: none, unsent: none,
  keptFor: 0,
  challenges: none,
}

/** The record as it counts now. Failures never age out (NIST SP 800-63B-4, section 3.2.2). Texts do. */
export function currentOf(record: SubjectRecord | undefined, now: number): SubjectRecord {
  if (!record) return nobody
  if (record.failures > 0 || now < textsEnd(record)) return record
  return { ...record, textsSinceSuccess: 0, texts: none, unsent: none, keptFor: 0 }
}

const textsEnd = ({ texts, unsent, keptFor }: SubjectRecord): number =>
  Math.max(texts.at(-1) ?? 0, unsent.at(-1) ?? 0) + keptFor

/** The record as it is kept: with its end, and not at all once it says nothing any more. */
export function keptRecord(record: SubjectRecord, now: number): SubjectRecord | undefined {
  const { failures, lockedUntil, disabled, textsSinceSuccess, texts, unsent, keptFor, challenges } = record
  const expiresAt = endOf(record)
  if (now >= expiresAt) return undefined
  // All fields by their names: in memory such an object takes a third less than a copy by spreading.
  return { expiresAt, failures, lockedUntil, disabled, textsSinceSuccess, texts, unsent, keptFor, challenges }
}

function endOf(record: SubjectRecord): number {
  if (record.failures > 0) return Number.MAX_SAFE_INTEGER
  let end = textsEnd(record)
  for (const challenge of record.challenges) end = Math.max(end, challenge.expiresAt + GRACE)
  return end
}

/** Refuses a person before anything else is looked at. */
export function refusedToPerson({ disabled, lockedUntil }: SubjectRecord, now: number) {
  if (disabled) return { status: 'disabled', at: now } as const
  if (now < lockedUntil) return { status: 'locked', retryAt: lockedUntil, at: now } as const
  return undefined
}

/** A challenge of a subject, and how it stands. */
export type FoundChallenge =
  | { readonly state: 'live' | 'exhausted', readonly challenge: HeldChallenge }
  | { readonly state: Extract<VerifyAnswer['status'], 'unknown' | 'expired' | 'used'> }

export function findChallenge({ challenges }: SubjectRecord, id: string | undefined, now: number): FoundChallenge {
  const challenge = challenges.find((held) => held.id === id)
  if (!challenge || now >= challenge.expiresAt + GRACE) return { state: 'unknown' }
  if (now >= challenge.expiresAt) return { state: 'expired' }
  if (challenge.used) return { state: 'used' }
  return { state: challenge.attemptsLeft > 0 ? 'live' : 'exhausted', challenge }
}

/** The challenges with this one in the place of the earlier one of the same id. */
export const replaced = (challenges: readonly HeldChallenge[], challenge: HeldChallenge): readonly HeldChallenge[] =>
  challenges.map((held) => (held.id === challenge.id ? challenge : held))

export const withoutChallenge = (
  challenges: readonly HeldChallenge[],
  id: string | undefined,
): readonly HeldChallenge[] =>
  challenges.filter((held) => held.id !== id)

/**
 * The challenges with one more, and without those that nobody needs to be told about any more. Of more than may be
 * held, those that end first make room.
 */
export function withChallenge(
  challenges: readonly HeldChallenge[],
  challenge: HeldChallenge,
  now: number,
): readonly HeldChallenge[] {
  const remembered = withoutChallenge(challenges, challenge.id).filter(({ expiresAt }) => now < expiresAt + GRACE)
  if (remembered.length === 0) return [challenge]
  return remembered.concat(challenge).sort((one, other) => one.expiresAt - other.expiresAt).slice(-MOST_CHALLENGES)
}

/** Forgets a challenge. */
export function retireChallenge(record: SubjectRecord | undefined, id: string, now: number): SubjectChange<undefined> {
  if (!record?.challenges.some((held) => held.id === id)) return { record, answer: undefined }
  const subject = currentOf(record, now)
  return {
    record: keptRecord({ ...subject, challenges: withoutChallenge(subject.challenges, id) }, now), answer: undefined,
  }
}
