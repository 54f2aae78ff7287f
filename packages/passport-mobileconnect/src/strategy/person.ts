import type { Request } from 'express'
import { digest, hintOfPhone, isAboutNumber, msisdn, numberIn, spelt } from '../protocol/login-hint.js'
import type { StrategyOptions } from './strategy-options.js'

/** Whom a request is about. */
export interface Person {
  readonly user: Express.User | undefined
  /** A digest of the user's id and number: a login that was begun for another number ends for nobody, either. */
  readonly subject: string | undefined
  /** The user's id. */
  readonly account: string | undefined
  readonly loginHint: string | undefined
  /** The number in it, where it can be read. */
  readonly number: string | undefined
}

type PersonOptions = Pick<StrategyOptions, 'phone' | 'userId' | 'loginHint'>

/** What is asked about a known user never comes from the request: who has only the password would give a number of their own. */
export async function personOf(req: Request, options: PersonOptions): Promise<Person> {
  const user = userOf(req)
  const loginHint = spelt(user ? await hintFor(user, options) : nothingEmpty(await options.loginHint?.(req)))
  const number = numberIn(loginHint)
  const account = user && await userIdOf(user, options)
  const subject = account === undefined ? undefined : digest(JSON.stringify([account, number]))
  return { user, account, subject, loginHint, number }
}

/** A hint about a number that can not be read would be another person's each time that it is spelt in another way. */
export const isUnreadable = ({ loginHint, number }: Person): boolean => loginHint !== undefined && number === undefined && isAboutNumber(loginHint)

async function hintFor(user: Express.User, options: PersonOptions): Promise<string | undefined> {
  const number = await numberOf(user, options)
  if (number === undefined) return undefined
  return isHint(number) ? number : hintOfPhone(number)
}

/** Whether an operator can be asked about this user: the account has a number that reads as one, or a whole hint. */
export async function canBeAsked(user: Express.User, options: PersonOptions): Promise<boolean> {
  const number = await numberOf(user, options)
  return number !== undefined && (isHint(number) || msisdn(number) !== undefined)
}

const numberOf = async (user: Express.User, { phone = (known) => (known as { phone?: string }).phone }: PersonOptions): Promise<string | undefined> =>
  nothingEmpty(await phone(user))

const isHint = (number: string): boolean => /^[A-Za-z_]+:/.test(number)

export function userOf(req: Request): Express.User | undefined {
  // Passport's `userProperty` moves the user; whatever else stands in `req.user` then is not its user.
  const { _userProperty: property = 'user' } = req as { _userProperty?: string }
  return (req as unknown as Record<string, Express.User | null | undefined>)[property] ?? undefined
}

/** Two people must never be taken for one because of an id that is nobody's. */
export async function userIdOf(user: Express.User, { userId = (known) => (known as { id: string }).id }: Pick<PersonOptions, 'userId'>): Promise<string> {
  const id: unknown = await userId(user)
  if ((typeof id === 'string' && id !== '') || typeof id === 'bigint' || (typeof id === 'number' && Number.isFinite(id))) return String(id)
  throw new TypeError('userId must return the id of the user, a string that is not empty, a number or a bigint: set userId: (user) => ...')
}

export const isSamePerson = async (one: Express.User, other: Express.User, options: Pick<PersonOptions, 'userId'>): Promise<boolean> =>
  await userIdOf(one, options) === await userIdOf(other, options)

const nothingEmpty = (value: string | null | undefined): string | undefined => (value === null || value === '' ? undefined : value)
