import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { typedCode } from '../lib/typed-code.js'

/** Crockford's base 32. It has no letters that look like others, or like digits. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const CODE_LENGTH = 10
const wellFormed = new RegExp(`^[${alphabet}]{${CODE_LENGTH}}$`)

/**
 * A new code of 50 random bits, as it is shown: `7G3KM-Q2XPT`. OWASP ASVS 6.5.4 and NIST SP 800-63B-4 §3.1.2.1 ask for
 * at least 20 bits.
 */
export function newCode(): string {
  const code = Array.from(randomBytes(CODE_LENGTH), (byte) => alphabet.charAt(byte % alphabet.length)).join('')
  return `${code.slice(0, CODE_LENGTH / 2)}-${code.slice(CODE_LENGTH / 2)}`
}

/** Reads a code that a user copied from paper, in any spelling. `undefined`: it cannot be a code. */
export function readCode(input: unknown): string | undefined {
  if (typeof input !== 'string' || input.length > 64) return undefined
  const code = typedCode(input).replaceAll('O', '0').replace(/[IL]/g, '1')
  return wellFormed.test(code) ? code : undefined
}

/**
 * A salted password hash, with Node's default cost. A plain hash needs codes of at least 112 bits (NIST SP 800-63B-4
 * §3.1.2.2), and these have 50.
 */
const derive = promisify<string, Buffer, number, Buffer>(scrypt)
const scheme = 'scrypt'

/**
 * The hashes of a set of codes, each as `scrypt$salt$digest`. A set has one salt, so that one derivation is enough to
 * check an input.
 */
export async function hashAll(codes: readonly string[]): Promise<string[]> {
  const salt = randomBytes(16)
  return Promise.all(codes.map(async (code) => {
    const digest = await derive(code.replace('-', ''), salt, 32)
    return [scheme, salt.toString('base64url'), digest.toString('base64url')].join('$')
  }))
}

/** Finds the hash of a code. All hashes are compared, so that the time does not tell which one matches. */
export async function findHash(code: string, hashes: readonly string[]): Promise<string | undefined> {
  const salts = new Set(hashes.map((hash) => hashParts(hash).salt))
  const digests = new Map<string, Buffer>()
  await Promise.all([...salts].map(async (salt) => {
    digests.set(salt, await derive(code, Buffer.from(salt, 'base64url'), 32))
  }))
  return hashes.filter((hash) => {
    const { salt, digest } = hashParts(hash)
    const kept = Buffer.from(digest, 'base64url')
    const derived = digests.get(salt)
    return derived?.length === kept.length && timingSafeEqual(derived, kept)
  })[0]
}

function hashParts(hash: string): { salt: string, digest: string } {
  const [name, salt, digest] = typeof hash === 'string' ? hash.split('$') : []
  return name === scheme && salt !== undefined && digest !== undefined ? { salt, digest } : { salt: '', digest: '' }
}
