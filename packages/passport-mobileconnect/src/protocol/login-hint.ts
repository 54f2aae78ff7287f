import { createHash } from 'node:crypto'
import { MobileConnectError } from '../errors.js'

/** A number as operators know it: digits with the country code, no `+`. `undefined`: that is no number in international notation. */
export function msisdn(number: unknown): string | undefined {
  const written = typeof number === 'string' ? folded(number) : ''
  // With (0) it is a national and an international number at once: nobody knows which one is meant.
  if (!/^\+?[\d ()./-]+$/.test(written) || /\( *0 *\)/.test(written)) return undefined
  const digits = written.replace(/\D/g, '')
  return /^[1-9]\d{6,14}$/.test(digits) ? digits : undefined
}

/** As address books and web pages write it: with marks of direction that nobody sees, spaces that do not break, and dashes of every kind. */
const folded = (number: string): string =>
  number.replace(/\p{Cf}/gu, '').trim().replace(/[\p{Zs}\t]/gu, ' ').replace(/[\p{Pd}\u2212]/gu, '-')

const aboutNumber = /^(MSISDN|tel):(.*)$/is

/** Whether a hint is about a number, readable or not. */
export const isAboutNumber = (hint: string): boolean => aboutNumber.test(hint)

/** The number within a hint, for whoever needs the number itself. */
export const numberIn = (hint: string | undefined): string | undefined => msisdn(aboutNumber.exec(hint ?? '')?.[2])

/** A hint as operators know it: of one number there is one spelling. What can not be read stays as it is. */
export function spelt(hint: string | undefined): string | undefined {
  const number = numberIn(hint)
  if (hint === undefined || number === undefined) return hint
  return /^tel:/i.test(hint) ? `tel:+${number}` : `MSISDN:${number}`
}

/** @throws MobileConnectError `misconfigured`: an account must not silently lose its second factor to a number nobody can ring. */
export function hintOfPhone(number: string): string {
  const digits = msisdn(number)
  if (digits !== undefined) return `MSISDN:${digits}`
  throw new MobileConnectError('misconfigured', 'The account holds something that is no phone number: let phone(user) return it in international notation, such as +44 7400 123456.')
}

/** As operators put it into `hashed_login_hint`: of the whole hint, in lower-case hexadecimal. */
export const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

/** What an operator may answer with as `hashed_login_hint`: of the number, whether it was sent in clear or encrypted, and of what was sent. */
export const hintDigests = (number: string | undefined, sent: string | undefined): string[] =>
  [...number === undefined ? [] : [`MSISDN:${number}`], ...sent === undefined ? [] : [sent]].map(digest)

interface Sent {
  readonly hints?: readonly string[] | undefined
  readonly number?: boolean | undefined
}

/**
 * Whether an answer is about the hint that was sent. `undefined`: it does not say, or says it in a way that can not be compared, such as the
 * digest of a number where only a name of the operator's own was sent.
 */
export function isSameHint(hashed: unknown, { hints = [], number }: Sent): boolean | undefined {
  if (hashed === undefined) return undefined
  if (typeof hashed === 'string' && hints.includes(hashed.toLowerCase())) return true
  return number === true ? false : undefined
}
