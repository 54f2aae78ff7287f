import type { Handler } from '../http/request.js'
import { answerError } from '../responses/answer-error.js'
import { loginOf } from '../session/current-login.js'
import type { Context } from '../settings/context.js'
import { turnAway } from '../responses/turn-away.js'

/** A handler that lets only completed logins pass. */
export function guard(context: Context): Handler {
  return (req, res, next) => {
    try {
      if (loginOf(context, req)) return next()
    } catch (error) {
      return next(error)
    }
    turnAway(context, req, res)
      .catch((error: unknown) => answerError({ context, req, res, next, route: {} }, error)).catch(next)
  }
}
