import { checkOptionNames, checkTable, checkType, requireSecret, requireText } from '#internal/option-checks'
import { allowedUrl } from '#internal/allowed-url'
import type {
  ClientAuth, OperatorEndpoints, OperatorMetadata, OperatorOptions,
} from './operator-options.js'
import { signingKey, type ImportedKey, type SigningKey } from '#internal/signing-key'

/** Options of an operator that the strategy may set for all operators. */
export interface OperatorDefaults {
  /**
   * How this app proves itself to the operators.
   * @default 'basic-raw': as the gateways in the field have it
   */
  readonly clientAuth?: ClientAuth | undefined
  /**
   * For `private_key_jwt`.
   * @default none
   */
  readonly clientKey?: SigningKey | undefined
  /**
   * What is asked for, such as `openid mc_authn phone`.
   * @default 'openid mc_authn'
   */
  readonly scope?: string | undefined
  /**
   * Of the Mobile Connect profile, such as `mc_v2.3`.
   * @default what the operator advertises for the scope
   */
  readonly version?: string | undefined
  /**
   * The name of the app that the operators show (`client_name`).
   * @default none
   */
  readonly clientName?: string | undefined
  /**
   * Signs the requests (OpenID Connect Core §6.1).
   * @default none: they are not signed
   */
  readonly requestObject?: SigningKey | undefined
  /**
   * Whether the app sends its requests straight to the operator, so that no browser can change them (RFC 9126). `true`:
   * always, and an operator that does not offer it is refused. `false`: only when the operator requires it.
   * @default when the operator's metadata offers it
   */
  readonly pushedAuthorizationRequests?: boolean | undefined
  /**
   * The app is registered so that the operator takes only requests that `requestObject` signs.
   * @default false
   */
  readonly signedRequestsOnly?: boolean | undefined
  /**
   * The operator's ID tokens say what the phone showed (`displayed_data`).
   * @default false
   */
  readonly displayedData?: boolean | undefined
}

/** The options of an operator, checked. */
export interface OperatorSettings {
  readonly id: string
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string | undefined
  readonly clientAuth: ClientAuth
  readonly clientKey: (() => Promise<ImportedKey>) | undefined
  readonly requestObject: (() => Promise<ImportedKey>) | undefined
  readonly pushedAuthorizationRequests: boolean | undefined
  readonly signedRequestsOnly: boolean
  readonly displayedData: boolean
  readonly issParameter: boolean
  readonly scope: string
  readonly version: string | undefined
  readonly clientName: string | undefined
  /** The address of the metadata, or the metadata itself. */
  readonly metadata: URL | OperatorMetadata
}

const operatorOptionNames = [
  'id', 'issuer', 'metadataUrl', 'metadata', 'endpoints', 'clientId', 'clientSecret', 'clientAuth', 'clientKey',
  'issParameter', 'scope', 'version', 'clientName', 'requestObject', 'pushedAuthorizationRequests',
  'signedRequestsOnly', 'displayedData',
]
const clientAuths = ['basic-raw', 'basic', 'post', 'private_key_jwt']

/** @throws TypeError that says what to write instead. */
export function readOperator(
  what: string,
  options: OperatorOptions,
  defaults: OperatorDefaults = {},
): OperatorSettings {
  checkOptionNames(what, options, operatorOptionNames)
  const issuer = issuerOf(what, options)
  const clientAuth = options.clientAuth ?? defaults.clientAuth ?? 'basic-raw'
  const clientKey = options.clientKey ?? defaults.clientKey
  const requestObject = options.requestObject ?? defaults.requestObject
  const given = (name: keyof OperatorOptions) => options[name] ?? (defaults as OperatorOptions)[name]
  for (const name of ['version', 'clientName'] as const) checkType(name, given(name), ['string'])
  for (const name of ['issParameter', 'pushedAuthorizationRequests', 'signedRequestsOnly', 'displayedData'] as const) {
    checkType(name, given(name), ['boolean'])
  }
  const signedOnly = options.signedRequestsOnly ?? defaults.signedRequestsOnly ?? false
  if (signedOnly && !requestObject) {
    throw new TypeError('signedRequestsOnly needs requestObject: { key, kid?, alg? }, which signs the requests.')
  }
  if (!clientAuths.includes(clientAuth)) {
    throw new TypeError(`clientAuth is one of ${clientAuths.join(', ')}, not ${JSON.stringify(clientAuth)}.`)
  }
  const metadata = metadataOf(what, options, issuer)
  const pushed = options.pushedAuthorizationRequests ?? defaults.pushedAuthorizationRequests
  if (pushed === true) checkPushedEndpoint(what, metadata)
  const usesKey = clientAuth === 'private_key_jwt'
  return {
    id: checkId(`${what}.id`, options.id ?? idOfIssuer(issuer)),
    issuer,
    clientId: checkClientId(`${what}.clientId`, options.clientId, clientAuth),
    clientSecret: usesKey ? undefined : requireSecret(`${what}.clientSecret`, options.clientSecret),
    clientAuth,
    clientKey: usesKey ? requireKey(`${what}.clientKey`, clientKey) : undefined,
    requestObject: requestObject && requireKey('requestObject', requestObject),
    pushedAuthorizationRequests: pushed,
    signedRequestsOnly: signedOnly,
    displayedData: options.displayedData ?? defaults.displayedData ?? false,
    issParameter: options.issParameter ?? false,
    scope: checkScope(options.scope ?? defaults.scope ?? 'openid mc_authn'),
    version: options.version ?? defaults.version,
    clientName: options.clientName ?? defaults.clientName,
    metadata,
  }
}

/** The issuer exactly as written, because it is compared exactly (OpenID Connect Core §3.1.3.7, 2). */
function issuerOf(what: string, { issuer, metadata }: OperatorOptions): string {
  const named = issuer ?? metadata?.issuer
  if (named === undefined) {
    throw new TypeError(`${what}.issuer is required: the operator's issuer, exactly as its ID tokens spell it.`)
  }
  const url = allowedUrl(`${what}.issuer`, named)
  if (url.search !== '') throw new TypeError(`${what}.issuer has no query.`)
  if (metadata && metadata.issuer !== named) {
    throw new TypeError(
      `${what}.metadata.issuer and ${what}.issuer are two issuers: ${metadata.issuer} and ${named}.`,
    )
  }
  return named
}

function checkPushedEndpoint(what: string, metadata: URL | OperatorMetadata): void {
  if (metadata instanceof URL || metadata.pushed_authorization_request_endpoint !== undefined) return
  throw new TypeError(
    'pushedAuthorizationRequests: true needs the operator\'s endpoint for them:'
    + ` pushed_authorization_request_endpoint in ${what}.metadata, or pushedAuthorization in ${what}.endpoints.`,
  )
}

function metadataOf(what: string, options: OperatorOptions, issuer: string): URL | OperatorMetadata {
  const { metadata, metadataUrl, endpoints } = options
  if ([metadata, metadataUrl, endpoints].filter((given) => given !== undefined).length > 1) {
    throw new TypeError(`${what} has metadata, or metadataUrl, or endpoints: one of them.`)
  }
  if (metadata) return checkEndpoints(`${what}.metadata`, metadata)
  if (endpoints) return checkEndpoints(`${what}.endpoints`, fromEndpoints(what, endpoints, issuer))
  return allowedUrl(`${what}.metadataUrl`, metadataUrl ?? wellKnown(issuer))
}

const endpointOptionNames = [
  'authorization', 'token', 'jwks', 'userinfo', 'premiuminfo', 'backchannel', 'pushedAuthorization',
]

function fromEndpoints(what: string, endpoints: OperatorEndpoints, issuer: string): OperatorMetadata {
  checkTable(`${what}.endpoints`, endpoints, '{ authorization, token, jwks }')
  checkOptionNames(`${what}.endpoints`, endpoints, endpointOptionNames)
  return {
    issuer,
    authorization_endpoint: endpoints.authorization,
    token_endpoint: endpoints.token,
    jwks_uri: endpoints.jwks,
    userinfo_endpoint: endpoints.userinfo,
    premiuminfo_endpoint: endpoints.premiuminfo,
    backchannel_authentication_endpoint: endpoints.backchannel,
    pushed_authorization_request_endpoint: endpoints.pushedAuthorization,
  }
}

const endpointsInUse = [
  'authorization_endpoint', 'token_endpoint', 'jwks_uri', 'userinfo_endpoint', 'premiuminfo_endpoint',
  'backchannel_authentication_endpoint', 'pushed_authorization_request_endpoint',
]

/**
 * Every address that the app will ask, or send a user to, follows the same rule as the issuer.
 * `jwks_uri` is required, because no token can be checked without keys.
 */
export function checkEndpoints(what: string, metadata: OperatorMetadata): OperatorMetadata {
  for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri']) {
    allowedUrl(`${what}: ${name}`, metadata[name])
  }
  for (const name of endpointsInUse) if (metadata[name] !== undefined) allowedUrl(`${what}: ${name}`, metadata[name])
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined)) as OperatorMetadata
}

function checkId(option: string, id: unknown): string {
  if (typeof id === 'string' && /^[A-Za-z0-9._~-]{1,64}$/.test(id) && !/^\.+$/.test(id)) return id
  throw new TypeError(`${option} stands in callbackURL: 1 to 64 letters, digits and -._~, not ${JSON.stringify(id)}.`)
}

/** OpenID Connect Discovery 1.0 §4.1. */
export const wellKnown = (issuer: string): string => `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`

/** The default id of an operator: its issuer, made fit for a path. */
export const idOfIssuer = (issuer: string): string => issuer
  .replace(/^https?:\/\//, '')
  .replace(/[^A-Za-z0-9._~]+/g, '-')
  .replace(/^-+|-+$/g, '')
  .slice(0, 64)

function checkClientId(option: string, clientId: unknown, clientAuth: ClientAuth): string {
  const text = requireText(option, clientId)
  if (clientAuth === 'basic-raw' && text.includes(':')) {
    throw new TypeError(`${option} has a colon in it, which only clientAuth: 'basic' can send.`)
  }
  return text
}

function checkScope(scope: unknown): string {
  if (typeof scope === 'string' && scope.split(' ').includes('openid')) return scope
  throw new TypeError(`scope is a text such as 'openid mc_authn', with openid in it, not ${JSON.stringify(scope)}.`)
}

function requireKey(option: string, key: SigningKey | undefined): () => Promise<ImportedKey> {
  if (typeof key === 'object' && 'key' in key) return signingKey(option, key)
  throw new TypeError(`${option} is { key, kid?, alg? }, a private key of this app.`)
}
