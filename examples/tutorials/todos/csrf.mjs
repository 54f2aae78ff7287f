import { randomBytes, timingSafeEqual } from 'node:crypto'
import { Buffer } from 'node:buffer'

/** In the place of csurf: a token in the session, which each form must send back as `_csrf`. */
export function csrf(req, res, next) {
  req.csrfToken = () => (req.session.csrf ??= randomBytes(16).toString('hex'))
  if (req.method === 'GET' || isEqual(req.body._csrf, req.csrfToken())) return next()
  res.status(403).send('Invalid CSRF token.')
}

const isEqual = (a = '', b = '') => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
