import type { Factor } from '../factors/factor.js'
import type { ActiveLogin, Position } from './position.js'
import type { Problem } from '../lib/errors.js'

/** What became of one post, before it is told in HTML or JSON. */
export type Reply =
  /**
   * Passed with more to do, or a challenge begun; `problem`: what did not go well on the way. `retryAfter`: the
   * strategy waits. `chosen`: the factor that took the place of another one.
   */
  | {
    readonly type: 'continue'
    readonly position: Position
    readonly problem?: Problem
    readonly retryAfter?: number
    readonly chosen?: Factor
  }
  | { readonly type: 'complete', readonly login: ActiveLogin, readonly returnTo: string | undefined }
  /** A login has proven what a guard asked for. */
  | { readonly type: 'stepped-up', readonly login: ActiveLogin, readonly page: string }
  | Refused
  /** `instead`: the way on without it, of a factor that is tried without the person. */
  | { readonly type: 'redirect', readonly url: string, readonly instead?: Instead }
  /** Another site began this: the person is asked whether they want it. */
  | { readonly type: 'ask', readonly factor: Factor }
  /**
   * An answer from elsewhere that is sent here once more, from a page of ours, so that the session's cookie comes
   * along.
   */
  | { readonly type: 'pass on', readonly fields: readonly (readonly [string, string])[] }
  /** The strategy ended the response itself. */
  | { readonly type: 'answered' }

/** What was posted is refused. */
export interface Refused {
  readonly type: 'refused'
  readonly problem: Problem
  readonly position: Position
  /** Another request has taken what this one came for, perhaps the same post once more. */
  readonly taken?: true
}

/** Where a person goes on who does not wait for a silent factor. */
export interface Instead {
  readonly position: Position
  /** The silent one. */
  readonly tried: Factor
  readonly factor: Factor
}
