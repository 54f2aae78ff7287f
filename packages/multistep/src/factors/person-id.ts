import { withoutObject, type UserId } from '#internal/user-id'
import { MultistepError } from '../lib/errors.js'
import { warnOnce } from '../lib/warn-once.js'

export { ownId, type UserId } from '#internal/user-id'

type PlainId = Exclude<UserId, object>

/**
 * The id that says who a person is, as the key by which they are known here. Types are part of it: the number 1 and
 * the text `'1'` are two people. An ObjectId is its text.
 * @throws MultistepError `misconfigured` for anything but a non-empty string, a number that is exact, a bigint or an
 * ObjectId: any other object, an empty value or a rounded number would make two people one.
 */
export function idOf(user: unknown, userId: (user: never) => unknown): string {
  let id: unknown
  try {
    id = withoutObject(userId(user as never))
  } catch (cause) {
    throw new MultistepError('misconfigured', 'multistep: userId failed; its error is the cause. It is given each '
      + 'person that a strategy or deserializeUser found.', { cause })
  }
  if (isId(id)) return keyOfId(id)
  throw new MultistepError('misconfigured', 'multistep: userId must return a non-empty string, a number, a bigint or an '
    + `ObjectId, not ${describeId(id)}. ${advice(id)}`)
}

/** 64-bit numbers that were read as a JavaScript number are rounded: neighbours become one. */
const isExact = (id: number): boolean => Number.isFinite(id) && Math.abs(id) <= Number.MAX_SAFE_INTEGER

const isId = (id: unknown): id is PlainId =>
  typeof id === 'bigint' || (typeof id === 'number' && isExact(id)) || (typeof id === 'string' && id !== '')

/** Numbers are written as they are, and so is every text that cannot be taken for one. */
function keyOfId(id: PlainId): string {
  const needsQuotes = typeof id === 'string' && (isNumeral(id) || id.startsWith('"'))
  return needsQuotes ? JSON.stringify(id) : String(id)
}

/** Whether a number is written so, too. */
const isNumeral = (text: string): boolean =>
  (/^-?\d+$/.test(text) ? String(BigInt(text)) === text : String(Number(text)) === text)

/** The id of a key, as the text that events, logs and links carry. */
export const idText = (key: string): string => (key.startsWith('"') ? JSON.parse(key) as string : key)

/**
 * Everybody whom an app may mean by an id. Events and links carry ids as text, so a number and the text of it are both
 * meant.
 * @throws TypeError for what is no id.
 */
export function keysOf(given: UserId): readonly string[] {
  const id = withoutObject(given)
  if (!isId(id)) {
    throw new TypeError('multistep: this takes a user id, a non-empty string, a number, a bigint or an ObjectId, not '
      + `${describeId(id)}. ${advice(id)}`)
  }
  const text = String(id)
  return isNumeral(text) ? [text, JSON.stringify(text)] : [keyOfId(id)]
}

/** Whether two keys differ by nothing but their type: one person, read in two ways, or two people. */
const differInTypeOnly = (one: string, other: string): boolean => one !== other && idText(one) === idText(other)

function describeId(value: unknown): string {
  if (value === '') return 'an empty string'
  if (value === null) return 'null'
  if (typeof value === 'number') return String(value)
  if (typeof (value as { then?: unknown } | undefined)?.then === 'function') return 'a promise'
  return typeof value === 'object' ? 'an object' : typeof value
}

function advice(id: unknown): string {
  if (typeof id === 'number' && Number.isFinite(id)) {
    return 'A number so large is rounded, and two people become one: read it as a bigint or as text.'
  }
  if (typeof (id as { then?: unknown } | undefined)?.then === 'function') return 'It cannot be async.'
  if (typeof id === 'object' && id !== null) return 'Write userId: (user) => String(user._id).'
  return 'Give multistep the option userId: (user) => user.<its id>.'
}

/**
 * Whether two ids are one person's. That they differ in their type alone is told to the programmer: it may be one
 * person, read in two ways.
 */
export function isOne(one: string, other: string): boolean {
  if (differInTypeOnly(one, other)) {
    warnOnce(['the same user id came once as a number and once as text, so it was taken for two people. '
      + 'If it is one, write userId: (user) => String(user.id).'])
  }
  return one === other
}
