import { createCipheriv, createDecipheriv } from 'node:crypto'
import { randomBytes } from '#internal/random'
import type { Key, Keys } from './keys.js'

const KID = 6
const IV = 12
const MAC = 16
const LONGEST = 4096

/**
 * Seals a text with AES-256-GCM, in base64url.
 * @param use what it is for: one of another use does not open
 */
export function sealText(key: Key, text: string, use = ''): string {
  const kid = Buffer.from(key.id, 'base64url')
  const iv = randomBytes(IV)
  const cipher = createCipheriv('aes-256-gcm', key.handle, iv).setAAD(Buffer.concat([kid, Buffer.from(use)]))
  const sealed = Buffer.concat([cipher.update(text), cipher.final()])
  return Buffer.concat([kid, iv, cipher.getAuthTag(), sealed]).toString('base64url')
}

/** What one of our secrets sealed for this use, and its key; `undefined` for anything else. */
export function openText(keys: Keys, sealed: unknown, use = ''): { readonly key: Key, readonly text: string } | undefined {
  if (typeof sealed !== 'string' || sealed.length > LONGEST) return undefined
  const bytes = Buffer.from(sealed, 'base64url')
  if (bytes.length <= KID + IV + MAC) return undefined
  const kid = bytes.subarray(0, KID)
  const key = keys.byId.get(kid.toString('base64url'))
  if (key === undefined) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key.handle, bytes.subarray(KID, KID + IV), { authTagLength: MAC })
  decipher.setAAD(Buffer.concat([kid, Buffer.from(use)])).setAuthTag(bytes.subarray(KID + IV, KID + IV + MAC))
  try {
    return { key, text: Buffer.concat([decipher.update(bytes.subarray(KID + IV + MAC)), decipher.final()]).toString() }
  } catch {
    return undefined
  }
}
