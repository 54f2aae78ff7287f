import { sendProblem, sendRedirect } from '../http/respond.js'
import { wantsHtml } from '../http/request.js'
import type { Problem } from '../lib/errors.js'
import type { Exchange } from '../login/exchange.js'
import { whereWinnerWent } from '../session/tombstone.js'

/** To a request whose session another one has renewed: where that one went. */
export async function answerTurned({ context, req, res }: Exchange, problem: Problem): Promise<void> {
  const to = await whereWinnerWent(context, req)
  if (wantsHtml(req)) sendRedirect(res, to)
  else sendProblem(res, problem, { returnTo: to })
}
