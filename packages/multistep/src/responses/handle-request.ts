import { MultistepError, problemOf } from '../lib/errors.js'
import { answerError } from './answer-error.js'
import { answerTurned } from './answer-turned.js'
import { answer } from './reply.js'
import type { Request } from '../http/request.js'
import { isOwnNavigation, isSameOrigin } from '../http/same-origin.js'
import { arrivalOf } from '../login/redirects.js'
import type { Exchange } from '../login/exchange.js'
import type { Reply } from '../state/reply.js'
import { isTurned } from '../session/browser-session.js'

/** One post, from the checks that every one must pass to its answer. Never rejects. */
export async function handle(exchange: Exchange, act: () => Promise<Reply>): Promise<void> {
  try {
    checkRequest(exchange)
    if (isTurned(exchange.req)) return await answerTurned(exchange, problemOf('login_required'))
    const { factor } = exchange
    await answer(exchange, factor && comesFromElsewhere(exchange) ? { type: 'ask', factor } : await act())
  } catch (error) {
    await answerError(exchange, error).catch(exchange.next)
  }
}

/** @throws MultistepError `method_not_allowed`, `cross_site`, `body_unreadable`, `misconfigured`. */
function checkRequest(exchange: Exchange): void {
  const { context, req, res, factor } = exchange
  const reachable = req.method === 'POST' || (req.method === 'GET' && factor?.redirects === true)
  if (!reachable) {
    res.setHeader('Allow', factor?.redirects ? 'GET, POST' : 'POST')
    throw requestError('method_not_allowed')
  }
  if (req.method === 'GET') return
  checkBody(req)
  // An answer that another site's page posts here counts only with the mark that it was begun with.
  const begins = factor?.redirects !== true || arrivalOf(exchange) === 'begins'
  if (begins && !isSameOrigin(req, context.settings.origins)) throw requestError('cross_site')
}

/**
 * A link of another site begins no challenge. It would send the person away, ring phones, and answer for the person.
 */
const comesFromElsewhere = (exchange: Exchange): boolean =>
  exchange.req.method === 'GET' && arrivalOf(exchange) === 'begins' &&
  !isOwnNavigation(exchange.req, exchange.context.settings.origins)

const requestError = (code: 'method_not_allowed' | 'cross_site' | 'body_unreadable'): MultistepError =>
  new MultistepError(code, problemOf(code).message)

const parsed = /^application\/(json|[\w.-]+\+json|x-www-form-urlencoded)\s*(;|$)/i

/** What the parsers that everybody mounts read. */
const usual = /^application\/(json|x-www-form-urlencoded)\s*(;|$)/i

/** Bodies are parsed by the app. What it could not parse is told apart from there being no parser at all. */
function checkBody(req: Request): void {
  const body: unknown = req.body
  const type = req.headers['content-type'] ?? ''
  const sent = Number(req.headers['content-length'] ?? 0) > 0 || req.headers['transfer-encoding'] !== undefined
  if (sent && !parsed.test(type) && !/^multipart\/form-data/i.test(type)) throw requestError('body_unreadable')
  // The parsers leave a request alone whose sender has hung up: that says nothing of the app.
  if (body === undefined && sent && (!usual.test(type) || hasHungUp(req))) throw requestError('body_unreadable')
  if (body === undefined && sent) {
    throw new MultistepError(
      'misconfigured',
      'multistep reads req.body, and nothing has parsed it. Put these lines in front of this route: ' +
      'app.use(express.urlencoded({ extended: false })) and app.use(express.json())',
    )
  }
  if (body !== undefined && (typeof body !== 'object' || body === null || Array.isArray(body))) {
    throw requestError('body_unreadable')
  }
}

const hasHungUp = (req: Request): boolean => req.destroyed || !req.socket.readable
