import { randomBytes } from 'node:crypto'
import { BoundedMap } from '../../bounded-map.js'
import type { Clock } from '../../clock.js'

/**
 * How the operator came to know the person: by the mobile network, by the SIM (an operator token), by an answer on the
 * handset, or from the client, which named a number.
 */
export type Identification = 'network' | 'sim' | 'handset' | 'client'

/** The subscriber that a three-legged token speaks of. */
export interface Person {
  readonly digits: string
  readonly by: Identification
}

export interface AccessToken {
  readonly clientId: string
  readonly scopes: readonly string[]
  /** Nobody: a two-legged token. */
  readonly person: Person | undefined
  /** The thumbprint of the key that it is bound to (RFC 9449). */
  readonly boundTo: string | undefined
  readonly singleUse: boolean
}

interface Issued {
  readonly token: AccessToken
  readonly expiresAt: number
}

/** Number Verification, main branch (2026-04): a token lives at most 300 s. */
export const TOKEN_LIFE = 300

/** The access tokens that were issued. They are opaque, and say nothing themselves. */
export class AccessTokens {
  private readonly clock: Clock
  private readonly issued = new BoundedMap<Issued>()

  constructor(clock: Clock) {
    this.clock = clock
  }

  issue(token: AccessToken): string {
    const value = randomBytes(32).toString('base64url')
    this.issued.set(value, { token, expiresAt: this.clock.now() + TOKEN_LIFE * 1000 })
    return value
  }

  /**
   * What a token stands for, if it is good now. A single-use one is spent by it.
   * @param key the thumbprint of the key that the request has proven. Without the right one a bound token is not spent:
   *   a thief must not use it up
   */
  take(value: string, key: string | undefined): AccessToken | undefined {
    const found = this.issued.get(value)
    if (!found || this.clock.now() >= found.expiresAt || found.token.boundTo !== key) return undefined
    if (found.token.singleUse) this.issued.delete(value)
    return found.token
  }

  /** A code was used twice: what was issued for it first is worth nothing any more (RFC 6749 §4.1.2). */
  revoke(value: string): void {
    this.issued.delete(value)
  }
}
