import { parseCookie } from 'cookie'
import type { Request, Session } from '../http/request.js'
import { forgetLogin, keep, KEY, saveChangesOnly, saved, sessionOf, stored } from './browser-session.js'
import { MultistepError } from '../lib/errors.js'
import type { Passport } from '../passport/passport.js'
import { userProperty } from '../http/user-property.js'

/** The settings that sessions need. */
export interface SessionSettings {
  readonly carry: readonly string[]
  readonly storeTimeout: number
  readonly absolute: number
}

/**
 * Gives the session a new id, and leaves behind all of the old one but `carry` and what we keep. Its cookie has the
 * life that the app wants.
 */
export async function renew(
  req: Request, settings: SessionSettings, life?: CookieLife, more: readonly string[] = [],
): Promise<void> {
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
 * Logs in, with a new session id. The person and the id of the login's record are saved together, in Passport's own
 * layout. A session that held the one without the other could, brought back by a slow request after a logout, pass for
 * a login made elsewhere.
 */
export async function logIn(
  req: Request, passport: Passport, user: Express.User, login: string, settings: SessionSettings, life?: CookieLife,
): Promise<void> {
  try {
    const serialized = await passport.serialize(user, req)
    await regenerated(req, settings.storeTimeout, settings.carry)
    giveCookieLife(req, life, settings.absolute)
    sessionOf(req)[passport.sessionKey] = { user: serialized }
    keep(req, { login })
    await saved(req, settings.storeTimeout)
    Reflect.set(req, userProperty(req), user)
  } catch (error) {
    forgetLogin(req, passport.sessionKey)
    throw error
  }
}

const carriedFrom = (session: Session, keys: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(keys.filter((key) => Object.hasOwn(session, key)).map((key) => [key, session[key]]))

async function regenerated(req: Request, timeout: number, keys: readonly string[]): Promise<void> {
  const session = sessionOf(req)
  const id = req.sessionID
  const before = carriedFrom(session, keys)
  if (isNewborn(req, session)) storeOf(req)?.generate?.(req)
  else await stored(timeout, (done) => session.regenerate(done))
  if (req.sessionID === id) {
    throw new MultistepError('misconfigured', 'multistep: session.regenerate() left the session id as it was, '
      + 'so a planted session would be logged in. Remove the stand-in for regenerate, and use express-session.')
  }
  Object.assign(sessionOf(req), before)
  saveChangesOnly(sessionOf(req))
}

/**
 * Whether express-session made the session in this very request, so that its store has nothing to destroy. It gets a
 * new id like every other one: an app may read ids from somewhere else than the cookie. A session with a `regenerate`
 * of its own is a stand-in, and is asked for its renewal.
 */
const isNewborn = (req: Request, session: Session): boolean =>
  typeof storeOf(req)?.generate === 'function' && !cameByCookie(req)
  && !Object.hasOwn(session, 'regenerate') && isCookieAsItCame(req)

/** express-session's store gives a request a new session with a new id. */
const storeOf = (req: Request): { generate?(req: Request): void } | undefined =>
  (req as { sessionStore?: { generate?(req: Request): void } }).sessionStore

/**
 * As much of express-session's cookie as tells for how long a browser keeps it, in milliseconds. Nothing: until the
 * browser is closed.
 */
interface Cookie { maxAge: unknown, readonly originalMaxAge?: unknown, readonly expires?: unknown }

const cookieOf = (req: Request): Cookie | undefined => {
  const { cookie } = (req.session ?? {}) as { cookie?: unknown }
  return typeof cookie === 'object' && cookie !== null ? cookie as Cookie : undefined
}

/** By request, when its session's cookie ended as the request came: setting its life makes another instant. */
const endings = new WeakMap<Request, unknown>()

export const noteCookie = (req: Request): void => void endings.set(req, cookieOf(req)?.expires)

/** Whether nothing in this request has set the cookie's life. */
const isCookieAsItCame = (req: Request): boolean =>
  endings.has(req) && endings.get(req) === cookieOf(req)?.expires

/** What the app asks of a new session's cookie; absent: what express-session was told. */
export interface CookieLife { readonly maxAge: number | null }

/**
 * The life that the app has given the cookie for the person who logs in: in this request, or in an earlier one of
 * theirs. What an earlier person wished for does not count.
 * @param isTheirs the session was this person's before.
 */
export function cookieLife(req: Request, isTheirs: boolean): CookieLife | undefined {
  const cookie = cookieOf(req)
  if (!cookie || (!isTheirs && isCookieAsItCame(req))) return undefined
  const { originalMaxAge: life } = cookie
  return typeof life === 'number' && life > 0 ? { maxAge: life } : { maxAge: null }
}

/** Gives the cookie of a renewed session this life, which ends with the login at the latest. */
export function giveCookieLife(req: Request, life: CookieLife | undefined, absolute: number): void {
  const cookie = cookieOf(req)
  if (!cookie || life === undefined || life.maxAge === (cookie.originalMaxAge ?? null)) return
  cookie.maxAge = life.maxAge === null ? null : Math.min(life.maxAge, absolute)
}

/** Whether a cookie of this request names its session: as sent, or as cookie-parser decoded it (`j:` is JSON). */
function cameByCookie(req: Request): boolean {
  const { cookie = '' } = req.headers
  const { cookies, signedCookies: unsigned } = req as { cookies?: object, signedCookies?: object }
  const id = String(req.sessionID)
  const decoded = [parseCookie(cookie), cookies, unsigned].flatMap((all): unknown[] => Object.values(all ?? {}))
  const brought = [cookie, ...decoded]
  return brought.some((value) => typeof value === 'string' && value.includes(id))
}
