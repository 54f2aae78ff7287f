import { createHmac } from 'node:crypto'

/** The code of RFC 6238 (SHA-1, 6 digits, 30 s), `seconds` from now. */
export function codeOf(key: string, seconds = 0): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor((Date.now() / 1000 + seconds) / 30)))
  const digest = createHmac('sha1', key).update(counter).digest()
  const word = digest.readUInt32BE(digest[19]! & 0xf) & 0x7fffffff
  return String(word % 1_000_000).padStart(6, '0')
}
