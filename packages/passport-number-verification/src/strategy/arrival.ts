import type { Request } from 'express'

/** What a request wants. */
export type Arrival =
  | { readonly type: 'begin' }
  /** The browser came back from the provider, or goes on from the page that could ask its wallet. */
  | { readonly type: 'callback', readonly states: readonly string[], readonly parameters: URLSearchParams }
  /** A page of this app brings what the wallet presented. */
  | { readonly type: 'presented', readonly states: readonly string[], readonly token: string | undefined }

/**
 * A GET with `state` is a callback, because browsers are redirected. A form ends a login by the answer of a wallet
 * alone: other forms begin one, whatever stands in them.
 */
export function arrivalOf(req: Request): Arrival {
  if (req.method === 'GET') {
    const parameters = new URLSearchParams(req.originalUrl.split('?').slice(1).join('?'))
    const states = parameters.getAll('state')
    return states.length > 0 ? { type: 'callback', states, parameters } : { type: 'begin' }
  }
  const { state, vp_token: token } = fieldsOf(req.body)
  if (token === undefined) return { type: 'begin' }
  return { type: 'presented', states: typeof state === 'string' ? [state] : [], token: readable(token) }
}

const fieldsOf = (body: unknown): { readonly state?: unknown, readonly vp_token?: unknown } => {
  const own = (name: string): unknown => (Object.hasOwn(body as object, name) ? (body as never)[name] : undefined)
  return typeof body === 'object' && body !== null ? { state: own('state'), vp_token: own('vp_token') } : {}
}

/** An operator token has some kilobytes: signatures, a certificate chain, and an encrypted text. */
const LONGEST_TOKEN = 16 * 1024

/** The compact form of an SD-JWT has these characters alone (RFC 9901 §4). */
const readable = (token: unknown): string | undefined =>
  (typeof token === 'string' && token.length <= LONGEST_TOKEN && /^[\w.~-]+$/.test(token) ? token : undefined)
