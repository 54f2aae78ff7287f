import type { Request } from 'express'
import { checkUserId, userOf } from '#internal/passport-user'
import { ownField } from './own-field.js'
import type { Capture, RequestSettings } from './strategy-options.js'

/** Who a request is about, and by which number. */
export interface Person {
  readonly user: Express.User | undefined
  /** Whose failures are counted; `undefined`: the number's. */
  readonly subject: string | undefined
  /** From the account, or, of a stranger, from the body: then it may be anything. */
  readonly number: unknown
  /** The number stands in the account. */
  readonly known: boolean
  /** The number is not theirs yet. */
  readonly capturing: boolean
}

/**
 * A known user's number never comes from the request, unless the account has none that can be texted and may be given
 * one.
 * @param canText whether a number of an account can be texted
 */
export async function personOf(
  req: Request,
  { phone, userId, capture, phoneField }: RequestSettings,
  canText: (number: unknown) => boolean,
): Promise<Person> {
  const user = userOf(req)
  const given = ownField(req.body, phoneField)
  if (user === undefined) return { user, subject: undefined, number: given, known: false, capturing: false }
  const subject = checkUserId(await userId(user))
  const number = await phone(user)
  if (!isMissing(number) && (!capture || canText(number))) {
    return {
      user, subject, number, known: true, capturing: false,
    }
  }
  return { user, subject, number: capture ? given : undefined, known: false, capturing: capture !== undefined }
}

/**
 * What a challenge must be for: with the account's number as it is now; the number that is being captured stands in no
 * account.
 */
export const bindingOf = ({ user, subject, capturing, number }: Person) =>
  ({ subject, capturing, ...user && !capturing ? { to: number as string } : {} })

export const isMissing = (value: unknown): boolean => value === undefined || value === null || value === ''

/** Saves a captured number, or says that the app did not want it, and why. */
export async function saveNumber(
  capture: Capture,
  user: Express.User,
  phone: string,
): Promise<NumberRefusal | undefined> {
  try {
    await capture.save(user, phone)
    return undefined
  } catch (error) {
    const refusal = refusalIn(error)
    if (refusal) return refusal
    throw error
  }
}

/** With the words of the app, if it had any. */
interface NumberRefusal {
  readonly message?: string
}

function refusalIn(error: unknown): NumberRefusal | undefined {
  if (isMissing(error)) return {}
  if (typeof error === 'string') return { message: error }
  const { name, code, expose, message } = error as Partial<Error> & { code?: unknown, expose?: unknown }
  const isMeant = expose === true || (name === 'Error' && code === undefined && expose === undefined)
  if (!isMeant || typeof message !== 'string') return undefined
  return message === '' ? {} : { message }
}
