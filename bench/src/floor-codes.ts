// The floor server's texted codes: keys, numbers, codes and their sealed handles, with the cryptography of
// passport-sms-otp and nothing around it.
import {
  createCipheriv, createDecipheriv, createHash, createHmac, createSecretKey, hkdfSync, randomBytes, timingSafeEqual,
  type KeyObject,
} from 'node:crypto'
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'

/** What one secret gives: each key serves one purpose. */
interface Keys {
  /** Says in a handle which secret sealed it. */
  readonly id: Buffer
  readonly code: KeyObject
  readonly handle: KeyObject
  readonly tag: KeyObject
}

/** A code that was texted, and all that it is tied to: change any of it, and the code is another one. */
export interface Texted {
  /** 128 random bits. */
  readonly id: string
  /** The person's ledger of wrong codes. */
  readonly tag: string
  readonly person: string
  readonly phone: string
  readonly purpose: string
  /** Epoch milliseconds of the store's clock. */
  readonly expiresAt: number
}

export interface Codes {
  /** 22 characters that stand for a value in a store, and tell nothing about it. */
  tagOf(kind: string, value: string): string
  /** Six digits. They are derived, so no store ever holds them. */
  codeOf(texted: Texted): string
  /** Whether what was typed is the code. Compared in constant time; what is no text of six digits is `undefined`. */
  matches(typed: unknown, texted: Texted): boolean | undefined
  seal(texted: Texted): string
  /** `undefined` for anything that this secret has not sealed. */
  open(handle: string | undefined): Texted | undefined
}

export function codesOf(secret: string): Codes {
  const keys = keysOf(secret)
  const codeOf = ({ purpose, tag, id, phone, person }: Texted): string => {
    const digest = hmac(keys.code, [purpose, tag, id, phone, person])
    // Of 2^48 values a million is a part so small that no digit is likelier than another by more than 2^-28.
    return String(digest.readUIntBE(0, 6) % 1_000_000).padStart(6, '0')
  }
  return {
    tagOf: (kind, value) => hmac(keys.tag, [kind, value]).toString('base64url', 0, 17).slice(0, 22),
    codeOf,
    matches: (typed, texted) =>
      (typeof typed === 'string' && /^[0-9]{6}$/.test(typed)
        ? timingSafeEqual(Buffer.from(typed), Buffer.from(codeOf(texted)))
        : undefined),
    seal: (texted) => seal(keys, texted),
    open: (handle) => (handle === undefined ? undefined : open(keys, handle)),
  }
}

function keysOf(secret: string): Keys {
  const derived = (label: string) => Buffer.from(hkdfSync('sha256', secret, '', `floor ${label}`, 32))
  const key = (label: string) => createSecretKey(derived(label))
  return { id: derived('id').subarray(0, 6), code: key('code'), handle: key('handle'), tag: key('tag') }
}

/** Each part with its length before it, so that `('ab', 'c')` and `('a', 'bc')` differ. */
const hmac = (key: KeyObject, parts: readonly string[]): Buffer =>
  createHmac('sha256', key).update(parts.map((part) => `${part.length}:${part}`).join('')).digest()

type Packed = [id: string, tag: string, person: string, phone: string, purpose: string, expiresAt: number]

function seal({ id, handle }: Keys, { id: challenge, tag, person, phone, purpose, expiresAt }: Texted): string {
  const text = JSON.stringify([challenge, tag, person, phone, purpose, expiresAt])
  const iv = random(12)
  const cipher = createCipheriv('aes-256-gcm', handle, iv).setAAD(id)
  // Padded, so that its length says little.
  const sealed = Buffer.concat([cipher.update(text.padEnd(Math.ceil(text.length / 32) * 32)), cipher.final()])
  return Buffer.concat([id, iv, cipher.getAuthTag(), sealed]).toString('base64url')
}

function open({ id, handle }: Keys, sealed: string): Texted | undefined {
  const bytes = Buffer.from(sealed, 'base64url')
  if (bytes.length <= 34 || !bytes.subarray(0, 6).equals(id)) return undefined
  const decipher = createDecipheriv('aes-256-gcm', handle, bytes.subarray(6, 18), { authTagLength: 16 })
  decipher.setAAD(id).setAuthTag(bytes.subarray(18, 34))
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(34)), decipher.final()]).toString()
    const [challenge, tag, person, phone, purpose, expiresAt] = JSON.parse(text) as Packed
    return { id: challenge, tag, person, phone, purpose, expiresAt }
  } catch {
    return undefined
  }
}

/** Random bytes are drawn many at a time: each call of the system costs more than the bytes. */
let pool = Buffer.alloc(0)

export function random(bytes: number): Buffer {
  if (pool.length < bytes) pool = randomBytes(4096)
  const drawn = pool.subarray(0, bytes)
  pool = pool.subarray(bytes)
  return drawn
}

/** 128 random bits, in base64url. */
export const word = (): string => random(16).toString('base64url')

/** A digest as it may stand in an id of a store. */
export const digest = (kind: string, value: string): string =>
  createHash('sha256').update(`${kind}:${value}`).digest('base64url').slice(0, 22)

interface Numbered { readonly e164: string, readonly shown: string }

/** Numbers that were read before. The oldest half goes when there are too many. */
const numbers = new Map<string, Numbered | undefined>()
const mostNumbers = 10_000

/** The number of an account, if it can be texted: a mobile number of a country that is allowed. */
export function numberOf(phone: string, countries: ReadonlySet<string>): Numbered | undefined {
  if (!numbers.has(phone)) {
    if (numbers.size >= mostNumbers) [...numbers.keys()].slice(0, mostNumbers / 2).forEach((old) => numbers.delete(old))
    numbers.set(phone, readNumber(phone, countries))
  }
  return numbers.get(phone)
}

function readNumber(phone: string, countries: ReadonlySet<string>): Numbered | undefined {
  if (!/^\+[1-9]\d{7,14}$/.test(phone)) return undefined
  const parsed = parsePhoneNumberFromString(phone, { extract: false })
  const isMobile = parsed?.getType() === 'MOBILE' || parsed?.getType() === 'FIXED_LINE_OR_MOBILE'
  if (!parsed?.isValid() || !isMobile || !countries.has(parsed.country ?? '')) return undefined
  const shown = `+${parsed.countryCallingCode} •••• •••${parsed.number.slice(-3)}`
  return { e164: parsed.number, shown }
}
