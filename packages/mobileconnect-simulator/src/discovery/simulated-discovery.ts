import type { Credentials } from '../configuration.js'
import type { Fault } from '../operator/fault.js'

/** A place of the discovery service that can be told to fail. */
export type DiscoveryEndpoint = 'discovery' | 'selection'

/** The discovery service (GSMA Discovery v2), as a test sees it. */
export interface SimulatedDiscovery extends Credentials {
  readonly url: string
  /** One for each client, in their order; the first is also `clientId`, `clientSecret`. */
  readonly clients: readonly Credentials[]
  /**
   * `fail(fault)`, or `fail('selection', fault)` for its page: it fails, or answers late, until `restore()` or for so
   * many `times`.
   */
  fail(fault?: Fault | DiscoveryEndpoint, more?: Fault): void
  /**
   * How many requests came.
   * @default to the service itself, not to the operator-selection page
   */
  requests(endpoint?: DiscoveryEndpoint): number
  restore(): void
}
