import { channel, type Channel } from 'node:diagnostics_channel'
import { debuglog } from 'node:util'
import { MobileConnectError, statusOf, type MobileConnectCode } from '../errors.js'
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

export type DiagnosisName = 'begun' | 'pending' | 'verified' | 'refused' | 'failed'

const diagnosisNames: readonly DiagnosisName[] = ['begun', 'pending', 'verified', 'refused', 'failed']
const channels = new Map<DiagnosisName, Channel>(
  diagnosisNames.map((name) => [name, channel(`passport-mobileconnect:${name}`)]),
)
const debug = debuglog('passport-mobileconnect')

/**
 * Publishes a diagnosis on the channel `passport-mobileconnect:<name>`, and prints it with
 * `NODE_DEBUG=passport-mobileconnect`. Without a listener, `make` is not called.
 */
export function diagnose(name: DiagnosisName, make: () => Diagnosis): void {
  const to = channels.get(name)
  if (to?.hasSubscribers !== true && !debug.enabled) return
  const diagnosis = make()
  to?.publish(diagnosis)
  debug('%s %j', name, diagnosis)
}

export function diagnosisName(ending: Ending): DiagnosisName {
  if (ending.end === 'success') return 'verified'
  if (ending.end === 'fail') return ending.failure.pending === true ? 'pending' : 'refused'
  return 'begun'
}

export const failureDiagnosis = ({ failure, cause }: Extract<Ending, { end: 'fail' }>): Omit<Diagnosis, 'mode'> =>
  ({ code: failure.code, status: statusOf(failure.code), ...cause && { reason: cause.message } })

/** The message of an error of this package. Another error came from a callback of the app, and may hold anything. */
export function errorDiagnosis(error: unknown): Pick<Diagnosis, 'code' | 'status' | 'reason'> {
  if (!(error instanceof MobileConnectError)) return { reason: error instanceof Error ? error.name : typeof error }
  const { code, status, message, cause } = error
  return { code, status, reason: cause instanceof Error ? `${message} ${cause.message}` : message }
}
