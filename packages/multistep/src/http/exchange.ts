import { MultistepError } from '../errors.js'
import { problemOf } from '../problem.js'
import { answer, answerError, answerTurned, type Exchange, type Reply } from './reply.js'
import type { Request } from './request.js'
import { isSameOrigin } from './same-origin.js'
import { isTurned } from '../login/tombstone.js'

/** One post, from the checks that every one must pass to its answer. Never rejects. */
export async function handle(exchange: Exchange, act: () => Promise<Reply>): Promise<void> {
  try {
    checkRequest(exchange)
    if (isTurned(exchange.req)) return await answerTurned(exchange, problemOf('login_required'))
    await answer(exchange, await act())
  } catch (error) {
    await answerError(exchange, error).catch(exchange.next)
  }
}

/** @throws MultistepError `method_not_allowed`, `cross_site`, `body_unreadable`, `misconfigured`. */
function checkRequest({ context, req, res, factor, pages }: Exchange): void {
  const reachable = req.method === 'POST' || (req.method === 'GET' && factor?.redirects === true)
  if (!reachable) {
    res.setHeader('Allow', factor?.redirects ? 'GET, POST' : 'POST')
    throw refusal('method_not_allowed')
  }
  if (req.method === 'GET') return
  checkBody(req)
  const comesBack = factor?.redirects === true && (pages?.callback ?? isCallback(req))
  if (!comesBack && !isSameOrigin(req, context.settings.origins)) throw refusal('cross_site')
}

const refusal = (code: 'method_not_allowed' | 'cross_site' | 'body_unreadable'): MultistepError => new MultistepError(code, problemOf(code).message)

/** An answer that another site's page posts here carries the state that its strategy checks (OAuth 2 form_post, SAML). */
const isCallback = (req: Request): boolean => {
  const body = req.body as Record<string, unknown> | undefined
  return ['state', 'SAMLResponse'].some((name) => typeof body?.[name] === 'string')
}

const parsed = /^application\/(json|[\w.-]+\+json|x-www-form-urlencoded)\s*(;|$)/i

/** What the parsers that everybody mounts read. */
const usual = /^application\/(json|x-www-form-urlencoded)\s*(;|$)/i

/** Bodies are parsed by the app. What it could not parse is told apart from there being no parser at all. */
function checkBody(req: Request): void {
  const body: unknown = req.body
  const type = req.headers['content-type'] ?? ''
  const sent = Number(req.headers['content-length'] ?? 0) > 0 || req.headers['transfer-encoding'] !== undefined
  if (sent && !parsed.test(type) && !/^multipart\/form-data/i.test(type)) throw refusal('body_unreadable')
  if (body === undefined && sent && !usual.test(type)) throw refusal('body_unreadable')
  if (body === undefined && sent) {
    throw new MultistepError('misconfigured', 'multistep reads req.body, and nothing has parsed it. Put these lines in front of this route: app.use(express.urlencoded({ extended: false })) and app.use(express.json())')
  }
  if (body !== undefined && (typeof body !== 'object' || body === null || Array.isArray(body))) throw refusal('body_unreadable')
}
