import type { KeyObject } from 'node:crypto'
import { checkFunctions, requireSecret, requireText } from '#internal/option-checks'
import { readSigningKey, signedJwt, type SigningKey } from '../lib/signed-jwt.js'
import { parseObject, request, type Fetch } from '../senders/http-request.js'

/** An operator or an aggregator with CAMARA APIs, and this app as its client. */
export interface CamaraClientOptions {
  /**
   * Where the operator's or the aggregator's APIs are, such as `https://api.operator.example`. `http:` only to this
   * machine.
   */
  readonly apiRoot: string
  /** The token endpoint of its authorization server. */
  readonly tokenUrl: string
  /** The name of this app at the authorization server. */
  readonly clientId: string
  /**
   * For `client_secret_basic`. Either this or `clientKey`.
   * @default none
   */
  readonly clientSecret?: string | Uint8Array | undefined
  /**
   * For `private_key_jwt`, as the CAMARA security profile asks for: an RSA or P-256 key, as PEM or KeyObject.
   * @default none: give it, or `clientSecret`
   */
  readonly clientKey?: string | KeyObject | undefined
  /**
   * The `kid` of that key, where the server knows several.
   * @default none
   */
  readonly keyId?: string | undefined
  /**
   * The purpose in the scope, by the W3C Data Privacy Vocabulary.
   * @default 'dpv:FraudPreventionAndDetection'
   */
  readonly purpose?: string | undefined
  /**
   * Stands in events.
   * @default 'camara'
   */
  readonly name?: string | undefined
  /** @default the `fetch` of Node */
  readonly fetch?: Fetch | undefined
  /**
   * Epoch milliseconds, of the assertions.
   * @default Date.now
   */
  readonly now?: (() => number) | undefined
}

export const camaraClientOptionNames = [
  'apiRoot', 'tokenUrl', 'clientId', 'clientSecret', 'clientKey', 'keyId', 'purpose', 'name', 'fetch', 'now',
]

export interface CamaraClient {
  readonly apiRoot: string
  readonly tokenUrl: string
  readonly clientId: string
  readonly login: { readonly secret: string } | { readonly signingKey: SigningKey }
  readonly purpose: string
  readonly fetch: Fetch
  readonly now: () => number
}

/** @throws TypeError that says what to write instead. */
export function readCamaraClient(called: string, options: CamaraClientOptions): CamaraClient {
  checkFunctions(options, ['fetch', 'now'])
  const { clientSecret, clientKey } = options
  if ((clientSecret === undefined) === (clientKey === undefined)) throw new TypeError(`${called} takes either clientSecret or clientKey.`)
  return {
    apiRoot: checkUrl('apiRoot', options.apiRoot),
    tokenUrl: checkUrl('tokenUrl', options.tokenUrl),
    clientId: requireText('clientId', options.clientId),
    login: clientKey === undefined
      ? { secret: requireSecret('clientSecret', clientSecret) }
      : { signingKey: readSigningKey('clientKey', clientKey, options.keyId) },
    purpose: requireText('purpose', options.purpose ?? 'dpv:FraudPreventionAndDetection'),
    fetch: options.fetch ?? globalThis.fetch,
    now: options.now ?? Date.now,
  }
}

/** Secrets and numbers go there: a clear line must not leave this machine. */
export function checkUrl(name: string, value: unknown): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  const isLocal = url?.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
  if (url && (url.protocol === 'https:' || isLocal)) return url.href.replace(/\/+$/, '')
  throw new TypeError(`${name} is an address that begins with https:// (http:// only to this machine).`)
}

export interface TokenRequest {
  /** Of the API, without the purpose. */
  readonly scope: string
  /** The number that the token is to name (JWT bearer, RFC 7523 §2.1). Absent: none (client credentials). */
  readonly phone?: string | undefined
  readonly signal: AbortSignal
}

/** Client Credentials (RFC 6749 §4.4), or a JWT that names the number (RFC 7523 §2.1). */
export async function accessToken(client: CamaraClient, { scope, phone, signal }: TokenRequest): Promise<string> {
  const { tokenUrl, clientId, login, purpose } = client
  const wanted = `${purpose} ${scope}`
  const form = new URLSearchParams()
  const headers: Record<string, string> = { accept: 'application/json' }
  if ('secret' in login) {
    // RFC 6749 §2.3.1: both are written as in a form.
    headers.authorization = `Basic ${btoa(`${encodeURIComponent(clientId)}:${encodeURIComponent(login.secret)}`)}`
  } else {
    form.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    form.set('client_assertion', assertion(client, login.signingKey, { sub: clientId }))
  }
  if (phone !== undefined && 'signingKey' in login) {
    form.set('grant_type', 'urn:ietf:params:oauth:grant-type:jwt-bearer')
    form.set('assertion', assertion(client, login.signingKey, { sub: `tel:${phone}`, scope: wanted }))
  } else {
    form.set('grant_type', 'client_credentials')
    form.set('scope', wanted)
  }
  const answer = await request(client.fetch, tokenUrl, { method: 'POST', headers, body: form, signal })
  const { access_token: token, error } = parseObject(answer.body)
  if (answer.status === 200 && typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) return token
  throw operatorError(answer.status, error)
}

type Claims = Readonly<Record<string, string>>

const assertion = ({ clientId, tokenUrl, now }: CamaraClient, key: SigningKey, claims: Claims): string =>
  signedJwt(key, { iss: clientId, aud: tokenUrl, ...claims }, now())

export interface ApiCall {
  /** Below `apiRoot`. */
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
  readonly token: string
  readonly signal: AbortSignal
}

/** One call of an API: its status and the members of its answer. */
export async function callApi(
  { apiRoot, fetch }: CamaraClient,
  { path, body, token, signal }: ApiCall,
): Promise<{ readonly status: number, readonly members: Readonly<Record<string, unknown>> }> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json' }
  const init = { method: 'POST', headers, body: JSON.stringify(body), signal }
  const answer = await request(fetch, `${apiRoot}${path}`, init)
  return { status: answer.status, members: parseObject(answer.body) }
}

/** Of what the other side says, only a code is told on. */
export function operatorError(
  status: number,
  code: unknown,
): Error & { readonly code: string, readonly status: number } {
  const isCode = typeof code === 'string' && /^[A-Za-z][\w.]{0,59}$/.test(code)
  const told = { code: isCode ? code : `http_${status}`, status }
  return Object.assign(new Error(`The operator answered with HTTP ${status}.`), told)
}
