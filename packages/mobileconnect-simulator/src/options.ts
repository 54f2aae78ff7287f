import type { Duration } from '#internal/duration'

/** A JSON Web Key (RFC 7517). */
export interface Jwk {
  readonly kty?: string | undefined
  readonly kid?: string | undefined
  readonly n?: string | undefined
  readonly e?: string | undefined
}

/** A level of assurance of the GSMA. From 3 on the subscriber gives a PIN. */
export type Level = 1 | 2 | 3 | 4
/** How a client proves itself to the operators, in the words of passport-mobileconnect. */
export type ClientAuth = 'basic-raw' | 'basic' | 'post' | 'private_key_jwt'

/** A mobile operator. */
export interface OperatorOptions {
  /** Part of its issuer's path: lower-case letters, digits and `-`. */
  readonly id: string
  /** Its mobile country code (ITU-T E.212): three digits. */
  readonly mcc: string
  /** Its mobile network code: two or three digits. */
  readonly mnc: string
  /** @default `Operator A` for the id `a` */
  readonly name?: string | undefined
  /**
   * The levels of assurance it can reach.
   * @default [2, 3]
   */
  readonly levels?: readonly Level[] | undefined
  /**
   * The private RSA key (JWK, with its `kid`) that signs ID tokens.
   * @default a new one each time
   */
  readonly key?: Jwk | undefined
}

/** A person with a SIM. */
export interface SubscriberOptions {
  /** International: `'+447700900001'` or `'447700900001'`. */
  readonly msisdn: string
  /** The operator's id. */
  readonly operator: string
  /**
   * For level 3 and 4. Without it this subscriber reaches level 2 at most.
   * @default none
   */
  readonly pin?: string | undefined
  /**
   * When its SIM came into use. `null`: never on the network.
   * @default three years before the simulator started
   */
  readonly activated?: Date | null | undefined
  /**
   * Whether CAMARA's APIs serve this line: `false` for one such as a machine's.
   * @default true
   */
  readonly networkApis?: boolean | undefined
}

/** An app that is registered at the operators. */
export interface ClientOptions {
  /**
   * Compared whole; discovery's `Redirect_URL` is one of them.
   * @default any URL on loopback
   */
  readonly redirectUris?: readonly string[] | undefined
  /**
   * The registered name. When given, an authorization that names another is refused.
   * @default any name
   */
  readonly name?: string | undefined
  /** @default `'basic-raw'`, as real gateways have it */
  readonly clientAuth?: ClientAuth | undefined
  /**
   * Public keys: for `private_key_jwt` and signed request objects. CAMARA's server knows no other client.
   * @default none
   */
  readonly jwks?: { readonly keys: readonly Jwk[] } | undefined
  /**
   * The purposes that CAMARA's server lets it name, such as `['FraudPreventionAndDetection']`.
   * @default any
   */
  readonly purposes?: readonly string[] | undefined
  /**
   * It is registered so that the operators take no request of it but a signed one.
   * @default `false`: a plain one is taken beside it
   */
  readonly signedRequestsOnly?: boolean | undefined
}

/** How CAMARA's server and APIs behave. */
export interface CamaraOptions {
  /**
   * Whether every access token is good for one request. `false`: one of client credentials, which speaks of nobody, is
   * good until it expires. Number Verification's are single-use in either case.
   * @default true
   */
  readonly singleUse?: boolean | undefined
  /**
   * How far back the operators may look at swaps of SIMs and devices: `'120d'`.
   * @default as far as they know
   */
  readonly monitoredPeriod?: Duration | undefined
}

/** What there is to simulate. Durations are texts such as `'2m'`. */
export interface SimulatorOptions {
  /** @default `a` and `b` */
  readonly operators?: readonly OperatorOptions[] | undefined
  /** @default three */
  readonly subscribers?: readonly SubscriberOptions[] | undefined
  /**
   * Each has its own credentials at every operator and at discovery.
   * @default one
   */
  readonly clients?: readonly ClientOptions[] | undefined
  /**
   * On 127.0.0.1.
   * @default 0: any free one
   */
  readonly port?: number | undefined
  /**
   * Milliseconds since 1970: everything that expires goes by it.
   * @default Date.now
   */
  readonly now?: (() => number) | undefined
  /**
   * How long an operator waits for the handset.
   * @default '2m'
   */
  readonly patience?: Duration | undefined
  /**
   * Least time between two polls of a backchannel request.
   * @default '2s'
   */
  readonly interval?: Duration | undefined
  /**
   * What CAMARA's server and APIs are bound to.
   * @default `{}`: the defaults of `CamaraOptions`
   */
  readonly camara?: CamaraOptions | undefined
  /**
   * Runs under `NODE_ENV=production` too.
   * @default false
   */
  readonly production?: boolean | undefined
}
