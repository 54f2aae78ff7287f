import { createHash } from 'node:crypto'

/** What may stand in a key as it is. A colon parts a key. */
const plain = /^[\w.~%@+=,-]{1,64}$/

/**
 * The key of a document: its kind and what names it. A part that a key cannot hold stands there as its digest, so that
 * every text makes a key, and two texts never make the same.
 *
 *     documentKey('transaction', id)          // 'transaction:Jq8…'
 *     documentKey('ledger', partition, name)  // 'ledger:x1…:password'
 */
export function documentKey(kind: string, ...parts: readonly string[]): string {
  let key = kind
  for (const part of parts) key += `:${partOf(part)}`
  return key
}

const partOf = (part: string): string =>
  // The tilde keeps a digest apart from a part that looks like one.
  (plain.test(part) && !part.startsWith('~') ? part : `~${createHash('sha256').update(part).digest('base64url')}`)

/** The kind of a document: what its key begins with. */
export const kindOf = (key: string): string => key.slice(0, Math.max(0, key.indexOf(':')))
