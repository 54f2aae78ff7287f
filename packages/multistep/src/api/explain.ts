import type { Context } from '../settings/context.js'
import { MultistepError, problemOf } from '../lib/errors.js'
import { toEvidence, type Proof } from '../factors/proof.js'
import { explain, type Explanation } from '../policy/explain.js'
import type { Factor } from '../factors/factor.js'
import { readPending } from '../session/locate-login.js'
import { provesDetails } from '../step-up/shown-details.js'
import type { Request } from '../http/request.js'
import { idOf } from '../factors/person-id.js'
import { within } from '#internal/deadline'
import { loginOf } from '../session/current-login.js'

/**
 * What a login of this person asks for, and why. With a request: what a login by that request asks for, after what it
 * has proven of this person.
 */
export async function explainLogin(context: Context, user: Express.User, req?: Request): Promise<Explanation> {
  const { settings } = context
  const userId = idOf(user, settings.userId)
  const proofs = req?.session ? await proofsOf(context, req, userId) : []
  // Conditions are typed to have a request. A condition that reads it where there is none fails, and the explanation
  // says so.
  const situation = { user, req: req as Request, evidence: proofs.map(toEvidence) }
  const late = () => new MultistepError('factor_unavailable', problemOf('factor_unavailable').message)
  const explaining = {
    policy: settings.loginPolicy,
    provesDetails: (factor: Factor) => provesDetails(context, factor),
    at: settings.now?.() ?? Date.now(),
  }
  return within(settings.stepTimeout, explain(explaining, situation), late)
}

/** The proofs are never another person's: an administrator's own request may ask about a user. */
async function proofsOf(context: Context, req: Request, userId: string): Promise<readonly Proof[]> {
  const { person, flow } = await readPending(context, req)
  if (flow && person?.userId === userId) return flow.proofs
  const login = loginOf(context, req)
  return login?.userId === userId ? login.proofs : []
}
