import type { Events } from '../events.js'
import type { FlowStore } from '../stores/flow-store.js'
import type { Settings } from './options.js'
import type { Passport } from '../passport/passport.js'

/** What every part of one multistep shares. */
export interface Context {
  readonly settings: Settings
  readonly passport: Passport
  readonly events: Events
  /** The store of the settings, with `storeTimeout` applied to every call. */
  readonly store: FlowStore
  /** The property of a request that holds the login it carries by this policy. */
  readonly mark: symbol
}
