import { Router } from 'express'
import { BoundedMap } from '../bounded-map.js'
import { credentialsAt, type Configuration, type Operator, type Subscriber } from '../configuration.js'
import { signedMilliseconds } from '#internal/duration'
import type { Handsets } from '../handsets/handsets.js'
import type { Approval } from './approvals.js'
import { rawBasic } from './client-authentication.js'
import type { OperatorContext } from './context.js'
import { endpointOf, endpoints } from './endpoints.js'
import { Faults } from './faults.js'
import { interactionRoutes } from './interaction.js'
import { newSigningKey, signingKeyOf } from './keys.js'
import { oidcProvider } from './libraries.js'
import { misbehaviours } from './misbehaviour.js'
import { openIdProvider } from './provider.js'
import type { SimulatedOperator } from './simulated-operator.js'
import { SubscriberIds } from './subscriber-ids.js'

export interface RunningOperator {
  readonly control: SimulatedOperator
  readonly router: Router
  readonly context: OperatorContext
}

export interface Surroundings {
  readonly configuration: Configuration
  readonly handsets: Handsets
  readonly base: string
  readonly closed: AbortSignal
}

export async function startOperator(operator: Operator, surroundings: Surroundings): Promise<RunningOperator> {
  const context = await contextOf(operator, surroundings)
  const provider = openIdProvider(context)
  const router = Router()
  router.use(context.faults.middleware(endpointOf))
  router.use(rawBasic(context.clients))
  router.use('/interaction', interactionRoutes(context, provider))
  router.use((req, _res, next) => {
    // mc_identity_* has an endpoint of its own; what is known of a subscriber is the same.
    if (req.path === '/premiuminfo') req.url = '/userinfo'
    next()
  })
  router.use(provider.callback())
  return { control: operatorControl(context), router, context }
}

async function contextOf(
  operator: Operator,
  { configuration, handsets, base, closed }: Surroundings,
): Promise<OperatorContext> {
  const { clock, subscribers, clients, patience, interval } = configuration
  const [library, signingKey] = await Promise.all([
    oidcProvider(),
    operator.key ? signingKeyOf(operator.key) : newSigningKey(),
  ])
  return {
    operator,
    clock,
    subscribers,
    handsets,
    patience,
    interval,
    library,
    issuer: `${base}/${operator.id}`,
    clients: clients.map((client) => ({ ...client, ...credentialsAt(`operator-${operator.id}`, client) })),
    approvals: new BoundedMap<Approval>(),
    pcrs: new BoundedMap<Subscriber>(),
    subscriberIds: new SubscriberIds(),
    faults: new Faults(endpoints, closed),
    state: { signingKey, publishedKeys: [signingKey], defect: undefined, skew: 0 },
  }
}

function operatorControl({ operator, issuer, clients, state, faults }: OperatorContext): SimulatedOperator {
  const credentials = clients.map(({ clientId, clientSecret }) => ({ clientId, clientSecret }))
  return {
    id: operator.id, name: operator.name, mcc: operator.mcc, mnc: operator.mnc, issuer,
    ...credentials[0] ?? { clientId: '', clientSecret: '' },
    clients: credentials,
    fail: (endpoint, fault) => faults.fail(endpoint, fault),
    misbehave: (kind, { times = Infinity } = {}) => {
      if (!misbehaviours.includes(kind)) { throw new TypeError(`There is no misbehaviour ${kind}. There are ${misbehaviours.join(', ')}.`) }
      state.defect = { kind, left: times }
    },
    requests: (endpoint) => faults.requests(endpoint),
    rotateKeys: async ({ keepOld = false } = {}) => {
      const key = await newSigningKey()
      state.publishedKeys = keepOld ? [key, ...state.publishedKeys] : [key]
      state.signingKey = key
    },
    skew: (by) => { state.skew = signedMilliseconds('skew', by) },
    restore: () => {
      faults.restore()
      state.defect = undefined
      state.skew = 0
    },
  }
}
