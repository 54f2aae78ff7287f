import type { MobileConnectCode } from '../errors.js'
import type { Claims } from './id-token-claims.js'

export interface Tokens {
  readonly accessToken: string
  readonly tokenType: string
  readonly idToken: string
  readonly refreshToken?: string
  /** Seconds. */
  readonly expiresIn?: number
  readonly scope?: string
}

/** Whom an operator vouches for. An account belongs to `issuer` and `sub` together, and to neither alone; a phone number changes hands. */
export interface Identity {
  readonly issuer: string
  /** The operator's name for this person towards this app (the PCR of Mobile Connect). */
  readonly sub: string
  /** The id of the operator, as configured. */
  readonly operator: string
  readonly acr: string | undefined
  /** How the person proved it, in the operator's words. */
  readonly amr: readonly string[]
  readonly authTime: Date | undefined
  /** Of the ID token. */
  readonly claims: Claims
  /** What the userinfo endpoint says, where there is one. */
  readonly userinfo: Readonly<Record<string, unknown>> | undefined
  /** The number, with `+`, where the operator vouches for it: `phone_number_verified`, or the phone number service of Mobile Connect. */
  readonly phone: string | undefined
  readonly tokens: Tokens
}

export interface Identified {
  readonly status: 'identified'
  readonly identity: Identity
  /** The answer repeats the login hint that was sent (`hashed_login_hint`): the operator asked this person, and nobody else. */
  readonly repeatsHint: boolean
}
export interface Refused {
  readonly status: 'refused'
  readonly code: MobileConnectCode
  /** What was said, for the log alone. */
  readonly cause?: Error | undefined
}

export const refused = (code: MobileConnectCode, cause?: Error): Refused => ({ status: 'refused', code, ...cause && { cause } })
