import type { Context } from '../context.js'
import { MultistepError } from '../errors.js'
import type { Factor } from '../policy/factors.js'
import { keep } from './login-session.js'
import { locate, refusalOf, startOver, type Position } from './position.js'
import { problemOf } from '../problem.js'
import type { Exchange, Reply } from '../http/reply.js'
import type { Request } from '../http/request.js'
import { strategyOptions } from '../strategy/route-options.js'
import { runStrategy, type Outcome } from '../strategy/run-strategy.js'

/**
 * The position from which this factor is taken: where the login stands, if the factor is among those of the current step; else a new login,
 * if it is one of a first step.
 */
export async function positionFor(context: Context, req: Request, factor: Factor): Promise<Position | Reply> {
  const position = await locate(context, req)
  const { flow, plan, step } = position
  if (flow !== undefined && step === plan.length) return dropped(context, req, position, 'plan_changed')
  const accepts = (at: Position) => at.open.some((open) => open.factor === factor)
  if (accepts(position)) return position
  const anew = await startOver(context, req, position)
  return accepts(anew) ? anew : { type: 'refused', problem: refusalOf(position, factor), position }
}

/** Ends the pending login: it can not go on. */
export async function dropped(context: Context, req: Request, position: Position, code: 'plan_changed' | 'person_mismatch'): Promise<Reply> {
  if (position.flow) await context.store.dropFlow(position.flow.id)
  keep(req, { flow: undefined })
  return { type: 'refused', problem: problemOf(code), position: await startOver(context, req, position) }
}

/** Runs the factor's strategy for this position. `more`: what begins a challenge. */
export async function run(exchange: Exchange, factor: Factor, position: Position, more: Readonly<Record<string, unknown>> = {}): Promise<Outcome> {
  const { context, req, res, route } = exchange
  const strategy = context.passport.strategy(factor.strategy)
  if (!strategy) throw new MultistepError('misconfigured', `multistep: Passport knows no strategy '${factor.strategy}'. passport.use() it, or name another with factors: { '${factor.name}': { strategy: … } }.`)
  return runStrategy({
    strategy,
    req,
    res,
    person: factor.sees === 'pending' ? position.user : undefined,
    options: { ...factor.options, ...strategyOptions(route), challenge: position.flow?.challenges[factor.name]?.challenge ?? null, ...more },
    seesQuery: factor.redirects,
    deadline: context.settings.stepTimeout,
  })
}
