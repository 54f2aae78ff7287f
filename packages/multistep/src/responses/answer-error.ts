import { warnOfOrigin, type OriginOption } from '#internal/foreign-origin'
import { logRefusal, warnOfFault } from '../events.js'
import { sendProblem } from '../http/respond.js'
import { wantsHtml } from '../http/request.js'
import { routeOf } from '../http/route-of.js'
import { problemOf, problemOfError, toError } from '../lib/errors.js'
import type { Exchange } from '../login/exchange.js'
import { blank, sendPage } from '../pages/index.js'
import { isOvertaken } from '../session/tombstone.js'
import { answerTurned } from './answer-turned.js'

const originWarning: OriginOption = {
  packageName: 'multistep',
  code: 'MULTISTEP_CROSS_SITE',
  option: (origin) => `multistep(passport, { origins: ['${origin}'], … })`,
}

/**
 * Whatever was thrown on the way. A refusal of the request itself is told as it is; what broke is the app's to handle,
 * and logs nobody in.
 */
export async function answerError(exchange: Exchange, thrown: unknown): Promise<void> {
  const { context, req, res, next, factor, pages } = exchange
  const error = toError(thrown)
  if (!res.headersSent && isAnswer(exchange) && await isOvertaken(context, req, 1_000).catch(() => false)) {
    return answerTurned(exchange, problemOf('flow_conflict'))
  }
  if (factor && error.status >= 500) {
    context.events.emit('step.failed', { factor: factor.name, code: error.code, status: error.status, error })
  }
  logRefusal(req, factor?.name, error)
  if (error.code === 'cross_site') warnOfOrigin(originWarning, req.headers)
  if (res.headersSent) return next(error)
  const problem = problemOfError(error)
  if (!wantsHtml(req)) {
    // Of a factor the event `step.failed` has told.
    if (!factor && error.status >= 500) warnOfFault(routeOf(req), error)
    return sendProblem(res, problem)
  }
  if (error.status < 500) return sendPage(exchange, 'refused', { ...blank, problem }, {}, error.status)
  if (pages && error.status === 503) return pages.broken(exchange, error)
  next(error)
}

/**
 * An answer from elsewhere that comes twice breaks at the other site, where its code is spent, while the first one logs
 * in.
 */
const isAnswer = ({ req, factor, pages }: Exchange): boolean =>
  factor?.redirects === true && (pages?.callback === true || req.method === 'GET')
