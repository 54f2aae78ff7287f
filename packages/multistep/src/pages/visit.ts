import type { Context } from '../settings/context.js'
import type { Next, Request, Response } from '../http/request.js'
import type { State } from '../state/state.js'

/** A request that is answered with a page. */
export interface Visit {
  readonly context: Context
  readonly req: Request
  readonly res: Response
  readonly next: Next
  /** The user whom the page is about, if known. */
  readonly person?: Express.User | undefined
}

/** A page that shows nothing of a login. */
export const blank: State = { status: 'anonymous', step: 1, steps: 1, completed: [], factors: [], csrfToken: '' }
