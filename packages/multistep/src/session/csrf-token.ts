import { randomBytes } from '#internal/random'
import { stringifySetCookie } from 'cookie'
import type { Request, Response } from '../http/request.js'
import { cookieName, cookieToken } from '../http/same-origin.js'
import { isTurned } from './browser-session.js'

/** The token that a request was given, where its browser had none. */
const issued = new WeakMap<Request, string>()

/**
 * The browser's token: its cookie's, or a new one that this response sets. It has a cookie of its own, so that no
 * session is made for a visitor.
 */
export function csrfToken(req: Request, res: Response): string {
  const known = cookieToken(req) ?? issued.get(req)
  if (known !== undefined) return known
  const token = randomBytes(16).toString('base64url')
  issued.set(req, token)
  if (!res.headersSent && !isTurned(req)) {
    res.appendHeader('Set-Cookie', stringifySetCookie({
      name: cookieName(req), value: token, httpOnly: true, sameSite: 'strict', path: '/', secure: req.secure === true,
    }))
  }
  return token
}
