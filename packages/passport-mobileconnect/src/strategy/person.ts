import type { Request } from 'express'
import { userIdOf, userOf } from '#internal/passport-user'
import { msisdn } from '#internal/phone-number'
import { digest, hintOfPhone, isAboutNumber, numberIn, spelt } from '../protocol/login-hint.js'
import type { StrategyOptions } from './strategy-options.js'

/** The person whom a request is about. */
export interface Person {
  readonly user: Express.User | undefined
  /** A digest of the user's id and number. A login that was begun with another number does not end for this one. */
  readonly subject: string | undefined
  /** The user's id. */
  readonly account: string | undefined
  readonly loginHint: string | undefined
  /** The number in the hint, if it can be read. */
  readonly number: string | undefined
}

type PersonOptions = Pick<StrategyOptions, 'phone' | 'userId' | 'loginHint'>

/**
 * The hint for a known user never comes from the request: an attacker who has the password would give their own number.
 */
export async function personOf(req: Request, options: PersonOptions): Promise<Person> {
  const user = userOf(req)
  const loginHint = spelt(user ? await hintFor(user, options) : nonEmpty(await options.loginHint?.(req)))
  const number = numberIn(loginHint)
  const account = user && await userIdOf(user, options)
  const subject = account === undefined ? undefined : digest(JSON.stringify([account, number]))
  return { user, account, subject, loginHint, number }
}

/** Whether the hint has a number that cannot be read. Each spelling of it would count as another person. */
export const isUnreadable = ({ loginHint, number }: Person): boolean =>
  loginHint !== undefined && number === undefined && isAboutNumber(loginHint)

async function hintFor(user: Express.User, options: PersonOptions): Promise<string | undefined> {
  const number = await numberOf(user, options)
  if (number === undefined) return undefined
  return isHint(number) ? number : hintOfPhone(number)
}

/** Whether an operator can be asked about this user: the account has a readable number, or a whole hint. */
export async function canBeAsked(user: Express.User, options: PersonOptions): Promise<boolean> {
  const number = await numberOf(user, options)
  return number !== undefined && (isHint(number) || msisdn(number) !== undefined)
}

async function numberOf(user: Express.User, { phone = defaultPhone }: PersonOptions): Promise<string | undefined> {
  return nonEmpty(await phone(user))
}

const defaultPhone = (user: Express.User): string | undefined => (user as { phone?: string }).phone

const isHint = (number: string): boolean => /^[A-Za-z_]+:/.test(number)

const nonEmpty = (value: string | null | undefined): string | undefined =>
  value === null || value === '' ? undefined : value
