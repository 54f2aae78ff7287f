import type { Request } from 'express'

/** What a request wants. */
export type Arrival =
  | { readonly type: 'begin' }
  /** The browser came back from the provider, or goes on from the page that could ask its wallet. */
  | { readonly type: 'callback', readonly states: readonly string[], readonly parameters: URLSearchParams }
  /** A page of this app brings what the wallet presented, or the app's software on the phone brings a proof. */
  | { readonly type: 'presented', readonly states: readonly string[], readonly presented: Presented }

/** `text` is `undefined` where what was posted cannot be read. */
interface Presented {
  readonly to: 'wallet' | 'app'
  readonly text: string | undefined
}

/**
 * A GET with `state` is a callback, because browsers are redirected. A form ends a login by the answer of a wallet or
 * the proof of an app alone: other forms begin one, whatever stands in them.
 */
export function arrivalOf(req: Request): Arrival {
  if (req.method === 'GET') {
    const parameters = new URLSearchParams(req.originalUrl.split('?').slice(1).join('?'))
    const states = parameters.getAll('state')
    return states.length > 0 ? { type: 'callback', states, parameters } : { type: 'begin' }
  }
  const { state, vp_token: token, app_proof: proof } = fieldsOf(req.body)
  if (token === undefined && proof === undefined) return { type: 'begin' }
  return {
    type: 'presented',
    states: typeof state === 'string' ? [state] : [],
    presented: token === undefined
      ? { to: 'app', text: textOf(proof, /^[\x21-\x7e]+$/) }
      : { to: 'wallet', text: textOf(token, sdJwt) },
  }
}

const fieldNames = ['state', 'vp_token', 'app_proof'] as const

function fieldsOf(body: unknown): { readonly [name in typeof fieldNames[number]]?: unknown } {
  if (typeof body !== 'object' || body === null) return {}
  const own = fieldNames.filter((name) => Object.hasOwn(body, name))
  return Object.fromEntries(own.map((name) => [name, (body as Readonly<Record<string, unknown>>)[name]]))
}

/** An operator token has some kilobytes: signatures, a certificate chain, and an encrypted text. */
const LONGEST_TEXT = 16 * 1024

/** The compact form of an SD-JWT has these characters alone (RFC 9901 §4). */
const sdJwt = /^[\w.~-]+$/

const textOf = (posted: unknown, form: RegExp): string | undefined =>
  (typeof posted === 'string' && posted.length <= LONGEST_TEXT && form.test(posted) ? posted : undefined)
