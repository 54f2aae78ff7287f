import type { Mode, UnavailableReason, Way } from '../providers/provider.js'

/** A login that is under way. It ends for nothing else. */
export interface Transaction {
  /** The id of the provider. */
  readonly provider: string
  readonly mode: Mode
  /** A digest of the user's id and number. `undefined`: nobody was known. */
  readonly subject: string | undefined
  /** The number that is asked about, in E.164 with `+`. */
  readonly phone: string | undefined
  readonly correlator: string
  readonly stage: Stage
  /** The ways that follow where this one learns nothing. */
  readonly rest: readonly Way[]
}

/** Where the login stands. `keep` is what the provider keeps. */
export type Stage =
  /** The browser has left for the provider. */
  | { readonly at: 'network', readonly keep: unknown }
  /** A page may ask for a request to the wallet, once. */
  | { readonly at: 'page' }
  /** A page has the request. What it brings back must be made for `nonce`. */
  | { readonly at: 'wallet', readonly nonce: string, readonly keep: unknown }
  /** The app's software on the phone may bring a proof. */
  | { readonly at: 'app', readonly keep: unknown }
  /** There was no request for the page, and the browser goes on from it. */
  | { readonly at: 'passed', readonly reason: UnavailableReason }
