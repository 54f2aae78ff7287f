import type { Request } from 'express'
import { ownId, withoutObject, type UserId } from './user-id.js'

/** The known user of a request: `req.user`, or what Passport's option `userProperty` names. */
export function userOf(req: Request): Express.User | undefined {
  // Passport's option `userProperty` moves its user to another property of the request.
  const { _userProperty: property = 'user' } = req as { _userProperty?: string }
  return (req as unknown as Record<string, Express.User | null | undefined>)[property] ?? undefined
}

interface UserIdOption {
  readonly userId?: ((user: Express.User) => UserId | PromiseLike<UserId>) | undefined
}

/** @throws TypeError for a missing or empty id: two users without an id would count as one. */
export async function userIdOf(user: Express.User, { userId }: UserIdOption): Promise<string> {
  return checkUserId(userId ? await userId(user) : ownId(user))
}

/** @throws TypeError as {@link userIdOf}. */
export function checkUserId(given: unknown): string {
  const id = withoutObject(given)
  const isText = typeof id === 'string' && id !== ''
  if (isText || typeof id === 'bigint' || (typeof id === 'number' && Number.isFinite(id))) return String(id)
  throw new TypeError(
    'userId must return the id of the user, a string that is not empty, a number, a bigint or an ObjectId:'
    + ' set userId: (user) => ...',
  )
}

export async function isSamePerson(
  one: Express.User,
  other: Express.User,
  options: UserIdOption,
): Promise<boolean> {
  return await userIdOf(one, options) === await userIdOf(other, options)
}
