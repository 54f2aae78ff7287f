import type { Context } from '../settings/context.js'
import { leadsToAct } from '../http/mounted-routes.js'
import { comesFromHere, isNavigation, isSpeculative } from '../http/navigation.js'
import { wantsHtml, type Request, type Session } from '../http/request.js'
import { returnPath } from '../lib/local-path.js'
import type { Settings } from '../settings/options.js'
import { kept } from './browser-session.js'

/**
 * A page to come back to after the login: a path of this app, not of the login itself, that shows something when it is
 * asked for with GET. It is not one that logs out, by its name or by what is mounted there.
 */
export function pageToReturnTo(
  { loginPath }: Pick<Settings, 'loginPath'>, req: Request, value: unknown,
): string | undefined {
  const page = returnPath(value, loginPath)
  return page === undefined || leadsToAct(req, page) ? undefined : page
}

/**
 * The page first asked for: a guard of ours kept it, or connect-ensure-login did, whose own way a login's new session
 * would lose.
 */
export function returnToOf({ settings }: Pick<Context, 'settings'>, req: Request): string | undefined {
  const { returnTo: ours } = kept(req)
  const { returnTo: theirs } = req.session as Session
  const page = ours === undefined ? undefined : pageToReturnTo(settings, req, ours)
  return page ?? (theirs === undefined ? undefined : pageToReturnTo(settings, req, theirs))
}

/** The page that this request asks for, where the person goes to it. */
export const pageAskedFor = (context: Pick<Context, 'settings'>, req: Request): string | undefined =>
  (isNavigation(req) ? pageToReturnTo(context.settings, req, req.originalUrl ?? req.url) : undefined)

/**
 * The page that `?returnTo=` names to a page of the login: in a link that the person follows, or in a request of a
 * script of this app that asks for the state.
 */
export function pageNamed(context: Pick<Context, 'settings'>, req: Request): string | undefined {
  const named: unknown = (req.query as Record<string, unknown> | undefined)?.returnTo
  if (named === undefined) return undefined
  const isRead = req.method === 'GET' && !wantsHtml(req) && !isSpeculative(req)
  const byScript = isRead && comesFromHere(req, context.settings.origins)
  return byScript || isNavigation(req) ? pageToReturnTo(context.settings, req, named) : undefined
}
