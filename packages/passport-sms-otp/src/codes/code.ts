import { createHmac, timingSafeEqual } from 'node:crypto'
import { foldCode } from '../lib/fold.js'
import { lengthPrefixed, type Key } from './keys.js'

/** Of what codes are made: digits, or digits and letters. */
export type Alphabet = 'digits' | 'alphanumeric'

export interface CodeFormat {
  readonly alphabet: Alphabet
  readonly length: number
}

/** How the codes look that people type: our codes, or a provider's codes, whose letters are as they are. */
export interface TypedFormat {
  readonly alphabet: Alphabet | 'any'
  readonly length: number
}

// No O/0, I/L/1, B/8, S/5, Z/2, G/6 pairs: of each, at most one.
const characters: Readonly<Record<Alphabet, string>> = { digits: '0123456789', alphanumeric: 'ACDEFGHJKMNPQRTUVWXY3479' }

const typed: Readonly<Record<TypedFormat['alphabet'], RegExp>> = {
  any: /^[A-Za-z0-9]+$/,
  digits: /^[0-9]+$/,
  alphanumeric: new RegExp(`^[${characters.alphanumeric}${characters.alphanumeric.toLowerCase()}]+$`),
}

/** Everything a code is tied to: change any of it and the code is another one. */
export interface CodeBinding {
  readonly purpose: string
  readonly tag: string
  readonly id: string
  readonly phone: string
  /** Digest of the details. */
  readonly details: string
}

/** The code of a challenge. 256 bits reduced to at most 46: the bias is below 2^-200. */
export function deriveCode(
  key: Key,
  { purpose, tag, id, phone, details }: CodeBinding,
  { alphabet, length }: CodeFormat,
): string {
  const set = characters[alphabet]
  const number = createHmac('sha256', key.code).update(lengthPrefixed([purpose, tag, id, phone, details])).digest()
  let code = ''
  while (code.length < length) {
    let rest = divide(number, set.length ** AT_ONCE)
    for (let place = 0; place < AT_ONCE && code.length < length; place += 1) {
      code += set.charAt(rest % set.length)
      rest = Math.floor(rest / set.length)
    }
  }
  return code
}

/** So many characters are taken by one division: 24 to the power of 8, times 256, is still a safe integer. */
const AT_ONCE = 8

/** Divides a number, its bytes from the highest to the lowest, in place. @returns the remainder */
function divide(number: Buffer, by: number): number {
  let remainder = 0
  for (let place = 0; place < number.length; place += 1) {
    const part = remainder * 256 + (number[place] ?? 0)
    // Exact for such numbers, and several times as fast as the operator `%`.
    const quotient = Math.floor(part / by)
    number[place] = quotient
    remainder = part - quotient * by
  }
  return remainder
}

/** More signs than that are no code, however it is written. */
const LONGEST_INPUT = 100

/**
 * What a person typed, as the code it may be, in one spelling; `undefined` when it can be none. Only a text is read:
 * nothing is coerced.
 */
export function readCode(input: unknown, { alphabet, length }: TypedFormat): string | undefined {
  if (typeof input !== 'string' || input.length > LONGEST_INPUT) return undefined
  const isCode = (text: string) => text.length === length && typed[alphabet].test(text)
  const code = isCode(input) ? input : foldCode(input)
  if (!isCode(code)) return undefined
  return alphabet === 'any' ? code : code.toUpperCase()
}

/** Compares in constant time. How long a code is, everybody knows. */
export const sameCode = (a: string, b: string): boolean => {
  const [one, other] = [Buffer.from(a), Buffer.from(b)]
  return one.length === other.length && timingSafeEqual(one, other)
}
