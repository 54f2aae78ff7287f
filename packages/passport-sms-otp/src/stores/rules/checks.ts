import type {
  AssignRequest, ConcludeAnswer, ConcludeRequest, CountAnswer, CountRequest,
} from '../challenge-store.js'
import { consequenceOf } from './attempts.js'
import { evidenceOf } from './channels.js'
import { GRACE } from '../store-request.js'
import {
  currentOf, findChallenge, keptRecord, refusedToPerson, replaced, type HeldChallenge, type SubjectChange,
  type SubjectRecord,
} from './subject.js'

// Codes that a provider made and checks: what an attempt counts before the provider is asked, and after.

/** Keeps how the provider names the code of a challenge. */
export function assignVerification(
  record: SubjectRecord | undefined,
  { id, verification }: AssignRequest,
  now: number,
): SubjectChange<undefined> {
  const subject = currentOf(record, now)
  const challenge = heldBy(subject, id, now)
  if (!challenge) return { record, answer: undefined }
  const challenges = replaced(subject.challenges, { ...challenge, verification })
  return { record: keptRecord({ ...subject, challenges }, now), answer: undefined }
}

/** A challenge that is remembered, whatever became of it. */
const heldBy = ({ challenges }: SubjectRecord, id: string, now: number): HeldChallenge | undefined =>
  challenges.find((held) => held.id === id && now < held.expiresAt + GRACE)

/** Spends an attempt, and counts it as a failure, until it is concluded. */
export function countAttempt(
  record: SubjectRecord | undefined,
  { id, lockout }: CountRequest,
  now: number,
): SubjectChange<CountAnswer> {
  const subject = currentOf(record, now)
  const refusal = refusedToPerson(subject, now)
  if (refusal) return { record, answer: refusal }
  const found = findChallenge(subject, id, now)
  if (found.state !== 'live') return { record, answer: { status: found.state, at: now } }
  const { verification } = found.challenge
  if (verification === undefined) return { record, answer: { status: 'unassigned', at: now } }
  const attemptsLeft = found.challenge.attemptsLeft - 1
  const challenges = replaced(subject.challenges, { ...found.challenge, attemptsLeft })
  const failures = subject.failures + 1
  const consequence = consequenceOf(failures, lockout, now)
  return {
    record: keptRecord({ ...subject, challenges, failures, ...consequence }, now),
    answer: { status: 'counted', verification, attemptsLeft, ...consequence, at: now },
  }
}

/** What a counted attempt was worth. */
export function concludeAttempt(
  record: SubjectRecord | undefined,
  request: ConcludeRequest,
  now: number,
): SubjectChange<ConcludeAnswer> {
  const subject = currentOf(record, now)
  const challenge = heldBy(subject, request.id, now)
  if (request.outcome === 'right') return proveChallenge(record, { subject, challenge, now })
  const answer = { status: 'concluded', at: now } as const
  if (!challenge) return { record, answer }
  const wasLookedAt = request.outcome === 'exhausted'
  const given = wasLookedAt ? challenge : { ...challenge, attemptsLeft: challenge.attemptsLeft + 1 }
  const challenges = replaced(subject.challenges, endedBy(given, request, now))
  const counted = wasLookedAt ? subject : withoutFailure(subject, request)
  return { record: keptRecord({ ...counted, challenges }, now), answer }
}

interface Found {
  readonly subject: SubjectRecord
  readonly challenge: HeldChallenge | undefined
  readonly now: number
}

/** The attempt was allowed when it was counted. Only another one that was right comes before it. */
function proveChallenge(
  record: SubjectRecord | undefined,
  { subject, challenge, now }: Found,
): SubjectChange<ConcludeAnswer> {
  if (!challenge) return { record, answer: { status: 'unknown', at: now } }
  if (challenge.used) return { record, answer: { status: 'used', at: now } }
  const challenges = replaced(subject.challenges, { ...challenge, used: true })
  const proven = { ...subject, challenges, failures: 0, lockedUntil: 0, disabled: false, textsSinceSuccess: 0 }
  return { record: keptRecord(proven, now), answer: { status: 'ok', at: now, ...evidenceOf(challenge) } }
}

function withoutFailure(subject: SubjectRecord, { lockedUntil, disabled = false }: ConcludeRequest): SubjectRecord {
  return {
    ...subject,
    failures: Math.max(0, subject.failures - 1),
    lockedUntil: subject.lockedUntil === lockedUntil ? 0 : subject.lockedUntil,
    disabled: subject.disabled && !disabled,
  }
}

/** No name is left to ask the provider by: an attempt that is given back later opens nothing. */
function exhausted({ verification: _, ...challenge }: HeldChallenge): HeldChallenge {
  return { ...challenge, attemptsLeft: 0 }
}

/** A newer code of the same challenge goes on. */
function endedBy(challenge: HeldChallenge, { outcome, verification }: ConcludeRequest, now: number): HeldChallenge {
  if (outcome === 'unchecked' || challenge.verification !== verification || challenge.used) return challenge
  if (outcome === 'exhausted') return exhausted(challenge)
  return { ...challenge, expiresAt: Math.min(challenge.expiresAt, now) }
}
