import { createPrivateKey, webcrypto, type JsonWebKey, type KeyObject } from 'node:crypto'

/** A private key of this app: a JWK, a PEM text, or a `KeyObject` of `crypto.createPrivateKey`. */
export type PrivateKey = (webcrypto.JsonWebKey & { readonly kid?: string }) | KeyObject | string

/** A private key that signs for this app, and how it is named. */
export interface SigningKey {
  readonly key: PrivateKey
  /**
   * The name of the key in the key set that the operator knows.
   * @default `kid` of the JWK
   */
  readonly kid?: string | undefined
  /** @default `alg` of the JWK, else the usual one for this kind of key (`RS256`, `ES256`, …) */
  readonly alg?: string | undefined
}

/** A key that signs, with the `kid` that the operator knows. */
export interface ImportedKey {
  readonly key: webcrypto.CryptoKey
  readonly kid?: string
  /** By RFC 7518 §3.1. */
  readonly alg: string
}

type ImportParams = webcrypto.RsaHashedImportParams | webcrypto.EcKeyImportParams | webcrypto.Algorithm

const algorithms: Readonly<Record<string, ImportParams>> = {
  ...Object.fromEntries(['256', '384', '512'].flatMap((size) => [
    [`RS${size}`, { name: 'RSASSA-PKCS1-v1_5', hash: `SHA-${size}` }],
    [`PS${size}`, { name: 'RSA-PSS', hash: `SHA-${size}` }],
  ])),
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  ES384: { name: 'ECDSA', namedCurve: 'P-384' },
  ES512: { name: 'ECDSA', namedCurve: 'P-521' },
  EdDSA: { name: 'Ed25519' },
  Ed25519: { name: 'Ed25519' },
}

const algorithmOfCurve: Readonly<Record<string, string>> = {
  'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512', Ed25519: 'Ed25519',
}

/**
 * Reads a key at start-up, and imports it at its first use.
 * @throws TypeError for anything but a private key that can sign by `alg`.
 */
export function signingKey(option: string, signing: SigningKey): () => Promise<ImportedKey> {
  const jwk = privateJwk(option, signing)
  const kid = signing.kid ?? textOrNothing(jwk.kid)
  const alg = signing.alg ?? textOrNothing(jwk.alg) ?? usualAlgorithm(jwk)
  const algorithm = algorithms[alg ?? '']
  if (alg === undefined || !algorithm) {
    throw new TypeError(`${option}.alg is one of ${Object.keys(algorithms).join(', ')}, not ${JSON.stringify(alg)}.`)
  }
  let imported: Promise<ImportedKey> | undefined
  return () => imported ??= importKey(jwk, algorithm, { alg, kid })
}

const usualAlgorithm = ({ kty, crv = '' }: JsonWebKey): string | undefined =>
  kty === 'RSA' ? 'RS256' : algorithmOfCurve[crv]

async function importKey(
  jwk: JsonWebKey,
  algorithm: webcrypto.Algorithm,
  { alg: signs, kid: named }: { readonly alg: string, readonly kid: string | undefined },
): Promise<ImportedKey> {
  // Web Crypto refuses a key whose `use`, `alg` or `key_ops` differ from what it is imported for.
  const { use, alg, key_ops: operations, ext, kid: name, ...bare } = jwk as webcrypto.JsonWebKey & { kid?: unknown }
  const key = await webcrypto.subtle.importKey('jwk', bare, algorithm, false, ['sign'])
  return named === undefined ? { key, alg: signs } : { key, alg: signs, kid: named }
}

function privateJwk(option: string, { key }: SigningKey): JsonWebKey {
  try {
    const object = keyObject(key)
    if (object.type !== 'private') throw new TypeError(`It is a ${object.type} key.`)
    const given = typeof key === 'object' && 'kty' in key ? key : {}
    return { ...object.export({ format: 'jwk' }), ...given }
  } catch (cause) {
    throw new TypeError(`${option}.key is a private key: a JWK, a PEM text, or what crypto.createPrivateKey gives.`, {
      cause,
    })
  }
}

function keyObject(key: SigningKey['key']): KeyObject {
  if (typeof key === 'string') return createPrivateKey(key)
  return 'export' in key && typeof key.export === 'function'
    ? key
    : createPrivateKey({ key: key as JsonWebKey, format: 'jwk' })
}

const textOrNothing = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
