import { MultistepError, problemOf } from '../lib/errors.js'
import type { Context } from '../settings/context.js'
import { isBelow, leadsToLogin } from '../http/mounted-routes.js'
import { routeOf } from '../http/route-of.js'
import { forgetLogin, kept, sessionDigest, sessionOf } from '../session/browser-session.js'
import { noteCookie } from '../session/renew-session.js'
import { tell } from '../session/other-logins.js'
import { findTombstone } from '../session/tombstone.js'
import { newest } from '../factors/proof.js'
import type { Handler, Request, Session } from '../http/request.js'
import { idOf, isOne } from '../factors/person-id.js'
import { warnOnce } from '../lib/warn-once.js'
import { setLogin } from '../session/current-login.js'
import type { ActiveLogin } from '../state/position.js'
import { giveMethods } from '../session/request-methods.js'
import { userProperty } from '../http/user-property.js'

/**
 * Takes the place of `passport.session()`. It drops a login whose record is gone (logged out, revoked, too old) before
 * any other handler sees the session: a session that a slow request brings back logs no person in. It drops a login
 * that was made outside of multistep. It lets a plain `req.logout()` end the record too.
 */
export function session(context: Context): Handler {
  return (req, _res, next) => {
    readLogin(context, req).then(() => next(), (error: unknown) => next(realError(error)))
  }
}

/** Express would take `undefined` for no error, and `'route'` for a way around the handlers that follow. */
const realError = (error: unknown): Error =>
  (error instanceof Error
    ? error
    : new MultistepError('misconfigured', problemOf('misconfigured').message, { cause: error }))

/** Reads, once for each request, the login that it carries. A `passport.session()` left in the app does the same. */
export async function readLogin(context: Context, req: Request): Promise<void> {
  if (context.carried.has(req)) return
  sessionOf(req)
  noteCookie(req)
  await findTombstone(context, req)
  checkCookie(context, req)
  setLogin(context, req, undefined)
  const { login: id } = kept(req)
  const login = id === undefined ? undefined : await recorded(context, id)
  giveMethods(context, req)
  // The login is another policy's, on the same session. The accounts of this policy may give its id to another person.
  if (login && login.policy !== context.settings.policy) return
  if (!login) return withoutLogin(context, req, id)
  const user = await readPerson(context, req, login)
  if (user === 'unreadable') return
  if (!user) return forgetLogin(req, context.passport.sessionKey)
  // The record says who logged in. Another person in the session was put there outside of multistep.
  if (!isOne(login.userId, idOf(user, context.settings.userId))) {
    forgetLogin(req, context.passport.sessionKey)
    tell(context, req, { by: 'session' }, user, true)
    return
  }
  // A step-up gave the session another id. A session that a slow request brought back under the old id logs no person
  // in. It is left as it is: written anew, it would send its cookie.
  if (login.retired?.includes(sessionDigest(context.settings, req))) return setPerson(req, undefined)
  setPerson(req, user)
  setLogin(context, req, login)
}

/** express-session sends no `secure` cookie over plain http, and says nothing: each step would find a new session. */
function checkCookie({ settings: { loginPath } }: Pick<Context, 'settings'>, req: Request): void {
  const { cookie } = req.session as { cookie?: { secure?: unknown } }
  const isPlain = req.secure === false && req.headers['x-forwarded-proto'] === undefined
  if (cookie?.secure !== true || req.method !== 'POST' || !isPlain || !isBelow(req, loginPath)) return
  warnOnce(['the session\'s cookie is secure, and a login came over plain http: the browser never gets the cookie, '
    + 'so each step begins anew. Serve it over https; behind a proxy write app.set(\'trust proxy\', 1) '
    + 'and let the proxy send X-Forwarded-Proto; on your own machine write cookie: { secure: false }.'])
}

const setPerson = (req: Request, user: Express.User | undefined): void => void Reflect.set(req, userProperty(req), user)

/** The person that Passport keeps in the session. An empty value is no person. */
function serializedIn({ passport }: Pick<Context, 'passport'>, req: Request): unknown {
  const of = (req.session as Session)[passport.sessionKey]
  const user: unknown = typeof of === 'object' && of !== null ? (of as { user?: unknown }).user : undefined
  return user === null || user === false || user === '' ? undefined : user
}

/** The login is over, or the session's person was put there by other code. */
async function withoutLogin(context: Context, req: Request, id: string | undefined): Promise<void> {
  const serialized = serializedIn(context, req)
  if (id === undefined && serialized === undefined) return
  if (id === undefined && context.settings.otherLogins === 'allow') {
    const user = await readPerson(context, req)
    if (user !== 'unreadable') setPerson(req, user)
    return
  }
  forgetLogin(req, context.passport.sessionKey)
  if (id === undefined) tell(context, req, { by: 'session' }, undefined, true)
}

/**
 * The person that the session names, if the app still knows them. Where the app cannot tell, the login's own routes go
 * on without a person.
 */
async function readPerson(
  context: Context, req: Request, login?: ActiveLogin,
): Promise<Express.User | 'unreadable' | undefined> {
  const serialized = serializedIn(context, req)
  if (serialized === undefined) return undefined
  try {
    const user = await context.passport.deserialize(serialized, req)
    if (user && login) idOf(user, context.settings.userId)
    return user
  } catch (error) {
    context.events.emit('person.unreadable', { route: routeOf(req), ...(login ? { userId: login.userId } : {}), error })
    setPerson(req, undefined)
    if (leadsToLogin(req, context.settings)) return 'unreadable'
    // The app's own error handler gets the error that the app threw.
    throw error instanceof MultistepError && error.cause instanceof Error ? error.cause : error
  }
}

/**
 * `undefined`: there is no such login. A life that was shortened counts for earlier logins too: the store remembers an
 * end of all logins for no longer than that.
 */
export async function recorded(
  { store, settings }: Pick<Context, 'store' | 'settings'>, id: string,
): Promise<ActiveLogin | undefined> {
  const { at, login } = await store.readLogin(id)
  if (!login || (login.policy === settings.policy && at - login.createdAt >= settings.absolute)) return undefined
  return { ...login, proofs: login.retired === undefined ? login.proofs : newest(login.proofs), id, at }
}
