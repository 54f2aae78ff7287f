import { fieldsOf, type Fields } from '../../form-fields.js'
import type { CamaraClient, CamaraContext } from '../tokens/context.js'
import { OAuthError } from './oauth-error.js'
import { signedClaims, SignedTokenError } from './signed-token.js'

interface Expected {
  /** The endpoint that it is for, as a path below the issuer. */
  readonly path: string
  /** What stands outside the request object too, and must be the same there. */
  readonly repeated: readonly string[]
}

/**
 * The parameters of an authorization: if there is a signed request object, only the parameters in it, else the
 * parameters that were sent (security profile, "Signed Authentication Requests").
 * @throws OAuthError `invalid_request_object`, `request_uri_not_supported`
 */
export async function requestParameters(
  context: CamaraContext,
  client: CamaraClient,
  given: Fields,
  { path, repeated }: Expected,
): Promise<Fields> {
  if (given.request_uri !== undefined) throw new OAuthError('request_uri_not_supported', 'request_uri is not taken.')
  if (given.request === undefined) return given
  const audience = [`${context.issuer}${path}`, context.issuer]
  const claims = await signedClaims(context, client, given.request, audience).catch((error: unknown) => {
    throw error instanceof SignedTokenError ? refusal(error.message) : error
  })
  if (claims.iat === undefined) throw refusal('iat is missing.')
  const signed = fieldsOf(claims)
  const different = repeated.find((name) => signed[name] === undefined || signed[name] !== given[name])
  if (different !== undefined) throw refusal(`${different} is not the same within the request object and beside it.`)
  return signed
}

const refusal = (description: string): OAuthError => new OAuthError('invalid_request_object', description)
