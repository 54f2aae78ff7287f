import { createHash, createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'

/** What one secret gives: each key serves one purpose only, and shows nothing when printed. `id` says in a handle which secret sealed it. */
export interface Key {
  readonly id: string
  readonly code: KeyObject
  readonly handle: KeyObject
}

export interface Keys {
  readonly tag: KeyObject
  readonly current: Key
  readonly byId: ReadonlyMap<string, Key>
}

/**
 * The keys of a list of secrets, newest first. New codes and handles are made with the first; all are accepted.
 * Tags come from the last: a person's failures must be found again after a new secret was put in front.
 */
export function deriveKeys(secrets: readonly [string, ...string[]]): Keys {
  const keys = secrets.map(deriveKey)
  return {
    tag: createSecretKey(hkdf(secrets[secrets.length - 1] ?? secrets[0], 'tag')),
    current: keys[0] ?? deriveKey(secrets[0]),
    byId: new Map(keys.map((key) => [key.id, key])),
  }
}

/** 22 characters that stand for a value in the store and tell nothing about it. `kind` keeps a number and a user's id of the same text apart. */
export const tagOf = (keys: Keys, kind: string, value: string): string =>
  createHmac('sha256', keys.tag).update(lengthPrefixed([kind, value])).digest('base64url').slice(0, 22)

/** The tag of a ledger: of the account, or, where there is none, of the number. */
export const ledgerTag = (keys: Keys, subject: string | undefined, phone: string): string =>
  (subject === undefined ? tagOf(keys, 'number', phone) : tagOf(keys, 'subject', subject))

/** Every part with its length before it, so that `('ab', 'c')` and `('a', 'bc')` differ. */
export function lengthPrefixed(parts: readonly string[]): Buffer {
  return Buffer.concat(parts.flatMap((part) => {
    const bytes = Buffer.from(part)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    return [length, bytes]
  }))
}

/** 22 characters that stand for a set of named values, in whatever order they were given. */
export function digestOf(values: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(lengthPrefixed(sorted.flat())).digest('base64url').slice(0, 22)
}

const deriveKey = (secret: string): Key => ({
  id: hkdf(secret, 'id').subarray(0, 6).toString('base64url'),
  code: createSecretKey(hkdf(secret, 'code')),
  handle: createSecretKey(hkdf(secret, 'handle')),
})

const hkdf = (secret: string, label: string): Buffer => Buffer.from(hkdfSync('sha256', secret, '', `passport-sms-otp ${label}`, 32))
