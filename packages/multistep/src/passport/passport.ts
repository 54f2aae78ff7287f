import { MultistepError } from '../lib/errors.js'
import type { Handler, Next, Request } from '../http/request.js'
import { within } from '#internal/deadline'
import { watched, type StrategyLike } from './run-strategy.js'

/** A Passport instance, 0.6 or later. Structural: an app's copy and ours need not be one. */
export interface PassportLike {
  // Parameters differ between versions of the types; only the methods' being there counts.
  session: (...args: never[]) => unknown
  serializeUser: (...args: never[]) => unknown
  deserializeUser: (...args: never[]) => unknown
}

interface Internals {
  _strategy(name: string): unknown
  readonly _strategies?: Readonly<Record<string, unknown>>
  _key?: string
  _sm?: SessionManager
  _serializers?: unknown
  _deserializers?: unknown
  initialize(options: { compat: false }): Handler
  authenticate: Authenticate
  authorize: Authenticate
  serializeUser(user: unknown, req: Request, done: Done): void
  deserializeUser(serialized: unknown, req: Request, done: Done): void
}

type Authenticate = (strategy: unknown, ...rest: unknown[]) => unknown
type Done = (error: unknown, value?: unknown) => void

/** What `req.logIn` and `req.logout` of Passport do to the session. */
interface SessionManager {
  logIn(req: Request, user: unknown, options: unknown, done: Next): unknown
}

/** What this package asks of Passport, in one place: finding strategies by name, and the app's own serializers. */
export interface Passport {
  /** Looked up anew at each call, as Passport does. */
  strategy(name: string): StrategyLike | undefined
  /** What Passport gives to requests. */
  readonly methods: RequestMethods
  /** What these methods ask on a request, under `_sessionManager`. */
  sessionManager(): unknown
  /** @throws MultistepError `misconfigured`, also for what no session can keep. */
  serialize(user: Express.User, req: Request): Promise<unknown>
  /**
   * `undefined`: the app has no such person any more.
   * @throws MultistepError `misconfigured`, with the app's own error as its cause.
   */
  deserialize(serialized: unknown, req: Request): Promise<Express.User | undefined>
  /** Warns where the app has told Passport nothing yet of how people are kept in sessions. */
  checkSerializers(): void
  /** The session key Passport keeps the person under. */
  sessionKey: string
  /** From now on this instance asks whenever it is used outside of multistep. */
  guard(gate: PassportGate): void
}

type Method = (this: Request, ...args: readonly unknown[]) => unknown

export interface RequestMethods {
  readonly logIn: Method
  readonly logOut: Method
  readonly isAuthenticated: Method
  readonly isUnauthenticated: Method
}

/** What is asked before a Passport instance does something by itself. */
export interface PassportGate {
  /** In place of reading the person from the session, as `passport.session()` does. */
  read(req: Request): Promise<void>
  /** A strategy has found this person. An error: this is refused. */
  found(strategy: string, req: Request, user: unknown, options: Readonly<Record<string, unknown>>): Error | undefined
  /** By which name a strategy is known that the app hands over itself: a factor's before any other. */
  nameOf(strategy: StrategyLike): string
  /** `req.logIn` was called where `login.session()` has not run. Why it is refused. */
  loggingIn(req: Request, user: unknown): Error
}

/**
 * What is registered in a Passport instance under a name, whatever it is. It is looked up anew at each call, as
 * Passport does.
 * @throws TypeError for what is not a Passport instance of 0.6 or later.
 */
export function registryOf(instance: PassportLike): (name: string) => unknown {
  const internals = internalsOf(instance)
  return internals._strategy.bind(internals)
}

/** The names of all strategies that the app has registered: Passport registers `session` itself. */
export const strategyNames = (instance: PassportLike): string[] =>
  Object.keys(internalsOf(instance)._strategies ?? {}).filter((name) => name !== 'session')

function internalsOf(instance: PassportLike): Internals {
  const passport = instance as unknown as Partial<Internals> | undefined
  const isPassport = typeof passport?._strategy === 'function' && typeof passport.initialize === 'function'
  if (isPassport) return passport as Internals
  throw new TypeError('multistep: the first argument must be a Passport instance, 0.6 or later: '
    + 'multistep(passport, { steps: [ … ] }).')
}

/** @param deadline milliseconds after which a serializer or deserializer that never called `done` counts as broken. */
export function adapt(instance: PassportLike, deadline: number): Passport {
  const internals = internalsOf(instance)
  const find = registryOf(instance)
  const methods = {} as RequestMethods & Request
  internals.initialize({ compat: false })(methods, undefined as never, () => {})
  return {
    strategy: (name) => {
      const found = find(name)
      return isStrategy(found) ? found : undefined
    },
    methods,
    sessionManager: () => internals._sm,
    serialize: async (user, req) => keepable(await asked(internals, 'serializeUser', user, req, deadline)),
    deserialize: async (serialized, req) => {
      const user = await asked(internals, 'deserializeUser', serialized, req, deadline)
      return user ? user : undefined
    },
    checkSerializers: () => {
      for (const what of ['serializeUser', 'deserializeUser'] as const) {
        if (hasNone(internals, what)) process.emitWarning(missing(what), { code: 'MULTISTEP_SERIALIZERS' })
      }
    },
    sessionKey: internals._key ?? 'passport',
    guard: (gate) => {
      const session = sessionStrategy(gate)
      internals._strategy = (name) => {
        // Whatever else is registered under its name: `passport.session()` reads what `login.session()` reads.
        if (name === 'session') return session
        const found = find(name)
        return isStrategy(found) ? outside(found, name, gate) : found
      }
      for (const what of ['authenticate', 'authorize'] as const) {
        const plain = internals[what].bind(internals)
        internals[what] = (strategy, ...rest) => plain(gated(strategy, gate), ...rest)
      }
      if (internals._sm) internals._sm = managerOf(internals._sm, gate)
    },
  }
}

/** Whether something is a Passport strategy. */
export const isStrategy = (found: unknown): found is StrategyLike =>
  typeof (found as StrategyLike | undefined)?.authenticate === 'function'

/** What Passport gives to the strategy of one request. */
interface RunningStrategy extends StrategyLike {
  success: (user: unknown, info?: unknown) => unknown
  error(error: unknown): unknown
  pass(): unknown
}

/** A strategy that Passport runs by itself, by `passport.authenticate`, and whose success has to pass the gate. */
const outside = (strategy: StrategyLike, name: string, gate: PassportGate): StrategyLike => {
  const own = Object.create(strategy) as StrategyLike
  return Object.assign(own, {
    authenticate(this: RunningStrategy, req: Request, options?: Record<string, unknown>): unknown {
      const { success } = this
      this.success = (user, info) => {
        const refusal = gate.found(name, req, user, options ?? {})
        return refusal ? this.error(refusal) : success.call(this, user, info)
      }
      return strategy.authenticate.call(this, req, options)
    },
  })
}

/** Passport takes a strategy itself in place of its name, too. */
function gated(given: unknown, gate: PassportGate): unknown {
  if (Array.isArray(given)) return given.map((one: unknown) => gated(one, gate))
  return isStrategy(given) ? outside(given, gate.nameOf(given), gate) : given
}

/**
 * In place of Passport's own strategy, so that a `passport.session()` that was left in the app reads what
 * `login.session()` reads.
 */
const sessionStrategy = (gate: PassportGate): StrategyLike => ({
  authenticate(this: RunningStrategy, req: Request) {
    gate.read(req).then(() => this.pass(), (error: unknown) => this.error(error))
  },
})

const managerOf = (manager: SessionManager, gate: PassportGate): SessionManager => {
  const own = Object.create(manager) as SessionManager
  return Object.assign(own, {
    logIn: (req: Request, user: unknown, _options: unknown, done: Next) => done(gate.loggingIn(req, user)),
  })
}

const layersOf = { serializeUser: '_serializers', deserializeUser: '_deserializers' } as const

const hasNone = (passport: Internals, what: keyof typeof layersOf): boolean => {
  const layers = passport[layersOf[what]]
  return Array.isArray(layers) && layers.length === 0
}

const missing = (what: keyof typeof layersOf): string => (what === 'serializeUser'
  ? 'multistep: nobody can be logged in without passport.serializeUser. '
  + 'Write passport.serializeUser((user, done) => done(null, user.id)).'
  : 'multistep: nobody stays logged in without passport.deserializeUser. Write passport.deserializeUser((id, done) => '
  + '{ users.byId(id).then((user) => done(null, user ?? false), done) }).')

/**
 * Passport asks the app's functions one after the other, and drops what they return: unwatched, one that rejects would
 * end the process.
 */
async function asked(
  passport: Internals, what: keyof typeof layersOf, value: unknown, req: Request, deadline: number,
): Promise<unknown> {
  if (hasNone(passport, what)) throw new MultistepError('misconfigured', missing(what))
  const failed = (cause: unknown) =>
    new MultistepError('misconfigured', `multistep: passport.${what} failed; its error is the cause.`, { cause })
  const late = () => failed(new Error(`It did not call done within ${deadline} ms.`))
  const answer = new Promise<unknown>((resolve, reject) => {
    const fail = (cause: unknown) => reject(failed(cause))
    const layers = passport[layersOf[what]]
    const observed = Object.create(passport) as Internals
    if (Array.isArray(layers)) observed[layersOf[what]] = layers.map((layer: () => unknown) => watched(layer, fail))
    try {
      observed[what](value, req, (error, result) => (error ? fail(error) : resolve(result)))
    } catch (error) {
      fail(error)
    }
  })
  return within(deadline, answer, late)
}

/** Sessions and flows are kept as JSON. What that cannot hold would come back as nobody, or fail at every save. */
function keepable(serialized: unknown): unknown {
  const refused = (cause?: unknown) => new MultistepError(
    'misconfigured',
    `multistep: passport.serializeUser gave ${describe(serialized)}, which no session can keep. `
    + 'Write passport.serializeUser((user, done) => done(null, String(user.id))), '
    + 'and make of it what it was in deserializeUser.',
    { cause },
  )
  try {
    if (typeof (JSON.stringify(serialized) as unknown) === 'string') return serialized
  } catch (error) {
    throw refused(error)
  }
  throw refused()
}

const describe = (value: unknown): string =>
  (typeof value === 'object' ? 'an object that JSON cannot hold' : `a ${typeof value}`)
