import type { Fields } from '../../form-fields.js'
import type { Person } from '../tokens/access-tokens.js'
import { subscriberOf, type CamaraContext } from '../tokens/context.js'
import { issuerOf } from './client-authentication.js'
import { hintOf } from './login-hint.js'
import { OAuthError } from './oauth-error.js'
import type { OperatorTokens } from './operator-tokens.js'
import { refuseOpenId, requestedScope } from './requested-scope.js'
import { signedClaims, SignedTokenError } from './signed-token.js'
import { accessTokenFor, tokensAnswer, type Tokens } from './tokens-answer.js'

/**
 * The client says for whom: by a number, an operator token, or what a wallet presented. Its assertion is its
 * authentication, too (security profile, "JWT Bearer Flow"; RFC 7523 §2.1).
 * @throws OAuthError
 */
export async function jwtBearerGrant(
  context: CamaraContext,
  operatorTokens: OperatorTokens,
  { fields: { assertion, scope: scopeParameter }, boundTo }: { fields: Fields, boundTo: string | undefined },
): Promise<Tokens> {
  if (assertion === undefined) throw new OAuthError('invalid_request', 'assertion is missing.')
  if (scopeParameter !== undefined) throw new OAuthError('invalid_request', 'scope is a claim of the assertion here.')
  const client = issuerOf(context, assertion)
  if (!client?.jwks) throw new OAuthError('invalid_client', 'The client is unknown, or has no registered keys.', 401)
  const claims = await signedClaims(context, client, assertion, [`${context.issuer}/token`]).catch((error: unknown) => {
    throw error instanceof SignedTokenError ? refusal(`The assertion is not valid. ${error.message}`) : error
  })
  if (claims.iat === undefined) throw refusal('The assertion has no iat.')
  const scope = requestedScope(client, typeof claims.scope === 'string' ? claims.scope : undefined)
  refuseOpenId(scope)
  const presented = claims.sub?.startsWith(PRESENTED) === true ? claims.sub.slice(PRESENTED.length) : undefined
  const person = presented === undefined
    ? personOf(context, claims.sub)
    : await operatorTokens.personOf(client, scope.scopes, presented)
  if (!person) throw refusal('The sub names nobody.')
  const accessToken = accessTokenFor(context, { clientId: client.clientId, scope, person, boundTo })
  return tokensAnswer(accessToken, { scope, boundTo })
}

/** What a wallet has presented ("Operator Token Acquisition", step 3). */
const PRESENTED = 'vp_token:'

function personOf(context: CamaraContext, sub: string | undefined): Person | undefined {
  const hint = hintOf(sub)
  switch (hint?.kind) {
    case 'tel': {
      const subscriber = subscriberOf(context, hint.digits)
      return subscriber && { digits: subscriber.digits, by: 'client' }
    }
    case 'operatortoken': {
      const line = context.handsets.lines.redeem(hint.token)
      return line && { digits: line.digits, by: 'sim' }
    }
    default:
      return undefined
  }
}

const refusal = (description: string): OAuthError => new OAuthError('invalid_grant', description)
