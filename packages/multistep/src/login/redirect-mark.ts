import { inflateRawSync } from 'node:zlib'
import { withParameter } from '../http/query.js'
import { textIn, type Request } from '../http/request.js'
import type { Mark } from '../session/browser-session.js'

export interface Marked {
  readonly url: string
  readonly mark: Mark
}

/**
 * Marks a strategy's redirect with a `state` of ours. It binds the answer to this browser and this begin, even if the
 * strategy checks nothing itself (RFC 6749 §10.12; RFC 9700 §4.7). `undefined`: the other site ignores whatever stands
 * beside the strategy's own request.
 */
export function marked(url: string, own: string): Marked | undefined {
  const given = new URL(url).searchParams
  const request = requestId(given.get('SAMLRequest'))
  if (request !== undefined) return { url, mark: { request } }
  // OAuth 1: the provider made the token for this begin alone (RFC 5849 §2.2).
  const token = given.get('oauth_token')
  if (token) return { url, mark: { state: token } }
  const back = ['openid.return_to', 'service'].find((name) => given.has(name))
  // OpenID 2 and CAS repeat nothing, but come back to the address that they are given. The address stays whole for the
  // strategy, which compares it.
  if (back !== undefined && URL.canParse(given.get(back) ?? '')) {
    return { url: withParameter(url, back, withParameter(given.get(back) ?? '', 'state', own)), mark: { state: own } }
  }
  if (sealed(given)) return undefined
  const name = repeatedName(given)
  const value = given.get(name)
  const wrote = { name, ...(value === null ? {} : { value }) }
  return { url: withParameter(url, name, own), mark: { state: own, wrote } }
}

/** The parameter that the other site repeats (SAML Bindings §3.4.3, WS-Federation §13.2.1, RFC 6749 §4.1.1). */
function repeatedName(given: URLSearchParams): string {
  if (given.has('SAMLRequest')) return 'RelayState'
  return given.has('wa') ? 'wctx' : 'state'
}

/**
 * Whether the request is signed or pushed, or its answer comes back signed (RFC 9101, RFC 9126, JARM). The other site
 * then ignores a parameter beside it.
 */
const sealed = (given: URLSearchParams): boolean =>
  ['request', 'request_uri', 'Signature'].some((name) => given.has(name))
  || /\bjwt$/.test(given.get('response_mode') ?? '')

/** The mark of a page by which a strategy leaves. It is the form of SAML's POST binding. */
export function markOfPage(page: string): Mark | undefined {
  const [field] = /<input\b[^>]*\bname=["']SAMLRequest["'][^>]*>/i.exec(page) ?? []
  const request = requestId(/\bvalue=["']([^"']+)["']/i.exec(field ?? '')?.[1] ?? null)
  return request === undefined ? undefined : { request }
}

/** The id of a SAML request. A short id is none, as it can be guessed. */
const requestId = (message: string | null): string | undefined =>
  (message === null ? undefined : /\sID\s*=\s*["']([^"']{16,256})["']/.exec(samlText(message))?.[1])

/** XML, or XML deflated (SAML Bindings §3.4.4.1), in base64. */
function samlText(message: string): string {
  const bytes = Buffer.from(message, 'base64')
  if (bytes.toString('utf8', 0, 256).trimStart().startsWith('<')) return bytes.toString()
  try {
    return inflateRawSync(bytes, { maxOutputLength: 1024 * 1024 }).toString()
  } catch {
    return ''
  }
}

/** Protocols bring an answer under these names. A request that carries one is never taken for a begin. */
const answerNames = [
  'state', 'code', 'error', 'id_token', 'access_token', 'response', 'oauth_token', 'oauth_verifier', 'denied',
  'SAMLResponse', 'SAMLart', 'RelayState', 'openid.mode', 'ticket', 'wresult',
]

/** The values that a request was sent with. Another site's answer may stand there. */
const valuesOf = (req: Request): readonly unknown[] => (req.method === 'POST' ? [req.body, req.query] : [req.query])

export const carriesAnswer = (req: Request): boolean =>
  valuesOf(req).some((values) =>
    typeof values === 'object' && values !== null && answerNames.some((name) => Object.hasOwn(values, name)))

/** Protocols repeat our `state` under one of these names. */
const stateNames = ['state', 'RelayState', 'wctx', 'oauth_token', 'denied']

/** Whether this request brings the mark back. */
export function bringsBack(req: Request, { state, request }: Mark): boolean {
  const found = (names: readonly string[]): string[] =>
    valuesOf(req).flatMap((values) => names.map((name) => textIn(values, name) ?? ''))
  if (state !== undefined && found(stateNames).includes(state)) return true
  if (request === undefined) return false
  return found(['SAMLResponse']).some((message) => message !== '' && samlText(message).includes(request))
}
