import { MultistepError } from '../errors.js'
import { problemOf } from '../problem.js'
import { loginOf, setLogin, type ActiveLogin, type Context } from '../context.js'
import { forgetLogin, kept, sessionOf } from './login-session.js'
import { sessionDigest } from './position.js'
import { newest } from '../policy/need.js'
import { ran } from '../strategy/passport.js'
import { userProperty, type Handler, type Next, type Request, type Response } from '../http/request.js'
import { idOf } from '../policy/same-person.js'

/**
 * Takes the place of `passport.session()`. Drops a login whose record is gone (logged out, revoked, too old) before Passport sees the
 * session, so that a session brought back by a slow request logs nobody in; and lets a plain `req.logout()` end the record too.
 */
export function session(context: Context): Handler {
  return (req, res, next) => {
    // Never what Express would take for "no error" (`undefined`) or for a way around the handlers behind (`'route'`).
    read(context, req, res).then(() => next(), (error: unknown) => next(error instanceof Error ? error : new MultistepError('misconfigured', problemOf('misconfigured').message, { cause: error })))
  }
}

async function read(context: Context, req: Request, res: Response): Promise<void> {
  sessionOf(req)
  const { login: id } = kept(req)
  setLogin(context, req, undefined)
  const login = id === undefined ? undefined : await recorded(context, id)
  // Another policy's, on the same session: whoever it is, this one's accounts may know somebody else by that id.
  if (login && login.policy !== context.settings.policy) return
  if (id !== undefined && !login) forgetLogin(req, context.passport)
  await ran(context.passport.session, req, res)
  wrapLogout(context, req)
  if (!login) return
  const user = Reflect.get(req, userProperty(req)) as Express.User | undefined
  // The record says who logged in. Whoever else the session names got there some other way.
  if (!user || idOf(user, context.settings.userId) !== login.userId) return forgetLogin(req, context.passport)
  // A step-up gave the session another id. One that a slow request brought back under the old one is nobody's, and is left as it is: written
  // anew it would send its cookie.
  if (login.retired?.includes(sessionDigest(context.settings, req))) return void Reflect.set(req, userProperty(req), undefined)
  setLogin(context, req, login)
}

/** `undefined`: there is none. A life that was shortened since counts for the logins of before, too: an end of all of them is kept no longer. */
export async function recorded({ store, settings }: Context, id: string): Promise<ActiveLogin | undefined> {
  const { at, login } = await store.readLogin(id)
  if (!login || (login.policy === settings.policy && at - login.createdAt >= settings.absolute)) return undefined
  return { ...login, proofs: login.retired === undefined ? login.proofs : newest(login.proofs), id, at }
}

/** For the login that there is when it is called: this request may be the one that completes it. */
function wrapLogout(context: Context, req: Request): void {
  const target = req as unknown as { logout: LogOut, logOut: LogOut }
  const plain = target.logout
  const logout: LogOut = function (this: Request, ...args) {
    const [login, done] = [loginOf(context, req), args.at(-1)]
    if (!login || typeof done !== 'function') return plain.apply(this, args)
    setLogin(context, req, undefined)
    context.store.endLogin(login.id).then(() => plain.apply(this, args), done as Next)
  }
  target.logout = target.logOut = logout
}

type LogOut = (this: Request, ...args: unknown[]) => void
