import { MultistepError } from '../errors.js'
import type { Handler, Request, Response } from '../http/request.js'
import type { StrategyLike } from './run-strategy.js'

/** A Passport instance, 0.6 or later. Structural: an app's copy and ours need not be one. */
export interface PassportLike {
  // Parameters differ between versions of the types; only the methods' being there counts.
  session: (...args: never[]) => unknown
  serializeUser: (...args: never[]) => unknown
  deserializeUser: (...args: never[]) => unknown
}

interface Internals {
  _strategy(name: string): unknown
  _key?: string
  session(): Handler
  serializeUser(user: unknown, req: Request, done: (error: unknown, serialized?: unknown) => void): void
  deserializeUser(serialized: unknown, req: Request, done: (error: unknown, user?: unknown) => void): void
}

/** What this package asks of Passport, in one place: finding strategies by name, and the app's own serializers. */
export interface Passport {
  /** Looked up anew at each call, as Passport does. */
  strategy(name: string): StrategyLike | undefined
  /** What `passport.session()` does. */
  session: Handler
  serialize(user: Express.User, req: Request): Promise<unknown>
  /** `undefined`: there is nobody of that kind any more. */
  deserialize(serialized: unknown, req: Request): Promise<Express.User | undefined>
  /** The session key Passport keeps the person under. */
  sessionKey: string
}

/** @throws TypeError for what is not a Passport instance of 0.6 or later. */
export function adapt(instance: PassportLike): Passport {
  const passport = instance as unknown as Partial<Internals> | undefined
  if (typeof passport?._strategy !== 'function' || typeof passport.session !== 'function') {
    throw new TypeError('multistep: the first argument must be a Passport instance, 0.6 or later: multistep(passport, { steps: [ … ] }).')
  }
  const internals = passport as Internals
  return {
    strategy: (name) => {
      const found = internals._strategy(name)
      return typeof (found as StrategyLike | undefined)?.authenticate === 'function' ? (found as StrategyLike) : undefined
    },
    session: internals.session(),
    serialize: (user, req) => called((done) => internals.serializeUser(user, req, done)),
    deserialize: async (serialized, req) => {
      const user = await called((done) => internals.deserializeUser(serialized, req, done))
      return user ? user : undefined
    },
    sessionKey: internals._key ?? 'passport',
  }
}

async function called(call: (done: (error: unknown, value?: unknown) => void) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const failed = (cause: unknown) => reject(new MultistepError('misconfigured', 'multistep: passport.serializeUser or passport.deserializeUser failed; its error is the cause.', { cause }))
    try {
      call((error, value) => (error ? failed(error) : resolve(value)))
    } catch (error) {
      failed(error)
    }
  })
}

/** Runs a middleware, and waits for its `next`. */
export async function ran(handler: Handler, req: Request, res: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    handler(req, res, (error?: unknown) => {
      // As the app gave it, for its own error handler.
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      if (error) reject(error)
      else resolve()
    })
  })
}
