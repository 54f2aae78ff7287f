import { sendHtml, sendJson, sendProblem, wantsHtml } from './http/answer.js'
import { authenticate } from './login/authenticate.js'
import { challenge } from './login/challenge.js'
import type { Context } from './context.js'
import { devicesPage, revokeRoute, type DevicesState } from './login/devices-routes.js'
import { cancel } from './login/ending.js'
import { MultistepError } from './errors.js'
import { english, withMessages } from './messages.js'
import { assets, contentSecurityPolicy, renderPage, type PageContext, type View } from './pages/index.js'
import { locate } from './login/step-up-position.js'
import { problemOf } from './problem.js'
import { progress } from './login/progress.js'
import { answerError, type Pages } from './http/reply.js'
import type { Handler, Request, Response } from './http/request.js'
import type { State } from './login/state.js'
import { publicLoginPath, stateOf } from './login/state-of.js'

/**
 * Pages and JSON for every step, to be mounted at `loginPath`. A plain function: it needs nothing of Express but the mount's `req.url`.
 */
export function router(context: Context): Handler {
  const routes = routesOf(context)
  return (req, res, next) => {
    const route = routes(pathOf(req))
    if (route) return route(req, res, next)
    next()
  }
}

/** The path below the mount. Not decoded, as Express does not: what the app puts in front of a path must not be passed by another spelling. */
const pathOf = (req: Request): string => ((req.url ?? '/').split('?', 1)[0] ?? '/').replace(/(.)\/$/, '$1')

function routesOf(context: Context): (path: string) => Handler | undefined {
  const options = { successRedirect: context.settings.publicPath + context.settings.successRedirect }
  const table = new Map<string, Handler>([
    ['/', home(context)],
    ['/cancel', cancel(context)],
    ...Object.entries(assets).map(([file, asset]): [string, Handler] => [`/assets/${file}`, sendAsset(asset)]),
  ])
  for (const name of context.settings.factors.names) {
    table.set(`/${name}`, authenticate(context, name, options, undefined, pagesOf(context)))
    if (context.settings.factors.get(name).challenge) table.set(`/${name}/challenge`, challenge(context, name, pagesOf(context)))
    if (context.settings.factors.get(name).redirects) table.set(`/${name}/callback`, authenticate(context, name, options, undefined, pagesOf(context, true)))
  }
  if (context.settings.remember) table.set('/devices', devicesPage(context, (_, res, state) => sendDevices(context, res, state)))
  return (path) => table.get(path) ?? revokeOf(context, path) ?? table.get(path.replace(/^(\/[^/]+\/callback)\/[^/]+$/, '$1')) ?? unknownFactor(path)
}

function revokeOf(context: Context, path: string): Handler | undefined {
  const [, id] = /^\/devices\/([\w-]{1,128})\/revoke$/.exec(path) ?? []
  return context.settings.remember && id !== undefined ? revokeRoute(context, id) : undefined
}

const sendDevices = (context: Context, res: Response, { devices, csrfToken }: DevicesState): void =>
  sendPage(context, res, 'devices', { ...blank, csrfToken, returnTo: context.settings.publicPath + context.settings.successRedirect }, { devices })

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
      const { factor } = (req.query ?? {}) as Record<string, unknown>
      const shown = state.status === 'complete' ? { returnTo: context.settings.publicPath + context.settings.successRedirect, ...state } : state
      sendPage(context, res, state.status === 'complete' ? 'complete' : 'login', shown, typeof factor === 'string' ? { chosen: factor } : {})
    }
    show().catch((error: unknown) => answerError({ context, req, res, next, route: {}, pages: pagesOf(context) }, error)).catch(next)
  }
}

const sendAsset = ({ type, body }: { type: string, body: string }): Handler => (req, res, next) => {
  if (req.method !== 'GET' && req.method !== 'HEAD') return next()
  res.setHeader('Content-Type', type)
  res.setHeader('Cache-Control', 'public, max-age=3600')
  res.setHeader('X-Content-Type-Options', 'nosniff')
  res.end(body)
}

/** A page that shows nothing of a login. */
const blank: State = { status: 'anonymous', step: 1, steps: 1, completed: [], factors: [], csrfToken: '' }

const pagesOf = (context: Context, callback = false): Pages => ({
  callback,
  redirect: (res, url) => sendPage(context, res, 'redirect', blank, { redirectTo: url }),
  async broken({ req, res, factor }, { status }) {
    const problem = problemOf(factor ? 'factor_unavailable' : 'store_unavailable')
    const state = await locate(context, req).then((position) => stateOf(context, req, res, position, { problem }), () => ({ ...blank, problem }))
    sendPage(context, res, 'unavailable', state, factor ? { chosen: factor.name } : {}, status)
  },
})

function sendPage(context: Context, res: Response, view: View, state: State, more: Partial<PageContext>, status = 200): void {
  const { messages, now } = context.settings
  const page = { loginPath: publicLoginPath(context), messages: withMessages(english, messages), now: now?.(), ...more }
  sendHtml(res, renderPage(view, state, page), status, {
    'Content-Security-Policy': contentSecurityPolicy(),
    'X-Content-Type-Options': 'nosniff',
  })
}
