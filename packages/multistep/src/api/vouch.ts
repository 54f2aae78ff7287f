import { completeStep, proofOf } from '../login/take-step.js'
import type { Context } from '../settings/context.js'
import { MultistepError, problemOf, type Problem } from '../lib/errors.js'
import type { Factor } from '../factors/factor.js'
import { locateLogin, startOver } from '../session/locate-login.js'
import { withPerson, type Progress } from './progress.js'
import type { Request, Response } from '../http/request.js'
import { idOf } from '../factors/person-id.js'
import { stateOf } from '../responses/login-state.js'
import { dropped } from '../login/position-for-factor.js'
import { isOvertaken } from '../session/tombstone.js'
import type { LoginPosition } from '../state/position.js'
import type { Reply } from '../state/reply.js'
import { isTurned } from '../session/browser-session.js'

/**
 * Takes the app's word that this person has just proven these factors: at sign-up, behind a reset link. The login goes
 * on from there, by the same policy. It is complete only where nothing else is asked for.
 * @throws MultistepError `person_mismatch`, `factor_not_enrolled`, `flow_conflict`.
 */
export async function vouch(
  context: Context, req: Request, res: Response, user: Express.User, names: readonly string[],
): Promise<Progress> {
  if (isTurned(req)) throw vouchError(problemOf('flow_conflict'))
  const factors = [...new Set(names)].map((name) => context.settings.factors.get(name))
  const [first] = factors
  if (!first) {
    throw new TypeError('multistep: vouch names a factor, or a list of some: '
      + 'vouch(req, user, [\'local\', \'sms-otp\']).')
  }
  const userId = idOf(user, context.settings.userId)
  const position = await positionOf(context, req, first, userId)
  for (const factor of factors) if (!(await factor.enrolled(user))) throw vouchError(problemOf('factor_not_enrolled'))
  const at = position.at ?? await context.store.time()
  const proofs = factors.map((factor) => proofOf(factor, undefined, at))
  const [last = proofOf(first, undefined, at)] = proofs.slice(-1)
  const exchange = { context, req, res, next: () => {}, route: {} }
  const proven = { person: user, userId, proof: last, before: proofs.slice(0, -1) }
  const reply = await completeStep(exchange, { ...position, at }, proven, req.method === 'POST')
  if (reply.type === 'refused') await isOvertaken(context, req, reply.taken ? 1_000 : 0)
  return progressOf(context, req, res, reply)
}

/**
 * The position is found as for a posted factor. This person's pending login goes on, unless it has no step left.
 * Another person's pending login ends where it asked for this very factor. Else a new login begins.
 */
async function positionOf(context: Context, req: Request, factor: Factor, userId: string): Promise<LoginPosition> {
  const position = await locateLogin(context, req)
  if (position.type !== 'pending') return position
  const same = position.person.userId === userId
  if (same && position.next.step < position.next.steps) return position
  const anew = await startOver(context, req, position)
  const accepts = ({ next }: LoginPosition): boolean => next.open.some((one) => one.factor === factor)
  if (same || (!accepts(position) && accepts(anew))) return anew
  context.events.emit('person.mismatch', { factor: factor.name, userId: position.person.userId })
  await dropped(context, req, position, 'person_mismatch')
  throw vouchError(problemOf('person_mismatch'))
}

async function progressOf(context: Context, req: Request, res: Response, reply: Reply): Promise<Progress> {
  if (reply.type === 'refused') throw vouchError(reply.problem)
  if (reply.type !== 'continue' && reply.type !== 'complete') throw vouchError(problemOf('factor_unavailable'))
  const position = reply.type === 'complete' ? reply : reply.position
  const state = await stateOf(context, req, res, position, reply.type === 'continue' ? { problem: reply.problem } : {})
  if (reply.type !== 'complete' || reply.returnTo === undefined) return withPerson(req, position, state)
  return withPerson(req, position, { ...state, returnTo: context.settings.publicPath + reply.returnTo })
}

const vouchError = ({ code, message, status }: Problem): MultistepError => new MultistepError(code, message, { status })
