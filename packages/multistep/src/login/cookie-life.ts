import type { Context } from '../context.js'
import type { Request } from '../http/request.js'
import { isSameOrigin } from '../http/same-origin.js'
import { isWishOf } from '../http/wish.js'
import type { Factor } from '../factors/factor.js'
import type { Position } from './position.js'

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
 */
export function cookieLife(req: Request, { user, login }: Pick<Position, 'user' | 'login'>, userId: string): CookieLife | undefined {
  const cookie = cookieOf(req)
  const isTheirs = user !== undefined || login?.userId === userId
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

/** Whether this person wishes to stay logged in: by the post that proved the first factor, in which the page offers it. */
export const wishesToStay = ({ settings: { stay, origins } }: Context, req: Request, { user, flow }: Position, factor: Factor): boolean =>
  stay !== undefined && (user === undefined ? !factor.redirects && isWishOf(req, 'stay') && isSameOrigin(req, origins) : flow?.stays === true)
