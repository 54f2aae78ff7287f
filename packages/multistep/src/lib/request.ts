import type { IncomingMessage, ServerResponse } from 'node:http'

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

export type Response = ServerResponse
export type Next = (error?: unknown) => void
/** Fits `app.get`, `app.post` and `app.use` of Express 4 and 5. */
export type Handler = (req: Request, res: Response, next: Next) => void
