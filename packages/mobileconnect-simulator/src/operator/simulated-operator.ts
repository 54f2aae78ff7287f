import type { Credentials } from '../configuration.js'
import type { Endpoint } from './endpoints.js'
import type { Fault } from './fault.js'
import type { Misbehaviour } from './misbehaviour.js'

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
  /**
   * Signs with a new key from now on. `keepOld`: the old one stays in the key set.
   * @default false
   */
  rotateKeys(options?: { readonly keepOld?: boolean }): Promise<void>
  /** Its clock goes wrong by so much: `'1m'` ahead, `'-1m'` behind. */
  skew(by: string): void
  /** Everything works again; keys stay as they are. */
  restore(): void
}
