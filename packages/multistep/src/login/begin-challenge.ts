import type { Factor } from '../factors/factor.js'
import { withBegun, type KeptChallenge } from '../factors/kept-challenge.js'
import { MultistepError, problemOf, problemOfError, problemOfFailure, toError, type Problem } from '../lib/errors.js'
import { reasonIn } from '../lib/event-reason.js'
import type { Context } from '../settings/context.js'
import { who, type Anonymous, type Pending, type Position, type Standing } from '../state/position.js'
import type { Refused, Reply } from '../state/reply.js'
import { challengesOf, factorAfter, offeredAt, silentFactorAt, withdrawal, withdraws } from '../state/offered-factors.js'
import { keepStepUpChallenges } from '../step-up/step-up.js'
import type { Flow, FlowStore } from '../stores/flow-store.js'
import type { Entry, Exchange, FallBack } from './exchange.js'
import { beginAnonymous, flowContent, onStanding } from './flow.js'
import { leave } from './redirects.js'
import { runFactor, strategyOf, trySilently } from './run-factor.js'
import { isOnItsWay, sentBefore } from './taken-along.js'

/** Begins, or repeats, the challenge of a factor from this position, and keeps what its strategy wants back. */
export async function beginChallenge(exchange: Exchange, factor: Factor, found: Position): Promise<Reply> {
  // Nothing is sent that could not be kept: without a flow so far, the store has not shown that it is there.
  const position = { ...found, at: found.at ?? await exchange.context.store.time() }
  const begun = await runChallenge(exchange, factor, position)
  if (begun.type === 'begun') return keepBegun(exchange, factor, position, begun.challenge)
  return begun.type === 'withdrawn' ? keepWithdrawal(exchange.context, factor, begun.refused) : begun
}

/** The factor is offered no more in this login. Where nobody is known yet, the next number may be another person's. */
export async function keepWithdrawal(
  context: Pick<Context, 'store'>, { name }: Factor, refused: Refused,
): Promise<Refused> {
  if (!refused.position.person) return refused
  const position = await keepChallenges(context, refused.position, { [name]: withdrawal })
  return position ? { ...refused, position } : refused
}

/** What a strategy wants back, which is not kept yet. */
interface BegunChallenge {
  readonly type: 'begun'
  readonly challenge: KeptChallenge
}

/** The strategy says that its factor must not be used in this login, which is not kept yet. */
interface Withdrawn {
  readonly type: 'withdrawn'
  readonly refused: Refused
}

/** Runs the strategy with the options that begin its challenge. */
async function runChallenge(
  exchange: Exchange, factor: Factor, position: Position,
): Promise<Reply | BegunChallenge | Withdrawn> {
  const { context, req } = exchange
  const strategy = strategyOf(context, factor)
  const outcome = await runFactor(exchange, factor, strategy, position, { options: factor.challenge })
  switch (outcome.type) {
    case 'pass': return { type: 'begun', challenge: keptOf(outcome.info) }
    case 'fail': {
      const problem = problemOfFailure(outcome.info, outcome.status ?? 400)
      const refused: Refused = { type: 'refused', problem, position }
      return withdraws(outcome.info) ? { type: 'withdrawn', refused } : refused
    }
    case 'error': throw outcome.error
    case 'success':
      throw new MultistepError('misconfigured', 'multistep: asked to begin its challenge, the strategy of '
        + `'${factor.name}' answered with success. Check factors: { '${factor.name}': { challenge: … } }.`)
    case 'redirect': {
      if (!factor.redirects) return outcome
      return { type: 'redirect', url: leave(req, factor, strategy, outcome.url, position.requirement?.id) }
    }
    case 'answered': return outcome
  }
}

function keptOf(info: unknown): KeptChallenge {
  const told = typeof info === 'object' && info !== null ? info as Record<string, unknown> : {}
  const { challenge, public: shown } = told
  return {
    ...(typeof challenge === 'string' ? { challenge } : {}),
    public: typeof shown === 'object' && shown !== null ? (shown as Record<string, unknown>) : {},
  }
}

/**
 * What a step begins by itself as it opens: a silent factor, or the challenge of the only one. That it could not begin
 * loses nothing, for the step is open, and says why.
 */
export async function beforeKept(exchange: Exchange, position: Position): Promise<Entry | undefined> {
  // What an app vouches for is answered by the app, which sends nobody away for us.
  const silent = exchange.factor && silentFactorAt(position)
  if (silent) return beginSilently(exchange, silent, position)
  const factor = begunOnEntry(position)
  return factor && beginOne(exchange, factor, position)
}

/** The challenge of this factor begins, for a login that is not kept yet. */
async function beginOne(exchange: Exchange, factor: Factor, position: Position): Promise<Entry> {
  try {
    const begun = await runChallenge({ ...exchange, factor }, factor, position)
    if (begun.type === 'begun') return { factor, challenges: { [factor.name]: begun.challenge }, outcome: 'sent' }
    if (begun.type === 'answered') return { factor, challenges: {}, outcome: 'answered' }
    if (begun.type === 'withdrawn') {
      return { factor, challenges: { [factor.name]: withdrawal }, outcome: { problem: begun.refused.problem } }
    }
    if (begun.type !== 'refused') return { factor, challenges: {}, outcome: 'not begun' }
    const { problem } = begun
    const challenge = await before(exchange.context, factor, position, problem)
    if (challenge) return { factor, challenges: { [factor.name]: challenge }, outcome: 'sent before' }
    return { factor, challenges: {}, outcome: { problem } }
  } catch (error) {
    return { factor, challenges: {}, outcome: { error } }
  }
}

async function beginSilently(exchange: Exchange, factor: Factor, position: Position): Promise<Entry> {
  const tried = await trySilently(exchange, factor, position)
  const challenges = { [factor.name]: tried.type === 'fell back' && tried.withdrawn ? withdrawal : {} }
  if (tried.type === 'redirect') return { factor, challenges, outcome: { redirect: tried.url } }
  if (tried.type === 'answered') return { factor, challenges, outcome: 'answered' }
  return beginInstead(exchange, position, tried, challenges)
}

/** What takes the place of a silent factor that could say nothing: the next one, also if that is silent. */
export async function beginInstead(
  exchange: Exchange, found: Position, fallBack: FallBack, tried: Flow['challenges'],
): Promise<Entry> {
  const position = withChallenges(found, tried)
  const factor = factorAfter(position, fallBack.tried)
  if (!factor) return nothingInstead(fallBack, tried)
  const entry = await beginNext(exchange, factor, position)
  return { ...entry, challenges: { ...tried, ...entry.challenges }, instead: [fallBack, ...entry.instead ?? []] }
}

async function beginNext(exchange: Exchange, factor: Factor, position: Position): Promise<Entry> {
  if (factor.silent) return beginSilently(exchange, factor, position)
  const begins = factor.challenge !== undefined && !isUnderWay(position, factor)
  return begins ? beginOne(exchange, factor, position) : { factor, challenges: {}, outcome: 'not begun' }
}

/** The person has nothing else: the step says so, and the factor may be tried again by hand. */
const nothingInstead = ({ tried: factor, error }: FallBack, challenges: Flow['challenges']): Entry =>
  ({ factor, challenges, outcome: error === undefined ? { problem: problemOf('factor_unavailable') } : { error } })

/** A position as it will be, once these are kept with it. */
function withChallenges(position: Position, begun: Flow['challenges']): Position {
  const challenges = withBegun(challengesOf(position), begun)
  if (position.type === 'pending') return { ...position, flow: { ...position.flow, challenges } }
  if (position.type !== 'stepping-up') return position
  return { ...position, requirement: { ...position.requirement, challenges } }
}

/**
 * The reply to a step after which something began by itself, or did not. Events are told once the store has moved.
 */
export function told(exchange: Exchange, reply: Reply & { type: 'continue' }, entry: Entry | undefined): Reply {
  if (!entry) return reply
  const { context } = exchange
  const { factor, outcome, instead = [] } = entry
  tellFallBacks(context, reply.position, factor, instead)
  const next = instead.length > 0 ? { ...reply, chosen: factor } : reply
  if (outcome === 'sent') context.events.emit('challenge.sent', { factor: factor.name, ...who(reply.position) })
  if (outcome === 'answered') return { type: 'answered' }
  if (typeof outcome === 'string') return next
  if ('redirect' in outcome) {
    const after = factorAfter(reply.position, factor)
    const way = after ? { instead: { position: reply.position, tried: factor, factor: after } } : {}
    return { type: 'redirect', url: outcome.redirect, ...way }
  }
  return { ...next, problem: 'problem' in outcome ? outcome.problem : brokenFactor(context, factor, outcome.error) }
}

function tellFallBacks(
  context: Pick<Context, 'events'>, position: Position, to: Factor, fallBacks: readonly FallBack[],
): void {
  for (const [index, { tried, words, error }] of fallBacks.entries()) {
    if (error !== undefined) brokenFactor(context, tried, error)
    const next = fallBacks[index + 1]?.tried ?? to
    context.events.emit(
      'factor.fallback', { factor: tried.name, to: next.name, ...who(position), ...reasonIn(words) },
    )
  }
}

/** As `beforeKept`, for a login that is kept. */
export async function beginOnEntry(exchange: Exchange, reply: Reply & { type: 'continue' }): Promise<Reply> {
  return keepEntry(exchange, reply, await beforeKept(exchange, reply.position))
}

/** Keeps what began by itself for a login that is kept. */
export async function keepEntry(
  exchange: Exchange, reply: Reply & { type: 'continue' }, entry: Entry | undefined,
): Promise<Reply> {
  if (!entry || Object.keys(entry.challenges).length === 0) return told(exchange, reply, entry)
  try {
    const position = await keepChallenges(exchange.context, reply.position, entry.challenges)
    if (position) return told(exchange, { ...reply, position }, entry)
  } catch (error) {
    return told(exchange, reply, { factor: entry.factor, challenges: {}, outcome: { error } })
  }
  return { type: 'refused', problem: problemOf('flow_conflict'), position: reply.position }
}

/** The factor whose challenge begins by itself. */
function begunOnEntry(position: Position): Factor | undefined {
  const [only, ...others] = offeredAt(position)
  if (!only || others.length > 0 || only.enrolling) return undefined
  const { factor } = only
  if (!factor.challenge || !factor.challengeOnEntry) return undefined
  return isUnderWay(position, factor) ? undefined : factor
}

function isUnderWay(position: Position, { name }: Factor): boolean {
  const begun = challengesOf(position)[name]
  return begun !== undefined && isOnItsWay(begun, position.at ?? 0)
}

/** Where it is too soon to send anything, what was sent a moment ago is what the person has. */
async function before(
  context: Pick<Context, 'settings' | 'store'>, factor: Factor, position: Position, { retryAfter }: Problem,
): Promise<KeptChallenge | undefined> {
  const { flow } = position
  return retryAfter !== undefined && flow ? sentBefore(context, flow, factor) : undefined
}

async function keepBegun(
  { context, req }: Exchange, factor: Factor, position: Position, begun: KeptChallenge,
): Promise<Reply> {
  const challenges = { [factor.name]: begun }
  const begins = position.type === 'complete' || (position.type === 'anonymous' && !position.flow)
  const moved = begins
    ? await beginAnonymous(context, req, position, challenges)
    : await keepChallenges(context, position, challenges)
  if (!moved) return { type: 'refused', problem: problemOf('flow_conflict'), position }
  context.events.emit('challenge.sent', { factor: factor.name, ...who(position) })
  return { type: 'continue', position: moved }
}

/** What a factor broke with, reported as such and told as a problem: for a step that stays open all the same. */
function brokenFactor({ events }: Pick<Context, 'events'>, factor: Factor, thrown: unknown): Problem {
  const error = toError(thrown)
  events.emit('step.failed', { factor: factor.name, code: error.code, status: error.status, error })
  return problemOfError(error)
}

/** Keeps what the strategies of these factors want back at their next request. */
export async function keepChallenges(
  context: Pick<Context, 'store'>, position: Position, challenges: Flow['challenges'],
): Promise<Position | undefined> {
  switch (position.type) {
    case 'stepping-up': return keepStepUpChallenges(context, position, challenges)
    case 'complete': return undefined
    case 'anonymous': return position.flow && keepInFlow(context.store, position, position.flow, challenges)
    case 'pending': return keepInFlow(context.store, position, position.flow, challenges)
  }
}

async function keepInFlow(
  store: FlowStore, position: Anonymous | Pending, flow: Standing, challenges: Flow['challenges'],
): Promise<Position | undefined> {
  const changed = (standing: Standing): Flow =>
    ({ ...flowContent(standing), challenges: withBegun(standing.challenges, challenges) })
  const before = await onStanding(store, flow, (standing) =>
    store.advanceFlow(standing.id, standing.version, changed(standing)))
  return before && { ...position, flow: { ...before, ...changed(before), version: before.version + 1 } }
}
