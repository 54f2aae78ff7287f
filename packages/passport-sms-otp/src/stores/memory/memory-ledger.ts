import type { Limit, LockoutPolicy, SendRequest } from '../challenge-store.js'

/** What the memory store knows of one subject, over all its challenges. */
export interface Ledger {
  failures: number
  lockedUntil: number
  disabled: boolean
  textsSinceSuccess: number
  /** Instants of the texts that may still decide something, oldest first. */
  texts: number[]
  /** The same of those that were tried in vain. */
  unsent: number[]
  /** Milliseconds for which texts are remembered. */
  keptFor: number
}

export const emptyLedger = (): Ledger => ({ failures: 0, lockedUntil: 0, disabled: false, textsSinceSuccess: 0, texts: [], unsent: [], keptFor: 0 })

/** Failures never age out (NIST SP 800-63B-4 §3.2.2); everything else does. */
export const isForgotten = (ledger: Ledger, at: number): boolean =>
  ledger.failures === 0 && at >= Math.max(ledger.texts.at(-1) ?? 0, ledger.unsent.at(-1) ?? 0) + ledger.keptFor

export function refusedToPerson({ disabled, lockedUntil }: Ledger, at: number) {
  if (disabled) return { status: 'disabled', at } as const
  if (at < lockedUntil) return { status: 'locked', retryAt: lockedUntil, at } as const
  return undefined
}

export function refusedText(ledger: Ledger, { delays, limits, unsentLimits = [] }: SendRequest, at: number) {
  // Where no text is remembered any more, none delays the next.
  const delayedUntil = (ledger.texts.at(-1) ?? -Infinity) + delayOf(ledger, delays)
  if (at < delayedUntil) return { status: 'throttled', scope: 'delay', retryAt: delayedUntil, at } as const
  const opens = [...limits.map((limit) => opensAt(ledger.texts, limit, at)), ...unsentLimits.map((limit) => opensAt(ledger.unsent, limit, at))]
  const spentUntil = Math.max(at, ...opens)
  if (at < spentUntil) return { status: 'throttled', scope: 'subject', retryAt: spentUntil, at } as const
  return undefined
}

/** Milliseconds to wait after the last text. */
export const delayOf = ({ textsSinceSuccess }: Ledger, delays: readonly number[]): number =>
  textsSinceSuccess === 0 ? 0 : delays[Math.min(textsSinceSuccess, delays.length) - 1] ?? 0

/** A window is spent as long as the text that came `limit` texts ago is still inside. */
function opensAt(texts: readonly number[], { limit, window }: Limit, at: number): number {
  const oldest = limit === 0 ? at : texts.at(-limit)
  return oldest === undefined ? at : oldest + window
}

export function addText(ledger: Ledger, at: number, keptFor: number): void {
  ledger.keptFor = Math.max(ledger.keptFor, keptFor)
  ledger.texts = ledger.texts.filter((text) => at < text + ledger.keptFor)
  ledger.texts.push(at)
  ledger.textsSinceSuccess += 1
}

/** With `unsent` it is remembered as one that was tried in vain. */
export function forgetText(ledger: Ledger, at: number, unsent: boolean): void {
  const index = ledger.texts.lastIndexOf(at)
  if (index === -1) return
  ledger.texts.splice(index, 1)
  if (unsent) ledger.unsent = [...ledger.unsent.filter((tried) => at < tried + ledger.keptFor), at].sort((a, b) => a - b)
  ledger.textsSinceSuccess = Math.max(0, ledger.textsSinceSuccess - 1)
}

/** Counts one failure, and says what it brought about. */
export function addFailure(ledger: Ledger, policy: LockoutPolicy, at: number): { lockedUntil?: number, disabled?: boolean } {
  const { after, for: first, max, disableAfter, disableFor } = policy
  ledger.failures += 1
  if (ledger.failures >= disableAfter && disableFor !== undefined) {
    ledger.lockedUntil = at + disableFor
    return { lockedUntil: ledger.lockedUntil }
  }
  if (ledger.failures >= disableAfter) {
    ledger.disabled = true
    return { disabled: true }
  }
  if (ledger.failures % after !== 0) return {}
  ledger.lockedUntil = at + Math.min(max, first * 2 ** (ledger.failures / after - 1))
  return { lockedUntil: ledger.lockedUntil }
}

export function clearFailures(ledger: Ledger): void {
  ledger.failures = 0
  ledger.lockedUntil = 0
  ledger.disabled = false
}
