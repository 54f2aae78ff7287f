import { MultistepError } from '../lib/errors.js'
import { userProperty, type Request } from '../http/request.js'
import { idOf } from '../factors/person-id.js'
import type { Carried, Context } from '../settings/context.js'
import type { Settings } from '../settings/options.js'
import type { ActiveLogin } from '../state/position.js'

type OfPolicy = Pick<Context, 'carried'>

const userOn = (req: Request): unknown => Reflect.get(req, userProperty(req))

/**
 * Node gives each request its list of raw headers once, and every view of the request has that very list: a proxy, an
 * object made from it, a copy. So the list stands for the request. A property of our own would cost each request more
 * than the rest of a guard, and whatever prints a request would print it.
 */
const keyOf = (req: Request): object => (req as { rawHeaders?: object }).rawHeaders ?? req

/** Remembers whose login a request carries; `undefined`: nobody's. */
export function setLogin({ carried }: OfPolicy, req: Request, login: ActiveLogin | undefined): void {
  carried.set(keyOf(req), { login, user: login && userOn(req) })
}

/** Whether `session()` has looked for the login that a request carries. */
export const wasRead = ({ carried }: OfPolicy, req: Request): boolean => carried.has(keyOf(req))

/**
 * The login this request carries.
 * @throws MultistepError `misconfigured` where `session()` did not run.
 */
export function loginOf({ carried, settings }: Pick<Context, 'carried' | 'settings'>, req: Request): ActiveLogin | undefined {
  const found = carried.get(keyOf(req))
  if (found === undefined) throw new MultistepError('misconfigured', 'multistep: app.use(login.session()) is missing in front of this route. It takes the place of app.use(passport.session()).')
  // Another middleware may have put somebody else there since: this login says nothing of them.
  return found.login && isStill(found.login, found, userOn(req), settings) ? found.login : undefined
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
