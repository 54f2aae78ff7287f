import type { MobileConnectCode } from '../errors.js'
import { failure, type Failure, type MobileConnectOutcome } from './outcome.js'

/** How a request ends, before Passport is told. */
export type Ending =
  | { readonly end: 'redirect', readonly url: string }
  | { readonly end: 'pass', readonly outcome: MobileConnectOutcome, readonly info: object }
  | { readonly end: 'success', readonly user: Express.User, readonly info: object }
  | { readonly end: 'fail', readonly failure: Failure }

export const fail = (code: MobileConnectCode, more: Omit<MobileConnectOutcome, 'code'> = {}): Ending => ({ end: 'fail', failure: failure(code, more) })
