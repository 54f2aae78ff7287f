import type { Request } from 'express'
import { decodeJwt } from 'jose'
import type { Fields } from '../../form-fields.js'
import type { CamaraClient, CamaraContext } from '../tokens/context.js'
import { OAuthError } from './oauth-error.js'
import { signedClaims, SignedTokenError } from './signed-token.js'

export const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/**
 * Who asks: `private_key_jwt`, and nothing else (security profile, "Client Authentication"). The audience is this
 * endpoint, or the issuer.
 * @throws OAuthError `invalid_client`
 */
export async function authenticatedClient(
  context: CamaraContext,
  req: Request,
  fields: Fields,
): Promise<CamaraClient> {
  const { client_assertion: assertion, client_assertion_type: type, client_id: id, client_secret: secret } = fields
  if (req.headers.authorization !== undefined || secret !== undefined) throw refusal('Only private_key_jwt is taken.')
  if (assertion === undefined || type !== JWT_BEARER) throw refusal('A client assertion is needed: private_key_jwt.')
  const client = issuerOf(context, assertion)
  if (!client || (id !== undefined && id !== client.clientId)) throw refusal('The client is unknown.')
  const endpoint = `${context.issuer}${req.path}`
  const { sub } = await signedClaims(context, client, assertion, [endpoint, context.issuer]).catch((error: unknown) => {
    throw error instanceof SignedTokenError ? refusal(`The client assertion is not valid. ${error.message}`) : error
  })
  if (sub !== client.clientId) throw refusal('The sub of the client assertion is not the client.')
  return client
}

/** The client that a signed token says it is from. Nothing is proven yet. */
export function issuerOf({ clients }: CamaraContext, token: string): CamaraClient | undefined {
  try {
    const { iss } = decodeJwt(token)
    return clients.find(({ clientId }) => clientId === iss)
  } catch {
    return undefined
  }
}

const refusal = (description: string): OAuthError => new OAuthError('invalid_client', description, 401)
