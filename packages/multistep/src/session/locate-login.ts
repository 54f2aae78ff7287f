import type { Context } from '../settings/context.js'
import { MultistepError } from '../lib/errors.js'
import { evaluate } from '../policy/login-policy.js'
import { provenFactors, type Proof } from '../factors/proof.js'
import type { Factor } from '../factors/factor.js'
import { kept, sessionOf } from './login-session.js'
import { problemOf, type Problem } from '../lib/problem.js'
import { shortDigest } from '../lib/short-digest.js'
import type { Request } from '../http/request.js'
import { routeOf } from '../http/route-of.js'
import { idOf } from '../factors/person-id.js'
import { within } from '#internal/deadline'
import { loginOf } from './current-login.js'
import type { Beginning, LoginPosition, NextOfLogin, Outstanding, Position, Standing } from '../state/position.js'

/**
 * Reads where this browser's login stands, step-ups aside; the policy is decided anew, from the account data of now.
 * @throws MultistepError `plan_empty`, `store_unavailable`, `misconfigured`.
 */
export async function locateLogin(context: Context, req: Request): Promise<LoginPosition> {
  const login = loginOf(context, req)
  const { flow, user, ...read } = await readPending(context, req)
  const next = await demand(context, req, user, flow?.proofs ?? [])
  if (flow && user !== undefined) return { type: 'pending', flow, user, next, login, at: read.at }
  return login && !flow ? { type: 'complete', login, next, ...read } : { type: 'anonymous', flow, login, next, ...read }
}

/** Where the person stands who begins anew, whatever the browser carries. */
export async function startOver(context: Context, req: Request, position: LoginPosition): Promise<Beginning> {
  const next = await demand(context, req, undefined, [])
  const { login, at } = position
  const begins = position.type === 'pending'
    ? { lost: false, left: { userId: idOf(position.user, context.settings.userId), challenges: position.flow.challenges } }
    : { lost: position.lost, ...position.unreadable ? { unreadable: position.unreadable } : {} }
  return login ? { type: 'complete', login, at, next, ...begins } : { type: 'anonymous', flow: undefined, login, at, next, ...begins }
}

/** What the policy asks for, here and now. @throws MultistepError `plan_empty`, `misconfigured`, `factor_unavailable`. */
export async function demand({ settings }: Context, req: Request, user: Express.User | undefined, proofs: readonly Proof[]): Promise<NextOfLogin> {
  const next = evaluate(settings.loginPolicy, user, req, proofs)
  return 'then' in next ? decidedInTime(settings, next) : next
}

/** What the app's callbacks decide, or `factor_unavailable` when they take too long. */
export function decidedInTime<T>({ stepTimeout }: Context['settings'], decision: Promise<T>): Promise<T> {
  const late = () => new MultistepError('factor_unavailable', problemOf('factor_unavailable').message, {
    cause: new Error(`The policy (steps, when, enrolled, bind) gave no answer within ${stepTimeout} ms.`),
  })
  return within(stepTimeout, decision, late)
}

interface ReadPending {
  readonly flow: Standing | undefined
  readonly user: Express.User | undefined
  readonly lost: boolean
  readonly unreadable?: MultistepError
  readonly at: number | undefined
}

/** The pending login of this browser's session. */
export async function readPending(context: Context, req: Request): Promise<ReadPending> {
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
  shortDigest('session', policy, req.sessionID)

/** Why a factor that is not among the open ones is refused. */
export function refusalOf({ settings }: Context, position: Position, factor: Factor): Problem {
  switch (position.type) {
    case 'anonymous': return problemOf(position.lost ? 'flow_expired' : position.login ? 'factor_unexpected' : 'login_required')
    case 'complete': return problemOf(position.lost ? 'flow_expired' : 'factor_unexpected')
    case 'pending': return problemOf(accepted(position.next, factor) && !isProven(position.flow.proofs) ? 'factor_not_enrolled' : 'factor_unexpected')
    case 'stepping-up': return problemOf(accepted(position.next, factor) ? 'factor_not_enrolled' : 'factor_unexpected')
  }

  function isProven(proofs: readonly Proof[]): boolean {
    return provenFactors(proofs, settings.factors).some(({ authenticator }) => authenticator === factor.authenticator)
  }
}

const accepted = (next: Outstanding, { name }: Factor): boolean => next.accepted.includes(name)

/** Whom an event is about, once a person is known. */
export const who = ({ settings }: Context, user: Express.User | undefined): { userId?: string } =>
  (user === undefined ? {} : { userId: idOf(user, settings.userId) })
