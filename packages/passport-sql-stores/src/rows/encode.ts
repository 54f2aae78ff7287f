import type { Expiring } from '#internal/documents/documents'
import { DatabaseError } from './database-error.js'

/**
 * A record as JSON in ASCII. Every character set of a database holds it, and U+0000, which PostgreSQL refuses, is
 * written as an escape like all that is not ASCII.
 */
export const encode = (record: Expiring): string =>
  JSON.stringify(record).replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

/**
 * What a store has put there.
 * @throws DatabaseError for what only another hand can have written. It does not repeat it, as an error of JSON would.
 */
export function decode(data: string): Expiring {
  const record = parsed(data)
  if (typeof record === 'object' && record !== null) return record as Expiring
  throw new DatabaseError('A row of the table holds what no store has put there.')
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return undefined
  }
}
