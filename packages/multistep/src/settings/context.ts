import type { Events } from '../events.js'
import type { FlowStore } from '../stores/flow-store.js'
import type { Settings } from './settings.js'
import type { Passport } from '../passport/passport.js'
import type { ActiveLogin } from '../state/position.js'

/** What every part of one multistep shares. */
export interface Context {
  readonly settings: Settings
  readonly passport: Passport
  readonly events: Events
  /** The store of the settings, with `storeTimeout` applied to every call. */
  readonly store: FlowStore
  /** The login that each request carries by this policy: see `session/current-login`. */
  readonly carried: WeakMap<object, Carried>
}

/** What `session()` has found for a request. */
export interface Carried {
  /** Absent: nobody is logged in. */
  readonly login: ActiveLogin | undefined
  /** The person that the request had then. */
  readonly user: unknown
}
