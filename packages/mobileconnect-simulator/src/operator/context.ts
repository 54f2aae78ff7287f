import type Provider from 'oidc-provider'
import type * as OidcProvider from 'oidc-provider'
import type { BoundedMap } from '../bounded-map.js'
import type { Clock } from '../clock.js'
import type { Client, Credentials, Operator, Subscriber } from '../configuration.js'
import type { Handsets } from '../handsets/handsets.js'
import type { Approvals } from './approvals.js'
import type { Endpoint } from './endpoints.js'
import type { Faults } from './faults.js'
import type { SigningKey } from './keys.js'
import type { Misbehaviour } from './misbehaviour.js'
import type { SubscriberIds } from './subscriber-ids.js'

export type RegisteredClient = Client & Credentials

/** What the parts of one operator share. */
export interface OperatorContext {
  readonly operator: Operator
  readonly issuer: string
  readonly clock: Clock
  readonly clients: readonly RegisteredClient[]
  /** Of all operators: one may be added while it runs. */
  readonly subscribers: readonly Subscriber[]
  readonly handsets: Handsets
  readonly approvals: Approvals
  /** Whom a PCR means, of those that were looked up: by client and PCR. */
  readonly pcrs: BoundedMap<Subscriber>
  readonly subscriberIds: SubscriberIds
  readonly patience: number
  readonly interval: number
  readonly library: typeof OidcProvider
  readonly state: OperatorState
  readonly faults: Faults<Endpoint>
}

/** What tests change while it runs. */
export interface OperatorState {
  signingKey: SigningKey
  /** What the key set holds; the first signs. */
  publishedKeys: SigningKey[]
  defect: { readonly kind: Misbehaviour, left: number } | undefined
  /** How far this operator's clock is ahead, in milliseconds. */
  skew: number
}

export type { Provider }
