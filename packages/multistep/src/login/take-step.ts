import { revokeDevices } from '../devices/manage-devices.js'
import type { Context } from '../settings/context.js'
import type { Factor } from '../factors/factor.js'
import type { LedgerKey } from '../stores/flow-store.js'
import type { KeptChallenge } from '../factors/kept-challenge.js'
import { proofBy, type Proof } from '../factors/proof.js'
import { countAttempt, ledgerOf, lockedProblem } from './lockout.js'
import { locateLogin, who } from '../session/locate-login.js'
import { problemOf, problemOfFailure, type Problem } from '../lib/problem.js'
import { fieldsToPassOn } from './passing-on.js'
import { reasonIn, wordsOfFailure } from '../lib/reason.js'
import type { Request } from '../http/request.js'
import type { Outcome, StrategyLike } from '../passport/run-strategy.js'
import { idOf, isOne } from '../factors/person-id.js'
import { warnOnce } from '../lib/warn-once.js'
import { arrivalOf, begunFor, leave, leavesMarked, leftSessionBehind, mayLeave, warnOfLost, type Begun } from './redirects.js'
import { dropped, positionFor, run, strategyOf } from './find-position.js'
import { keepChallenge } from './flow.js'
import { completeFactor, isClearedApart } from './transition.js'
import { challengesOf, requirementOf, userOf, type Position } from '../state/position.js'
import type { Exchange } from './exchange.js'
import type { Reply } from '../state/reply.js'

/** One post or answer of one factor: attempted, counted, and told by its reply. */
export async function takeStep(exchange: Exchange, factor: Factor): Promise<Reply> {
  const { context, req } = exchange
  const strategy = strategyOf(context, factor)
  if (leftSessionBehind(exchange, factor, strategy)) {
    const fields = fieldsToPassOn(req)
    if (fields) return { type: 'pass on', fields }
  }
  const begun = begunFor(exchange, factor, strategy)
  if (begun === 'lost') return lost(exchange, factor)
  const position = await positionFor(exchange, factor, begun.about)
  if (position.type === 'refused') return position
  const malformed = await malformation(req, factor)
  if (malformed !== undefined) return incomplete(malformed, position)
  const ledger = await ledgerOf(context, req, factor, userOf(position))
  // Nothing is guessed that can not be counted.
  if (ledger === 'unnamed') return incomplete('The name of the account is missing.', position)
  const attempt = ledger && await countAttempt(context, req, factor, ledger)
  if (attempt?.status === 'locked') return refused(context, factor, position, lockedProblem(attempt))
  const outcome: Outcome = attempt?.status === 'replayed' ? { type: 'fail', info: undefined, status: undefined } : await run(exchange, factor, position, factor.redirects ? { begun } : {})
  const at = attempt?.at ?? position.at ?? await context.store.time()
  const repeats = attempt?.status === 'replayed'
  return settle({ exchange, factor, strategy, begun, position: { ...position, at }, ledger, at, locks: attempt?.locks ?? false, repeats }, outcome)
}

/** Nothing was tried, and nothing is counted. */
const incomplete = (message: string, position: Position): Reply => ({ type: 'refused', problem: problemOf('factor_failed', { status: 400, message }), position })

/** Third-party strategies were written for text. A factor with a lockout of its own checks its input itself. */
async function malformation(req: Request, factor: Factor): Promise<string | undefined> {
  if (factor.ownLockout) return undefined
  const body = req.body as Record<string, unknown> | undefined
  const field = factor.fields.find((name) => body !== undefined && Object.hasOwn(body, name) && typeof body[name] !== 'string')
  if (field !== undefined) return `The field ${field} must be text.`
  if (factor.accountField !== undefined && typeof body?.[factor.accountField] !== 'string') {
    warnOnce([`a post to '${factor.name}' had no field ${factor.accountField}, by which failures are counted, and was refused. If its strategy reads another one, give factors: { '${factor.name}': { fields: ['email', 'password'] } }.`])
    return `The field ${factor.accountField} is missing.`
  }
  // A code that can not be seen can not be remembered as spent.
  return factor.once && !factor.redirects && (await factor.once(req)) === undefined ? 'The code is missing.' : undefined
}

function refused(context: Context, factor: Factor, position: Position, problem: Problem, reason?: string): Reply & { type: 'refused' } {
  context.events.emit('step.failed', { factor: factor.name, code: problem.code, status: problem.status, ...who(context, userOf(position)), ...reasonIn(reason) })
  return { type: 'refused', problem, position }
}

/** An answer that nothing in this browser was begun for, or that came too late for it. */
async function lost({ context, req }: Exchange, factor: Factor): Promise<Reply> {
  const reason = 'The answer brings nothing back that this browser was sent away with: no state, RelayState, oauth_token or InResponseTo of a begin that is open.'
  const problem = problemOf('flow_expired')
  const position = await locateLogin(context, req)
  warnOfLost(factor)
  return refused(context, factor, position, problem, reason)
}

interface Attempt {
  readonly exchange: Exchange
  readonly factor: Factor
  readonly strategy: StrategyLike
  readonly begun: Begun
  readonly position: Position
  readonly ledger: LedgerKey | undefined
  readonly at: number
  /** As a failure, this attempt has locked the ledger. */
  readonly locks: boolean
  /** Its code was presented before. */
  readonly repeats: boolean
}

async function settle(attempt: Attempt, outcome: Outcome): Promise<Reply> {
  switch (outcome.type) {
    case 'success': return succeeded(attempt, outcome.user, outcome.info)
    case 'fail': return failed(attempt, outcome.info, outcome.status)
    // The next handler being reached proves nothing.
    case 'pass': return failed(attempt, undefined, undefined)
  }
  await uncount(attempt)
  if (outcome.type === 'error') throw outcome.error
  if (outcome.type === 'answered' || !attempt.factor.redirects) return outcome
  return mayLeave(attempt.exchange, attempt.begun) ? sentAway(attempt, outcome.url) : { type: 'ask', factor: attempt.factor }
}

const sentAway = ({ exchange, factor, strategy, position }: Attempt, url: string): Reply =>
  ({ type: 'redirect', url: leave(exchange.req, factor, strategy, url, requirementOf(position)?.id) })

async function uncount({ exchange: { context }, ledger }: Attempt): Promise<void> {
  if (ledger) await context.store.settle(ledger, 'uncounted')
}

/** What a strategy without codes says after a redirect may be the words of whoever made the link (`error_description`): nobody is shown them. */
function toldBy({ redirects }: Factor, info: unknown): unknown {
  const { code, message, ...rest } = typeof info === 'object' && info !== null ? (info as Record<string, unknown>) : {}
  if (!redirects) return info
  return typeof code === 'string' ? { code, message, ...rest } : rest
}

const challengeForm = /^(?:Negotiate$|[\w-]+ +[\w-]+=)/

async function failed(attempt: Attempt, info: unknown, status: number | undefined): Promise<Reply> {
  const { exchange, factor, position, locks } = attempt
  const { context } = exchange
  const problem = problemOfFailure(toldBy(factor, info), status)
  if ((info as { pending?: unknown } | undefined)?.pending === true) {
    await uncount(attempt)
    return { type: 'continue', position, retryAfter: problem.retryAfter ?? 2 }
  }
  // Nobody has answered yet where a factor elsewhere does not even begin.
  const isAttempt = !factor.redirects || arrivalOf(exchange) !== 'begins'
  if ((status !== undefined && status !== 401) || !isAttempt) await uncount(attempt)
  else if (locks) context.events.emit('factor.locked', { factor: factor.name, ...who(context, userOf(position)) })
  // As Passport does: a strategy that fails with a text in the form of a challenge says how to authenticate (RFC 9110 §11.6.1).
  if (typeof info === 'string' && challengeForm.test(info)) exchange.res.appendHeader('WWW-Authenticate', info)
  // What is shown may lag behind where it can not be written; what counts is the strategy's.
  await noteOnChallenge(attempt, problem).catch(() => undefined)
  const isTaken = attempt.repeats || problem.code === 'code_used'
  return { ...refused(context, factor, position, problem, wordsOfFailure(info)), ...isTaken ? { taken: true } : {} }
}

/** What a failure says of a challenge under way is shown with it from now on: the guesses left, and when to ask again. */
async function noteOnChallenge(attempt: Attempt, { attemptsLeft, retryAfter }: Problem): Promise<void> {
  const { exchange: { context }, factor, position, at } = attempt
  const begun = challengesOf(position)[factor.name]
  if (!begun?.public) return
  if (typeof begun.public.bindingMessage === 'string') return endRequest(attempt, begun)
  if (attemptsLeft === undefined && retryAfter === undefined) return
  const noted = {
    ...begun.public,
    ...(attemptsLeft === undefined ? {} : { attemptsLeft }),
    ...(retryAfter === undefined ? {} : { resendAt: new Date(at + retryAfter * 1000).toISOString() }),
  }
  await keepChallenge(context, position, factor, { ...begun, public: noted })
}

/** A request that the person's phone showed, and that was refused, is over: no page shows it any more. */
async function endRequest({ exchange: { context }, factor, position }: Attempt, { public: _, ...over }: KeptChallenge): Promise<void> {
  await keepChallenge(context, position, factor, over)
}

async function succeeded(attempt: Attempt, result: Express.User, info: unknown): Promise<Reply> {
  const { exchange, factor, strategy, position, ledger, at } = attempt
  const { context, req } = exchange
  // A link proves by itself; a strategy that leaves for an answer takes none that looks like one.
  if (arrivalOf(exchange) === 'link' && leavesMarked(strategy)) {
    await uncount(attempt)
    return lost(exchange, factor)
  }
  const user = userOf(position)
  const person = user ?? result
  const userId = idOf(person, context.settings.userId)
  if (user !== undefined && !(await isSamePerson(attempt, user, result))) {
    context.events.emit('person.mismatch', { factor: factor.name, userId })
    return dropped(context, req, position, 'person_mismatch')
  }
  // Not awaited on the critical path. If it fails, failures stay counted, which is safe.
  const cleared = ledger && isClearedApart(position, ledger) ? context.store.settle(ledger, 'passed').catch(() => undefined) : undefined
  if (factor.via === 'recovery') await revokeDevices(context, userId, 'recovery')
  const reply = await completeFactor(exchange, position, { person, proof: proofOf(factor, info, at), ledger, answer: exchange.route, beginsNext: true })
  await cleared
  if (factor.via === 'recovery' && reply.type !== 'refused') {
    context.events.emit('recovery.used', { factor: factor.name, userId, ...remainingIn(info) })
  }
  return reply
}

async function isSamePerson(attempt: Attempt, pending: Express.User, result: Express.User): Promise<boolean> {
  const { factor, exchange: { context: { settings } } } = attempt
  try {
    if (factor.samePerson) return await factor.samePerson(pending, result)
    return isOne(idOf(pending, settings.userId), idOf(result, settings.userId))
  } catch (error) {
    await uncount(attempt)
    throw error
  }
}

/** What a strategy of recovery codes says of those that are left. */
const remainingIn = (info: unknown): { remaining?: number } => {
  const { remaining } = (info ?? {}) as { remaining?: unknown }
  return typeof remaining === 'number' ? { remaining } : {}
}

/** `info.authTime`: when the person really proved it, if that was earlier. `info.amr`: what exactly was proven. */
export function proofOf(factor: Factor, info: unknown, at: number): Proof {
  const { authTime, amr } = typeof info === 'object' && info !== null ? (info as { authTime?: unknown, amr?: unknown }) : {}
  const methods = Array.isArray(amr) && amr.every((method) => typeof method === 'string') ? (amr) : factor.amr
  const earlier = authTime instanceof Date && authTime.getTime() < at ? authTime.getTime() : at
  return { ...proofBy(factor, earlier), amr: methods }
}
