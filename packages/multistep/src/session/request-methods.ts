import type { Next, Request, Session } from '../http/request.js'
import type { Context } from '../settings/context.js'
import type { ActiveLogin } from '../state/position.js'
import { loginOf, setLogin } from './current-login.js'
import { kept, saved } from './browser-session.js'
import { methodsBefore, setMethods, type Methods } from './shared-methods.js'
import { isPerson, refusedLogin, tell, wayOf } from './other-logins.js'
import { userProperty } from '../http/user-property.js'

type LogIn = (this: Request, user: Express.User, ...rest: readonly unknown[]) => void
type LogOut = (this: Request, ...args: unknown[]) => void

/**
 * Gives a request the methods of Passport, of which `logIn` logs nobody in by itself and `logOut` ends the login's
 * record too. Only the policies whose `session()` has read this very request may stand in the way.
 */
export function giveMethods(context: Context, req: Request): void {
  const before = methodsBefore(req)
  setMethods(req, before ? methodsOver(context, before) : plainMethods(context))
}

/** By policy, what most requests get: nothing was there before. */
const plain = new WeakMap<Context, Methods>()

function plainMethods(context: Context): Methods {
  const known = plain.get(context) ?? methodsOver(context, {})
  plain.set(context, known)
  return known
}

function methodsOver(context: Context, before: Partial<Methods>): Methods {
  const { passport } = context
  const logIn = methodFor(logIns, context, (before.logIn ?? passport.methods.logIn) as LogIn, logInOf)
  const logOut = methodFor(logOuts, context, (before.logOut ?? passport.methods.logOut) as LogOut, logOutOf)
  return {
    login: logIn,
    logIn,
    logout: logOut,
    logOut,
    isAuthenticated: before.isAuthenticated ?? passport.methods.isAuthenticated,
    isUnauthenticated: before.isUnauthenticated ?? passport.methods.isUnauthenticated,
    _sessionManager: passport.sessionManager(),
  }
}

type MethodsByFormer<Method extends object> = WeakMap<Context, WeakMap<Method, Method>>

const logIns: MethodsByFormer<LogIn> = new WeakMap()
const logOuts: MethodsByFormer<LogOut> = new WeakMap()

/** Made once for each policy and each method that it stands in front of: what they act on is `this`. */
function methodFor<Method extends object>(
  methods: MethodsByFormer<Method>,
  context: Context,
  former: Method,
  make: (context: Context, former: Method) => Method,
): Method {
  const ofPolicy = methods.get(context) ?? new WeakMap<Method, Method>()
  methods.set(context, ofPolicy)
  const known = ofPolicy.get(former) ?? make(context, former)
  ofPolicy.set(former, known)
  return known
}

/** The `req.logIn` that this package has made. */
const ours = new WeakSet<LogIn>()

/**
 * A `req.logIn` that logs nobody in by itself. The person who is logged in may be given anew; anybody may be given for
 * this one request (`session: false`).
 */
function logInOf(context: Context, former: LogIn): LogIn {
  const logIn: LogIn = function (user, ...rest) {
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
    if (!login && ours.has(former)) return former.call(this, user, ...rest)
    const error = refusedLogin(context, this, wayOf(this, rest.length > 1), user)
    if (!done) throw error
    done(error)
  }
  ours.add(logIn)
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
async function refresh(
  context: Pick<Context, 'settings' | 'passport' | 'carried'>, req: Request, login: ActiveLogin, user: Express.User,
): Promise<void> {
  const { passport, settings } = context
  const serialized = await passport.serialize(user, req)
  const session = req.session as Session
  session[passport.sessionKey] = { user: serialized }
  await saved(req, settings.storeTimeout)
  Reflect.set(req, userProperty(req), user)
  setLogin(context, req, login)
}

/** Ends the record of the login that there is when it is called: this request may be the one that completes it. */
function logOutOf(context: Pick<Context, 'settings' | 'store' | 'carried'>, former: LogOut): LogOut {
  return function (...args) {
    const id = loginOf(context, this)?.id ?? kept(this).login
    const done = args.at(-1)
    if (id === undefined || typeof done !== 'function') return former.apply(this, args)
    setLogin(context, this, undefined)
    context.store.endLogin(id).then(() => former.apply(this, args), done as Next)
  }
}
