import { Store, type SessionData } from 'express-session'
import type { Documents, Expiring } from 'passport-sql-stores'
import { unavailable } from '../errors.js'
import { changeOne } from '../users/change-one.js'
import { answered } from './redis.js'

type Callback<T = unknown> = (error?: unknown, value?: T) => void

interface KeptSession extends Expiring {
  readonly session: SessionData
}

const DAY = 24 * 60 * 60_000

/** Sessions of express-session as documents, for a database that no kept session store is written for. */
export class DocumentSessions extends Store {
  private readonly documents: Documents

  constructor(documents: Documents) {
    super()
    this.documents = documents
  }

  override get(sid: string, callback: Callback<SessionData | null>): void {
    const read = this.documents.read<KeptSession>([keyOf(sid)])
    tell(read.then(({ records: [kept] }) => kept?.session ?? null), callback)
  }

  override set(sid: string, data: SessionData, callback: Callback = () => undefined): void {
    const kept = JSON.parse(JSON.stringify(data)) as SessionData
    tell(changeOne<KeptSession, undefined>(this.documents, keyOf(sid), (_, now) => ({
      record: { session: kept, expiresAt: now + ttlOf(data) }, answer: undefined,
    })), callback)
  }

  override touch(sid: string, data: SessionData, callback: Callback = () => undefined): void {
    tell(changeOne<KeptSession, undefined>(this.documents, keyOf(sid), (kept, now) => {
      const expiresAt = now + ttlOf(data)
      // A minute more or less is not worth a write for each request.
      if (!kept || expiresAt - kept.expiresAt < 60_000) return { record: kept, answer: undefined }
      return { record: { session: { ...kept.session, cookie: data.cookie }, expiresAt }, answer: undefined }
    }), callback)
  }

  override destroy(sid: string, callback: Callback = () => undefined): void {
    tell(changeOne(this.documents, keyOf(sid), () => ({ record: undefined, answer: undefined })), callback)
  }
}

// The id is random, and of letters that a key may hold.
const keyOf = (sid: string): string => `session:${encodeURIComponent(sid).slice(0, 200)}`

const ttlOf = ({ cookie }: SessionData): number => Math.floor(cookie.originalMaxAge ?? DAY)

/** Another store, with a deadline: what goes wrong with it, express-session hands to the error handler, as a 503. */
export class BoundedSessions extends Store {
  private readonly store: Store
  private readonly deadline: number

  /** @param deadline milliseconds. */
  constructor(store: Store, deadline: number) {
    super()
    this.store = store
    this.deadline = deadline
  }

  override get(sid: string, callback: Callback<SessionData | null>): void {
    this.ask<SessionData | null>((done) => { this.store.get(sid, done) }, callback)
  }

  override set(sid: string, data: SessionData, callback: Callback = () => undefined): void {
    this.ask((done) => { this.store.set(sid, data, done) }, callback)
  }

  override touch(sid: string, data: SessionData, callback: Callback = () => undefined): void {
    this.ask((done) => {
      if (this.store.touch) this.store.touch(sid, data, done)
      else done()
    }, callback)
  }

  override destroy(sid: string, callback: Callback = () => undefined): void {
    this.ask((done) => { this.store.destroy(sid, done) }, callback)
  }

  private ask<T>(call: (done: Callback<T>) => void, callback: Callback<T>): void {
    const work = new Promise<T>((resolve, reject) => {
      call((error, value) => {
        if (error) reject(error instanceof Error ? error : unavailable(error))
        else resolve(value as T)
      })
    })
    tell(answered(work, this.deadline), callback)
  }
}

function tell<T>(work: Promise<T>, callback: Callback<T>): void {
  work.then((value) => { callback(null, value) }, (error: unknown) => { callback(error) })
}
