import { createPrivateKey, randomUUID, sign, type KeyObject } from 'node:crypto'

/** A private key that signs by RS256 or ES256 (RFC 7518 §3.3, §3.4), the two that authorization servers all know. */
export interface SigningKey {
  readonly key: KeyObject
  readonly alg: 'RS256' | 'ES256'
  readonly keyId: string | undefined
}

/**
 * @param name of the option
 * @throws TypeError for what is no private key of RSA or P-256.
 */
export function readSigningKey(name: string, given: unknown, keyId?: string): SigningKey {
  const key = privateKeyOf(name, given)
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  if (type === 'rsa') return { key, alg: 'RS256', keyId }
  if (type === 'ec' && details?.namedCurve === 'prime256v1') return { key, alg: 'ES256', keyId }
  throw new TypeError(`${name} is a private key of RSA or of the curve P-256.`)
}

function privateKeyOf(name: string, given: unknown): KeyObject {
  try {
    const key = typeof given === 'string' ? createPrivateKey(given) : given as KeyObject
    if (key.type === 'private') return key
  } catch {
    // The error of OpenSSL may hold a part of what was given.
  }
  throw new TypeError(`${name} is a private key: a PEM text, or a KeyObject of node:crypto.`)
}

/** How long an assertion is good, in seconds. The profile of CAMARA allows 300. */
const LIFETIME = 60

/** A signed JWT (RFC 7519) that is good once, for a minute. */
export function signedJwt(
  { key, alg, keyId }: SigningKey,
  claims: Readonly<Record<string, string>>,
  now: number,
): string {
  const iat = Math.floor(now / 1000)
  const header = { alg, typ: 'JWT', ...keyId === undefined ? {} : { kid: keyId } }
  const payload = { ...claims, iat, exp: iat + LIFETIME, jti: randomUUID() }
  const text = `${encoded(header)}.${encoded(payload)}`
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
