export const misbehaviours = [
  'nonce', 'nonce-missing', 'signature', 'issuer', 'audience', 'audience-extra', 'acr', 'acr-missing', 'expired', 'issued-later', 'auth-time', 'auth-time-missing',
  'authorized-party', 'hashed-login-hint', 'algorithm-none', 'algorithm-hs256', 'key-unknown',
  'id-token-missing', 'userinfo-subject', 'iss-parameter', 'iss-parameter-missing',
] as const

/** A defect that the ID token, or what goes with it, really has. */
export type Misbehaviour = typeof misbehaviours[number]
