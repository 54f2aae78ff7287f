import type { Factor } from '../factors/factor.js'
import { namedRequirement, type Request } from '../http/request.js'
import { confirmationOver, MultistepError, problemOf } from '../lib/errors.js'
import { keep } from '../session/browser-session.js'
import { locateLogin, refusalOf, startOver } from '../session/locate-login.js'
import type { Context } from '../settings/context.js'
import type { ActiveLogin, LoginPosition, Position, SteppingUp } from '../state/position.js'
import { isWithdrawn } from '../state/offered-factors.js'
import type { Refused } from '../state/reply.js'
import { aboutOf, type About } from './exchange.js'
import { stepUpPosition } from '../step-up/step-up.js'

/**
 * The position from which this factor is taken. The first of these counts:
 * - the step-up that is named,
 * - the pending login, if its current step accepts the factor,
 * - the step-up that is open,
 * - a new login, if its first step accepts the factor.
 * @throws MultistepError `requirement_ambiguous`.
 */
export async function positionFor(
  context: Context, req: Request, factor: Factor, given?: About,
): Promise<Position | Refused> {
  const position = await locateLogin(context, req)
  // A browser without a login has nothing to step up. It begins a login, or goes on with one.
  const about = position.login ? given ?? aboutOf(req) : 'login'
  if (position.login && typeof about === 'object') {
    return stepUpFor(context, req, factor, position, position.login, about.id)
  }
  const flow = position.flow
  if (flow && position.next.step === position.next.steps) return dropped(context, req, position, 'plan_changed')
  if (flow && accepts(position, factor)) return position
  const steppingUp = position.login && about !== 'login'
    ? await openStepUp(context, req, factor, position.login)
    : undefined
  if (steppingUp && accepts(steppingUp, factor)) return steppingUp
  if (accepts(position, factor)) return position
  const anew = await startOver(context, req, position)
  return accepts(anew, factor) ? anew : refusedAt(context, steppingUp ?? position, factor)
}

function accepts(position: Position, factor: Factor): boolean {
  const isOpen = position.next.open.some((open) => open.factor.name === factor.name)
  return isOpen && !isWithdrawn(position, factor)
}

/** @throws MultistepError where the pending login could not be read. That is not the person's mistake. */
function refusedAt(context: Pick<Context, 'settings'>, position: Position, factor: Factor): Refused {
  const begins = position.type === 'anonymous' || position.type === 'complete'
  if (begins && position.unreadable) throw position.unreadable
  const problem = isWithdrawn(position, factor) ? problemOf('factor_withdrawn') : refusalOf(context, position, factor)
  return { type: 'refused', problem, position }
}

async function stepUpFor(
  context: Pick<Context, 'settings' | 'passport' | 'store'>, req: Request, factor: Factor, position: LoginPosition,
  login: ActiveLogin, id: string,
): Promise<Position | Refused> {
  const { at, requirements } = await context.store.readRequirements(login.id)
  const requirement = requirements.find((one) => one.id === id)
  if (!requirement) {
    return { type: 'refused', problem: problemOf('flow_expired', { message: confirmationOver }), position }
  }
  const steppingUp = await stepUpPosition(context, req, login, requirement, at)
  return accepts(steppingUp, factor) ? steppingUp : refusedAt(context, steppingUp, factor)
}

/** The only step-up that is open. Where several are open and one accepts the factor, the request must name one. */
async function openStepUp(
  context: Pick<Context, 'settings' | 'passport' | 'store'>, req: Request, factor: Factor, login: ActiveLogin,
): Promise<SteppingUp | undefined> {
  const { at, requirements } = await context.store.readRequirements(login.id)
  const open = await Promise.all(requirements.map((one) => stepUpPosition(context, req, login, one, at)))
  if (open.length > 1 && open.some((one) => accepts(one, factor))) {
    throw new MultistepError('requirement_ambiguous', problemOf('requirement_ambiguous').message)
  }
  return open.length === 1 ? open[0] : undefined
}

/** Ends a pending login that cannot go on. A login that steps up stays as it was. */
export async function dropped(
  context: Pick<Context, 'settings' | 'store'>, req: Request, position: Position,
  code: 'plan_changed' | 'person_mismatch',
): Promise<Refused> {
  if (position.type === 'stepping-up') return { type: 'refused', problem: problemOf(code), position }
  const flow = position.flow
  if (flow) await context.store.dropFlow(flow.id)
  keep(req, { flow: undefined })
  return { type: 'refused', problem: problemOf(code), position: await startOver(context, req, position) }
}

/**
 * Where this browser stands. It stands in the step-up that the request names. Without a name it stands in its pending
 * login, else in the only step-up that is open. A post with the same name acts on the position that is shown.
 */
export async function locate(context: Context, req: Request): Promise<Position> {
  const position = await locateLogin(context, req)
  const { login } = position
  const id = namedRequirement(req)
  if (!login || (id === undefined && position.flow !== undefined)) return position
  const { at, requirements } = await context.store.readRequirements(login.id)
  const requirement = id === undefined ? onlyOne(requirements) : requirements.find((one) => one.id === id)
  return requirement ? stepUpPosition(context, req, login, requirement, at) : position
}

const onlyOne = <T>(list: readonly T[]): T | undefined => (list.length === 1 ? list[0] : undefined)
