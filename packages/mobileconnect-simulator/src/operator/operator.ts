import { Router } from 'express'
import { BoundedMap } from '../bounded-map.js'
import { credentialsAt, type Configuration, type Credentials, type Operator } from '../configuration.js'
import { signedMilliseconds } from '../duration.js'
import type { Handsets } from '../handsets/handsets.js'
import type { Approval } from './approvals.js'
import { rawBasic } from './client-authentication.js'
import type { OperatorContext } from './context.js'
import { Faults, type Fault } from './faults.js'
import { interactionRoutes } from './interaction.js'
import { newSigningKey, signingKeyOf } from './keys.js'
import { oidcProvider } from './libraries.js'
import { misbehaviours, type Misbehaviour } from './misbehaviour.js'
import { openIdProvider } from './provider.js'
import { SubscriberIds } from './subscriber-ids.js'

export type Endpoint = 'metadata' | 'keys' | 'authorize' | 'par' | 'token' | 'userinfo' | 'backchannel' | 'revoke'

const endpoints: Readonly<Record<string, Endpoint>> = {
  '/.well-known/openid-configuration': 'metadata', '/.well-known/oauth-authorization-server': 'metadata',
  '/jwks': 'keys', '/authorize': 'authorize', '/par': 'par', '/token': 'token', '/userinfo': 'userinfo', '/premiuminfo': 'userinfo',
  '/backchannel': 'backchannel', '/revoke': 'revoke',
}

/** One operator, as a test sees it. */
export interface SimulatedOperator extends Credentials {
  readonly id: string
  readonly name: string
  readonly mcc: string
  readonly mnc: string
  readonly issuer: string
  /** One for each client, in their order; the first is also `clientId`, `clientSecret`. */
  readonly clients: readonly Credentials[]
  /** Makes an endpoint fail, or answer late, until `restore()` or for so many `times`. */
  fail(endpoint: Endpoint, fault?: Fault): void
  /** Gives what it issues this defect, until `restore()` or for so many `times`. */
  misbehave(kind: Misbehaviour, options?: { readonly times?: number }): void
  /** How many requests came to this endpoint. */
  requests(endpoint: Endpoint): number
  /** Signs with a new key from now on. `keepOld`: the old one stays in the key set. Default: `false`. */
  rotateKeys(options?: { readonly keepOld?: boolean }): Promise<void>
  /** Its clock goes wrong by so much: `'1m'` ahead, `'-1m'` behind. */
  skew(by: string): void
  /** Everything works again; keys stay as they are. */
  restore(): void
}

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
  const faults = new Faults<Endpoint>([...new Set(Object.values(endpoints))], surroundings.closed)
  const router = Router()
  router.use(faults.middleware((path) => endpoints[path]))
  router.use(rawBasic(context.clients))
  router.use('/interaction', interactionRoutes(context, provider))
  router.use(provider.callback())
  return { control: controlOf(context, faults), router, context }
}

async function contextOf(operator: Operator, { configuration, handsets, base }: Surroundings): Promise<OperatorContext> {
  const { clock, subscribers, clients, patience, interval } = configuration
  const [library, signingKey] = await Promise.all([oidcProvider(), operator.key ? signingKeyOf(operator.key) : newSigningKey()])
  return {
    operator, clock, subscribers, handsets, patience, interval, library,
    issuer: `${base}/${operator.id}`,
    clients: clients.map((client) => ({ ...client, ...credentialsAt(`operator-${operator.id}`, client) })),
    approvals: new BoundedMap<Approval>(),
    subscriberIds: new SubscriberIds(),
    state: { signingKey, publishedKeys: [signingKey], defect: undefined, skew: 0 },
  }
}

function controlOf({ operator, issuer, clients, state }: OperatorContext, faults: Faults<Endpoint>): SimulatedOperator {
  const credentials = clients.map(({ clientId, clientSecret }) => ({ clientId, clientSecret }))
  return {
    id: operator.id, name: operator.name, mcc: operator.mcc, mnc: operator.mnc, issuer,
    ...credentials[0] ?? { clientId: '', clientSecret: '' },
    clients: credentials,
    fail: (endpoint, fault) => faults.fail(endpoint, fault),
    misbehave: (kind, { times = Infinity } = {}) => {
      if (!misbehaviours.includes(kind)) throw new TypeError(`There is no misbehaviour ${kind}. There are ${misbehaviours.join(', ')}.`)
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
