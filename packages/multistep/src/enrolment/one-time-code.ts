import { createHmac, timingSafeEqual } from 'node:crypto'

/** RFC 4648 §6, which authenticator apps take a key in. */
const base32Letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

export function toBase32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{1,5}/g) ?? []).map((five) => base32Letters[parseInt(five.padEnd(5, '0'), 2)]).join('')
}

/** @throws TypeError for what is no base 32. */
export function fromBase32(text: string): Buffer {
  const letters = Array.from(text.replace(/[\s=]/g, '').toUpperCase(), (letter) => base32Letters.indexOf(letter))
  if (letters.length === 0 || letters.includes(-1)) throw new TypeError('multistep: a key of TOTP is kept as base 32.')
  const bits = letters.map((value) => value.toString(2).padStart(5, '0')).join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)))
}

/** Seconds for which a code is shown, and its digits: what all apps know (RFC 6238 §4, RFC 4226 §5.3). */
export const period = 30
export const digits = 6

function codeAt(key: Buffer, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const digest = createHmac('sha1', key).update(counter).digest()
  const word = digest.readUInt32BE((digest.at(-1) ?? 0) & 0xf) & 0x7fffffff
  return String(word % 10 ** digits).padStart(digits, '0')
}

/** Whether the code is the one of this time, or of the step before or behind it (RFC 6238 §5.2). */
export function isCodeOf(key: Buffer, code: string, now: number): boolean {
  const step = Math.floor(now / 1000 / period)
  const given = Buffer.from(code)
  return [step - 1, step, step + 1].map((one) => Buffer.from(codeAt(key, one)))
    .filter((right) => right.length === given.length && timingSafeEqual(right, given)).length > 0
}
