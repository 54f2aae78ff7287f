import type { Limit, SendAnswer, SendRequest, UndoRequest } from '../challenge-store.js'
import { channelsOf, didNotGoBy, triedOf, wentBy } from './channels.js'
import { keptFor } from '../store-request.js'
import {
  withChallenge, currentOf, findChallenge, keptRecord, refusedToPerson, replaced, withoutChallenge,
  type HeldChallenge, type SubjectChange, type SubjectRecord,
} from './subject.js'

// Text delays and limits: whether one more text may go to a subject, and what it leaves.

type RefusedText = Exclude<SendAnswer, { status: 'sent' }>

/** The challenge whose code a text would carry, and all challenges of the subject with it. */
interface Carried {
  readonly challenge: HeldChallenge
  readonly challenges: readonly HeldChallenge[]
  readonly repeated: boolean
  /** No text of the challenge went by this channel before. */
  readonly isNewChannel: boolean
}

/** Decides whether a text may be sent, and records it. It begins a challenge, repeats a live one, or is refused. */
export function recordText(
  record: SubjectRecord | undefined,
  request: SendRequest,
  now: number,
): SubjectChange<SendAnswer> {
  const subject = currentOf(record, now)
  const carried = carriedBy(subject, request, now)
  if ('status' in carried) return { record, answer: carried }
  const refusal = refusedText(subject, request, now)
  if (refusal) return { record, answer: refusal }
  const { challenge, challenges, repeated, isNewChannel } = carried
  const { id, expiresAt, attemptsLeft, resends, maxResends } = challenge
  const texted = withText(subject, now, keptFor(request))
  const resendAt = resends < maxResends ? now + delayOf(texted, request.delays) : undefined
  return {
    record: keptRecord({ ...texted, challenges }, now),
    answer: {
      status: 'sent', id, repeated, at: now, expiresAt, resendAt, attemptsLeft,
      ...repeated && { text: resends, ...isNewChannel && { isNewChannel } },
    },
  }
}

function carriedBy(subject: SubjectRecord, request: SendRequest, now: number): Carried | RefusedText {
  const { begin, repeat, retire } = request
  const refused = refusedToPerson(subject, now)
  if (refused) return refused
  const found = findChallenge(subject, repeat, now)
  if (found.state === 'exhausted') return { status: 'exhausted', retryAt: found.challenge.expiresAt, at: now }
  if (found.state === 'live') return repeatedChallenge(subject, found.challenge, request, now)
  if (!begin) return { status: found.state, at: now }
  const { id, ttl, maxAttempts, maxResends } = begin
  const begun = { id, expiresAt: now + ttl, attemptsLeft: maxAttempts, resends: 0, maxResends, used: false }
  const challenge = wentBy(begun, request, true)
  return {
    challenge, challenges: withChallenge(withoutChallenge(subject.challenges, retire), challenge, now), repeated: false,
    isNewChannel: true,
  }
}

function repeatedChallenge(
  subject: SubjectRecord,
  live: HeldChallenge,
  request: SendRequest,
  now: number,
): Carried | RefusedText {
  const { resends, maxResends, expiresAt } = live
  if (!isNeeded(subject, live, request, now)) return { status: 'unneeded', at: now }
  if (resends >= maxResends) return { status: 'throttled', scope: 'resends', retryAt: expiresAt, at: now }
  const challenge = wentBy({ ...live, resends: resends + 1 }, request, false)
  const isNewChannel = !channelsOf(live).includes(request.channel ?? 'sms')
  return { challenge, challenges: replaced(subject.challenges, challenge), repeated: true, isNewChannel }
}

/** Whether the text that this one takes the place of is the last one, did not arrive, and left this channel untried. */
function isNeeded(subject: SubjectRecord, live: HeldChallenge, request: SendRequest, now: number): boolean {
  const { inPlaceOf, channel = 'sms', expect = 0 } = request
  if (inPlaceOf === undefined) return true
  if (inPlaceOf !== live.resends || triedOf(live).includes(channel)) return false
  return live.delivery === undefined ? now >= (subject.texts.at(-1) ?? -Infinity) + expect : live.delivery === 'failed'
}

function refusedText(
  subject: SubjectRecord,
  { delays, limits, unsentLimits = [], inPlaceOf }: SendRequest,
  now: number,
): RefusedText | undefined {
  // Where no text is remembered any more, none delays the next.
  const delayedUntil = (subject.texts.at(-1) ?? -Infinity) + delayOf(subject, delays)
  if (inPlaceOf === undefined && now < delayedUntil) return { status: 'throttled', scope: 'delay', retryAt: delayedUntil, at: now }
  const spentUntil = Math.max(opensAt(subject.texts, limits, now), opensAt(subject.unsent, unsentLimits, now))
  return now < spentUntil ? { status: 'throttled', scope: 'subject', retryAt: spentUntil, at: now } : undefined
}

/** Milliseconds to wait after the last text. */
export const delayOf = ({ textsSinceSuccess }: SubjectRecord, delays: readonly number[]): number =>
  (textsSinceSuccess === 0 ? 0 : delays[Math.min(textsSinceSuccess, delays.length) - 1] ?? 0)

/** When all windows are open. One is spent as long as the text that came `limit` texts ago is still inside. */
function opensAt(texts: readonly number[], limits: readonly Limit[], now: number): number {
  let opens = now
  for (const { limit, window } of limits) {
    const oldest = limit === 0 ? now : texts.at(-limit)
    if (oldest !== undefined) opens = Math.max(opens, oldest + window)
  }
  return opens
}

function withText(subject: SubjectRecord, now: number, length: number): SubjectRecord {
  const kept = Math.max(subject.keptFor, length)
  return {
    ...subject,
    keptFor: kept,
    texts: remembered(subject.texts, kept, now).concat(now),
    textsSinceSuccess: subject.textsSinceSuccess + 1,
  }
}

/**
 * Those that still decide something. A list that is joined to one more by `concat` has no room to spare, which
 * spreading leaves.
 */
const remembered = (instants: readonly number[], length: number, now: number): number[] =>
  instants.filter((instant) => now < instant + length)

/**
 * Takes back a text that did not leave: it delays nobody. With `unsent` it counts among those that were tried in vain.
 */
export function undoText(
  record: SubjectRecord | undefined,
  request: UndoRequest,
  now: number,
): SubjectChange<undefined> {
  const subject = currentOf(record, now)
  const left = withoutText({ ...subject, challenges: challengesAfter(subject, request) }, request, now)
  return { record: keptRecord(left, now), answer: undefined }
}

/** A repeat gives its resend back. A challenge that was begun is removed, unless the user was told of it. */
function challengesAfter({ challenges }: SubjectRecord, request: UndoRequest) {
  const { id, repeated, keepChallenge = false } = request
  if (!repeated) return keepChallenge ? challenges : withoutChallenge(challenges, id)
  const given = challenges.find((held) => held.id === id)
  if (!given || given.resends === 0) return challenges
  return replaced(challenges, { ...notTextedBy(given, request), resends: given.resends - 1 })
}

/** Evidence names no channel that nothing went by. That one has arrived stays known. */
function notTextedBy(given: HeldChallenge, { channel = 'sms', isNewChannel, failed }: UndoRequest): HeldChallenge {
  const left = isNewChannel ? didNotGoBy(given, channel) : given
  if (!failed) return left
  const passed = isNewChannel ? { passedOver: [...given.passedOver ?? [], channel] } : {}
  return { ...left, ...passed, delivery: given.delivery ?? 'failed' }
}

function withoutText(subject: SubjectRecord, { at, unsent }: UndoRequest, now: number): SubjectRecord {
  const place = subject.texts.lastIndexOf(at)
  if (place === -1) return subject
  const tried = remembered(subject.unsent, subject.keptFor, now).concat(at).sort((one, other) => one - other)
  return {
    ...subject,
    texts: subject.texts.filter((_, index) => index !== place),
    unsent: unsent ? tried : subject.unsent,
    textsSinceSuccess: Math.max(0, subject.textsSinceSuccess - 1),
  }
}
