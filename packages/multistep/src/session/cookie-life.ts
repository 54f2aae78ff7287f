import type { Request } from '../http/request.js'

/** As much of express-session's cookie as tells for how long a browser keeps it: milliseconds; nothing: until it is closed. */
interface Cookie { maxAge: unknown, readonly originalMaxAge?: unknown, readonly expires?: unknown }

/** What the app asks of a new session's cookie; absent: what express-session was told. */
export interface CookieLife { readonly maxAge: number | null }

const cookieOf = (req: Request): Cookie | undefined => {
  const { cookie } = (req.session ?? {}) as { cookie?: unknown }
  return typeof cookie === 'object' && cookie !== null ? cookie as Cookie : undefined
}

/** By request, when its session's cookie ended as the request came: setting its life makes another instant. */
const endings = new WeakMap<Request, unknown>()

export const noteCookie = (req: Request): void => void endings.set(req, cookieOf(req)?.expires)

/** Whether nothing in this request has set the cookie's life. */
export const isCookieAsItCame = (req: Request): boolean => endings.has(req) && endings.get(req) === cookieOf(req)?.expires

/**
 * The life that the app has given the cookie for the person who logs in: in this request, or in an earlier one of theirs. What an earlier
 * person wished for is none of it.
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
