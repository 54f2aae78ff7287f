import type { KeyObject } from 'node:crypto'
import { checkFunctions, checkOneOf, checkOptionNames, requireSecret, requireText } from '#internal/option-checks'
import { parseObject, request, type Fetch } from '../senders/http-request.js'
import { readSigningKey, signedJwt, type SigningKey } from './signed-jwt.js'
import type { SwapKind, SwapProvider, SwapQuestion } from './swap-provider.js'

/** The options of `camaraSwaps`. */
export interface CamaraSwapsOptions {
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
   * `'client-credentials'`: the number stands in the question. `'jwt-bearer'` (RFC 7523): it stands in the access
   * token, which takes a `clientKey`.
   * @default 'client-credentials'
   */
  readonly grant?: 'client-credentials' | 'jwt-bearer' | undefined
  /** The purpose in the scope, by the W3C Data Privacy Vocabulary. @default 'dpv:FraudPreventionAndDetection' */
  readonly purpose?: string | undefined
  /** Versions in the paths. @default { sim: 'v2', device: 'v1' } */
  readonly apiVersions?: Readonly<Partial<Record<SwapKind, string>>> | undefined
  /** Stands in events. @default 'camara' */
  readonly name?: string | undefined
  /** Default: the `fetch` of Node. */
  readonly fetch?: Fetch | undefined
  /** Epoch milliseconds, of the assertions. Default: `Date.now`. */
  readonly now?: (() => number) | undefined
}

const camaraOptionNames = [
  'apiRoot', 'tokenUrl', 'clientId', 'clientSecret', 'clientKey', 'keyId', 'grant', 'purpose', 'apiVersions', 'name', 'fetch',
  'now',
]

interface CamaraClient {
  readonly apiRoot: string
  readonly tokenUrl: string
  readonly clientId: string
  readonly login: { readonly secret: string } | { readonly signingKey: SigningKey }
  readonly grant: 'client-credentials' | 'jwt-bearer'
  readonly purpose: string
  readonly versions: Readonly<Record<SwapKind, string>>
  readonly fetch: Fetch
  readonly now: () => number
}

/**
 * SIM Swap 2.1.0 and Device Swap 1.0.0 of CAMARA. Each question has an access token of its own, which is never kept.
 * An answer that is no 200 is an error. Its `code` is a code of CAMARA, such as `IDENTIFIER_NOT_FOUND`, a code of
 * OAuth, or `http_503`.
 * @throws TypeError for options that are missing or misspelt.
 * @example
 * camaraSwaps({
 *   apiRoot: 'https://api.operator.example', tokenUrl: 'https://api.operator.example/oauth2/token',
 *   clientId: 'acme', clientKey: process.env.CAMARA_KEY,
 * })
 */
export function camaraSwaps(options: CamaraSwapsOptions): SwapProvider {
  const client = readClient(options)
  return {
    name: requireText('name', options.name ?? 'camara'),
    kinds: ['sim', 'device'],
    async swapped(question, { signal }) {
      const token = await accessToken(client, question, signal)
      return askOperator(client, { question, token, signal })
    },
  }
}

function readClient(options: CamaraSwapsOptions): CamaraClient {
  checkOptionNames('camaraSwaps', options, camaraOptionNames)
  checkFunctions(options, ['fetch', 'now'])
  const { grant = 'client-credentials', apiVersions = {}, clientSecret, clientKey } = options
  checkOneOf('grant', grant, ['client-credentials', 'jwt-bearer'])
  checkOptionNames('apiVersions', apiVersions, ['sim', 'device'])
  if ((clientSecret === undefined) === (clientKey === undefined)) throw new TypeError('camaraSwaps takes either clientSecret or clientKey.')
  if (grant === 'jwt-bearer' && clientKey === undefined) throw new TypeError('grant \'jwt-bearer\' signs what it asks with: give clientKey.')
  return {
    apiRoot: checkUrl('apiRoot', options.apiRoot),
    tokenUrl: checkUrl('tokenUrl', options.tokenUrl),
    clientId: requireText('clientId', options.clientId),
    login: clientKey === undefined
      ? { secret: requireSecret('clientSecret', clientSecret) }
      : { signingKey: readSigningKey(clientKey, options.keyId) },
    grant,
    purpose: requireText('purpose', options.purpose ?? 'dpv:FraudPreventionAndDetection'),
    versions: { sim: 'v2', device: 'v1', ...apiVersions },
    fetch: options.fetch ?? globalThis.fetch,
    now: options.now ?? Date.now,
  }
}

/** Secrets and numbers go there: a clear line must not leave this machine. */
function checkUrl(name: string, value: unknown): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  const isLocal = url?.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
  if (url && (url.protocol === 'https:' || isLocal)) return url.href.replace(/\/+$/, '')
  throw new TypeError(`${name} is an address that begins with https:// (http:// only to this machine).`)
}

/** Client Credentials (RFC 6749 §4.4), or a JWT that names the number (RFC 7523 §2.1). */
async function accessToken(client: CamaraClient, { kind, phone }: SwapQuestion, signal: AbortSignal): Promise<string> {
  const { tokenUrl, clientId, login, grant, purpose } = client
  const scope = `${purpose} ${kind}-swap:check`
  const form = new URLSearchParams()
  const headers: Record<string, string> = { accept: 'application/json' }
  if ('secret' in login) {
    // RFC 6749 §2.3.1: both are written as in a form.
    headers.authorization = `Basic ${btoa(`${encodeURIComponent(clientId)}:${encodeURIComponent(login.secret)}`)}`
  } else {
    form.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    form.set('client_assertion', assertion(client, login.signingKey, { sub: clientId }))
  }
  if (grant === 'jwt-bearer' && 'signingKey' in login) {
    form.set('grant_type', 'urn:ietf:params:oauth:grant-type:jwt-bearer')
    form.set('assertion', assertion(client, login.signingKey, { sub: `tel:${phone}`, scope }))
  } else {
    form.set('grant_type', 'client_credentials')
    form.set('scope', scope)
  }
  const answer = await request(client.fetch, tokenUrl, { method: 'POST', headers, body: form, signal })
  const { access_token: token, error } = parseObject(answer.body)
  if (answer.status === 200 && typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) return token
  throw operatorError(answer.status, error)
}

type Claims = Readonly<Record<string, string>>

const assertion = ({ clientId, tokenUrl, now }: CamaraClient, key: SigningKey, claims: Claims): string =>
  signedJwt(key, { iss: clientId, aud: tokenUrl, ...claims }, now())

interface Asking {
  readonly question: SwapQuestion
  readonly token: string
  readonly signal: AbortSignal
}

async function askOperator(client: CamaraClient, { question, token, signal }: Asking): Promise<boolean> {
  const { apiRoot, versions, grant, fetch } = client
  const { kind, phone, maxAge } = question
  // A token that names the number goes with no number, and one that does not, with it (422 otherwise).
  const body = JSON.stringify({ ...grant === 'jwt-bearer' ? {} : { phoneNumber: phone }, maxAge })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json' }
  const url = `${apiRoot}/${kind}-swap/${versions[kind]}/check`
  const answer = await request(fetch, url, { method: 'POST', headers, body, signal })
  const { swapped, code } = parseObject(answer.body)
  if (answer.status === 200 && typeof swapped === 'boolean') return swapped
  throw operatorError(answer.status, code)
}

/** Of what the other side says, only a code is told on. */
function operatorError(status: number, code: unknown): Error {
  const isCode = typeof code === 'string' && /^[A-Za-z][\w.]{0,59}$/.test(code)
  return Object.assign(new Error(`The operator answered with HTTP ${status}.`), { code: isCode ? code : `http_${status}` })
}
