import type { DiscoveryReturn } from '../operators/discovery.js'
import { sanitized } from '../operators/upstream-error.js'
import { readNetwork } from './network.js'

/**
 * What the operator-selection page sent back through the person's browser. Nothing of it is believed: the network is asked for again by the
 * server, and an encrypted number is not even read, for anybody could put another one there.
 */
export function readReturn(query: URLSearchParams): DiscoveryReturn | undefined {
  const answer = readStatus(query)
  return answer && { ...answer, correlationId: readWord(singleValue(query, 'correlation_id')) }
}

function readStatus(query: URLSearchParams): DiscoveryReturn | undefined {
  if (query.has('code') || query.has('state')) return undefined
  if (query.has('mcc_mnc')) {
    const network = readNetwork(singleValue(query, 'mcc_mnc') ?? '')
    return network ? { status: 'selected', ...network } : { status: 'malformed' }
  }
  if (singleValue(query, 'error') === 'access_denied') return { status: 'refused' }
  if (query.has('error') || query.has('err_msg')) return { status: 'failed', cause: new Error(`The operator-selection page answered: ${wordsOf(query)}`) }
  return undefined
}

const readWord = (value: string | undefined): string | undefined => (value !== undefined && /^[\w-]{1,128}$/.test(value) ? value : undefined)

/** Of a parameter that is there twice, neither is taken. */
function singleValue(query: URLSearchParams, name: string): string | undefined {
  const [value, ...more] = query.getAll(name)
  return more.length === 0 ? value : undefined
}

const wordsOf = (query: URLSearchParams): string => sanitized(['error', 'err_msg', 'description', 'error_description'].map((name) => singleValue(query, name)).filter(Boolean).join(': '))
