import type { DiscoveryQuestion } from '../operators/discovery.js'
import type { GsmaService } from './discovery-options.js'

export interface DiscoveryRequest {
  readonly url: string
  readonly init: RequestInit
}

/**
 * GSMA discovery v2. A question with a number is a POST, so that the number stands in no URL and in no log of URLs.
 * What the person chose wins over their number and their address, which are then not sent at all.
 */
export function discoveryRequest(service: GsmaService, question: DiscoveryQuestion): DiscoveryRequest {
  const parameters = parametersOf(service, question)
  const headers = headersOf(service, question)
  if (!parameters.has('MSISDN')) return { url: withQuery(service.url, parameters), init: { method: 'GET', headers } }
  headers.set('content-type', 'application/x-www-form-urlencoded')
  return { url: service.url, init: { method: 'POST', headers, body: parameters.toString() } }
}

function parametersOf({ redirectURL }: GsmaService, { selected, identified, msisdn, manually, correlationId }: DiscoveryQuestion): URLSearchParams {
  const values: Readonly<Record<string, string | undefined>> = {
    Redirect_URL: redirectURL,
    ...selected ? { 'Selected-MCC': selected.mcc, 'Selected-MNC': selected.mnc } : { MSISDN: msisdn, 'Identified-MCC': identified?.mcc, 'Identified-MNC': identified?.mnc },
    'Manually-Select': manually === true ? 'true' : undefined,
    correlation_id: correlationId,
  }
  return new URLSearchParams(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

function headersOf({ clientId, clientSecret }: GsmaService, { selected, identified, msisdn, sourceIp }: DiscoveryQuestion): Headers {
  // As it stands: the exchanges compare what they decode from base64, and know no percent-encoding of RFC 6749 §2.3.1.
  const headers = new Headers({ authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`, accept: 'application/json' })
  // Only where nothing else is known: the answer about a network is for everybody in it, and a number says more than an address.
  if (sourceIp !== undefined && !selected && !identified && msisdn === undefined) headers.set('x-source-ip', sourceIp)
  return headers
}

function withQuery(url: string, parameters: URLSearchParams): string {
  const complete = new URL(url)
  for (const [name, value] of parameters) complete.searchParams.set(name, value)
  return complete.href
}
