import { locateLogin } from '../session/locate-login.js'
import { keep, kept, saved } from '../session/browser-session.js'
import type { Context } from '../settings/context.js'
import { pageOf, publicLoginPath } from '../settings/addresses.js'
import { problemOf } from '../lib/errors.js'
import { isRouterElsewhere } from '../http/mounted-routes.js'
import { warnOnce } from '../lib/warn-once.js'
import { sendProblem, sendRedirect } from '../http/respond.js'
import { pageAskedFor } from '../session/return-page.js'
import { wantsHtml, type Request, type Response } from '../http/request.js'

/** A browser without a login is sent to the login, and back afterwards. */
export async function turnAway(context: Context, req: Request, res: Response): Promise<void> {
  const position = kept(req).flow === undefined ? undefined : await locateLogin(context, req)
  const pending = position?.type === 'pending' ? position : undefined
  if (!wantsHtml(req)) {
    const problem = problemOf(pending ? 'factor_required' : 'login_required')
    return sendProblem(res, problem, { login: publicLoginPath(context.settings) })
  }
  const returnTo = pageAskedFor(context, req)
  if (returnTo !== undefined) {
    keep(req, { returnTo })
    await saved(req, context.settings.storeTimeout)
  }
  checkLoginPath(context, req)
  sendRedirect(res, pending ? pageOf(context.settings, pending.next) : publicLoginPath(context.settings))
}

/** Of each policy, whether its `loginPath` was looked at: by the first request, all of the app is mounted. */
const lookedAt = new WeakSet<Context>()

/** A browser that is sent to a path where nothing is finds a 404 there, which does not say why. */
function checkLoginPath(context: Context, req: Request): void {
  const { loginPath } = context.settings
  if (lookedAt.has(context)) return
  lookedAt.add(context)
  if (!isRouterElsewhere(req, context, loginPath)) return
  warnOnce([
    `login.require() sends browsers to loginPath '${loginPath}', and login.router() is mounted elsewhere. Write `
    + `app.use('${loginPath}', login.router()), or give multistep the option loginPath.`,
  ])
}
