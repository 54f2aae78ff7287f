import { setLogin, type Context } from '../context.js'
import type { Demand } from '../policy/demand.js'
import { amrOf, type Proof } from '../factors/proof.js'
import { MultistepError } from '../errors.js'
import type { Factor } from '../factors/factor.js'
import type { Flow, FlowStore, KeptFlow } from '../stores/flow-store.js'
import type { KeptChallenge } from '../factors/kept-challenge.js'
import { cookieLife, wishesToStay } from './cookie-life.js'
import { forgetLogin, keep, kept, logIn, renew, saved } from './login-session.js'
import { demand, sessionDigest, type Position } from './position.js'
import { onCurrent } from './standing.js'
import { isStepUp, keepStepUpChallenge, provenAgain } from './step-up.js'
import { problemOf } from '../problem.js'
import { newId, nobodysPartition, partitionOf, randomWord } from '../stores/keys.js'
import { recalled, rememberIfAsked, type Somebody } from './remembered-devices.js'
import type { Reply } from '../http/reply.js'
import { responseOf, type Request, type Session } from '../http/request.js'
import { pageToReturnTo } from './page-asked-for.js'
import { pageOf } from './state-of.js'
import { buried, firstOf, orExhumed, tombstoneOf, type Tombstone } from './tombstone.js'
import { browserOf, takenAlong } from './taken-along.js'
import { idOf } from '../factors/person-id.js'

/** A factor was proven, after others in the same breath: the login completes, or goes on to its next step, or steps up. */
export async function proven(context: Context, req: Request, position: Position, { person, proof, before = [], answer }: Proven): Promise<Reply> {
  if (isStepUp(position)) return provenAgain(context, req, position, proof)
  const userId = idOf(person, context.settings.userId)
  const somebody = { context, req, res: responseOf(req), person, userId }
  // The newest proof of a factor stands for it.
  const added = [...before, proof]
  const own = [...(position.flow?.proofs ?? []).filter(({ factor }) => added.every((one) => one.factor !== factor)), ...added]
  const asked = { proofs: own, next: await demand(context, req, person, own) }
  // A remembered device speaks once, for somebody of whom something was proven just now.
  const { proofs, next } = position.user === undefined && proof.via === 'fresh' ? await recalled(somebody, asked) : asked
  const moved = { ...somebody, position, proofs, proof, added, answer }
  if (next.step === next.plan.length) return complete(moved)
  if (position.user !== undefined) return goOn(moved, next)
  const begun = await begin(moved, next)
  return begun ? { type: 'continue', position: { ...position, ...begun, ...next } } : { ...conflict(position), taken: true }
}

/** What was proven, and of whom. */
export interface Proven {
  readonly person: Express.User
  readonly proof: Proof
  /** Others that were proven in the same breath. */
  readonly before?: readonly Proof[]
  /** How the route answers; absent: a handler of the app does. */
  readonly answer?: { readonly successRedirect?: string }
}

interface Move extends Somebody {
  readonly position: Position
  readonly proofs: readonly Proof[]
  /** The one that was just added last. */
  readonly proof: Proof
  /** It, and those that were added with it. */
  readonly added: readonly Proof[]
  readonly answer: Proven['answer']
}

/** Told once the store has moved: of parallel proofs only one is a step. */
const tellPassed = ({ context: { events }, userId, added }: Move): void => {
  for (const { factor } of added) events.emit('step.passed', { userId, factor })
}

const conflict = (position: Position): Reply & { type: 'refused' } => ({ type: 'refused', problem: problemOf('flow_conflict'), position })

/** The last step: only the one request that takes the flow away logs in. */
async function complete(move: Move): Promise<Reply> {
  const { context, req, position, person, userId, proofs, proof } = move
  const { store, settings, passport, events } = context
  const login = { id: newId(partitionOf('person', userId)), login: { userId, policy: settings.policy, proofs }, ttl: settings.absolute }
  const { flow, login: former } = position
  const returnTo = asked(context, req)
  const tombstone = tombstoneOf(context, req, landing(move, returnTo))
  const isFirst = flow
    ? await onStanding(store, flow, ({ id, version }) => store.finishFlow(id, version, login))
    : await firstOf(tombstone, store.createLogin(login))
  if (!isFirst) {
    if (!flow) await store.endLogin(login.id)
    return { ...conflict(position), taken: true }
  }
  const enter = async (): Promise<void> => {
    if (former) await store.endLogin(former.id)
    await logIn(req, passport, person, login.id, settings, stays(move) ? { maxAge: settings.stay?.ttl ?? null } : cookieLife(req, position, userId))
  }
  try {
    await (flow ? buried(tombstone, enter) : orExhumed(tombstone, enter))
  } catch (error) {
    await store.endLogin(login.id).catch(() => undefined)
    throw error
  }
  const at = position.at ?? proof.at
  const active = { ...login.login, id: login.id, createdAt: at, at }
  setLogin(context, req, active)
  tellPassed(move)
  await rememberIfAsked(move, proof, proofs)
  events.emit('flow.completed', { userId, amr: amrOf(proofs) })
  return { type: 'complete', position: { ...position, flow: undefined, user: undefined, login: active }, returnTo }
}

const stays = ({ context, req, position, proof }: Move): boolean => wishesToStay(context, req, position, context.settings.factors.get(proof.factor))

/** Where the browser is sent when its login is complete; `undefined`: a handler of the app says. */
function landing({ context, answer }: Move, returnTo: string | undefined): string | undefined {
  if (answer?.successRedirect === undefined) return undefined
  return returnTo === undefined ? answer.successRedirect : context.settings.publicPath + returnTo
}

/** The first factor: somebody is known now, so the session gets a new id, and the flow a place among that person's. */
async function begin(move: Move, next: Demand): Promise<Begun | undefined> {
  const { open } = next
  const { context, req, position, proofs, proof, answer } = move
  if (position.flow && !(await spend(context, position.flow, proofs))) return undefined
  const chosen = open.find(({ factor }) => factor.name === proof.factor)?.factor
  const tombstone = tombstoneOf(context, req, answer && pageOf(context, { open, requirement: undefined }, chosen))
  return beginFirst(move, next, tombstone)
}

type Begun = Pick<Position, 'flow' | 'user' | 'lost' | 'login'>

/** Only one request renews this session for somebody's first factor. */
async function beginFirst(move: Move, next: Demand, tombstone: Tombstone): Promise<Begun | undefined> {
  const { context, req, position, person, userId, proofs, proof } = move
  const { settings, passport, events } = context
  const serialized = await passport.serialize(person, req)
  const returnTo = asked(context, req)
  const current = position.login?.userId === userId ? position.login : undefined
  const former = sessionDigest(settings, req)
  if (!(await firstOf(tombstone, renew(req, settings, cookieLife(req, position, userId), ...current ? [passport.sessionKey] : [])))) return undefined
  const placed = await orExhumed(tombstone, async () => {
    // Brought back by a slow request, the session of before must not be logged in beside the new one.
    if (current) await context.store.retireSession(current.id, former)
    else await endFormer(context, req, position)
    const challenges = takenAlong(position.left, userId, next, position.at ?? proof.at)
    const flow: Flow = {
      session: sessionDigest(settings, req), browser: browserOf(settings, req), user: serialized, proofs, challenges, ...stays(move) ? { stays: true } : {},
    }
    return place(context, req, position, partitionOf('person', userId), flow, returnTo)
  })
  tellPassed(move)
  events.emit('flow.started', { userId, factor: proof.factor })
  return { flow: placed, user: person, lost: false, login: current }
}

/** Of parallel proofs of one anonymous flow, exactly one finds it without a proof. */
const spend = ({ store }: Context, flow: Standing, proofs: readonly Proof[]): Promise<Standing | undefined> =>
  onStanding(store, flow, (standing) => store.advanceFlow(standing.id, standing.version, { ...plain(standing), proofs }))

/** Another person's login ends where a new one begins; one that was made elsewhere, too. */
async function endFormer(context: Context, req: Request, { login }: Position): Promise<void> {
  forgetLogin(req, context.passport)
  setLogin(context, req, undefined)
  if (login) await context.store.endLogin(login.id)
}

async function goOn(move: Move, next: Demand): Promise<Reply> {
  const { context, position, person, userId, proofs, proof, added } = move
  const { flow } = position
  if (flow === undefined) return conflict(position)
  // What was proven is answered; what else was sent may be what the next step asks for.
  const unanswered = Object.fromEntries(Object.entries(flow.challenges).filter(([name]) => added.every(({ factor }) => factor !== name)))
  const challenges = takenAlong({ userId, challenges: unanswered }, userId, next, position.at ?? proof.at)
  const moved: Flow = { ...plain(flow), proofs, challenges }
  const before = await onStanding(context.store, flow, ({ id, version }) => context.store.advanceFlow(id, version, moved))
  if (!before) return conflict(position)
  tellPassed(move)
  return { type: 'continue', position: { ...position, ...next, user: person, flow: { ...before, ...moved, version: before.version + 1 } } }
}

/** A flow for a browser that nobody is known of yet, so that a challenge has a place. */
export async function beginAnonymous(context: Context, req: Request, position: Position, challenges: Flow['challenges']): Promise<Position> {
  const flow: Flow = { session: sessionDigest(context.settings, req), proofs: [], challenges }
  return { ...position, flow: await place(context, req, position, nobodysPartition(randomWord()), flow, asked(context, req)), lost: false }
}

/** Gives a new flow its place in the store, and its id to the session; the flow that this browser had before ends. */
async function place(context: Context, req: Request, { at }: Position, partition: string, flow: Flow, returnTo?: string): Promise<KeptFlow & { id: string }> {
  const { store, settings } = context
  const [id, before] = [newId(partition), kept(req).flow]
  const now = at ?? await store.time()
  keep(req, { flow: id, problem: undefined, entered: undefined, returnTo })
  const [created] = await Promise.all([store.createFlow(id, flow, settings.ttl), saved(req, settings.storeTimeout)])
  if (!created) throw new MultistepError('store_unavailable', problemOf('store_unavailable').message)
  if (before !== undefined) await store.dropFlow(before)
  return { ...flow, id, version: 1, expiresAt: now + settings.ttl }
}

/** The page first asked for: a guard of ours kept it, or connect-ensure-login did, whose own way a login's new session would lose. */
const asked = (context: Context, req: Request): string | undefined =>
  pageToReturnTo(context, req, kept(req).returnTo) ?? pageToReturnTo(context, req, (req.session as Session).returnTo)

/** Keeps what a factor's strategy wants back at its next request. */
export async function keepChallenge(context: Context, position: Position, factor: Factor, challenge: KeptChallenge): Promise<Position | undefined> {
  if (isStepUp(position)) return keepStepUpChallenge(context, position, factor, challenge)
  const { store } = context
  const changed = (flow: Standing): Flow => ({ ...plain(flow), challenges: { ...flow.challenges, [factor.name]: challenge } })
  const before = position.flow && await onStanding(store, position.flow, (flow) => store.advanceFlow(flow.id, flow.version, changed(flow)))
  return before && { ...position, flow: { ...before, ...changed(before), version: before.version + 1 } }
}

type Standing = KeptFlow & { readonly id: string }

const onStanding = (store: FlowStore, flow: Standing, act: (flow: Standing) => Promise<boolean>): Promise<Standing | undefined> =>
  onCurrent(flow, async () => {
    const { flow: now } = await store.readFlow(flow.id)
    return now && { ...now, id: flow.id }
  }, act)

const plain = ({ id: _, version: __, expiresAt: ___, ...flow }: Standing): Flow => flow
