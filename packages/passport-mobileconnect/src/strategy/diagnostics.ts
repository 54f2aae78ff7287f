import { diagnoseAs } from '#internal/diagnostics'
import { statusOf, type MobileConnectCode } from '../errors.js'
import type { Ending } from './ending.js'

/**
 * The outcome of one request, for the app's log: no number, no id of a user, no token, nothing that the browser sent.
 */
export interface Diagnosis {
  readonly mode: 'redirect' | 'backchannel'
  /** There is a `req.user`. */
  readonly known?: boolean
  readonly code?: MobileConnectCode
  readonly status?: number
  /** What failed, perhaps in the operator's own words: one bounded line without whole numbers. */
  readonly reason?: string
}

/** Which part of a login a diagnosis is about: a channel of `node:diagnostics_channel`. */
export type DiagnosisName = 'begun' | 'pending' | 'verified' | 'refused' | 'failed'

const diagnosisNames: readonly DiagnosisName[] = ['begun', 'pending', 'verified', 'refused', 'failed']

/**
 * Publishes a diagnosis on the channel `passport-mobileconnect:<name>`, and prints it with
 * `NODE_DEBUG=passport-mobileconnect`. Without a listener, `make` is not called.
 */
export const diagnose = diagnoseAs<DiagnosisName, Diagnosis>('passport-mobileconnect', diagnosisNames)

export function diagnosisName(ending: Ending): DiagnosisName {
  if (ending.end === 'success') return 'verified'
  if (ending.end === 'fail') return ending.failure.pending === true ? 'pending' : 'refused'
  return 'begun'
}

export const failureDiagnosis = ({ failure, cause }: Extract<Ending, { end: 'fail' }>): Omit<Diagnosis, 'mode'> =>
  ({ code: failure.code, status: statusOf(failure.code), ...cause && { reason: cause.message } })
