import { createHash } from 'node:crypto'
import type { Request } from 'express'
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose'
import type { CamaraContext } from './context.js'

/** What is taken as a proof of possession. */
export const dpopAlgorithms = ['ES256', 'ES384', 'PS256', 'RS256', 'EdDSA']

/** Security profile, "Replay Protection Requirements". */
const WINDOW = 300

export class DpopError extends Error {}

interface Expected {
  /** Without its query. */
  readonly url: string
  /** The access token that it goes with. */
  readonly accessToken?: string
}

/**
 * The thumbprint of the key that a request proves to have (RFC 9449 §4.3); nothing for a request without a proof.
 * @throws DpopError for a proof that is not of this request, not of now, or not the first of its id
 */
export async function provenKey(
  context: CamaraContext,
  req: Request,
  { url, accessToken }: Expected,
): Promise<string | undefined> {
  const proof = req.get('dpop')
  if (proof === undefined) return undefined
  const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
    typ: 'dpop+jwt',
    algorithms: dpopAlgorithms,
    currentDate: new Date(context.clock.now()),
    maxTokenAge: WINDOW,
    requiredClaims: ['jti', 'htm', 'htu'],
  }).catch((error: unknown) => {
    // Of the platform, too: the client chose the key, and it may be none.
    throw new DpopError((error as Error).message)
  })
  const { jti = '', htm, htu, ath } = payload
  if (htm !== req.method || htu !== url) throw new DpopError('The proof is of another request.')
  if (accessToken !== undefined && ath !== createHash('sha256').update(accessToken).digest('base64url')) {
    throw new DpopError('The proof is of another access token.')
  }
  if (context.seen.has(`dpop ${jti}`)) throw new DpopError('The proof has been used.')
  context.seen.set(`dpop ${jti}`, true)
  return calculateJwkThumbprint(protectedHeader.jwk as object)
}
