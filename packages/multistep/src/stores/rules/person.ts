import type { Expiring } from '#internal/documents/documents'
import type { AttemptAnswer, Settled } from '../ledger-store.js'
import type { PendingFlow } from './flows.js'
import {
  attempted, isPresented, ledgerNamed, settled, withoutLedger, withoutToken, type LedgerAttempt, type NamedLedger,
  type Token,
} from './ledgers.js'

/**
 * What a store keeps of one person as one document. Its parts end each for itself, and it ends with the last of them.
 */
export interface PersonRecord extends Expiring, Partial<PartsOfPerson> {}

interface PartsOfPerson {
  /** Oldest first. */
  readonly flows: readonly PendingFlow[]
  /** By factor. */
  readonly ledgers: readonly NamedLedger[]
  readonly tokens: readonly Token[]
  readonly generation: Generation
}

/**
 * Logins carry the generation of their person in which they were made. `endAll` begins the next one, and with it every
 * login of an earlier one is over. Generations are instants, so that they only grow even where one has ended in
 * between.
 */
type Generation = readonly [value: number, expiresAt: number]

export const generationOf = (person: PersonRecord | undefined, now: number): number => {
  const [value, expiresAt] = person?.generation ?? [0, 0]
  return now < expiresAt ? value : 0
}

/** The person with these parts in the place of those that there were, and nothing that has ended. */
export function personWith(
  person: PersonRecord | undefined, parts: Partial<PartsOfPerson>, now: number,
): PersonRecord | undefined {
  const { flows = [], ledgers = [], tokens = [], generation } = { ...person, ...parts }
  const living = {
    flows: flows.filter(([,, expiresAt]) => now < expiresAt),
    ledgers: ledgers.filter(([, { 2: expiresAt }]) => now < expiresAt),
    tokens: tokens.filter(([, expiresAt]) => now < expiresAt),
    generations: generation && now < generation[1] ? [generation] : [],
  }
  const expiresAt = Math.max(
    ...living.flows.map(([,, end]) => end),
    ...living.ledgers.map(([, [,, end]]) => end),
    ...living.tokens.map(([, end]) => end),
    ...living.generations.map(([, end]) => end),
  )
  if (expiresAt === -Infinity) return undefined
  return {
    expiresAt,
    ...living.flows.length > 0 ? { flows: living.flows } : {},
    ...living.ledgers.length > 0 ? { ledgers: living.ledgers } : {},
    ...living.tokens.length > 0 ? { tokens: living.tokens } : {},
    ...living.generations[0] ? { generation: living.generations[0] } : {},
  }
}

/** Ends all flows and logins that were made so far, for so many milliseconds. Ledgers and presented tokens stay. */
export function endedAll(person: PersonRecord | undefined, ttl: number, now: number): PersonRecord | undefined {
  const [, last] = person?.generation ?? [0, 0]
  const value = Math.max(now, generationOf(person, now)) + 1
  return personWith(person, { flows: [], generation: [value, Math.max(Math.ceil(now + ttl), last)] }, now)
}

/** An attempt of a person. */
export function attemptOfPerson(
  person: PersonRecord | undefined, { factor, policy, once }: LedgerAttempt, now: number,
): { readonly record: PersonRecord | undefined, readonly answer: AttemptAnswer } {
  const name = once && `${factor}:${once.token}`
  const kept = ledgerNamed(person?.ledgers, factor, now)
  const isReplayed = name !== undefined && isPresented(person?.tokens, name, now)
  const { ledger, answer } = attempted(kept, isReplayed, policy, now)
  if (ledger === kept) return { record: person, answer }
  const ledgers: NamedLedger[] = [...withoutLedger(person?.ledgers, factor), [factor, ledger]]
  if (once === undefined || name === undefined || isReplayed) {
    return { record: personWith(person, { ledgers }, now), answer }
  }
  const tokens: Token[] = [...withoutToken(person?.tokens, name), [name, Math.ceil(now + once.ttl)]]
  return { record: personWith(person, { ledgers, tokens }, now), answer }
}

/** The person once an attempt has come to its end. */
export function settledPerson(
  person: PersonRecord | undefined, factor: string, outcome: Settled, now: number,
): PersonRecord | undefined {
  const kept = ledgerNamed(person?.ledgers, factor, now)
  if (!kept) return person
  const left = settled(kept, outcome)
  const others = withoutLedger(person?.ledgers, factor)
  return personWith(person, { ledgers: left ? [...others, [factor, left]] : others }, now)
}
