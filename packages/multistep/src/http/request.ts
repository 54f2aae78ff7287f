import type { IncomingMessage, ServerResponse } from 'node:http'
import Negotiator from 'negotiator'

declare global {
  // The person's type is the app's: it declares it here once, for Passport, Express and this package alike.
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace Express {
    // eslint-disable-next-line @typescript-eslint/no-empty-object-type
    interface User {}
  }
}

/** As much of express-session's session as this package uses. */
export interface Session {
  regenerate(done: (error?: unknown) => void): unknown
  save(done: (error?: unknown) => void): unknown
  [key: string]: unknown
}

/** As much of an Express request as this package uses; structural, so that Express 4 and 5 fit alike. */
export interface Request extends IncomingMessage {
  // Parsed by the app's parsers, and read by the app's callbacks as Express types it.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body?: any
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  query?: any
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  params?: any
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  session?: any
  sessionID?: string
  user?: Express.User | undefined
  originalUrl?: string
  secure?: boolean
  ip?: string | undefined
}

/** A response, as Express hands it to a handler. */
export type Response = ServerResponse
export type Next = (error?: unknown) => void
/** Fits `app.get`, `app.post` and `app.use` of Express 4 and 5. */
export type Handler = (req: Request, res: Response, next: Next) => void

/**
 * Whether this client wants pages: `Accept` names `text/html`, and does not rank JSON above it. No `Accept`, or a
 * wildcard only, is a program.
 */
export function wantsHtml(req: Request): boolean {
  if (!/\btext\/html\b/i.test(req.headers.accept ?? '')) return false
  return new Negotiator(req).mediaType(['text/html', 'application/json']) === 'text/html'
}

/** A field of a body or a query, where it is text. */
export function textIn(values: unknown, name: string): string | undefined {
  const value = valueIn(values, name)
  return typeof value === 'string' ? value : undefined
}

/** Whether a post wishes for what the box of this name offers. */
export function isWishOf({ method, body }: Request, name: string): boolean {
  const wish: unknown = (body as Record<string, unknown> | undefined)?.[name]
  const ticked = wish === true || (typeof wish === 'string' && ['on', 'true', '1', 'yes'].includes(wish.toLowerCase()))
  return method === 'POST' && ticked
}

/** The requirement that a request names, in its field `for`; `''` for what can name none. */
export function namedRequirement({ method, body, query }: Request): string | undefined {
  const named = method === 'POST' ? valueIn(body, 'for') ?? valueIn(query, 'for') : valueIn(query, 'for')
  if (named === undefined || named === null || named === '') return undefined
  return typeof named === 'string' ? named : ''
}

const valueIn = (values: unknown, name: string): unknown =>
  (typeof values === 'object' && values !== null && Object.hasOwn(values, name)
    ? (values as Record<string, unknown>)[name]
    : undefined)

/** Whether a request only looks. */
export const isRead = ({ method }: Pick<Request, 'method'>): boolean => method === 'GET' || method === 'HEAD'
