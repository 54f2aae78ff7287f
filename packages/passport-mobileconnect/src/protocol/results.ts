import type { MobileConnectCode } from '../errors.js'
import type { Claims } from './identity.js'

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
  /** The number, with `+`, where the operator tells it and does not say that it is unverified. */
  readonly phone: string | undefined
  readonly tokens: Tokens
}

export interface Identified { readonly status: 'identified', readonly identity: Identity }
export interface Refused { readonly status: 'refused', readonly code: MobileConnectCode }

export const refused = (code: MobileConnectCode): Refused => ({ status: 'refused', code })
