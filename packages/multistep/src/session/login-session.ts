import { MultistepError } from '../lib/errors.js'
import type { Passport } from '../passport/passport.js'
import { problemOf, type Problem } from '../lib/problem.js'
import { type Next, type Request, type Session } from '../http/request.js'
import { giveCookieLife, isCookieAsItCame, type CookieLife } from './cookie-life.js'
import { cameByCookie, isTurned } from './tombstone.js'
import { within } from '#internal/deadline'
import { userProperty } from '../passport/run-strategy.js'

/** What the session holds of ours: random ids, and what the next page shows. Nothing that counts, and nothing that proves. */
export interface Kept {
  /** The pending login. */
  readonly flow?: string
  /** The completed login. */
  readonly login?: string
  /** The page first asked for. */
  readonly returnTo?: string
  /** Why the last post was refused, until shown. */
  readonly problem?: Problem
  /** What was entered with it, so that it need not be entered again. No field meant for a secret. */
  readonly entered?: Entered
  /** What factors elsewhere were asked to prove. */
  readonly sent?: readonly Sent[]
}

/** What the answer to a redirect must bring back: one of these is enough, as no other browser knows it. */
export interface Mark {
  /** The text that the other site repeats, as it left here: ours wherever the address takes one. */
  readonly state?: string
  /** Under which name, and what the strategy had written there: it finds that again. */
  readonly wrote?: { readonly name: string, readonly value?: string }
  /** The id of a SAML request, which the response names (SAML Core §3.2.2, `InResponseTo`). */
  readonly request?: string
}

/** A redirect of a factor: what its answer must bring back, and the requirement or the pending login that it is for. */
export interface Sent {
  readonly factor: string
  readonly mark?: Mark
  readonly requirement?: string
  readonly flow?: string
}

export interface Entered {
  readonly factor: string
  readonly values: Readonly<Record<string, string>>
}

/** The settings that sessions need. */
export interface SessionSettings { readonly carry: readonly string[], readonly storeTimeout: number, readonly absolute: number }

const KEY = 'multistep'

/**
 * The session this request carries.
 * @throws MultistepError `misconfigured` where there is none, or none whose id can be renewed.
 */
export function sessionOf(req: Request): Session {
  const session = req.session as Partial<Session> | null | undefined
  if (!session) throw new MultistepError('misconfigured', 'multistep needs a session: app.use(session({ … })) of express-session before app.use(login.session()). If it is there, the session store may be down, or the cookie\'s path may not match.')
  if (typeof session.regenerate !== 'function' || typeof session.save !== 'function' || (typeof req.sessionID !== 'string' && !isTurned(req))) {
    throw new MultistepError('misconfigured', 'multistep needs sessions kept on the server, whose id can be renewed: use express-session, not cookie-session. A client could bring back an earlier state of a cookie-session.')
  }
  return session as Session
}

/** What we kept, or nothing. The session store is outside our hands, so only the right shapes pass. */
export function kept(req: Request): Kept {
  const value: unknown = (req.session as Session | undefined)?.[KEY]
  if (typeof value !== 'object' || value === null) return {}
  const { flow, login, returnTo, problem, entered, sent } = value as Record<string, unknown>
  return {
    ...(typeof flow === 'string' ? { flow } : {}),
    ...(typeof login === 'string' ? { login } : {}),
    ...(typeof returnTo === 'string' ? { returnTo } : {}),
    ...(typeof problem === 'object' && problem !== null ? { problem: problem as Problem } : {}),
    ...(typeof entered === 'object' && entered !== null ? { entered: entered as Entered } : {}),
    ...(Array.isArray(sent) ? { sent: sent.filter((one) => typeof one === 'object' && one !== null) as Sent[] } : {}),
  }
}

/** Changes what we keep; `undefined` removes. Nothing left: no trace in the session. */
export function keep(req: Request, change: { readonly [K in keyof Kept]?: Kept[K] | undefined }): void {
  const session = sessionOf(req)
  const next = Object.fromEntries(Object.entries({ ...kept(req), ...change }).filter(([, value]) => value !== undefined))
  if (Object.keys(next).length > 0) session[KEY] = next
  else if (KEY in session) Reflect.deleteProperty(session, KEY)
}

/** Waits until the session is stored: a browser that follows a redirect at once must find it. */
export async function saved(req: Request, timeout: number): Promise<void> {
  const session = sessionOf(req)
  await stored(timeout, (done) => session.save(done))
}

/** Gives the session a new id, and leaves behind all of the old one but `carry` and what we keep; its cookie has the life that the app wants. */
export async function renew(req: Request, settings: SessionSettings, life?: CookieLife, ...more: readonly string[]): Promise<void> {
  await regenerated(req, settings.storeTimeout, [...settings.carry, KEY, ...more])
  giveCookieLife(req, life, settings.absolute)
}

/** Gives the session a new id and keeps all of it, the settings of its cookie included. */
export async function renewWhole(req: Request, timeout: number): Promise<void> {
  const before = sessionOf(req)
  const { cookie } = before
  await regenerated(req, timeout, Object.keys(before).filter((key) => key !== 'cookie'))
  if (cookie !== undefined) sessionOf(req).cookie = cookie
}

/**
 * Logs in, with a new session id. Who logged in and which of our records stands for it are saved together, in Passport's own layout:
 * a session that held the one without the other could, brought back by a slow request after a logout, pass for a login made elsewhere.
 */
export async function logIn(req: Request, passport: Passport, user: Express.User, login: string, settings: SessionSettings, life?: CookieLife): Promise<void> {
  try {
    const serialized = await passport.serialize(user, req)
    await regenerated(req, settings.storeTimeout, settings.carry)
    giveCookieLife(req, life, settings.absolute)
    sessionOf(req)[passport.sessionKey] = { user: serialized }
    keep(req, { login })
    await saved(req, settings.storeTimeout)
    Reflect.set(req, userProperty(req), user)
  } catch (error) {
    forgetLogin(req, passport)
    throw error
  }
}

/** Nobody is logged in on this request and its session any more. */
export function forgetLogin(req: Request, passport: Passport): void {
  const session = req.session as Session | undefined
  if (session) {
    Reflect.deleteProperty(session, passport.sessionKey)
    keep(req, { login: undefined, sent: undefined })
  }
  Reflect.set(req, userProperty(req), undefined)
}

const carriedFrom = (session: Session, keys: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(keys.filter((key) => Object.hasOwn(session, key)).map((key) => [key, session[key]]))

async function regenerated(req: Request, timeout: number, keys: readonly string[]): Promise<void> {
  const session = sessionOf(req)
  const id = req.sessionID
  const before = carriedFrom(session, keys)
  if (isNewborn(req, session)) storeOf(req)?.generate?.(req)
  else await stored(timeout, (done) => session.regenerate(done))
  if (req.sessionID === id) throw new MultistepError('misconfigured', 'multistep: session.regenerate() left the session id as it was, so a planted session would be logged in. Remove the stand-in for regenerate, and use express-session.')
  Object.assign(sessionOf(req), before)
  saveChangesOnly(sessionOf(req))
}

/**
 * Whether express-session made the session in this very request, so that its store has nothing to destroy. It gets a new id like every other one: an app
 * may read ids from somewhere else than the cookie. A session with a `regenerate` of its own is a stand-in, and is asked for its renewal.
 */
const isNewborn = (req: Request, session: Session): boolean =>
  typeof storeOf(req)?.generate === 'function' && !cameByCookie(req) && !Object.hasOwn(session, 'regenerate') && isCookieAsItCame(req)

/** express-session's store gives a request a new session with a new id. */
const storeOf = (req: Request): { generate?(req: Request): void } | undefined =>
  (req as { sessionStore?: { generate?(req: Request): void } }).sessionStore

/** express-session saves a renewed session once more as the response ends, as its id is another one. Here it does so only if the content has changed. */
function saveChangesOnly(session: Session): void {
  const save = session.save.bind(session)
  let stored: string | undefined
  const saveChanges = (done?: Next): Session => {
    const text = textOf(session)
    if (text === stored) done?.()
    else {
      stored = undefined
      save((error) => {
        if (!error) stored = text
        done?.(error)
      })
    }
    return session
  }
  Object.defineProperty(session, 'save', { value: saveChanges, configurable: true, enumerable: false, writable: true })
}

/** What a store keeps of a session, but for the instant at which its cookie ends: that moves with each answer, and its length does not. */
function textOf({ cookie, ...content }: Session): string {
  const { toJSON } = (cookie ?? {}) as { toJSON?: () => object }
  return JSON.stringify([content, { ...toJSON ? toJSON.call(cookie) : cookie as object, expires: undefined }])
}

/** Adapts a call of the session store: bounded in time, and every failure of it is one code. */
async function stored(timeout: number, call: (done: Next) => unknown): Promise<void> {
  const unavailable = (cause?: unknown) => new MultistepError('store_unavailable', problemOf('store_unavailable').message, { cause })
  const done = new Promise<void>((resolve, reject) => {
    call((error?: unknown) => (error ? reject(unavailable(error)) : resolve()))
  })
  await within(timeout, done, unavailable)
}
