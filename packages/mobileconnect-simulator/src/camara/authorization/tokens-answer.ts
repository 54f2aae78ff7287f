import { inSeconds } from '../../clock.js'
import { uuidOf } from '../../identifiers.js'
import { idToken } from '../../operator/id-token.js'
import { TOKEN_LIFE, type Person } from '../tokens/access-tokens.js'
import type { CamaraContext } from '../tokens/context.js'
import { isNumberVerification } from '../tokens/scopes.js'
import type { RequestedScope } from './requested-scope.js'

/** A successful answer of the token endpoint (RFC 6749 §5.1). There are no refresh tokens. */
export interface Tokens {
  readonly access_token: string
  readonly token_type: 'Bearer' | 'DPoP'
  readonly expires_in: number
  readonly scope: string
  readonly id_token?: string
}

export interface Wanted {
  readonly clientId: string
  readonly scope: RequestedScope
  /** Nobody: a two-legged token. */
  readonly person: Person | undefined
  /** The thumbprint of the key that the token is bound to (RFC 9449). */
  readonly boundTo: string | undefined
}

export const accessTokenFor = (context: CamaraContext, { clientId, scope, person, boundTo }: Wanted): string =>
  context.accessTokens.issue({
    clientId,
    scopes: scope.scopes,
    person,
    boundTo,
    singleUse: context.settings.singleUse || person !== undefined || scope.scopes.some(isNumberVerification),
  })

export const tokensAnswer = (accessToken: string, { scope, boundTo }: Pick<Wanted, 'scope' | 'boundTo'>): Tokens => ({
  access_token: accessToken,
  token_type: boundTo === undefined ? 'Bearer' : 'DPoP',
  expires_in: TOKEN_LIFE,
  scope: scope.text,
})

export interface Subject {
  readonly clientId: string
  readonly person: Person
  readonly nonce?: string
}

/** The subject is pairwise, and says nothing of the number (security profile, "ID Token sub claim"). */
export async function idTokenFor(context: CamaraContext, { clientId, person, nonce }: Subject): Promise<string> {
  const now = inSeconds(context.clock.now())
  const claims = {
    iss: context.issuer,
    sub: uuidOf('camara', clientId, person.digits),
    aud: clientId,
    iat: now,
    auth_time: now,
    exp: now + TOKEN_LIFE,
    ...(nonce === undefined ? {} : { nonce }),
  }
  return idToken(claims, await context.signingKey(), '')
}
