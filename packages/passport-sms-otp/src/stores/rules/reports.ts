import type { ReportAnswer, ReportRequest } from '../challenge-store.js'
import { inOrder, lastChannelOf, triedOf } from './channels.js'
import {
  currentOf, findChallenge, keptRecord, replaced, type HeldChallenge, type SubjectChange, type SubjectRecord,
} from './subject.js'
import { delayOf } from './texts.js'

// Reports: what providers say of texts. They are data, and settle nothing.

/** Keeps news of a text, and says how its challenge stands. */
export function noteReport(
  record: SubjectRecord | undefined,
  { id, news, delays }: ReportRequest,
  now: number,
): SubjectChange<ReportAnswer> {
  const subject = currentOf(record, now)
  const found = findChallenge(subject, id, now)
  if (found.state !== 'live') return { record, answer: { status: found.state, at: now } }
  const changed = news !== undefined && isNew(found.challenge, news)
  const challenge = changed ? { ...found.challenge, delivery: news.delivery } : found.challenge
  const answer = standing(subject, challenge, { changed, delays, now })
  if (!changed) return { record, answer }
  return { record: keptRecord({ ...subject, challenges: replaced(subject.challenges, challenge) }, now), answer }
}

function isNew({ delivery, resends }: HeldChallenge, news: NonNullable<ReportRequest['news']>): boolean {
  if (news.text > resends) return false
  if (news.delivery === 'delivered') return delivery !== 'delivered'
  return news.text === resends && delivery === undefined
}

interface Told {
  readonly changed: boolean
  readonly delays: readonly number[]
  readonly now: number
}

function standing(subject: SubjectRecord, challenge: HeldChallenge, { changed, delays, now }: Told): ReportAnswer {
  const { resends, maxResends, attemptsLeft, delivery } = challenge
  const textedAt = subject.texts.at(-1)
  const mayFollow = resends < maxResends && textedAt !== undefined
  return {
    status: 'standing', at: now, text: resends, changed, attemptsLeft,
    ...delivery && { delivery },
    channel: lastChannelOf(challenge),
    channels: inOrder(triedOf(challenge)),
    textedAt,
    resendAt: mayFollow ? textedAt + delayOf(subject, delays) : undefined,
  }
}
