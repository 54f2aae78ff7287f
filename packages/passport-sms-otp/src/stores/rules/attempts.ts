import type { LockoutPolicy, VerifyAnswer, VerifyRequest } from '../challenge-store.js'
import { evidenceOf } from './channels.js'
import {
  currentOf, findChallenge, keptRecord, refusedToPerson, replaced, type SubjectChange, type SubjectRecord,
} from './subject.js'

// Attempts and lockout: what a guess was worth, and what failures in a row bring about.

/** Spends an attempt, and counts it, before anything is answered. */
export function spendAttempt(
  record: SubjectRecord | undefined,
  request: VerifyRequest,
  now: number,
): SubjectChange<VerifyAnswer> {
  const subject = currentOf(record, now)
  const refusal = refusedToPerson(subject, now)
  if (refusal) return { record, answer: refusal }
  const found = findChallenge(subject, request.id, now)
  if (found.state !== 'live') return { record, answer: { status: found.state, at: now } }
  // A matched that is not true is none, whatever the caller means by it.
  const matched = (request.matched as unknown) === true
  const attemptsLeft = found.challenge.attemptsLeft - 1
  const challenge = { ...found.challenge, attemptsLeft, used: matched }
  const spent = { ...subject, challenges: replaced(subject.challenges, challenge) }
  if (matched) {
    const proven = { ...spent, failures: 0, lockedUntil: 0, textsSinceSuccess: 0 }
    return { record: keptRecord(proven, now), answer: { status: 'ok', at: now, ...evidenceOf(challenge) } }
  }
  const consequence = consequenceOf(subject.failures + 1, request.lockout, now)
  return {
    record: keptRecord({ ...spent, failures: subject.failures + 1, ...consequence }, now),
    answer: { status: 'wrong', attemptsLeft, ...consequence, at: now },
  }
}

/** What so many failures in a row bring about. */
export function consequenceOf(
  failures: number,
  policy: LockoutPolicy,
  now: number,
): { lockedUntil?: number, disabled?: true } {
  const { after, for: first, max, disableAfter, disableFor } = policy
  if (failures >= disableAfter) return disableFor === undefined ? { disabled: true } : { lockedUntil: now + disableFor }
  return failures % after === 0 ? { lockedUntil: now + Math.min(max, first * 2 ** (failures / after - 1)) } : {}
}

/** Clears failures, lock and disablement. */
export function enableSubject(record: SubjectRecord | undefined, now: number): SubjectChange<undefined> {
  if (!record || record.failures === 0) return { record, answer: undefined }
  return { record: keptRecord({ ...record, failures: 0, lockedUntil: 0, disabled: false }, now), answer: undefined }
}
