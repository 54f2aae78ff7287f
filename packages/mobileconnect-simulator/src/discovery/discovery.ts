import express, { Router } from 'express'
import { credentialsAt, type Credentials } from '../configuration.js'
import { Faults } from '../operator/faults.js'
import type { RunningOperator, Surroundings } from '../operator/operator.js'
import { directoryOf } from './directory.js'
import { isSelection, selectionOf } from './selection.js'
import { discover } from './service.js'
import type { DiscoveryEndpoint, SimulatedDiscovery } from './simulated-discovery.js'

export function startDiscovery(operators: readonly RunningOperator[], { configuration, base, closed }: Surroundings) {
  const { clients, subscribers, clock } = configuration
  const url = `${base}/v2/discovery`
  const credentials = clients.map((client) => credentialsAt('discovery', client))
  const faults = new Faults<DiscoveryEndpoint>(['discovery', 'selection'], closed)
  const directory = directoryOf(operators, subscribers)
  const selection = selectionOf(directory, url)
  const service = discover({ directory, clients, credentials, clock, select: selection.begin })

  const router = Router()
  router.use(faults.middleware((path) => (isSelection(path) ? 'selection' : 'discovery')))
  router.use(selection.router)
  router.get('/', service)
  router.post('/', express.urlencoded({ extended: false }), service)
  return { control: discoveryControl(url, credentials, faults), router }
}

const discoveryControl = (
  url: string,
  credentials: readonly Credentials[],
  faults: Faults<DiscoveryEndpoint>,
): SimulatedDiscovery => ({
  url,
  clients: credentials,
  ...(credentials[0] ?? { clientId: '', clientSecret: '' }),
  fail: (first, second?) => (typeof first === 'string' ? faults.fail(first, second) : faults.fail('discovery', first)),
  requests: (endpoint = 'discovery') => faults.requests(endpoint),
  restore: () => faults.restore(),
})
