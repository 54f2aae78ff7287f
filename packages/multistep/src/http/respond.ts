import { STATUS_CODES } from 'node:http'
import { problemTypeOf } from '#internal/problem-type'
import type { Request, Response } from './request.js'
import { MultistepError, type Problem } from '../lib/errors.js'

/** Nothing about a login may be kept by a browser or a proxy (OWASP ASVS 14.3.2). */
function beginResponse(res: Response, status: number): void {
  res.statusCode = status
  res.setHeader('Cache-Control', 'no-store')
  // `no-referrer` would make our own forms send `Origin: null`.
  res.setHeader('Referrer-Policy', 'same-origin')
  res.setHeader('X-Frame-Options', 'DENY')
  const vary = res.getHeader('Vary')
  res.setHeader('Vary', vary === undefined ? 'Accept' : `${String(vary)}, Accept`)
}

export function sendRedirect(res: Response, url: string): void {
  beginResponse(res, 303)
  res.setHeader('Location', url)
  res.end()
}

export function sendJson(res: Response, body: unknown, status = 200, type = 'application/json'): void {
  const text = JSON.stringify(body)
  beginResponse(res, status)
  res.setHeader('Content-Type', `${type}; charset=utf-8`)
  res.setHeader('Content-Length', Buffer.byteLength(text))
  res.end(text)
}

/** All of a page but its text. */
export function beginHtml(res: Response, status: number, headers: Readonly<Record<string, string>>): void {
  beginResponse(res, status)
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
  res.setHeader('Content-Type', 'text/html; charset=utf-8')
}

export function sendHtml(res: Response, html: string, status: number, headers: Readonly<Record<string, string>>): void {
  beginHtml(res, status, headers)
  res.setHeader('Content-Length', Buffer.byteLength(html))
  res.end(html)
}

/**
 * RFC 9457. `type` leads to the code's entry in the documentation. The members beyond the standard's are ours: `code`,
 * `attemptsLeft`, `retryAfter` and what a guard adds.
 */
export function sendProblem(res: Response, problem: Problem, more: Readonly<Record<string, unknown>> = {}): void {
  const { message, ...rest } = problem
  if (problem.retryAfter !== undefined) res.setHeader('Retry-After', String(problem.retryAfter))
  sendJson(
    res,
    { type: problemTypeOf(problem.code), title: STATUS_CODES[problem.status], detail: message, ...rest, ...more },
    problem.status,
    'application/problem+json',
  )
}

/** Express keeps each at the other. */
export function responseOf(req: Request): Response {
  const { res } = req as { res?: Response }
  if (!res) {
    throw new MultistepError(
      'misconfigured',
      'multistep: progress(req), vouch(req) and every handler need the request as Express hands it to a handler.',
    )
  }
  return res
}
