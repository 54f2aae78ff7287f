import type { MobileConnectCode } from '../errors.js'
import type { Claims } from './id-token-claims.js'

/** What the operator issued. They are for `verify` and `confirm`, and are kept nowhere. */
export interface Tokens {
  readonly accessToken: string
  readonly tokenType: string
  readonly idToken: string
  readonly refreshToken?: string
  /** Seconds. */
  readonly expiresIn?: number
  readonly scope?: string
}

/**
 * The user whom an operator authenticated.
 * Find the account by `issuer` and `sub` together: another issuer may use the same `sub`, and a phone number may get
 * another owner.
 */
export interface Identity {
  readonly issuer: string
  /** The operator's pairwise id of the user for this app (the PCR of Mobile Connect). */
  readonly sub: string
  /** The id of the operator, as configured. */
  readonly operator: string
  readonly acr: string | undefined
  /** How the user was authenticated, in the operator's words. */
  readonly amr: readonly string[]
  readonly authTime: Date | undefined
  /** The claims of the ID token. */
  readonly claims: Claims
  /** The answer of the userinfo endpoint, if the operator has one. */
  readonly userinfo: Readonly<Record<string, unknown>> | undefined
  /** The number, with `+`, if the operator verified it: by `phone_number_verified`, or by Mobile Connect's service. */
  readonly phone: string | undefined
  readonly tokens: Tokens
}

export interface Identified {
  readonly status: 'identified'
  readonly identity: Identity
  /** The answer repeats the login hint that was sent (`hashed_login_hint`). So the operator asked this user. */
  readonly repeatsHint: boolean
}
export interface Refused {
  readonly status: 'refused'
  readonly code: MobileConnectCode
  /** The operator's words. Only the log may show them. */
  readonly cause?: Error | undefined
}

export const refused = (code: MobileConnectCode, cause?: Error): Refused => ({
  status: 'refused',
  code,
  ...(cause && { cause }),
})
