import type { Context } from '../settings/context.js'
import { namedRequirement, type Request } from '../http/request.js'
import { isComplete, type Alternatives } from '../policy/plan.js'
import { longestAge, freshlyProven, keptPlan, nextProof } from '../policy/requirement.js'
import type { Proof } from '../factors/proof.js'
import type { KeptRequirement } from '../stores/step-up-store.js'
import { decidedInTime, locateLogin } from '../session/locate-login.js'
import { shownBy } from './shown-details.js'
import type { ActiveLogin, Position, SteppingUp } from '../state/position.js'
import { userProperty } from '../passport/run-strategy.js'

/**
 * Where this browser stands: in the step-up that the request names; without a name in its pending login, else in the one step-up that is open.
 * What is shown is what a post with the same name would act on.
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

/** Where a login stands with one of its requirements. */
export async function stepUpPosition(context: Context, req: Request, login: ActiveLogin, requirement: KeptRequirement, at: number): Promise<SteppingUp> {
  const { settings } = context
  const user = Reflect.get(req, userProperty(req)) as Express.User
  const plan = keptPlan(askedNow(context, requirement), settings.factors)
  const proven = freshlyProven(evidenceFor(login, requirement), ageOf(requirement), at, settings.factors)
  // If another tab has satisfied it meanwhile, one proof is still asked for here.
  const proof = await decidedInTime(settings, nextProof(plan, isComplete(plan, proven) ? [] : proven, user))
  const step = requirement.proofs.length
  const next = {
    step,
    steps: step + (proof?.left ?? 1),
    open: (proof?.open ?? []).map((factor) => ({ factor, enrolling: false })),
    accepted: proof?.accepted ?? [],
  }
  return { type: 'stepping-up', login, person: { user, userId: login.userId }, requirement, next, at }
}

/** What counts for a requirement. One that is bound to values opens by nothing that was proven before it, or for others. */
export const evidenceFor = (login: ActiveLogin, { grant, proofs }: KeptRequirement): readonly Proof[] =>
  (grant === undefined ? [...login.proofs, ...proofs] : proofs)

/** What is asked for here and now. Bound to values: of factors that show them, and prove what they showed, also when they come back. */
export const askedNow = (context: Context, { asked, details }: Pick<KeptRequirement, 'asked' | 'details'>): Alternatives =>
  (details === undefined ? asked : shownBy(context, asked, details).shown)

export const ageOf = ({ maxAge }: { readonly maxAge?: string | undefined }): number => longestAge('maxAge', maxAge)
