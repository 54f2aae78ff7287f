import type { Request, RequestHandler, Response } from 'express'
import { inSeconds } from '../../clock.js'
import { fieldsOf, type Fields } from '../../form-fields.js'
import { uuidOf } from '../../identifiers.js'
import { idToken } from '../../operator/id-token.js'
import { TOKEN_LIFE, type Person } from '../tokens/access-tokens.js'
import type { CamaraContext } from '../tokens/context.js'
import { isNumberVerification } from '../tokens/scopes.js'
import { authenticatedClient } from './client-authentication.js'
import type { Codes } from './codes.js'
import { OAuthError } from './oauth-error.js'
import type { RequestedScope } from './requested-scope.js'

/** A successful answer of the token endpoint (RFC 6749 §5.1). There are no refresh tokens. */
interface Tokens {
  readonly access_token: string
  readonly token_type: 'Bearer'
  readonly expires_in: number
  readonly scope: string
  readonly id_token?: string
}

type GrantHandler = (context: CamaraContext, codes: Codes, req: Request, fields: Fields) => Promise<Tokens>

const grants: Readonly<Record<string, GrantHandler>> = {
  authorization_code: byCode,
}

export const grantTypes: readonly string[] = Object.keys(grants)

/** The token endpoint. */
export const token = (context: CamaraContext, codes: Codes): RequestHandler => async (req, res) => {
  try {
    const fields = fieldsOf(req.body)
    const { grant_type: type = '' } = fields
    if (type === '') throw new OAuthError('invalid_request', 'grant_type is missing.')
    const grant = Object.hasOwn(grants, type) ? grants[type] : undefined
    if (!grant) throw new OAuthError('unsupported_grant_type', 'The grant_type is not offered.')
    res.set('Cache-Control', 'no-store').json(await grant(context, codes, req, fields))
  } catch (error) {
    sendError(res, error)
  }
}

export function sendError(res: Response, error: unknown): void {
  if (!(error instanceof OAuthError)) throw error
  res.status(error.status).set('Cache-Control', 'no-store')
    .json({ error: error.error, error_description: error.message })
}

async function byCode(context: CamaraContext, codes: Codes, req: Request, fields: Fields): Promise<Tokens> {
  const { clientId } = await authenticatedClient(context, req, fields)
  const { grant, accessToken } = codes.exchange(clientId, fields, ({ scope, person }) =>
    accessTokenFor(context, { clientId, scope, person }))
  return {
    ...tokens(accessToken, grant.scope),
    id_token: await idTokenFor(context, { clientId, person: grant.person, nonce: grant.nonce }),
  }
}

interface Wanted {
  readonly clientId: string
  readonly scope: RequestedScope
  readonly person: Person | undefined
}

const accessTokenFor = ({ accessTokens, settings }: CamaraContext, { clientId, scope, person }: Wanted): string =>
  accessTokens.issue({
    clientId,
    scopes: scope.scopes,
    person,
    singleUse: settings.singleUse || person !== undefined || scope.scopes.some(isNumberVerification),
  })

const tokens = (accessToken: string, { text }: RequestedScope): Tokens =>
  ({ access_token: accessToken, token_type: 'Bearer', expires_in: TOKEN_LIFE, scope: text })

interface Subject {
  readonly clientId: string
  readonly person: Person
  readonly nonce: string | undefined
}

/** The subject is pairwise, and says nothing of the number (security profile, "ID Token sub claim"). */
async function idTokenFor(context: CamaraContext, { clientId, person, nonce }: Subject): Promise<string> {
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
