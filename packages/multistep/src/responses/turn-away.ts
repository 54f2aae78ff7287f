import { locateLogin } from '../session/locate-login.js'
import { keep, kept, saved } from '../session/browser-session.js'
import type { Context } from '../settings/context.js'
import { pageOf, publicLoginPath } from '../settings/addresses.js'
import { problemOf } from '../lib/errors.js'
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
  sendRedirect(res, pending ? pageOf(context.settings, pending.next) : publicLoginPath(context.settings))
}
