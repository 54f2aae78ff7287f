import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'

// The handle of a transaction (the `state` of a redirect) is 256 random bits that only the browser, or whoever keeps it for the person,
// holds. What the store is asked by and what it keeps are both made from it, so that a reader of the store learns neither a verifier nor
// a credential, and can finish nobody's login.
const derived = (handle: string, what: string) => createHmac('sha256', handle).update(`passport-mobileconnect ${what}`).digest()

export const newHandle = (): string => randomBytes(32).toString('base64url')

export const isHandle = (value: unknown): value is string => typeof value === 'string' && /^[\w-]{43}$/.test(value)

/** What the store knows a transaction by. */
export const idOf = (handle: string): string => derived(handle, 'id').toString('base64url')

export function seal(handle: string, value: object): string {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', derived(handle, 'key'), iv)
  const text = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url')
}

/** @throws Error when it was not sealed by this handle, or was changed since. */
export function unseal(handle: string, sealed: string): unknown {
  const bytes = Buffer.from(sealed, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', derived(handle, 'key'), bytes.subarray(0, 12))
  decipher.setAuthTag(bytes.subarray(12, 28))
  return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8'))
}
