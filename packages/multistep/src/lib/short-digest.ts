import { createHash } from 'node:crypto'

/** Each letter of base64url has six bits. */
const letters = 22

/**
 * 132 bits of SHA-256, in base64url: a name for these values that tells nothing of them, and is short because the
 * stores keep several with each login. It is enough where a digest stands for another person's random id, which takes
 * 2^128 tries to hit. Where one person chooses all of the values, two that collide are found by half of the bits:
 * there a whole digest is needed.
 */
export const shortDigest = (...values: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(values)).digest('base64url').slice(0, letters)
