import type { Expiring } from '#internal/documents/documents'
import type { AttemptAnswer, Settled } from '../ledger-store.js'
import { livingFlows, type PendingFlow } from './flows.js'
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
  const generation = person?.generation
  return generation && now < generation[1] ? generation[0] : 0
}

/** The person with these parts in the place of those that there were, and nothing that has ended. */
export function personWith(
  person: PersonRecord | undefined, parts: Partial<PartsOfPerson>, now: number,
): PersonRecord | undefined {
  const flows = livingFlows(parts.flows ?? person?.flows, now)
  const ledgers = (parts.ledgers ?? person?.ledgers ?? []).filter((named) => now < named[1][2])
  const tokens = (parts.tokens ?? person?.tokens ?? []).filter((token) => now < token[1])
  const given = parts.generation ?? person?.generation
  const generation = given && now < given[1] ? given : undefined

  let expiresAt = generation?.[1] ?? 0
  for (const flow of flows) expiresAt = Math.max(expiresAt, flow[2])
  for (const [, ledger] of ledgers) expiresAt = Math.max(expiresAt, ledger[2])
  for (const [, end] of tokens) expiresAt = Math.max(expiresAt, end)
  if (expiresAt === 0) return undefined

  const record: { -readonly [Part in keyof PersonRecord]: PersonRecord[Part] } = { expiresAt }
  if (flows.length > 0) record.flows = flows
  if (ledgers.length > 0) record.ledgers = ledgers
  if (tokens.length > 0) record.tokens = tokens
  if (generation) record.generation = generation
  return record
}

/** Ends all flows and logins that were made so far, for so many milliseconds. Ledgers and presented tokens stay. */
export function endedAll(person: PersonRecord | undefined, ttl: number, now: number): PersonRecord | undefined {
  const last = person?.generation?.[1] ?? 0
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
