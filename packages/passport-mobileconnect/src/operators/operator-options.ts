import type { SigningKey } from '#internal/signing-key'

/** How this app authenticates to an operator, at the token endpoint and at all others that it asks. */
export type ClientAuth = 'basic-raw' | 'basic' | 'post' | 'private_key_jwt'

/** The endpoints of an operator that publishes no metadata, by the `rel` names of the GSMA's link list. */
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

/** The metadata of OpenID Connect Discovery 1.0 §3, by its own names. An operator may publish more members. */
export interface OperatorMetadata {
  readonly issuer: string
  readonly authorization_endpoint?: string | undefined
  readonly token_endpoint?: string | undefined
  readonly jwks_uri?: string | undefined
  readonly userinfo_endpoint?: string | undefined
  readonly [member: string]: unknown
}

/** One operator, as the app configures it, or as discovery found it. */
export interface OperatorOptions {
  /**
   * The operator's name in `callbackURL` and for `verify`: letters, digits and `-._~`.
   * @default made of the issuer
   */
  readonly id?: string | undefined
  /**
   * The issuer exactly as the operator's metadata and ID tokens spell it.
   * @default metadata.issuer
   */
  readonly issuer?: string | undefined
  /**
   * The address of the metadata.
   * @default `issuer` + `/.well-known/openid-configuration`
   */
  readonly metadataUrl?: string | undefined
  /**
   * The metadata itself. Then none is fetched.
   * @default it is fetched from `metadataUrl`
   */
  readonly metadata?: OperatorMetadata | undefined
  /**
   * For an operator that publishes no metadata. It requires `issuer`.
   * @default the endpoints in the metadata
   */
  readonly endpoints?: OperatorEndpoints | undefined
  /** The name of this app at the operator. */
  readonly clientId: string
  /**
   * Required unless `clientAuth` is `'private_key_jwt'`.
   * @default none
   */
  readonly clientSecret?: string | Uint8Array | undefined
  /** @default the strategy's */
  readonly clientAuth?: ClientAuth | undefined
  /**
   * For `private_key_jwt`.
   * @default the strategy's
   */
  readonly clientKey?: SigningKey | undefined
  /**
   * The operator names itself in every callback (RFC 9207). Then its callback needs no URL of its own.
   * @default what the metadata says
   */
  readonly issParameter?: boolean | undefined
  /** @default the strategy's */
  readonly scope?: string | undefined
  /**
   * Of the Mobile Connect profile, such as `mc_v2.3`.
   * @default the strategy's
   */
  readonly version?: string | undefined
  /**
   * The name of the app that the operator shows.
   * @default the strategy's
   */
  readonly clientName?: string | undefined
  /**
   * Signs the request (OpenID Connect Core §6.1).
   * @default the strategy's
   */
  readonly requestObject?: SigningKey | undefined
  /**
   * Whether the app sends requests straight to the operator (RFC 9126).
   * @default the strategy's
   */
  readonly pushedAuthorizationRequests?: boolean | undefined
  /**
   * The operator takes only signed requests of this app.
   * @default the strategy's
   */
  readonly signedRequestsOnly?: boolean | undefined
  /**
   * The operator's ID tokens say what the phone showed.
   * @default the strategy's
   */
  readonly displayedData?: boolean | undefined
}
