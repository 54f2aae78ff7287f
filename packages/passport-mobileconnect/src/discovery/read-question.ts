import type { DiscoveryQuestion } from '../operators/discovery.js'
import { networkName, readNetwork, type Network } from './network.js'

/**
 * Checks a question: a number is digits with its country code (ITU-T E.164), and a network is digits (ITU-T E.212).
 * `undefined` for any other hint: no operator can be known for it.
 */
export function readQuestion(question: DiscoveryQuestion): DiscoveryQuestion | undefined {
  const msisdn = question.msisdn?.replace(/^\+/, '')
  const networks = [question.selected, question.identified].filter((network) => network !== undefined)
  if ((msisdn !== undefined && !/^\d{5,15}$/.test(msisdn)) || !networks.every(isNetwork)) return undefined
  return { ...question, msisdn }
}

const isNetwork = (network: Network): boolean => readNetwork(networkName(network)) !== undefined

/** The network, when the question is about nothing else: its answer is then the same for all users. */
export function sharedNetwork({ selected, identified, msisdn, manually }: DiscoveryQuestion): string | undefined {
  const network = selected ?? (msisdn === undefined ? identified : undefined)
  return network && manually !== true ? networkName(network) : undefined
}
