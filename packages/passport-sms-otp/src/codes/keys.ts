import { createHash, createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'

type Secret = string | Uint8Array

/**
 * What one secret gives: each key serves one purpose only, and shows nothing when printed. `id` says in a handle which
 * secret sealed it.
 */
export interface Key {
  readonly id: string
  /** The bytes of the id. */
  readonly kid: Buffer
  readonly code: KeyObject
  readonly handle: KeyObject
  /** Seals the copy of the tag key that the store holds. */
  readonly copy: KeyObject
}

export interface Keys {
  readonly current: Key
  /** Newest first. */
  readonly byId: ReadonlyMap<string, Key>
  /** The tag key of a store that holds none yet. */
  readonly firstTag: KeyObject
}

/**
 * The keys of a list of secrets, newest first. New codes and handles are made with the first; all are accepted. Tags
 * come from none of them, but from a key that outlives them (`TagKey`): a person's failures must be found again after
 * any of them was removed.
 */
export function deriveKeys(secrets: readonly [Secret, ...Secret[]]): Keys {
  const keys = secrets.map(deriveKey)
  return {
    current: keys[0] ?? deriveKey(secrets[0]),
    byId: new Map(keys.map((key) => [key.id, key])),
    firstTag: createSecretKey(hkdf(secrets[secrets.length - 1] ?? secrets[0], 'tag')),
  }
}

/**
 * 22 characters that stand for a value in the store and tell nothing about it. `kind` keeps a number and a user's id of
 * the same text apart.
 */
export const tagOf = (key: KeyObject, kind: string, value: string): string =>
  createHmac('sha256', key).update(lengthPrefixed([kind, value])).digest('base64url').slice(0, 22)

/** Whom a text or a guess is about, and whether the person has proven to be that account's. */
export interface Whose {
  /** `undefined`: the number itself. */
  readonly subject?: string | undefined
  readonly known: boolean
}

const kindsOfSubject = { known: 'subject', stranger: 'subject of a stranger' }
const kindsOfNumber = { known: 'number of an account', stranger: 'number' }

/**
 * The tag of a ledger. Anybody can ask for texts to a number, and guess: what is not `known` is counted apart, so that
 * strangers take nothing from the holder of an account.
 */
export function ledgerTag(key: KeyObject, { subject, known }: Whose, phone: string): string {
  const whose = known ? 'known' : 'stranger'
  return subject === undefined ? tagOf(key, kindsOfNumber[whose], phone) : tagOf(key, kindsOfSubject[whose], subject)
}

export const ledgersOfSubject = (
  key: KeyObject,
  subject: string,
): string[] => Object.values(kindsOfSubject).map((kind) => tagOf(key, kind, subject))

export const ledgersOfNumber = (
  key: KeyObject,
  phone: string,
): string[] => Object.values(kindsOfNumber).map((kind) => tagOf(key, kind, phone))

/** Stands for a person in events, whichever ledger it is. */
export const pseudonym = (key: KeyObject, subject: string | undefined, phone: string): string =>
  (subject === undefined ? tagOf(key, 'number', phone) : tagOf(key, 'subject', subject))

/** Every part with its length before it, so that `('ab', 'c')` and `('a', 'bc')` differ. */
export function lengthPrefixed(parts: readonly string[]): Buffer {
  const size = parts.reduce((sum, part) => sum + 4 + Buffer.byteLength(part), 0)
  const bytes = Buffer.allocUnsafe(size)
  let at = 0
  for (const part of parts) {
    const length = bytes.write(part, at + 4)
    bytes.writeUInt32BE(length, at)
    at += 4 + length
  }
  return bytes
}

/** 22 characters that stand for a set of named values, in whatever order they were given. Nothing stands for none. */
export function digestOf(values: Readonly<Record<string, string>>): string {
  const names = Object.keys(values)
  if (names.length === 0) return ''
  const parts = names.sort().flatMap((name) => [name, values[name] ?? ''])
  return createHash('sha256').update(lengthPrefixed(parts)).digest('base64url').slice(0, 22)
}

const deriveKey = (secret: Secret): Key => keyOf(secret, hkdf(secret, 'id').subarray(0, 6))

const keyOf = (secret: Secret, kid: Buffer): Key => ({
  id: kid.toString('base64url'),
  kid,
  code: createSecretKey(hkdf(secret, 'code')),
  handle: createSecretKey(hkdf(secret, 'handle')),
  copy: createSecretKey(hkdf(secret, 'copy')),
})

const hkdf = (secret: Secret, label: string): Buffer => Buffer.from(hkdfSync('sha256', secret, '', `passport-sms-otp ${label}`, 32))
