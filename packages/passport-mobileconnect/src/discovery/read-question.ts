import type { DiscoveryQuestion } from '../operators/discovery.js'
import { networkName, readNetwork, type Network } from './network.js'

/**
 * The question as it may be asked: a number is digits with its country code (ITU-T E.164), a network is digits, and what the person chose
 * wins over the other hints. `undefined` where a hint is nothing of the kind, so that no operator can be known for it.
 */
export function readQuestion(question: DiscoveryQuestion): DiscoveryQuestion | undefined {
  const msisdn = question.msisdn?.replace(/^\+/, '')
  const networks = [question.selected, question.identified].filter((network) => network !== undefined)
  if ((msisdn !== undefined && !/^\d{5,15}$/.test(msisdn)) || !networks.every(isNetwork)) return undefined
  return { ...question, msisdn }
}

const isNetwork = (network: Network): boolean => readNetwork(networkName(network)) !== undefined

/** The network that the question is about and nothing else, so that the answer is the same for everybody. */
export function sharedBy({ selected, identified, msisdn, manually }: DiscoveryQuestion): string | undefined {
  const network = selected ?? (msisdn === undefined ? identified : undefined)
  return network && manually !== true ? networkName(network) : undefined
}
