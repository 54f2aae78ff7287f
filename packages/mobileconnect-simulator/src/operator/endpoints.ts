/** A place of an operator that can be told to fail. */
export type Endpoint =
  'metadata' | 'keys' | 'authorize' | 'par' | 'token' | 'userinfo' | 'premiuminfo' | 'backchannel' | 'revoke'

const byPath: Readonly<Record<string, Endpoint>> = {
  '/.well-known/openid-configuration': 'metadata',
  '/.well-known/oauth-authorization-server': 'metadata',
  '/jwks': 'keys',
  '/authorize': 'authorize',
  '/par': 'par',
  '/token': 'token',
  '/userinfo': 'userinfo',
  '/premiuminfo': 'premiuminfo',
  '/backchannel': 'backchannel',
  '/revoke': 'revoke',
}

export const endpoints: readonly Endpoint[] = [...new Set(Object.values(byPath))]

/** What a request is counted as, by its path below the issuer. */
export const endpointOf = (path: string): Endpoint | undefined => byPath[path]
