import type { Discovery } from '../operators/discovery.js'
import type { Operators } from '../operators/operators.js'
import type { Fetch } from '#internal/bounded-fetch'
import type { AcrPolicy } from './acr.js'
import type { Transactions } from './transaction.js'

/** The strategy's options that the protocol needs, checked. */
export interface ProtocolSettings {
  readonly operators: Operators
  readonly discovery: Discovery | undefined
  readonly transactions: Transactions
  readonly callbackURL: string
  readonly acr: AcrPolicy
  /** Seconds. */
  readonly maxAge: number | undefined
  /** Milliseconds that a user may take at the operator. */
  readonly ttl: number
  readonly userinfo: boolean | 'premiuminfo'
  readonly fetch: Fetch
  /** Milliseconds that each call may take. */
  readonly timeout: number
  readonly now: () => number
  /** How often logins may begin for one user within a window of milliseconds. */
  readonly beginLimits: readonly { readonly limit: number, readonly window: number }[]
}
