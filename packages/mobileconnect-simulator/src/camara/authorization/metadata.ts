import type { CamaraContext } from '../tokens/context.js'
import { dpopAlgorithms } from '../tokens/dpop.js'
import { apiScopes } from '../tokens/scopes.js'
import { signingAlgorithms } from './signed-token.js'
import { grantTypes } from './token.js'

/** The provider metadata (OpenID Connect Discovery 1.0, RFC 8414). */
export const metadataOf = ({ issuer }: CamaraContext): Record<string, unknown> => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  backchannel_authentication_endpoint: `${issuer}/bc-authorize`,
  backchannel_token_delivery_modes_supported: ['poll'],
  backchannel_user_code_parameter_supported: false,
  backchannel_authentication_request_signing_alg_values_supported: signingAlgorithms,
  jwks_uri: `${issuer}/jwks`,
  response_types_supported: ['code'],
  response_modes_supported: ['query'],
  grant_types_supported: grantTypes,
  subject_types_supported: ['pairwise'],
  scopes_supported: ['openid', ...apiScopes],
  prompt_values_supported: ['none'],
  id_token_signing_alg_values_supported: ['RS256'],
  token_endpoint_auth_methods_supported: ['private_key_jwt'],
  token_endpoint_auth_signing_alg_values_supported: signingAlgorithms,
  request_parameter_supported: true,
  request_uri_parameter_supported: false,
  request_object_signing_alg_values_supported: signingAlgorithms,
  code_challenge_methods_supported: ['S256'],
  dpop_signing_alg_values_supported: dpopAlgorithms,
  authorization_response_iss_parameter_supported: true,
})
