import { createHash } from 'node:crypto'
import type { Request } from 'express'
import { userIdOf, userOf } from '#internal/passport-user'
import { msisdn } from '#internal/phone-number'
import type { Settings } from './read-options.js'

/** The person whom a request is about. */
export interface Person {
  readonly user: Express.User | undefined
  /** The user's id. */
  readonly account: string | undefined
  /** A digest of the user's id and number. A login that was begun with another number does not end for this one. */
  readonly subject: string | undefined
  /** In E.164 with `+`: of the account, or what a user who is not known has typed. */
  readonly phone: string | undefined
  /** A user who is not known has typed something, and it is no number. */
  readonly isUnreadable: boolean
}

/**
 * The number of a known user never comes from the request: an attacker who has the password would give their own.
 */
export async function personOf(req: Request, settings: Settings): Promise<Person> {
  const user = userOf(req)
  if (!user) {
    const typed = settings.mode === 'verify' ? fieldOf(req.body, settings.phoneField) : undefined
    const phone = e164(typed)
    const isUnreadable = phone === undefined && typed !== undefined && typed !== ''
    return { user, account: undefined, subject: undefined, phone, isUnreadable }
  }
  const account = await userIdOf(user, settings)
  const phone = await phoneOf(user, settings)
  const subject = createHash('sha256').update(JSON.stringify([account, phone])).digest('base64url')
  return { user, account, subject, phone, isUnreadable: false }
}

/** The account's number in E.164 with `+`. `undefined`: it has none, or none that can be read. */
export const phoneOf = async (user: Express.User, { phone }: Settings): Promise<string | undefined> =>
  e164(await phone(user))

/** International notation in any spelling. Nothing is guessed: a national number is none. */
function e164(number: unknown): string | undefined {
  const digits = msisdn(number)
  return digits === undefined ? undefined : `+${digits}`
}

const fieldOf = (body: unknown, name: string): unknown =>
  (typeof body === 'object' && body !== null && Object.hasOwn(body, name)
    ? (body as Readonly<Record<string, unknown>>)[name]
    : undefined)
