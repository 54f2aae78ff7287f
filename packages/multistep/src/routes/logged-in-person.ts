import type { Request } from '../http/request.js'
import { userProperty } from '../http/user-property.js'
import { MultistepError, problemOf } from '../lib/errors.js'
import { loginOf } from '../session/current-login.js'
import type { Context } from '../settings/context.js'

/** @throws MultistepError `login_required`. */
export function loggedInPerson(context: Context, req: Request): Express.User {
  const user = Reflect.get(req, userProperty(req)) as Express.User | undefined
  if (!loginOf(context, req) || !user) throw new MultistepError('login_required', problemOf('login_required').message)
  return user
}
