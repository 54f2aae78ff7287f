import type { BoundedMap } from '../../bounded-map.js'
import type { Clock } from '../../clock.js'
import type { Camara, Client, Subscriber } from '../../configuration.js'
import type { Handsets } from '../../handsets/handsets.js'
import type { Faults } from '../../operator/faults.js'
import type { SigningKey } from '../../operator/keys.js'
import type { AccessTokens } from './access-tokens.js'
import type { CamaraEndpoint } from './endpoints.js'

export type CamaraClient = Client & { readonly clientId: string }

/** What the authorization server and the APIs share. */
export interface CamaraContext {
  readonly issuer: string
  readonly apiRoot: string
  readonly clock: Clock
  readonly settings: Camara
  readonly clients: readonly CamaraClient[]
  /** Of all operators: one may be added while it runs. */
  readonly subscribers: readonly Subscriber[]
  readonly handsets: Handsets
  /** How long a handset may ring, and the least time between two polls: milliseconds. */
  readonly patience: number
  readonly interval: number
  readonly faults: Faults<CamaraEndpoint>
  readonly accessTokens: AccessTokens
  /** Ids of signed tokens that were taken, each once. */
  readonly seen: BoundedMap<true>
  /** Signs ID tokens. It is made when it is needed: most simulators never need it. */
  signingKey(): Promise<SigningKey>
}

export const subscriberOf = ({ subscribers }: CamaraContext, digits: string | undefined): Subscriber | undefined =>
  subscribers.find((subscriber) => subscriber.digits === digits)
