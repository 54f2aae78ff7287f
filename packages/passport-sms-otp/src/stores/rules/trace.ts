import type { Expiring } from '#internal/documents/documents'
import type { KeptNote, Note, NoteRequest, TraceAnswer } from '../challenge-store.js'
import { MOST_NOTES } from '../store-request.js'
import type { SubjectRecord } from './subject.js'

// The trace of a subject: what happened to its challenges, for people to read. No rule reads it.

/** Of one challenge, or of what was asked and made none: its name is empty then, and its end 0. */
interface Chapter {
  readonly name: string
  readonly expiresAt: number
  readonly notes: readonly HeldNote[]
}

type HeldNote = Omit<KeptNote, 'challenge'>

/** All that is noted of one subject. */
export interface TraceRecord extends Expiring {
  /** In the order of their ends. */
  readonly chapters: readonly Chapter[]
}

/**
 * Adds notes. They are kept longer as long as failures are counted. What is noted again and again renews the trace, and
 * not the notes beside it: none is kept for longer than that after it last happened.
 */
export function addNotes(
  trace: TraceRecord | undefined,
  subject: SubjectRecord | undefined,
  { challenge, notes, last, keptFor, keptForFailures }: NoteRequest,
  now: number,
): TraceRecord {
  const { name, expiresAt } = challenge ?? { name: '', expiresAt: 0 }
  const before = chaptersSince(trace?.chapters ?? [], now - keptForFailures)
  const told = before.find((chapter) => chapter.name === name) ?? { name, expiresAt, notes: [] }
  const chapter = { ...told, notes: notes.reduce((held, note) => withNote(held, now, note), told.notes) }
  const others = before.filter((one) => one !== told)
  const place = others.findIndex((other) => other.expiresAt > chapter.expiresAt)
  const chapters = place === -1 ? [...others, chapter] : others.toSpliced(place, 0, chapter)
  const failures = subject?.failures ?? 0
  return { expiresAt: now + (failures > 0 ? keptForFailures : keptFor), chapters: latest(chapters, last) }
}

/** The notes that last happened after an instant. */
function chaptersSince(chapters: readonly Chapter[], instant: number): readonly Chapter[] {
  return chapters.map((chapter) => ({ ...chapter, notes: chapter.notes.filter(({ lastAt }) => lastAt > instant) }))
    .filter(({ notes }) => notes.length > 0)
}

/** Where there are enough, the newest takes the place of the one before: so nobody pushes the first ones out. */
function withNote(held: readonly HeldNote[], now: number, { text, at = now }: Note): readonly HeldNote[] {
  const place = held.findIndex((note) => note.text === text)
  const known = held[place]
  if (!known) return [...held.slice(0, MOST_NOTES - 1), { text, at, lastAt: at, times: 1 }]
  return held.with(place, { ...known, lastAt: Math.max(known.lastAt, at), times: known.times + 1 })
}

/** What made no challenge comes first, and takes no place of one. */
function latest(chapters: readonly Chapter[], last: number): readonly Chapter[] {
  const ofNone = chapters.filter(({ name }) => name === '')
  return [...ofNone, ...chapters.filter(({ name }) => name !== '').slice(-last)]
}

/** All notes, one challenge after the other. */
export const readTrace = (trace: TraceRecord | undefined, now: number): TraceAnswer => ({
  at: now,
  notes: (trace?.chapters ?? []).flatMap(({ name, expiresAt, notes }) =>
    notes.map((note) => ({ ...name === '' ? {} : { challenge: { name, expiresAt } }, ...note }))),
})
