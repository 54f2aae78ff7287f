import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { typedCode } from '../lib/typed-code.js'

// Crockford's base 32: no letter that could be taken for another, or for a digit.
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const length = 10
const wellFormed = new RegExp(`^[${alphabet}]{${length}}$`)

/** A new code of 50 random bits (OWASP ASVS 6.5.4 asks for 20; NIST SP 800-63B-4 §3.1.2.1 for 20), as it is shown: `7G3KM-Q2XPT`. */
export function newCode(): string {
  const code = Array.from(randomBytes(length), (byte) => alphabet.charAt(byte % alphabet.length)).join('')
  return `${code.slice(0, length / 2)}-${code.slice(length / 2)}`
}

/** One spelling for everything that people make of a code they copy from paper; `undefined` for what can be no code. */
export function readCode(input: unknown): string | undefined {
  if (typeof input !== 'string' || input.length > 64) return undefined
  const code = typedCode(input).replaceAll('O', '0').replace(/[IL]/g, '1')
  return wellFormed.test(code) ? code : undefined
}

/** 50 bits are fewer than the 112 from which a plain hash would do: a password hash, and a salt (NIST SP 800-63B-4 §3.1.2.2). Node's default cost. */
const derive = promisify<string, Buffer, number, Buffer>(scrypt)
const scheme = 'scrypt'

/** The hashes of one set of codes, in the form `scrypt$salt$digest`. One salt a set, so that checking one input costs one derivation. */
export async function hashAll(codes: readonly string[]): Promise<string[]> {
  const salt = randomBytes(16)
  return Promise.all(codes.map(async (code) => [scheme, salt.toString('base64url'), (await derive(code.replace('-', ''), salt, 32)).toString('base64url')].join('$')))
}

/** That one of `hashes` which is of `code`. Every hash is compared, whichever matches. */
export async function hashOf(code: string, hashes: readonly string[]): Promise<string | undefined> {
  const salts = new Set(hashes.map((hash) => partsOf(hash).salt))
  const digests = new Map(await Promise.all([...salts].map(async (salt) => [salt, await derive(code, Buffer.from(salt, 'base64url'), 32)] as const)))
  return hashes.filter((hash) => {
    const { salt, digest } = partsOf(hash)
    const [kept, derived] = [Buffer.from(digest, 'base64url'), digests.get(salt)]
    return derived?.length === kept.length && timingSafeEqual(derived, kept)
  })[0]
}

function partsOf(hash: string): { salt: string, digest: string } {
  const [name, salt, digest] = typeof hash === 'string' ? hash.split('$') : []
  return name === scheme && salt !== undefined && digest !== undefined ? { salt, digest } : { salt: '', digest: '' }
}
