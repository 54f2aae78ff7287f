import type { Fault } from '../operator/fault.js'
import type { ProblemCode } from './apis/problems.js'
import type { CamaraEndpoint } from './tokens/endpoints.js'

export type { CamaraEndpoint }

/** As {@link Fault}; an operation of an API may fail by a published code: `{ code: 'TOO_MANY_REQUESTS' }`. */
export type CamaraFault = Fault & { readonly code?: ProblemCode | undefined }

/** CAMARA's authorization server and APIs, as a test sees them. */
export interface SimulatedCamara {
  readonly issuer: string
  /** Where the APIs are: `${apiRoot}/number-verification/v2/verify`. */
  readonly apiRoot: string
  readonly clientId: string
  /** One for each client, in their order; the first is also `clientId`. They prove themselves with their `jwks`. */
  readonly clients: readonly { readonly clientId: string }[]
  /** Makes an endpoint fail, or answer late, until `restore()` or for so many `times`. */
  fail(endpoint: CamaraEndpoint, fault?: CamaraFault): void
  /** How many requests came to this endpoint. */
  requests(endpoint: CamaraEndpoint): number
  /** Everything works again. */
  restore(): void
}
