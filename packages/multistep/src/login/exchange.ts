import type { Factor } from '../factors/factor.js'
import { namedRequirement, type Next, type Request, type Response } from '../http/request.js'
import type { MultistepError, Problem } from '../lib/errors.js'
import type { AuthenticateOptions } from '../passport/route-options.js'
import type { Context } from '../settings/context.js'
import type { Sent } from '../session/browser-session.js'
import type { Instead } from '../state/reply.js'
import type { Flow } from '../stores/flow-store.js'

/** One exchange, and how its route wants it answered. */
export interface Exchange {
  readonly context: Context
  readonly req: Request
  readonly res: Response
  readonly next: Next
  readonly factor?: Factor
  readonly route: AuthenticateOptions
  /** The options of `route` that the strategy gets to read. */
  readonly strategyOptions?: Readonly<Record<string, unknown>>
  /** The router's pages: how they send a browser elsewhere, and how they report an error. */
  readonly pages?: Pages
}

export interface Pages {
  /** Redirecting factors come back to this path. */
  readonly callback: boolean
  /** `instead`: the way on for a person who does not wait for the other site. */
  redirect(exchange: Exchange, url: string, instead?: Instead): Promise<void>
  broken(exchange: Exchange, error: MultistepError): Promise<void>
}

/** The requirement that a step is for, as far as the request says. `'login'`: the step is for no requirement. */
export type About = { readonly id: string } | 'login' | undefined

/** The requirement that a request of this site names. */
export function aboutOf(req: Request): About {
  const id = namedRequirement(req)
  return id === undefined ? undefined : { id }
}

/** An answer of a factor elsewhere, with what it was begun for. */
export interface Begun {
  readonly about: About
  /** The redirect that it answers. Absent only where the strategy vouches for its answers itself. */
  readonly sent?: Sent
}

/** What began by itself for a login that is not kept yet. */
export interface Entry {
  readonly factor: Factor
  /** To be kept with the login. Of a challenge that was sent a moment ago for another login, it is that one. */
  readonly challenges: Flow['challenges']
  readonly outcome:
    | 'sent'
    | 'sent before'
    | 'answered'
    | 'not begun'
    /** The browser is sent away, to be asked for nothing. */
    | { readonly redirect: string }
    | { readonly problem: Problem }
    | { readonly error: unknown }
  /** The silent factors that could say nothing, in whose place this one began. */
  readonly instead?: readonly FallBack[]
}

/** A silent factor that could say nothing, and why. */
export interface FallBack {
  readonly tried: Factor
  readonly words: string | undefined
  /** What it broke with. */
  readonly error?: unknown
  /** Its strategy has withdrawn it from this login. */
  readonly withdrawn?: true
}
