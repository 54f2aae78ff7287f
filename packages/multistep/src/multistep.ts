import type { Duration } from '#internal/duration'
import type { Context } from './settings/context.js'
import {
  listDevices, revokeDevice, revokeDevices, type RememberedDevice, type UserId,
} from './devices/manage-devices.js'
import { cancel, logout } from './api/cancel-and-logout.js'
import type { Kind } from './factors/factor.js'
import { amrOf, toEvidence, type Evidence } from './factors/proof.js'
import { explainLogin } from './api/explain.js'
import type { Explanation } from './policy/explain.js'
import { Events, type Listener, type MultistepEvent } from './events.js'
import { accountName } from './factors/account-name.js'
import { has } from './api/has.js'
import { drop } from './api/step-down.js'
import { guard } from './api/guard.js'
import { requirement, type RequireOptions } from './api/require.js'
import { checkBrackets, checkOptions } from './lib/option-checks.js'
import type { DecidedOptions, MultistepOptions } from './settings/options.js'
import { settingsOf } from './settings/settings.js'
import { adapt, isStrategy, registryOf, strategyNames, type PassportLike } from './passport/passport.js'
import { progress, type Progress } from './api/progress.js'
import type { Handler, Request } from './http/request.js'
import type { AuthenticateOptions } from './passport/route-options.js'
import { router } from './routes/router.js'
import { withoutObject } from '#internal/user-id'
import { keysOf } from './factors/person-id.js'
import { suggestion } from '#internal/option-checks'
import { ownRoute, ownRouter } from './http/mounted-routes.js'
import { gateOf } from './session/other-logins.js'
import { readLogin, session } from './api/session.js'
import { bounded } from './stores/bounded-store.js'
import type { LedgerKey } from './stores/flow-store.js'
import { partitionOf } from './stores/keys.js'
import { vouch } from './api/vouch.js'
import { warningsOf } from './policy/step-checks.js'
import { warnOnce } from './lib/warn-once.js'
import { loginOf } from './session/current-login.js'
import { authenticate } from './api/authenticate.js'
import { challenge } from './api/challenge.js'
import { responseOf } from './http/respond.js'
import { revokeSessions } from './api/revoke-sessions.js'

/**
 * One login policy on one Passport instance. Every method that returns a `Handler` is called once, where the route is
 * mounted.
 */
export interface Multistep<F extends string = string> {
  /**
   * In place of `app.use(passport.session())`, directly behind `session({ … })`: one read of the store for each request
   * that carries a login. A login that is made outside of multistep, by `req.login` or `passport.authenticate`, logs
   * nobody in from here on: `login_elsewhere`, status 500.
   */
  session(): Handler
  /** Pages and JSON for everything, to be mounted at `loginPath`. */
  router(): Handler
  /** Takes a step with this factor. POST; GET too for a factor that redirects. */
  authenticate(factor: F, options?: AuthenticateOptions): Handler
  /** Begins, or repeats, this factor's challenge. POST. */
  challenge(factor: F): Handler
  /**
   * Lets only completed logins pass; with a requirement, only those that have proven it, and asks others to.
   * @throws TypeError for what cannot be asked.
   */
  require(requirement?: RequireOptions<F>): Handler
  /** Gives up the step-up that is named, else the pending login. POST. */
  cancel(): Handler
  /** Logs out. POST. */
  logout(): Handler
  /** Where this browser's login stands, for a page of the app's own. Shows a problem once. */
  progress(req: Request): Promise<Progress>
  /** What the login of this request has proven; empty when nobody is logged in by this policy. */
  evidence(req: Request): Evidence[]
  /** RFC 8176 §2, with `mfa` when two kinds over two channels were proven freshly. */
  amr(req: Request): string[]
  /**
   * Whether this login has freshly proven a factor, or one of a kind, at most `maxAge` ago by the store's clock as
   * `session()` read it.
   * @throws TypeError for a name of neither, and for an age that is no duration.
   */
  has(req: Request, factorOrKind: F | Kind, options?: { readonly maxAge?: Duration }): boolean
  /**
   * Says that this app has just proven this factor of this person itself, or these, at sign-up or behind a reset link.
   * The login goes on from there and is complete, with `req.user` set, only where the policy asks for nothing else.
   * Rejects with a `MultistepError`: `person_mismatch` when the pending login is another person's,
   * `factor_not_enrolled`, `flow_conflict`.
   */
  vouch(req: Request, user: Express.User, factors: F | readonly F[]): Promise<Progress>
  /** Steps down: takes from the login of this request all that step-ups have brought. */
  drop(req: Request): Promise<void>
  /**
   * Which steps a login of this person asks for, and why, and which factors could meet each, for support staff and
   * tests. With a request: for a login by that request, and after what it has proven of this person.
   */
  explain(user: Express.User, req?: Request): Promise<Explanation>
  /**
   * Ends a lockout, for one factor or for all. Takes a user id, or a name that was submitted to `local`, in any
   * spelling. An id that is a number, or is written as one, means both: links and events carry ids as text. So do
   * `devices` and `sessions`.
   */
  unlock(userId: UserId, factor?: F): Promise<void>
  /** The browsers that a person had remembered (option `remember`). */
  readonly devices: {
    /** In the order in which they were remembered. */
    list(userId: UserId): Promise<RememberedDevice[]>
    /** `false`: there was none. */
    revoke(userId: UserId, id: string): Promise<boolean>
    revokeAll(userId: UserId): Promise<void>
  }
  readonly sessions: {
    /**
     * Logs out everywhere: ends every login of a person, those that are pending, and what browsers remember, all in one
     * step.
     */
    revokeAll(userId: UserId): Promise<void>
  }
  /** Tells what happens. A listener that fails breaks nothing. @throws TypeError for an event that never happens. */
  on<E extends MultistepEvent>(event: E, listener: Listener<E>): Multistep<F>
}

const withPolicy = new WeakSet<object>()

/**
 * Chains the strategies of a Passport instance into one login.
 * @throws TypeError for options that cannot work, for a strategy Passport does not know, and for a second policy on one
 * Passport instance.
 * @example
 * // A policy that a function decides, anew at each request.
 * multistep(passport, {
 *   steps: ({ req }) => (req.ip === '10.0.0.1' ? ['local'] : ['local', 'sms-otp']),
 *   factors: { local: {}, 'sms-otp': {} },
 * })
 */
export function multistep<const F extends string>(passport: PassportLike, options: DecidedOptions<F>): Multistep<F>
// Apart, because the names are inferred from `factors` in the one, and from `steps` in the other.
/**
 * Chains the strategies of a Passport instance into one login.
 * @throws TypeError for options that cannot work, for a strategy Passport does not know, and for a second policy on one
 * Passport instance.
 * @example
 * const login = multistep(passport, { steps: ['local', anyOf('mobileconnect', 'sms-otp')] })
 *
 * app.use(login.session()) // in place of app.use(passport.session())
 * app.use('/login', login.router())
 * app.get('/account', login.require(), (req, res) => { res.json(login.evidence(req)) })
 */
// eslint-disable-next-line @typescript-eslint/unified-signatures
export function multistep<const F extends string>(passport: PassportLike, options: MultistepOptions<F>): Multistep<F>
export function multistep<const F extends string>(
  passport: PassportLike, options: MultistepOptions<F> | DecidedOptions<F>,
): Multistep<F> {
  const context = contextOf(passport, options)
  const api: Multistep<F> = {
    session: (...[options]: unknown[]) => {
      checkBrackets('session()', options)
      context.passport.checkSerializers()
      return session(context)
    },
    router: (...[options]: unknown[]) => {
      checkBrackets('router()', options)
      checkOptions('router.', options ?? {}, {})
      return ownRouter(router(context), context)
    },
    authenticate: (factor, route, ...rest: unknown[]) => {
      checkBrackets('authenticate(\'local\')', factor)
      return ownRoute(authenticate(context, factor, route, rest[0]))
    },
    challenge: (factor) => {
      checkBrackets('challenge(\'sms-otp\')', factor)
      return ownRoute(challenge(context, factor))
    },
    require: (options) => {
      checkBrackets('require()', options)
      return options === undefined ? guard(context) : requirement(context, options)
    },
    cancel: (...[options]: unknown[]) => {
      checkBrackets('cancel()', options)
      return ownRoute(cancel(context))
    },
    logout: (...[options]: unknown[]) => {
      checkBrackets('logout()', options)
      return ownRoute(logout(context))
    },
    progress: async (req) => progress(context, req, responseOf(req)),
    evidence: (req) => (loginOf(context, req)?.proofs ?? []).map(toEvidence),
    amr: (req) => amrOf(loginOf(context, req)?.proofs ?? []),
    has: (req, factorOrKind, options) => has(context, req, factorOrKind, options),
    vouch: async (req, user, factors) => vouch(
      context, req, responseOf(req), user, typeof factors === 'string' ? [factors] : factors,
    ),
    drop: async (req) => drop(context, req),
    explain: async (user, req) => explainLogin(context, user, req),
    unlock: async (userId, factor) => unlock(context, userId, factor),
    devices: {
      list: async (userId) => (await each(userId, (key) => listDevices(context, key))).flat(),
      revoke: async (userId, id) => (await each(userId, (key) => revokeDevice(context, key, id))).includes(true),
      revokeAll: async (userId) => { await each(userId, (key) => revokeDevices(context, key)) },
    },
    sessions: { revokeAll: async (userId) => { await each(userId, (key) => revokeSessions(context, key)) } },
    on: (event, listener) => {
      context.events.on(event, listener)
      return api
    },
  }
  return api
}

function contextOf(instance: PassportLike, options: MultistepOptions | DecidedOptions): Context {
  const registered = registryOf(instance)
  if (withPolicy.has(instance)) {
    throw new TypeError(
      'multistep: this Passport instance has a policy already. Write one policy with anyOf() and when(), or give ' +
      'the second its own new Passport().',
    )
  }
  const settings = settingsOf(options, registered)
  for (const name of settings.factors.names) {
    const { strategy } = settings.factors.get(name)
    if (!isStrategy(registered(strategy))) {
      throw new TypeError(`multistep: Passport knows no strategy '${strategy}'. ${suggestedOf(instance, strategy)}`
        + 'passport.use() it before multistep(), or mend the name.')
    }
  }
  withPolicy.add(instance)
  const passport = adapt(instance, settings.stepTimeout)
  const { steps } = settings.loginPolicy
  if (typeof steps !== 'function') warnOnce(warningsOf(steps, settings.factors, settings.acknowledged))
  const context = {
    settings,
    passport,
    events: new Events(settings),
    store: bounded(settings.store, settings.storeTimeout),
    carried: new WeakMap(),
  }
  if (settings.otherLogins === 'allow') process.emitWarning(otherLoginsAllowed, { code: 'MULTISTEP_OTHER_LOGINS' })
  else passport.guard(gateOf(context, (req) => readLogin(context, req)))
  return context
}

function suggestedOf(instance: PassportLike, strategy: string): string {
  const names = strategyNames(instance)
  return names.length > 0 ? `${suggestion(strategy, names)} ` : ''
}

const each = <T>(userId: UserId, act: (key: string) => Promise<T>): Promise<T[]> => Promise.all(keysOf(userId).map(act))

const otherLoginsAllowed =
  'multistep: otherLogins is \'allow\': a person who logs in by req.login, by passport.authenticate or in a session ' +
  'of before passes every guard but login.require(), without a second factor. Listen with ' +
  'login.on(\'login.elsewhere\', …) for the routes that do, mend them, and take the option away.'

async function unlock(
  { store, settings }: Pick<Context, 'store' | 'settings'>,
  userId: UserId,
  factor: string | undefined,
): Promise<void> {
  const names = factor === undefined ? settings.factors.names : [settings.factors.get(factor).name]
  const id = String(withoutObject(userId))
  const ledgers = (name: string): LedgerKey[] => [
    ...keysOf(userId).map((key) => ({ partition: partitionOf('person', key), factor: name })),
    { partition: partitionOf('account', name, accountName(id)), factor: name, of: 'name' },
  ]
  await Promise.all(names.flatMap(ledgers).map((ledger) => store.settle(ledger, 'cleared')))
}
