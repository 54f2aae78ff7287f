import { timingSafeEqual } from 'node:crypto'
import { parseCookie } from 'cookie'
import type { Request } from './request.js'

/** Under https a name that no other host of the domain can set (RFC 6265bis §4.1.3.2). */
export const cookieName = (req: Request): string => (req.secure === true ? '__Host-multistep-csrf' : 'multistep-csrf')

/**
 * Whether a state-changing request comes from this app's own pages. What the browser says of itself decides
 * (`Sec-Fetch-Site`, then `Origin`); where it says nothing, JSON, which no foreign form can send without being asked
 * about (CORS), or the token of our own cookie.
 */
export function isSameOrigin(req: Request, origins: ReadonlySet<string>): boolean {
  const { origin, 'sec-fetch-site': site, 'content-type': type } = req.headers
  if (origin !== undefined && origins.has(origin)) return true
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  if (origin !== undefined && origin !== 'null') return isThisSite(req, origin)
  if (origin === undefined && /^application\/json\s*(;|$)/i.test(type ?? '')) return true
  return holdsToken(req)
}

/**
 * Whether a GET that does more than show a page was followed on this app's own pages, or typed in. Where the browser
 * does not say so itself (an old one, or plain http), its `Referer` decides: another site can leave that out, and not
 * make it up.
 */
export function isOwnNavigation(req: Request, origins: ReadonlySet<string>): boolean {
  const { referer, 'sec-fetch-site': site } = req.headers
  const from = referer !== undefined && URL.canParse(referer) ? new URL(referer).origin : undefined
  if (from !== undefined && origins.has(from)) return true
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  return from !== undefined && isThisSite(req, from)
}

/**
 * Whether an origin is this app's. An attacker on the way can write a page that came over http, so its origin is not
 * the origin of a request over https. A proxy may have ended the encryption without saying so: an origin of https is
 * always as good.
 */
function isThisSite(req: Request, origin: string): boolean {
  if (!URL.canParse(origin)) return false
  const { host, protocol } = new URL(origin)
  const isSecure = req.secure === true || /^\s*https\b/i.test(String(req.headers['x-forwarded-proto'] ?? ''))
  return host === req.headers.host?.toLowerCase() && (protocol === 'https:' || (protocol === 'http:' && !isSecure))
}

function holdsToken(req: Request): boolean {
  const sent: unknown = req.headers['x-csrf-token'] ?? (req.body as Record<string, unknown> | null | undefined)?._csrf
  const own = cookieToken(req)
  if (typeof sent !== 'string' || own === undefined) return false
  const [left, right] = [Buffer.from(sent), Buffer.from(own)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/** The browser's own random token, where it sends one. */
export const cookieToken = (req: Request): string | undefined => {
  const token = parseCookie(req.headers.cookie ?? '')[cookieName(req)]
  return token !== undefined && /^[\w-]{22}$/.test(token) ? token : undefined
}
