import { sendProblem, sendRedirect } from '../http/respond.js'
import { type Context } from '../settings/context.js'
import { keep, kept, saved } from '../session/browser-session.js'
import { pageAskedFor } from '../session/return-page.js'
import { locateLogin } from '../session/locate-login.js'
import { problemOf } from '../lib/problem.js'
import { answerError } from '../responses/reply.js'
import { wantsHtml, type Handler, type Request, type Response } from '../http/request.js'
import { loginOf } from '../session/current-login.js'
import { pageOf, publicLoginPath } from '../settings/addresses.js'

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
  if (!wantsHtml(req)) return sendProblem(res, problemOf(pending ? 'factor_required' : 'login_required'), { login: publicLoginPath(context.settings) })
  const returnTo = pageAskedFor(context, req)
  if (returnTo !== undefined) {
    keep(req, { returnTo })
    await saved(req, context.settings.storeTimeout)
  }
  sendRedirect(res, pending ? pageOf(context.settings, pending.next) : publicLoginPath(context.settings))
}
