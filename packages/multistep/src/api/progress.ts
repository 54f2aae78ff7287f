import type { Context } from '../settings/context.js'
import { keep, kept } from '../session/browser-session.js'
import { pageNamed } from '../session/return-page.js'
import { isPageWaiting, takeShown } from '../responses/reply.js'
import type { Request, Response } from '../http/request.js'
import type { State } from '../state/state.js'
import { stateOf, type LoggedIn } from '../responses/login-state.js'
import type { Position } from '../state/position.js'
import { locate } from '../login/position-for-factor.js'
import { userProperty } from '../http/user-property.js'

/**
 * A state for the app's own views, with the person it is about where that person is known. As JSON it is the state
 * alone: the person may be between two steps of a login.
 */
export type Progress = State & { readonly user?: Express.User }

/**
 * Where this browser's login stands, for a page of the app. On a GET, `?returnTo=/path` is kept for the end of the
 * login.
 */
export async function progress(context: Context, req: Request, res: Response): Promise<Progress> {
  const position = await locate(context, req)
  if (position.lost) keep(req, { flow: undefined })
  const asked = pageNamed(context, req)
  const isOver = position.login !== undefined && position.flow === undefined
  if (asked !== undefined) keep(req, { returnTo: asked })
  else if (isOver && kept(req).returnTo !== undefined) keep(req, { returnTo: undefined })
  // A page that asks for itself again has shown it already, and the next one has not.
  const shown = req.method === 'HEAD' || isPageWaiting(req) ? kept(req) : takeShown(req)
  return withPerson(req, position, await stateOf(context, req, res, position, shown))
}

/** A state, with the person it is about. */
export function withPerson(req: Request, position: Position | LoggedIn, state: State): Progress {
  const pending = position.type === 'pending' || position.type === 'stepping-up' ? position.person.user : undefined
  const user = pending ?? (position.login ? Reflect.get(req, userProperty(req)) as Express.User | undefined : undefined)
  return Object.defineProperty({ ...state, ...(user === undefined ? {} : { user }) }, 'toJSON', { value: () => state })
}
