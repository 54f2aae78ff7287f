import { Router } from 'express'
import { BoundedMap } from '../bounded-map.js'
import { credentialsAt } from '../configuration.js'
import { Faults } from '../operator/faults.js'
import { newSigningKey, type SigningKey } from '../operator/keys.js'
import type { Surroundings } from '../operator/operator.js'
import { problemOf } from './apis/problems.js'
import { apiRoutes } from './apis/routes.js'
import { authorizationRoutes } from './authorization/routes.js'
import type { CamaraFault, SimulatedCamara } from './simulated-camara.js'
import { AccessTokens } from './tokens/access-tokens.js'
import type { CamaraContext } from './tokens/context.js'
import { camaraEndpointOf, camaraEndpoints, isApiEndpoint, type CamaraEndpoint } from './tokens/endpoints.js'

export interface RunningCamara {
  readonly control: SimulatedCamara
  readonly router: Router
}

/** One authorization server, and the APIs, over the subscribers of all operators: what an aggregator offers. */
export function startCamara(surroundings: Surroundings): RunningCamara {
  const context = contextOf(surroundings)
  const router = Router()
  // An API that was told to fail echoes the correlator all the same.
  router.use('/api', apiRoutes(context, context.faults.middleware((path) => camaraEndpointOf(`/api${path}`))))
  router.use(context.faults.middleware(camaraEndpointOf), authorizationRoutes(context))
  return { control: controlOf(context), router }
}

function contextOf({ configuration, handsets, base, closed }: Surroundings): CamaraContext {
  const { clock, subscribers, clients, patience, interval, camara } = configuration
  let key: Promise<SigningKey> | undefined
  return {
    issuer: `${base}/camara`,
    apiRoot: `${base}/camara/api`,
    clock,
    settings: camara,
    clients: clients.map((client) => ({ ...client, clientId: credentialsAt('camara', client).clientId })),
    subscribers,
    handsets,
    patience,
    interval,
    faults: new Faults(camaraEndpoints, closed),
    accessTokens: new AccessTokens(clock),
    seen: new BoundedMap<true>(),
    signingKey: () => key ??= newSigningKey(),
  }
}

function controlOf({ issuer, apiRoot, clients, faults }: CamaraContext): SimulatedCamara {
  return {
    issuer, apiRoot,
    clientId: clients[0]?.clientId ?? '',
    clients: clients.map(({ clientId }) => ({ clientId })),
    fail: (endpoint, fault) => faults.fail(endpoint, publishedFault(endpoint, fault)),
    requests: (endpoint) => faults.requests(endpoint),
    restore: () => faults.restore(),
  }
}

/** An operation of an API fails in the published shape. */
function publishedFault(endpoint: CamaraEndpoint, { code, ...fault }: CamaraFault = {}) {
  if (code === undefined) return fault
  if (!isApiEndpoint(endpoint)) throw new TypeError(`${endpoint} fails by error: only an operation of an API has a code.`)
  const problem = problemOf(code)
  return { ...fault, status: problem.status, body: problem }
}
