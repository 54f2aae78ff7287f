import type { LockoutPolicy } from '../ledger-store.js'

/** Failures in a row, as memory keeps them. */
export interface Ledger {
  readonly failures: number
  readonly lockedUntil: number
  readonly expiresAt: number
  /** What `expiresAt` was before the last attempt. */
  readonly expiredBefore: number
}

/** The ledger after one more failure. */
export function failed(kept: Ledger | undefined, policy: LockoutPolicy, at: number): Ledger {
  const failures = (kept?.failures ?? 0) + 1
  const lockedUntil = failures % policy.after === 0 ? at + Math.min(policy.for * 2 ** (failures / policy.after - 1), policy.max) : 0
  const expiresAt = Math.max(at, lockedUntil) + policy.max
  return { failures, lockedUntil, expiresAt, expiredBefore: kept?.expiresAt ?? expiresAt }
}

/** The ledger without its last failure. A locked one counts nothing, so that whatever is taken back is part of what locked it. */
export const takenBack = (kept: Ledger): Ledger | undefined =>
  (kept.failures === 1 ? undefined : { ...kept, failures: kept.failures - 1, lockedUntil: 0, expiresAt: kept.expiredBefore })
