/** What an app may give as the id of a user. The object is MongoDB's `ObjectId`, which is taken as its text. */
export type UserId = string | number | bigint | { toHexString(): string }

/** The default of `userId`: the property `id`, else the `_id` of MongoDB. */
export const ownId = (user: unknown): unknown => {
  const { id, _id } = user as { readonly id?: unknown, readonly _id?: unknown }
  return id ?? _id
}

/**
 * The text of an id that is an object, the same for two copies of one id. Any other value stays as it is, and so does
 * an object without such a text: a plain object's is `[object Object]` for each, a date's has no milliseconds, bytes
 * that are no text become equal signs, and a whole user, as Mongoose prints one, changes.
 */
export function withoutObject(id: unknown): unknown {
  if (typeof id !== 'object' || id === null || !hasOwnText(id)) return id
  // eslint-disable-next-line @typescript-eslint/no-base-to-string -- it has a text of its own
  const text = String(id)
  return isWord.test(text) ? text : id
}

const isWord = /^[!-~]{1,128}$/

const hasOwnText = (id: object): boolean =>
  !Array.isArray(id) && !ArrayBuffer.isView(id) && !(id instanceof Date)
  && typeof id.toString === 'function' && id.toString !== Object.prototype.toString
