/**
 * Whether an SD-JWT was made for this nonce, by what its key-binding JWT says (RFC 9901 §4.3). Nothing else of it is
 * read. The provider checks the signatures, also the one over this nonce: so a token that was made for another login
 * ends here, and a token that was changed ends there.
 */
export function isMadeFor(nonce: string, token: string): boolean {
  const [, payload = ''] = token.slice(token.lastIndexOf('~') + 1).split('.')
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    return (claims as { nonce?: unknown } | null)?.nonce === nonce
  } catch {
    return false
  }
}
