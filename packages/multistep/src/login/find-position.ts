import type { Context } from '../settings/context.js'
import { MultistepError } from '../lib/errors.js'
import type { Factor } from '../factors/factor.js'
import { withFoldedCodes } from './codes.js'
import { keep } from '../session/login-session.js'
import { locateLogin, refusalOf, startOver } from '../session/locate-login.js'
import { arrivalOf, leaveByPage, namedAbout, type About, type Begun } from './redirects.js'
import { markOfPage } from './redirect-mark.js'
import { stepUpPosition } from '../step-up/position.js'
import { problemOf } from '../lib/problem.js'
import { passedOn } from './passing-on.js'
import type { Request } from '../http/request.js'
import { strategyOptions } from '../passport/route-options.js'
import { runStrategy, type Outcome, type StrategyLike } from '../passport/run-strategy.js'
import { challengesOf, flowOf, requirementOf, userOf, type ActiveLogin, type LoginPosition, type Position, type SteppingUp } from '../state/position.js'
import type { Exchange } from './exchange.js'
import type { Refused } from '../state/reply.js'

/**
 * The position from which this factor is taken: the step-up that is named; else where the pending login stands, if the factor is among those of
 * its current step; else the step-up that is open; else a new login, if the factor is one of a first step.
 * @throws MultistepError `requirement_ambiguous`.
 */
export async function positionFor(exchange: Exchange, factor: Factor, about: About = namedAbout(exchange.req)): Promise<Position | Refused> {
  const { context, req } = exchange
  const position = await locateLogin(context, req)
  // Nobody who is not logged in can step up: it is a login that they begin, or go on with.
  if (typeof about === 'object' && position.login) return stepUpFor(exchange, factor, position, position.login, about.id)
  const flow = flowOf(position)
  if (flow && position.next.step === position.next.steps) return dropped(context, req, position, 'plan_changed')
  if (flow && accepts(position, factor)) return position
  const steppingUp = about === 'login' ? undefined : await openStepUp(context, req, factor, position)
  if (steppingUp && accepts(steppingUp, factor)) return steppingUp
  if (accepts(position, factor)) return position
  const anew = await startOver(context, req, position)
  return accepts(anew, factor) ? anew : refused(context, steppingUp ?? position, factor)
}

const accepts = ({ next }: Position, { name }: Factor): boolean => next.open.some(({ factor }) => factor.name === name)

/** @throws MultistepError where the pending login could not be read: that is no mistake of the person's. */
function refused(context: Context, position: Position, factor: Factor): Refused {
  if ((position.type === 'anonymous' || position.type === 'complete') && position.unreadable) throw position.unreadable
  return { type: 'refused', problem: refusalOf(context, position, factor), position }
}

async function stepUpFor({ context, req }: Exchange, factor: Factor, position: LoginPosition, login: ActiveLogin, id: string): Promise<Position | Refused> {
  const { at, requirements } = await context.store.readRequirements(login.id)
  const requirement = requirements.find((one) => one.id === id)
  if (!requirement) {
    const problem = problemOf('flow_expired', { message: 'What you were confirming is done or has expired. Go back to where you began.' })
    return { type: 'refused', problem, position }
  }
  const steppingUp = await stepUpPosition(context, req, login, requirement, at)
  return accepts(steppingUp, factor) ? steppingUp : refused(context, steppingUp, factor)
}

/** The one that is open. Of several, one that accepts the factor would have to be named. */
async function openStepUp(context: Context, req: Request, factor: Factor, { login }: LoginPosition): Promise<SteppingUp | undefined> {
  if (!login) return undefined
  const { at, requirements } = await context.store.readRequirements(login.id)
  const open = await Promise.all(requirements.map((requirement) => stepUpPosition(context, req, login, requirement, at)))
  if (open.length > 1 && open.some((one) => accepts(one, factor))) {
    throw new MultistepError('requirement_ambiguous', problemOf('requirement_ambiguous').message)
  }
  return open.length === 1 ? open[0] : undefined
}

/** Ends the pending login: it can not go on. A login that steps up stays as it was. */
export async function dropped(context: Context, req: Request, position: Position, code: 'plan_changed' | 'person_mismatch'): Promise<Refused> {
  if (position.type === 'stepping-up') return { type: 'refused', problem: problemOf(code), position }
  const flow = flowOf(position)
  if (flow) await context.store.dropFlow(flow.id)
  keep(req, { flow: undefined })
  return { type: 'refused', problem: problemOf(code), position: await startOver(context, req, position) }
}

/** @throws MultistepError `misconfigured`. */
export function strategyOf({ passport }: Context, factor: Factor): StrategyLike {
  const strategy = passport.strategy(factor.strategy)
  if (!strategy) throw new MultistepError('misconfigured', `multistep: Passport knows no strategy '${factor.strategy}'. passport.use() it, or name another with factors: { '${factor.name}': { strategy: … } }.`)
  return strategy
}

/** How a strategy is run beside its position: `options` begin a challenge; `begun`: what the request of a factor elsewhere belongs to. */
export interface Running {
  readonly options?: Readonly<Record<string, unknown>> | undefined
  readonly begun?: Begun
}

/**
 * Nothing begins before the request was found to be of this app's own pages (`handle`), or to have proven a step. A strategy with a check of its own
 * sees another method than was sent, and knows neither our token nor our `origins`: it takes our word.
 */
const pageOfOurs = { sameOrigin: true } as const

/** Runs the factor's strategy for this position. */
export async function run(exchange: Exchange, factor: Factor, position: Position, { options, begun }: Running = {}): Promise<Outcome> {
  const { context, req, res, route } = exchange
  const strategy = strategyOf(context, factor)
  const { details, maxAge } = requirementOf(position) ?? {}
  const about = { ...(details ? { details } : {}), ...(maxAge === undefined ? {} : { maxAge }) }
  const { wrote } = begun?.sent?.mark ?? {}
  const leaves = begun !== undefined && arrivalOf(exchange) === 'begins'
  return runStrategy({
    strategy,
    req,
    res,
    person: factor.sees === 'pending' ? userOf(position) : undefined,
    options: {
      ...factor.options,
      ...strategyOptions(route),
      challenge: challengesOf(position)[factor.name]?.challenge ?? null,
      ...about,
      ...options,
      ...(options || leaves ? pageOfOurs : {}),
    },
    seesQuery: factor.redirects,
    // A post that begins a challenge brings no code.
    body: options ? req.body : await withFoldedCodes(req, factor),
    // Strategies that leave begin on GET, as a link would have it: some on nothing else.
    ...(leaves ? { method: 'GET' } : {}),
    parameters: { [passedOn]: undefined, ...(wrote ? { [wrote.name]: wrote.value } : {}) },
    ...(begun ? { answersWith: (page: string) => leaveByPage(req, factor, strategy, markOfPage(page), requirementOf(position)?.id) } : {}),
    deadline: context.settings.stepTimeout,
  })
}
