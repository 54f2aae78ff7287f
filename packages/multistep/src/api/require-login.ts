import { sendProblem, sendRedirect, wantsHtml } from '../responses/respond.js'
import { loginOf, type Context } from '../settings/context.js'
import { keep, kept, saved } from '../session/login-session.js'
import { pageAskedFor } from '../session/page-asked-for.js'
import { locateLogin } from '../session/position.js'
import { problemOf } from '../lib/problem.js'
import { answerError } from '../responses/reply.js'
import type { Handler, Request, Response } from '../http/request.js'
import { pageOf, publicLoginPath } from '../responses/login-state.js'

/** A handler that lets only completed logins pass. */
export function guard(context: Context): Handler {
  return (req, res, next) => {
    try {
      if (loginOf(context, req)) return next()
    } catch (error) {
      return next(error)
    }
    turnAway(context, req, res).catch((error: unknown) => answerError({ context, req, res, next, route: {} }, error)).catch(next)
  }
}

/** Nobody is logged in: to the login, and back afterwards. */
export async function turnAway(context: Context, req: Request, res: Response): Promise<void> {
  const position = kept(req).flow === undefined ? undefined : await locateLogin(context, req)
  const pending = position?.type === 'pending' ? position : undefined
  if (!wantsHtml(req)) return sendProblem(res, problemOf(pending ? 'factor_required' : 'login_required'), { login: publicLoginPath(context) })
  const returnTo = pageAskedFor(context, req)
  if (returnTo !== undefined) {
    keep(req, { returnTo })
    await saved(req, context.settings.storeTimeout)
  }
  sendRedirect(res, pending ? pageOf(context, pending.next) : publicLoginPath(context))
}
