import { createLocalJWKSet, errors, jwtVerify, type JSONWebKeySet, type JWTPayload } from 'jose'
import type { CamaraClient, CamaraContext } from '../tokens/context.js'

/** What the server verifies; `none` and secrets are not among them. */
export const signingAlgorithms = ['ES256', 'ES384', 'PS256', 'RS256', 'EdDSA']

/** Security profile: client assertions, request objects and assertions of JWT-bearer live at most 300 s. */
const LONGEST_LIFE = 300

export class SignedTokenError extends Error {}

/**
 * The claims of a token that the client has signed with a registered key, for this server, now, and for the first time.
 * @throws SignedTokenError that says what is wrong, for the programmer of the client.
 */
export async function signedClaims(
  context: CamaraContext,
  client: CamaraClient,
  token: string,
  audience: string[],
): Promise<JWTPayload> {
  if (!client.jwks) throw new SignedTokenError('The client has no registered keys.')
  const now = context.clock.now()
  const { payload } = await jwtVerify(token, createLocalJWKSet(client.jwks as JSONWebKeySet), {
    algorithms: signingAlgorithms,
    issuer: client.clientId,
    audience,
    currentDate: new Date(now),
    requiredClaims: ['exp', 'jti'],
  }).catch((error: unknown) => {
    throw error instanceof errors.JOSEError ? new SignedTokenError(error.message) : error
  })
  const { exp = 0, iat, jti = '' } = payload
  if (exp * 1000 - now > LONGEST_LIFE * 1000) throw new SignedTokenError('exp is more than 300 s ahead.')
  if (iat !== undefined && iat * 1000 > now) throw new SignedTokenError('iat is in the future.')
  if (iat !== undefined && exp - iat > LONGEST_LIFE) throw new SignedTokenError('exp is more than 300 s after iat.')
  const key = `${client.clientId} ${jti}`
  if (context.seen.has(key)) throw new SignedTokenError('The jti has been used.')
  context.seen.set(key, true)
  return payload
}
