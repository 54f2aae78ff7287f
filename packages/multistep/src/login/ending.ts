import { sendJson, sendRedirect, wantsHtml } from '../http/answer.js'
import { loginOf, setLogin, type Context } from '../context.js'
import { handle } from '../http/exchange.js'
import { forgetLogin, keep, kept, renew, saved } from './login-session.js'
import { locate, who } from './position.js'
import type { Reply } from '../http/reply.js'
import type { Handler, Request } from '../http/request.js'
import { publicLoginPath, stateOf } from './state-of.js'

/** A handler that gives up the pending login; a completed one stays. */
export function cancel(context: Context): Handler {
  return ended(context, async (req) => {
    const { flow } = kept(req)
    if (flow === undefined) return
    // A login whose person can not be read any more must be given up all the same.
    const position = await locate(context, req).catch(() => ({ user: undefined }))
    await context.store.dropFlow(flow)
    keep(req, { flow: undefined, problem: undefined, entered: undefined })
    await saved(req, context.settings.storeTimeout)
    context.events.emit('flow.cancelled', who(context, position))
  })
}

/** A handler that logs out: the login's record ends, the session gets a new id and nothing of the old one. */
export function logout(context: Context): Handler {
  return ended(context, async (req) => {
    const { flow } = kept(req)
    const login = loginOf(req)
    if (flow !== undefined) await context.store.dropFlow(flow)
    if (login) await context.store.endLogin(login.id)
    forgetLogin(req, context.passport)
    setLogin(req, undefined)
    keep(req, { flow: undefined, login: undefined, returnTo: undefined, problem: undefined, entered: undefined })
    await renew(req, { ...context.settings, carry: [] })
    await saved(req, context.settings.storeTimeout)
  })
}

function ended(context: Context, act: (req: Request) => Promise<void>): Handler {
  return (req, res, next) => {
    void handle({ context, req, res, next, route: {} }, async (): Promise<Reply> => {
      await act(req)
      if (wantsHtml(req)) sendRedirect(res, publicLoginPath(context))
      else sendJson(res, await stateOf(context, req, res, await locate(context, req)))
      return { type: 'answered' }
    })
  }
}
