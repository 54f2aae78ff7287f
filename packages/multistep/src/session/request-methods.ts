import { userProperty, type Next, type Request, type Session } from '../http/request.js'
import type { Context } from '../settings/context.js'
import type { ActiveLogin } from '../state/position.js'
import { loginOf, setLogin, wasRead } from './current-login.js'
import { kept, saved } from './browser-session.js'
import { isPerson, refusedLogin, tell, wayOf } from './other-logins.js'

type LogIn = (this: Request, user: Express.User, ...rest: readonly unknown[]) => void
type LogOut = (this: Request, ...args: unknown[]) => void

interface WithMethods {
  logIn?: LogIn
  login: LogIn
  logOut?: LogOut
  logout: LogOut
  isAuthenticated: unknown
  isUnauthenticated: unknown
}

/** By each `logIn` of ours: the policies that are in its way. */
const policiesOf = new WeakMap<LogIn, readonly Context[]>()

/**
 * Gives a request the methods of Passport, of which `logIn` logs nobody in by itself and `logOut` ends the login's
 * record too. They are given to the prototype of all requests of the app, where there is one (Express makes
 * `app.request`): adding properties to each request would cost more than the rest of a guard.
 */
export function giveMethods(context: Context, req: Request): void {
  if (isGiven(context, req)) return
  const prototype = prototypeOfApp(req)
  if (prototype && !isGiven(context, prototype)) give(context, prototype)
  // Something has given this request others of its own, such as `passport.initialize()`.
  if (!isGiven(context, req)) give(context, req)
}

function isGiven(context: Context, target: object): boolean {
  const { logIn } = target as WithMethods
  return logIn !== undefined && policiesOf.get(logIn)?.includes(context) === true
}

function prototypeOfApp(req: Request): object | undefined {
  const { app } = req as { app?: { request?: object } }
  return app?.request === Object.getPrototypeOf(req) ? app?.request : undefined
}

function give(context: Context, target: object): void {
  const { methods } = context.passport
  const holder = target as WithMethods
  holder.login = holder.logIn = logInOf(context, holder.logIn ?? managed(context, methods.logIn))
  holder.logout = holder.logOut = logOutOf(context, holder.logOut ?? managed(context, methods.logOut))
  holder.isAuthenticated ??= methods.isAuthenticated
  holder.isUnauthenticated ??= methods.isUnauthenticated
}

/** Passport's method, with the session manager that it looks for on the request. */
const managed = ({ passport }: Pick<Context, 'passport'>, method: (this: Request, ...args: readonly unknown[]) => unknown): LogOut =>
  function (...args) {
    if (Reflect.get(this, '_sessionManager') === undefined) Reflect.set(this, '_sessionManager', passport.sessionManager())
    method.apply(this, args)
  }

/**
 * A `req.logIn` that logs nobody in by itself. The person who is logged in may be given anew; anybody may be given for
 * this one request (`session: false`).
 */
function logInOf(context: Context, former: LogIn): LogIn {
  const logIn: LogIn = function (user, ...rest) {
    if (!wasRead(context, this)) return former.call(this, user, ...rest)
    const [options, done] = argumentsOf(rest)
    if (context.settings.otherLogins === 'allow') {
      if (options.session !== false) tell(context, this, wayOf(this, rest.length > 1), user, false)
      return former.call(this, user, ...rest)
    }
    if (options.session === false) return setForRequest(this, user, done)
    const login = loginOf(context, this)
    if (login && isPerson(context, login, user)) {
      return void refresh(context, this, login, user).then(() => done?.(), (error: unknown) => done?.(error))
    }
    // Another policy's, whose login this session may hold.
    if (!login && policiesOf.has(former)) return former.call(this, user, ...rest)
    const error = refusedLogin(context, this, wayOf(this, rest.length > 1), user)
    if (!done) throw error
    done(error)
  }
  policiesOf.set(logIn, [context, ...policiesOf.get(former) ?? []])
  return logIn
}

/** As Passport reads them: `(user, done)`, or `(user, options, done)`. */
function argumentsOf(
  [first, second]: readonly unknown[],
): readonly [Readonly<Record<string, unknown>>, Next | undefined] {
  const done = typeof first === 'function' ? first : second
  const options = typeof first === 'object' && first !== null ? first as Record<string, unknown> : {}
  return [options, typeof done === 'function' ? done as Next : undefined]
}

function setForRequest(req: Request, user: Express.User, done: Next | undefined): void {
  Reflect.set(req, userProperty(req), user)
  done?.()
}

/**
 * The same person with other data: the login's record, its evidence and the session stay, and hold the person as the
 * app's serializer has it now.
 */
async function refresh(context: Pick<Context, 'settings' | 'passport' | 'carried'>, req: Request, login: ActiveLogin, user: Express.User): Promise<void> {
  const { passport, settings } = context
  const serialized = await passport.serialize(user, req)
  const session = req.session as Session
  session[passport.sessionKey] = { user: serialized }
  await saved(req, settings.storeTimeout)
  Reflect.set(req, userProperty(req), user)
  setLogin(context, req, login)
}

/** Ends the record of the login that there is when it is called: this request may be the one that completes it. */
const logOutOf = (context: Pick<Context, 'settings' | 'store' | 'carried'>, former: LogOut): LogOut => function (...args) {
  const id = wasRead(context, this) ? loginOf(context, this)?.id ?? kept(this).login : undefined
  const done = args.at(-1)
  if (id === undefined || typeof done !== 'function') return former.apply(this, args)
  setLogin(context, this, undefined)
  context.store.endLogin(id).then(() => former.apply(this, args), done as Next)
}
