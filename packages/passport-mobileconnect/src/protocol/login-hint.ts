import { createHash } from 'node:crypto'
import { msisdn } from '#internal/phone-number'
import { MobileConnectError } from '../errors.js'

const aboutNumber = /^(MSISDN|tel):(.*)$/is

/** Whether a hint is about a number, readable or not. */
export const isAboutNumber = (hint: string): boolean => aboutNumber.test(hint)

/** The number in a hint. `undefined`: it has none, or none that can be read. */
export const numberIn = (hint: string | undefined): string | undefined => msisdn(aboutNumber.exec(hint ?? '')?.[2])

/** A hint as operators spell it, so that one number has one spelling. A number that cannot be read stays as it is. */
export function spelt(hint: string | undefined): string | undefined {
  const number = numberIn(hint)
  if (hint === undefined || number === undefined) return hint
  return /^tel:/i.test(hint) ? `tel:+${number}` : `MSISDN:${number}`
}

/**
 * The hint for an account's number.
 * @throws MobileConnectError `misconfigured` for a text that is no number: otherwise the account would silently lose
 * its second factor.
 */
export function hintOfPhone(number: string): string {
  const digits = msisdn(number)
  if (digits !== undefined) return `MSISDN:${digits}`
  throw new MobileConnectError(
    'misconfigured',
    'The account holds something that is no phone number: let phone(user) return it in international notation,'
    + ' such as +44 7400 123456.',
  )
}

/** SHA-256 in lower-case hexadecimal, as operators put it into `hashed_login_hint`. */
export const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

/**
 * The values of `hashed_login_hint` that mean this user: the digest of the number, also when it was sent encrypted, and
 * the digest of the hint that was sent.
 */
export function hintDigests(number: string | undefined, sent: string | undefined): string[] {
  const hints = [number === undefined ? undefined : `MSISDN:${number}`, sent]
  return hints.filter((hint) => hint !== undefined).map(digest)
}

interface SentHint {
  readonly hints?: readonly string[] | undefined
  readonly number?: boolean | undefined
}

/**
 * Whether an answer is about the hint that was sent. `undefined`: the answer does not say, or it cannot be compared,
 * such as the digest of a number when the app sent a PCR.
 */
export function isSameHint(hashed: unknown, { hints = [], number }: SentHint): boolean | undefined {
  if (hashed === undefined) return undefined
  if (typeof hashed === 'string' && hints.includes(hashed.toLowerCase())) return true
  return number === true ? false : undefined
}
