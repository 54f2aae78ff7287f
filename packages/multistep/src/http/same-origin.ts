import { randomBytes, timingSafeEqual } from 'node:crypto'
import { parse, serialize } from 'cookie'
import type { Request, Response } from './request.js'
import { isTurned } from '../login/tombstone.js'

/** Under https a name that no other host of the domain can set (RFC 6265bis §4.1.3.2). */
const cookieName = (req: Request): string => (req.secure === true ? '__Host-multistep-csrf' : 'multistep-csrf')
const issued = new WeakMap<Request, string>()

/**
 * Whether a state-changing request comes from this app's own pages. What the browser says of itself decides (`Sec-Fetch-Site`, then `Origin`);
 * where it says nothing, JSON, which no foreign form can send without being asked about (CORS), or the token of our own cookie.
 */
export function isSameOrigin(req: Request, origins: ReadonlySet<string>): boolean {
  const { origin, 'sec-fetch-site': site, 'content-type': type } = req.headers
  if (origin !== undefined && origins.has(origin)) return true
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  if (origin !== undefined && origin !== 'null') return hostOf(origin) === req.headers.host?.toLowerCase()
  if (origin === undefined && /^application\/json\s*(;|$)/i.test(type ?? '')) return true
  return holdsToken(req)
}

const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined)

function holdsToken(req: Request): boolean {
  const sent: unknown = req.headers['x-csrf-token'] ?? (req.body as Record<string, unknown> | null | undefined)?._csrf
  const own = cookieToken(req)
  if (typeof sent !== 'string' || own === undefined) return false
  const [left, right] = [Buffer.from(sent), Buffer.from(own)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/** The browser's own random token, where it sends one. */
export const cookieToken = (req: Request): string | undefined => {
  const token = parse(req.headers.cookie ?? '')[cookieName(req)]
  return token !== undefined && /^[\w-]{22}$/.test(token) ? token : undefined
}

/** The browser's token: its cookie's, or a new one that this response sets. A cookie of its own, so that no session is made for a visitor. */
export function csrfToken(req: Request, res: Response): string {
  const known = cookieToken(req) ?? issued.get(req)
  if (known !== undefined) return known
  const token = randomBytes(16).toString('base64url')
  issued.set(req, token)
  if (!res.headersSent && !isTurned(req)) res.appendHeader('Set-Cookie', serialize(cookieName(req), token, { httpOnly: true, sameSite: 'strict', path: '/', secure: req.secure === true }))
  return token
}
