import type { DiscoveryQuestion } from '../operators/discovery.js'
import type { GsmaService } from './discovery-options.js'

export interface DiscoveryRequest {
  readonly url: string
  readonly init: RequestInit
}

/**
 * Makes the request of GSMA discovery v2.
 * A question with a number is a POST, so that no URL and no log of URLs has the number.
 * When the user has chosen a network, their number and their IP address are not sent.
 */
export function discoveryRequest(service: GsmaService, question: DiscoveryQuestion): DiscoveryRequest {
  const parameters = parametersOf(service, question)
  const headers = headersOf(service, question)
  if (!parameters.has('MSISDN')) return { url: withQuery(service.url, parameters), init: { method: 'GET', headers } }
  headers.set('content-type', 'application/x-www-form-urlencoded')
  return { url: service.url, init: { method: 'POST', headers, body: parameters.toString() } }
}

function parametersOf({ redirectURL }: GsmaService, question: DiscoveryQuestion): URLSearchParams {
  const values: Readonly<Record<string, string | undefined>> = {
    Redirect_URL: redirectURL,
    ...hintsOf(question),
    'Manually-Select': question.manually === true ? 'true' : undefined,
    correlation_id: question.correlationId,
  }
  return new URLSearchParams(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

function hintsOf({ selected, identified, msisdn }: DiscoveryQuestion): Readonly<Record<string, string | undefined>> {
  if (selected) return { 'Selected-MCC': selected.mcc, 'Selected-MNC': selected.mnc }
  return { MSISDN: msisdn, 'Identified-MCC': identified?.mcc, 'Identified-MNC': identified?.mnc }
}

function headersOf({ clientId, clientSecret }: GsmaService, question: DiscoveryQuestion): Headers {
  // Without the percent-encoding of RFC 6749 §2.3.1: the services compare the text that they decode from base64.
  const credentials = Buffer.from(`${clientId}:${clientSecret}`).toString('base64')
  const headers = new Headers({ authorization: `Basic ${credentials}`, accept: 'application/json' })
  const { selected, identified, msisdn, sourceIp } = question
  // An address beside a network would make an answer about one user of an answer that all share.
  const betterHint = selected ?? identified ?? msisdn
  if (sourceIp !== undefined && betterHint === undefined) headers.set('x-source-ip', sourceIp)
  return headers
}

function withQuery(url: string, parameters: URLSearchParams): string {
  const complete = new URL(url)
  for (const [name, value] of parameters) complete.searchParams.set(name, value)
  return complete.href
}
