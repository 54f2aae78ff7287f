import { sendJson, sendProblem } from '../http/respond.js'
import type { Context } from '../settings/context.js'
import { devicesPage, revokeRoute, type DevicesState } from './devices-page.js'
import { confirmRoute, type ConfirmState } from './confirm-page.js'
import { cancel } from '../api/cancel-and-logout.js'
import { MultistepError, problemOf } from '../lib/errors.js'
import { assetNames, blank, sendAsset, sendPage, type Visit } from '../pages/index.js'
import type { Factor } from '../factors/factor.js'
import { passkeyActs, type PasskeysState } from './passkeys-page.js'
import { setUpRoute } from './set-up-page.js'
import type { SetUpActs } from './set-up-visit.js'
import { totpActs, type TotpState } from './totp-page.js'
import { recoveryCodes, type RecoveryCodesState } from './recovery-codes-page.js'
import { warnOnce } from '../lib/warn-once.js'
import { progress } from '../api/progress.js'
import { answerError } from '../responses/answer-error.js'
import { wantsHtml, type Handler, type Request } from '../http/request.js'
import type { State } from '../state/state.js'
import { stateOf } from '../responses/login-state.js'
import type { Pages } from '../login/exchange.js'
import { authenticate } from '../api/authenticate.js'
import { challenge } from '../api/challenge.js'
import { locate } from '../login/position-for-factor.js'

/**
 * Pages and JSON for every step, to be mounted at `loginPath`. A plain function: it needs nothing of Express but the
 * mount's `req.url`.
 */
export function router(context: Context): Handler {
  const routes = routesOf(context)
  return (req, res, next) => {
    checkMount(context, req)
    checkCsrf(context, req)
    const route = isSpeltAsMounted(context, req) ? routes(pathBelowMount(req)) : undefined
    if (route) return route(req, res, next)
    next()
  }
}

/** Links lead to `loginPath`: at another mount they lead nowhere, and nothing else would say so. */
function checkMount({ settings: { loginPath } }: Pick<Context, 'settings'>, req: Request): void {
  const { baseUrl } = req as { baseUrl?: unknown }
  if (typeof baseUrl !== 'string' || baseUrl.toLowerCase() === loginPath.toLowerCase()) return
  warnOnce([
    `login.router() is mounted at '${baseUrl === '' ? '/' : baseUrl}', and loginPath is '${loginPath}', where its ` +
    `links lead. Write app.use('${loginPath}', login.router()), or give multistep the option loginPath.`,
  ])
}

/** The forms of our pages carry a token of ours. A check of the app's own, in front of them, looks for its own. */
function checkCsrf({ settings: { loginPath, render } }: Pick<Context, 'settings'>, req: Request): void {
  if (render !== undefined || req.method !== 'GET' || typeof (req as { csrfToken?: unknown }).csrfToken !== 'function') return
  warnOnce(['a CSRF check (the one that gives req.csrfToken) stands in front of login.router(), and refuses what its '
    + `pages post for lack of its own token. Move app.use('${loginPath}', login.router()) in front of it: the router `
    + 'checks by itself that a post comes from its pages.'])
}

/**
 * The path below the mount, in one spelling only: neither decoded nor in another case nor with a slash at its end. What
 * the app puts in front of a path, such as a limiter, must not be passed by another spelling of it, however strictly
 * that one compares.
 */
const pathBelowMount = (req: Request): string => (req.url ?? '/').split('?', 1)[0] ?? '/'

/** Express mounts in any case: `/LOGIN/local` gets here too. */
function isSpeltAsMounted({ settings: { loginPath } }: Pick<Context, 'settings'>, req: Request): boolean {
  const { baseUrl = '' } = req as { baseUrl?: string }
  return baseUrl === loginPath || baseUrl.toLowerCase() !== loginPath.toLowerCase()
}

function routesOf(context: Context): (path: string) => Handler | undefined {
  const options = { successRedirect: homeOf(context) }
  const table = new Map<string, Handler>([
    ['/', home(context)],
    ['/cancel', cancel(context)],
    ['/confirm', confirmRoute(context, sendConfirm)],
    ...assetNames.map((name): [string, Handler] => [`/assets/${name}`, sendAsset(context, name)]),
  ])
  for (const name of context.settings.factors.names) {
    table.set(`/${name}`, authenticate(context, name, options, undefined, pagesOf(context)))
    if (context.settings.factors.get(name).challenge) {
      table.set(`/${name}/challenge`, challenge(context, name, pagesOf(context)))
    }
    if (context.settings.factors.get(name).redirects) {
      table.set(`/${name}/callback`, authenticate(context, name, options, undefined, pagesOf(context, true)))
    }
  }
  for (const name of context.settings.factors.names) {
    const factor = context.settings.factors.get(name)
    const acts = setUpActs(factor)
    if (acts) table.set(`/${name}/set-up`, setUpRoute(context, factor, pagesOf(context, false, loggedIn), acts))
  }
  if (context.settings.remember) table.set('/devices', devicesPage(context, sendDevices))
  const codes = recoveryCodes(context, sendRecoveryCodes, pagesOf(context, false, loggedIn))
  if (codes) table.set('/recovery-codes', codes)
  return (path) =>
    table.get(path) ??
    revokeOf(context, path) ??
    table.get(path.replace(/^(\/[^/]+\/callback)\/[^/]+$/, '$1')) ??
    unknownFactor(path)
}

const loggedIn: State = { ...blank, status: 'complete' }

function setUpActs({ setUp }: Factor): SetUpActs | undefined {
  switch (setUp?.type) {
    case 'totp': return totpActs(setUp, sendTotp)
    case 'passkeys': return passkeyActs(setUp, sendPasskeys)
    case undefined: return undefined
  }
}

const sendTotp = (visit: Visit, { csrfToken, problem, ...shown }: TotpState): Promise<void> =>
  sendPage(visit, 'totp-set-up', { ...ofTheirOwn(visit, csrfToken), ...problem && { problem } }, shown, problem?.status)

const sendPasskeys = (visit: Visit, { csrfToken, problem, ...shown }: PasskeysState): Promise<void> =>
  sendPage(visit, 'passkeys', { ...ofTheirOwn(visit, csrfToken), ...problem && { problem } }, shown, problem?.status)

function revokeOf(context: Context, path: string): Handler | undefined {
  const [, id] = /^\/devices\/([\w-]{1,128})\/revoke$/.exec(path) ?? []
  return context.settings.remember && id !== undefined ? revokeRoute(context, id) : undefined
}

const sendConfirm = (visit: Visit, { grant, form, csrfToken }: ConfirmState): Promise<void> =>
  sendPage(visit, 'confirm', ofTheirOwn(visit, csrfToken), { grant, form })

const sendDevices = (visit: Visit, { devices, csrfToken }: DevicesState): Promise<void> =>
  sendPage(visit, 'devices', ofTheirOwn(visit, csrfToken), { devices })

const sendRecoveryCodes = (visit: Visit, { csrfToken, ...shown }: RecoveryCodesState): Promise<void> =>
  sendPage(visit, 'recovery-codes', ofTheirOwn(visit, csrfToken), shown)

/** A page for a person who is logged in, about other things than the login. */
const ofTheirOwn = ({ context }: Visit, csrfToken: string): State =>
  ({ ...blank, status: 'complete', csrfToken, returnTo: homeOf(context) })

const homeOf = ({ settings }: Pick<Context, 'settings'>): string => settings.publicPath + settings.successRedirect

/** A post to a factor that the policy does not mention. */
const unknownFactor = (path: string): Handler | undefined => (/^\/[^/]+(\/challenge)?$/.test(path)
  ? (req, res, next) => {
      if (req.method !== 'POST') return next()
      sendProblem(res, { code: 'factor_unexpected', message: 'There is no such factor here.', status: 404 })
    }
  : undefined)

function home(context: Context): Handler {
  return (req, res, next) => {
    const show = async () => {
      if (req.method !== 'GET' && req.method !== 'HEAD') {
        res.setHeader('Allow', 'GET, HEAD')
        throw new MultistepError('method_not_allowed', 'Post to the factor: its path is in links.')
      }
      // The person is for the app's own pages, and never for the browser as it is.
      const { user, ...state } = await progress(context, req, res)
      if (!wantsHtml(req)) return sendJson(res, state)
      const { factor, another } = (req.query ?? {}) as Record<string, unknown>
      const visit = { context, req, res, next, person: user }
      if (state.status === 'complete') return sendPage(visit, 'complete', { returnTo: homeOf(context), ...state }, {})
      return sendPage(
        visit,
        'login',
        state,
        { ...typeof factor === 'string' && { chosen: factor }, ...another !== undefined && { another: true } },
      )
    }
    show()
      .catch((error: unknown) => answerError({ context, req, res, next, route: {}, pages: pagesOf(context) }, error))
      .catch(next)
  }
}

/** `nothing`: what is shown where nothing can be read. */
const pagesOf = (context: Context, callback = false, nothing = blank): Pages => ({
  callback,
  async redirect(exchange, url, instead) {
    const { req, res } = exchange
    if (!instead) return sendPage(exchange, 'redirect', blank, { redirectTo: url })
    const { tried, factor, position } = instead
    const person = position.person?.user
    const state = await stateOf(context, req, res, position)
    const hint = person === undefined ? undefined : await tried.hint?.(person)
    const shown = { redirectTo: url, tried: tried.name, instead: factor.name, ...hint !== undefined && { hint } }
    await sendPage({ ...exchange, person }, 'redirect', state, shown)
  },
  async broken(exchange, { status }) {
    const { req, res, factor } = exchange
    const problem = problemOf(factor ? 'factor_unavailable' : 'store_unavailable')
    const position = await locate(context, req).catch(() => undefined)
    const state = position && await stateOf(context, req, res, position, { problem }).catch(() => undefined)
    const visit = { ...exchange, person: position?.person?.user }
    await sendPage(
      visit, 'unavailable', state ?? { ...nothing, problem }, factor ? { chosen: factor.name } : {}, status,
    )
  },
})
