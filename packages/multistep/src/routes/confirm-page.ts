import { guard } from '../api/guard.js'
import { sendJson, sendProblem } from '../http/respond.js'
import { isRead, namedRequirement, wantsHtml, type Handler, type Request } from '../http/request.js'
import { confirmationOver, MultistepError, problemOf } from '../lib/errors.js'
import { blank, sendPage, type Visit } from '../pages/index.js'
import { answerError } from '../responses/answer-error.js'
import { grantState } from '../responses/login-state.js'
import { csrfToken } from '../session/csrf-token.js'
import { loginOf } from '../session/current-login.js'
import { kept } from '../session/browser-session.js'
import { livingGrants, type Granted } from '../state/granted.js'
import type { Context } from '../settings/context.js'
import type { ResumeForm } from '../stores/step-up-store.js'
import type { GrantState } from '../state/state.js'

/** What the last page of a step-up shows. */
export interface ConfirmState {
  readonly grant: GrantState
  readonly form: ResumeForm
  readonly csrfToken: string
}

export type ShowConfirm = (visit: Visit, state: ConfirmState) => Promise<void>

/**
 * `GET /confirm?for=…`: what the person has confirmed, and the form that sends it. It sends nothing: the form's post
 * goes to the guarded route, which takes the grant.
 */
export function confirmRoute(context: Context, show: ShowConfirm): Handler {
  const guarded = guard(context)
  return (req, res, next) => {
    guarded(req, res, (refused) => {
      if (refused) return next(refused)
      const act = async () => {
        if (!isRead(req)) {
          res.setHeader('Allow', 'GET, HEAD')
          throw new MultistepError('method_not_allowed', 'Post to the form\'s own action.')
        }
        const visit = { context, req, res, next }
        const granted = grantedFor(context, req)
        if (!granted?.resume) return answerOver(visit)
        const state = { grant: grantState(granted), form: granted.resume, csrfToken: csrfToken(req, res) }
        if (wantsHtml(req)) await show(visit, state)
        else sendJson(res, state)
      }
      act().catch((error: unknown) => answerError({ context, req, res, next, route: {} }, error)).catch(next)
    })
  }
}

function grantedFor(context: Context, req: Request): Granted | undefined {
  const login = loginOf(context, req)
  const id = namedRequirement(req)
  return login && livingGrants(kept(req).granted, login.at).find((one) => one.id === id)
}

/** It was sent, cancelled, or confirmed too long ago. */
async function answerOver(visit: Visit): Promise<void> {
  const { context: { settings }, req, res } = visit
  const problem = problemOf('flow_expired', { message: confirmationOver })
  if (!wantsHtml(req)) return sendProblem(res, problem)
  const returnTo = settings.publicPath + settings.successRedirect
  await sendPage(visit, 'refused', { ...blank, problem, returnTo }, {}, problem.status)
}
