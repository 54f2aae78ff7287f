import { sendJson, sendProblem, sendRedirect } from '../http/respond.js'
import { MultistepError, problemOf, type Problem } from '../lib/errors.js'
import { logRefusal } from '../events.js'
import type { Factor } from '../factors/factor.js'
import { keep, kept, saved, type Entered } from '../session/browser-session.js'
import { isOvertaken } from '../session/tombstone.js'
import { asksWallet, sendButtonPage } from '../pages/index.js'
import { safeRedirect } from '../pages/safe-url.js'
import { namedRequirement, wantsHtml, type Request, type Session } from '../http/request.js'
import { leaveSessionAlone, passedOn } from '../login/passing-on.js'
import type { AuthenticateOptions } from '../passport/route-options.js'
import { answerTurned } from './answer-turned.js'
import { stateOf, type ShownOnce } from './login-state.js'
import { offeredAt } from '../state/offered-factors.js'
import type { Position } from '../state/position.js'
import { csrfToken } from '../session/csrf-token.js'
import { pageOf, publicLoginPath, withRequirement } from '../settings/addresses.js'
import type { Reply } from '../state/reply.js'
import type { Exchange } from '../login/exchange.js'

/** Answers in the client's own terms: the table "What a handler answers" of the README. */
export async function answer(exchange: Exchange, reply: Reply): Promise<void> {
  const html = wantsHtml(exchange.req)
  switch (reply.type) {
    case 'answered': return
    case 'redirect': return answerRedirect(exchange, reply, html)
    case 'ask': return answerAsk(exchange, reply.factor, html)
    case 'pass on': return answerPassOn(exchange, reply.fields)
    case 'continue': return answerContinue(exchange, reply, html)
    case 'complete': return answerComplete(exchange, reply, html)
    case 'stepped-up': return answerSteppedUp(exchange, reply, html)
    case 'refused': return answerRefused(exchange, reply, html)
  }
}

async function answerRedirect(
  exchange: Exchange, { url, instead }: Reply & { type: 'redirect' }, html: boolean,
): Promise<void> {
  const { context, req, res, pages } = exchange
  // Strategies keep their state in the session, and the browser may be back before it is stored.
  await saved(req, context.settings.storeTimeout)
  const { url: safe } = safeRedirect(url)
  if (!html) return sendJson(res, { status: 'redirect', url: safe })
  // A page is needed where a browser would follow no redirect of its post, and where its wallet is asked.
  if (pages && (req.method === 'POST' || asksWallet(safe))) return pages.redirect(exchange, safe, instead)
  sendRedirect(res, safe)
}

async function answerAsk(exchange: Exchange, factor: Factor, html: boolean): Promise<void> {
  const { req, res, pages } = exchange
  logRefusal(req, factor.name, problemOf('cross_site'))
  if (!html) return sendProblem(res, problemOf('cross_site'))
  const id = namedRequirement(req)
  const named: [string, string][] = id === undefined ? [] : [['for', id]]
  if (pages) {
    return sendButtonPage(exchange, { type: 'post', factor, fields: [...named, ['_csrf', csrfToken(req, res)]] })
  }
  await sendButtonPage(exchange, { type: 'link', factor, query: `?${new URLSearchParams(named).toString()}` })
}

async function answerPassOn(exchange: Exchange, fields: readonly (readonly [string, string])[]): Promise<void> {
  leaveSessionAlone(exchange.req)
  await sendButtonPage(
    exchange,
    { type: 'pass on', method: exchange.req.method === 'POST' ? 'post' : 'get', fields: [...fields, [passedOn, '1']] },
  )
}

async function answerContinue(
  { context, req, res, factor }: Exchange, reply: Reply & { type: 'continue' }, html: boolean,
): Promise<void> {
  const { position, problem, retryAfter, chosen = factor } = reply
  forgetProblem(req)
  if (retryAfter !== undefined) res.setHeader('Retry-After', String(retryAfter))
  if (!html) return sendJson(res, await stateOf(context, req, res, position, { problem }))
  if (problem) {
    keep(req, { problem })
    await saved(req, context.settings.storeTimeout)
  }
  sendRedirect(res, pageOf(context.settings, position.next, position.requirement?.id, chosenOf(position, chosen)))
}

/** The factor that was posted, while it is one of the current step. */
const chosenOf = (position: Position, factor: Factor | undefined): Factor | undefined =>
  offeredAt(position).find((one) => one.factor.name === factor?.name)?.factor

async function answerComplete(
  exchange: Exchange, { login, returnTo }: Reply & { type: 'complete' }, html: boolean,
): Promise<void> {
  const { context, req, res, next, route } = exchange
  if (route.successRedirect === undefined) return next()
  const page = returnTo === undefined ? undefined : context.settings.publicPath + returnTo
  if (!html) {
    return sendJson(
      res,
      {
        ...await stateOf(context, req, res, { type: 'complete', login }),
        ...(page === undefined ? {} : { returnTo: page }),
      },
    )
  }
  sendRedirect(res, page ?? route.successRedirect)
}

async function answerSteppedUp(
  exchange: Exchange, { login, page }: Reply & { type: 'stepped-up' }, html: boolean,
): Promise<void> {
  const { context, req, res, next, route } = exchange
  if (html) return sendRedirect(res, page)
  if (route.successRedirect === undefined) return next()
  sendJson(res, { ...await stateOf(context, req, res, { type: 'complete', login }), returnTo: page })
}

async function answerRefused(
  exchange: Exchange, { problem, position, taken }: Reply & { type: 'refused' }, html: boolean,
): Promise<void> {
  const { context, req, res, next, route, factor } = exchange
  logRefusal(req, factor?.name, problem)
  const lostWait = position.lost ? 100 : 0
  if (await isOvertaken(context, req, taken ? 1_000 : lostWait)) return answerTurned(exchange, problem)
  if (problem.retryAfter !== undefined) res.setHeader('Retry-After', String(problem.retryAfter))
  flash(req, route, problem)
  if (route.failWithError) return next(authenticationError(problem))
  if (!html) {
    if (isPageWaiting(req)) await keepForPage(exchange, problem)
    return sendProblem(res, problem)
  }
  // Where the login was taken a step further meanwhile, its page says more than this refusal.
  if (problem.code === 'flow_conflict') return sendRedirect(res, publicLoginPath(context.settings))
  keep(req, { problem, entered: enteredIn(req, factor) })
  await saved(req, context.settings.storeTimeout)
  const nowhere = problem.code === 'login_required' || problem.code === 'flow_expired' ||
    problem.code === 'plan_changed'
  sendRedirect(res, nowhere ? publicLoginPath(context.settings) : refusedPage(exchange, position))
}

/**
 * The script of a page of ours asks in JSON how a challenge stands, and loads the page again where it was refused: the
 * page says why.
 */
export const isPageWaiting = (req: Request): boolean => req.headers['x-multistep-page'] === '1'

async function keepForPage({ context, req }: Exchange, problem: Problem): Promise<void> {
  keep(req, { problem })
  await saved(req, context.settings.storeTimeout)
}

const refusedPage = ({ context, route, factor }: Exchange, position: Position): string =>
  (route.failureRedirect === undefined
    ? pageOf(context.settings, position.next, position.requirement?.id, chosenOf(position, factor))
    : withRequirement(route.failureRedirect, position.requirement?.id))

function authenticationError(problem: Problem): MultistepError {
  const error = new MultistepError(problem.code, problem.message, { status: problem.status })
  error.name = 'AuthenticationError'
  return error
}

/** Passport's own ways of telling the next page. */
interface GivenFlash { type?: string, message?: string }

function givenFlash(failureFlash: true | string | GivenFlash): GivenFlash {
  if (typeof failureFlash === 'object') return failureFlash
  return failureFlash === true ? {} : { message: failureFlash }
}

function flash(req: Request, { failureFlash, failureMessage }: AuthenticateOptions, problem: Problem): void {
  if (failureFlash !== undefined && failureFlash !== false) {
    const flasher = (req as { flash?: (type: string, message: string) => unknown }).flash
    if (typeof flasher !== 'function') {
      throw new MultistepError('misconfigured', 'failureFlash needs req.flash: app.use(flash()) of connect-flash.')
    }
    const given = givenFlash(failureFlash)
    flasher.call(req, given.type ?? 'error', given.message ?? problem.message)
  }
  if (failureMessage !== undefined && failureMessage !== false) {
    const session = req.session as Session
    const before = Array.isArray(session.messages) ? (session.messages as unknown[]) : []
    session.messages = [...before, failureMessage === true ? problem.message : failureMessage]
  }
}

/** What is worth not entering again. Fields for codes and passwords are not kept. */
const kindFields = ['username', 'email', 'phone']

function enteredIn(req: Request, factor: Factor | undefined): Entered | undefined {
  const body = (req.body ?? {}) as Record<string, unknown>
  const values = kindFields
    .filter((name) => [...factor?.fields ?? [], ...factor?.beginFields ?? []].includes(name))
    .filter((name) => Object.hasOwn(body, name))
    .flatMap((name): [string, string][] => {
      const value = body[name]
      return typeof value === 'string' && value !== '' && value.length <= 200 ? [[name, value]] : []
    })
  return factor && values.length > 0 ? { factor: factor.name, values: Object.fromEntries(values) } : undefined
}

/** What went wrong before this post, and no page has shown, is over. */
const forgetProblem = (req: Request): void => {
  if (kept(req).problem) keep(req, { problem: undefined, entered: undefined })
}

/** Shows, once, why the last post was refused, and what was entered with it or for a step-up that was cancelled. */
export function takeShown(req: Request): ShownOnce {
  const { problem, entered, values } = kept(req)
  forgetProblem(req)
  if (values) keep(req, { values: undefined })
  return { problem, entered, values }
}
