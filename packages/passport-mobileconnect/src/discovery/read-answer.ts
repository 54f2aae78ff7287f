import { sanitized } from '../operators/upstream-error.js'
import { objectOf, readObject, nonEmptyText, type HttpAnswer } from './http-exchange.js'
import { readLinks, type Links } from './read-links.js'

/** What the exchange says about one operator. Whether any of it is believed is decided elsewhere. */
export interface StatedOperator {
  readonly clientId: string
  readonly clientSecret: string
  readonly clientName: string | undefined
  readonly links: Links
  readonly ttl: unknown
}

export type ExchangeAnswer =
  | { readonly kind: 'found', readonly operator: StatedOperator, readonly subscriberId: string | undefined, readonly correlationId: string | undefined }
  | { readonly kind: 'select', readonly url: string }
  /** No operator is known for this question. */
  | { readonly kind: 'unknown' }
  /** It does not know this app. */
  | { readonly kind: 'refused', readonly said: string }
  | { readonly kind: 'unusable', readonly said: string }

type Members = Readonly<Record<string, unknown>>

/**
 * Reads an answer of GSMA discovery v2, and of v1 where the two differ in nothing that matters here: by what it says rather than by its
 * status, since exchanges sent errors with 200, and the operator selection with 200, 202 and 302.
 */
export function readAnswer({ status, location, body }: HttpAnswer): ExchangeAnswer {
  if (location !== undefined && (status === 302 || status === 303)) return { kind: 'select', url: location }
  const members = readObject(body)
  if (!members) return { kind: 'unusable', said: `HTTP ${status}, and no JSON object.` }
  if (nonEmptyText(members.error) !== undefined || status >= 400) return readError(status, members)
  if (status >= 300) return { kind: 'unusable', said: `HTTP ${status}.` }
  const selection = readLinks(members.links).operatorselection
  return selection === undefined ? readStatedOperator(members) : { kind: 'select', url: selection }
}

/** `error` of RFC 6749 §5.2, its words in `error_description` or in `description`, or in both. */
function readError(status: number, members: Members): ExchangeAnswer {
  const error = nonEmptyText(members.error) ?? ''
  const words = [nonEmptyText(members.description), nonEmptyText(members.error_description)].filter((part) => part !== undefined).join(' ')
  if (/^(operator_)?not_found(_entity)?$/i.test(error) || /operator\b.*\bnot found/i.test(words)) return { kind: 'unknown' }
  const said = `HTTP ${status}. ${sanitized([error, words, nonEmptyText(members.error_uri)].filter(Boolean).join(': '))}`.trim()
  return { kind: status === 401 || unknownApp.test(error) ? 'refused' : 'unusable', said }
}

const unknownApp = /^(unauthorized(_client)?|invalid_client|application_not_found|invalid_application)$/i

function readStatedOperator(members: Members): ExchangeAnswer {
  const response = objectOf(members.response) ?? {}
  const links = readLinks(objectOf(objectOf(response.apis)?.operatorid)?.link)
  const clientId = nonEmptyText(response.client_id)
  const clientSecret = nonEmptyText(response.client_secret)
  if (clientId === undefined || clientSecret === undefined) return { kind: 'unusable', said: 'An answer without client_id and client_secret of an operator.' }
  if (Object.keys(links).length === 0) return { kind: 'unusable', said: 'An operator without links.' }
  return {
    kind: 'found',
    operator: {
      clientId,
      clientSecret,
      clientName: nonEmptyText(members.client_name) ?? nonEmptyText(response.client_name) ?? links.applicationshortname,
      links,
      ttl: members.ttl,
    },
    subscriberId: readSubscriberId(members.subscriber_id) ?? readSubscriberId(response.subscriber_id),
    correlationId: nonEmptyText(members.correlation_id),
  }
}

/** An encrypted number: opaque, and one word. */
const readSubscriberId = (value: unknown): string | undefined => (typeof value === 'string' && /^[\w+/=.-]{1,2048}$/.test(value) ? value : undefined)
