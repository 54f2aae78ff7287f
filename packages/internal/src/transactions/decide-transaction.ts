import type { Decided, Expiring } from '../documents/documents.js'
import type { ClaimAnswer } from './transaction-store.js'

/** A login that is under way at an operator, as its document keeps it. */
export interface Transaction extends Expiring {
  readonly sealed: string
  /** From this instant on it may be claimed. */
  readonly askAt: number
  /** Milliseconds by which the operator has slowed us down, all together. */
  readonly slowed: number
}

type Kept = Transaction | undefined

export function decidePut(
  { sealed, ttl }: { readonly sealed: string, readonly ttl: number },
  now: number,
): Decided<Transaction, undefined> {
  return { record: { sealed, expiresAt: now + ttl, askAt: now, slowed: 0 }, answer: undefined }
}

export function decideTake(kept: Kept): Decided<Transaction, string | undefined> {
  return { record: undefined, answer: kept?.sealed }
}

export function decideClaim(
  kept: Kept,
  { lease }: { readonly lease: number },
  now: number,
): Decided<Transaction, ClaimAnswer> {
  if (!kept) return { record: kept, answer: { status: 'unknown' } }
  if (now < kept.askAt) return { record: kept, answer: { status: 'early', wait: kept.askAt - now } }
  const { sealed, slowed } = kept
  return { record: { ...kept, askAt: now + lease }, answer: { status: 'claimed', sealed, slowed } }
}

export function decidePostpone(
  kept: Kept,
  { delay, slower }: { readonly delay: number, readonly slower: number },
  now: number,
): Decided<Transaction, undefined> {
  return { record: kept && { ...kept, askAt: now + delay, slowed: kept.slowed + slower }, answer: undefined }
}
