import type { DiscoveryReturn } from '../operators/discovery.js'
import { sanitized } from '#internal/upstream-error'
import { readNetwork } from './network.js'

/**
 * Reads what the operator-selection page sent back through the user's browser, where anybody could have changed it.
 * The network is only a hint: the server asks the discovery service again. An encrypted number is not read at all.
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
  if (query.has('error') || query.has('err_msg')) {
    return { status: 'failed', cause: new Error(`The operator-selection page answered: ${wordsOf(query)}`) }
  }
  return undefined
}

const readWord = (value: string | undefined): string | undefined =>
  value !== undefined && /^[\w-]{1,128}$/.test(value) ? value : undefined

/** A parameter that is given twice counts as missing. */
function singleValue(query: URLSearchParams, name: string): string | undefined {
  const [value, ...more] = query.getAll(name)
  return more.length === 0 ? value : undefined
}

function wordsOf(query: URLSearchParams): string {
  const names = ['error', 'err_msg', 'description', 'error_description']
  return sanitized(names.map((name) => singleValue(query, name)).filter(Boolean).join(': '))
}
