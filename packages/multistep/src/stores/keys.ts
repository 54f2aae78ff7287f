import { createHash } from 'node:crypto'
import { randomBytes } from '#internal/random'
import { MultistepError } from '../lib/errors.js'
import type { LedgerKey } from './ledger-store.js'

const part = /^[\w-]{1,128}$/

export interface IdParts {
  readonly partition: string
  readonly random: string
}

/**
 * The parts of an id `partition.random` (base64url both), or `undefined` for anything else: it may come from a browser.
 */
export function parseId(id: string): IdParts | undefined {
  const dot = typeof id === 'string' ? id.indexOf('.') : -1
  if (dot === -1) return undefined
  const [partition, random] = [id.slice(0, dot), id.slice(dot + 1)]
  return part.test(partition) && part.test(random) ? { partition, random } : undefined
}

/** For ids that this package made, where a malformed one is a defect. */
export function requireId(id: string): IdParts {
  const parts = parseId(id)
  if (parts === undefined) {
    throw new MultistepError('misconfigured', 'The id of a flow or login is two base64url words, parted by a dot.')
  }
  return parts
}

/** A ledger's partition and factor as they may stand in a key: the factor is a name of the app's, and is encoded. */
export function requireLedger({ partition, factor, of }: LedgerKey): LedgerKey {
  if (!part.test(partition)) throw new MultistepError('misconfigured', 'The partition of a ledger is a base64url word.')
  const encoded = encodeURIComponent(factor)
  return of ? { partition, factor: encoded, of } : { partition, factor: encoded }
}

/**
 * Whether a ledger lies beside the flow or login of this id, so that one step can change both. A ledger of a name
 * never does.
 */
export const sharesPartition = (id: string, { partition, of }: LedgerKey): boolean =>
  of !== 'name' && parseId(id)?.partition === partition

/** For a ledger that is changed together with the flow or login of this id. */
export function requireShared(id: string, ledger: LedgerKey): LedgerKey {
  const wanted = requireLedger(ledger)
  if (parseId(id) !== undefined && !sharesPartition(id, ledger)) {
    const wanted = 'A ledger that is cleared together with a flow or login is of the same partition, and not of a name.'
    throw new MultistepError('misconfigured', wanted)
  }
  return wanted
}

export function requirePartition(partition: string): string {
  if (!part.test(partition)) throw new MultistepError('misconfigured', 'The partition of a person is a base64url word.')
  return partition
}

export const isWord = (word: unknown): word is string => typeof word === 'string' && part.test(word)

/** An id, token or digest. */
export function requireWord(word: string): string {
  if (!isWord(word)) {
    throw new MultistepError('misconfigured', 'An id, token or digest that is kept is a base64url word.')
  }
  return word
}

/** So many shards, each in one place of a cluster, hold what strangers make. */
export const shards = 16

/** The shard of a word. The words of names are digests. */
const shardOf = (word: string): string => ((word.codePointAt(0) ?? 0) % shards).toString(16)

export const namesShard = (partition: string): string => `names-${shardOf(partition)}`

/** The partition of a flow of nobody: it belongs to no person, and what strangers begin is bounded there. */
export const nobodysPartition = (random: string): string => `nobody-${shardOf(random)}`
export const isNobodys = (partition: string): boolean => /^nobody-[0-9a-f]$/.test(partition)

/**
 * The partition of one person, or of one submitted account name: names and ids never stand in the store's keys in the
 * clear.
 */
export const partitionOf = (realm: 'person' | 'account', ...names: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify([realm, ...names])).digest('base64url').slice(0, 22)

/** 128 random bits (OWASP ASVS 7.2.3), in base64url. */
export const randomWord = (): string => randomBytes(16).toString('base64url')

/** A new id of a flow or login in a partition of the store. */
export const newId = (partition: string): string => `${partition}.${randomWord()}`
