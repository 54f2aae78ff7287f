import type { MobileConnectCode } from '../errors.js'
import type { Identity } from '../protocol/results.js'
import { failure, type Failure, type MobileConnectOutcome } from './outcome.js'

/** How a request ends. The strategy then tells Passport. */
export type Ending =
  | { readonly end: 'redirect', readonly url: string }
  | { readonly end: 'pass', readonly outcome: MobileConnectOutcome, readonly info: object }
  | { readonly end: 'success', readonly user: Express.User, readonly info: object }
  | { readonly end: 'fail', readonly failure: Failure, readonly cause?: Error | undefined }

export const fail = (code: MobileConnectCode, more: Omit<MobileConnectOutcome, 'code'> = {}): Ending =>
  ({ end: 'fail', failure: failure(code, more) })

/** Adds `mca` to the operator's `amr`: a phone has confirmed what a browser began (RFC 8176 §2). */
export function success(user: Express.User, info: object | undefined, { authTime, amr, acr }: Identity): Ending {
  const proven = { ...authTime && { authTime }, amr: [...new Set(['mca', ...amr])], ...acr !== undefined && { acr } }
  return { end: 'success', user, info: { ...info, ...proven } }
}
