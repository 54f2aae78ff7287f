import type { Factor } from '../factors/factor.js'
import { namedRequirement, type Next, type Request, type Response } from '../http/request.js'
import type { MultistepError, Problem } from '../lib/errors.js'
import type { AuthenticateOptions } from '../passport/route-options.js'
import type { Context } from '../settings/context.js'
import type { Sent } from '../session/browser-session.js'
import type { KeptChallenge } from '../factors/kept-challenge.js'

/** One exchange, and how its route wants it answered. */
export interface Exchange {
  readonly context: Context
  readonly req: Request
  readonly res: Response
  readonly next: Next
  readonly factor?: Factor
  readonly route: AuthenticateOptions
  /** What of `route` the strategy gets to read. */
  readonly strategyOptions?: Readonly<Record<string, unknown>>
  /** The router's: how its pages send a browser elsewhere, and how they say that something broke. */
  readonly pages?: Pages
}

export interface Pages {
  /** The path is the one that redirecting factors come back to. */
  readonly callback: boolean
  redirect(exchange: Exchange, url: string): Promise<void>
  broken(exchange: Exchange, error: MultistepError): Promise<void>
}

/** What a step is for, as far as the request says. `'login'`: for no requirement. */
export type About = { readonly id: string } | 'login' | undefined

/** The requirement that a request of this site names. */
export function aboutOf(req: Request): About {
  const id = namedRequirement(req)
  return id === undefined ? undefined : { id }
}

/** An answer of a factor elsewhere, with what it was begun for. */
export interface Begun {
  readonly about: About
  /** The redirect that it answers; absent only where the strategy vouches for its answers itself. */
  readonly sent?: Sent
}

/** What became of a challenge that began by itself for a login which is not kept yet. */
export interface Entry {
  readonly factor: Factor
  /** Sent now, or a moment ago for another login of this person in this browser. */
  readonly challenge?: KeptChallenge
  readonly outcome: 'sent' | 'sent before' | 'answered' | 'not begun' | { readonly problem: Problem } | { readonly error: unknown }
}
