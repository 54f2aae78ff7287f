import { isAct } from '../http/mounted-routes.js'
import type { Pages } from '../login/exchange.js'
import { checkRoute, strategyOptions, type AuthenticateOptions } from '../passport/route-options.js'
import type { Context } from '../settings/context.js'
import { handle } from '../responses/handle-request.js'
import type { Handler } from '../http/request.js'
import { takeStep } from '../login/take-step.js'

/** A handler that takes one step of a login with one factor. */
export function authenticate(
  context: Context, name: string, options: AuthenticateOptions = {}, callback?: unknown, pages?: Pages,
): Handler {
  checkRoute(name, options, callback)
  const factor = context.settings.factors.get(name)
  const ofStrategy = strategyOptions(options)
  return isAct((req, res, next) => {
    const exchange = {
      context, req, res, next, factor, route: options, strategyOptions: ofStrategy, ...(pages ? { pages } : {}),
    }
    void handle(exchange, () => takeStep(exchange, factor))
  })
}
