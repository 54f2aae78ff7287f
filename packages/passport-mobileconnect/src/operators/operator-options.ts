import type { KeyObject, webcrypto } from 'node:crypto'

/** How this app proves to an operator who it is, at the token endpoint and wherever else it asks. */
export type ClientAuth = 'basic-raw' | 'basic' | 'post' | 'private_key_jwt'

/** A private key of this app: a JWK, a PEM text, or what `crypto.createPrivateKey` gives. */
export type PrivateKey = (webcrypto.JsonWebKey & { readonly kid?: string }) | KeyObject | string

export interface SigningKey {
  readonly key: PrivateKey
  /** The name of the key in the key set that the operator knows. Default: `kid` of the JWK. */
  readonly kid?: string | undefined
  /** Default: `alg` of the JWK, else what belongs to the kind of key (`RS256`, `ES256`, …). */
  readonly alg?: string | undefined
}

/** Where an operator is found when it publishes no metadata: the `rel` names of the GSMA's link list. */
export interface OperatorEndpoints {
  readonly authorization: string
  readonly token: string
  readonly jwks: string
  readonly userinfo?: string | undefined
  readonly premiuminfo?: string | undefined
  /** OpenID CIBA. */
  readonly backchannel?: string | undefined
  /** RFC 9126. */
  readonly pushedAuthorization?: string | undefined
}

/** The members of OpenID Connect Discovery 1.0 §3 by their own names; whatever else an operator publishes may stand beside them. */
export interface OperatorMetadata {
  readonly issuer: string
  readonly authorization_endpoint?: string | undefined
  readonly token_endpoint?: string | undefined
  readonly jwks_uri?: string | undefined
  readonly userinfo_endpoint?: string | undefined
  readonly [member: string]: unknown
}

/** One operator, as an app configures it or a discovery found it. */
export interface OperatorOptions {
  /** Its name in `callbackURL`, and for `verify`. Letters, digits and `-._~`. Default: made of the issuer. */
  readonly id?: string | undefined
  /** Exactly as its metadata and its ID tokens spell it. Default: that of `metadata`. */
  readonly issuer?: string | undefined
  /** Where its metadata is, if not at `issuer` + `/.well-known/openid-configuration`. */
  readonly metadataUrl?: string | undefined
  /** The metadata itself: then none is fetched. */
  readonly metadata?: OperatorMetadata | undefined
  /** For an operator that publishes no metadata; `issuer` is required beside it. */
  readonly endpoints?: OperatorEndpoints | undefined
  readonly clientId: string
  /** Required unless `clientAuth` is `'private_key_jwt'`. */
  readonly clientSecret?: string | undefined
  /** Default: that of the strategy. */
  readonly clientAuth?: ClientAuth | undefined
  /** For `private_key_jwt`. Default: that of the strategy. */
  readonly clientKey?: SigningKey | undefined
  /** It names itself in every callback (RFC 9207): then its callback needs no URL of its own. */
  readonly issParameter?: boolean | undefined
  /** Its own spelling of what the strategy asks for. Default: that of the strategy. */
  readonly scope?: string | undefined
  readonly version?: string | undefined
  readonly clientName?: string | undefined
  readonly requestObject?: SigningKey | undefined
  /** Whether requests go straight to the operator (RFC 9126). Default: that of the strategy. */
  readonly pushedAuthorizationRequests?: boolean | undefined
  /** It takes no request of this app but a signed one. Default: that of the strategy. */
  readonly signedRequestsOnly?: boolean | undefined
  /** Its ID tokens say what its phone showed. Default: that of the strategy. */
  readonly displayedData?: boolean | undefined
}
