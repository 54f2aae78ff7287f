import { createHash } from 'node:crypto'
import { MultistepError } from '../errors.js'

/**
 * The id that says who somebody is, as text.
 * @throws MultistepError `misconfigured` for anything but a non-empty string, a finite number or a bigint: an object or an empty value
 * would make two people one.
 */
export function idOf(user: unknown, userId: (user: never) => unknown): string {
  const id = userId(user as never)
  if (typeof id === 'bigint' || (typeof id === 'number' && Number.isFinite(id)) || (typeof id === 'string' && id !== '')) return String(id)
  throw new MultistepError('misconfigured', `multistep: userId must return a non-empty string, a number or a bigint, not ${describe(id)}. Give multistep the option userId: (user) => user.<its id>.`)
}

const describe = (value: unknown): string =>
  value === '' ? 'an empty string' : value === null ? 'null' : typeof value === 'object' ? 'an object' : typeof value === 'number' ? String(value) : typeof value

/** The store's slot of one person, or of one submitted account name: names and ids never stand in its keys in the clear. */
export const slotOf = (realm: 'person' | 'account', ...names: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify([realm, ...names])).digest('base64url').slice(0, 22)
