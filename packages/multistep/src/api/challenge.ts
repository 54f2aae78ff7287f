import { beginChallenge } from '../login/begin-challenge.js'
import { isAct } from '../http/mounted-routes.js'
import type { Pages } from '../login/exchange.js'
import type { Context } from '../settings/context.js'
import type { Handler } from '../http/request.js'
import { handle } from '../responses/handle-request.js'
import { positionFor } from '../login/position-for-factor.js'

/** A handler that begins, or repeats, the challenge of a factor: sends the text, rings the phone. */
export function challenge(context: Context, name: string, pages?: Pages): Handler {
  const factor = context.settings.factors.get(name)
  if (!factor.challenge) {
    throw new TypeError(`multistep: '${name}' has no challenge to begin. Give factors: { '${name}': { challenge: `
      + '{ action: … } } } the options that make its strategy begin one.')
  }
  // Only a POST begins a challenge, even where the factor allows other methods.
  const posted = { ...factor, redirects: false }
  return isAct((req, res, next) => {
    const exchange = { context, req, res, next, factor: posted, route: {}, ...(pages ? { pages } : {}) }
    void handle(exchange, async () => {
      const position = await positionFor(context, req, factor)
      return position.type === 'refused' ? position : beginChallenge({ ...exchange, factor }, factor, position)
    })
  })
}
