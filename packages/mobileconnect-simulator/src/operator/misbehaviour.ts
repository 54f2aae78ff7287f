/** What the ID token has, or lacks. */
export const tokenDefects = [
  'nonce',
  'nonce-missing',
  'signature',
  'issuer',
  'audience',
  'audience-extra',
  'acr',
  'acr-missing',
  'expired',
  'issued-later',
  'auth-time',
  'auth-time-missing',
  'authorized-party',
  'hashed-login-hint',
  'hashed-login-hint-missing',
  'displayed-data',
  'displayed-data-missing',
  'algorithm-none',
  'algorithm-hs256',
  'key-unknown',
  'id-token-missing',
] as const

/** What the operator does otherwise than it was asked to, or says elsewhere. */
const otherDefects = [
  'userinfo-subject',
  'phone-unverified',
  'iss-parameter',
  'iss-parameter-missing',
  'hint-ignored',
  'another-subscriber',
  'shows-else',
  'par-missing',
] as const

export const misbehaviours = [...tokenDefects, ...otherDefects] as const

/** A defect that the operator, its ID token, or what goes with it, really has. */
export type Misbehaviour = typeof misbehaviours[number]
