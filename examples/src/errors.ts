import { STATUS_CODES } from 'node:http'
import type { ErrorRequestHandler, RequestHandler } from 'express'
import { wantsHtml } from './reply.js'

/** A refusal of this app's own, in the shape that every package here uses. */
export class AppError extends Error {
  override name = 'AppError'
  readonly status: number
  readonly code: string
  /** Whether `message` is about what the person did. */
  readonly expose: boolean

  constructor(status: number, code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.status = status
    this.code = code
    this.expose = status < 500
  }
}

export const unavailable = (cause?: unknown): AppError =>
  new AppError(503, 'store_unavailable', 'The store behind this app does not answer. Try again in a moment.', { cause })

export const notFound: RequestHandler = (_req, _res, next) => {
  next(new AppError(404, 'not_found', 'There is no such page.'))
}

interface Problem { readonly status: number, readonly code: string, readonly title: string, readonly detail: string }

// What a body parser says may quote the body, and with it a password or code.
const sentences: Readonly<Record<number, string>> = {
  400: 'This request cannot be read.',
  413: 'This request is too large.',
  415: 'Send a form or JSON, in UTF-8.',
}

function problemOf(error: unknown): Problem {
  const { status, code, expose, message } = (error ?? {}) as {
    status?: unknown
    code?: unknown
    expose?: unknown
    message?: unknown
  }
  const known = typeof status === 'number' && status >= 400 && status < 600 ? status : 500
  const ours = typeof code === 'string' && /^[a-z_]+$/.test(code)
  const words = ours && typeof message === 'string' && (expose === true || known === 503) ? message : sentences[known]
  return {
    status: known,
    code: ours ? code : known < 500 ? 'request_unreadable' : 'internal_error',
    title: STATUS_CODES[known] ?? 'Error',
    detail: words ?? (known < 500 ? 'This cannot be done.' : 'Something went wrong on our side.'),
  }
}

/** For the log: where it broke, down to the first cause. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  return error.cause === undefined ? error.stack ?? error.message : describe(error.cause)
}

/** The last handler: a page, or problem+json (RFC 9457). What broke is logged, never shown. */
export const errorHandler = (log: (line: string) => void): ErrorRequestHandler => (error: unknown, req, res, next) => {
  const problem = problemOf(error)
  if (problem.status === 500) log(`${req.method} ${req.path}: ${describe(error)}`)
  if (res.headersSent) {
    // express-session may report that it could not save once the answer is on its way: it ends that answer itself.
    if (!res.writableEnded) res.destroy()
    return
  }
  res.status(problem.status).set('Cache-Control', 'no-store')
  if (problem.status === 503) res.set('Retry-After', '1')
  if (!wantsHtml(req)) {
    res.type('application/problem+json').send(JSON.stringify({ type: 'about:blank', ...problem }))
    return
  }
  res.render('errors/problem', { title: problem.title, problem }, (failure: unknown, html?: string) =>
    failure ? next(failure) : res.send(html),
  )
}
