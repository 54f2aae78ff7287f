// Packages that come without types, as far as this app uses them.

declare module 'ejs' {
  const ejs: { readonly renderFile: (path: string, data: object, done: (error: unknown, html?: string) => void) => void }
  export default ejs
}

declare module 'connect-ensure-login' {
  import type { RequestHandler } from 'express'
  export function ensureLoggedIn(redirectTo?: string): RequestHandler
}

declare module 'passport-totp' {
  import type { Strategy as PassportStrategy } from 'passport'
  type Done = (error: unknown, key?: Buffer, period?: number) => void
  export const Strategy: new (options: { window?: number }, setup: (user: Express.User, done: Done) => void) => PassportStrategy
}

declare module 'express-mysql-session' {
  import type { Store } from 'express-session'
  import type { Pool } from 'mysql2/promise'

  interface MysqlSessions extends Store {
    onReady(): Promise<void>
    close(): Promise<void>
  }
  const connect: (session: unknown) => new (options: { createDatabaseTable?: boolean }, pool: Pool) => MysqlSessions
  export default connect
}
