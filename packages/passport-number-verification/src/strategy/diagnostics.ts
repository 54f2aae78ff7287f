import { diagnoseAs } from '#internal/diagnostics'
import { statusOf, type NumberVerificationCode } from '../errors.js'
import type { UnavailableReason } from '../providers/provider.js'
import type { Ending } from './ending.js'

/**
 * The outcome of one request, for the app's log: no number, no id of a user, no token, nothing that the browser sent.
 */
export interface Diagnosis {
  /** There is a `req.user`. */
  readonly known?: boolean
  readonly code?: NumberVerificationCode
  readonly status?: number
  /** With the code `unavailable`: why nothing was learned. */
  readonly unavailable?: UnavailableReason
  /** What failed, perhaps in the provider's own words: one bounded line without whole numbers. */
  readonly reason?: string
  /** The `x-correlator` of this login, by which the operator finds its calls. */
  readonly correlator?: string
}

/** Which part of a login a diagnosis is about: a channel of `node:diagnostics_channel`. */
export type DiagnosisName = 'begun' | 'verified' | 'unavailable' | 'refused' | 'failed'

const names: readonly DiagnosisName[] = ['begun', 'verified', 'unavailable', 'refused', 'failed']

/**
 * Publishes a diagnosis on the channel `passport-number-verification:<name>`, and prints it with
 * `NODE_DEBUG=passport-number-verification`. Without a listener, `make` is not called.
 */
export const diagnose = diagnoseAs<DiagnosisName, Diagnosis>('passport-number-verification', names)

export function diagnosisName(ending: Ending): DiagnosisName {
  if (ending.end === 'success') return 'verified'
  if (ending.end === 'redirect') return 'begun'
  return ending.failure.code === 'unavailable' ? 'unavailable' : 'refused'
}

export function endingDiagnosis(ending: Ending): Diagnosis {
  const { correlator } = ending
  const told = correlator === undefined ? {} : { correlator }
  if (ending.end !== 'fail') return told
  const { failure: { code, reason }, cause } = ending
  return {
    ...told,
    code,
    status: statusOf(code),
    ...reason !== undefined && { unavailable: reason },
    ...cause && { reason: cause.message },
  }
}
