import { createHash } from 'node:crypto'

/**
 * The same parts give the same UUID, in every run: what an RP has stored stays true when the simulator is started
 * again.
 */
export function uuidOf(...parts: readonly string[]): string {
  const hex = createHash('sha256').update(JSON.stringify(parts)).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  )
}

/**
 * As GSMA's sandbox shaped them: with `-` and `=`, which a client that percent-encodes HTTP Basic credentials gets
 * wrong.
 */
export const secretOf = (seed: string, holder: string): string => {
  const text = `${uuidOf('secret', holder, seed)}:${holder}`
  return Buffer.from(text.length % 3 === 0 ? `${text}-` : text).toString('base64')
}
