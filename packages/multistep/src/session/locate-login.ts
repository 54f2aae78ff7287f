import type { Context } from '../settings/context.js'
import { MultistepError, problemOf, type Problem } from '../lib/errors.js'
import { provenFactors, type Proof } from '../factors/proof.js'
import type { Factor } from '../factors/factor.js'
import { kept, sessionDigest, sessionOf } from './browser-session.js'
import type { Request } from '../http/request.js'
import { routeOf } from '../http/route-of.js'
import { idOf } from '../factors/person-id.js'
import { loginOf } from './current-login.js'
import type { Beginning, LoginPosition, Outstanding, Person, Position, Standing } from '../state/position.js'
import { demand } from '../policy/login-policy.js'

/**
 * Reads where this browser's login stands, step-ups aside; the policy is decided anew, from the account data of now.
 * @throws MultistepError `plan_empty`, `store_unavailable`, `misconfigured`.
 */
export async function locateLogin(context: Context, req: Request): Promise<LoginPosition> {
  const login = loginOf(context, req)
  const { flow, person, ...read } = await readPending(context, req)
  const next = await demand(context.settings, req, person?.user, flow?.proofs ?? [])
  if (flow && person) return { type: 'pending', flow, person, next, login, at: read.at }
  if (login && !flow) return { type: 'complete', login, next, ...read }
  return { type: 'anonymous', flow, login, next, ...read }
}

/** Where the person stands who begins anew, whatever the browser carries. */
export async function startOver(
  context: Pick<Context, 'settings'>, req: Request, position: LoginPosition,
): Promise<Beginning> {
  const next = await demand(context.settings, req, undefined, [])
  const { login, at } = position
  const begins = position.type === 'pending'
    ? { lost: false, left: { userId: position.person.userId, challenges: position.flow.challenges } }
    : { lost: position.lost, ...position.unreadable ? { unreadable: position.unreadable } : {} }
  if (login) return { type: 'complete', login, at, next, ...begins }
  return { type: 'anonymous', flow: undefined, login, at, next, ...begins }
}

interface PendingRead {
  readonly flow: Standing | undefined
  /** Whom the flow is of, where that is known. */
  readonly person: Person | undefined
  readonly lost: boolean
  readonly unreadable?: MultistepError
  readonly at: number | undefined
}

const noPending: PendingRead = { flow: undefined, person: undefined, lost: false, at: undefined }

/** The pending login of this browser's session. */
export async function readPending(
  context: Pick<Context, 'settings' | 'passport' | 'events' | 'store'>, req: Request,
): Promise<PendingRead> {
  const { store, settings, events } = context
  sessionOf(req)
  const { flow: id } = kept(req)
  if (id === undefined) return noPending
  const { at, flow } = await store.readFlow(id)
  const lost = { flow: undefined, person: undefined, lost: true, at }
  if (!flow || flow.session !== sessionDigest(settings, req)) return lost
  if (flow.user === undefined) return { flow: { ...flow, id }, person: undefined, lost: false, at }
  try {
    const person = await personNamed(context, req, flow.user)
    return person ? { flow: { ...flow, id }, person, lost: false, at } : lost
  } catch (error) {
    events.emit('person.unreadable', { route: routeOf(req), error })
    return { ...lost, unreadable: error as MultistepError }
  }
}

/** Whom the app's deserializer finds, with an id. @throws MultistepError `misconfigured`. */
async function personNamed(
  { passport, settings }: Pick<Context, 'passport' | 'settings'>, req: Request, serialized: unknown,
): Promise<Person | undefined> {
  const user = await passport.deserialize(serialized, req)
  return user && { user, userId: idOf(user, settings.userId) }
}

/** Why a factor that is not among the open ones is refused. */
export function refusalOf({ settings }: Pick<Context, 'settings'>, position: Position, factor: Factor): Problem {
  switch (position.type) {
    case 'anonymous': {
      if (position.lost) return problemOf('flow_expired')
      return problemOf(position.login ? 'factor_unexpected' : 'login_required')
    }
    case 'complete': return problemOf(position.lost ? 'flow_expired' : 'factor_unexpected')
    case 'pending': return isProven(position.flow.proofs) ? problemOf('factor_unexpected') : unavailable(position.next)
    case 'stepping-up': return unavailable(position.next)
  }

  function isProven(proofs: readonly Proof[]): boolean {
    return provenFactors(proofs, settings.factors).some(({ authenticator }) => authenticator === factor.authenticator)
  }

  function unavailable({ accepted }: Outstanding): Problem {
    return problemOf(accepted.includes(factor.name) ? 'factor_not_enrolled' : 'factor_unexpected')
  }
}
