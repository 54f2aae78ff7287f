import { setLogin, type ActiveLogin, type Context } from '../context.js'
import type { Exchange, Reply } from '../http/reply.js'
import type { Request } from '../http/request.js'
import type { NextStep } from '../policy/next-step.js'
import { amrOf, type Proof } from '../factors/proof.js'
import { idOf } from '../factors/person-id.js'
import { problemOf } from '../problem.js'
import type { Flow } from '../stores/flow-store.js'
import { newId, partitionOf } from '../stores/keys.js'
import { beforeKept, beginOnEntry, told } from './challenge.js'
import { cookieLife, wishesToStay } from './cookie-life.js'
import { asked, named as namedFlow, onStanding, plain, spend } from './flow.js'
import { forgetLogin, logIn, renew } from './login-session.js'
import { demand, sessionDigest, type Position } from './position.js'
import { recalled, rememberIfAsked, type Somebody } from './remembered-devices.js'
import { pageOf } from './state-of.js'
import { isStepUp, provenAgain } from './step-up.js'
import { browserOf, takenAlong } from './taken-along.js'
import { firstOf, orExhumed, tombstoneOf, type Tombstone } from './tombstone.js'

/**
 * A factor was proven, after others in the same breath: the login completes, or goes on to its next step, or steps up. Where the next step leaves no
 * choice, its challenge begins at once.
 */
export async function proven(exchange: Exchange, position: Position, { person, proof, before = [], answer, beginsNext }: Proven): Promise<Reply> {
  const { context, req, res } = exchange
  if (isStepUp(position)) return onEntry(await provenAgain(context, req, position, proof))
  const userId = idOf(person, context.settings.userId)
  const somebody = { context, req, res, person, userId }
  // The newest proof of a factor stands for it.
  const added = [...before, proof]
  const own = [...(position.flow?.proofs ?? []).filter(({ factor }) => added.every((one) => one.factor !== factor)), ...added]
  const asked = { proofs: own, next: await demand(context, req, person, own) }
  // A remembered device speaks once, for somebody of whom something was proven just now.
  const { proofs, next } = position.user === undefined && proof.via === 'fresh' ? await recalled(somebody, asked) : asked
  const moved = { ...somebody, exchange, position, proofs, proof, added, answer, beginsNext }
  if (next.step === next.plan.length) return complete(moved)
  if (position.user === undefined) return begin(moved, next)
  return onEntry(await goOn(moved, next))

  async function onEntry(reply: Reply): Promise<Reply> {
    return reply.type === 'continue' && beginsNext ? beginOnEntry(exchange, reply) : reply
  }
}

/** What was proven, and of whom. */
export interface Proven {
  readonly person: Express.User
  readonly proof: Proof
  /** Others that were proven in the same breath. */
  readonly before?: readonly Proof[]
  /** Whether the challenge of a next step that leaves no choice begins with it. */
  readonly beginsNext: boolean
  /** How the route answers; absent: a handler of the app does. */
  readonly answer?: { readonly successRedirect?: string }
}

interface Move extends Somebody {
  readonly exchange: Exchange
  readonly beginsNext: boolean
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
    ? await onStanding(store, flow, ({ id, version }) => store.finishFlow(id, version, login, undefined, tombstone.kept))
    : await firstOf(tombstone, store.createLogin(login))
  if (!isFirst) {
    if (!flow) await store.endLogin(login.id)
    return { ...conflict(position), taken: true }
  }
  if (flow) tombstone.isLeft()
  const enter = async (): Promise<void> => {
    if (former) await store.endLogin(former.id)
    await logIn(req, passport, person, login.id, settings, stays(move) ? { maxAge: settings.stay?.ttl ?? null } : cookieLife(req, position, userId))
  }
  try {
    await orExhumed(tombstone, enter)
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
async function begin(move: Move, next: NextStep): Promise<Reply> {
  const { open } = next
  const { context, req, position, proofs, proof, answer } = move
  const taken: Reply = { ...conflict(position), taken: true }
  if (position.flow && !(await spend(context, position.flow, proofs))) return taken
  const chosen = open.find(({ factor }) => factor.name === proof.factor)?.factor
  const tombstone = tombstoneOf(context, req, answer && pageOf(context, { open, requirement: undefined }, chosen))
  return await beginFirst(move, next, tombstone) ?? taken
}

/** Only one request renews this session for somebody's first factor. */
async function beginFirst(move: Move, next: NextStep, tombstone: Tombstone): Promise<Reply | undefined> {
  const { context, req, position, person, userId } = move
  const { settings, passport } = context
  const serialized = await passport.serialize(person, req)
  const returnTo = asked(context, req)
  const current = position.login?.userId === userId ? position.login : undefined
  const former = sessionDigest(settings, req)
  if (!(await firstOf(tombstone, renew(req, settings, cookieLife(req, position, userId), ...current ? [passport.sessionKey] : [])))) return undefined
  return orExhumed(tombstone, async () => {
    // Brought back by a slow request, the session of before must not be logged in beside the new one.
    if (current) await context.store.retireSession(current.id, former)
    else await endFormer(context, req, position)
    return keepFirst(move, next, serialized, returnTo, current)
  })
}

/** The flow is written once, with the challenge that begins by itself. */
async function keepFirst(
  move: Move, next: NextStep, serialized: unknown, returnTo: string | undefined, current: ActiveLogin | undefined,
): Promise<Reply> {
  const { context, req, exchange, position, person, userId, proofs, proof, beginsNext } = move
  const { settings, events } = context
  const at = position.at ?? proof.at
  const taken = takenAlong(position.left, userId, next, at)
  const flow: Flow = {
    session: sessionDigest(settings, req), browser: browserOf(settings, req), user: serialized, proofs, challenges: taken,
    ...stays(move) ? { stays: true } : {},
  }
  const named = namedFlow(context, req, partitionOf('person', userId), returnTo)
  const pending = { ...flow, id: named.id, version: 1, expiresAt: at + settings.ttl }
  const standing = { ...position, ...next, flow: pending, user: person, lost: false, login: current }
  const entry = beginsNext ? await beforeKept(exchange, standing) : undefined
  const kept = await named.keep(entry?.challenge ? { ...flow, challenges: { ...taken, [entry.factor.name]: entry.challenge } } : flow, at)
  tellPassed(move)
  events.emit('flow.started', { userId, factor: proof.factor })
  return told(exchange, { type: 'continue', position: { ...standing, flow: kept } }, entry)
}

/** Another person's login ends where a new one begins; one that was made elsewhere, too. */
async function endFormer(context: Context, req: Request, { login }: Position): Promise<void> {
  forgetLogin(req, context.passport)
  setLogin(context, req, undefined)
  if (login) await context.store.endLogin(login.id)
}

async function goOn(move: Move, next: NextStep): Promise<Reply> {
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
