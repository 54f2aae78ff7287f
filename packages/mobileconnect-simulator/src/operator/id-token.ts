import { importJWK, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose'
import { newSigningKey, type SigningKey } from './keys.js'
import type { Misbehaviour } from './misbehaviour.js'

type Alter = (claims: JWTPayload) => JWTPayload

const HOUR = 3600

const without = (claims: JWTPayload, name: string): JWTPayload =>
  Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name))

const alterations: Partial<Record<Misbehaviour, Alter>> = {
  nonce: (claims) => ({ ...claims, nonce: 'the-nonce-of-another-request' }),
  'nonce-missing': (claims) => without(claims, 'nonce'),
  issuer: (claims) => ({ ...claims, iss: 'https://another-operator.example' }),
  audience: (claims) => ({ ...claims, aud: 'another-client' }),
  'audience-extra': (claims) => ({ ...claims, aud: [claims.aud as string, 'another-client'] }),
  acr: (claims) => ({ ...claims, acr: '1' }),
  'acr-missing': (claims) => without(claims, 'acr'),
  expired: ({ iat = 0, exp = 0, ...claims }) => ({ ...claims, iat: iat - 2 * HOUR, exp: exp - 2 * HOUR }),
  'issued-later': ({ iat = 0, exp = 0, ...claims }) => ({
    ...claims,
    iat: iat + HOUR,
    exp: exp + HOUR,
    nbf: iat + HOUR,
  }),
  'auth-time': ({ auth_time: at, ...claims }) => ({ ...claims, auth_time: Number(at) - 24 * HOUR }),
  'auth-time-missing': (claims) => without(claims, 'auth_time'),
  'authorized-party': (claims) => ({ ...claims, azp: 'another-client' }),
  'hashed-login-hint': (claims) => ({ ...claims, hashed_login_hint: '0'.repeat(64) }),
  'hashed-login-hint-missing': (claims) => without(claims, 'hashed_login_hint'),
  'displayed-data': (claims) => ({ ...claims, displayed_data: 'Log in?' }),
  'displayed-data-missing': (claims) => without(claims, 'displayed_data'),
}

/** Signs an ID token as an operator would that has this defect, or none. */
export async function idToken(
  claims: JWTPayload,
  key: SigningKey,
  clientSecret: string,
  defect?: Misbehaviour,
): Promise<string> {
  const payload = (defect && alterations[defect]?.(claims)) ?? claims
  switch (defect) {
    case 'algorithm-none':
      return new UnsecuredJWT(payload).encode()
    case 'algorithm-hs256':
      return new SignJWT(payload)
        .setProtectedHeader({ alg: 'HS256', kid: key.kid, typ: 'JWT' })
        .sign(Buffer.from(clientSecret))
    case 'signature':
      return signed(payload, await newSigningKey(key.kid))
    case 'key-unknown':
      return signed(payload, await newSigningKey())
    default:
      return signed(payload, key)
  }
}

const signed = async (payload: JWTPayload, { kid, privateJwk }: SigningKey): Promise<string> =>
  new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' }).sign(await importJWK(privateJwk))
