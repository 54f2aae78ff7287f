import type { Context } from '../settings/context.js'
import { MultistepError, problemOf, problemOfError, problemOfFailure, toError, type Problem } from '../lib/errors.js'
import type { Factor } from '../factors/factor.js'
import type { KeptChallenge } from '../factors/kept-challenge.js'
import { leave } from './redirects.js'
import { isOnItsWay, sentBefore } from './taken-along.js'
import { beginAnonymous, onStanding, flowContent } from './flow.js'
import { who, type Anonymous, type Pending, type Position, type Standing } from '../state/position.js'
import type { Entry, Exchange } from './exchange.js'
import type { Reply } from '../state/reply.js'
import { runFactor, strategyOf } from './run-factor.js'
import type { Flow, FlowStore } from '../stores/flow-store.js'
import { keepStepUpChallenge } from '../step-up/step-up.js'

/** Begins, or repeats, the challenge of a factor from this position, and keeps what its strategy wants back. */
export async function beginChallenge(exchange: Exchange, factor: Factor, found: Position): Promise<Reply> {
  // Nothing is sent that could not be kept: without a flow so far, the store has not shown that it is there.
  const position = { ...found, at: found.at ?? await exchange.context.store.time() }
  const begun = await runChallenge(exchange, factor, position)
  return begun.type === 'begun' ? keepBegun(exchange, factor, position, begun.challenge) : begun
}

/** Runs the strategy with the options that begin its challenge. `begun`: with what it wants back, which is not kept yet. */
export async function runChallenge(exchange: Exchange, factor: Factor, position: Position): Promise<Reply | { readonly type: 'begun', readonly challenge: KeptChallenge }> {
  const { context, req } = exchange
  const strategy = strategyOf(context, factor)
  const outcome = await runFactor(exchange, factor, strategy, position, { options: factor.challenge })
  switch (outcome.type) {
    case 'pass': return { type: 'begun', challenge: keptOf(outcome.info) }
    case 'fail': return { type: 'refused', problem: problemOfFailure(outcome.info, outcome.status ?? 400), position }
    case 'error': throw outcome.error
    case 'success': throw new MultistepError('misconfigured', `multistep: asked to begin its challenge, the strategy of '${factor.name}' answered with success. Check factors: { '${factor.name}': { challenge: … } }.`)
    case 'redirect': return { type: 'redirect', url: factor.redirects ? leave(req, factor, strategy, outcome.url, position.requirement?.id) : outcome.url }
    case 'answered': return outcome
  }
}

function keptOf(info: unknown): KeptChallenge {
  const { challenge, public: shown } = typeof info === 'object' && info !== null ? (info as { challenge?: unknown, public?: unknown }) : {}
  return {
    ...(typeof challenge === 'string' ? { challenge } : {}),
    public: typeof shown === 'object' && shown !== null ? (shown as Record<string, unknown>) : {},
  }
}

/** The challenge of a next step that leaves no choice: that it could not begin loses nothing, for the step is open, and says why. */
export async function beforeKept(exchange: Exchange, position: Position): Promise<Entry | undefined> {
  const factor = begunOnEntry(position)
  if (!factor) return undefined
  try {
    const begun = await runChallenge({ ...exchange, factor }, factor, position)
    if (begun.type === 'begun') return { factor, challenge: begun.challenge, outcome: 'sent' }
    if (begun.type === 'answered') return { factor, outcome: 'answered' }
    if (begun.type !== 'refused') return { factor, outcome: 'not begun' }
    const challenge = await before(exchange.context, factor, position, begun.problem)
    return challenge ? { factor, challenge, outcome: 'sent before' } : { factor, outcome: { problem: begun.problem } }
  } catch (error) {
    return { factor, outcome: { error } }
  }
}

/** The reply to a step after which a challenge began by itself, or did not. Events are told once the store has moved. */
export function told({ context }: Exchange, reply: Reply & { type: 'continue' }, entry: Entry | undefined): Reply {
  if (!entry) return reply
  const { factor, outcome } = entry
  if (outcome === 'sent') context.events.emit('challenge.sent', { factor: factor.name, ...who(reply.position) })
  if (outcome === 'answered') return { type: 'answered' }
  if (typeof outcome === 'string') return reply
  return { ...reply, problem: 'problem' in outcome ? outcome.problem : brokenFactor(context, factor, outcome.error) }
}

/** As `beforeKept`, for a login that is kept. */
export async function beginOnEntry(exchange: Exchange, reply: Reply & { type: 'continue' }): Promise<Reply> {
  const { context } = exchange
  const entry = await beforeKept(exchange, reply.position)
  if (!entry?.challenge) return told(exchange, reply, entry)
  try {
    const position = await keepChallenge(context, reply.position, entry.factor, entry.challenge)
    if (position) return told(exchange, { ...reply, position }, entry)
  } catch (error) {
    return told(exchange, reply, { factor: entry.factor, outcome: { error } })
  }
  return { type: 'refused', problem: problemOf('flow_conflict'), position: reply.position }
}

/** The factor whose challenge begins by itself. */
function begunOnEntry(position: Position): Factor | undefined {
  const [only, ...others] = position.next.open
  if (!only || others.length > 0 || only.enrolling || !only.factor.challenge || !only.factor.challengeOnEntry) return undefined
  const begun = (position.requirement ?? position.flow)?.challenges[only.factor.name]
  return begun && isOnItsWay(begun, position.at ?? 0) ? undefined : only.factor
}

/** Where it is too soon to send anything, what was sent a moment ago is what the person has. */
async function before(context: Pick<Context, 'settings' | 'store'>, factor: Factor, position: Position, { retryAfter }: Problem): Promise<KeptChallenge | undefined> {
  const flow = position.flow
  return retryAfter !== undefined && flow ? sentBefore(context, flow, factor) : undefined
}

async function keepBegun({ context, req }: Exchange, factor: Factor, position: Position, begun: KeptChallenge): Promise<Reply> {
  const begins = position.type === 'complete' || (position.type === 'anonymous' && !position.flow)
  const moved = begins ? await beginAnonymous(context, req, position, { [factor.name]: begun }) : await keepChallenge(context, position, factor, begun)
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

/** Keeps what a factor's strategy wants back at its next request. */
export async function keepChallenge(
  context: Pick<Context, 'store'>, position: Position, factor: Factor, challenge: KeptChallenge,
): Promise<Position | undefined> {
  switch (position.type) {
    case 'stepping-up': return keepStepUpChallenge(context, position, factor, challenge)
    case 'complete': return undefined
    case 'anonymous': return position.flow && keepInFlow(context.store, position, position.flow, factor, challenge)
    case 'pending': return keepInFlow(context.store, position, position.flow, factor, challenge)
  }
}

async function keepInFlow(
  store: FlowStore, position: Anonymous | Pending, flow: Standing, { name }: Factor, challenge: KeptChallenge,
): Promise<Position | undefined> {
  const changed = (standing: Standing): Flow =>
    ({ ...flowContent(standing), challenges: { ...standing.challenges, [name]: challenge } })
  const before = await onStanding(store, flow, (standing) =>
    store.advanceFlow(standing.id, standing.version, changed(standing)))
  return before && { ...position, flow: { ...before, ...changed(before), version: before.version + 1 } }
}
