import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose'
import type { Jwk } from '../options.js'

export interface SigningKey {
  readonly kid: string
  readonly privateJwk: JWK
  readonly publicJwk: JWK
}

const generate = promisify(generateKeyPair)

export const newKeyPair = () => generate('rsa', { modulusLength: 2048 })

/** `kid`: the id of another key, for a signature that claims to be by that key. */
export async function newSigningKey(kid?: string): Promise<SigningKey> {
  const { privateKey } = await newKeyPair()
  return signingKeyOf({ ...await exportJWK(privateKey), ...kid === undefined ? {} : { kid } })
}

export async function signingKeyOf(given: Jwk): Promise<SigningKey> {
  const jwk = given as JWK
  const kid = jwk.kid ?? await calculateJwkThumbprint(jwk)
  const named = { kid, use: 'sig', alg: 'RS256' }
  const { n = '', e = '' } = jwk
  return { kid, privateJwk: { ...jwk, ...named }, publicJwk: { kty: 'RSA', n, e, ...named } }
}
