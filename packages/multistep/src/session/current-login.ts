import { MultistepError } from '../lib/errors.js'
import type { Request } from '../http/request.js'
import { idOf } from '../factors/person-id.js'
import type { Carried, Context } from '../settings/context.js'
import type { Settings } from '../settings/settings.js'
import type { ActiveLogin } from '../state/position.js'
import { userProperty } from '../http/user-property.js'

type OfPolicy = Pick<Context, 'carried'>

const userOn = (req: Request): unknown => Reflect.get(req, userProperty(req))

/**
 * Node gives each request its list of raw headers, and every view of the request has that very list: a proxy, an object
 * made from it, a copy. So it leads from a view to the login of the request. The request itself comes first: apps may
 * replace the list.
 */
const listOf = (req: Request): object | undefined => (req as { rawHeaders?: object }).rawHeaders

/**
 * Remembers whose login a request carries; `undefined`: nobody's. It is no property of the request: adding one costs
 * more than the rest of a guard, and whatever prints a request would print it.
 */
export function setLogin({ carried }: OfPolicy, req: Request, login: ActiveLogin | undefined): void {
  const found = { login, user: login && userOn(req) }
  carried.set(req, found)
  const list = listOf(req)
  if (typeof list === 'object') carried.set(list, found)
}

function carriedBy({ carried }: OfPolicy, req: Request): Carried | undefined {
  const found = carried.get(req)
  if (found) return found
  const list = listOf(req)
  return list && carried.get(list)
}

/** Whether `session()` has looked for the login that a request, or the request of a view, carries. */
export const wasRead = (policy: OfPolicy, req: Request): boolean => carriedBy(policy, req) !== undefined

/**
 * The login this request carries.
 * @throws MultistepError `misconfigured` where `session()` did not run.
 */
export function loginOf(context: Pick<Context, 'carried' | 'settings'>, req: Request): ActiveLogin | undefined {
  const found = carriedBy(context, req)
  if (found === undefined) {
    throw new MultistepError('misconfigured', 'multistep: app.use(login.session()) is missing in front of this route. '
      + 'It takes the place of app.use(passport.session()).')
  }
  // Another middleware may have put another person there since: this login says nothing of them.
  return found.login && isStill(found.login, found, userOn(req), context.settings) ? found.login : undefined
}

/** Apps put a fuller account of the same person in the place of the one that was found. */
function isStill(login: ActiveLogin, { user }: Carried, person: unknown, { userId }: Settings): boolean {
  if (person === user || !person) return person === user
  try {
    return idOf(person, userId) === login.userId
  } catch {
    return false
  }
}
