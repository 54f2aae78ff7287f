import { allowedUrl } from '#internal/allowed-url'
import {
  checkList, checkOneOf, checkOptionNames, checkTable, checkType, requireSecret, requireText,
} from '#internal/option-checks'
import { signingKey, type ImportedKey, type SigningKey } from '#internal/signing-key'

/** The metadata of OpenID Connect Discovery 1.0 §3, by its own names. An operator may publish more members. */
export interface CamaraMetadata {
  readonly issuer: string
  readonly authorization_endpoint?: string | undefined
  readonly token_endpoint: string
  readonly jwks_uri: string
  readonly [member: string]: unknown
}

/** An operator or aggregator that speaks CAMARA's profile. */
export interface CamaraOptions {
  /**
   * The issuer exactly as its metadata and ID tokens spell it.
   * @default required, or `metadata`
   */
  readonly issuer?: string | undefined
  /**
   * The metadata itself. Then none is fetched.
   * @default it is fetched from `issuer`
   */
  readonly metadata?: CamaraMetadata | undefined
  /** The name of this app at the operator. */
  readonly clientId: string
  /**
   * Signs what proves this app to the operator (`private_key_jwt`). The profile demands it.
   * @default required, or `clientSecret`
   */
  readonly clientKey?: SigningKey | undefined
  /**
   * Instead of `clientKey`, for an operator that still takes a secret by HTTP Basic.
   * @default none
   */
  readonly clientSecret?: string | Uint8Array | undefined
  /**
   * Where the operator's APIs begin: `https://api.operator.example`, or with a path.
   * @default the origin of `issuer`
   */
  readonly apiRoot?: string | undefined
  /**
   * The major version of Number Verification in its address: `/number-verification/v2`.
   * @default 2
   */
  readonly apiVersion?: 1 | 2 | undefined
  /**
   * How the purpose stands in `scope`. `'separate'`: `dpv:P number-verification:verify`, as the profile says.
   * `'joined'`: `dpv:P#number-verification:verify`, as older deployments want it.
   * @default 'separate'
   */
  readonly purposeStyle?: 'separate' | 'joined' | undefined
  /**
   * Whether `/verify` is given the SHA-256 of the number in its place.
   * @default false
   */
  readonly hashed?: boolean | undefined
  /**
   * Signs the request that the browser carries (RFC 9101). The key of `clientKey` may be used.
   * @default none: it is not signed
   */
  readonly requestObject?: SigningKey | undefined
  /**
   * For `via: ['operator-token']`. It needs `clientKey`.
   * @default none
   */
  readonly wallet?: WalletOptions | undefined
  /**
   * For `via: ['app']`: how the temporary token of the SIM is exchanged that this app's software on the phone got
   * (GSMA TS.43). `'jwt-bearer'` needs `clientKey`; `'ciba'` asks over the backchannel, and polls. The only hint is the
   * token (`operatortoken:`). A number (`tel:`) is never sent as one: it rings a phone, and proves no SIM.
   * @default none: no such token is taken
   */
  readonly appTokens?: 'jwt-bearer' | 'ciba' | undefined
}

/** How the operator, or the aggregator, is asked for what a page asks the wallet for. */
export interface WalletOptions {
  /**
   * The address that is asked.
   * @default `/openid4vp/credentials` below `issuer`
   */
  readonly endpoint?: string | undefined
  /**
   * The carriers whose SIMs may answer, by their ids at the aggregator.
   * @default all that it serves
   */
  readonly carrierIds?: readonly string[] | undefined
  /**
   * Whether the request names the account's number (`phone_number_hint`), for an aggregator or a phone with two SIMs
   * that needs it. The browser then sees the whole number, also the browser of a thief who has the password.
   * @default false
   */
  readonly phoneNumberHint?: boolean | undefined
}

/** The options of a CAMARA provider, checked. */
export interface CamaraSettings {
  readonly issuer: string
  readonly metadata: CamaraMetadata | undefined
  readonly clientId: string
  readonly clientKey: (() => Promise<ImportedKey>) | undefined
  readonly clientSecret: string | undefined
  /** The address of Number Verification, without a slash at its end. */
  readonly api: string
  readonly purposeStyle: 'separate' | 'joined'
  readonly hashed: boolean
  readonly requestObject: (() => Promise<ImportedKey>) | undefined
  readonly wallet: WalletSettings
  readonly appTokens: CamaraOptions['appTokens']
}

export interface WalletSettings {
  readonly endpoint: string
  readonly carrierIds: readonly string[] | undefined
  readonly phoneNumberHint: boolean
}

const optionNames = [
  'issuer', 'metadata', 'clientId', 'clientKey', 'clientSecret', 'apiRoot', 'apiVersion', 'purposeStyle', 'hashed',
  'requestObject', 'wallet', 'appTokens',
]

/** @throws TypeError at start-up, for options that would only fail at a login. */
export function readCamaraOptions(options: CamaraOptions): CamaraSettings {
  checkOptionNames('camara', options, optionNames)
  checkOneOf('apiVersion', options.apiVersion, [1, 2])
  checkOneOf('purposeStyle', options.purposeStyle, ['separate', 'joined'])
  checkOneOf('appTokens', options.appTokens, ['jwt-bearer', 'ciba'])
  checkType('hashed', options.hashed, ['boolean'])
  const issuer = issuerOf(options)
  const { metadata, clientKey, clientSecret, requestObject } = options
  if ((clientKey === undefined) === (clientSecret === undefined)) {
    throw new TypeError('camara takes clientKey: { key, kid?, alg? }, or clientSecret: exactly one of the two.')
  }
  if (options.appTokens === 'jwt-bearer' && clientKey === undefined) {
    throw new TypeError('appTokens: \'jwt-bearer\' needs clientKey, which signs the assertion of each token.')
  }
  const root = allowedUrl('apiRoot', options.apiRoot ?? new URL(issuer).origin)
  if (root.search !== '') throw new TypeError('apiRoot has no query.')
  return {
    issuer,
    metadata: metadata && checkEndpoints('metadata', metadata),
    clientId: requireText('clientId', options.clientId),
    clientKey: clientKey && signingKey('clientKey', checkKey('clientKey', clientKey)),
    clientSecret: clientSecret === undefined ? undefined : requireSecret('clientSecret', clientSecret),
    api: `${root.href.replace(/\/$/, '')}/number-verification/v${options.apiVersion ?? 2}`,
    purposeStyle: options.purposeStyle ?? 'separate',
    hashed: options.hashed ?? false,
    requestObject: requestObject && signingKey('requestObject', checkKey('requestObject', requestObject)),
    wallet: readWalletOptions(options.wallet ?? {}, issuer),
    appTokens: options.appTokens,
  }
}

function readWalletOptions(wallet: WalletOptions, issuer: string): WalletSettings {
  checkOptionNames('camara: wallet', wallet, ['endpoint', 'carrierIds', 'phoneNumberHint'])
  checkType('wallet.phoneNumberHint', wallet.phoneNumberHint, ['boolean'])
  const { endpoint = `${issuer.replace(/\/$/, '')}/openid4vp/credentials`, carrierIds, phoneNumberHint = false } = wallet
  const ids = carrierIds && checkList('wallet.carrierIds', carrierIds, '[\'234-15\']').map((id) =>
    requireText('wallet.carrierIds', id))
  return { endpoint: allowedUrl('wallet.endpoint', endpoint).href, carrierIds: ids, phoneNumberHint }
}

/** The issuer exactly as written, because it is compared exactly (OpenID Connect Core §3.1.3.7, 2). */
function issuerOf({ issuer, metadata }: CamaraOptions): string {
  const named = issuer ?? metadata?.issuer
  if (named === undefined) throw new TypeError('camara needs issuer, or metadata with an issuer in it.')
  if (allowedUrl('issuer', named).search !== '') throw new TypeError('issuer has no query.')
  if (metadata && metadata.issuer !== named) {
    throw new TypeError(`metadata.issuer and issuer are two issuers: ${metadata.issuer} and ${named}.`)
  }
  return named
}

/** Every address that the app will ask, or send a user to, follows the same rule as the issuer. */
export function checkEndpoints<Metadata extends object>(what: string, metadata: Metadata): Metadata {
  checkTable(what, metadata, '{ issuer, authorization_endpoint, token_endpoint, jwks_uri }')
  const endpoints = metadata as Readonly<Record<string, unknown>>
  for (const name of ['token_endpoint', 'jwks_uri']) allowedUrl(`${what}: ${name}`, endpoints[name])
  for (const name of ['authorization_endpoint', 'backchannel_authentication_endpoint']) {
    if (endpoints[name] !== undefined) allowedUrl(`${what}: ${name}`, endpoints[name])
  }
  return metadata
}

function checkKey(option: string, key: unknown): SigningKey {
  if (typeof key === 'object' && key !== null && 'key' in key) return key as SigningKey
  throw new TypeError(`${option} is { key, kid?, alg? }, a private key of this app.`)
}
