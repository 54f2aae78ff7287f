import { sendJson, sendRedirect } from '../http/respond.js'
import type { Context } from '../settings/context.js'
import { isAct } from '../http/mounted-routes.js'
import { handle } from '../responses/handle-request.js'
import { forgetLogin, keep, kept, saved } from '../session/browser-session.js'
import { forgetGranted } from '../session/granted.js'
import { locateLogin } from '../session/locate-login.js'
import { giveUp } from '../login/taken-along.js'
import { buried, tombstoneOf } from '../session/tombstone.js'
import { namedRequirement, wantsHtml, type Handler, type Request } from '../http/request.js'
import { stateOf } from '../responses/login-state.js'
import { loginOf, setLogin } from '../session/current-login.js'
import { who, type ActiveLogin } from '../state/position.js'
import type { Reply } from '../state/reply.js'
import { publicLoginPath } from '../settings/addresses.js'
import { renew } from '../session/renew-session.js'
import { locate } from '../login/position-for-factor.js'

/** A handler that gives up the step-up that is named, else the pending login. A completed login stays. */
export function cancel(context: Context): Handler {
  return ended(context, async (req) => {
    const [{ flow }, login, requirement] = [kept(req), loginOf(context, req), namedRequirement(req)]
    const loginPage = publicLoginPath(context.settings)
    if (login && requirement !== undefined) return cancelStepUp(context, req, login, requirement)
    if (flow === undefined) return loginPage
    // A login whose person cannot be read any more must be given up all the same.
    const position = await locateLogin(context, req).catch(() => undefined)
    await giveUp(context, flow, position?.flow, position?.at)
    keep(req, { flow: undefined, problem: undefined, entered: undefined })
    await saved(req, context.settings.storeTimeout)
    context.events.emit('flow.cancelled', position ? who(position) : {})
    return loginPage
  })
}

/** Also one whose last page was open: what was confirmed there opens nothing any more. Answers where to go on. */
async function cancelStepUp(context: Context, req: Request, login: ActiveLogin, id: string): Promise<string> {
  const { store, events, settings: { publicPath, successRedirect, storeTimeout } } = context
  const open = (await store.readRequirements(login.id)).requirements.find((one) => one.id === id)
  const granted = kept(req).granted?.find((one) => one.id === id)
  if (open) await store.dropRequirement(login.id, id)
  if (granted) await store.takeGrant(login.id, granted.key)
  if (granted) forgetGranted(req, granted.key)
  keep(req, { problem: undefined, entered: undefined, values: open?.values ?? granted?.values })
  await saved(req, storeTimeout)
  events.emit('flow.cancelled', { userId: login.userId })
  // A page that asked for the step-up itself would ask again.
  return (open?.posted ? open.page : granted?.page) ?? publicPath + successRedirect
}

/** A handler that logs out. The login's record ends. The session gets a new id and nothing of the old one. */
export function logout(context: Context): Handler {
  return ended(context, async (req) => {
    const { flow, login } = kept(req)
    if (flow !== undefined) await context.store.dropFlow(flow)
    // A login ends even where its person could not be read.
    const id = loginOf(context, req)?.id ?? login
    if (id !== undefined) await context.store.endLogin(id)
    forgetLogin(req, context.passport.sessionKey)
    setLogin(context, req, undefined)
    keep(req, {
      flow: undefined, login: undefined, returnTo: undefined, problem: undefined, entered: undefined, sent: undefined,
      granted: undefined, setUp: undefined, values: undefined,
    })
    const tombstone = tombstoneOf(context, req, publicLoginPath(context.settings))
    await buried(tombstone, () => renew(req, { ...context.settings, carry: [] }))
    await saved(req, context.settings.storeTimeout)
    return publicLoginPath(context.settings)
  })
}

/** `act` answers where a browser goes on. */
function ended(context: Context, act: (req: Request) => Promise<string>): Handler {
  return isAct((req, res, next) => {
    void handle({ context, req, res, next, route: {} }, async (): Promise<Reply> => {
      const page = await act(req)
      if (wantsHtml(req)) sendRedirect(res, page)
      else sendJson(res, await stateOf(context, req, res, await locate(context, req)))
      return { type: 'answered' }
    })
  })
}
