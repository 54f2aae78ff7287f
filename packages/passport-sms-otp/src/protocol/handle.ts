import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { CodeBinding } from './code.js'
import type { Keys } from './keys.js'

/** A challenge as its handle remembers it. */
export interface Challenge extends CodeBinding {
  /** Which secret its code is derived from. */
  readonly kid: string
  /** Epoch milliseconds of the store's clock. */
  readonly expiresAt: number
  /** `undefined`: the number itself. */
  readonly subject: string | undefined
  readonly locale: string | undefined
  /** Looks like a challenge, but nothing was texted and no code opens it. */
  readonly decoy: boolean
  /** The number stood in an account. */
  readonly known: boolean
  /** The number was to be saved in an account that had none. */
  readonly capturing: boolean
}

const KID = 6
const IV = 12
const MAC = 16
const LONGEST = 4096

/** Seals a challenge with AES-256-GCM, padded so that its length says little. The result is base64url. */
export function seal(keys: Keys, challenge: Challenge): string {
  const key = keys.byId.get(challenge.kid) ?? keys.current
  const kid = Buffer.from(key.id, 'base64url')
  const iv = randomBytes(IV)
  const cipher = createCipheriv('aes-256-gcm', key.handle, iv).setAAD(kid)
  const sealed = Buffer.concat([cipher.update(write(challenge)), cipher.final()])
  return Buffer.concat([kid, iv, cipher.getAuthTag(), sealed]).toString('base64url')
}

/** The challenge in a handle that one of our secrets sealed; `undefined` for anything else. */
export function open(keys: Keys, handle: unknown): Challenge | undefined {
  if (typeof handle !== 'string' || handle.length > LONGEST) return undefined
  const bytes = Buffer.from(handle, 'base64url')
  if (bytes.length <= KID + IV + MAC) return undefined
  const kid = bytes.subarray(0, KID)
  const key = keys.byId.get(kid.toString('base64url'))
  if (key === undefined) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key.handle, bytes.subarray(KID, KID + IV), { authTagLength: MAC })
  decipher.setAAD(kid).setAuthTag(bytes.subarray(KID + IV, KID + IV + MAC))
  try {
    return read(key.id, Buffer.concat([decipher.update(bytes.subarray(KID + IV + MAC)), decipher.final()]).toString())
  } catch {
    return undefined
  }
}

type Packed = [
  id: string, tag: string, expiresAt: number, phone: string, subject: string | null, purpose: string, locale: string | null, details: string, marks: number,
]

const DECOY = 1
const KNOWN = 2
const CAPTURING = 4

function write({ id, tag, expiresAt, phone, subject, purpose, locale, details, decoy, known, capturing }: Challenge): string {
  const marks = (decoy ? DECOY : 0) + (known ? KNOWN : 0) + (capturing ? CAPTURING : 0)
  const packed: Packed = [id, tag, expiresAt, phone, subject ?? null, purpose, locale ?? null, details, marks]
  const json = JSON.stringify(packed)
  return json.padEnd(Math.ceil(json.length / 32) * 32)
}

function read(kid: string, json: string): Challenge {
  const [id, tag, expiresAt, phone, subject, purpose, locale, details, marks] = JSON.parse(json) as Packed
  return {
    kid, id, tag, expiresAt, phone, subject: subject ?? undefined, purpose, locale: locale ?? undefined, details,
    decoy: (marks & DECOY) !== 0, known: (marks & KNOWN) !== 0, capturing: (marks & CAPTURING) !== 0,
  }
}
