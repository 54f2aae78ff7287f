import { createHash } from 'node:crypto'
import { MobileConnectError } from '../errors.js'

/** A number as operators spell it: digits with the country code, without `+`. `undefined`: it is not international. */
export function msisdn(number: unknown): string | undefined {
  const written = typeof number === 'string' ? folded(number) : ''
  // With (0) it is a national and an international number at once, and the two may differ.
  if (!/^\+?[\d ()./-]+$/.test(written) || /\( *0 *\)/.test(written)) return undefined
  const digits = written.replace(/\D/g, '')
  return /^[1-9]\d{6,14}$/.test(digits) ? digits : undefined
}

/** Address books and web pages write numbers with invisible marks of direction, no-break spaces and several dashes. */
const folded = (number: string): string =>
  number.replace(/\p{Cf}/gu, '').trim().replace(/[\p{Zs}\t]/gu, ' ').replace(/[\p{Pd}\u2212]/gu, '-')

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
