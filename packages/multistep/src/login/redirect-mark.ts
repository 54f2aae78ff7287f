import { inflateRawSync } from 'node:zlib'
import { withParameter } from '../http/query.js'
import { textIn, type Request } from '../http/request.js'
import type { Mark } from '../session/browser-session.js'

export interface Marked {
  readonly url: string
  readonly mark: Mark
}

/**
 * Marks a strategy's redirect with a `state` of ours, so that its answer is bound to this browser and this begin, whatever the strategy checks
 * itself (RFC 6749 §10.12; RFC 9700 §4.7). `undefined`: nothing beside the strategy's own request would count.
 */
export function marked(url: string, own: string): Marked | undefined {
  const given = new URL(url).searchParams
  const request = requestId(given.get('SAMLRequest'))
  if (request !== undefined) return { url, mark: { request } }
  // OAuth 1: the provider made it for this begin alone (RFC 5849 §2.2).
  const token = given.get('oauth_token')
  if (token) return { url, mark: { state: token } }
  const back = ['openid.return_to', 'service'].find((name) => given.has(name))
  // OpenID 2 and CAS repeat nothing, but come back to the address that they are given. It stays whole for the strategy, which compares it.
  if (back !== undefined && URL.canParse(given.get(back) ?? '')) {
    return { url: withParameter(url, back, withParameter(given.get(back) ?? '', 'state', own)), mark: { state: own } }
  }
  if (sealed(given)) return undefined
  // Each protocol has a text that is to be repeated (SAML Bindings §3.4.3, WS-Federation §13.2.1, RFC 6749 §4.1.1).
  const name = given.has('SAMLRequest') ? 'RelayState' : given.has('wa') ? 'wctx' : 'state'
  const value = given.get(name)
  return { url: withParameter(url, name, own), mark: { state: own, wrote: { name, ...(value === null ? {} : { value }) } } }
}

/** What counts is inside a signed or pushed request, or comes back signed (RFC 9101, RFC 9126, JARM): a parameter beside it is ignored. */
const sealed = (given: URLSearchParams): boolean =>
  ['request', 'request_uri', 'Signature'].some((name) => given.has(name)) || /\bjwt$/.test(given.get('response_mode') ?? '')

/** The marks of a page by which a strategy leaves: the form of SAML's POST binding. */
export function markOfPage(page: string): Mark | undefined {
  const [field] = /<input\b[^>]*\bname=["']SAMLRequest["'][^>]*>/i.exec(page) ?? []
  const request = requestId(/\bvalue=["']([^"']+)["']/i.exec(field ?? '')?.[1] ?? null)
  return request === undefined ? undefined : { request }
}

/** Short ids can be guessed. */
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

/** Names under which protocols bring an answer: what carries one is never taken for a begin. */
const answerNames = [
  'state', 'code', 'error', 'id_token', 'access_token', 'response', 'oauth_token', 'oauth_verifier', 'denied',
  'SAMLResponse', 'SAMLart', 'RelayState', 'openid.mode', 'ticket', 'wresult',
]

/** The values that a request was sent with, where another site's answer may stand. */
const valuesOf = (req: Request): readonly unknown[] => (req.method === 'POST' ? [req.body, req.query] : [req.query])

export const carriesAnswer = (req: Request): boolean =>
  valuesOf(req).some((values) => answerNames.some((name) => typeof values === 'object' && values !== null && Object.hasOwn(values, name)))

/** Whether this request brings the mark back. */
export function bringsBack(req: Request, { state, request }: Mark): boolean {
  const found = (names: readonly string[]): string[] => valuesOf(req).flatMap((values) => names.map((name) => textIn(values, name) ?? ''))
  if (state !== undefined && found(['state', 'RelayState', 'wctx', 'oauth_token', 'denied']).includes(state)) return true
  return request !== undefined && found(['SAMLResponse']).some((message) => message !== '' && samlText(message).includes(request))
}
