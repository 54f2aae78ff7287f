import type { Context } from '../settings/context.js'
import type { Request } from '../http/request.js'
import { recorded } from './session.js'
import { keep, kept } from '../session/browser-session.js'
import { loginOf, setLogin } from '../session/current-login.js'

/** Steps down: every request of this login loses the proofs, grants and open requirements of step-ups. */
export async function drop(context: Context, req: Request): Promise<void> {
  const login = loginOf(context, req)
  if (!login) return
  await context.store.stepDown(login.id)
  if (kept(req).granted) keep(req, { granted: undefined })
  setLogin(context, req, await recorded(context, login.id))
}
