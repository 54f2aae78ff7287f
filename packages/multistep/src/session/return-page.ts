import type { Context } from '../settings/context.js'
import { isSpeculative } from '#internal/speculative-request'
import { hasPage, leadsToAct } from '../http/mounted-routes.js'
import { comesFromHere, isNavigation } from '../http/navigation.js'
import { isRead, wantsHtml, type Request, type Session } from '../http/request.js'
import { returnPath } from '../lib/local-path.js'
import type { Settings } from '../settings/settings.js'
import { kept } from './browser-session.js'
import { publicLoginPath } from '../settings/addresses.js'

/**
 * A page to come back to after the login: a path of this app, not of the login itself, that shows something when it is
 * asked for with GET. It is not one that logs out, by its name or by what is mounted there.
 */
export function pageToReturnTo(settings: ReturnSettings, req: Request, value: unknown): string | undefined {
  if (typeof value === 'string' && isPageOfAccount(settings, value)) return value
  const page = returnPath(value, settings.loginPath)
  return page === undefined || leadsToAct(req, page) ? undefined : page
}

type ReturnSettings = Pick<Settings, 'loginPath' | 'factors' | 'remember'>

/** The router's own pages for people who are logged in: their devices, their recovery codes, and each set-up. */
function isPageOfAccount({ loginPath, factors, remember }: ReturnSettings, path: string): boolean {
  if (!path.startsWith(`${loginPath}/`)) return false
  const below = path.slice(loginPath.length)
  if (below === '/devices') return remember !== undefined
  if (below === '/recovery-codes') return true
  return factors.names.some((name) => factors.get(name).setUp !== undefined && below === `/${name}/set-up`)
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
  const fetches = req.method === 'GET' && !wantsHtml(req) && !isSpeculative(req)
  const byScript = fetches && comesFromHere(req, context.settings.origins)
  return byScript || isNavigation(req) ? pageToReturnTo(context.settings, req, named) : undefined
}

/** Where a browser goes on, as it sees the path: `page`, else the page that this request belongs to. */
export const pageAfter = (context: Context, req: Request, page: string | undefined): string =>
  (page === undefined ? pageBehind(context, req) : context.settings.publicPath + page)

/**
 * As the browser sees it: the page itself where it was asked for; where something was posted, the page of this app that
 * the post came from. A page may keep that back (helmet's `Referrer-Policy`): then the page of the post's own path.
 */
function pageBehind(context: Context, req: Request): string {
  const { publicPath, successRedirect, loginPath } = context.settings
  const home = publicPath + successRedirect
  const path = returnPath(req.originalUrl ?? req.url, loginPath)
  const own = path === undefined ? undefined : publicPath + path
  if (isRead(req)) return own ?? home
  const { referer, host } = req.headers
  const from = referer !== undefined && URL.canParse(referer) ? new URL(referer) : undefined
  const named = from?.host === host ? from : undefined
  const page = named && returnPath(named.pathname + named.search, publicLoginPath(context.settings))
  return page ?? (path !== undefined && hasPage(req, path) ? own : undefined) ?? home
}
