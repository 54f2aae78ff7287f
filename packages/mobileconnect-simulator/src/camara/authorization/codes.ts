import { createHash, randomBytes } from 'node:crypto'
import { BoundedMap } from '../../bounded-map.js'
import type { Person } from '../tokens/access-tokens.js'
import type { CamaraContext } from '../tokens/context.js'
import type { Fields } from '../../form-fields.js'
import { OAuthError } from './oauth-error.js'
import type { RequestedScope } from './requested-scope.js'

/** What an authorization code stands for. */
export interface Grant {
  readonly clientId: string
  readonly redirectUri: string
  /** PKCE, S256. */
  readonly challenge: string
  readonly nonce: string
  readonly scope: RequestedScope
  readonly person: Person
}

interface Issued {
  readonly grant: Grant
  readonly expiresAt: number
  /** What it was exchanged for. */
  accessToken?: string
}

interface Exchanged {
  readonly grant: Grant
  readonly accessToken: string
}

const LIFE = 60_000

/** Authorization codes: each is good once, for its client, with its verifier. */
export class Codes {
  private readonly context: CamaraContext
  private readonly issued = new BoundedMap<Issued>()

  constructor(context: CamaraContext) {
    this.context = context
  }

  issue(grant: Grant): string {
    const code = randomBytes(24).toString('base64url')
    this.issued.set(code, { grant, expiresAt: this.context.clock.now() + LIFE })
    return code
  }

  /**
   * Exchanges a code. One that comes again takes back what it was exchanged for.
   * @throws OAuthError `invalid_grant`
   */
  exchange(clientId: string, fields: Fields, tokenFor: (grant: Grant) => string): Exchanged {
    const { code = '', redirect_uri: redirectUri, code_verifier: verifier = '' } = fields
    const found = this.issued.get(code)
    if (!found || found.grant.clientId !== clientId || this.context.clock.now() >= found.expiresAt) {
      throw refusal('The code is unknown, of another client, or too old.')
    }
    if (found.accessToken !== undefined) {
      this.context.accessTokens.revoke(found.accessToken)
      throw refusal('The code has been used.')
    }
    const { grant } = found
    if (grant.redirectUri !== redirectUri) throw refusal('redirect_uri is not the one of the request.')
    if (createHash('sha256').update(verifier).digest('base64url') !== grant.challenge) {
      throw refusal('code_verifier does not fit the code_challenge.')
    }
    const accessToken = tokenFor(grant)
    found.accessToken = accessToken
    return { grant, accessToken }
  }
}

const refusal = (description: string): OAuthError => new OAuthError('invalid_grant', description)
