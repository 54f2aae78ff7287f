import type { Expiring } from '#internal/documents/documents'

/**
 * A record as JSON in ASCII. Every character set of a database holds it, and U+0000, which PostgreSQL refuses, is
 * written as an escape like all that is not ASCII.
 */
export const encode = (record: Expiring): string =>
  JSON.stringify(record).replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** What a store has put there. */
export const decode = (data: string): Expiring => JSON.parse(data) as Expiring
