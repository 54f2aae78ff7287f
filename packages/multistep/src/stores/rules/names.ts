import type { Expiring } from '#internal/documents/documents'
import type { AttemptAnswer, Settled } from '../ledger-store.js'
import {
  attempted, isPresented, ledgerNamed, settled, withoutLedger, withoutToken, type LedgerAttempt, type Ledger,
  type NamedLedger, type Token,
} from './ledgers.js'

/** How long a name counts as one that an account was found for: 90 days after it was. */
export const knownFor = 90 * 24 * 60 * 60_000

/** A submitted name that an account was found for. What strangers do ends nothing of it. */
export interface KnownName extends Expiring {
  readonly factors: readonly PassedAt[]
  readonly tokens: readonly Token[]
}

/** At which factor the name has passed, until when it counts as known there, and its failures since. */
type PassedAt = readonly [factor: string, until: number, ledger: Ledger | null]

/**
 * Some of the names that no account was found for. In each list the one whose last attempt is longest ago comes first.
 */
export interface Strangers extends Expiring {
  /** Those that were never locked. */
  readonly open: readonly NamedLedger[]
  readonly locked: readonly NamedLedger[]
  readonly tokens: readonly Token[]
}

/** All that is kept of one name, in two documents: of a stranger's beside others, so that there is a bound to them. */
export interface NameRecords {
  readonly known: KnownName | undefined
  readonly strangers: Strangers | undefined
}

export interface NameAtFactor {
  readonly factor: string
  /** What tells it apart among strangers. */
  readonly name: string
}

/** Of the strangers in one document, so many are kept of each kind. */
interface AttemptByName extends LedgerAttempt, NameAtFactor {
  readonly most: number
}

/** An attempt for a submitted name. */
export function attemptByName(
  records: NameRecords, { factor, name, policy, once, most }: AttemptByName, now: number,
): { readonly records: NameRecords, readonly answer: AttemptAnswer } {
  const { known, strangers } = records
  const passed = passedAt(known, factor, now)
  const kept = currentLedger(records, { factor, name }, now)
  const [own, others] = once ? [`${factor}:${once.token}`, `${name}:${once.token}`] : ['', '']
  const isReplayed = once !== undefined
    && (isPresented(known?.tokens, own, now) || isPresented(strangers?.tokens, others, now))
  const { ledger, answer } = attempted(kept, isReplayed, policy, now)
  if (ledger === kept) return { records, answer }

  const presented = once === undefined || isReplayed ? undefined : Math.ceil(now + once.ttl)
  if (passed) {
    const [, until] = passed
    const tokens = presented === undefined ? known?.tokens : last(known?.tokens, [own, presented])
    const next = knownWith(known, [factor, Math.max(until, ledger[2]), ledger], tokens, now)
    return { records: { known: next, strangers }, answer }
  }
  const tokens = presented === undefined ? strangers?.tokens : last(strangers?.tokens, [others, presented])
  const moved = withStranger(strangers, name, ledger)
  return { records: { known, strangers: strangersWith({ ...moved, tokens: tokens ?? [] }, most, now) }, answer }
}

/** The records of a name once an attempt has come to its end. */
export function settledName(
  records: NameRecords, { factor, name }: NameAtFactor, outcome: Settled, now: number,
): NameRecords {
  const { known, strangers } = records
  const kept = currentLedger(records, { factor, name }, now)
  if (outcome === 'passed') {
    const next = knownWith(known, [factor, Math.ceil(now + knownFor), null], known?.tokens, now)
    return { known: next, strangers: kept ? withoutStranger(strangers, name, now) : strangers }
  }
  if (!kept) return records
  const left = settled(kept, outcome)
  const passed = passedAt(known, factor, now)
  if (passed) {
    const [, until] = passed
    return { known: knownWith(known, [factor, until, left ?? null], known?.tokens, now), strangers }
  }
  return { known, strangers: left ? withLedger(strangers, name, left) : withoutStranger(strangers, name, now) }
}

const passedAt = (known: KnownName | undefined, factor: string, now: number): PassedAt | undefined =>
  known?.factors.find((one) => one[0] === factor && now < one[1])

function currentLedger(
  { known, strangers }: NameRecords, { factor, name }: NameAtFactor, now: number,
): Ledger | undefined {
  const passed = passedAt(known, factor, now)
  if (!passed) return ledgerNamed(strangers?.locked, name, now) ?? ledgerNamed(strangers?.open, name, now)
  const [, , ledger] = passed
  return ledger && now < ledger[2] ? ledger : undefined
}

function knownWith(
  known: KnownName | undefined, passed: PassedAt, tokens: readonly Token[] = [], now: number,
): KnownName {
  const factors = (known?.factors ?? []).filter((one) => one[0] !== passed[0] && now < one[1])
  factors.push(passed)
  const living = tokens.filter((token) => now < token[1])
  let expiresAt = 0
  for (const [, until] of factors) expiresAt = Math.max(expiresAt, until)
  for (const [, end] of living) expiresAt = Math.max(expiresAt, end)
  return { expiresAt, factors, tokens: living }
}

type Lists = Omit<Strangers, 'expiresAt'>

/** The name comes last in its list: of those that were locked once, or of the others. */
function withStranger(strangers: Strangers | undefined, name: string, ledger: Ledger): Lists {
  const { open = [], locked = [], tokens = [] } = strangers ?? {}
  const wasLocked = ledger[1] > 0 || locked.some((one) => one[0] === name)
  const others = { open: withoutLedger(open, name), locked: withoutLedger(locked, name), tokens }
  return wasLocked
    ? { ...others, locked: [...others.locked, [name, ledger]] }
    : { ...others, open: [...others.open, [name, ledger]] }
}

/** Of each list the first ones yield. */
function strangersWith({ open, locked, tokens }: Lists, most: number, now: number): Strangers | undefined {
  const living = (ledgers: readonly NamedLedger[]) => ledgers.filter((named) => now < named[1][2]).slice(-most)
  const left = {
    open: living(open), locked: living(locked), tokens: tokens.filter((token) => now < token[1]).slice(-most),
  }
  let expiresAt = 0
  for (const [, ledger] of left.open) expiresAt = Math.max(expiresAt, ledger[2])
  for (const [, ledger] of left.locked) expiresAt = Math.max(expiresAt, ledger[2])
  for (const [, end] of left.tokens) expiresAt = Math.max(expiresAt, end)
  return expiresAt === 0 ? undefined : { expiresAt, ...left }
}

/** It keeps its place: no attempt was made. */
function withLedger(strangers: Strangers | undefined, name: string, ledger: Ledger): Strangers | undefined {
  const replaced = (ledgers: readonly NamedLedger[]): readonly NamedLedger[] =>
    ledgers.map((one) => (one[0] === name ? [name, ledger] : one))
  return strangers && { ...strangers, open: replaced(strangers.open), locked: replaced(strangers.locked) }
}

function withoutStranger(strangers: Strangers | undefined, name: string, now: number): Strangers | undefined {
  if (!strangers) return undefined
  const { open, locked, tokens } = strangers
  return strangersWith({ open: withoutLedger(open, name), locked: withoutLedger(locked, name), tokens }, Infinity, now)
}

const last = (tokens: readonly Token[] | undefined, token: Token): readonly Token[] =>
  [...withoutToken(tokens, token[0]), token]
