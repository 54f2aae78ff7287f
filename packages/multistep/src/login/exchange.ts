import type { Factor } from '../factors/factor.js'
import type { Next, Request, Response } from '../http/request.js'
import type { MultistepError } from '../lib/errors.js'
import type { AuthenticateOptions } from '../passport/route-options.js'
import type { Context } from '../settings/context.js'

/** One exchange, and how its route wants it answered. */
export interface Exchange {
  readonly context: Context
  readonly req: Request
  readonly res: Response
  readonly next: Next
  readonly factor?: Factor
  readonly route: AuthenticateOptions
  /** The router's: how its pages send a browser elsewhere, and how they say that something broke. */
  readonly pages?: Pages
}

export interface Pages {
  /** The path is the one that redirecting factors come back to. */
  readonly callback: boolean
  redirect(exchange: Exchange, url: string): Promise<void>
  broken(exchange: Exchange, error: MultistepError): Promise<void>
}
