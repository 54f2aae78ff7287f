import { createHash } from 'node:crypto'
import { MultistepError, problemOf, type Problem } from '../lib/errors.js'
import type { Next, Request, Session } from '../http/request.js'
import { within } from '#internal/deadline'
import type { Context } from '../settings/context.js'
import { userProperty } from '../http/user-property.js'
import type { Granted } from '../state/granted.js'

/**
 * What the session holds of ours: random ids, and what the next page shows. Nothing that counts, and nothing that
 * proves.
 */
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
  /** What the person has confirmed and not sent yet. */
  readonly granted?: readonly Granted[]
  /** A factor that the person is setting up: a key, or a challenge, that counts for nothing yet. */
  readonly setUp?: BegunSetUp
  /** What was entered for a step-up that the person has cancelled, until shown. */
  readonly values?: Readonly<Record<string, string>>
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

/** `secret`: the key that was shown once, or the challenge that a passkey must answer. Epoch milliseconds. */
export interface BegunSetUp {
  readonly factor: string
  readonly secret: string
  readonly expiresAt: number
}

export interface Entered {
  readonly factor: string
  readonly values: Readonly<Record<string, string>>
}

/** Where it stands in the session. */
export const KEY = 'multistep'

/**
 * The session this request carries.
 * @throws MultistepError `misconfigured` where there is none, or none whose id can be renewed.
 */
export function sessionOf(req: Request): Session {
  const session = req.session as Partial<Session> | null | undefined
  if (!session) {
    throw new MultistepError('misconfigured', 'multistep needs a session: app.use(session({ … })) of express-session '
      + 'before app.use(login.session()), and before a passport.session() that is still in the app. If it is there, '
      + 'the session store may be down, or the cookie\'s path may not match.')
  }
  const isRenewable = typeof session.regenerate === 'function' && typeof session.save === 'function'
  if (!isRenewable || (typeof req.sessionID !== 'string' && !isTurned(req))) {
    throw new MultistepError('misconfigured', 'multistep needs sessions kept on the server, whose id can be renewed: '
      + 'use express-session, not cookie-session. A client could bring back an earlier state of a cookie-session.')
  }
  return session as Session
}

/** What the sessions' own objects hold, looked at once each. */
const looked = new WeakMap<object, Kept>()

/** What we kept, or nothing. The session store is outside our hands, so only the right shapes pass. */
export function kept(req: Request): Kept {
  const value: unknown = (req.session as Session | undefined)?.[KEY]
  if (typeof value !== 'object' || value === null) return nothing
  const known = looked.get(value)
  if (known) return known
  const found = rightShapes(value as Record<string, unknown>)
  looked.set(value, found)
  return found
}

const nothing: Kept = {}

function rightShapes(value: Record<string, unknown>): Kept {
  const { flow, login, returnTo, problem, entered, sent, granted, setUp, values } = value
  const found: { -readonly [K in keyof Kept]: Kept[K] } = {}
  if (typeof flow === 'string') found.flow = flow
  if (typeof login === 'string') found.login = login
  if (typeof returnTo === 'string') found.returnTo = returnTo
  if (typeof problem === 'object' && problem !== null) found.problem = problem as Problem
  if (typeof entered === 'object' && entered !== null) found.entered = entered as Entered
  if (Array.isArray(sent)) found.sent = objectsIn(sent) as Sent[]
  if (Array.isArray(granted)) found.granted = objectsIn(granted) as Granted[]
  if (typeof setUp === 'object' && setUp !== null) found.setUp = setUp as BegunSetUp
  if (typeof values === 'object' && values !== null) found.values = values as Record<string, string>
  return found
}

const objectsIn = (list: readonly unknown[]): unknown[] =>
  list.filter((one) => typeof one === 'object' && one !== null)

/** Changes what we keep; `undefined` removes. Nothing left: no trace in the session. */
export function keep(req: Request, change: { readonly [K in keyof Kept]?: Kept[K] | undefined }): void {
  const session = sessionOf(req)
  const next = rightShapes({ ...kept(req), ...change })
  looked.set(next, next)
  if (Object.keys(next).length > 0) session[KEY] = next
  else if (KEY in session) Reflect.deleteProperty(session, KEY)
}

/** Waits until the session is stored: a browser that follows a redirect at once must find it. */
export async function saved(req: Request, timeout: number): Promise<void> {
  const session = sessionOf(req)
  await stored(timeout, (done) => session.save(done))
}

/** Adapts a call of the session store: bounded in time, and every failure of it is one code. */
export async function stored(timeout: number, call: (done: Next) => unknown): Promise<void> {
  const unavailable = (cause?: unknown) =>
    new MultistepError('store_unavailable', problemOf('store_unavailable').message, { cause })
  const done = new Promise<void>((resolve, reject) => {
    call((error?: unknown) => (error ? reject(unavailable(error)) : resolve()))
  })
  await within(timeout, done, unavailable)
}

/**
 * express-session saves a renewed session once more as the response ends, as its id is another one. Here it does so
 * only if the content has changed.
 */
export function saveChangesOnly(session: Session): void {
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

/**
 * What a store keeps of a session, but for the instant at which its cookie ends: that instant moves with each answer,
 * and the cookie's length does not.
 */
function textOf({ cookie, ...content }: Session): string {
  const { toJSON } = (cookie ?? {}) as { toJSON?: () => object }
  return JSON.stringify([content, { ...toJSON ? toJSON.call(cookie) : cookie as object, expires: undefined }])
}

/** Nobody is logged in on this request and its session any more. */
export function forgetLogin(req: Request, sessionKey: string): void {
  const session = req.session as Session | undefined
  if (session) {
    Reflect.deleteProperty(session, sessionKey)
    keep(req, { login: undefined, sent: undefined, granted: undefined, setUp: undefined, values: undefined })
  }
  Reflect.set(req, userProperty(req), undefined)
}

/** Whether another request has renewed this one's session away. */
export const isTurned = (req: Request): boolean => turned.has(req)

/** Where the winner went; `''` while that is not decided. */
export const turnedTo = (req: Request): string | undefined => turned.get(req)

/** By request whose session another one has renewed away: where the winner went. */
const turned = new WeakMap<Request, string>()

/**
 * From here on nothing that happens to the request's session is kept: express-session neither saves a session without
 * an id nor sends its cookie.
 */
export function turn(req: Request, to: string | undefined): void {
  if (to === undefined) return
  turned.set(req, to)
  Reflect.set(req, 'sessionID', undefined)
  const session = req.session as Session
  const done = (callback?: (error?: unknown) => void): Session => {
    callback?.()
    return session
  }
  const regenerate = (callback?: () => void): Session => {
    for (const key of Object.keys(session)) if (key !== 'cookie') Reflect.deleteProperty(session, key)
    return done(callback)
  }
  for (const [name, value] of Object.entries({ save: done, reload: done, destroy: done, regenerate })) {
    Object.defineProperty(session, name, { value, configurable: true, enumerable: false, writable: true })
  }
}

/**
 * Binds a flow to its session and policy. Under another policy the flow is of no use, nor is it in a session that a
 * slow request brought back under its old id.
 */
export const sessionDigest = ({ policy }: Context['settings'], req: Request): string =>
  shortDigest('session', policy, req.sessionID)

/**
 * What a browser says of itself and of where it is, as a digest. It decides nothing but which of one person's own
 * logins began in one place.
 */
export const browserOf = ({ policy }: Context['settings'], { ip, headers }: Request): string =>
  shortDigest('browser', policy, ip ?? null, headers['user-agent'] ?? null)

/** Each letter of base64url has six bits. */
const letters = 22

/**
 * 132 bits of SHA-256, in base64url: a name for these values that tells nothing of them, and is short because the
 * stores keep several with each login. It is enough where a digest stands for another person's random id, which takes
 * 2^128 tries to hit. Where one person chooses all of the values, two that collide are found by half of the bits:
 * there a whole digest is needed.
 */
export const shortDigest = (...values: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(values)).digest('base64url').slice(0, letters)
