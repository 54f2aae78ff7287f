import { randomBytes } from 'node:crypto'
import { MultistepError } from './errors.js'
import type { Events } from './events.js'
import type { FlowStore, Login } from './stores/flow-store.js'
import type { Settings } from './options.js'
import type { Passport } from './strategy/passport.js'
import { problemOf } from './problem.js'
import type { Request } from './http/request.js'
import { within } from './within.js'

/** What every part of one multistep shares. */
export interface Context {
  readonly settings: Settings
  readonly passport: Passport
  readonly events: Events
  /** The settings' store, bounded in time. */
  readonly store: FlowStore
}

/** The login that a request carries, as `session()` read it. */
export interface ActiveLogin extends Login {
  readonly id: string
  /** The store's clock at that moment. */
  readonly at: number
}

const logins = new WeakMap<Request, ActiveLogin | null>()

/** Remembers for this request whom `session()` found; `undefined`: nobody. */
export const setLogin = (req: Request, login: ActiveLogin | undefined): void => void logins.set(req, login ?? null)

/**
 * The login this request carries.
 * @throws MultistepError `misconfigured` where `session()` did not run.
 */
export function loginOf(req: Request): ActiveLogin | undefined {
  const login = logins.get(req)
  if (login === undefined) throw new MultistepError('misconfigured', 'multistep: app.use(login.session()) is missing in front of this route. It takes the place of app.use(passport.session()).')
  return login ?? undefined
}

/** Every operation of the store, with the deadline of `storeTimeout`; whatever goes wrong becomes `store_unavailable`, with the cause kept. */
export function bounded(store: FlowStore, timeout: number): FlowStore {
  const failed = (cause: unknown) => new MultistepError('store_unavailable', problemOf('store_unavailable').message, { cause })
  const late = () => new Error(`The flow store gave no answer within ${timeout} ms.`)
  const call = async <T>(operation: () => Promise<T>): Promise<T> => {
    try {
      return await within(timeout, operation(), late)
    } catch (error) {
      throw failed(error)
    }
  }
  return {
    time: () => call(() => store.time()),
    createFlow: (...args) => call(() => store.createFlow(...args)),
    readFlow: (...args) => call(() => store.readFlow(...args)),
    advanceFlow: (...args) => call(() => store.advanceFlow(...args)),
    finishFlow: (...args) => call(() => store.finishFlow(...args)),
    dropFlow: (...args) => call(() => store.dropFlow(...args)),
    createLogin: (...args) => call(() => store.createLogin(...args)),
    readLogin: (...args) => call(() => store.readLogin(...args)),
    endLogin: (...args) => call(() => store.endLogin(...args)),
    attempt: (...args) => call(() => store.attempt(...args)),
    settle: (...args) => call(() => store.settle(...args)),
  }
}

/** 128 random bits (OWASP ASVS 7.2.3), in base64url. */
export const randomWord = (): string => randomBytes(16).toString('base64url')

/** A new id of a flow or login in a slot of the store. */
export const newId = (slot: string): string => `${slot}.${randomWord()}`
