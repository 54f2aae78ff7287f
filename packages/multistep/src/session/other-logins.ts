import type { Context } from '../settings/context.js'
import { MultistepError } from '../lib/errors.js'
import { routeOf } from '../http/route-of.js'
import type { Request } from '../http/request.js'
import { idOf } from '../factors/person-id.js'
import type { PassportGate } from '../passport/passport.js'
import { loginOf, wasRead } from './current-login.js'
import type { ActiveLogin } from '../state/position.js'
import { userProperty } from '../http/user-property.js'

/** How a person was to be logged in outside of multistep. */
export type OtherWay =
  | { readonly by: 'req.login', readonly options: boolean }
  | { readonly by: 'passport.authenticate', readonly strategy: string, readonly factor: boolean }
  | { readonly by: 'session' }

/** The strategy that Passport has just run by itself on a request. */
const ranBy = new WeakMap<object, string>()

/**
 * Stands in the way of everything by which this Passport instance logs in without multistep, wherever it is mounted:
 * `req.logIn`, a factor's strategy that is authenticated elsewhere, and a `passport.session()` that reads the session
 * by itself.
 */
export const gateOf = (context: Context, read: (req: Request) => Promise<void>): PassportGate => ({
  read,
  found: (strategy, req, user, options) => {
    ranBy.set(req, strategy)
    if (!isFactor(context, strategy)) return undefined
    const login = loginIfRead(context, req)
    // passport.authorize() gives the account to the app beside the person, and logs nobody in.
    const beside = options.assignProperty !== undefined && options.assignProperty !== userProperty(req)
    const harmless = login && (beside || isPerson(context, login, user))
    if (harmless) return undefined
    return refusedLogin(context, req, { by: 'passport.authenticate', strategy, factor: true }, user)
  },
  nameOf: (strategy) => strategiesOf(context).find((name) => context.passport.strategy(name) === strategy)
    ?? String((strategy as { name?: unknown }).name),
  loggingIn: (req, user) => refusedLogin(context, req, wayOf(req, true), user),
})

/** By the names under which the factors' strategies are registered. */
const strategiesOf = ({ settings: { factors } }: Pick<Context, 'settings'>): string[] =>
  factors.names.map((name) => factors.get(name).strategy)

const isFactor = (context: Pick<Context, 'settings'>, strategy: string): boolean =>
  strategiesOf(context).includes(strategy)

const loginIfRead = (context: Pick<Context, 'settings' | 'carried'>, req: Request): ActiveLogin | undefined =>
  (wasRead(context, req) ? loginOf(context, req) : undefined)

export function isPerson({ settings }: Pick<Context, 'settings'>, login: ActiveLogin, user: unknown): boolean {
  try {
    return idOf(user, settings.userId) === login.userId
  } catch {
    return false
  }
}

/** By `passport.authenticate` if it ran a strategy, of this instance or, which has options alone, of another. */
export function wayOf(req: Request, options: boolean): OtherWay {
  const strategy = ranBy.get(req)
  if (strategy === undefined) return { by: 'req.login', options }
  return { by: 'passport.authenticate', strategy, factor: false }
}

export function refusedLogin(context: Context, req: Request, way: OtherWay, user: unknown): MultistepError {
  return new MultistepError('login_elsewhere', tell(context, req, way, user, true))
}

const toldRoutes = new WeakMap<Context, Set<string>>()

/** What an attacker may make up, such as paths, is not remembered without end. */
const mostTold = 100

/**
 * Tells of a login outside of multistep, by an event each time and a process warning once for each route. Gives the
 * sentence.
 */
export function tell(context: Context, req: Request, way: OtherWay, user: unknown, refused: boolean): string {
  const route = routeOf(req)
  const words = `multistep: ${wordsOf(context, req, way, route)}`
  context.events.emit('login.elsewhere', { route, by: way.by, refused, ...userIdOf(context, user) })
  const once = toldRoutes.get(context) ?? new Set()
  toldRoutes.set(context, once)
  const key = way.by === 'session' ? way.by : `${way.by} ${route}`
  if (!refused || once.has(key) || once.size >= mostTold) return words
  once.add(key)
  process.emitWarning(words, { code: 'MULTISTEP_OTHER_LOGIN' })
  return words
}

function userIdOf({ settings }: Pick<Context, 'settings'>, user: unknown): { userId?: string } {
  try {
    return { userId: idOf(user, settings.userId) }
  } catch {
    return {}
  }
}

function wordsOf(context: Pick<Context, 'settings' | 'carried'>, req: Request, way: OtherWay, route: string): string {
  if (way.by === 'session') {
    return `a session (first met at ${route}) named a Passport user for whom there is no login of multistep, `
      + 'so it was nobody\'s. It is of before multistep came, or something writes req.session.passport; '
      + 'people log in anew.'
  }
  const behind = wasRead(context, req) ? '' : ' Mount app.use(login.session()) in front of this route.'
  const factor = context.settings.factors.names[0] ?? 'local'
  if (way.by === 'req.login') {
    const authenticate = way.options
      ? ' Behind a passport.authenticate(…) of another Passport instance, write login.authenticate(…) in its place.'
      : ''
    return `${route} called req.login() outside of multistep, so nobody was logged in. `
      + 'Where the app itself has proven who it is, as at a sign-up or behind a reset link, '
      + `write await login.vouch(req, user, '${factor}') in its place.${authenticate}${behind}`
  }
  const { strategy } = way
  if (!way.factor) {
    return `${route} logs in by passport.authenticate('${strategy}') outside of multistep, so nobody was logged in. `
      + `Make it a factor, such as steps: [anyOf('${factor}', '${strategy}'), …], `
      + `and write login.authenticate('${strategy}') in its place.${behind}`
  }
  return `${route} ran passport.authenticate('${strategy}'), a factor of this policy, outside of multistep, `
    + `so it was refused. Write login.authenticate('${strategy}') in its place. `
    + 'Where it is no login, register the strategy under a name of its own too: '
    + `passport.use('check-${strategy}', …).${behind}`
}
