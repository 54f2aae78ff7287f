import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'

// The handle of a transaction (the `state` of a redirect) is 256 random bits. Only the browser, or the caller, has it.
// The store gets an id and a sealed text, and both are made from the handle. An attacker who reads the store learns no
// PKCE verifier and no credential, and cannot finish a login.
const derived = (handle: string, purpose: string) =>
  createHmac('sha256', handle).update(`transaction ${purpose}`).digest()

export const newHandle = (): string => randomBytes(32).toString('base64url')

export const isHandle = (value: unknown): value is string => typeof value === 'string' && /^[\w-]{43}$/.test(value)

/** The key of a transaction in the store. */
export const idOf = (handle: string): string => derived(handle, 'id').toString('base64url')

export function seal(handle: string, value: object): string {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', derived(handle, 'key'), iv)
  const text = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url')
}

/** @throws Error for a text that another handle sealed, or that was changed. */
export function unseal(handle: string, sealed: string): unknown {
  const bytes = Buffer.from(sealed, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', derived(handle, 'key'), bytes.subarray(0, 12))
  decipher.setAuthTag(bytes.subarray(12, 28))
  return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8'))
}
