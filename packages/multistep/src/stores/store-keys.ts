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
export function requireLedger({ slot, factor }: LedgerKey): { slot: string, factor: string } {
  if (!part.test(slot)) throw new MultistepError('misconfigured', 'The slot of a ledger is a base64url word.')
  return { slot, factor: encodeURIComponent(factor) }
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
