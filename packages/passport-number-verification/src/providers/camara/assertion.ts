import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import type { ImportedKey } from '#internal/signing-key'

export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** Seconds. The profile allows 300 (security profile, "JWT Bearer Flow"). */
const LIFE = 60

interface Assertion {
  readonly clientId: string
  readonly audience: string
  /** The client itself, or whom the assertion is about. */
  readonly subject: string
  /** A claim of this grant, and no parameter of its request. */
  readonly scope?: string
}

/** What this app says, signed (RFC 7523 §3). It is good once, for one endpoint, for a minute. */
export function signedAssertion(
  { key, kid, alg }: ImportedKey,
  { clientId, audience, subject, scope }: Assertion,
  now: number,
): Promise<string> {
  const at = Math.floor(now / 1000)
  return new SignJWT({ ...scope !== undefined && { scope } })
    .setProtectedHeader({ alg, typ: 'JWT', ...kid !== undefined && { kid } })
    .setIssuer(clientId)
    .setSubject(subject)
    .setAudience(audience)
    .setIssuedAt(at)
    .setExpirationTime(at + LIFE)
    .setJti(randomUUID())
    .sign(key)
}
