import type { Context } from '../context.js'
import { MultistepError } from '../errors.js'
import { isAct } from '../http/app-routes.js'
import { handle } from '../http/exchange.js'
import type { Factor } from '../factors/factor.js'
import type { KeptChallenge } from '../factors/kept-challenge.js'
import { who, type Position } from './position.js'
import { problemOf, problemOfFailure } from '../problem.js'
import type { Exchange, Pages, Reply } from '../http/reply.js'
import type { Handler } from '../http/request.js'
import { leave } from './redirects.js'
import { positionFor, run, strategyOf } from './step.js'
import { beginAnonymous, keepChallenge } from './transition.js'

/** A handler that begins, or repeats, the challenge of a factor: sends the text, rings the phone. */
export function challenge(context: Context, name: string, pages?: Pages): Handler {
  const factor = context.settings.factors.get(name)
  if (!factor.challenge) throw new TypeError(`multistep: '${name}' has no challenge to begin. Give factors: { '${name}': { challenge: { action: … } } } the options that make its strategy begin one.`)
  // A challenge is begun by POST alone, whatever else its factor allows.
  const posted = { ...factor, redirects: false }
  return isAct((req, res, next) => {
    const exchange = { context, req, res, next, factor: posted, route: {}, ...(pages ? { pages } : {}) }
    void handle(exchange, async () => {
      const position = await positionFor(exchange, factor)
      if ('type' in position) return position
      // Nothing is sent that could not be kept: without a flow so far, the store has not shown that it is there.
      const at = position.at ?? await context.store.time()
      return beginChallenge({ ...exchange, factor }, factor, { ...position, at })
    })
  })
}

/** Runs the strategy with the options that begin its challenge, and keeps what it wants back. */
export async function beginChallenge(exchange: Exchange, factor: Factor, position: Position): Promise<Reply> {
  const outcome = await run(exchange, factor, position, { options: factor.challenge })
  switch (outcome.type) {
    case 'pass': return keepBegun(exchange, factor, position, outcome.info)
    case 'fail': return { type: 'refused', problem: problemOfFailure(outcome.info, outcome.status ?? 400), position }
    case 'error': throw outcome.error
    case 'success': throw new MultistepError('misconfigured', `multistep: asked to begin its challenge, the strategy of '${factor.name}' answered with success. Check factors: { '${factor.name}': { challenge: … } }.`)
    case 'redirect': return { type: 'redirect', url: factor.redirects ? leave(exchange.req, factor, strategyOf(exchange.context, factor), outcome.url, position) : outcome.url }
    case 'answered': return outcome
  }
}

async function keepBegun({ context, req }: Exchange, factor: Factor, position: Position, info: unknown): Promise<Reply> {
  const { challenge, public: shown } = typeof info === 'object' && info !== null ? (info as { challenge?: unknown, public?: unknown }) : {}
  const begun: KeptChallenge = {
    ...(typeof challenge === 'string' ? { challenge } : {}),
    public: typeof shown === 'object' && shown !== null ? (shown as Record<string, unknown>) : {},
  }
  const anew = position.flow === undefined && position.user === undefined
  const moved = anew ? await beginAnonymous(context, req, position, { [factor.name]: begun }) : await keepChallenge(context, position, factor, begun)
  if (!moved) return { type: 'refused', problem: problemOf('flow_conflict'), position }
  context.events.emit('challenge.sent', { factor: factor.name, ...who(context, position) })
  return { type: 'continue', position: moved }
}
