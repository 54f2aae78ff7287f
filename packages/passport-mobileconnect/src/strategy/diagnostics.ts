import { channel, type Channel } from 'node:diagnostics_channel'
import { debuglog } from 'node:util'
import { MobileConnectError, type MobileConnectCode } from '../errors.js'
import type { Ending } from './ending.js'

/** What one request came to, for operators of the app: no number, no user's id, no token, and nothing that the browser sent. */
export interface Diagnosis {
  readonly mode: 'redirect' | 'backchannel'
  /** It is the login of a known user. */
  readonly known?: boolean
  readonly code?: MobileConnectCode
  readonly status?: number
  /** Of a failure of ours, or in the operator's own words: bounded, in one line and without whole numbers. */
  readonly reason?: string
}

export type DiagnosisName = 'begun' | 'pending' | 'verified' | 'refused' | 'failed'

const diagnosisNames: readonly DiagnosisName[] = ['begun', 'pending', 'verified', 'refused', 'failed']
const channels = new Map<DiagnosisName, Channel>(diagnosisNames.map((name) => [name, channel(`passport-mobileconnect:${name}`)]))
const debug = debuglog('passport-mobileconnect')

/** Publishes `passport-mobileconnect:<name>`, and prints it under `NODE_DEBUG=passport-mobileconnect`. Nothing is made when nobody listens. */
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

/** What an error says, as far as this package made it: what an app's callback threw may hold anything. */
export function errorDiagnosis(error: unknown): Pick<Diagnosis, 'code' | 'status' | 'reason'> {
  if (!(error instanceof MobileConnectError)) return { reason: error instanceof Error ? error.name : typeof error }
  const { code, status, message, cause } = error
  return { code, status, reason: cause instanceof Error ? `${message} ${cause.message}` : message }
}
