import { sendJson, sendRedirect } from '../http/respond.js'
import { handle } from '../responses/handle-request.js'
import { answerError } from '../responses/answer-error.js'
import { wantsHtml, type Handler, type Request, type Response } from '../http/request.js'
import type { Context } from '../settings/context.js'
import { MultistepError, problemOf } from '../lib/errors.js'
import type { Visit } from '../pages/index.js'
import type { DeviceState } from '../state/state.js'
import { listDevices, revokeDevice } from '../devices/manage-devices.js'
import { deviceId, presentedTokens, setTokens } from '../devices/device-cookie.js'
import { csrfToken } from '../session/csrf-token.js'
import { loginOf } from '../session/current-login.js'
import type { ActiveLogin } from '../state/position.js'
import { publicLoginPath } from '../settings/addresses.js'
import { guard } from '../api/guard.js'

/** What the router shows of a person's devices. */
export interface DevicesState {
  readonly devices: readonly DeviceState[]
  readonly csrfToken: string
}

export type ShowDevices = (visit: Visit, state: DevicesState) => Promise<void>

/** `GET /devices`: the browsers that the person who is logged in had remembered. */
export function devicesPage(context: Context, show: ShowDevices): Handler {
  const guarded = guard(context)
  return (req, res, next) => {
    guarded(req, res, (refused) => {
      if (refused) return next(refused)
      const act = async () => {
        if (req.method !== 'GET' && req.method !== 'HEAD') {
          res.setHeader('Allow', 'GET, HEAD')
          throw new MultistepError('method_not_allowed', 'To end a device, post to its links.revoke.')
        }
        const state = await devicesState(context, req, res, whoIs(context, req))
        if (wantsHtml(req)) await show({ context, req, res, next }, state)
        else sendJson(res, state)
      }
      act().catch((error: unknown) => answerError({ context, req, res, next, route: {} }, error)).catch(next)
    })
  }
}

/** `POST /devices/:id/revoke`: that device counts no more. One that is gone already is no mistake. */
export function revokeRoute(context: Context, id: string): Handler {
  const guarded = guard(context)
  return (req, res, next) => {
    guarded(req, res, (refused) => {
      if (refused) return next(refused)
      void handle({ context, req, res, next, route: {} }, async () => {
        const login = whoIs(context, req)
        await revokeDevice(context, login.userId, id)
        forgetHere(context, req, res, id)
        if (wantsHtml(req)) sendRedirect(res, `${publicLoginPath(context.settings)}/devices`)
        else sendJson(res, await devicesState(context, req, res, login))
        return { type: 'answered' }
      })
    })
  }
}

function whoIs(context: Context, req: Request): ActiveLogin {
  const login = loginOf(context, req)
  if (!login) throw new MultistepError('login_required', problemOf('login_required').message)
  return login
}

async function devicesState(
  context: Context, req: Request, res: Response, { userId }: ActiveLogin,
): Promise<DevicesState> {
  const here = presentedTokens(req).map(deviceId)
  const devices = await listDevices(context, userId)
  return {
    devices: devices.map(({ id, createdAt, lastUsedAt, expiresAt, label }) => ({
      id,
      createdAt: createdAt.toISOString(),
      lastUsedAt: lastUsedAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
      ...(label === undefined ? {} : { label }),
      current: here.includes(id),
      links: { revoke: `${publicLoginPath(context.settings)}/devices/${id}/revoke` },
    })),
    csrfToken: csrfToken(req, res),
  }
}

/** The cookie of the browser that asks keeps nothing of it. */
function forgetHere(
  { settings: { remember } }: Pick<Context, 'settings'>, req: Request, res: Response, id: string,
): void {
  const tokens = presentedTokens(req)
  const others = tokens.filter((token) => deviceId(token) !== id)
  if (remember && others.length < tokens.length) setTokens(res, others, remember.ttl)
}
