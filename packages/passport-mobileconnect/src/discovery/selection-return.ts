import type { DiscoveryReturn } from '../operators/discovery.js'
import { sanitized } from '../operators/upstream-error.js'
import { readSubscriberId } from './answer.js'
import { readNetwork } from './network.js'

/**
 * What the operator-selection page sent back through the person's browser. Nothing of it is believed: the network is asked for again by the
 * server, and an encrypted number becomes a login hint, which proves nothing.
 */
export function readReturn(query: URLSearchParams): DiscoveryReturn | undefined {
  if (query.has('code') || query.has('state')) return undefined
  if (query.has('mcc_mnc')) return readSelection(query)
  if (single(query, 'error') === 'access_denied') return { status: 'refused' }
  if (query.has('error') || query.has('err_msg')) return { status: 'failed', cause: new Error(`The operator-selection page answered: ${wordsOf(query)}`) }
  return undefined
}

function readSelection(query: URLSearchParams): DiscoveryReturn {
  const network = readNetwork(single(query, 'mcc_mnc') ?? '')
  if (!network) return { status: 'malformed' }
  return {
    status: 'selected',
    ...network,
    subscriberId: readSubscriberId(single(query, 'subscriber_id')),
    loginHintToken: readToken(single(query, 'subscriber_id_token')),
    correlationId: readWord(single(query, 'correlation_id')),
  }
}

const readWord = (value: string | undefined): string | undefined => (value !== undefined && /^[\w-]{1,128}$/.test(value) ? value : undefined)

/** A JSON Web Token, signed or encrypted as well (RFC 7515, RFC 7516). */
const readToken = (value: string | undefined): string | undefined => (value !== undefined && value.length <= 8192 && /^[\w-]+(\.[\w-]*){2,4}$/.test(value) ? value : undefined)

/** Of a parameter that is there twice, neither is taken. */
function single(query: URLSearchParams, name: string): string | undefined {
  const [value, ...more] = query.getAll(name)
  return more.length === 0 ? value : undefined
}

const wordsOf = (query: URLSearchParams): string => sanitized(['error', 'err_msg', 'description', 'error_description'].map((name) => single(query, name)).filter(Boolean).join(': '))
