import type { MobileConnectCode } from '../errors.js'
import type { Identity } from '../protocol/results.js'
import { failure, type Failure, type MobileConnectOutcome } from './outcome.js'

/** How a request ends, before Passport is told. */
export type Ending =
  | { readonly end: 'redirect', readonly url: string }
  | { readonly end: 'pass', readonly outcome: MobileConnectOutcome, readonly info: object }
  | { readonly end: 'success', readonly user: Express.User, readonly info: object }
  | { readonly end: 'fail', readonly failure: Failure, readonly cause?: Error | undefined }

export const fail = (code: MobileConnectCode, more: Omit<MobileConnectOutcome, 'code'> = {}): Ending => ({ end: 'fail', failure: failure(code, more) })

/** To the operator's words, the registered one for what this is (RFC 8176 §2): a phone that confirms what a browser began. */
export function success(user: Express.User, info: object | undefined, { authTime, amr, acr }: Identity): Ending {
  const proven = { ...authTime && { authTime }, amr: [...new Set(['mca', ...amr])], ...acr !== undefined && { acr } }
  return { end: 'success', user, info: { ...info, ...proven } }
}
