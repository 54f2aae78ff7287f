import { sanitized } from '#internal/upstream-error'
import { objectOf, readObject, nonEmptyText, type HttpAnswer } from './http-exchange.js'
import { readLinks, type Links } from './read-links.js'

/** What the discovery service says about one operator. Nothing of it is checked yet. */
export interface StatedOperator {
  readonly clientId: string
  readonly clientSecret: string
  readonly clientName: string | undefined
  readonly links: Links
  readonly ttl: unknown
}

export type ExchangeAnswer =
  | {
    readonly kind: 'found'
    readonly operator: StatedOperator
    readonly subscriberId: string | undefined
    readonly correlationId: string | undefined
  }
  | { readonly kind: 'select', readonly url: string }
  /** The service knows no operator for this question. */
  | { readonly kind: 'unknown' }
  /** The service does not accept this app's credentials. `said` is for the log. */
  | { readonly kind: 'refused', readonly said: string }
  /** The answer cannot be read. `said` is for the log. */
  | { readonly kind: 'unusable', readonly said: string }

type Members = Readonly<Record<string, unknown>>

/**
 * Reads an answer of GSMA discovery v2, and of v1 where v1 has the same members.
 * The body decides rather than the status: services sent errors with 200, and the operator selection with 200, 202
 * and 302.
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

/** `error` is the code of RFC 6749 §5.2. Its text is in `error_description`, in `description`, or in both. */
function readError(status: number, members: Members): ExchangeAnswer {
  const error = nonEmptyText(members.error) ?? ''
  const words = [members.description, members.error_description].map(nonEmptyText)
    .filter((part) => part !== undefined).join(' ')
  if (/^(operator_)?not_found(_entity)?$/i.test(error) || /operator\b.*\bnot found/i.test(words)) {
    return { kind: 'unknown' }
  }
  const told = [error, words, nonEmptyText(members.error_uri)].filter(Boolean).join(': ')
  const said = `HTTP ${status}. ${sanitized(told)}`.trim()
  return { kind: status === 401 || unknownApp.test(error) ? 'refused' : 'unusable', said }
}

const unknownApp = /^(unauthorized(_client)?|invalid_client|application_not_found|invalid_application)$/i

function readStatedOperator(members: Members): ExchangeAnswer {
  const response = objectOf(members.response) ?? {}
  const links = readLinks(objectOf(objectOf(response.apis)?.operatorid)?.link)
  const clientId = nonEmptyText(response.client_id)
  const clientSecret = nonEmptyText(response.client_secret)
  if (clientId === undefined || clientSecret === undefined) {
    return { kind: 'unusable', said: 'An answer without client_id and client_secret of an operator.' }
  }
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

/** An encrypted number: an opaque text without spaces. */
const readSubscriberId = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[\w+/=.-]{1,2048}$/.test(value) ? value : undefined
