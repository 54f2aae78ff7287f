import type { Context } from '../settings/context.js'
import type { Request } from '../http/request.js'
import { isComplete, type Alternatives } from '../policy/plan.js'
import { freshlyProven, keptPlan, longestAge, nextProof } from '../policy/requirement.js'
import { lastingIn, withBegun } from '../factors/kept-challenge.js'
import { newest, type Proof } from '../factors/proof.js'
import type { KeptRequirement, Requirement } from '../stores/step-up-store.js'
import { keep, saved, sessionDigest } from '../session/browser-session.js'
import { noteGranted } from '../session/granted.js'
import type { Granted } from '../state/granted.js'
import { confirmPage } from '../settings/addresses.js'
import { onCurrent } from '../session/act-on-current.js'
import { buried, tombstoneOf } from '../session/tombstone.js'
import { setLogin } from '../session/current-login.js'
import type { Reply } from '../state/reply.js'
import type { ActiveLogin, Position, SteppingUp } from '../state/position.js'
import { renewWhole } from '../session/renew-session.js'
import { problemOf } from '../lib/errors.js'
import { decidedInTime } from '../policy/login-policy.js'
import { shownBy } from './shown-details.js'
import { userProperty } from '../http/user-property.js'

/**
 * A proof of a step-up: what was asked for is met, or the next proof is. `isRouters`: the router's pages show this
 * step, so they can show the last one, too.
 */
export async function provenAgain(
  context: Context, req: Request, position: SteppingUp, proof: Proof, isRouters: boolean,
): Promise<Reply> {
  const { login, requirement } = position
  const at = position.at ?? login.at
  if (!isNewEnough(requirement, proof, at)) {
    return {
      type: 'refused',
      problem: problemOf('step_up_required', { message: 'That was proven too long ago. Prove it again now.' }),
      position,
    }
  }
  const proofs = [...requirement.proofs, proof]
  const valid = freshlyProven(
    evidenceFor(login, { ...requirement, proofs }), ageOf(requirement), at, context.settings.factors,
  )
  if (isComplete(keptPlan(askedNow(context, requirement), context.settings.factors), valid)) {
    return complete(context, req, position, proof, at, isRouters)
  }
  const moved = await advance(
    context,
    position,
    (standing) => ({ ...requirementContent(standing), proofs, challenges: lastingIn(standing.challenges) }),
  )
  if (!moved) return conflict(position)
  tellProven(context, position, proof)
  return { type: 'continue', position: await stepUpPosition(context, req, login, moved, at) }
}

/** An operator's clock, and whole seconds. */
const tolerance = 5_000

/** What opens a grant was begun for its values: a proof from before it was asked for was not. */
const isNewEnough = (requirement: KeptRequirement, proof: Proof, now: number): boolean =>
  proof.via === 'fresh' && now - proof.at <= ageOf(requirement) &&
  (requirement.grant === undefined || proof.at >= requirement.openedAt - tolerance)

const conflict = (position: Position): Reply & { type: 'refused' } =>
  ({ type: 'refused', problem: problemOf('flow_conflict'), position })

const tellProven = ({ events }: Pick<Context, 'events'>, { login }: SteppingUp, { factor }: Proof): void =>
  events.emit('step.passed', { userId: login.userId, factor })

/**
 * Only the one request that takes the requirement away raises the login, and retires its session: a slow request may
 * bring that back.
 */
async function complete(
  context: Pick<Context, 'settings' | 'events' | 'store' | 'carried'>,
  req: Request,
  position: SteppingUp,
  proof: Proof,
  at: number,
  isRouters: boolean,
): Promise<Reply> {
  const { store, settings, events } = context
  const { login, requirement } = position
  const proofs = [...requirement.proofs, proof]
  const grant = requirement.grant === undefined ? {} : { grant: { key: requirement.grant, ttl: ageOf(requirement) } }
  const met = { proofs: newest(proofs), retires: sessionDigest(settings, req), ...grant }
  const taken = await onCurrent(
    requirement,
    reread(context, position),
    ({ id, version }) => store.meetRequirement(login.id, id, version, met),
  )
  if (!taken) return { ...conflict(position), taken: true }
  const raised = { ...login, at, proofs: newest([...login.proofs, ...proofs]) }
  const page = requirement.resume && isRouters ? confirmPage(settings, requirement.id) : requirement.page
  await buried(tombstoneOf(context, req, page), () => renewWhole(req, settings.storeTimeout))
  keep(req, { problem: undefined, entered: undefined, values: undefined })
  if (requirement.grant !== undefined) noteGranted(req, grantedBy(requirement, requirement.grant, at))
  await saved(req, settings.storeTimeout)
  setLogin(context, req, raised)
  tellProven(context, position, proof)
  events.emit('stepup.granted', { userId: login.userId, factors: proofs.map(({ factor }) => factor) })
  return { type: 'stepped-up', login: raised, page }
}

const grantedBy = (requirement: KeptRequirement, key: string, at: number): Granted => {
  const { id, details = {}, values = details, page, resume } = requirement
  return { id, key, details, values, page, expiresAt: at + ageOf(requirement), ...resume && { resume } }
}

/** Keeps what the strategies of these factors want back at their next request of this step-up. */
export async function keepStepUpChallenges(
  context: Pick<Context, 'store'>, position: SteppingUp, challenges: Requirement['challenges'],
): Promise<SteppingUp | undefined> {
  const moved = await advance(
    context,
    position,
    (standing) => ({ ...requirementContent(standing), challenges: withBegun(standing.challenges, challenges) }),
  )
  return moved && { ...position, requirement: moved }
}

async function advance(
  context: Pick<Context, 'store'>,
  position: SteppingUp,
  change: (standing: KeptRequirement) => Requirement,
): Promise<KeptRequirement | undefined> {
  const { login, requirement } = position
  const moves = (one: KeptRequirement) => context.store.advanceRequirement(login.id, one.id, one.version, change(one))
  const before = await onCurrent(requirement, reread(context, position), moves)
  return before && { ...before, ...change(before), version: before.version + 1 }
}

const reread = ({ store }: Pick<Context, 'store'>, { login, requirement }: SteppingUp) =>
  async (): Promise<KeptRequirement | undefined> =>
    (await store.readRequirements(login.id)).requirements.find(({ id }) => id === requirement.id)

const requirementContent = ({ id: _, version: __, expiresAt: ___, ...requirement }: KeptRequirement): Requirement =>
  requirement

/** Where a login stands with one of its requirements. */
export async function stepUpPosition(
  context: Pick<Context, 'settings' | 'passport'>,
  req: Request,
  login: ActiveLogin,
  requirement: KeptRequirement,
  at: number,
): Promise<SteppingUp> {
  const { settings } = context
  const user = Reflect.get(req, userProperty(req)) as Express.User
  const plan = keptPlan(askedNow(context, requirement), settings.factors)
  const proven = freshlyProven(evidenceFor(login, requirement), ageOf(requirement), at, settings.factors)
  // If another tab has satisfied it meanwhile, one proof is still asked for here.
  const proof = await decidedInTime(settings.stepTimeout, nextProof(plan, isComplete(plan, proven) ? [] : proven, user))
  const step = requirement.proofs.length
  const next = {
    step,
    steps: step + (proof?.left ?? 1),
    open: (proof?.open ?? []).map((factor) => ({ factor, enrolling: false })),
    accepted: proof?.accepted ?? [],
  }
  return { type: 'stepping-up', login, person: { user, userId: login.userId }, requirement, next, at }
}

/**
 * What counts for a requirement. One that is bound to values opens by nothing that was proven before it, or for others.
 */
export const evidenceFor = (login: ActiveLogin, { grant, proofs }: KeptRequirement): readonly Proof[] =>
  (grant === undefined ? [...login.proofs, ...proofs] : proofs)

/**
 * What is asked for here and now. Bound to values: of factors that show them, and prove what they showed, also when
 * they come back.
 */
export const askedNow = (
  context: Pick<Context, 'settings' | 'passport'>,
  { asked, details }: Pick<KeptRequirement, 'asked' | 'details'>,
): Alternatives =>
  (details === undefined ? asked : shownBy(context, asked, details).shown)

export const ageOf = ({ maxAge }: { readonly maxAge?: string | undefined }): number => longestAge('maxAge', maxAge)
