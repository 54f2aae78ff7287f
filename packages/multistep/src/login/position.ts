import { createHash } from 'node:crypto'
import { loginOf, type ActiveLogin, type Context } from '../context.js'
import { MultistepError } from '../errors.js'
import { evaluate } from '../policy/login-policy.js'
import type { NextStep } from '../policy/next-step.js'
import type { Proof } from '../factors/proof.js'
import { countedProofs, type Factor } from '../factors/factor.js'
import type { Flow, KeptFlow } from '../stores/flow-store.js'
import type { KeptRequirement } from '../stores/step-up-store.js'
import { kept, sessionOf } from './login-session.js'
import { problemOf } from '../problem.js'
import type { Request } from '../http/request.js'
import { routeOf } from '../http/route-of.js'
import { idOf } from '../factors/person-id.js'
import type { Left } from './taken-along.js'
import { within } from '#internal/deadline'

/** Where a browser's login stands, as the server knows it. */
export interface Position extends NextStep {
  /** The pending login; without a user while only a challenge has begun. */
  readonly flow: (KeptFlow & { readonly id: string }) | undefined
  /** The person of the pending login, as the app's account data is now. */
  readonly user: Express.User | undefined
  /** The session names a pending login that is gone. */
  readonly lost: boolean
  /** Why the person of the pending login could not be read: a new one may begin, and this one can not go on. */
  readonly unreadable?: MultistepError
  /** What the pending login that this one takes the place of leaves to it. */
  readonly left?: Left | undefined
  /** The store's clock, where it was read. */
  readonly at: number | undefined
  /** The completed login. */
  readonly login: ActiveLogin | undefined
  /** What `user`, who is logged in, steps up for. */
  readonly requirement: KeptRequirement | undefined
}

/**
 * Reads where this browser's login stands, step-ups aside; the policy is decided anew, from the account data of now.
 * @throws MultistepError `plan_empty`, `store_unavailable`, `misconfigured`.
 */
export async function locateLogin(context: Context, req: Request): Promise<Position> {
  const login = loginOf(context, req)
  const pending = await readPending(context, req)
  return { ...pending, login, requirement: undefined, ...await demand(context, req, pending.user, pending.flow?.proofs ?? []) }
}

/** Where somebody stands who begins anew, whatever the browser carries. */
export async function startOver(context: Context, req: Request, position: Position): Promise<Position> {
  const { flow, user } = position
  const left = flow && user ? { userId: idOf(user, context.settings.userId), challenges: flow.challenges } : undefined
  return { ...position, left, flow: undefined, user: undefined, requirement: undefined, ...await demand(context, req, undefined, []) }
}

/** What the policy asks for, here and now. @throws MultistepError `plan_empty`, `misconfigured`, `factor_unavailable`. */
export const demand = ({ settings }: Context, req: Request, user: Express.User | undefined, proofs: readonly Proof[]): Promise<NextStep> =>
  decidedInTime(settings, evaluate(settings.loginPolicy, user, req, proofs))

/** What the app's callbacks decide, or `factor_unavailable` when they take too long. */
export function decidedInTime<T>({ stepTimeout }: Context['settings'], decision: Promise<T>): Promise<T> {
  const late = () => new MultistepError('factor_unavailable', problemOf('factor_unavailable').message, {
    cause: new Error(`The policy (steps, when, enrolled, bind) gave no answer within ${stepTimeout} ms.`),
  })
  return within(stepTimeout, decision, late)
}

/** The pending login of this browser's session. */
export async function readPending(context: Context, req: Request): Promise<Pick<Position, 'flow' | 'user' | 'lost' | 'unreadable' | 'at'>> {
  const { store, settings } = context
  sessionOf(req)
  const { flow: id } = kept(req)
  if (id === undefined) return { flow: undefined, user: undefined, lost: false, at: undefined }
  const { at, flow } = await store.readFlow(id)
  const lost = { flow: undefined, user: undefined, lost: true, at }
  if (!flow || flow.session !== sessionDigest(settings, req)) return lost
  if (flow.user === undefined) return { flow: { ...flow, id }, user: undefined, lost: false, at }
  try {
    const user = await personOf(context, req, flow.user)
    return user === undefined ? lost : { flow: { ...flow, id }, user, lost: false, at }
  } catch (error) {
    context.events.emit('person.unreadable', { route: routeOf(req), error })
    return { ...lost, unreadable: error as MultistepError }
  }
}

/** Whom the app's deserializer finds, with an id. @throws MultistepError `misconfigured`. */
async function personOf({ passport, settings }: Context, req: Request, serialized: unknown): Promise<Express.User | undefined> {
  const user = await passport.deserialize(serialized, req)
  if (user !== undefined) idOf(user, settings.userId)
  return user
}

/** Binds a flow to its session and policy: by another, or in one that a slow request brought back under its old id, it is of no use. */
export const sessionDigest = ({ policy }: Context['settings'], req: Request): string =>
  createHash('sha256').update(JSON.stringify(['session', policy, req.sessionID])).digest('base64url')

/** What the current step's factors have begun. */
export const challengesOf = ({ flow, requirement }: Position): Flow['challenges'] => (requirement ?? flow)?.challenges ?? {}

/** Why a factor that is not among the open ones is refused. */
export function refusalOf({ settings }: Context, position: Position, factor: Factor) {
  if (position.user === undefined) return problemOf(position.lost ? 'flow_expired' : position.login ? 'factor_unexpected' : 'login_required')
  const proven = countedProofs(settings.factors, position.flow?.proofs ?? []).some(({ authenticator }) => authenticator === factor.authenticator)
  return problemOf(position.accepted.includes(factor.name) && !proven ? 'factor_not_enrolled' : 'factor_unexpected')
}

/** Whom an event is about, once somebody is known. */
export const who = ({ settings }: Context, { user }: Pick<Position, 'user'>): { userId?: string } =>
  (user === undefined ? {} : { userId: idOf(user, settings.userId) })
