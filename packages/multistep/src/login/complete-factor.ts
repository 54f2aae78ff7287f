import { rememberIfAsked } from '../devices/remember-device.js'
import { lastingIn } from '../factors/kept-challenge.js'
import { amrOf, type Proof } from '../factors/proof.js'
import { isWishOf } from '../http/request.js'
import { isSameOrigin } from '../http/same-origin.js'
import { browserOf, forgetLogin, saved, sessionDigest } from '../session/browser-session.js'
import { setLogin } from '../session/current-login.js'
import { cookieLife, logIn, renew } from '../session/renew-session.js'
import { returnToOf } from '../session/return-page.js'
import { firstOf, orExhumed, tombstoneOf, type Tombstone } from '../session/tombstone.js'
import { pageOf } from '../settings/addresses.js'
import type { ActiveLogin, Beginning, LoginPosition, NextOfLogin, Pending, Position, Standing } from '../state/position.js'
import type { Refused, Reply } from '../state/reply.js'
import { provenAgain } from '../step-up/step-up.js'
import type { Flow } from '../stores/flow-store.js'
import { newId, partitionOf, sharesPartition } from '../stores/keys.js'
import type { LedgerKey } from '../stores/ledger-store.js'
import type { Entry, Exchange } from './exchange.js'
import { nameFlow, onStanding, flowContent, spend } from './flow.js'
import { takenAlong } from './taken-along.js'
import { problemOf } from '../lib/errors.js'
import { demand } from '../policy/login-policy.js'
import { recalled } from '../devices/recall-device.js'
import type { DeviceHolder } from '../devices/device-binding.js'

/** What was proven, and the person who proved it. */
export interface Proven {
  readonly person: Express.User
  readonly userId: string
  readonly proof: Proof
  /** Other proofs that were given at the same time. */
  readonly before?: readonly Proof[]
  /** The ledger that the attempt was counted in. */
  readonly ledger?: LedgerKey | undefined
  /** Begins the challenge of a next step that leaves no choice. Absent: the person begins it. */
  readonly beginNext?: ((position: Pending) => Promise<Entry | undefined>) | undefined
  /** How the route answers. Absent: a handler of the app answers. */
  readonly answer?: { readonly successRedirect?: string }
}

/** A proof, and what the login has proven with it. */
interface Move<From extends LoginPosition> extends DeviceHolder {
  readonly exchange: Exchange
  readonly from: From
  readonly proven: Proven
  readonly proofs: readonly Proof[]
  /** The proofs that were added now. */
  readonly added: readonly Proof[]
}

/** The reply, and the challenge that began before the flow was kept. */
export interface Completed {
  readonly reply: Reply
  readonly entry?: Entry | undefined
}

/**
 * A factor was proven, perhaps after others at the same time. The login or the step-up begins, goes on to its next
 * step, or completes.
 */
export async function completeFactor(exchange: Exchange, position: Position, proven: Proven): Promise<Completed> {
  switch (position.type) {
    case 'stepping-up': {
      const { context, req, pages } = exchange
      return { reply: await provenAgain(context, req, position, proven.proof, pages !== undefined) }
    }
    case 'pending': return { reply: await continueLogin(exchange, position, proven) }
    case 'anonymous':
    case 'complete': return beginLogin(exchange, position, proven)
  }
}

/** The newest proof of each factor stands for it. */
function moveOf<From extends LoginPosition>(exchange: Exchange, from: From, proven: Proven): Move<From> {
  const { context, req, res } = exchange
  const { person, userId, proof, before = [] } = proven
  const added = [...before, proof]
  const others = (from.flow?.proofs ?? []).filter(({ factor }) => added.every((one) => one.factor !== factor))
  return { context, req, res, exchange, from, proven, person, userId, added, proofs: [...others, ...added] }
}

/** The login goes on, or completes. */
async function continueLogin(exchange: Exchange, from: Pending, proven: Proven): Promise<Reply> {
  const move = moveOf(exchange, from, proven)
  const next = await demand(move.context.settings, move.req, move.person, move.proofs)
  return next.step === next.steps ? completeLogin(move) : advanceLogin(move, next)
}

/** A first factor: the login begins, or is complete with it. */
async function beginLogin(exchange: Exchange, from: Beginning, proven: Proven): Promise<Completed> {
  const first = moveOf(exchange, from, proven)
  const { context, req, person } = first
  const asked = { proofs: first.proofs, next: await demand(context.settings, req, person, first.proofs) }
  // A trusted device is only consulted right after a fresh first factor.
  const mayRecall = context.settings.remember !== undefined && proven.proof.via === 'fresh'
  const { proofs, next } = mayRecall ? await recalled(first, asked) : asked
  const move = { ...first, proofs }
  return next.step === next.steps ? { reply: await completeLogin(move) } : startLogin(move, next)
}

/** Told only after the write won: parallel requests may all prove a factor, but only one of them moves the login. */
function tellPassed({ context: { events }, userId, added }: Move<LoginPosition>): void {
  for (const { factor } of added) events.emit('step.passed', { userId, factor })
}

const conflictAt = (position: Position): Refused => ({ type: 'refused', problem: problemOf('flow_conflict'), position })

/** Another request has already moved the flow that this request came for. */
const takenFrom = (position: Position): Refused => ({ ...conflictAt(position), taken: true })

/** The ledger, where the store clears it as it moves the flow. */
const clearedWith = (flow: { readonly id: string }, { ledger }: Proven): LedgerKey | undefined =>
  (ledger && sharesPartition(flow.id, ledger) ? ledger : undefined)

/** Whether the factor was withdrawn while it was proven. */
const isVetoed = ({ challenges }: Standing, { proof }: Proven): boolean =>
  challenges[proof.factor]?.withdrawn === true

/** The last step: only the one request that takes the flow away logs in. */
async function completeLogin(move: Move<LoginPosition>): Promise<Reply> {
  const { context, req, from, person, userId, proofs, proven } = move
  const { store, settings, passport, events } = context
  const flow = from.flow
  const login = {
    id: newId(partitionOf('person', userId)),
    login: { userId, policy: settings.policy, proofs },
    ttl: settings.absolute,
  }
  const returnTo = returnToOf(context, req)
  const tombstone = tombstoneOf(context, req, landing(move, returnTo))
  const isFirst = flow
    ? await onStanding(store, flow, async (standing) => !isVetoed(standing, proven)
        && store.finishFlow(standing.id, standing.version, login, clearedWith(flow, proven), tombstone.kept))
    : await firstOf(tombstone, store.createLogin(login))
  if (!isFirst) {
    if (!flow) await store.endLogin(login.id)
    return takenFrom(from)
  }
  if (flow) tombstone.isLeft()
  const enter = async (): Promise<void> => {
    if (from.login) await store.endLogin(from.login.id)
    const life = stays(move) ? { maxAge: settings.stay?.ttl ?? null } : cookieLife(req, isTheirs(move))
    await logIn(req, passport, person, login.id, settings, life)
  }
  try {
    await orExhumed(tombstone, enter)
  } catch (error) {
    await store.endLogin(login.id).catch(() => undefined)
    throw error
  }
  const at = from.at ?? proven.proof.at
  const active = { ...login.login, id: login.id, createdAt: at, at }
  setLogin(context, req, active)
  tellPassed(move)
  if (settings.remember) await rememberIfAsked(move, proven.proof, proofs)
  events.emit('flow.completed', { userId, amr: amrOf(proofs) })
  return { type: 'complete', login: active, returnTo }
}

/** Whether the session was this person's before. */
const isTheirs = ({ from, userId }: Move<LoginPosition>): boolean =>
  from.type === 'pending' || from.login?.userId === userId

/** Whether the person wishes to stay logged in. The page offers it with the first factor, and that post says so. */
function stays({ context: { settings }, req, from, proven }: Move<LoginPosition>): boolean {
  if (settings.stay === undefined) return false
  if (from.type === 'pending') return from.flow.stays === true
  const { redirects } = settings.factors.get(proven.proof.factor)
  return !redirects && isWishOf(req, 'stay') && isSameOrigin(req, settings.origins)
}

/** Where the browser is sent when its login is complete. `undefined`: a handler of the app decides. */
function landing(
  { context, proven: { answer } }: Move<LoginPosition>, returnTo: string | undefined,
): string | undefined {
  if (answer?.successRedirect === undefined) return undefined
  return returnTo === undefined ? answer.successRedirect : context.settings.publicPath + returnTo
}

/** After the first factor the person is known. The session gets a new id, and the flow is kept among that person's. */
async function startLogin(move: Move<Beginning>, next: NextOfLogin): Promise<Completed> {
  const { context, req, from, proofs, proven: { proof, answer } } = move
  const flow = from.flow
  if (flow && !(await spend(context.store, flow, proofs))) return { reply: takenFrom(from) }
  const chosen = next.open.find(({ factor }) => factor.name === proof.factor)?.factor
  const page = answer && pageOf(context.settings, next, undefined, chosen)
  const tombstone = tombstoneOf(context, req, page)
  return await renewedFor(move, next, tombstone) ?? { reply: takenFrom(from) }
}

/** Only one request renews this session for a first factor. */
async function renewedFor(
  move: Move<Beginning>, next: NextOfLogin, tombstone: Tombstone,
): Promise<Completed | undefined> {
  const { context, req, from, person, userId } = move
  const { settings, passport, store } = context
  const serialized = await passport.serialize(person, req)
  const returnTo = returnToOf(context, req)
  const current = from.login?.userId === userId ? from.login : undefined
  const former = current && sessionDigest(settings, req)
  const kept = current ? [passport.sessionKey] : []
  const isFirst = await firstOf(tombstone, renew(req, settings, cookieLife(req, isTheirs(move)), kept))
  if (!isFirst) return undefined
  return orExhumed(tombstone, async () => {
    // A slow request may bring the former session back. It must not be logged in beside the new one.
    if (current && former !== undefined) await store.retireSession(current.id, former)
    else await endFormer(move, from.login)
    return createFlow(move, next, serialized, returnTo, current)
  })
}

/** Another person's login ends where a new one begins. So does a login that was made outside of multistep. */
async function endFormer({ context, req }: Move<Beginning>, login: ActiveLogin | undefined): Promise<void> {
  forgetLogin(req, context.passport.sessionKey)
  setLogin(context, req, undefined)
  if (login) await context.store.endLogin(login.id)
}

/** The flow is written once, with the challenge that begins by itself. */
async function createFlow(
  move: Move<Beginning>, next: NextOfLogin, serialized: unknown, returnTo: string | undefined,
  login: ActiveLogin | undefined,
): Promise<Completed> {
  const { context: { settings, events }, context, req, from, person, userId, proofs, proven } = move
  const at = from.at ?? proven.proof.at
  const taken = from.left ? takenAlong(from.left, userId, next, at) : {}
  const flow: Flow = {
    session: sessionDigest(settings, req),
    browser: browserOf(settings, req),
    user: serialized,
    proofs,
    challenges: taken,
    ...stays(move) ? { stays: true } : {},
  }
  const named = nameFlow(context, req, partitionOf('person', userId), returnTo)
  const standing = { ...flow, id: named.id, version: 1, expiresAt: at + settings.ttl }
  const pending: Pending = { type: 'pending', flow: standing, person: { user: person, userId }, next, login, at }
  // A session that cannot be stored sends nothing: the person could not enter the code.
  if (proven.beginNext) await saved(req, settings.storeTimeout)
  const entry = await proven.beginNext?.(pending)
  const challenges = { ...taken, ...entry?.challenges }
  const kept = await named.keep({ ...flow, challenges }, at)
  tellPassed(move)
  events.emit('flow.started', { userId, factor: proven.proof.factor })
  return { reply: { type: 'continue', position: { ...pending, flow: kept } }, entry }
}

async function advanceLogin(move: Move<Pending>, next: NextOfLogin): Promise<Reply> {
  const { context: { store }, from, person, userId, proofs, proven, added } = move
  const { flow } = from
  // A challenge of a proven factor is answered. The next step may ask for another challenge that was sent.
  const isAnswered = (name: string): boolean => added.some(({ factor }) => factor === name)
  const unanswered = Object.fromEntries(Object.entries(flow.challenges).filter(([name]) => !isAnswered(name)))
  const taken = takenAlong({ userId, challenges: unanswered }, userId, next, from.at ?? proven.proof.at)
  const challenges = { ...lastingIn(unanswered), ...taken }
  const moved: Flow = { ...flowContent(flow), proofs, challenges }
  const before = await onStanding(store, flow, async (standing) => !isVetoed(standing, proven)
    && store.advanceFlow(standing.id, standing.version, moved, clearedWith(flow, proven)))
  if (!before) return conflictAt(from)
  tellPassed(move)
  const advanced = { ...before, ...moved, version: before.version + 1 }
  return { type: 'continue', position: { ...from, next, person: { user: person, userId }, flow: advanced } }
}
