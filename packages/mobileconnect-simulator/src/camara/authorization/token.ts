import type { Request, RequestHandler } from 'express'
import { fieldsOf, type Fields } from '../../form-fields.js'
import { DpopError, provenKey } from '../tokens/dpop.js'
import type { CamaraContext } from '../tokens/context.js'
import { backchannelGrant, type Backchannel } from './backchannel.js'
import { authenticatedClient } from './client-authentication.js'
import type { Codes } from './codes.js'
import { jwtBearerGrant } from './jwt-bearer.js'
import { OAuthError } from './oauth-error.js'
import type { OperatorTokens } from './operator-tokens.js'
import { refuseOpenId, requestedScope } from './requested-scope.js'
import { sendOAuthError } from './send-error.js'
import { accessTokenFor, idTokenFor, tokensAnswer, type Tokens } from './tokens-answer.js'

export interface TokenEndpoint {
  readonly context: CamaraContext
  readonly codes: Codes
  readonly backchannel: Backchannel
  readonly operatorTokens: OperatorTokens
}

interface TokenRequest extends TokenEndpoint {
  readonly req: Request
  readonly fields: Fields
  readonly boundTo: string | undefined
}

const grants: Readonly<Record<string, (request: TokenRequest) => Promise<Tokens>>> = {
  authorization_code: byCode,
  client_credentials: byClient,
  'urn:openid:params:grant-type:ciba': async ({ context, backchannel, req, fields, boundTo }) => {
    const { clientId } = await authenticatedClient(context, req, fields)
    return backchannelGrant(context, backchannel, { clientId, id: fields.auth_req_id, boundTo })
  },
  'urn:ietf:params:oauth:grant-type:jwt-bearer': async ({ context, operatorTokens, fields, boundTo }) =>
    jwtBearerGrant(context, operatorTokens, { fields, boundTo }),
}

export const grantTypes: readonly string[] = Object.keys(grants)

/** The token endpoint. */
export const token = (endpoint: TokenEndpoint): RequestHandler => async (req, res) => {
  try {
    const fields = fieldsOf(req.body)
    const { grant_type: type = '' } = fields
    if (type === '') throw new OAuthError('invalid_request', 'grant_type is missing.')
    const grant = Object.hasOwn(grants, type) ? grants[type] : undefined
    if (!grant) throw new OAuthError('unsupported_grant_type', 'The grant_type is not offered.')
    const boundTo = await dpopKey(endpoint.context, req)
    res.set('Cache-Control', 'no-store').json(await grant({ ...endpoint, req, fields, boundTo }))
  } catch (error) {
    sendOAuthError(res, error)
  }
}

const dpopKey = async (context: CamaraContext, req: Request): Promise<string | undefined> =>
  provenKey(context, req, { url: `${context.issuer}/token` }).catch((error: unknown) => {
    throw error instanceof DpopError ? new OAuthError('invalid_dpop_proof', error.message) : error
  })

async function byCode({ context, codes, req, fields, boundTo }: TokenRequest): Promise<Tokens> {
  const { clientId } = await authenticatedClient(context, req, fields)
  const { grant, accessToken } = codes.exchange(clientId, fields, ({ scope, person }) =>
    accessTokenFor(context, { clientId, scope, person, boundTo }))
  const { scope, person, nonce } = grant
  const identity = await idTokenFor(context, { clientId, person, nonce })
  return { ...tokensAnswer(accessToken, { scope, boundTo }), id_token: identity }
}

/** A two-legged token: it speaks of nobody (security profile, "Client Credentials Flow"). */
async function byClient({ context, req, fields, boundTo }: TokenRequest): Promise<Tokens> {
  const client = await authenticatedClient(context, req, fields)
  const scope = requestedScope(client, fields.scope)
  refuseOpenId(scope)
  const accessToken = accessTokenFor(context, { clientId: client.clientId, scope, person: undefined, boundTo })
  return tokensAnswer(accessToken, { scope, boundTo })
}
