import { guard } from '../api/guard.js'
import { hasProven } from '../api/require.js'
import type { Factor } from '../factors/factor.js'
import { isRead, type Handler } from '../http/request.js'
import { MultistepError } from '../lib/errors.js'
import type { Pages } from '../login/exchange.js'
import type { Visit } from '../pages/index.js'
import { decidedInTime } from '../policy/login-policy.js'
import { oneOfWithin } from '../policy/requirement.js'
import { factorsForChange } from '../recovery/proof-for-change.js'
import { handle } from '../responses/handle-request.js'
import { answerError } from '../responses/answer-error.js'
import type { Context } from '../settings/context.js'
import { loggedInPerson } from './logged-in-person.js'
import type { SetUpActs, SetUpVisit } from './set-up-visit.js'

/** How old the proof may be as something is begun, and as it is finished: ten minutes later, at most. */
const proofAges = { begin: '5m', finish: '15m' } as const

/** `GET` and `POST /<factor>/set-up`, for a person who is logged in. */
export function setUpRoute(context: Context, factor: Factor, pages: Pages, acts: SetUpActs): Handler {
  const guarded = guard(context)
  const path = `${context.settings.loginPath}/${factor.name}/set-up`
  return (req, res, next) => {
    guarded(req, res, (refused) => {
      if (refused) return next(refused)
      const visit = { context, req, res, next }
      const exchange = { ...visit, route: {}, pages }
      const act = async (does: (visit: SetUpVisit) => Promise<void>) =>
        does({ ...visit, factor, ...personOf(visit, path) })
      if (req.method === 'POST') {
        return void handle(exchange, () => act(acts.post).then(() => ({ type: 'answered' as const })))
      }
      act(async (one) => {
        if (!isRead(req)) {
          res.setHeader('Allow', 'GET, HEAD, POST')
          throw new MultistepError('method_not_allowed', 'To set it up, post here.')
        }
        await acts.look(one)
      }).catch((error: unknown) => answerError(exchange, error)).catch(next)
    })
  }
}

/**
 * Whether the person has just proven who they are. Holding a session is not enough: a thief of it would set up a
 * factor of their own. Where they have not, the request was answered.
 */
async function isJustProven(
  { context, req, res }: Visit, user: Express.User, path: string, isFirst: boolean, age: string,
): Promise<boolean> {
  const { settings } = context
  const names = await decidedInTime(settings.stepTimeout, factorsForChange(user, settings.factors, { isFirst }))
  return hasProven(context, oneOfWithin(names, age, settings.factors), req, res, path)
}

function personOf(visit: Visit, path: string): Pick<SetUpVisit, 'user' | 'mayChange' | 'mayFinish'> {
  const user = loggedInPerson(visit.context, visit.req)
  return {
    user,
    mayChange: (isFirst) => isJustProven(visit, user, path, isFirst, proofAges.begin),
    mayFinish: (isFirst) => isJustProven(visit, user, path, isFirst, proofAges.finish),
  }
}
