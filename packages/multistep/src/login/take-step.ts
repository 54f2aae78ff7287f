import { revokeDevices } from '../devices/manage-devices.js'
import type { Factor } from '../factors/factor.js'
import type { KeptChallenge } from '../factors/kept-challenge.js'
import { idOf, isOne } from '../factors/person-id.js'
import { proofBy, type Proof } from '../factors/proof.js'
import { reasonIn, wordsOfError, wordsOfFailure } from '../lib/event-reason.js'
import type { Outcome, StrategyLike } from '../passport/run-strategy.js'
import { locateLogin } from '../session/locate-login.js'
import type { Context } from '../settings/context.js'
import { who, type Pending, type Position } from '../state/position.js'
import type { Refused, Reply } from '../state/reply.js'
import { challengesOf, factorAfter, isUnavailable, offeredAt, wasTried, withdraws } from '../state/offered-factors.js'
import { sharesPartition } from '../stores/keys.js'
import { admitAttempt, type Counted } from './admit-attempt.js'
import type { Begun, Entry, Exchange, FallBack } from './exchange.js'
import { dropped, positionFor } from './position-for-factor.js'
import { fieldsToPassOn } from './passing-on.js'
import { arrivalOf, begunFor, leave, leavesMarked, leftSessionBehind, mayLeave, warnOfLost } from './redirects.js'
import { runFactor, strategyOf } from './run-factor.js'
import { problemOf, problemOfFailure, type Problem } from '../lib/errors.js'
import { completeFactor, type Proven } from './complete-factor.js'
import {
  beforeKept, beginInstead, beginOnEntry, keepChallenges, keepEntry, keepWithdrawal, told,
} from './begin-challenge.js'
import { loginOf } from '../session/current-login.js'

/** Takes one post or answer of one factor. The attempt is made and counted, and the reply says what became of it. */
export async function takeStep(exchange: Exchange, factor: Factor): Promise<Reply> {
  const strategy = strategyOf(exchange.context, factor)
  if (!factor.redirects) return makeAttempt(exchange, factor, strategy)
  if (leftSessionBehind(exchange, factor, strategy)) {
    const fields = fieldsToPassOn(exchange.req)
    if (fields) return { type: 'pass on', fields }
  }
  const isLoggedIn = loginOf(exchange.context, exchange.req) !== undefined
  const begun = begunFor(exchange, factor, strategy, isLoggedIn)
  return begun === 'lost' ? lost(exchange, factor) : makeAttempt(exchange, factor, strategy, begun)
}

/** This browser began nothing that the answer belongs to, or the answer came too late. */
async function lost({ context, req }: Exchange, factor: Factor): Promise<Reply> {
  const reason = 'The answer brings nothing back that this browser was sent away with: no state, RelayState, '
    + 'oauth_token or InResponseTo of a begin that is open.'
  warnOfLost(factor)
  return refusedAttempt(context, factor, await locateLogin(context, req), problemOf('flow_expired'), reason)
}

/** One attempt, and the values that decide what becomes of it. */
interface Attempt {
  readonly exchange: Exchange
  readonly factor: Factor
  readonly strategy: StrategyLike
  /** What the request of a factor elsewhere belongs to. */
  readonly begun: Begun | undefined
  readonly position: Position
  /** Absent: the attempt is not counted. */
  readonly counted: Counted | undefined
  /** The store's clock. */
  readonly at: number
}

async function makeAttempt(exchange: Exchange, factor: Factor, strategy: StrategyLike, begun?: Begun): Promise<Reply> {
  const { context, req } = exchange
  const position = await positionFor(context, req, factor, begun?.about)
  if (position.type === 'refused') return position
  const isNew = begun !== undefined && begun.sent === undefined
  if (isNew && wasTried(position, factor) && !isOffered(position, factor)) {
    return { type: 'refused', problem: problemOf('factor_unexpected'), position }
  }
  const admission = await admitAttempt(context, req, factor, position)
  if (admission.type === 'incomplete') {
    const problem = problemOf('factor_failed', { status: 400, message: admission.message })
    return { type: 'refused', problem, position }
  }
  const counted = admission.type === 'counted' ? admission : undefined
  if (admission.type === 'locked') {
    const { problem } = admission
    const at = position.at ?? await context.store.time()
    const attempt = { exchange, factor, strategy, begun, position, counted, at }
    const next = placeTakenBy(attempt)
    if (next) return fallBack(attempt, next, problem.code)
    return refusedAttempt(context, factor, position, problem)
  }
  const outcome: Outcome = counted?.repeats
    ? { type: 'fail', info: undefined, status: undefined }
    : await runFactor(exchange, factor, strategy, position, begun ? { begun } : {})
  const at = counted?.at ?? position.at ?? await context.store.time()
  return settle({ exchange, factor, strategy, begun, position: { ...position, at }, counted, at }, outcome)
}

const isOffered = (position: Position, factor: Factor): boolean =>
  offeredAt(position).some((one) => one.factor === factor)

async function settle(attempt: Attempt, outcome: Outcome): Promise<Reply> {
  switch (outcome.type) {
    case 'success': return succeeded(attempt, outcome.user, outcome.info)
    case 'fail': return failed(attempt, outcome.info, outcome.status)
    // A strategy that passes to the next handler has proven nothing.
    case 'pass': return failed(attempt, undefined, undefined)
    case 'answered':
      await uncount(attempt)
      return outcome
    case 'redirect':
      await uncount(attempt)
      return sentAway(attempt, outcome.url)
    case 'error': return broken(attempt, outcome.error)
  }
}

async function broken(attempt: Attempt, error: unknown): Promise<Reply> {
  await uncount(attempt)
  const next = placeTakenBy(attempt)
  if (next) return fallBack(attempt, next, wordsOfError(error), error)
  throw error
}

function sentAway(attempt: Attempt, url: string): Reply {
  const { exchange, factor, strategy, begun, position } = attempt
  if (!begun) return { type: 'redirect', url }
  if (!mayLeave(exchange, begun)) return { type: 'ask', factor }
  const next = placeTakenBy(attempt)
  return {
    type: 'redirect',
    url: leave(exchange.req, factor, strategy, url, position.requirement?.id),
    ...next && { instead: { position, tried: factor, factor: next } },
  }
}

async function uncount({ exchange: { context }, counted }: Attempt): Promise<void> {
  if (counted) await context.store.settle(counted.ledger, 'uncounted')
}

function refusedAttempt(
  context: Pick<Context, 'events'>, factor: Factor, position: Position, problem: Problem, reason?: string,
): Refused {
  context.events.emit('step.failed', {
    factor: factor.name, code: problem.code, status: problem.status, ...who(position), ...reasonIn(reason),
  })
  return { type: 'refused', problem, position }
}

/**
 * After a redirect, the message of a strategy without codes may be the words of an attacker who made the link
 * (`error_description`). The person is not shown them.
 */
function toldBy({ redirects }: Factor, info: unknown): unknown {
  if (!redirects) return info
  const { code, message, ...rest } = typeof info === 'object' && info !== null ? (info as Record<string, unknown>) : {}
  return typeof code === 'string' ? { code, message, ...rest } : rest
}

/**
 * A strategy that fails with such a text says how to authenticate (RFC 9110 §11.6.1). It is sent as a header, as
 * Passport does.
 */
const challengeForm = /^(?:Negotiate$|[\w-]+ +[\w-]+=)/

async function failed(attempt: Attempt, info: unknown, status: number | undefined): Promise<Reply> {
  const { exchange, factor, position, counted } = attempt
  const { context } = exchange
  const problem = problemOfFailure(toldBy(factor, info), status)
  if (isUnavailable(factor, info)) {
    await uncount(attempt)
    const next = placeTakenBy(attempt)
    if (next) return fallBack(attempt, next, wordsOfFailure(info))
    return refusedAttempt(context, factor, position, problem, wordsOfFailure(info))
  }
  if ((info as { pending?: unknown } | undefined)?.pending === true) {
    await uncount(attempt)
    return { type: 'continue', position, retryAfter: problem.retryAfter ?? 2 }
  }
  // A factor elsewhere that fails as it begins was not answered, so the failure is no attempt.
  const isAttempt = !factor.redirects || arrivalOf(exchange) !== 'begins'
  if ((status !== undefined && status !== 401) || !isAttempt) await uncount(attempt)
  else if (counted?.locks) context.events.emit('factor.locked', { factor: factor.name, ...who(position) })
  if (typeof info === 'string' && challengeForm.test(info)) exchange.res.appendHeader('WWW-Authenticate', info)
  // An error here is ignored: this only updates what is displayed. The strategy keeps the real count.
  await noteOnChallenge(attempt, problem).catch(() => undefined)
  const isTaken = counted?.repeats === true || problem.code === 'code_used'
  const refused = refusedAttempt(context, factor, position, problem, wordsOfFailure(info))
  const kept = withdraws(info) ? await keepWithdrawal(context, factor, refused) : refused
  return { ...kept, ...isTaken ? { taken: true } : {} }
}

/**
 * The factor that takes the place of a silent one. None does unless this browser began the try: another site can send a
 * browser here with any error, and would make a text leave by it.
 */
function placeTakenBy({ exchange, factor, begun, position }: Attempt): Factor | undefined {
  const isOwn = begun?.sent !== undefined || arrivalOf(exchange) === 'begins'
  return factor.silent && isOwn ? factorAfter(position, factor) : undefined
}

/** The next factor takes the place of a silent one that could say nothing. */
async function fallBack(
  { exchange, factor, position }: Attempt, next: Factor, words: string | undefined, error?: unknown,
): Promise<Reply> {
  const why: FallBack = { tried: factor, words, error }
  const reply = { type: 'continue' as const, position }
  // Where nobody is known yet, nothing is sent: the person says who they are on the page of the next factor.
  if (!position.person) {
    return told(exchange, reply, { factor: next, challenges: {}, outcome: 'not begun', instead: [why] })
  }
  return keepEntry(exchange, reply, await beginInstead(exchange, position, why, { [factor.name]: {} }))
}

/** Shows with a challenge what a failure says of it: the guesses that are left, and when the person may ask again. */
async function noteOnChallenge(attempt: Attempt, { attemptsLeft, retryAfter }: Problem): Promise<void> {
  const { exchange: { context }, factor, position, at } = attempt
  const begun = challengesOf(position)[factor.name]
  if (!begun?.public) return
  if (typeof begun.public.bindingMessage === 'string') return endRequest(attempt, begun)
  if (attemptsLeft === undefined && retryAfter === undefined) return
  const noted = {
    ...begun.public,
    ...attemptsLeft === undefined ? {} : { attemptsLeft },
    ...retryAfter === undefined ? {} : { resendAt: new Date(at + retryAfter * 1000).toISOString() },
  }
  await keepChallenges(context, position, { [factor.name]: { ...begun, public: noted } })
}

/** A request that was refused on the person's phone is over. No page shows it any more. */
async function endRequest(
  { exchange: { context }, factor, position }: Attempt, { public: _, ...over }: KeptChallenge,
): Promise<void> {
  await keepChallenges(context, position, { [factor.name]: over })
}

async function succeeded(attempt: Attempt, result: Express.User, info: unknown): Promise<Reply> {
  const { exchange, factor, strategy, position, counted, at } = attempt
  const { context, req } = exchange
  // A link proves by itself. A strategy that leaves for an answer takes no request that looks like a link.
  if (factor.redirects && arrivalOf(exchange) === 'link' && leavesMarked(strategy)) {
    await uncount(attempt)
    return lost(exchange, factor)
  }
  const pending = position.person?.user
  const userId = position.person?.userId ?? idOf(result, context.settings.userId)
  if (pending !== undefined && !(await isSamePerson(attempt, pending, userId, result))) {
    context.events.emit('person.mismatch', { factor: factor.name, userId })
    return dropped(context, req, position, 'person_mismatch')
  }
  if (factor.via === 'recovery') await revokeDevices(context, userId, 'recovery')
  const proven = {
    person: pending ?? result,
    userId,
    proof: proofOf(factor, info, at),
    ledger: counted?.ledger,
    answer: exchange.route,
  }
  // The ledger is not waited for on the critical path. If clearing fails, failures stay counted, which is safe.
  const isApart = position.type !== 'pending' || !counted || !sharesPartition(position.flow.id, counted.ledger)
  const cleared = counted && isApart ? context.store.settle(counted.ledger, 'passed').catch(() => undefined) : undefined
  const reply = await completeStep(exchange, position, proven, true)
  await cleared
  if (factor.via === 'recovery' && reply.type !== 'refused') {
    context.events.emit('recovery.used', { factor: factor.name, userId, ...remainingIn(info) })
  }
  return reply
}

/** Completes a factor. Where the next step leaves no choice, its challenge begins at once, if `beginsNext`. */
export async function completeStep(
  exchange: Exchange, position: Position, proven: Proven, beginsNext: boolean,
): Promise<Reply> {
  if (!beginsNext) return (await completeFactor(exchange, position, proven)).reply
  const beginNext = async (pending: Pending): Promise<Entry | undefined> => beforeKept(exchange, pending)
  const { reply, entry } = await completeFactor(exchange, position, { ...proven, beginNext })
  if (reply.type !== 'continue') return reply
  // A new flow was kept with its challenge.
  const isKept = position.type === 'anonymous' || position.type === 'complete'
  return isKept ? told(exchange, reply, entry) : beginOnEntry(exchange, reply)
}

async function isSamePerson(
  attempt: Attempt, pending: Express.User, pendingId: string, result: Express.User,
): Promise<boolean> {
  const { factor, exchange: { context: { settings } } } = attempt
  try {
    if (factor.samePerson) return await factor.samePerson(pending, result)
    return isOne(pendingId, idOf(result, settings.userId))
  } catch (error) {
    await uncount(attempt)
    throw error
  }
}

/** How many recovery codes are left, where the strategy says so. */
function remainingIn(info: unknown): { remaining?: number } {
  const { remaining } = (info ?? {}) as { remaining?: unknown }
  return typeof remaining === 'number' ? { remaining } : {}
}

/** `info.authTime`: when the person proved the factor, if that was earlier. `info.amr`: which methods were proven. */
export function proofOf(factor: Factor, info: unknown, at: number): Proof {
  if (typeof info !== 'object' || info === null) return proofBy(factor, at)
  const { authTime, amr } = info as { authTime?: unknown, amr?: unknown }
  const earlier = authTime instanceof Date && authTime.getTime() < at ? authTime.getTime() : at
  const proof = proofBy(factor, earlier)
  return Array.isArray(amr) && amr.every((method) => typeof method === 'string') ? { ...proof, amr } : proof
}
