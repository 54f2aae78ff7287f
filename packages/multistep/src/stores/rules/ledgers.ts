import type { AttemptAnswer, LockoutPolicy, Settled } from '../ledger-store.js'

/** Failures in a row. `expiredBefore`: what `expiresAt` was before the last attempt. */
export type Ledger = readonly [failures: number, lockedUntil: number, expiresAt: number, expiredBefore: number]

export type NamedLedger = readonly [name: string, ledger: Ledger]

/** Presented once: until it ends it is not taken again. */
export type Token = readonly [name: string, expiresAt: number]

export interface LedgerAttempt {
  readonly factor: string
  readonly policy: LockoutPolicy
  readonly once: { readonly token: string, readonly ttl: number } | undefined
}

/** One more attempt, which counts as a failure. A locked ledger is answered as it is. */
export function attempted(
  ledger: Ledger | undefined, isReplayed: boolean, policy: LockoutPolicy, at: number,
): { readonly ledger: Ledger, readonly answer: AttemptAnswer } {
  if (ledger && at < ledger[1]) return { ledger, answer: { status: 'locked', retryAt: ledger[1], at } }
  const next = withFailure(ledger, policy, at)
  return { ledger: next, answer: { status: isReplayed ? 'replayed' : 'allowed', locks: next[1] > 0, at } }
}

function withFailure(ledger: Ledger | undefined, policy: LockoutPolicy, now: number): Ledger {
  const failures = (ledger?.[0] ?? 0) + 1
  const doublings = failures / policy.after - 1
  const locks = failures % policy.after === 0
  const lockedUntil = locks ? Math.ceil(now + Math.min(policy.for * 2 ** doublings, policy.max)) : 0
  const expiresAt = Math.ceil(Math.max(now, lockedUntil) + policy.max)
  return [failures, lockedUntil, expiresAt, ledger?.[2] ?? expiresAt]
}

/**
 * What is left of a ledger. Without its last failure: a locked one counts nothing, so that what is taken back is part
 * of what locked it.
 */
export function settled(ledger: Ledger, outcome: Settled): Ledger | undefined {
  const { 0: failures, 3: expiredBefore } = ledger
  return outcome === 'uncounted' && failures > 1 ? [failures - 1, 0, expiredBefore, expiredBefore] : undefined
}

export function ledgerNamed(
  ledgers: readonly NamedLedger[] | undefined, name: string, now: number,
): Ledger | undefined {
  const ledger = ledgers?.find((named) => named[0] === name)?.[1]
  return ledger && now < ledger[2] ? ledger : undefined
}

export const isPresented = (tokens: readonly Token[] | undefined, name: string, now: number): boolean =>
  tokens?.some((token) => token[0] === name && now < token[1]) === true

export const withoutLedger = (ledgers: readonly NamedLedger[] | undefined, name: string): readonly NamedLedger[] =>
  (ledgers ?? []).filter((named) => named[0] !== name)

export const withoutToken = (tokens: readonly Token[] | undefined, name: string): readonly Token[] =>
  (tokens ?? []).filter((token) => token[0] !== name)
