import { createCipheriv, createDecipheriv } from 'node:crypto'
import { randomBytes } from '#internal/random'
import type { Key, Keys } from './keys.js'

const KID = 6
/**
 * Six bytes are eight characters of base64url, so that a sealed text begins with the id of its key as it is written.
 */
const KID_CHARACTERS = 8
/** Bytes of the initialization vector and of the tag of AES-GCM (NIST SP 800-38D). */
export const IV = 12
export const MAC = 16
const HEAD = KID + IV + MAC
const LONGEST_SEALED = 4096

/**
 * Seals a text with AES-256-GCM, in base64url.
 * @param use what it is for: one of another use does not open
 */
export function sealText(key: Key, text: string, use = ''): string {
  const iv = randomBytes(IV)
  const cipher = createCipheriv('aes-256-gcm', key.handle, iv).setAAD(boundTo(key, use))
  // In this mode the last step only makes the tag: all of the text is in the first.
  const sealed = cipher.update(text, 'utf8')
  cipher.final()
  const bytes = Buffer.allocUnsafe(HEAD + sealed.length)
  key.kid.copy(bytes)
  iv.copy(bytes, KID)
  cipher.getAuthTag().copy(bytes, KID + IV)
  sealed.copy(bytes, HEAD)
  return bytes.toString('base64url')
}

/** What one of our secrets sealed for this use, and its key; `undefined` for anything else. */
export function openText(keys: Keys, sealed: unknown, use = ''): { readonly key: Key, readonly text: string } | undefined {
  if (typeof sealed !== 'string' || sealed.length > LONGEST_SEALED) return undefined
  const key = keys.byId.get(sealed.slice(0, KID_CHARACTERS))
  const bytes = key && Buffer.from(sealed, 'base64url')
  if (!bytes || bytes.length <= HEAD) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key.handle, bytes.subarray(KID, KID + IV), { authTagLength: MAC })
  decipher.setAAD(boundTo(key, use)).setAuthTag(bytes.subarray(KID + IV, HEAD))
  try {
    const text = decipher.update(bytes.subarray(HEAD)).toString()
    // It throws for anything that was changed.
    decipher.final()
    return { key, text }
  } catch {
    return undefined
  }
}

/** What is sealed is bound to the id of its key, and to its use. */
const boundTo = ({ kid }: Key, use: string): Buffer => (use === '' ? kid : Buffer.concat([kid, Buffer.from(use)]))
