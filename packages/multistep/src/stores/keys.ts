import { MultistepError } from '../errors.js'
import type { LedgerKey } from './flow-store.js'

const part = /^[\w-]{1,128}$/

/** The parts of an id `slot.random` (base64url both), or `undefined` for anything else: it may come from a browser. */
export function parseId(id: string): { slot: string, random: string } | undefined {
  const [slot = '', random = '', ...rest] = typeof id === 'string' ? id.split('.') : []
  return part.test(slot) && part.test(random) && rest.length === 0 ? { slot, random } : undefined
}

/** For ids that this package made, where a malformed one is a defect. */
export function requireId(id: string): { slot: string, random: string } {
  const parts = parseId(id)
  if (parts === undefined) throw new MultistepError('misconfigured', 'The id of a flow or login is two base64url words with a dot between them.')
  return parts
}

/** A ledger's slot and factor as they may stand in a key: the factor is a name of the app's, and is encoded. */
export function requireLedger({ slot, factor, ...rest }: LedgerKey): LedgerKey {
  if (!part.test(slot)) throw new MultistepError('misconfigured', 'The slot of a ledger is a base64url word.')
  return { slot, factor: encodeURIComponent(factor), ...rest }
}

export function requireSlot(slot: string): string {
  if (!part.test(slot)) throw new MultistepError('misconfigured', 'The slot of a person is a base64url word.')
  return slot
}

export const isWord = (word: unknown): word is string => typeof word === 'string' && part.test(word)

/** An id, token or digest. */
export function requireWord(word: string): string {
  if (!isWord(word)) throw new MultistepError('misconfigured', 'An id, token or digest that is kept is a base64url word.')
  return word
}

/** How long a name counts as one that an account was found for: 90 days after it was. */
export const knownFor = 90 * 24 * 60 * 60_000

/** So many shards, each in one place of a cluster, hold what strangers make. */
export const shards = 16

/** The shard of a word: those of names are digests. */
const shardOf = (word: string): string => ((word.codePointAt(0) ?? 0) % shards).toString(16)

export const namesShard = (slot: string): string => `names-${shardOf(slot)}`

/** The slot of a flow of nobody: it belongs to no person, and what strangers begin is bounded there. */
export const nobodysSlot = (random: string): string => `nobody-${shardOf(random)}`
export const isNobodys = (slot: string): boolean => /^nobody-[0-9a-f]$/.test(slot)
