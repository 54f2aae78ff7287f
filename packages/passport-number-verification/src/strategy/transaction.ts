import type { Mode } from '../providers/provider.js'

/** A login that has left for the provider. It ends for nothing else. */
export interface Transaction {
  /** The id of the provider. */
  readonly provider: string
  readonly mode: Mode
  /** A digest of the user's id and number. `undefined`: nobody was known. */
  readonly subject: string | undefined
  /** The number that is asked about, in E.164 with `+`. */
  readonly phone: string | undefined
  readonly correlator: string
  /** What the provider keeps. */
  readonly keep: unknown
}
