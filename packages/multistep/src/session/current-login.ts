import { MultistepError } from '../lib/errors.js'
import { userProperty, type Request } from '../http/request.js'
import { idOf } from '../factors/person-id.js'
import type { Context } from '../settings/context.js'
import type { Settings } from '../settings/options.js'
import type { ActiveLogin } from '../state/position.js'

interface Carried { readonly login: ActiveLogin, readonly user: unknown }

const personOf = (req: Request): unknown => Reflect.get(req, userProperty(req))

/** Remembers for this request, and for every view of it, whose login it carries; `undefined`: nobody's. What prints a request does not print it. */
export function setLogin({ mark }: Context, req: Request, login: ActiveLogin | undefined): void {
  const carried: Carried | null = login ? { login, user: personOf(req) } : null
  Object.defineProperty(req, mark, { value: carried, configurable: true, writable: true, enumerable: false })
}

/** Whether `session()` has looked for the login that a request carries. */
export const wasRead = ({ mark }: Pick<Context, 'mark'>, req: Request): boolean => Reflect.get(req, mark) !== undefined

/**
 * The login this request carries.
 * @throws MultistepError `misconfigured` where `session()` did not run.
 */
export function loginOf({ mark, settings }: Context, req: Request): ActiveLogin | undefined {
  const found = Reflect.get(req, mark) as Carried | null | undefined
  if (found === undefined) throw new MultistepError('misconfigured', 'multistep: app.use(login.session()) is missing in front of this route. It takes the place of app.use(passport.session()).')
  // Another middleware may have put somebody else there since: this login says nothing of them.
  return found && isStill(found, personOf(req), settings) ? found.login : undefined
}

/** Apps put a fuller account of the same person in the place of the one that was found. */
function isStill({ login, user }: Carried, person: unknown, { userId }: Settings): boolean {
  if (person === user || !person) return person === user
  try {
    return idOf(person, userId) === login.userId
  } catch {
    return false
  }
}
